// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stixbundle

import (
	"bytes"
	"compress/gzip"
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
	"github.com/kestrelhunt/kestrel/secret"
	"github.com/kestrelhunt/kestrel/stix"
)

// hostileRecord is one of texts that mean something to those who paste them.
const hostileRecord = `{"type": "observed-data", "id": "observed-data--hostile", "first_observed": "2026-03-17T12:00:00Z",
	"last_observed": "2026-03-17T12:00:00.5Z", "number_observed": 3, "objects": {
	"0": {"type": "process", "name": "' OR '1'='1", "command_line": "a\nb \\ %_*?[]{}", "pid": 7, "x_list": ["a", "b"]},
	"1": {"type": "user-account", "user_id": "ä", "account_login": "a\u0308"}}}`

// sampleRecords are some of the sample incident.
func sampleRecords(t *testing.T) []json.RawMessage {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "examples", "incident", "bundle.json"))
	if err != nil {
		t.Fatal(err)
	}
	var bundle struct{ Objects []json.RawMessage }
	if err := json.Unmarshal(text, &bundle); err != nil {
		t.Fatal(err)
	}
	out := []json.RawMessage{json.RawMessage(hostileRecord)}
	for i := 1; i < len(bundle.Objects); i += len(bundle.Objects) / 40 {
		out = append(out, bundle.Objects[i])
	}
	return out
}

// writeBundle writes records into a file, which it returns as text too.
func writeBundle(t *testing.T, path string, records []json.RawMessage) []byte {
	t.Helper()
	text, err := json.Marshal(map[string]any{"type": "bundle", "id": "bundle--1", "spec_version": "2.0", "objects": records})
	if err != nil {
		t.Fatal(err)
	}
	packed := text
	if filepath.Ext(path) == ".gz" {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if _, err := w.Write(text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		packed = b.Bytes()
	}
	if err := os.WriteFile(path, packed, 0o600); err != nil {
		t.Fatal(err)
	}
	return text
}

// recordsOf returns what a bundle says.
func recordsOf(t *testing.T, bundle []byte) []entity.Record {
	t.Helper()
	r := stix.NewBundleReader(bytes.NewReader(bundle), stix.BundleOptions{})
	var out []entity.Record
	for {
		var rec entity.Record
		err := r.Read(&rec)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		entity.Identify(&rec)
		out = append(out, rec)
	}
}

// TestSuite holds bundles, and bundles of profiles, to the contract.
func TestSuite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	records := sampleRecords(t)
	known := recordsOf(t, writeBundle(t, filepath.Join(dir, "all.json"), records))
	writeBundle(t, filepath.Join(dir, "part1.json.gz"), records[:20])
	writeBundle(t, filepath.Join(dir, "part2.json"), records[20:])
	driver := func(uris ...string) func(testing.TB, datasource.Env) datasource.Source {
		return func(t testing.TB, env datasource.Env) datasource.Source {
			env.Dir, env.Cache = dir, func() (string, error) { return t.TempDir(), nil }
			src, err := new(Driver).Open(t.Context(), uris, env)
			if err != nil {
				t.Fatal(err)
			}
			return src
		}
	}
	connector := func(window time.Duration) func(testing.TB, datasource.Env) datasource.Source {
		return func(t testing.TB, env datasource.Env) datasource.Source {
			env.Dir = dir
			src, err := new(Connector).Open(t.Context(), datasource.Profile{
				Name: "lab", Connector: "stix_bundle", Connection: datasource.Settings{"url": "all.json"}, Window: window,
				Auth: datasource.Settings{"username": secret.New("s3cr3t-user"), "password": secret.New("s3cr3t-word")},
			}, env)
			if err != nil {
				t.Fatal(err)
			}
			return src
		}
	}
	now := time.Date(2026, 3, 17, 14, 0, 0, 0, time.UTC)
	tests := []struct {
		name    string
		fixture datasourcetest.Fixture
	}{
		{"file", datasourcetest.Fixture{Open: driver("file://all.json"), Sources: []string{"file://all.json"}, Records: known}},
		{"files", datasourcetest.Fixture{
			Open: driver("file://part1.json.gz", "file://part2.json"), Sources: []string{"file://part1.json.gz", "file://part2.json"}, Records: known,
		}},
		{"profile", datasourcetest.Fixture{
			Open: connector(2 * time.Hour), Sources: []string{"stixshifter://lab"}, Records: known,
			Now: now, Default: 2 * time.Hour, Secrets: []string{"s3cr3t-user", "s3cr3t-word"},
		}},
		{"profile without a window", datasourcetest.Fixture{Open: connector(0), Sources: []string{"stixshifter://lab"}, Records: known}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			datasourcetest.Run(t, tt.fixture)
		})
	}
}
