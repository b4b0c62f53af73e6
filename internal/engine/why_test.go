// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/display"
	"github.com/kestrelhunt/kestrel/syntax"
)

const bundle20 = `{"type": "bundle", "id": "bundle--1", "objects": [
{"type": "observed-data", "id": "observed-data--1", "first_observed": "2024-05-06T09:00:00Z", "last_observed": "2024-05-06T09:00:00Z", "number_observed": 1, "objects": {"0": {"type": "process", "name": "caf\u00e9", "pid": 1}}},
{"type": "identity", "id": "identity--1", "name": "é, of two bytes"},
{"type": "observed-data", "id": "observed-data--2", "first_observed": "2024-05-06T09:01:00Z", "last_observed": "2024-05-06T09:01:00Z", "number_observed": 1, "objects": {"0": {"type": "process", "name": "é", "pid": 2}}}
]}`

// The objects stand beside the records, one of them before.
const bundle21 = `{"type": "bundle", "id": "bundle--1", "objects": [
{"type": "process", "spec_version": "2.1", "id": "process--11111111-1111-4111-8111-111111111111", "pid": 1},
{"type": "observed-data", "spec_version": "2.1", "id": "observed-data--1", "first_observed": "2024-05-06T09:00:00Z", "last_observed": "2024-05-06T09:00:00Z", "number_observed": 1, "object_refs": ["process--11111111-1111-4111-8111-111111111111"]},
{"type": "observed-data", "spec_version": "2.1", "id": "observed-data--2", "first_observed": "2024-05-06T09:01:00Z", "last_observed": "2024-05-06T09:01:00Z", "number_observed": 1, "object_refs": ["process--22222222-2222-4222-8222-222222222222"]},
{"type": "process", "spec_version": "2.1", "id": "process--22222222-2222-4222-8222-222222222222", "pid": 2}
]}`

func packGzip(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func packZip(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("inner.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestWhyPlaces looks up the bytes that WHY names: in the text of the file, after
// it was uncompressed, there stands the record, and the bytes have the hash.
func TestWhyPlaces(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, file, text string
		data             []byte
		shown            string // the name of the file, as WHY has it
	}{
		{"STIX 2.0", "b.json", bundle20, []byte(bundle20), "b.json"},
		{"STIX 2.1", "b.json", bundle21, []byte(bundle21), "b.json"},
		{"gzip", "b.json.gz", bundle20, packGzip(t, bundle20), "b.json.gz"},
		{"zip", "b.zip", bundle21, packZip(t, bundle21), "b.zip/inner.json"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, tt.file), tt.data, 0o600); err != nil {
				t.Fatal(err)
			}
			e := open(t, dir)
			hunt, ds := syntax.Parse(&diag.File{Name: "hunt.hf", Text: "p = GET process FROM file://" + tt.file + " WHERE pid > 0 WHY p"})
			if ds.Err() != nil {
				t.Fatal(ds.Err())
			}
			out := e.Execute(t.Context(), hunt.Stmts, nil)
			if out.Diagnostics.Err() != nil {
				t.Fatal(out.Diagnostics.Err())
			}
			checkPlaces(t, out.Displays[1].(*display.Table), tt.text, tt.shown)
		})
	}
}

// checkPlaces compares a table of two records with the text in which they lie.
func checkPlaces(t *testing.T, table *display.Table, text, file string) {
	t.Helper()
	if len(table.Rows) != 2 {
		t.Fatalf("WHY shows %d records, want 2", len(table.Rows))
	}
	for _, row := range table.Rows {
		cell := func(name string) string {
			for i, c := range table.Columns {
				if c == name {
					return row[i].String()
				}
			}
			t.Fatalf("WHY shows no column %s", name)
			return ""
		}
		start := row[indexOf(table.Columns, "offset")].Int()
		raw := text[start : start+row[indexOf(table.Columns, "length")].Int()]
		sum := sha256.Sum256([]byte(raw))
		if got := cell("sha256"); got != hex.EncodeToString(sum[:]) {
			t.Errorf("WHY shows the hash %s, and that of the bytes is %x: %s", got, sum, raw)
		}
		if !strings.HasPrefix(raw, `{"type": "observed-data"`) || !strings.Contains(raw, `"`+cell("record")+`"`) || !strings.HasSuffix(raw, "}") {
			t.Errorf("at the place of record %s lies %s", cell("record"), raw)
		}
		if got := cell("file"); got != file {
			t.Errorf("WHY shows the file %s, want %s", got, file)
		}
	}
}

func indexOf(names []string, name string) int {
	for i, n := range names {
		if n == name {
			return i
		}
	}
	return -1
}
