// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package entity

import (
	"strings"
	"time"
)

// Identify gives every object of rec its id and the kind of that id. An object
// that has an id already (one that a hunt or a file gave, or Identify) keeps it. What an id
// is made of is decided here and nowhere else, and it depends on the record
// alone, never on what else was read. The first of these that an object has
// counts:
//
//  1. the unique id of a process: x_unique_id, or process_id, process_uid,
//     process_unique_id or process_guid of an extension;
//  2. host, pid and start time of a process. Its host is the asset of the event
//     in the record that refers to both, else the only asset in the record;
//  3. the identifying properties of its type, as STIX 2.1 defines them, and those
//     of an x-oca-asset;
//  4. the id that a STIX 2.1 object has, which is then its Key;
//  5. the record's id and the object's Key.
//
// Ids are UUIDs version 5 of canonical JSON (STIX 2.1, 2.9; RFC 8785), so that
// those of rule 3 are the ones that the standard wants. A property that refers
// to another object counts by that object's id; one that leads back to where the
// chain of references began counts for nothing, and so does the end of a chain
// of more than a hundred.
func Identify(rec *Record) {
	var states [64]state
	var buf [512]byte
	x := identifier{rec: rec, states: states[:0], buf: buf[:0]}
	if n := len(rec.Objects); n <= len(states) {
		x.states = states[:n]
	} else {
		x.states = make([]state, n)
	}
	for i := range rec.Objects {
		x.identify(i, 0)
	}
}

// maxChain is how many references in a row an id may depend on.
const maxChain = 100

// A state is how far the id of an object is.
type state uint8

const (
	untouched state = iota
	pending
	done
)

// An identifier makes the ids of one record.
type identifier struct {
	rec    *Record
	states []state
	buf    []byte // namespace and JSON of the id being made
}

// identify gives object i its id, after those of the objects that it depends on.
func (x *identifier) identify(i, depth int) {
	o := &x.rec.Objects[i]
	if x.states[i] != untouched || depth > maxChain {
		return
	}
	x.states[i] = pending
	switch {
	case o.ID.IsZero():
		o.ID, o.IDKind = x.id(o, i, depth)
	case o.IDKind == NoKey:
		o.IDKind = GivenKey
	}
	x.states[i] = done
}

// id makes the id of object i, which is o.
func (x *identifier) id(o *Object, i, depth int) (ID, IDKind) {
	if o.Type == "process" {
		if v := uniqueID(o); !isBlank(v) {
			x.begin()
			x.value("x_unique_id", v)
			return x.end(o.Type), UniqueKey
		}
		if x.hostPIDStart(o, i, depth) {
			return x.end(o.Type), ProcessKey
		}
	}
	if x.properties(o, depth) {
		return x.end(o.Type), PropertyKey
	}
	if uuid, ok := parseUUID(o.Type, o.Key); ok {
		return NewID(o.Type, uuid), GivenKey
	}
	x.begin()
	x.value("key", StringValue(o.Key))
	x.value("record", StringValue(x.rec.ID))
	return x.end(o.Type), RecordKey
}

// uniqueID returns the value that tells a process from all others, or Null.
func uniqueID(o *Object) Value {
	if v := o.Attr("x_unique_id"); !isBlank(v) {
		return v
	}
	for i := range o.Attrs {
		a := &o.Attrs[i]
		if !strings.HasPrefix(a.Name, "extensions.") || isBlank(a.Value) {
			continue
		}
		switch a.Name[strings.LastIndexByte(a.Name, '.')+1:] {
		case "process_id", "process_uid", "process_unique_id", "process_guid":
			return a.Value
		}
	}
	return Value{}
}

// isBlank reports whether v is no value to tell things apart by.
func isBlank(v Value) bool {
	return v.kind == Null || v.kind == String && v.text == ""
}

// hostPIDStart writes host, pid and start time of a process, if all are known.
func (x *identifier) hostPIDStart(o *Object, i, depth int) bool {
	pid := o.Attr("pid")
	start := o.Attr("created")
	if start.kind == Null {
		start = o.Attr("created_time")
	}
	if isBlank(pid) || isBlank(start) {
		return false
	}
	host := x.rec.Host(i)
	if host < 0 {
		return false
	}
	x.identify(host, depth+1)
	id := x.rec.Objects[host].ID
	if id.IsZero() {
		return false
	}
	x.begin()
	x.key("host")
	x.buf = appendQuotedID(x.buf, id)
	x.value("pid", pid)
	if t, ok := ParseTime(start.text); ok {
		x.key("start")
		x.buf = append(x.buf, '"')
		x.buf = t.Time().AppendFormat(x.buf, time.RFC3339Nano)
		x.buf = append(x.buf, '"')
	} else {
		x.value("start", start)
	}
	return true
}

