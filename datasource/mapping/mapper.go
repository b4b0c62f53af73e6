// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/kestrelhunt/kestrel/entity"
)

// A Mapper turns native records of one product into records with objects. It
// keeps memory between calls, and may not be used concurrently.
//
// Rules write in the order of the native record, then fallbacks, then
// references, so that a reference does not depend on which field comes first.
// The first value that a property gets stays. Objects are numbered in the order
// in which they appear; one that would hold nothing but references does not.
//
// Nested values become attributes with dotted names, those of custom types too,
// so that a path can lead to each. A list with one element is that element, but
// where rules collect: there a single value is a list.
type Mapper struct {
	prog  *program
	dec   *jsontext.Decoder
	buf   bytes.Buffer
	texts textCache

	rec       *entity.Record
	heads     []int32 // by slot: its first instance, plus one
	used      []int   // slots with an instance
	instances []instance
	collected []collected
	fallbacks []pendingValue
	refs      []pendingRef
	items     []value // of all lists of the record
	scratch   []byte
	depth     int
}

// An instance is one object of a slot: a slot has one for each element of a
// list that its fields stand in or that is spread.
type instance struct {
	element uint64 // which element; 0 outside of lists
	object  int
	next    int32 // plus one
}

// A collected is an attribute that gathers values of several fields.
type collected struct {
	object, attr int
	items        []value
}

type pendingValue struct {
	rule    *valueRule
	value   value
	element uint64
}

type pendingRef struct {
	rule    *refRule
	element uint64
}

// NewMapper returns a Mapper of the table.
func (t *Table) NewMapper() *Mapper {
	prog := t.prog
	return &Mapper{
		prog:  prog,
		dec:   jsontext.NewDecoder(new(bytes.Buffer)),
		texts: newTextCache(),
		heads: make([]int32, prog.slots),
	}
}

// maxDepth is how deep objects may be nested; what lies deeper is not looked at.
const maxDepth = 64

// Map reads a native record, a JSON object, into the times, count and objects of
// rec, whose slices it reuses; its texts stay valid. Ids are not set. The error
// says that doc is no JSON object; rec then holds what came before the fault.
func (m *Mapper) Map(doc []byte, rec *entity.Record) error {
	m.begin(rec)
	m.buf = *bytes.NewBuffer(doc)
	m.dec.Reset(&m.buf, lax...)
	err := m.object(m.prog.root, 0)
	m.finish()
	return err
}

// lax reads what is JSON by its grammar alone: of names that repeat the first
// counts, and what is no Unicode becomes U+FFFD.
var lax = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}

func (m *Mapper) begin(rec *entity.Record) {
	*rec = entity.Record{Count: 1, Objects: rec.Objects[:0], Raw: rec.Raw}
	m.rec = rec
	for _, slot := range m.used {
		m.heads[slot] = 0
	}
	m.used, m.instances = m.used[:0], m.instances[:0]
	m.collected = m.collected[:0]
	m.fallbacks, m.refs = m.fallbacks[:0], m.refs[:0]
	m.items, m.depth = m.items[:0], 0
}

// valueOf returns v as the value of an attribute.
func (m *Mapper) valueOf(v value) entity.Value {
	if v.kind != '[' {
		return v.entity()
	}
	m.scratch = v.appendJSON(m.scratch[:0])
	return entity.JSONValue(m.texts.text(m.scratch))
}

// object reads the object that comes next, whose members are below n.
func (m *Mapper) object(n *node, element uint64) error {
	if kind := m.dec.PeekKind(); kind != '{' {
		if _, err := m.dec.ReadToken(); err != nil {
			return err
		}
		return errNotObject
	}
	_, _ = m.dec.ReadToken() // cannot fail after PeekKind
	m.depth++
	for m.dec.PeekKind() != '}' {
		name, err := m.dec.ReadValue()
		if err != nil {
			return err
		}
		kid := n.kid(name[1:len(name)-1], m)
		if kid == nil || m.depth > maxDepth {
			err = m.dec.SkipValue()
		} else {
			err = m.member(kid, element)
		}
		if err != nil {
			return err
		}
	}
	m.depth--
	_, err := m.dec.ReadToken()
	return err
}

// kid returns the node below n of a member. Its name may be a path, as some
// pipelines write it: "process.parent.pid".
func (n *node) kid(name []byte, m *Mapper) *node {
	if bytes.IndexByte(name, '\\') >= 0 {
		m.scratch, _ = jsontext.AppendUnquote(m.scratch[:0], append(append([]byte{'"'}, name...), '"'))
		name = m.scratch
	}
	if kid := n.kids[string(name)]; kid != nil || bytes.IndexByte(name, '.') < 0 {
		return kid
	}
	for n != nil {
		piece, rest, more := bytes.Cut(name, []byte{'.'})
		n, name = n.kids[string(piece)], rest
		if !more {
			break
		}
	}
	return n
}

// member reads the value of the field n.
func (m *Mapper) member(n *node, element uint64) error {
	switch m.dec.PeekKind() {
	case '{':
		if n.values == nil {
			return m.object(n, element)
		}
		v, err := m.whole(n, element)
		if err == nil {
			m.apply(n, v, element)
		}
		return err
	case '[':
		return m.list(n, element)
	}
	v, err := m.scalar()
	if err != nil {
		return err
	}
	m.apply(n, v, element)
	return nil
}

