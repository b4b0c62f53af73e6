// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/duck"
)

// An appender turns records into rows.
type appender struct {
	catalog *catalog
	w       *writer
	source  int32
	ents    []int32      // entities of the objects of the current record
	tables  []*typeTable // of the objects of the current record
	fresh   []*typeTable // whose ids are to be shown behind all that is given
	buf     []byte
}

// entities finds the tables of the objects of r, and numbers the entities that
// the objects stand for.
func (a *appender) entities(r *entity.Record, step int64) error {
	a.ents, a.tables = a.ents[:0], a.tables[:0]
	for i := range r.Objects {
		o := &r.Objects[i]
		if o.ID.IsZero() {
			return fmt.Errorf("store: object %s of record %s has no id", o.Key, r.ID)
		}
		t, err := a.catalog.typeTable(o.Type, step)
		if err != nil {
			return err
		}
		n, err := a.number(t, o)
		if err != nil {
			return err
		}
		a.ents, a.tables = append(a.ents, n), append(a.tables, t)
	}
	return nil
}

// number returns the number of the entity that o stands for.
func (a *appender) number(t *typeTable, o *entity.Object) (int32, error) {
	uuid, ok := o.ID.UUID()
	if ok {
		if n, known := t.byUUID[uuid]; known {
			return n, nil
		}
	} else if n, known := t.byText[o.ID.String()]; known {
		return n, nil
	}
	n := a.catalog.entities
	if n == math.MaxInt32 {
		return 0, fmt.Errorf("store: more than %d entities", math.MaxInt32)
	}
	a.catalog.entities++
	t.entities++
	t.kinds |= 1 << o.IDKind
	k := a.catalog.entity
	c := k.begin(a.w)
	c[0].Int(int64(n))
	if ok {
		t.byUUID[uuid] = n
		c[1].UUID(uuid)
		c[2].Null()
	} else {
		text := strings.Clone(o.ID.String())
		t.byText[text] = n
		c[1].Null()
		c[2].Text(text)
	}
	c[3].Int(int64(o.IDKind))
	c[4].Int(int64(t.n))
	k.end(a.w)
	return n, nil
}

// A place says where an object was met.
type place struct {
	rec   int64
	given bool // by a hunt or a file: it belongs to no record
	slot  int  // in the record, or among everything given
	key   sortKey
	step  int64
}

func (at place) write(rec, slot *duck.Column) {
	if at.given {
		rec.Null()
	} else {
		rec.Int(at.rec)
	}
	slot.Int(int64(min(at.slot, math.MaxInt32)))
}

// object stores object i of r, whose entities are numbered.
func (a *appender) object(r *entity.Record, i int, at place) error {
	t := a.tables[i]
	a.catalog.objects++
	if !at.given {
		t.seen = true
		t.twice = t.twice || a.twice(i)
	}
	var err error
	if t.wide {
		c := t.objects.begin(a.w)
		at.write(c[0], c[1])
		c[2].Int(int64(a.ents[i]))
		c[3].Wide(at.key.high, at.key.low)
		a.host(r, i, at)
		err = a.row(r, i, at, -1)
	} else {
		err = a.sighting(r, i, at)
	}
	switch {
	case at.step >= t.id.step:
	case at.given:
		a.fresh = append(a.fresh, t)
	default:
		t.id.see(at.step)
	}
	return err
}

// host writes where a process ran, if that is known, into the row that was begun.
func (a *appender) host(r *entity.Record, i int, at place) {
	t := a.tables[i]
	if t.host == 0 || at.given {
		return
	}
	if host := r.Host(i); host >= 0 {
		t.objects.column(t.host).Int(int64(a.ents[host]))
	}
}

// twice reports whether an object before i stands for the same entity. Of a
// record with very many objects it is taken to be so.
func (a *appender) twice(i int) bool {
	const many = 64
	return i > many || slices.Contains(a.ents[:i], a.ents[i])
}

// sighting stores object i of r by content, and that it was seen.
func (a *appender) sighting(r *entity.Record, i int, at place) error {
	t := a.tables[i]
	o := &r.Objects[i]
	key := a.contentKey(o, a.ents[i])
	obj, ok := t.contents[key]
	switch {
	case !ok:
		if t.rows >= math.MaxInt32 {
			return fmt.Errorf("store: more than %d objects of type %q", math.MaxInt32, t.name)
		}
		obj = int32(t.rows)
		t.contents[key] = obj
		c := t.objects.begin(a.w)
		c[0].Int(int64(obj))
		c[1].Int(int64(a.ents[i]))
		if err := a.row(r, i, at, obj); err != nil {
			return err
		}
	case a.catalog.lastStep > at.step:
		a.lowerObject(r, i, at.step)
	}
	c := t.sightings.begin(a.w)
	at.write(c[0], c[1])
	c[2].Int(int64(a.ents[i]))
	c[3].Int(int64(obj))
	t.sightings.end(a.w)
	return nil
}

