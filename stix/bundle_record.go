// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"bytes"
	"errors"
	"hash/maphash"
	"slices"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"github.com/kestrelhunt/kestrel/entity"
)

// A recordDecoder decodes records whose grammar is checked already.
type recordDecoder struct {
	cursor         // over the record, or an object of it
	utf8   bool    // its bytes are UTF-8
	mended bool    // its texts were not all Unicode
	names  nameSet // of the JSON objects that the cursor is in

	texts   textCache
	scratch []byte

	rec    *entity.Record
	spare  entity.Record // for what is decoded only to look at
	refers bool          // the record has object_refs
	path   []byte        // the name of the value being decoded
	links  []pendingLink
	given  []givenID
	keys   map[string]int // of records with many objects
	notes  []decodeNote
}

// A pendingLink is a reference whose target may come later.
type pendingLink struct {
	object int
	name   string
	key    string
	many   bool
}

// A givenID is the STIX id that an object of STIX 2.0 has.
type givenID struct {
	object int
	id     string
}

// A decodeNote is a fault, and where in the text of the cursor it was met.
type decodeNote struct {
	kind   RemarkKind
	offset int
	path   string // "" if the offset says it
}

// errRepeated is what a JSON object with a repeated name is refused with.
var errRepeated = errors.New("repeated name")

func newRecordDecoder() *recordDecoder {
	return &recordDecoder{texts: textCache{seed: maphash.MakeSeed()}}
}

// over starts to walk over another text.
func (d *recordDecoder) over(raw []byte) {
	d.cursor = cursor{data: raw}
	d.utf8 = utf8.Valid(raw)
	d.mended = false
	d.names.reset()
}

// note records a fault at the cursor.
func (d *recordDecoder) note(kind RemarkKind) {
	d.notes = append(d.notes, decodeNote{kind: kind, offset: d.pos})
}

// begin empties rec but keeps its memory.
func (d *recordDecoder) begin(rec *entity.Record) {
	*rec = entity.Record{Count: 1, Objects: rec.Objects[:0], Raw: rec.Raw}
	d.rec = rec
	d.links, d.given, d.refers = d.links[:0], d.given[:0], false
}

// record decodes an observed-data that holds its objects, and reports whether
// it refers to objects beside it. The error is errRepeated.
func (d *recordDecoder) record(raw []byte, rec *entity.Record) (refers bool, err error) {
	d.over(raw)
	d.begin(rec)
	if err := d.observed(); err != nil {
		return false, err
	}
	d.resolve(d.pathInRecord)
	return d.refers, nil
}

// observed reads the properties of an observed-data (STIX 2.0 part 2, 2.5.1;
// STIX 2.1, 4.14.1), of which Kestrel keeps those that say what was seen when.
func (d *recordDecoder) observed() error {
	return d.members(func(name string) error {
		if name == "objects" && d.kind() == '{' {
			return d.members(d.object)
		}
		return d.header(name)
	})
}

// members enters a JSON object and calls member at the value of each name, until
// that fails. The error is errRepeated or that of member.
func (d *recordDecoder) members(member func(name string) error) error {
	d.enter()
	level := d.names.enter()
	for d.kind() != '}' {
		name := d.text(d.value())
		if !d.names.add(level, name) {
			return errRepeated
		}
		if err := member(name); err != nil {
			return err
		}
	}
	d.names.leave(level)
	d.enter()
	return nil
}

// header reads a property of an observed-data other than its objects.
func (d *recordDecoder) header(name string) error {
	kind := d.kind()
	raw, escaped := d.value()
	switch {
	case name == "id" && kind == '"':
		d.rec.ID = d.text(raw, escaped)
	case name == "first_observed" && kind != 'n':
		d.rec.First = d.time(raw)
	case name == "last_observed" && kind != 'n':
		d.rec.Last = d.time(raw)
	case name == "number_observed" && raw[0] != '"':
		d.rec.Count = max(d.number(raw).Int(), 1)
	case name == "object_refs":
		d.refers = true
	}
	return nil
}

// time reads a timestamp; it is unknown if it cannot be read.
func (d *recordDecoder) time(raw []byte) entity.Time {
	if raw[0] == '"' {
		if t, ok := entity.ParseTime(d.unquote(raw)); ok {
			return t
		}
	}
	d.note(InvalidTime)
	return entity.Time{}
}

// pathInRecord returns the JSON pointer of an object of STIX 2.0.
func (d *recordDecoder) pathInRecord(object int) string {
	return "/objects/" + d.rec.Objects[object].Key
}

// manyObjects is from how many objects on a map is faster than a search.
const manyObjects = 32

// resolve turns the references of a record into links. It needs to know the
// JSON pointer of an object whose references lead nowhere.
func (d *recordDecoder) resolve(pathOf func(object int) string) {
	objects := d.rec.Objects
	if len(objects) > manyObjects {
		if d.keys == nil {
			d.keys = make(map[string]int)
		}
		clear(d.keys)
		for i := range objects {
			d.keys[objects[i].Key] = i
		}
	}
	for i := range d.links {
		l := &d.links[i]
		target := d.indexOf(l.key)
		if target < 0 {
			d.notes = append(d.notes, decodeNote{kind: MissingObject, path: pathOf(l.object) + "/" + l.name})
			continue
		}
		o := &objects[l.object]
		o.Links = append(o.Links, entity.Link{Name: l.name, Many: l.many, Target: target})
	}
	for _, g := range d.given {
		objects[g.object].Key = g.id
	}
}

// indexOf returns the index of the object with that key, or -1.
func (d *recordDecoder) indexOf(key string) int {
	objects := d.rec.Objects
	if len(objects) > manyObjects {
		if i, ok := d.keys[key]; ok {
			return i
		}
		return -1
	}
	return slices.IndexFunc(objects, func(o entity.Object) bool { return o.Key == key })
}

// pointerAt returns the JSON pointer of the value in data at an offset.
func pointerAt(data []byte, offset int) string {
	dec := jsontext.NewDecoder(bytes.NewBuffer(data), lax...)
	for dec.InputOffset() < int64(offset) {
		if _, err := dec.ReadToken(); err != nil {
			break
		}
	}
	return string(dec.StackPointer())
}

// observableNamespace is the namespace of ids made from content (STIX 2.1, 2.9).
var observableNamespace = uuid.MustParse("00abedb4-aa42-466c-9c01-fed23315a9b7")

// idOfRaw makes an id for a record that has none.
func idOfRaw(raw []byte) string {
	return "observed-data--" + uuid.NewSHA1(observableNamespace, raw).String()
}