// whole reads an object that is a value. What is below it is read too.
func (m *Mapper) whole(n *node, element uint64) (value, error) {
	raw, err := m.dec.ReadValue()
	if err != nil {
		return value{}, err
	}
	v := value{kind: '{', text: m.json(raw)}
	if n.kids == nil {
		return v, nil
	}
	outer := m.dec
	m.dec = jsontext.NewDecoder(bytes.NewBuffer(bytes.Clone(raw)), lax...)
	err = m.object(n, element)
	m.dec = outer
	return v, err
}

func (m *Mapper) json(raw []byte) string {
	m.scratch = compact(m.scratch[:0], raw)
	return m.texts.text(m.scratch)
}

// list reads a list. Objects in it are walked one by one, and are the element
// that the rules below are about; all other elements together are the value.
func (m *Mapper) list(n *node, element uint64) error {
	if _, err := m.dec.ReadToken(); err != nil {
		return err
	}
	start := len(m.items)
	for i := uint64(0); m.dec.PeekKind() != ']'; i++ {
		if m.dec.PeekKind() == '{' && n.values == nil {
			if err := m.object(n, child(element, i)); err != nil {
				return err
			}
			continue
		}
		v, err := m.item(n, child(element, i))
		if err != nil {
			return err
		}
		if !v.isBlank() {
			m.items = append(m.items, v)
		}
	}
	if _, err := m.dec.ReadToken(); err != nil {
		return err
	}
	m.apply(n, value{kind: '[', items: m.items[start:len(m.items):len(m.items)]}, element)
	return nil
}

// item reads an element of a list that is a value.
func (m *Mapper) item(n *node, element uint64) (value, error) {
	switch m.dec.PeekKind() {
	case '{':
		return m.whole(n, element)
	case '[':
		raw, err := m.dec.ReadValue()
		return value{kind: '{', text: m.json(raw)}, err
	}
	return m.scalar()
}

// child names an element of a list that is itself in one.
func child(element, index uint64) uint64 { return element*1_000_003 + index + 1 }

// scalar reads a text, number, boolean or null.
func (m *Mapper) scalar() (value, error) {
	raw, err := m.dec.ReadValue()
	if err != nil {
		return value{}, err
	}
	v := value{kind: raw.Kind()}
	switch v.kind {
	case '"':
		if inner := raw[1 : len(raw)-1]; bytes.IndexByte(inner, '\\') < 0 {
			v.text = m.texts.valid(inner)
		} else {
			m.scratch, _ = jsontext.AppendUnquote(m.scratch[:0], raw) // what is no Unicode becomes U+FFFD
			v.text = m.texts.text(m.scratch)
		}
	case '0':
		v.text = m.texts.text(raw)
	}
	return v, nil
}

// apply runs the rules of n over a value.
func (m *Mapper) apply(n *node, v value, element uint64) {
	if v.isBlank() {
		return
	}
	for i := range n.values {
		r := &n.values[i]
		if r.fallback {
			m.fallbacks = append(m.fallbacks, pendingValue{r, v, element})
		} else {
			m.value(r, v, element)
		}
	}
	for i := range n.refs {
		m.refs = append(m.refs, pendingRef{&n.refs[i], element})
	}
}

// value runs one rule over a value.
func (m *Mapper) value(r *valueRule, v value, element uint64) {
	if r.spread {
		items := v.items
		if v.kind != '[' {
			items = []value{v}
		}
		for i := range items {
			m.write(r, items[i], child(element, uint64(i)))
		}
		return
	}
	if r.collect {
		element = 0 // one list for all elements
	}
	m.write(r, v, element)
}

func (m *Mapper) write(r *valueRule, v value, element uint64) {
	if r.conv != nil {
		var ok bool
		if v, ok = r.conv(v); !ok || v.isBlank() {
			return
		}
	} else if v.kind == '[' && len(v.items) == 1 && v.items[0].kind != '{' && !r.collect {
		v = v.items[0]
	}
	if r.spread && v.kind == '[' && len(v.items) == 1 {
		v = v.items[0] // a filter made a list of the element
	}
	if r.observed != noProp {
		m.observed(r.observed, v)
		return
	}
	if r.check != nil {
		if !r.check(v) {
			return
		}
		v, _ = v.scalar()
	}
	var inner []entity.Attr
	if v.kind == '{' && !r.collect {
		if inner = flatten(r.attr, v); len(inner) == 0 {
			return
		}
	}
	o, index := m.target(r, element)
	if o == nil {
		return
	}
	switch {
	case r.constant != nil:
		addAttr(o, r.attr, *r.constant)
	case r.collect:
		m.collect(o, index, r.attr, v)
	case v.kind != '{':
		if !hasAttr(o, r.attr) {
			addAttr(o, r.attr, m.valueOf(v))
		}
	default:
		for _, a := range inner {
			addAttr(o, a.Name, a.Value)
		}
	}
}