// Host returns the index of the asset on which process i ran, or -1: the asset
// of the event in the record that refers to both, else the only asset in the
// record.
func (r *Record) Host(i int) int {
	only, assets := -1, 0
	for j := range r.Objects {
		o := &r.Objects[j]
		switch o.Type {
		case "x-oca-asset":
			only = j
			assets++
		case "x-oca-event":
			if host := eventHost(o, i); host >= 0 && r.Objects[host].Type == "x-oca-asset" {
				return host
			}
		}
	}
	if assets == 1 {
		return only
	}
	return -1
}

// eventHost returns what an event refers to as host_ref, if one of its
// references to processes leads to object i; else -1.
func eventHost(event *Object, i int) int {
	host, names := -1, false
	for _, l := range event.Links {
		if l.Name == "host_ref" {
			host = l.Target
		}
		names = names || l.Target == i && strings.Contains(l.Name, "process")
	}
	if !names {
		return -1
	}
	return host
}

// properties writes the identifying properties that o has, and reports whether
// it has any.
func (x *identifier) properties(o *Object, depth int) bool {
	t := types[o.Type]
	if t == nil || t.contributes == nil {
		return false
	}
	for i := range t.contributes {
		if c := &t.contributes[i]; c.form == reference {
			if target := o.link(c.key); target >= 0 {
				x.identify(target, depth+1)
			}
		}
	}
	x.begin()
	empty := len(x.buf)
	for i := range t.contributes {
		x.contribute(o, &t.contributes[i])
	}
	return len(x.buf) > empty
}

// contribute writes one property of o, if o has it.
func (x *identifier) contribute(o *Object, c *contribution) {
	switch c.form {
	case plain:
		if v := o.Attr(c.key); v.kind != Null {
			x.value(c.key, v)
		}
	case reference:
		if target := o.link(c.key); target >= 0 {
			if id := x.rec.Objects[target].ID; !id.IsZero() {
				x.key(c.key)
				x.buf = appendQuotedID(x.buf, id)
			}
		}
	case oneHash:
		if i, algorithm := bestHash(o.Attrs); i >= 0 {
			x.key(c.key)
			x.buf = append(x.buf, '{')
			x.value(algorithm, o.Attrs[i].Value)
			x.buf = append(x.buf, '}')
		}
	case extensions:
		x.extensions(o)
	}
}

// link returns the target of the first link of that name, or -1.
func (o *Object) link(name string) int {
	for i := range o.Links {
		if o.Links[i].Name == name {
			return o.Links[i].Target
		}
	}
	return -1
}

// hashes are the algorithms of which one counts, best first (STIX 2.1, 2.9).
var hashes = [...]struct{ attr, algorithm string }{
	{"hashes.MD5", "MD5"},
	{"hashes.'SHA-1'", "SHA-1"},
	{"hashes.'SHA-256'", "SHA-256"},
	{"hashes.'SHA-512'", "SHA-512"},
}

// bestHash returns the index and the algorithm of the hash that counts: the best
// of hashes, else the first by name. The index is -1 if there is no hash.
func bestHash(attrs []Attr) (int, string) {
	best, bestRank := -1, 0
	for i := range attrs {
		if !strings.HasPrefix(attrs[i].Name, "hashes.") || isBlank(attrs[i].Value) {
			continue
		}
		rank := hashRank(attrs[i].Name)
		if best < 0 || rank < bestRank || rank == bestRank && attrs[i].Name < attrs[best].Name {
			best, bestRank = i, rank
		}
	}
	switch {
	case best < 0:
		return -1, ""
	case bestRank < len(hashes):
		return best, hashes[bestRank].algorithm
	}
	return best, SplitAttr(attrs[best].Name)[1]
}

func hashRank(name string) int {
	for i := range hashes {
		if hashes[i].attr == name {
			return i
		}
	}
	return len(hashes)
}
