// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package standard_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/datasource/datasourcetest"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/standard"
	"github.com/kestrelhunt/kestrel/stix"
)

// incidentParts are some records of the sample incident in two bundles, which lie
// in dir as a.json and b.json.
func incidentParts(t *testing.T, dir string) []entity.Record {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "examples", "incident", "bundle.json"))
	if err != nil {
		t.Fatal(err)
	}
	var bundle struct{ Objects []json.RawMessage }
	if err := json.Unmarshal(text, &bundle); err != nil {
		t.Fatal(err)
	}
	parts := map[string][]json.RawMessage{}
	for i := 1; i < len(bundle.Objects); i += len(bundle.Objects) / 30 {
		name := []string{"a.json", "b.json"}[i%2]
		parts[name] = append(parts[name], bundle.Objects[i])
	}
	var out []entity.Record
	for name, records := range parts {
		text, err := json.Marshal(map[string]any{"type": "bundle", "id": "bundle--1", "spec_version": "2.0", "objects": records})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
		r := stix.NewBundleReader(bytes.NewReader(text), stix.BundleOptions{})
		for {
			var rec entity.Record
			if err := r.Read(&rec); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			entity.Identify(&rec)
			out = append(out, rec)
		}
	}
	return out
}

// TestProfileSuite holds profiles, two in one GET, to the contract.
func TestProfileSuite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	records := incidentParts(t, dir)
	d := standard.Profiles()
	d.Environ = func() []string {
		return []string{
			"STIXSHIFTER_A_CONNECTOR=stix_bundle", `STIXSHIFTER_A_CONNECTION={"host":"a.json","options":{"time_range":120}}`, `STIXSHIFTER_A_CONFIG={"auth":{}}`,
			"STIXSHIFTER_B_CONNECTOR=stix_bundle", `STIXSHIFTER_B_CONNECTION={"host":"b.json","options":{"time_range":120}}`, `STIXSHIFTER_B_CONFIG={"auth":{}}`,
		}
	}
	uris := []string{"stixshifter://a,b"}
	datasourcetest.Run(t, datasourcetest.Fixture{
		Open: func(t testing.TB, env datasource.Env) datasource.Source {
			env.Dir = dir
			src, err := d.Open(t.Context(), uris, env)
			if err != nil {
				t.Fatal(err)
			}
			return src
		},
		Sources: uris, Records: records, Now: time.Date(2026, 3, 17, 14, 0, 0, 0, time.UTC), Default: 2 * time.Hour,
	})
}
