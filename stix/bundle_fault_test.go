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

func TestBundleErrors(t *testing.T) {
	t.Parallel()
	good := observed20(`{"0": {"type": "url", "value": "a"}}`)
	head := "{\"type\": \"bundle\",\n\"objects\": [\n"
	two := len(head) + len(good) + 2
	tests := []struct {
		name, text string
		records    int
		place      Place
		line       int
		err        error // nil: any
	}{
		{"broken half way", head + good + ",\n{\"type\": \"observed-data\", \"id\": nope}]}", 1, Place{int64(two + 33), "/objects/1/id"}, 4, nil},
		{"truncated in a record", head + good + ",\n{\"type\": \"observed-da", 1, Place{int64(two + 21), "/objects/1/type"}, 4, io.ErrUnexpectedEOF},
		{"truncated between records", head + good + ",\n", 1, Place{int64(two), "/objects"}, 4, io.ErrUnexpectedEOF},
		{"truncated behind the list", head + good + "]", 1, Place{int64(len(head) + len(good) + 1), ""}, 3, io.ErrUnexpectedEOF},
		{"missing comma", head + good + " " + good, 1, Place{int64(len(head) + len(good) + 1), "/objects"}, 3, nil},
		{"control character in a text", head + "{\"type\": \"a\x01\"}", 0, Place{int64(len(head) + 11), "/objects/0/type"}, 3, nil},
		{"more behind the bundle", head + good + "]}\n{}", 1, Place{int64(len(head) + len(good) + 4), ""}, 4, ErrTrailingData},
		{"garbage behind the bundle", head + good + "]}\nx", 1, Place{int64(len(head) + len(good) + 3), ""}, 4, nil},
		{"empty", "", 0, Place{}, 1, ErrNotBundle},
		{"white space", " \n", 0, Place{}, 1, ErrNotBundle},
		{"no JSON", "name,pid\ncmd.exe,4\n", 0, Place{}, 1, ErrNotBundle},
		{"another object", `{"a": 1, "b": []}`, 0, Place{17, ""}, 1, ErrNotBundle},
		{"other objects", `[{"name": "a"}, {"name": "b"}]`, 0, Place{30, ""}, 1, ErrNotBundle},
		{"UTF-16", "\xFF\xFE{\x00", 0, Place{}, 1, ErrUTF16},
		{"too deep", head + strings.Repeat("[", 20_000), 0, Place{int64(len(head) + 9998), ""}, 3, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, slow := range []bool{false, true} {
				var in io.Reader = strings.NewReader(tt.text)
				if slow {
					in = iotest.OneByteReader(in)
				}
				r := NewBundleReader(in, BundleOptions{Name: "f.json"})
				records, err := readAll(r)
				var be *BundleError
				if !errors.As(err, &be) || tt.err != nil && !errors.Is(err, tt.err) || be.Name != "f.json" {
					t.Fatalf("Read fails with %v, want a BundleError with %v", err, tt.err)
				}
				if tt.name == "too deep" {
					be.Place.Path = ""
				}
				if be.Place != tt.place || be.Line != tt.line || len(records) != tt.records {
					t.Errorf("%d records, then %+v in line %d; want %d records, %+v in line %d; error %v",
						len(records), be.Place, be.Line, tt.records, tt.place, tt.line, err)
				}
				if again := r.Read(new(entity.Record)); !errors.Is(again, err) {
					t.Errorf("Read fails with %v, then with %v", err, again)
				}
			}
		})
	}
}

func TestBundleErrorText(t *testing.T) {
	t.Parallel()
	e := &BundleError{Name: "f.json", Place: Place{12, "/objects/0/\x1b[2J"}, Line: 3, Err: io.ErrUnexpectedEOF}
	if got, want := e.Error(), `stix: read bundle f.json: byte 12, line 3, at "/objects/0/\x1b[2J": unexpected EOF`; got != want {
		t.Errorf("Error() = %s, want %s", got, want)
	}
}

