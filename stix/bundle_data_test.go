// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/entity"
)

// bundleData returns a folder below the one that KESTREL_TESTDATA names.
func bundleData(t *testing.T, folder string) string {
	t.Helper()
	root := os.Getenv("KESTREL_TESTDATA")
	if root == "" {
		t.Skip("KESTREL_TESTDATA names no folder with third-party data")
	}
	return filepath.Join(root, folder)
}

// TestBundlesOfOthers reads every bundle of the third-party data and compares
// the number of objects of each type with what a plain JSON decoder sees.
func TestBundlesOfOthers(t *testing.T) {
	t.Parallel()
	root := bundleData(t, "stix")
	read := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".json") {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		want, ok := countPlainly(data)
		if !ok {
			return nil
		}
		read++
		got := make(map[string]int)
		r := NewBundleReader(bytes.NewReader(data), BundleOptions{Name: path})
		var rec entity.Record
		for {
			err := r.Read(&rec)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return err
			}
			for i := range rec.Objects {
				got[rec.Objects[i].Type]++
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("objects of %s differ (-want +got):\n%s", path, diff)
		}
		for _, m := range r.Remarks() {
			t.Logf("%s: %d %s, first at %+v", strings.TrimPrefix(path, root), m.Count, m.Kind, m.First)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if read < 30 {
		t.Errorf("read %d bundles, want at least 30", read)
	}
}

// countPlainly counts the objects in the records of a bundle of STIX 2.0.
func countPlainly(data []byte) (map[string]int, bool) {
	var bundle struct {
		Type    string
		Objects []struct {
			Type    string
			Objects map[string]struct{ Type string }
		}
	}
	if json.Unmarshal(data, &bundle) != nil || bundle.Type != "bundle" {
		return nil, false
	}
	counts := make(map[string]int)
	for _, record := range bundle.Objects {
		if record.Type == "observed-data" {
			for _, object := range record.Objects {
				counts[object.Type]++
			}
		}
	}
	return counts, true
}

// TestBundles21OfOthers reads results that came in both versions and compares
// their records: what is in one is in the other.
func TestBundles21OfOthers(t *testing.T) {
	t.Parallel()
	root := bundleData(t, "stix-shifter/results-real")
	files, err := filepath.Glob(filepath.Join(root, "*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no results in %s: %v", root, err)
	}
	versions := make(map[bool]int)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(data) {
			var result struct {
				ID     string
				Bundle json.RawMessage
			}
			if err := json.Unmarshal(line, &result); err != nil || result.Bundle == nil {
				continue
			}
			is21 := bytes.Contains(result.Bundle, []byte(`"object_refs"`))
			versions[is21]++
			checkResult(t, result.ID, result.Bundle, is21)
		}
	}
	if versions[true] == 0 || versions[false] == 0 {
		t.Errorf("read %v bundles of each version, want some of both", versions)
	}
}

func checkResult(t *testing.T, id string, bundle []byte, is21 bool) {
	t.Helper()
	r := NewBundleReader(bytes.NewReader(bundle), BundleOptions{Name: id})
	records, err := readAll(r)
	if err != nil {
		t.Errorf("%s: %v", id, err)
		return
	}
	if int64(len(records)) != r.Scanned() || len(records) == 0 {
		t.Errorf("%s: %d of %d records, remarks %+v", id, len(records), r.Scanned(), r.Remarks())
	}
	want := make(map[string]int)
	if is21 {
		var b struct{ Objects []struct{ Type string } }
		if err := json.Unmarshal(bundle, &b); err != nil {
			t.Fatal(err)
		}
		for _, o := range b.Objects {
			if !isMetaType(o.Type) {
				want[o.Type]++
			}
		}
	} else {
		want, _ = countPlainly(bundle)
	}
	got := make(map[string]int)
	for _, record := range records {
		for line := range strings.Lines(record) {
			if words := strings.Fields(line); len(words) > 1 && !strings.HasPrefix(line, "observed-data--") {
				got[words[1]]++
			}
		}
	}
	if is21 && len(records) > 1 { // objects may belong to several records
		if missing := slices.DeleteFunc(slices.Sorted(maps.Keys(want)), func(typ string) bool { return got[typ] > 0 }); len(missing) > 0 {
			t.Errorf("%s: no objects of %v", id, missing)
		}
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: objects differ (-want +got):\n%s", id, diff)
	}
}
