// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package entity

import (
	"strconv"
	"time"
)

// A Sighting is what one record says about one process. Two sightings with a
// process id in common may be of one process although nothing proves it; see
// [Similarity].
type Sighting struct {
	PID       int64
	Name      string // "" is unknown
	ParentPID int64
	HasParent bool   // ParentPID is known
	Unique    string // the unique id that the source gave the process; "" if it gave none
	Host      string // where it ran, "" if unknown; see [Record.Host]
	Source    string // the data source that the record is from

	First, Last Time // when the record was observed
}

// Similarity says in which windows two sightings of a process id may be of the
// same process. Each window is around the time of one sighting, and the other's
// begin must lie in it; pids are used again after a while, and the less else is
// equal the sooner the program doubts. Begin offsets are usually negative.
type Similarity struct {
	NameChanged      Offsets // nothing else is equal: exec after fork changes the name
	Name             Offsets // the names are equal
	ParentPID        Offsets // the parents' process ids are equal
	NameAndParentPID Offsets // both are
}

// Offsets widen a range of time at both ends.
type Offsets struct{ Begin, End time.Duration }

// DefaultSimilarity returns the windows of the original Kestrel: five seconds, an
// hour, an hour, and a day.
func DefaultSimilarity() Similarity {
	around := func(d time.Duration) Offsets { return Offsets{-d, d} }
	return Similarity{
		NameChanged:      around(5 * time.Second),
		Name:             around(time.Hour),
		ParentPID:        around(time.Hour),
		NameAndParentPID: around(24 * time.Hour),
	}
}

// Similar reports whether f may be a sighting of the process that r is one of.
// Their process ids must be equal, and the hosts, if both are known; if one is
// not, the sources must be. If both have unique ids, these decide alone.
// Else one of these must hold, in which r is widened by the offsets of the rule
// and the ends of the range do not belong to it:
//
//	A  names and parent pids are known and equal, and f begins within NameAndParentPID
//	B  names are known and equal, and f begins within Name
//	C  parent pids are known and equal, and f begins within ParentPID
//	D  f begins within NameChanged
//	E  f ends within NameChanged
func (s Similarity) Similar(f, r Sighting) bool {
	if f.PID != r.PID || !sameHost(f, r) {
		return false
	}
	if f.Unique != "" && r.Unique != "" {
		return f.Unique == r.Unique
	}
	name := f.Name != "" && f.Name == r.Name
	parent := f.HasParent && r.HasParent && f.ParentPID == r.ParentPID
	return name && parent && within(f.First, r, s.NameAndParentPID) ||
		name && within(f.First, r, s.Name) ||
		parent && within(f.First, r, s.ParentPID) ||
		within(f.First, r, s.NameChanged) ||
		within(f.Last, r, s.NameChanged)
}

func sameHost(f, r Sighting) bool {
	if f.Host != "" && r.Host != "" {
		return f.Host == r.Host
	}
	return f.Source == r.Source
}

// within reports whether t lies in the range of r, widened. An unknown time lies
// nowhere.
func within(t Time, r Sighting, o Offsets) bool {
	if t.IsZero() || r.First.IsZero() || r.Last.IsZero() {
		return false
	}
	return r.First.Nanos+int64(o.Begin) < t.Nanos && t.Nanos < r.Last.Nanos+int64(o.End)
}

// Sighting returns what r says about its object i, a process, but for the
// source, which a record does not know; false if it does not say the process id.
func (r *Record) Sighting(i int) (Sighting, bool) {
	o := &r.Objects[i]
	pid, ok := wholeNumber(o.Attr("pid"))
	if !ok {
		return Sighting{}, false
	}
	s := Sighting{PID: pid, Name: o.Attr("name").Text(), First: r.First, Last: r.Last}
	if parent := o.link("parent_ref"); parent >= 0 {
		s.ParentPID, s.HasParent = wholeNumber(r.Objects[parent].Attr("pid"))
	}
	if o.IDKind == UniqueKey {
		s.Unique = o.ID.String()
	}
	if host := r.Host(i); host >= 0 {
		s.Host = r.Objects[host].ID.String()
	}
	return s, true
}

// wholeNumber returns v as a whole number, if it is one or the text of one.
func wholeNumber(v Value) (int64, bool) {
	switch v.Kind() {
	case Int:
		return v.Int(), true
	case String:
		n, err := strconv.ParseInt(v.Text(), 10, 64)
		return n, err == nil
	}
	return 0, false
}
