// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package entity

import (
	"reflect"
	"testing"
	"time"
)

// TestClone compares a clone with its record, and again after all the record's
// memory was written over.
func TestClone(t *testing.T) {
	t.Parallel()
	make1 := func() *Record {
		r := record(
			object("process", "name", "sh", "pid", 7, "parent_ref", target(1)),
			object("process", "pid", 1, "x_unique_id", "u"),
		)
		r.ID, r.Raw, r.Locator = "observed-data--1", []byte("raw"), Locator{File: "a.json", Doc: "d", Offset: 3}
		r.First = TimeOf(time.Date(2024, 5, 6, 0, 0, 0, 0, time.UTC), 3)
		Identify(r)
		return r
	}
	r, want := make1(), make1()
	got := r.Clone()
	if !reflect.DeepEqual(got, *want) {
		t.Errorf("Clone() = %+v, want %+v", got, *want)
	}
	clear(r.Raw)
	for i := range r.Objects {
		clear(r.Objects[i].Attrs)
		clear(r.Objects[i].Links)
	}
	clear(r.Objects)
	if !reflect.DeepEqual(got, *want) {
		t.Errorf("after the record was cleared its clone is %+v, want %+v", got, *want)
	}
	if size := got.Size(); size < 100 || size > 5000 {
		t.Errorf("Size() = %d", size)
	}
}

func TestRecordSighting(t *testing.T) {
	t.Parallel()
	at := TimeOf(time.Date(2024, 5, 6, 0, 0, 0, 0, time.UTC), 3)
	r := record(
		object("process", "name", "sh", "pid", 7, "parent_ref", target(1)),
		object("process", "pid", "12", "x_unique_id", "u"),
		object("process", "name", "no pid"),
		object("process", "pid", "twelve"),
		object("x-oca-asset", "hostname", "h"),
	)
	r.ID, r.First, r.Last = "observed-data--1", at, at
	Identify(r)
	host := r.Objects[4].ID.String()
	want := []Sighting{
		{PID: 7, Name: "sh", ParentPID: 12, HasParent: true, Host: host, First: at, Last: at},
		{PID: 12, Unique: r.Objects[1].ID.String(), Host: host, First: at, Last: at},
		{},
		{},
	}
	for i, w := range want {
		got, ok := r.Sighting(i)
		if got != w || ok != (w.PID != 0) {
			t.Errorf("Sighting(%d) = %+v, %t, want %+v", i, got, ok, w)
		}
	}
}
