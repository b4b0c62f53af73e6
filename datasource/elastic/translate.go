// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package elastic

import (
	"fmt"
	"slices"
	"time"

	"github.com/kestrelhunt/kestrel/datasource/mapping"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// A translation is a pattern in Query DSL. The query accepts every document
// whose record has an entity that matches, and some whose has not: those are
// rejected when their records are here, by package match.
type translation struct {
	root     *clause
	unmapped []unmapped // comparisons that no record can satisfy
	regexps  bool       // the query has expressions or wildcards, which a server may refuse as too complex
	coarse   bool       // the pattern was too large, and is not in the query
	lost     []string   // fields of which the server may have left texts out without a trace
}

// An unmapped is a comparison of an attribute that no record has.
type unmapped struct {
	path   stix.Path
	enter  string   // the path that enters its lists, if that is all that is wrong
	near   []string // mapped attributes that may be meant
	always bool     // the comparison is true without a value: IS NULL
}

// The bounds of a query: servers refuse those with more conditions or nesting.
const (
	maxLeaves = 1000
	maxNested = 20
)

// A translator translates patterns for one table and schema.
type translator struct {
	table  *mapping.Table
	schema schema
	weak   bool // leave expressions out
}

// translate translates a pattern over entities of a type; a nil pattern is
// satisfied by all. The error is about an operand without values.
func (x translator) translate(where stix.Expr, typ string) (*translation, error) {
	t := &treeBuilder{translator: x, typ: typ, slots: x.table.Slots(typ), out: &translation{}, mem: new(arena)}
	var root *tree
	if where != nil {
		var err error
		if root, err = t.build(where); err != nil {
			return nil, err
		}
	}
	var parts []*clause
	for i, slot := range t.slots {
		c := everything
		if root != nil {
			c = root.at(i)
		}
		if c.op == all {
			c = t.holds(slot)
		}
		parts = append(parts, c)
	}
	t.out.root = anyOf(parts...)
	if leaves, nested := t.out.root.size(); leaves > maxLeaves || nested > maxNested {
		t.out.coarse, t.out.root = true, everything
	}
	return t.out, nil
}

// holds asks for documents whose record has an object in a slot.
func (b *treeBuilder) holds(slot string) *clause {
	var parts []*clause
	for _, name := range b.table.SlotFields(b.typ, slot) {
		for _, f := range b.fieldsOf(name) {
			if f.kind == unsearchable {
				return everything
			}
			parts = append(parts, present(f))
		}
	}
	return anyOf(parts...)
}

// size returns how many conditions c has, and how deep they are nested.
func (c *clause) size() (leaves, nested int) {
	if len(c.kids) == 0 {
		return 1, 0
	}
	for _, k := range c.kids {
		l, n := k.size()
		leaves += l
		nested = max(nested, n+1)
	}
	return leaves, nested
}

// A tree is a pattern whose comparisons are translated for each object that the
// wanted entity may be. Comparisons of one type are about one and the same
// object: those of the wanted type are kept apart by slot, those of other types
// are asked of all their slots.
type tree struct {
	op   stix.LogicOp
	kids []*tree
	leaf []*clause // by slot; one for all if there is one
}

// at returns the query for one slot.
func (t *tree) at(slot int) *clause {
	switch {
	case t.kids == nil && len(t.leaf) == 1:
		return t.leaf[0]
	case t.kids == nil:
		return t.leaf[slot]
	}
	kids := make([]*clause, len(t.kids))
	for i, k := range t.kids {
		kids[i] = k.at(slot)
	}
	if t.op == stix.And {
		return allOf(kids...)
	}
	return anyOf(kids...)
}

type treeBuilder struct {
	translator
	typ   string
	slots []string
	out   *translation

	mem    *arena
	fields []field   // of one native field
	parts  []*clause // of one comparison
}

// fieldsOf returns how queries name a native field, until it is called again.
func (b *treeBuilder) fieldsOf(name string) []field {
	b.fields = b.schema.fields(b.fields[:0], name)
	for i := range b.fields {
		b.fields[i].mem = b.mem
	}
	return b.fields
}

func (b *treeBuilder) build(e stix.Expr) (*tree, error) {
	switch e := e.(type) {
	case *stix.Logic:
		return b.logic(e)
	case *stix.Exists:
		return b.exists(e.Path, e.Not), nil
	case *stix.Comparison:
		if e.Op == stix.IsNull {
			return b.exists(e.Path, !e.Not), nil
		}
		return b.comparison(e)
	}
	return nil, fmt.Errorf("elastic: translate %T: no such expression", e)
}

// logic builds a chain of one operator as one node.
func (b *treeBuilder) logic(e *stix.Logic) (*tree, error) {
	out := &tree{op: e.Op}
	chain := make([]stix.Expr, 0, 8) // from the last
	var x stix.Expr = e
	for {
		l, ok := x.(*stix.Logic)
		if !ok || l.Op != e.Op {
			chain = append(chain, x)
			break
		}
		chain = append(chain, l.Y)
		x = l.X
	}
	out.kids = make([]*tree, 0, len(chain))
	for _, part := range slices.Backward(chain) {
		kid, err := b.build(part)
		if err != nil {
			return nil, err
		}
		out.kids = append(out.kids, kid)
	}
	return out, nil
}

// exists builds EXISTS; absent is the opposite, which says nothing about what a
// document has.
func (b *treeBuilder) exists(path stix.Path, absent bool) *tree {
	if absent {
		b.resolve(path, true)
		return &tree{leaf: []*clause{everything}}
	}
	return b.leaf(path, &comparison{any: true})
}

func (b *treeBuilder) comparison(e *stix.Comparison) (*tree, error) {
	c, err := newComparison(e, b.weak)
	if err != nil {
		return nil, err
	}
	b.out.regexps = b.out.regexps || (c.lucene.expr != "" || c.isGlob) && !b.weak
	return b.leaf(e.Path, c), nil
}

// leaf builds a comparison from all that can give a record a value at its path.
func (b *treeBuilder) leaf(path stix.Path, c *comparison) *tree {
	if path.Type == "" {
		path.Type = b.typ
	}
	targets, identity := b.resolve(path, false)
	if identity {
		return &tree{leaf: []*clause{everything}}
	}
	b.noteList(path, targets, c)
	if path.Type != b.typ {
		return &tree{leaf: []*clause{b.ask(targets, "", c)}}
	}
	out := &tree{leaf: make([]*clause, len(b.slots))}
	for i, slot := range b.slots {
		out.leaf[i] = b.ask(targets, slot, c)
	}
	return out
}

// ask asks a comparison of the targets that begin at a slot; of all, if it is "".
func (b *treeBuilder) ask(targets []mapping.Target, slot string, c *comparison) *clause {
	b.parts = b.parts[:0]
	for i := range targets {
		if t := &targets[i]; slot == "" || t.Slot == slot {
			fields := b.fieldsOf(t.Field)
			b.parts = c.of(b.parts, t, fields)
			b.noteLost(c, fields)
		}
	}
	return anyOf(b.parts...)
}

// noteLost notes fields in which a comparison may be satisfied by a text that
// the index left out.
func (b *treeBuilder) noteLost(c *comparison, fields []field) {
	for _, f := range fields {
		if f.kind == keywordKind && f.lossy && f.parent == "" && c.acceptsLong() && !slices.Contains(b.out.lost, f.name) {
			b.out.lost = append(b.out.lost, f.name)
		}
	}
}

// noteList notes a comparison that is about a list as a whole, and cannot be
// true of one.
func (b *treeBuilder) noteList(path stix.Path, targets []mapping.Target, c *comparison) {
	if len(targets) == 0 || c.any || c.op != stix.Equal && c.op != stix.In && c.op != stix.IsSubset && c.op != stix.IsSuperset {
		return
	}
	for i := range targets {
		if t := &targets[i]; !t.List || t.Elements || c.ofList(t.Conv, field{}) != nothing {
			return
		}
	}
	if entered, ok := b.table.Entered(b.table.Resolve(path)); ok {
		b.out.unmapped = append(b.out.unmapped, unmapped{path: path, enter: entered.String()})
	}
}

// resolve returns what can give a record a value at a path, or that it is the id
// of something. A path that is neither is noted.
func (b *treeBuilder) resolve(path stix.Path, always bool) (targets []mapping.Target, identity bool) {
	if path.Type == "" {
		path.Type = b.typ
	}
	own := b.table.Resolve(path)
	targets = b.table.Lookup(own)
	if len(targets) > 0 {
		return targets, false
	}
	if b.table.IsIdentity(own) {
		return nil, true
	}
	u := unmapped{path: path, always: always}
	if entered, ok := b.table.Entered(own); ok {
		u.enter = entered.String()
	} else {
		u.near = b.table.Nearest(path)
	}
	b.out.unmapped = append(b.out.unmapped, u)
	return nil, false
}

// query returns the query for documents of a window that a translation accepts.
func (t *translation) query(timeField string, w plan.Window) *clause {
	if w.IsZero() {
		return t.root
	}
	return allOf(between(field{name: timeField}, w.Start, w.Stop), t.root)
}

// window returns the time range to ask for: that of the question, or, if it has
// none, the last part of the time before now.
func window(w plan.Window, last time.Duration, now time.Time) (plan.Window, bool) {
	if !w.IsZero() || last <= 0 {
		return w, false
	}
	return plan.Window{Start: now.Add(-last), Stop: now, Origin: plan.Defaulted}, true
}

// resolved returns a pattern whose paths are those under which records have
// their attributes.
func resolved(table *mapping.Table, e stix.Expr, typ string) stix.Expr {
	path := func(p stix.Path) stix.Path {
		if p.Type == "" {
			p.Type = typ
		}
		return table.Resolve(p)
	}
	switch e := e.(type) {
	case *stix.Logic:
		return &stix.Logic{Op: e.Op, X: resolved(table, e.X, typ), Y: resolved(table, e.Y, typ)}
	case *stix.Comparison:
		c := *e
		c.Path = path(e.Path)
		return &c
	case *stix.Exists:
		c := *e
		c.Path = path(e.Path)
		return &c
	}
	return e
}
