// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package bridge_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/datasource/datasourcetest"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// fakeRecords are all that the played Python has.
func fakeRecords(t *testing.T) []entity.Record {
	t.Helper()
	var page struct{ Bundle json.RawMessage }
	text := new(fake).page([]json.RawMessage{nil, json.RawMessage("0"), json.RawMessage("30")})
	if err := json.Unmarshal([]byte(text), &page); err != nil {
		t.Fatal(err)
	}
	r := stix.NewBundleReader(strings.NewReader(string(page.Bundle)), stix.BundleOptions{})
	out := make([]entity.Record, 30)
	for i := range out {
		if err := r.Read(&out[i]); err != nil {
			t.Fatal(err)
		}
		entity.Identify(&out[i])
	}
	return out
}

// TestSuite holds the bridge to the contract, before a Python that is played.
func TestSuite(t *testing.T) {
	t.Parallel()
	c := connector(t, "queries=one")
	datasourcetest.Run(t, datasourcetest.Fixture{
		Open: func(t testing.TB, env datasource.Env) datasource.Source {
			p := profile()
			p.Window = 10 * time.Minute
			src, err := c.Open(t.Context(), p, env)
			if err != nil {
				t.Fatal(err)
			}
			return src
		},
		Sources: []string{"stixshifter://p"}, Records: fakeRecords(t), Now: start.Add(20 * time.Minute), Default: 10 * time.Minute,
		Slow: true, Narrow: true, Secrets: []string{"s3cr3t-word"},
	})
}
