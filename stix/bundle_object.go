// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
)

// Nested objects become attributes with dotted names down to this depth, and
// while the name stays that short; what lies deeper stays JSON. Otherwise a
// hostile object of n bytes could need names of n² bytes.
const (
	maxFlatDepth = 16
	maxFlatName  = 512
)

// An objectDecoder decodes one object of a record.
type objectDecoder struct {
	*recordDecoder
	index  int // of the object in its record
	start  int // where its text begins
	typ    string
	id     entity.Value // the property "id"
	beside bool         // it stands beside its records, as in STIX 2.1
}

// object decodes the object that comes next, and adds it to the record, unless
// it is unusable.
func (d *recordDecoder) object(key string) error {
	if d.kind() != '{' {
		d.note(UnusableObject)
		d.value()
		return nil
	}
	return d.decodeObject(key, false)
}

func (d *recordDecoder) decodeObject(key string, beside bool) error {
	o := d.newObject(key)
	links := len(d.links)
	od := objectDecoder{recordDecoder: d, index: len(d.rec.Objects) - 1, beside: beside}
	d.kind()
	od.start = d.pos
	if err := od.attributes(0); err != nil {
		return err
	}
	if od.typ == "" {
		d.note(UnusableObject)
		d.rec.Objects = d.rec.Objects[:od.index]
		d.links = d.links[:links]
		return nil
	}
	o.Type = od.typ
	od.finish(o, links)
	return nil
}

// newObject adds an empty object to the record, with the memory of the one that
// was there before.
func (d *recordDecoder) newObject(key string) *entity.Object {
	n := len(d.rec.Objects)
	if n < cap(d.rec.Objects) {
		d.rec.Objects = d.rec.Objects[:n+1]
	} else {
		d.rec.Objects = append(d.rec.Objects, entity.Object{})
	}
	o := &d.rec.Objects[n]
	*o = entity.Object{Key: key, Attrs: o.Attrs[:0], Links: o.Links[:0]}
	return o
}

// attributes decodes the members of the object, or of one nested in it, as
// attributes below d.path.
func (d *objectDecoder) attributes(depth int) error {
	if depth == 0 {
		d.path = d.path[:0]
	}
	base := len(d.path)
	return d.members(func(name string) error {
		if depth == 0 && d.special(name) {
			return nil
		}
		d.path = entity.AppendAttrName(d.path[:base], name)
		return d.attribute(name, depth)
	})
}

// special reads a property that is no attribute, and reports whether it was one.
func (d *objectDecoder) special(name string) bool {
	switch name {
	case "type":
		if isText := d.kind() == '"'; isText {
			d.typ = d.text(d.value())
			return true
		}
	case "id":
		// A list or an object is no id, and whether it is sound does not matter.
		d.id, _ = d.scalar(d.value())
		return true
	case "spec_version", "object_marking_refs", "granular_markings":
	default:
		return false
	}
	d.value()
	return true
}

// attribute reads the value whose name is name, or in full d.path.
func (d *objectDecoder) attribute(name string, depth int) error {
	kind := d.kind()
	if kind == '{' && depth < maxFlatDepth && len(d.path) <= maxFlatName && !d.custom() {
		return d.attributes(depth + 1)
	}
	attr := name
	if len(d.path) != len(name) {
		attr = d.texts.text(d.path)
	}
	if kind == '[' && strings.HasSuffix(name, "_refs") && d.list(attr) {
		return nil
	}
	raw, escaped := d.value()
	if kind == '"' && strings.HasSuffix(name, "_ref") {
		d.links = append(d.links, pendingLink{d.index, attr, d.text(raw, escaped), false})
		return nil
	}
	v, err := d.scalar(raw, escaped)
	d.attr(attr, v)
	return err
}

// custom reports whether the object is of a custom type. Its type may come
// behind the nested value that asks.
func (d *objectDecoder) custom() bool {
	typ := d.typ
	if typ == "" {
		typ = d.typeOf(d.data[d.start:])
	}
	return strings.HasPrefix(typ, "x-")
}

// list reads a list of references. It reports false, and does not move, if it is
// a list of something else.
func (d *objectDecoder) list(attr string) bool {
	start, links := d.pos, len(d.links)
	d.enter()
	for d.kind() != ']' {
		if isText := d.kind() == '"'; !isText {
			d.pos, d.links = start, d.links[:links]
			return false
		}
		d.links = append(d.links, pendingLink{d.index, attr, d.text(d.value()), true})
	}
	d.enter()
	return true
}

// scalar returns the value of anything that is not flattened.
func (d *recordDecoder) scalar(raw []byte, escaped bool) (entity.Value, error) {
	switch raw[0] {
	case '"':
		return entity.StringValue(d.text(raw, escaped)), nil
	case '[', '{':
		text, err := d.jsonText(raw)
		return entity.JSONValue(text), err
	case 't', 'f':
		return entity.BoolValue(raw[0] == 't'), nil
	case 'n':
		return entity.Value{}, nil
	}
	return d.number(raw), nil
}

// attr adds an attribute that has a value.
func (d *objectDecoder) attr(name string, v entity.Value) {
	if v.Kind() != entity.Null {
		o := &d.rec.Objects[d.index]
		o.Attrs = append(o.Attrs, entity.Attr{Name: name, Value: v})
	}
}

// finish gives the object, whose links begin at links, its final names.
func (d *objectDecoder) finish(o *entity.Object, links int) {
	if o.Type == "process" {
		d.rename(o, d.links[links:])
	}
	if d.beside || d.id.Kind() == entity.Null {
		return
	}
	if _, ok := entity.GivenID(o.Type, d.id.Text()).UUID(); ok {
		d.given = append(d.given, givenID{d.index, d.id.Text()})
	} else if o.Attr("x_id").Kind() == entity.Null {
		d.attr("x_id", d.id)
	}
}

// rename gives attributes and links the names that they have in the other
// version of STIX, unless the object has such a one already.
func (d *objectDecoder) rename(o *entity.Object, links []pendingLink) {
	for i := range o.Attrs {
		a := &o.Attrs[i]
		if name := entity.CurrentAttr(o.Type, a.Name); name != a.Name && o.Attr(name).Kind() == entity.Null {
			a.Name = name
		}
	}
	for i := range links {
		l := &links[i]
		name := entity.CurrentAttr(o.Type, l.name)
		if name != l.name && !slices.ContainsFunc(links, func(l pendingLink) bool { return l.name == name }) {
			l.name = name
		}
	}
}
