// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/entity"
)

const (
	file21    = `{"type": "file", "spec_version": "2.1", "id": "file--1", "name": "a.exe", "parent_directory_ref": "directory--1"}`
	dir21     = `{"type": "directory", "id": "directory--1", "path": "C:\\", "object_marking_refs": ["marking-definition--1"]}`
	process21 = `{"id": "process--1", "pid": 4, "image_ref": "file--1", "created_time": "2020-01-01T00:00:00Z", "type": "process"}`
	user21    = `{"type": "user-account", "id": "user-account--1", "user_id": "u"}`
)

// observed21 makes an observed-data of STIX 2.1.
func observed21(id string, refs ...string) string {
	return `{"type": "observed-data", "spec_version": "2.1", "id": "` + id + `", "first_observed": "2023-03-01T00:00:00Z", ` +
		`"last_observed": "2023-03-01T00:00:00Z", "number_observed": 1, "object_refs": ["` + strings.Join(refs, `", "`) + `"]}`
}

func TestBundle21(t *testing.T) {
	t.Parallel()
	const times = " 2023-03-01T00:00:00Z 2023-03-01T00:00:00Z 1\n"
	const objects = "process--1 process pid=4 created=\"2020-01-01T00:00:00Z\" binary_ref->1\n" +
		"file--1 file name=\"a.exe\" parent_directory_ref->2\ndirectory--1 directory path=\"C:\\\\\"\n"
	tests := []struct {
		name     string
		elements []string
		want     []string
		remarks  []Remark
	}{
		{"objects before the record", []string{dir21, file21, process21, observed21("a", "process--1")}, []string{"a" + times + objects}, nil},
		{"objects after the record", []string{observed21("a", "process--1"), process21, dir21, file21}, []string{"a" + times + objects}, nil},
		{"records keep their order", []string{
			observed21("a", "user-account--1"), observed21("b", "directory--1"), dir21, user21,
		}, []string{"a" + times + "user-account--1 user-account user_id=\"u\"\n", "b" + times + "directory--1 directory path=\"C:\\\\\"\n"}, nil},
		{"an object of two records", []string{user21, observed21("a", "user-account--1"), observed21("b", "user-account--1")},
			[]string{"a" + times + "user-account--1 user-account user_id=\"u\"\n", "b" + times + "user-account--1 user-account user_id=\"u\"\n"}, nil},
		{"relationships are no objects", []string{user21, `{"type": "relationship", "id": "relationship--1"}`, observed21("a", "relationship--1", "user-account--1")},
			[]string{"a" + times + "user-account--1 user-account user_id=\"u\"\n"}, nil},
		{"a missing object", []string{observed21("a", "user-account--1", "url--1"), user21},
			[]string{"a" + times + "user-account--1 user-account user_id=\"u\"\n"},
			[]Remark{{MissingObject, 1, Place{1, "/0/object_refs"}}}},
		{"a missing object behind another", []string{file21, observed21("a", "file--1")},
			[]string{"a" + times + "file--1 file name=\"a.exe\"\n"},
			[]Remark{{MissingObject, 1, Place{int64(len(file21)) + 3, "/0/parent_directory_ref"}}}},
		{"all objects missing", []string{observed21("a", "url--1")}, nil,
			[]Remark{{RecordWithoutObjects, 1, Place{1, "/0"}}, {MissingObject, 1, Place{1, "/0/object_refs"}}}},
		{"no references", []string{`{"type": "observed-data", "object_refs": []}`}, nil,
			[]Remark{{RecordWithoutObjects, 1, Place{1, "/0"}}}},
		{"an object twice", []string{user21, user21, strings.Replace(user21, `"u"`, `"v"`, 1), observed21("a", "user-account--1")},
			[]string{"a" + times + "user-account--1 user-account user_id=\"u\"\n"},
			[]Remark{{RepeatedObject, 1, Place{2*int64(len(user21)) + 5, "/2"}}}},
		{"an object without id", []string{`{"type": "url", "value": "a"}`}, nil, []Remark{{UnusableObject, 1, Place{1, "/0"}}}},
		{"an object with a repeated name", []string{`{"type": "url", "id": "url--1", "a": 1, "a": 2}`, user21, observed21("a", "url--1", "user-account--1")},
			[]string{"a" + times + "user-account--1 user-account user_id=\"u\"\n"},
			[]Remark{{RepeatedName, 1, Place{44, "/0/a"}}, {MissingObject, 1, Place{117, "/2/object_refs"}}}},
		{"a record with invalid text", []string{"{\"type\": \"url\", \"id\": \"url--1\", \"value\": \"\xff\"}", observed21("a", "url--1")},
			[]string{"a" + times + "url--1 url value=\"\uFFFD\"\n"},
			[]Remark{{InvalidText, 1, Place{45, "/0/value"}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := NewBundleReader(strings.NewReader("["+strings.Join(tt.elements, ", ")+"]"), BundleOptions{})
			got, err := readAll(r)
			if err != nil {
				t.Fatalf("Read: %v", err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("records differ (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.remarks, r.Remarks()); diff != "" {
				t.Errorf("remarks differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBundle21Keep(t *testing.T) {
	t.Parallel()
	text := "[" + strings.Join([]string{user21, dir21, observed21("a", "user-account--1"), observed21("b", "directory--1")}, ",") + "]"
	r := NewBundleReader(strings.NewReader(text), BundleOptions{Keep: func(raw []byte) bool { return strings.Contains(string(raw), `"path"`) }})
	var rec entity.Record
	if err := r.Read(&rec); err != nil {
		t.Fatal(err)
	}
	if want := observed21("b", "directory--1") + dir21; rec.ID != "b" || string(rec.Raw) != want {
		t.Errorf("Read gives record %s with bytes %q, want b with %q", rec.ID, rec.Raw, want)
	}
	if l := rec.Locator; text[l.Offset:l.Offset+l.Length] != observed21("b", "directory--1") {
		t.Errorf("locator %+v leads to %q", l, text[l.Offset:l.Offset+l.Length])
	}
}

func TestBundleHeldLimit(t *testing.T) {
	t.Parallel()
	r := NewBundleReader(strings.NewReader("["+file21+","+user21+"]"), BundleOptions{MaxHeld: 150})
	_, err := readAll(r)
	var be *BundleError
	if !errors.As(err, &be) || !errors.Is(err, ErrTooMuchHeld) || be.Place.Path != "/1" {
		t.Errorf("Read fails with %v, want %v at /1", err, ErrTooMuchHeld)
	}
}
