// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/entity"
)

// readRaw reads all records raw, reads each again by its places, decodes it, and
// returns the records and the remarks by kind.
func readRaw(data []byte) (records []string, faults map[RemarkKind]int64, err error) {
	r := NewBundleReader(bytes.NewReader(data), BundleOptions{Name: "b"})
	d := NewRecordDecoder()
	var raw RawRecord
	var rec entity.Record
	for {
		if err = r.Next(&raw); err != nil {
			break
		}
		raw.Raw = nil
		if err := raw.ReadAt(bytes.NewReader(data)); err != nil {
			return nil, nil, err
		}
		if d.Decode(&raw, &rec) {
			records = append(records, dump(&rec)+rec.Locator.File+string(rec.Raw))
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return records, faultsOf(r.Remarks(), d.Remarks()), err
}

// readPlainly is readRaw by means of Read.
func readPlainly(data []byte) (records []string, faults map[RemarkKind]int64, err error) {
	r := NewBundleReader(bytes.NewReader(data), BundleOptions{Name: "b"})
	var rec entity.Record
	for {
		if err = r.Read(&rec); err != nil {
			break
		}
		records = append(records, dump(&rec)+rec.Locator.File+string(rec.Raw))
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return records, faultsOf(r.Remarks()), err
}

func faultsOf(lists ...[]Remark) map[RemarkKind]int64 {
	out := make(map[RemarkKind]int64)
	for _, list := range lists {
		for _, r := range list {
			out[r.Kind] += r.Count
		}
	}
	return out
}

func compareRaw(t *testing.T, data []byte) (records int) {
	t.Helper()
	want, wantFaults, wantErr := readPlainly(data)
	got, faults, err := readRaw(data)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("records: -Read +Next\n%s", diff)
	}
	if diff := cmp.Diff(wantFaults, faults); diff != "" {
		t.Errorf("remarks: -Read +Next\n%s", diff)
	}
	if (err == nil) != (wantErr == nil) {
		t.Errorf("Next ends with %v, Read with %v", err, wantErr)
	}
	return len(got)
}

// TestRawRecords holds that records read raw are those that Read reads, with the
// same faults.
func TestRawRecords(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		records    int
	}{
		{"2.0", bundle20(`{"0": {"type": "process", "parent_ref": "9"}, "1": {"type": "url", "value": "\ud800"}, "2": {}}`), 1},
		{"no objects", bundle20(`{}`), 0},
		{"repeated name", bundle20(`{"0": {"type": "url", "value": 1, "value": 2}}`), 0},
		{"lines", observed20(`{"0": {"type": "url"}}`) + "\n" + observed20(`{"0": {"type": "url"}}`), 2},
		{"byte order mark", "\uFEFF[" + observed20(`{"0": {"type": "url"}}`) + "]", 1},
		{"2.1", "[" + strings.Join([]string{
			observed21("a", "process--1", "url--1", "url--1", "identity--1"), process21, dir21, observed21("b"), file21, user21,
			observed21("c", "file--9"), `{"type": "url", "id": "url--3", "a": 1, "a": 2}`, observed21("d", "url--3", "file--9"),
		}, ",") + "]", 1},
		{"escaped names", `[{"type": "observed-data", "object\u005frefs": ["x--1"]}, {"type": "x", "id": "x--1"}]`, 1},
		{"both", `[{"type": "observed-data", "object_refs": ["x--1"], "objects": {"0": {"type": "y"}}}, {"type": "x", "id": "x--1"}]`, 1},
		{"refers to nothing known", `[{"type": "observed-data", "object_refs": ["x--1"], "first_observed": "?"}]`, 0},
		{"cut", bundle20(`{"0": {"type": "url"}}`)[:200], 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := compareRaw(t, []byte(tt.text)); got != tt.records {
				t.Errorf("%d records, want %d", got, tt.records)
			}
		})
	}
}

// TestRawRecordsOfOthers is TestRawRecords over bundles of others.
func TestRawRecordsOfOthers(t *testing.T) {
	t.Parallel()
	root := bundleData(t, "stix")
	records := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".json") {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		records += compareRaw(t, data)
		return nil
	})
	if err != nil || records == 0 {
		t.Errorf("%d records in %s: %v", records, root, err)
	}
}

// TestReadAtChanged holds that text which is no object any more is told.
func TestReadAtChanged(t *testing.T) {
	t.Parallel()
	text := "[" + observed20(`{"0": {"type": "url"}}`) + "]"
	var raw RawRecord
	if err := NewBundleReader(strings.NewReader(text), BundleOptions{}).Next(&raw); err != nil {
		t.Fatal(err)
	}
	for _, now := range []string{"", text[:20], " " + text, strings.Replace(text, ":", ",", 1)} {
		if err := raw.ReadAt(strings.NewReader(now)); !errors.Is(err, ErrNotBundle) {
			t.Errorf("ReadAt in %q: %v, want %v", now, err, ErrNotBundle)
		}
	}
}