func (a *appender) contentKey(o *entity.Object, ent int32) contentKey {
	a.buf = binary.LittleEndian.AppendUint32(a.buf[:0], uint32(ent))
	for i := range o.Attrs {
		a.buf = appendValue(appendText(a.buf, o.Attrs[i].Name), o.Attrs[i].Value)
	}
	for _, l := range o.Links {
		a.buf = appendText(a.buf, l.Name)
		a.buf = binary.LittleEndian.AppendUint32(a.buf, uint32(a.ents[l.Target]))
	}
	return a.catalog.seeds.key(a.buf)
}

// row writes the attributes and references of object i into the row that was
// begun, and ends it. obj is the number of an object that is kept by content.
func (a *appender) row(r *entity.Record, i int, at place, obj int32) error {
	t := a.tables[i]
	o := &r.Objects[i]
	t.rows++
	for j := range o.Attrs {
		if err := t.value(j, &o.Attrs[j], at.step); err != nil {
			return err
		}
	}
	for j, l := range o.Links {
		if l.Many {
			if err := a.linkRow(r, i, j, at, obj); err != nil {
				return err
			}
			continue
		}
		c, err := t.ref(entity.CurrentAttr(t.name, l.Name), at.step)
		if err != nil {
			return err
		}
		c.meet(r.Objects[l.Target].Type, at.step)
		if v := t.objects.column(c.pos); v.Len() == t.objects.rows {
			v.Int(int64(a.ents[l.Target]))
		}
	}
	t.objects.end(a.w)
	return nil
}

// linkRow stores link j of object i, an element of a list of references.
func (a *appender) linkRow(r *entity.Record, i, j int, at place, obj int32) error {
	links := r.Objects[i].Links
	l, err := a.tables[i].link(links[j].Name, at.step)
	if err != nil {
		return err
	}
	l.meet(r.Objects[links[j].Target].Type, at.step)
	ord := 0
	for _, before := range links[:j] {
		if before.Many && before.Name == links[j].Name {
			ord++
		}
	}
	c := l.sink.begin(a.w)
	switch {
	case obj >= 0:
		c[0].Int(int64(obj))
	case at.given:
		c[0].Null()
	default:
		c[0].Int(at.rec)
	}
	c[1].Int(int64(a.ents[i]))
	c[2].Int(int64(ord))
	c[3].Int(int64(a.ents[links[j].Target]))
	l.sink.end(a.w)
	return nil
}

// value writes attribute i of an object into the row that was begun. Objects of
// one type mostly have the same attributes in the same order, so that the column
// is seldom looked up.
func (t *typeTable) value(i int, a *entity.Attr, step int64) error {
	if a.Value.IsNull() {
		return nil
	}
	var c *column
	if i < len(t.shape) && t.shape[i].name == a.Name {
		c = t.shape[i]
		c.see(step)
	} else {
		var err error
		if c, err = t.attr(entity.CurrentAttr(t.name, a.Name), a.Value.Kind(), step); err != nil {
			return err
		}
		t.shape = append(t.shape[:min(i, len(t.shape))], c)
	}
	switch a.Value.Kind() {
	case c.kind:
		if v := t.objects.column(c.pos); v.Len() == t.objects.rows {
			write(v, a.Value)
		}
	default:
		if c.other == "" {
			t.otherKinds(c)
		}
		if v := t.objects.column(c.otherPos); v.Len() == t.objects.rows {
			v.Text(tagged(a.Value))
		}
	}
	return nil
}

func write(c *duck.Column, v entity.Value) {
	switch v.Kind() {
	case entity.Bool:
		c.Bool(v.Bool())
	case entity.Int:
		c.Int(v.Int())
	case entity.Float:
		c.Float(v.Float())
	default:
		c.Text(v.Text())
	}
}

// lower notes that a step sees a stored record whose objects are numbered.
func (a *appender) lower(r *entity.Record, step int64) {
	for i := range r.Objects {
		a.lowerObject(r, i, step)
	}
}

// lowerObject notes that a step sees a stored object.
func (a *appender) lowerObject(r *entity.Record, i int, step int64) {
	t := a.tables[i]
	for j := range r.Objects[i].Attrs {
		if c, ok := t.plain[entity.CurrentAttr(t.name, r.Objects[i].Attrs[j].Name)]; ok {
			c.see(step)
		}
	}
	for _, l := range r.Objects[i].Links {
		typ := r.Objects[l.Target].Type
		if c, ok := t.refs[entity.CurrentAttr(t.name, l.Name)]; ok && !l.Many {
			c.see(step)
			c.meet(typ, step)
		}
		if k, ok := t.links[l.Name]; ok && l.Many {
			k.see(step)
			k.meet(typ, step)
		}
	}
	t.id.see(step)
}
