// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package stix reads what the standard STIX defines and hunts use: patterns, and
// observed-data with the objects in it, of versions 2.0 and 2.1.
//
// It holds the tree of comparisons ([Expr]) that stands both between the
// brackets of a pattern and behind WHERE in a hunt: package syntax builds it for
// hunts, [Parse] for patterns, sources translate it. [Match] gives patterns the
// meaning that OASIS gives them, which is not that of a hunt: package match has
// that one. What both share is exported for both: [CompileLike],
// [CompileRegexp], [Subset], [ParseTime], [AttrName].
//
// [BundleReader] streams the records of files. The package knows no data source
// and no store, and opens no files.
package stix

import (
	"fmt"
	"time"

	"github.com/kestrelhunt/kestrel/diag"
)

// A Version is a version of STIX.
type Version uint8

// The versions. The zero Version is the current one, 2.1. In patterns they
// differ little: 2.0 also writes START and STOP with plain strings, and lets a
// qualifier follow another of its kind.
const (
	V21 Version = iota
	V20
)

// String returns "2.1" or "2.0".
func (v Version) String() string { return [...]string{"2.1", "2.0"}[v] }

// ParseVersion reads "2.0" or "2.1". The empty text is 2.1.
func ParseVersion(text string) (Version, error) {
	switch text {
	case "2.0":
		return V20, nil
	case "2.1", "":
		return V21, nil
	}
	return 0, fmt.Errorf("stix: parse version %q: want 2.0 or 2.1", text)
}

// A Pattern is a STIX pattern: an observation expression with the text it came
// from. Patterns are immutable.
type Pattern struct {
	Root ObservationExpr
	At   diag.Span
}

// An ObservationExpr says which observations a pattern wants together (STIX
// 2.1, 9.5 observation expressions). The set is closed: *Test, *Combination,
// *Qualified.
//
//sumtype:decl
type ObservationExpr interface {
	Span() diag.Span
	observationNode()
}

// A Test wants one observation in which an object satisfies Expr: [Expr]. All
// comparisons of Expr are made at the same object.
type Test struct {
	Expr Expr
	At   diag.Span // with the brackets
}

// An ObservationOp joins two observation expressions.
type ObservationOp uint8

// The observation operators (STIX 2.1, 9.5.2). Each binds tighter than those
// behind it.
const (
	ObservationAnd ObservationOp = iota
	ObservationOr
	FollowedBy
)

// String returns the operator as STIX writes it.
func (op ObservationOp) String() string { return [...]string{"AND", "OR", "FOLLOWEDBY"}[op] }

// A Combination is X AND Y, X OR Y, or X FOLLOWEDBY Y. Chains lean to the left.
// The sides of AND and FOLLOWEDBY are met by different observations.
type Combination struct {
	Op   ObservationOp
	X, Y ObservationExpr
}

// A Qualified restricts the observations that meet X.
type Qualified struct {
	X         ObservationExpr
	Qualifier Qualifier
	Grouped   bool // X stands in parentheses
	At        diag.Span
}

// A Qualifier is what follows an observation expression (STIX 2.1, 9.5.1). The
// set is closed: *Within, *Repeats, *StartStop.
//
//sumtype:decl
type Qualifier interface {
	Span() diag.Span
	String() string
	qualifierNode()
}

// A Within wants all observations in a span of time: WITHIN n SECONDS.
type Within struct {
	Seconds float64
	At      diag.Span
}

// A Repeats wants that many disjoint sets of observations: REPEATS n TIMES.
type Repeats struct {
	Times int64
	At    diag.Span
}

// A StartStop wants observations from Start until just before Stop:
// START t'...' STOP t'...'.
type StartStop struct {
	Start, Stop *Literal // each a TimeLit; its Time is zero if the day does not exist
	At          diag.Span
}

// Span returns the span of the test with its brackets.
func (t *Test) Span() diag.Span { return t.At }

// Span returns the span of both sides.
func (c *Combination) Span() diag.Span {
	first, last := c.X, c.Y
	for x, ok := first.(*Combination); ok; x, ok = first.(*Combination) {
		first = x.X
	}
	for y, ok := last.(*Combination); ok; y, ok = last.(*Combination) {
		last = y.Y
	}
	return first.Span().Cover(last.Span())
}

// Span returns the span of the expression with its qualifier.
func (q *Qualified) Span() diag.Span { return q.At }

// Span returns the span of the qualifier.
func (w *Within) Span() diag.Span { return w.At }

// Span returns the span of the qualifier.
func (r *Repeats) Span() diag.Span { return r.At }

// Span returns the span of the qualifier.
func (s *StartStop) Span() diag.Span { return s.At }

// Range returns the start and stop of s, and false if either names a day that
// does not exist.
func (s *StartStop) Range() (start, stop time.Time, ok bool) {
	return s.Start.Time, s.Stop.Time, !s.Start.Time.IsZero() && !s.Stop.Time.IsZero()
}

func (*Test) observationNode()        {}
func (*Combination) observationNode() {}
func (*Qualified) observationNode()   {}

func (*Within) qualifierNode()    {}
func (*Repeats) qualifierNode()   {}
func (*StartStop) qualifierNode() {}
