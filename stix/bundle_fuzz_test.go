// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/entity"
)

// FuzzBundleReader holds that a reader ends on any input without a panic, that
// it reads the same however the input is cut, and that its records are sound.
func FuzzBundleReader(f *testing.F) {
	for _, seed := range []string{
		"", "[]", "{", `{"type": "bundle"}`, "\xEF\xBB\xBF[]",
		bundle20(`{"0": {"type": "process", "parent_ref": "0", "b_refs": ["1", 2], "hashes": {"SHA-1": 1e999}}, "1": {"type": "x-a", "n": {"a": [1, {"b": 2}]}}}`),
		bundle20(`{"0": {"n": {"a.b": {"": -0}}, "id": "1", "type": "url", "created_time": null}}`),
		observed20(`{"\u0030": {"type": "x", "v": "\ud800\n"}}`) + "\n" + observed20(`{"0": {"type": "x", "type": "y"}}`),
		"[" + strings.Join([]string{observed21("a", "process--1", "url--1"), process21, dir21, file21, user21}, ",") + "]",
		"[{\"type\":\"observed-data\",\"objects\":{\"0\":{\"type\":\"x\",\"v\":\"\xff\"}}}]",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		whole, err := fuzzRead(t, bytes.NewReader(data), data)
		cut, cutErr := fuzzRead(t, iotest.HalfReader(bytes.NewReader(data)), data)
		if diff := cmp.Diff(whole, cut); diff != "" || (err == nil) != (cutErr == nil) {
			t.Errorf("another cut of the input reads differently, error %v, then %v (-whole +cut):\n%s", err, cutErr, diff)
		}
		raw, rawErr := fuzzNext(t, data)
		if diff := cmp.Diff(whole, raw); diff != "" || (err == nil) != (rawErr == nil) {
			t.Errorf("Next and Decode read differently than Read, error %v, then %v (-Read +Next):\n%s", err, rawErr, diff)
		}
		r := NewBundleReader(bytes.NewReader(data), BundleOptions{MaxRecord: 1 << 20, MaxHeld: 1 << 20, Keep: func([]byte) bool { return false }})
		if none, keepErr := readAll(r); len(none) > 0 || err == nil && keepErr != nil {
			t.Errorf("a reader that keeps nothing gives %d records, error %v", len(none), keepErr)
		}
	})
}

func fuzzRead(t *testing.T, in io.Reader, data []byte) (records []string, err error) {
	r := NewBundleReader(in, BundleOptions{MaxRecord: 1 << 20, MaxHeld: 1 << 20})
	var rec entity.Record
	for {
		err := r.Read(&rec)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			var be *BundleError
			if !errors.As(err, &be) || be.Place.Offset < 0 || be.Place.Offset > int64(len(data)) || be.Line < 1 {
				t.Errorf("Read fails with %v, want a place inside %d bytes", err, len(data))
			}
			return records, err
		}
		entity.Identify(&rec)
		checkRecord(t, &rec, data)
		records = append(records, dump(&rec))
	}
	for _, m := range r.Remarks() {
		if m.First.Offset < 0 || m.First.Offset > int64(len(data)) {
			t.Errorf("remark %+v lies outside of %d bytes", m, len(data))
		}
	}
	return records, nil
}

// fuzzNext reads records raw, and decodes them as their places say.
func fuzzNext(t *testing.T, data []byte) (records []string, err error) {
	r := NewBundleReader(bytes.NewReader(data), BundleOptions{MaxRecord: 1 << 20, MaxHeld: 1 << 20})
	d := NewRecordDecoder()
	var raw RawRecord
	var rec entity.Record
	for err == nil {
		if err = r.Next(&raw); err != nil {
			break
		}
		again := RawRecord{File: raw.File, Form: raw.Form, Parts: raw.Parts}
		if err := again.ReadAt(bytes.NewReader(data)); err != nil || !bytes.Equal(raw.Raw, again.Raw) {
			t.Fatalf("ReadAt of %v gives %q, %v, want %q", raw.Parts, again.Raw, err, raw.Raw)
		}
		if !d.Decode(&again, &rec) {
			continue
		}
		entity.Identify(&rec)
		checkRecord(t, &rec, data)
		records = append(records, dump(&rec))
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return records, err
}

func checkRecord(t *testing.T, rec *entity.Record, data []byte) {
	if rec.ID == "" || rec.Count < 1 || len(rec.Objects) == 0 {
		t.Errorf("record has id %q, count %d, %d objects", rec.ID, rec.Count, len(rec.Objects))
	}
	l := rec.Locator
	if !bytes.HasPrefix(rec.Raw, data[l.Offset:l.Offset+l.Length]) {
		t.Errorf("locator %+v does not lead to %q", l, rec.Raw)
	}
	for i := range rec.Objects {
		o := &rec.Objects[i]
		if o.ID.IsZero() || o.Type == "" {
			t.Errorf("object %d has type %q, id %q", i, o.Type, o.ID)
		}
		names := make(map[string]bool)
		for _, a := range o.Attrs {
			if names[a.Name] || a.Value.Kind() == entity.Null || !utf8.ValidString(a.Name+a.Value.Text()) {
				t.Errorf("object %d has attribute %q with value %q, known %v", i, a.Name, a.Value, names[a.Name])
			}
			names[a.Name] = true
			if a.Value.Kind() == entity.JSON && !json.Valid([]byte(a.Value.Text())) {
				t.Errorf("object %d has attribute %q with invalid JSON %q", i, a.Name, a.Value)
			}
		}
		for _, link := range o.Links {
			if link.Target < 0 || link.Target >= len(rec.Objects) {
				t.Errorf("object %d has link %+v of %d objects", i, link, len(rec.Objects))
			}
		}
	}
}