func TestBundleReadFails(t *testing.T) {
	t.Parallel()
	cause := errors.New("disk on fire")
	text := bundle20(`{"0": {"type": "url", "value": "a"}}`)
	r := NewBundleReader(io.MultiReader(strings.NewReader(text[:200]), iotest.ErrReader(cause)), BundleOptions{})
	if _, err := readAll(r); !errors.Is(err, cause) {
		t.Errorf("Read fails with %v, want %v", err, cause)
	}
	r = NewBundleReader(iotest.ErrReader(cause), BundleOptions{})
	if _, err := readAll(r); !errors.Is(err, cause) {
		t.Errorf("Read fails with %v, want %v", err, cause)
	}
}

func TestBundleRecordLimit(t *testing.T) {
	t.Parallel()
	good := observed20(`{"0": {"type": "url", "value": "a"}}`)
	large := observed20(`{"0": {"type": "url", "value": "` + strings.Repeat("x", 300_000) + `"}}`)
	for _, text := range []string{"[" + good + "," + large + "]", good + "\n" + large} {
		r := NewBundleReader(strings.NewReader(text), BundleOptions{MaxRecord: 200_000})
		records, err := readAll(r)
		var be *BundleError
		if len(records) != 1 || !errors.Is(err, ErrRecordTooLarge) || !errors.As(err, &be) || be.Place.Offset > int64(len(good)+2) {
			t.Errorf("%d records, then %v; want one, then %v behind it", len(records), err, ErrRecordTooLarge)
		}
		r = NewBundleReader(strings.NewReader(text), BundleOptions{MaxRecord: 400_000})
		if records, err := readAll(r); len(records) != 2 || err != nil {
			t.Errorf("%d records, then %v; want two", len(records), err)
		}
	}
}

func TestBundleRemarks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		element string // of an array, behind an empty identity
		want    string // record, "" if there is none
		remark  Remark
	}{
		{"no objects", `{"type": "observed-data", "id": "a"}`, "", Remark{RecordWithoutObjects, 1, Place{23, "/1"}}},
		{"empty objects", `{"type": "observed-data", "objects": {}}`, "", Remark{RecordWithoutObjects, 1, Place{23, "/1"}}},
		{"objects that are a list", `{"type": "observed-data", "objects": []}`, "", Remark{RecordWithoutObjects, 1, Place{23, "/1"}}},
		{"element that is no object", `7`, "", Remark{UnusableObject, 1, Place{23, "/1"}}},
		{"element without type", `{"a": {"type": "x"}}`, "", Remark{UnusableObject, 1, Place{23, "/1"}}},
		{"element whose type is no text", `{"type": {"type": "x"}}`, "", Remark{UnusableObject, 1, Place{23, "/1"}}},
		{"object without type", `{"type": "observed-data", "id": "a", "objects": {"0": {"a_ref": "1", "v": 1}, "1": {"type": "x"}}}`,
			"a   1\n1 x\n", Remark{UnusableObject, 1, Place{23 + 76, "/1/objects/0"}}},
		{"object that is none", `{"type": "observed-data", "id": "a", "objects": {"0": [1], "1": {"type": "x"}}}`,
			"a   1\n1 x\n", Remark{UnusableObject, 1, Place{23 + 54, "/1/objects/0"}}},
		{"missing object", `{"type": "observed-data", "id": "a", "objects": {"0": {"type": "x", "a_ref": "9", "b_refs": ["0"]}}}`,
			"a   1\n0 x b_refs->0*\n", Remark{MissingObject, 1, Place{23, "/1/objects/0/a_ref"}}},
		{"repeated name of the record", `{"type": "observed-data", "id": "a", "id": "b", "objects": {"0": {"type": "x"}}}`,
			"", Remark{RepeatedName, 1, Place{23 + 41, "/1/id"}}},
		{"repeated key", `{"type": "observed-data", "objects": {"0": {"type": "x"}, "\u0030": {"type": "y"}}}`,
			"", Remark{RepeatedName, 1, Place{23 + 66, "/1/objects/0"}}},
		{"repeated name of an attribute", `{"type": "observed-data", "objects": {"0": {"type": "x", "a": {"b": 1, "c": 2, "b": 3}}}}`,
			"", Remark{RepeatedName, 1, Place{23 + 82, "/1/objects/0/a/b"}}},
		{"repeated name in a list", `{"type": "observed-data", "objects": {"0": {"type": "x", "a": [{"b": 1, "b": 3}]}}}`,
			"", Remark{RepeatedName, 1, Place{23 + 80, "/1/objects/0/a"}}},
		{"invalid UTF-8", "{\"type\": \"observed-data\", \"id\": \"a\", \"objects\": {\"0\": {\"type\": \"x\", \"v\": \"a\xffb\", \"w\": \"\xfe\"}}}",
			"a   1\n0 x v=\"a\uFFFDb\" w=\"\uFFFD\"\n", Remark{InvalidText, 1, Place{23 + 78, "/1/objects/0/v"}}},
		{"half of a surrogate pair", `{"type": "observed-data", "id": "a", "objects": {"0": {"type": "x", "v": "a\ud800b"}}}`,
			"a   1\n0 x v=\"a\uFFFDb\"\n", Remark{InvalidText, 1, Place{23 + 83, "/1/objects/0/v"}}},
		{"invalid time", `{"type": "observed-data", "id": "a", "first_observed": "monday", "objects": {"0": {"type": "x"}}}`,
			"a   1\n0 x\n", Remark{InvalidTime, 1, Place{23 + 63, "/1/first_observed"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := NewBundleReader(strings.NewReader(`[{"type": "identity"},`+"\n"+tt.element+`]`), BundleOptions{})
			records, err := readAll(r)
			if err != nil {
				t.Fatalf("Read: %v", err)
			}
			if got := strings.Join(records, ""); got != tt.want {
				t.Errorf("record is %q, want %q", got, tt.want)
			}
			if diff := cmp.Diff([]Remark{tt.remark}, r.Remarks()); diff != "" {
				t.Errorf("remarks differ (-want +got):\n%s", diff)
			}
		})
	}
}

