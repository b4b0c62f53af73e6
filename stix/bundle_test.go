// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/entity"
)

// bundle20 wraps the objects of one observed-data of STIX 2.0.
func bundle20(objects string) string {
	return `{"type": "bundle", "id": "bundle--1", "spec_version": "2.0", "objects": [` + observed20(objects) + `]}`
}

func observed20(objects string) string {
	return `{"type": "observed-data", "id": "observed-data--1", "first_observed": "2023-03-01T00:00:00.000Z", ` +
		`"last_observed": "2023-03-01T00:00:01Z", "number_observed": 2, "objects": ` + objects + `}`
}

// readAll reads a text to its end, and returns each record as text.
func readAll(r *BundleReader) (records []string, err error) {
	var rec entity.Record
	for {
		err := r.Read(&rec)
		if errors.Is(err, io.EOF) {
			return records, nil
		}
		if err != nil {
			return records, err
		}
		records = append(records, dump(&rec))
	}
}

// dump writes a record as one line, and a line for each object.
func dump(rec *entity.Record) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s %d\n", rec.ID, rec.First, rec.Last, rec.Count)
	for i := range rec.Objects {
		o := &rec.Objects[i]
		fmt.Fprintf(&b, "%s %s", o.Key, o.Type)
		for _, a := range o.Attrs {
			fmt.Fprintf(&b, " %s=%s", a.Name, show(a.Value))
		}
		for _, l := range o.Links {
			fmt.Fprintf(&b, " %s->%d", l.Name, l.Target)
			if l.Many {
				b.WriteString("*")
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

// show writes a value so that its kind can be seen.
func show(v entity.Value) string {
	switch v.Kind() {
	case entity.String:
		return fmt.Sprintf("%q", v.Text())
	case entity.JSON:
		return "json" + v.Text()
	case entity.Float:
		return "float" + v.String()
	}
	return v.String()
}

func TestBundleObjects(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, objects, want string }{
		{"kinds of values", `{"0": {"type": "x", "s": "a", "n": 7, "big": 9007199254740993, "neg": -3, "f": 1.50, "e": 1e2, "b": true, "c": false, "z": null}}`,
			`0 x s="a" n=7 big=9007199254740993 neg=-3 f=float1.5 e=float100 b=true c=false`},
		{"numbers beyond 64 bits are text", `{"0": {"type": "x", "a": 18446744073709551616, "b": 1e999, "c": -9223372036854775808}}`,
			`0 x a="18446744073709551616" b="1e999" c=-9223372036854775808`},
		{"escapes", `{"0": {"type": "\u0078", "s": "\"\\\u00e9\ud83d\ude00\n"}}`, "0 x s=\"\\\"\\\\é😀\\n\""},
		{"nested values", `{"0": {"type": "file", "hashes": {"MD5": "a", "SHA-256": "b"}, "extensions": {"x-e": {"a": {"b": 1}}}}}`,
			`0 file hashes.MD5="a" hashes.'SHA-256'="b" extensions.'x-e'.a.b=1`},
		{"names with a dot or a quote", `{"0": {"type": "x", "a.b": {"it's": 1}}}`, `0 x 'a.b'.'it\'s'=1`},
		{"lists are JSON", `{"0": {"type": "x", "l": ["ip", "tcp"], "m": [ {"a" : "\u00e9"} ], "n": [], "o": {}}}`,
			`0 x l=json["ip","tcp"] m=json[{"a":"é"}] n=json[]`},
		{"custom types keep nested objects", `{"0": {"type": "x-oca-event", "code": 1, "agent": {"a": {"b": [1, 2]}}}}`,
			`0 x-oca-event code=1 agent=json{"a":{"b":[1,2]}}`},
		{"custom type named late", `{"0": {"agent": {"a": 1}, "type": "x-e"}, "1": {"hashes": {"MD5": "a"}, "type": "file"}}`,
			"0 x-e agent=json{\"a\":1}\n1 file hashes.MD5=\"a\""},
		{"references", `{"0": {"type": "process", "parent_ref": "2", "opened_connection_refs": ["1", "2"], "child_refs": []}, "1": {"type": "network-traffic"}, "2": {"type": "process"}}`,
			"0 process parent_ref->2 opened_connection_refs->1* opened_connection_refs->2*\n1 network-traffic\n2 process"},
		{"references of an extension", `{"0": {"type": "file", "extensions": {"archive-ext": {"contains_refs": ["1"], "version": "5"}}}, "1": {"type": "file"}}`,
			"0 file extensions.'archive-ext'.version=\"5\" extensions.'archive-ext'.contains_refs->1*\n1 file"},
		{"a reference that is no text is a value", `{"0": {"type": "x", "a_ref": 1, "b_refs": [1, "2"]}}`, `0 x a_ref=1 b_refs=json[1,"2"]`},
		{"a cycle of references", `{"0": {"type": "process", "parent_ref": "0"}}`, `0 process parent_ref->0`},
		{"names of STIX 2.1", `{"0": {"type": "process", "image_ref": "1", "created_time": "t"}, "1": {"type": "file", "created_time": "t"}}`,
			"0 process created=\"t\" binary_ref->1\n1 file created_time=\"t\""},
		{"names of both versions", `{"0": {"type": "process", "created": "a", "created_time": "b"}}`, `0 process created="a" created_time="b"`},
		{"an id of its own", `{"0": {"type": "x", "id": "7"}, "1": {"type": "url", "id": "url--edff6913-45d9-510c-a927-f090d69a669f", "spec_version": "2.1"}, "2": {"type": "x", "a_ref": "1"}}`,
			"0 x x_id=\"7\"\nurl--edff6913-45d9-510c-a927-f090d69a669f url\n2 x a_ref->1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := NewBundleReader(iotest.OneByteReader(strings.NewReader(bundle20(tt.objects))), BundleOptions{})
			got, err := readAll(r)
			if err != nil {
				t.Fatalf("Read: %v", err)
			}
			want := []string{"observed-data--1 2023-03-01T00:00:00.000Z 2023-03-01T00:00:01Z 2\n" + tt.want + "\n"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("records of %s differ (-want +got):\n%s", tt.objects, diff)
			}
			if remarks := r.Remarks(); remarks != nil {
				t.Errorf("Remarks() = %v, want none", remarks)
			}
		})
	}
}

func TestBundleDeepNesting(t *testing.T) {
	t.Parallel()
	text := strings.Repeat(`{"n": `, 40) + "1" + strings.Repeat("}", 40)
	got, err := readAll(NewBundleReader(strings.NewReader(bundle20(`{"0": {"type": "x", "n": `+text+`}}`)), BundleOptions{}))
	if err != nil {
		t.Fatal(err)
	}
	name := strings.Repeat("n.", maxFlatDepth) + "n"
	rest := 40 - maxFlatDepth
	want := "0 x " + name + "=json" + strings.Repeat(`{"n":`, rest) + "1" + strings.Repeat("}", rest) + "\n"
	if _, objects, _ := strings.Cut(got[0], "\n"); objects != want {
		t.Errorf("deep object reads as %q, want %q", objects, want)
	}

	long := strings.Repeat("k", 600)
	got, err = readAll(NewBundleReader(strings.NewReader(bundle20(`{"0": {"type": "x", "`+long+`": {"a": {"b": 1}}}}`)), BundleOptions{}))
	if err != nil {
		t.Fatal(err)
	}
	if _, objects, _ := strings.Cut(got[0], "\n"); objects != "0 x "+long+`=json{"a":{"b":1}}`+"\n" {
		t.Errorf("object below a long name reads as %q, want it as JSON", objects)
	}
}

func TestBundleForms(t *testing.T) {
	t.Parallel()
	one := observed20(`{"0": {"type": "url", "value": "a"}}`)
	two := strings.ReplaceAll(one, "observed-data--1", "observed-data--2")
	identity := `{"type": "identity", "id": "identity--1", "name": "n"}`
	tests := []struct {
		name, text string
		records    int
	}{
		{"bundle", `{"type": "bundle", "objects": [` + identity + `,` + one + `,` + two + `]}`, 2},
		{"members in another order", `{"objects": [` + one + `], "spec_version": "2.0", "x": {"objects": []}, "type": "bundle"}`, 1},
		{"bundle without a type", `{"objects": [` + one + `]}`, 1},
		{"bundle without objects", `{"type": "bundle", "id": "bundle--1"}`, 0},
		{"empty bundle", `{"type": "bundle", "objects": []}`, 0},
		{"byte order mark", "\xEF\xBB\xBF" + `{"type": "bundle", "objects": [` + one + `]}` + "\n", 1},
		{"array", ` [` + one + `, ` + two + `] `, 2},
		{"empty array", `[]`, 0},
		{"lines", one + "\n" + two + "\n", 2},
		{"lines that begin with another object", identity + "\n" + one, 1},
		{"lines that begin with objects", `{"objects": {"0": {"type": "x"}}, "type": "observed-data", "id": "a"}`, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := NewBundleReader(strings.NewReader(tt.text), BundleOptions{Name: "f"})
			var rec entity.Record
			n := 0
			for ; ; n++ {
				err := r.Read(&rec)
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatalf("Read: %v", err)
				}
				l := rec.Locator
				if raw := tt.text[l.Offset : l.Offset+l.Length]; raw != string(rec.Raw) || raw[0] != '{' || raw[len(raw)-1] != '}' || l.File != "f" {
					t.Errorf("locator %+v leads to %q, want %q", l, raw, rec.Raw)
				}
			}
			if n != tt.records || r.Scanned() != int64(n) {
				t.Errorf("read %d records, scanned %d, want %d", n, r.Scanned(), tt.records)
			}
			if r.Offset() != int64(len(tt.text)) {
				t.Errorf("Offset() = %d, want %d", r.Offset(), len(tt.text))
			}
		})
	}
}

