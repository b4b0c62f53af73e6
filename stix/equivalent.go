// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"slices"
	"strconv"
	"strings"
)

// maxAlternatives bounds the alternatives that a normal form may have.
const maxAlternatives = 2048

// Equivalent reports whether two patterns mean the same. True is certain; false
// means that no law used here makes one of the other:
//   - AND and OR are associative, commutative and distributive, FOLLOWEDBY is
//     associative and distributes over OR,
//   - what says the same twice in an OR, or in the AND of a test, says it once,
//   - an alternative that implies another adds nothing,
//   - comparisons at different types of objects are never true together,
//   - constants may have several spellings: numbers, binary data, moments,
//     addresses and networks; the keys of the Windows registry have no case.
//
// The error is ErrTooComplex if a normal form gets too large.
func Equivalent(p, q *Pattern) (bool, error) {
	var n normalizer
	a, b := n.observation(p.Root), n.observation(q.Root)
	if n.tooComplex {
		return false, ErrTooComplex
	}
	return keyOf(a) == keyOf(b), nil
}

type normalizer struct{ tooComplex bool }

// A term is an observation expression without OR at its top.
type term struct {
	kind termKind
	key  string // the same for equal terms, and only for them
	kids []term // of an AND, sorted by key; of a sequence, in order
}

type termKind uint8

const (
	atomTerm termKind = iota // a test, or a qualified expression
	andTerm
	sequenceTerm
)

func keyOf(alternatives []term) string {
	keys := make([]string, len(alternatives))
	for i, t := range alternatives {
		keys[i] = t.key
	}
	return "OR" + quoteAll(keys)
}

// quoteAll joins texts so that different lists give different texts.
func quoteAll(texts []string) string {
	var b strings.Builder
	b.WriteByte('(')
	for _, s := range texts {
		b.WriteString(strconv.Itoa(len(s)))
		b.WriteByte(':')
		b.WriteString(s)
	}
	b.WriteByte(')')
	return b.String()
}

// observation returns the alternatives of x, sorted, none of which implies
// another.
func (n *normalizer) observation(x ObservationExpr) []term {
	switch x := x.(type) {
	case *Test:
		return []term{{key: "TEST" + n.test(x.Expr)}}
	case *Combination:
		a, b := n.observation(x.X), n.observation(x.Y)
		switch x.Op {
		case ObservationOr:
			return n.reduce(append(a, b...))
		case FollowedBy:
			return n.cross(a, b, sequenceTerm)
		}
		return n.cross(a, b, andTerm)
	case *Qualified:
		return []term{n.qualified(x)}
	}
	return nil
}

func (n *normalizer) qualified(x *Qualified) term {
	inner := n.observation(x.X)
	key := x.Qualifier.String()
	switch q := x.Qualifier.(type) {
	case *Within:
	case *Repeats:
		if q.Times == 1 && len(inner) == 1 {
			return inner[0]
		}
	case *StartStop:
		key = "START " + literalKey(q.Start) + " STOP " + literalKey(q.Stop)
	}
	return term{key: "QUALIFIED" + quoteAll([]string{key, keyOf(inner)})}
}

// cross joins each alternative of a with each of b.
func (n *normalizer) cross(a, b []term, kind termKind) []term {
	if n.tooComplex = n.tooComplex || len(a)*len(b) > maxAlternatives; n.tooComplex {
		return nil
	}
	all := make([]term, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			all = append(all, join(kind, x, y))
		}
	}
	return n.reduce(all)
}

func join(kind termKind, x, y term) term {
	t := term{kind: kind, kids: append(flat(kind, x), flat(kind, y)...)}
	if kind == andTerm {
		slices.SortFunc(t.kids, func(a, b term) int { return strings.Compare(a.key, b.key) })
	}
	keys := make([]string, len(t.kids))
	for i, k := range t.kids {
		keys[i] = k.key
	}
	t.key = [...]string{"", "AND", "SEQUENCE"}[kind] + quoteAll(keys)
	return t
}

func flat(kind termKind, t term) []term {
	if t.kind == kind {
		return slices.Clone(t.kids)
	}
	return []term{t}
}

// reduce sorts alternatives and drops those that imply another.
func (n *normalizer) reduce(all []term) []term {
	if n.tooComplex = n.tooComplex || len(all) > maxAlternatives; n.tooComplex {
		return nil
	}
	slices.SortFunc(all, func(a, b term) int { return strings.Compare(a.key, b.key) })
	all = slices.CompactFunc(all, func(a, b term) bool { return a.key == b.key })
	var kept []term
	for i, t := range all {
		if !slices.ContainsFunc(all, func(other term) bool { return other.key != all[i].key && implies(t, other) }) {
			kept = append(kept, t)
		}
	}
	return kept
}

// implies reports whether observations that meet b hold some that meet a.
func implies(b, a term) bool {
	if b.key == a.key {
		return true
	}
	if b.kind == atomTerm {
		return false
	}
	if slices.ContainsFunc(b.kids, func(kid term) bool { return implies(kid, a) }) {
		return true
	}
	switch a.kind {
	case andTerm:
		return holdsAll(b.kids, a.kids)
	case sequenceTerm:
		return b.kind == sequenceTerm && holdsInOrder(b.kids, a.kids)
	}
	return false
}

// holdsAll reports whether each of wanted is implied by a kid of its own.
func holdsAll(kids, wanted []term) bool {
	kids = slices.Clone(kids)
	for _, w := range wanted {
		i := slices.IndexFunc(kids, func(kid term) bool { return implies(kid, w) })
		if i < 0 {
			return false
		}
		kids = slices.Delete(kids, i, i+1)
	}
	return true
}

// holdsInOrder reports whether wanted are implied by kids in the same order.
func holdsInOrder(kids, wanted []term) bool {
	for _, w := range wanted {
		i := slices.IndexFunc(kids, func(kid term) bool { return implies(kid, w) })
		if i < 0 {
			return false
		}
		kids = kids[i+1:]
	}
	return true
}