// TestBundleRemarksOnUnwanted counts faults of records that are not wanted, so
// far as they can be seen without decoding.
func TestBundleRemarksOnUnwanted(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, record string
		want         []Remark
	}{
		{"sound", `{"type": "observed-data", "objects" : { "0": {"type": "objects"}}}`, nil},
		{"no objects", `{"type": "observed-data", "note": "objects"}`, []Remark{{RecordWithoutObjects, 1, Place{1, "/0"}}}},
		{"empty objects", `{"type": "observed-data", "objects": { }}`, []Remark{{RecordWithoutObjects, 1, Place{1, "/0"}}}},
		{"objects that are a list", `{"type": "observed-data", "objects": [{}]}`, []Remark{{RecordWithoutObjects, 1, Place{1, "/0"}}}},
		{"invalid UTF-8", "{\"type\": \"observed-data\", \"objects\": {\"0\": {\"type\": \"x\", \"v\": \"\u00e9\xff\"}}}", []Remark{{InvalidText, 1, Place{66, "/0/objects/0/v"}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := NewBundleReader(strings.NewReader("["+tt.record+"]"), BundleOptions{Keep: func([]byte) bool { return false }})
			if records, err := readAll(r); len(records) > 0 || err != nil {
				t.Fatalf("Read gives %d records, error %v", len(records), err)
			}
			if diff := cmp.Diff(tt.want, r.Remarks()); diff != "" {
				t.Errorf("remarks differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBundleManyObjects(t *testing.T) {
	t.Parallel()
	const n = 3000
	var objects strings.Builder
	for i := range n {
		fmt.Fprintf(&objects, `"k%d": {"type": "process", "pid": %d, "parent_ref": "k%d"},`, i, i, (i+1)%n)
	}
	r := NewBundleReader(strings.NewReader(bundle20("{"+strings.TrimSuffix(objects.String(), ",")+"}")), BundleOptions{})
	var rec entity.Record
	if err := r.Read(&rec); err != nil {
		t.Fatal(err)
	}
	for i := range rec.Objects {
		if o := &rec.Objects[i]; len(o.Links) != 1 || o.Links[0].Target != (i+1)%n {
			t.Fatalf("object %d has links %v, want one to %d", i, o.Links, (i+1)%n)
		}
	}
	twice := strings.Repeat(`"a": {"type": "x"},`, 1)
	r = NewBundleReader(strings.NewReader(bundle20("{"+twice+objects.String()+`"k7": {"type": "x"}}`)), BundleOptions{})
	if records, err := readAll(r); len(records) != 0 || err != nil || r.Remarks()[0].Kind != RepeatedName {
		t.Errorf("%d records, error %v, remarks %v; want the record refused for a repeated name", len(records), err, r.Remarks())
	}
}
