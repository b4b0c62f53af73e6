// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"strconv"

	"github.com/kestrelhunt/kestrel/entity"
)

// observed sets a property of the record; the first value stays.
func (m *Mapper) observed(p observedProp, v value) {
	switch p {
	case firstObserved:
		if m.rec.First.IsZero() {
			m.rec.First = timeOf(v)
		}
	case lastObserved:
		if m.rec.Last.IsZero() {
			m.rec.Last = timeOf(v)
		}
	case numberObserved:
		if n, ok := v.integer(); ok && n > 0 {
			m.rec.Count = n
		}
	}
}

// timeOf reads a time: RFC 3339, or milliseconds since 1970.
func timeOf(v value) entity.Time {
	v, _ = v.scalar()
	if v.kind == '"' {
		if t, ok := entity.ParseTime(v.text); ok {
			return t
		}
	}
	if ms, err := strconv.ParseInt(v.text, 10, 64); err == nil && ms > -1<<43 && ms < 1<<43 {
		return entity.Time{Nanos: ms * 1e6, Digits: 4}
	}
	return entity.Time{}
}

// target returns the object that a rule writes into, and its index. It is nil if
// the object has another type already.
func (m *Mapper) target(r *valueRule, element uint64) (*entity.Object, int) {
	if index := m.find(r.slot, element); index >= 0 {
		o := &m.rec.Objects[index]
		if o.Type != r.typ {
			return nil, 0
		}
		return o, index
	}
	index := len(m.rec.Objects)
	if index < cap(m.rec.Objects) {
		m.rec.Objects = m.rec.Objects[:index+1]
	} else {
		m.rec.Objects = append(m.rec.Objects, entity.Object{})
	}
	o := &m.rec.Objects[index]
	*o = entity.Object{Type: r.typ, Key: keyOf(index), Attrs: o.Attrs[:0], Links: o.Links[:0]}
	m.add(r.slot, instance{element: element, object: index})
	return o, index
}

// find returns the object of an instance, or -1.
func (m *Mapper) find(slot int, element uint64) int {
	for i := m.heads[slot]; i != 0; i = m.instances[i-1].next {
		if m.instances[i-1].element == element {
			return m.instances[i-1].object
		}
	}
	return -1
}

// add puts an instance at the end of those of its slot.
func (m *Mapper) add(slot int, in instance) {
	m.instances = append(m.instances, in)
	n := int32(len(m.instances))
	if m.heads[slot] == 0 {
		m.heads[slot] = n
		m.used = append(m.used, slot)
		return
	}
	last := m.heads[slot]
	for m.instances[last-1].next != 0 {
		last = m.instances[last-1].next
	}
	m.instances[last-1].next = n
}

func hasAttr(o *entity.Object, name string) bool {
	for i := range o.Attrs {
		if o.Attrs[i].Name == name {
			return true
		}
	}
	return false
}

func addAttr(o *entity.Object, name string, v entity.Value) {
	if !v.IsNull() && !hasAttr(o, name) {
		o.Attrs = append(o.Attrs, entity.Attr{Name: name, Value: v})
	}
}

// smallKeys are the keys of the first objects of a record.
var smallKeys = func() (keys [64]string) {
	for i := range keys {
		keys[i] = strconv.Itoa(i)
	}
	return keys
}()

func keyOf(index int) string {
	if index < len(smallKeys) {
		return smallKeys[index]
	}
	return strconv.Itoa(index)
}
