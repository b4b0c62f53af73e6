// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package elastic

import (
	"testing"
	"time"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/datasource/datasourcetest"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/secret"
)

// recordsIn returns the records of all documents of an index.
func recordsIn(t testing.TB, x *index) []entity.Record {
	t.Helper()
	m := ecsTable(t).NewMapper()
	out := make([]entity.Record, len(x.docs))
	for i, d := range x.docs {
		if err := m.Map(d.source, &out[i]); err != nil {
			t.Fatal(err)
		}
		out[i].ID = recordID(x.name, d.id)
		entity.Identify(&out[i])
	}
	return out
}

// TestSuite holds the connector to the contract, before stand-ins of both
// products, by pages of several sizes and in slices.
func TestSuite(t *testing.T) {
	t.Parallel()
	x := sample(t, "logs")
	records := recordsIn(t, x)
	tests := []struct {
		name, product string
		page, slices  int
		window        time.Duration
	}{
		{"Elasticsearch", "elasticsearch", 1000, 1, 5 * time.Minute},
		{"Elasticsearch in slices", "elasticsearch", 5, 2, time.Hour},
		{"OpenSearch", "opensearch", 7, 1, 0},
		{"scrolls", "old", 4, 1, 5 * time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, tt.product, x)
			datasourcetest.Run(t, datasourcetest.Fixture{
				Open: func(t testing.TB, env datasource.Env) datasource.Source {
					p := datasource.Profile{
						Name: "lab", Connector: name, Connection: datasource.Settings{"host": s.URL},
						BatchSize: tt.page, Timeout: 30 * time.Second, Window: tt.window,
						Auth: datasource.Settings{"id": secret.New("s3cr3t-id"), "api_key": secret.New("s3cr3t-key")},
					}
					src, err := new(Connector).Open(t.Context(), p, env)
					if err != nil {
						t.Fatal(err)
					}
					own := src.(*source)
					own.slices = tt.slices
					t.Cleanup(func() { _ = own.Close() })
					return src
				},
				Sources: []string{"stixshifter://lab"}, Records: records, Now: now, Default: tt.window,
				Secrets: []string{"s3cr3t-id", "s3cr3t-key"},
				Idle: func(t testing.TB) {
					if n := s.leftOpen(); n != 0 {
						t.Errorf("the server holds %d searches open", n)
					}
				},
			})
		})
	}
}
