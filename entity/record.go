// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package entity says what the things are that a hunt is about: records of
// sources, the objects in them, the entities that objects stand for, the types
// and relations between them, and the rule that gives an entity its id.
//
// It is pure data and pure functions. It reads no files and knows no store;
// drivers fill [Record] values, [Identify] gives their objects ids, the store
// keeps them.
package entity

import (
	"bytes"
	"slices"
	"strings"
	"time"
)

// A Record is one observation by one source: a STIX observed-data object, a
// document of a log index. Its objects refer to each other by their position in
// Objects.
type Record struct {
	ID          string // the source's own id; never empty
	First, Last Time   // first and last observed
	Count       int64  // number observed, at least 1
	Objects     []Object
	Locator     Locator
	Raw         []byte // the record's bytes as read, to hash; nil if there are none
}

// An Object is what one record says about one thing.
type Object struct {
	Type   string // entity type, such as "process"
	Key    string // its key in the record: "0" in STIX 2.0, the object's id in 2.1
	ID     ID     // set by Identify, unless it was given
	IDKind IDKind // from what ID was made; set by Identify
	Attrs  []Attr // in the order of the record; names are distinct
	Links  []Link // in the order of the record
}

// An Attr is a named value. Nested names are joined by dots, and a piece that
// is no identifier stands in single quotes: hashes.'SHA-256' (see AttrName).
type Attr struct {
	Name  string
	Value Value
}

// A Link is a reference from one object to another of the same record: one of
// parent_ref, or one element of opened_connection_refs (Many).
type Link struct {
	Name   string
	Many   bool
	Target int // index into Record.Objects
}

// A Locator says where the raw form of a record lies.
type Locator struct {
	File   string // file or index, as the source names it
	Doc    string // document id, if the source has them
	Offset int64  // of the first byte in the uncompressed text of File
	Length int64  // in bytes
}

// Attr returns the value of a direct attribute of o, Null if it has none.
func (o *Object) Attr(name string) Value {
	for i := range o.Attrs {
		if o.Attrs[i].Name == name {
			return o.Attrs[i].Value
		}
	}
	return Value{}
}

// Clone returns a copy of r that shares no memory with it, so that it outlives
// the batch that r is in.
func (r *Record) Clone() Record {
	out := *r
	out.ID, out.Raw = strings.Clone(r.ID), bytes.Clone(r.Raw)
	out.Locator.File, out.Locator.Doc = strings.Clone(r.Locator.File), strings.Clone(r.Locator.Doc)
	out.Objects = slices.Clone(r.Objects)
	for i := range out.Objects {
		o := &out.Objects[i]
		o.Type, o.Key = strings.Clone(o.Type), strings.Clone(o.Key)
		o.ID.typ, o.ID.text = strings.Clone(o.ID.typ), strings.Clone(o.ID.text)
		o.Attrs, o.Links = slices.Clone(o.Attrs), slices.Clone(o.Links)
		for j := range o.Attrs {
			a := &o.Attrs[j]
			a.Name, a.Value.text = strings.Clone(a.Name), strings.Clone(a.Value.text)
		}
		for j := range o.Links {
			o.Links[j].Name = strings.Clone(o.Links[j].Name)
		}
	}
	return out
}

// Size returns about how many bytes a copy of r takes.
func (r *Record) Size() int {
	n := len(r.Raw) + 200
	for i := range r.Objects {
		o := &r.Objects[i]
		n += 150 + 60*len(o.Attrs) + 40*len(o.Links)
		for j := range o.Attrs {
			n += len(o.Attrs[j].Name) + len(o.Attrs[j].Value.text)
		}
	}
	return n
}

// Time is a moment in nanoseconds since 1970-01-01 UTC with the number of
// fraction digits that the source wrote, so that it can be shown as it was
// given. The zero Time is unknown.
type Time struct {
	Nanos  int64
	Digits int8 // fraction digits written, plus one; 0 = unknown time
}

// TimeOf returns t, to the nanosecond, to be written with that many fraction
// digits.
func TimeOf(t time.Time, digits int) Time {
	return Time{Nanos: t.UnixNano(), Digits: int8(digits) + 1}
}

// ParseTime reads a timestamp as sources write it: RFC 3339, in any zone; one
// without a zone is UTC. It reports false for other text, and for years that
// nanoseconds in 64 bits do not reach (before 1678, after 2261).
func ParseTime(text string) (Time, bool) {
	if len(text) < len("2006-01-02T15:04:05") {
		return Time{}, false
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t, err = time.Parse("2006-01-02T15:04:05", text)
	}
	if year := t.Year(); err != nil || year < 1678 || year > 2261 {
		return Time{}, false
	}
	digits := 0
	if rest := text[len("2006-01-02T15:04:05"):]; rest[:min(len(rest), 1)] == "." {
		for digits+1 < len(rest) && '0' <= rest[digits+1] && rest[digits+1] <= '9' {
			digits++
		}
	}
	return TimeOf(t, min(digits, 9)), true
}

// IsZero reports whether t is unknown.
func (t Time) IsZero() bool { return t.Digits == 0 }

// Time returns t as a time.Time in UTC; the unknown time gives the zero one.
func (t Time) Time() time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return time.Unix(0, t.Nanos).UTC()
}

// String writes t as RFC 3339 in UTC with the fraction digits it came with.
func (t Time) String() string {
	if t.IsZero() {
		return ""
	}
	layout := "2006-01-02T15:04:05"
	if d := min(int(t.Digits)-1, 9); d > 0 {
		layout += ".000000000"[:d+1]
	}
	return t.Time().Format(layout + "Z")
}

// A Batch is a run of records in the order of their source. Hits has one
// element per question asked of the source; Hits[q] lists the objects that
// answer question q, in order. A Batch and all it holds belong to the source
// that yields it, until the consumer asks for the next.
type Batch struct {
	Records []Record
	Hits    [][]Hit
}

// A Hit names an object of a batch: an index into Records and one into the
// record's Objects.
type Hit struct{ Record, Object int }
