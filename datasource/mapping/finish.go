// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"bytes"
	"errors"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/kestrelhunt/kestrel/entity"
)

var errNotObject = errors.New("mapping: a native record is no JSON object")

// collect appends values to an attribute that is a list, each once.
func (m *Mapper) collect(o *entity.Object, index int, attr string, v value) {
	items := v.items
	if v.kind != '[' {
		items = []value{v}
	}
	at := slices.IndexFunc(m.collected, func(c collected) bool {
		return c.object == index && o.Attrs[c.attr].Name == attr
	})
	if at < 0 {
		if hasAttr(o, attr) {
			return
		}
		at = m.newCollected(index, len(o.Attrs))
		o.Attrs = append(o.Attrs, entity.Attr{Name: attr})
	}
	c := &m.collected[at]
	for i := range items {
		item := &items[i]
		if !slices.ContainsFunc(c.items, func(v value) bool { return v.kind == item.kind && v.text == item.text }) {
			c.items = append(c.items, *item)
		}
	}
}

// newCollected returns the place of a new list, which has the memory of an old
// one.
func (m *Mapper) newCollected(object, attr int) int {
	at := len(m.collected)
	if at < cap(m.collected) {
		m.collected = m.collected[:at+1]
	} else {
		m.collected = append(m.collected, collected{})
	}
	m.collected[at] = collected{object, attr, m.collected[at].items[:0]}
	return at
}

// flatten returns the attributes with dotted names that an object is, as those of
// a STIX bundle are made; what lies too deep stays JSON.
func flatten(attr string, v value) []entity.Attr {
	const maxFlatDepth, maxFlatName = 16, 512
	dec := jsontext.NewDecoder(bytes.NewBufferString(v.text), lax...)
	var out []entity.Attr
	var walk func(path []byte, depth int)
	walk = func(path []byte, depth int) {
		if dec.PeekKind() == '{' && depth < maxFlatDepth && len(path) <= maxFlatName {
			_, _ = dec.ReadToken() // the grammar was checked
			for dec.PeekKind() == '"' {
				name, err := dec.ReadToken()
				if err != nil {
					return
				}
				walk(entity.AppendAttrName(slices.Clip(path), name.String()), depth+1)
			}
			_, _ = dec.ReadToken()
			return
		}
		raw, err := dec.ReadValue()
		if v := rawValue(raw); err == nil && !v.IsNull() {
			out = append(out, entity.Attr{Name: string(path), Value: v})
		}
	}
	walk([]byte(attr), 0)
	return out
}

// rawValue returns what JSON text means.
func rawValue(raw jsontext.Value) entity.Value {
	v := value{kind: raw.Kind(), text: string(raw)}
	switch v.kind {
	case '"':
		text, _ := jsontext.AppendUnquote(nil, raw)
		v.text = string(text)
	case '[':
		return entity.JSONValue(v.text)
	}
	if v.isBlank() {
		return entity.Value{}
	}
	return v.entity()
}

// finish runs what had to wait for the whole record.
func (m *Mapper) finish() {
	for i := range m.fallbacks {
		p := &m.fallbacks[i]
		m.value(p.rule, p.value, p.element)
	}
	for i := range m.collected {
		c := &m.collected[i]
		m.rec.Objects[c.object].Attrs[c.attr].Value = m.valueOf(value{kind: '[', items: c.items})
	}
	for _, fallback := range []bool{false, true} {
		for i := range m.refs {
			if p := &m.refs[i]; p.rule.fallback == fallback {
				m.link(p.rule, p.element)
			}
		}
	}
}

// link lets the objects of a slot refer to those of other slots. In a list, only
// objects of the same element refer to each other, if there are such.
func (m *Mapper) link(r *refRule, element uint64) {
	for i := m.heads[r.slot]; i != 0; i = m.instances[i-1].next {
		from := &m.instances[i-1]
		if element != 0 && from.element != 0 && from.element != element {
			continue
		}
		o := &m.rec.Objects[from.object]
		if o.Type != r.typ {
			continue
		}
		for _, slot := range r.targets {
			m.linkTo(o, r, slot, element)
		}
	}
}

func (m *Mapper) linkTo(o *entity.Object, r *refRule, slot int, element uint64) {
	own := element != 0 && m.find(slot, element) >= 0
	for i := m.heads[slot]; i != 0; i = m.instances[i-1].next {
		to := &m.instances[i-1]
		if own && to.element != element {
			continue
		}
		link := entity.Link{Name: r.attr, Many: r.many, Target: to.object}
		if !r.many && hasLink(o, r.attr) || r.many && slices.Contains(o.Links, link) {
			continue
		}
		o.Links = append(o.Links, link)
	}
}

func hasLink(o *entity.Object, name string) bool {
	for i := range o.Links {
		if o.Links[i].Name == name {
			return true
		}
	}
	return false
}
