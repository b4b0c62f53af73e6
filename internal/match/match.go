// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package match says what WHERE means in a hunt, over one record.
//
// A condition is an extended centred graph pattern: a boolean tree of
// comparisons. Those whose path has no type, or the type that the command
// returns, are about the entity to be returned; those of another type are about
// some object of that type in the same record, one for all comparisons of that
// type. An object matches if there is a choice of these objects for which the
// whole tree is true. A type of which nothing is chosen, or of which the record
// has no object, makes its comparisons false.
//
// The engine asks a [Matcher] what a source could not decide, drivers that
// filter themselves use it to be exact, and its [Matcher.Prefilter] lets a reader
// pass over a record without decoding it. SQL and the oracle follow the rules
// below; tests hold them together. It is not how STIX patterns match as such:
// that is stix.Match.
//
// # Paths
//
// A path takes attributes and references of an object: parent_ref.name. Where
// both a longer and a shorter beginning of it name something, the longer counts.
// A list, of references or of values, is entered with [*] only, and then some
// element has to satisfy the comparison. A path that ends in a reference gives
// the id of its target, and "id" and "type" are those of the object. An
// attribute of an extension is also found under its short name (see
// entity.ShortAttr), and those of a process under both of the names that STIX
// has had for them (see entity.CurrentAttr).
//
// # Comparisons
//
// A comparison is true or false, never unknown. It is false if there is no
// value, also with != and NOT; only IS NULL is true then. NOT turns the result
// for a value that is there.
//
//   - Numbers compare as numbers: integers exactly, else as 64-bit floats.
//   - Text compares with text by code points.
//   - A number compares with text that looks like one (see LooksNumeric), as
//     floats.
//   - Booleans are the numbers 1 and 0, and compare with the words true and false
//     in any case.
//   - A list without [*], or a nested object, is the text of its compact JSON,
//     which compares with text only.
//   - Of other pairs = is false, != is true, and orders are false.
//
// IN is = with any of a list. LIKE and MATCHES look at values as text, numbers in
// decimal, in Unicode Normalization Form C on both sides, and mind letter case:
// LIKE as stix.CompileLike says, MATCHES finds an RE2 expression anywhere, with
// "." matching newlines too. For them the value of payload_bin is what its
// base64 stands for, if it is base64. ISSUBSET and ISSUPERSET compare IPv4 and
// IPv6 addresses and networks, and are false for anything else.
package match

import (
	"fmt"
	"slices"
	"time"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// A Matcher finds the objects of a record that satisfy a condition. It may be
// used concurrently.
type Matcher struct {
	centre  string
	root    *node // nil: all objects of the type
	others  []other
	needs   need
	needIDs bool
}

// A node is a node of the tree: an atom, or two nodes joined.
type node struct {
	op   stix.LogicOp
	x, y *node
	atom *atom // not nil in leaves
}

// An atom is one comparison.
type atom struct {
	path   *path
	null   bool // IS NULL
	not    bool
	test   func(entity.Value) bool // nil: any value will do
	other  int                     // index into others; -1: about the centre
	number int                     // among the atoms of that other
}

// An other is a type that is not the centre's, with the comparisons about it.
type other struct {
	typ   string
	atoms []*atom
}

// Compile makes the Matcher for entities of type centre that satisfy where. A
// nil where is satisfied by all. References to variables must have been
// replaced by their values. An error is a diag.Diagnostic for a regular
// expression that is none, with its place.
func Compile(where stix.Expr, centre string) (*Matcher, error) {
	m := &Matcher{centre: centre}
	if where != nil {
		root, err := m.compile(where)
		if err != nil {
			return nil, err
		}
		m.root = root
	}
	m.needs = m.recordNeeds(where)
	return m, nil
}

func (m *Matcher) compile(e stix.Expr) (*node, error) {
	switch e := e.(type) {
	case *stix.Logic:
		x, err := m.compile(e.X)
		if err != nil {
			return nil, err
		}
		y, err := m.compile(e.Y)
		if err != nil {
			return nil, err
		}
		return &node{op: e.Op, x: x, y: y}, nil
	case *stix.Exists:
		return &node{atom: m.atom(e.Path, &atom{null: e.Not})}, nil
	case *stix.Comparison:
		if e.Op == stix.IsNull {
			return &node{atom: m.atom(e.Path, &atom{null: !e.Not})}, nil
		}
		test, err := compileTest(e)
		if err != nil {
			return nil, err
		}
		return &node{atom: m.atom(e.Path, &atom{test: test, not: e.Not})}, nil
	}
	return nil, fmt.Errorf("match: compile %T: no such expression", e)
}

// atom completes a with its path.
func (m *Matcher) atom(p stix.Path, a *atom) *atom {
	a.path = compilePath(p.Steps)
	m.needIDs = m.needIDs || isMade(p)
	a.other = -1
	if p.Type == "" || p.Type == m.centre {
		return a
	}
	a.other = slices.IndexFunc(m.others, func(o other) bool { return o.typ == p.Type })
	if a.other < 0 {
		a.other = len(m.others)
		m.others = append(m.others, other{typ: p.Type})
	}
	o := &m.others[a.other]
	a.number = len(o.atoms)
	o.atoms = append(o.atoms, a)
	return a
}

// NeedsIDs reports whether the condition is about ids. If it is not, Match finds
// the same before and after entity.Identify.
func (m *Matcher) NeedsIDs() bool { return m.needIDs }

// Match appends to hits the indexes of the objects of rec that match, in order.
// If the condition needs ids, the objects must have them.
func (m *Matcher) Match(rec *entity.Record, hits []int) []int {
	var ch choices
	for i := range rec.Objects {
		if rec.Objects[i].Type == m.centre && m.matches(rec, i, &ch) {
			hits = append(hits, i)
		}
	}
	return hits
}

// Overlaps reports whether rec was seen in the half-open range from start to
// stop: it began before stop and did not end before start. A record whose times
// are unknown was not; one of them stands for the other. Zero times restrict
// nothing.
func Overlaps(rec *entity.Record, start, stop time.Time) bool {
	if start.IsZero() && stop.IsZero() {
		return true
	}
	first, last := rec.First, rec.Last
	if first.IsZero() {
		first = last
	}
	if last.IsZero() {
		last = first
	}
	if first.IsZero() {
		return false
	}
	return (stop.IsZero() || first.Time().Before(stop)) && (start.IsZero() || !last.Time().Before(start))
}

// matches reports whether object i matches.
func (m *Matcher) matches(rec *entity.Record, i int, ch *choices) bool {
	if m.root == nil {
		return true
	}
	if len(m.others) == 0 {
		return m.root.holds(func(a *atom) bool { return a.holds(rec, i) })
	}
	return m.matchesSome(rec, i, ch)
}

// holds evaluates a tree, given what its atoms are.
func (n *node) holds(is func(*atom) bool) bool {
	switch {
	case n.atom != nil:
		return is(n.atom)
	case n.op == stix.And:
		return n.x.holds(is) && n.y.holds(is)
	}
	return n.x.holds(is) || n.y.holds(is)
}

// holds evaluates a comparison at object i.
func (a *atom) holds(rec *entity.Record, i int) bool {
	if a.test == nil {
		return a.path.some(rec, i, func(entity.Value) bool { return true }) != a.null
	}
	return a.path.some(rec, i, func(v entity.Value) bool { return a.test(v) != a.not })
}