func TestBundleHeader(t *testing.T) {
	t.Parallel()
	const objects = `"objects": {"0": {"type": "url", "value": "a"}}`
	tests := []struct{ name, members, want string }{
		{"count", `"id": "a", "number_observed": 7, `, "a   7"},
		{"count of nothing", `"id": "a", "number_observed": 0, `, "a   1"},
		{"count that is text", `"id": "a", "number_observed": "7", `, "a   1"},
		{"no times", `"id": "a", "first_observed": null, `, "a   1"},
		{"zone", `"id": "a", "first_observed": "2020-01-01T02:00:00+02:00", `, "a 2020-01-01T00:00:00Z  1"},
		{"no id", ``, "observed-data--d9a357a6-c8d1-529e-994e-30c0293a6275   1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := `[{"type": "observed-data", ` + tt.members + objects + `}]`
			got, err := readAll(NewBundleReader(strings.NewReader(text), BundleOptions{}))
			if err != nil || len(got) != 1 {
				t.Fatalf("Read gives %d records, error %v", len(got), err)
			}
			if line, _, _ := strings.Cut(got[0], "\n"); line != tt.want {
				t.Errorf("record of %s is %q, want %q", tt.members, line, tt.want)
			}
		})
	}
}

func TestBundleKeep(t *testing.T) {
	t.Parallel()
	record := func(id, value string) string {
		return `{"type": "observed-data", "id": "` + id + `", "objects": {"0": {"type": "url", "value": "` + value + `"}}}`
	}
	text := `[` + record("a", "yes") + `,` + record("b", "no") + `,` + record("c", "yes") + `]`
	r := NewBundleReader(strings.NewReader(text), BundleOptions{Keep: func(raw []byte) bool { return strings.Contains(string(raw), "yes") }})
	got, err := readAll(r)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"a   1\n0 url value=\"yes\"\n", "c   1\n0 url value=\"yes\"\n"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("kept records differ (-want +got):\n%s", diff)
	}
	if r.Scanned() != 3 {
		t.Errorf("Scanned() = %d, want 3", r.Scanned())
	}
}

func TestBundleReusesRecord(t *testing.T) {
	t.Parallel()
	text := `[` + observed20(`{"0": {"type": "process", "name": "a", "parent_ref": "1"}, "1": {"type": "process", "pid": 4}}`) + `,` +
		observed20(`{"5": {"type": "url"}}`) + `]`
	r := NewBundleReader(strings.NewReader(text), BundleOptions{})
	var rec entity.Record
	if err := r.Read(&rec); err != nil {
		t.Fatal(err)
	}
	entity.Identify(&rec)
	name := rec.Objects[0].Attr("name").Text()
	if err := r.Read(&rec); err != nil {
		t.Fatal(err)
	}
	if got, want := dump(&rec), "observed-data--1 2023-03-01T00:00:00.000Z 2023-03-01T00:00:01Z 2\n5 url\n"; got != want {
		t.Errorf("second record is %q, want %q", got, want)
	}
	if !rec.Objects[0].ID.IsZero() || name != "a" {
		t.Errorf("second record has id %q; the name of the first became %q", rec.Objects[0].ID, name)
	}
}
