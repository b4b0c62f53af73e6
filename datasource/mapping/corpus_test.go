// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// testdata returns a file of the shared test data.
func testdata(t testing.TB, elem ...string) string {
	t.Helper()
	dir := os.Getenv("KESTREL_TESTDATA")
	if dir == "" {
		t.Skip("KESTREL_TESTDATA names no folder with the conformance suites")
	}
	return filepath.Join(append([]string{dir}, elem...)...)
}

// A resultCase is one recorded translation of native records by stix-shifter.
type resultCase struct {
	ID      string            `json:"id"`
	Version string            `json:"stix_version"`
	Now     string            `json:"now"` // what records without a time get
	Data    []json.RawMessage `json:"data"`
	Bundle  json.RawMessage   `json:"bundle"`
}

func readCases(t *testing.T, path string) []resultCase {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []resultCase
	scanner := bufio.NewScanner(bytes.NewReader(text))
	scanner.Buffer(nil, 64<<20)
	for scanner.Scan() {
		var c resultCase
		if err := json.Unmarshal(scanner.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}

// describe lists the objects of a record with their attributes, and the links
// between them, sorted and each once. What stix-shifter is known to do wrong is
// left out on both sides.
func describe(rec *entity.Record) (objects, links []string) {
	names := make([]string, len(rec.Objects))
	for i := range rec.Objects {
		o := &rec.Objects[i]
		var attrs []string
		for _, a := range o.Attrs {
			if !slices.Contains(slips, a.Name) {
				attrs = append(attrs, flat(a.Name, a.Value)...)
			}
		}
		slices.Sort(attrs)
		names[i] = o.Type + "{" + strings.Join(attrs, " ") + "}"
		if len(attrs) > 0 {
			objects = append(objects, names[i])
		}
	}
	for i := range rec.Objects {
		for _, l := range rec.Objects[i].Links {
			links = append(links, names[i]+" "+l.Name+" "+names[l.Target])
		}
	}
	slices.Sort(objects)
	slices.Sort(links)
	return slices.Compact(objects), slices.Compact(links)
}

// slips are the attributes that stix-shifter gets wrong:
//   - type, which it makes the type of the object,
//   - agent, a reference that is not named as one, so that it reads as text,
//   - category, from which it drops what does not come as a list,
//   - payload_bin and mime_type of a text that is alone in a list,
//   - os_ref and geo_ref, single references that hold a list, so that they read
//     as a value.
var slips = []string{"type", "agent", "category", "payload_bin", "mime_type", "os_ref", "geo_ref"}

// flat returns name=value, for each value that a JSON object holds: bundles keep
// nested values of custom types as JSON.
func flat(name string, v entity.Value) []string {
	var members map[string]json.RawMessage
	if v.Kind() != entity.JSON || json.Unmarshal([]byte(v.Text()), &members) != nil {
		return []string{name + "=" + once(v)}
	}
	var out []string
	for key, raw := range members {
		out = append(out, flat(string(entity.AppendAttrName([]byte(name), key)), rawValue(jsontext.Value(raw)))...)
	}
	return out
}

// once returns a list of texts with each of them once: stix-shifter grows the
// lists of a document that it translates twice, and the recording has that. A
// list with one element is that element here.
func once(v entity.Value) string {
	var items []any
	if v.Kind() != entity.JSON || json.Unmarshal([]byte(v.Text()), &items) != nil {
		return v.String()
	}
	var out []string
	for _, item := range items {
		if s := fmt.Sprint(item); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return strings.Join(out, ",")
}

func TestResultsOfStixShifter(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"results-real/elastic_ecs.jsonl", "results/elastic_ecs.jsonl"} {
		for _, c := range readCases(t, testdata(t, "stix-shifter", file)) {
			t.Run(c.ID, func(t *testing.T) {
				t.Parallel()
				table, err := Open("elastic_ecs", Options{Plain: true, STIX21: c.Version == "2.1"})
				if err != nil {
					t.Fatal(err)
				}
				compareRecords(t, table, c)
			})
		}
	}
}

func compareRecords(t *testing.T, table *Table, c resultCase) {
	m := table.NewMapper()
	reader := stix.NewBundleReader(bytes.NewReader(c.Bundle), stix.BundleOptions{Name: c.ID})
	for i, doc := range c.Data {
		var want, got entity.Record
		if err := m.Map(doc, &got); err != nil {
			t.Fatalf("Map: %v", err)
		}
		if err := reader.Read(&want); err != nil && (!errors.Is(err, io.EOF) || len(got.Objects) > 0) {
			t.Fatalf("record %d: %v", i, err)
		}
		if want.First.String() != c.Now && (got.First != want.First || got.Last != want.Last || got.Count != want.Count) {
			t.Errorf("record %d is of %v, %v, %d; want %v, %v, %d", i, got.First, got.Last, got.Count, want.First, want.Last, want.Count)
		}
		wantObjects, wantLinks := describe(&want)
		gotObjects, gotLinks := describe(&got)
		if diff := cmp.Diff(wantObjects, gotObjects); diff != "" {
			t.Errorf("objects of record %d (-stix-shifter +ours):\n%s", i, diff)
		}
		for _, l := range wantLinks {
			if !slices.Contains(gotLinks, l) {
				t.Errorf("record %d lacks the link %s", i, l)
			}
		}
	}
}
