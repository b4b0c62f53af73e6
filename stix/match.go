// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/kestrelhunt/kestrel/diag"
)

// ErrTooComplex means that a pattern and its data leave more combinations of
// observations than Match tries.
var ErrTooComplex = errors.New("stix: match: too many combinations of observations")

// A Result says whether a pattern is met.
type Result struct {
	Matched bool
	// Bound are the indexes of the records of one set of observations that meet
	// the pattern, ascending. There may be other sets.
	Bound []int
}

// Match compiles p and matches it against records.
func Match(ctx context.Context, p *Pattern, records []Observed) (Result, error) {
	m, list := Compile(p)
	if m == nil {
		return Result{}, list.Err()
	}
	return m.Match(ctx, records)
}

// A Matcher is a compiled pattern, for use with many records. It may be used by
// several goroutines.
type Matcher struct {
	root  *node
	tests []predicate
}

// Compile prepares a pattern for matching. The matcher is nil if the pattern
// cannot be matched, and the diagnostics say why: a rule of the standard that is
// broken, a regular expression that RE2 does not know, a timestamp of no real
// day.
func Compile(p *Pattern) (*Matcher, diag.List) {
	if list := checkToRun(p); len(list) > 0 {
		return nil, list
	}
	m := &Matcher{}
	m.root = m.compile(p.Root)
	return m, nil
}

// Match decides whether records meet the pattern, with the meaning of OASIS
// (STIX 2.1, 9): a record stands for as many observations as it counts, the
// sides of AND and FOLLOWEDBY and the repetitions of REPEATS are met by
// different observations, and qualifiers are met if some choice of a moment in
// each record's interval meets them. As in OASIS's matcher, and other than the
// standard's words (9.5.1), observations exactly n seconds apart are WITHIN n.
//
// An error is a diag.Diagnostic if the pattern compares a timestamp with text
// that is none; ErrTooComplex; or that of ctx. Patterns with up to one
// FOLLOWEDBY or WITHIN over several tests take polynomial time; others are
// searched with backtracking up to a fixed amount of work.
func (m *Matcher) Match(ctx context.Context, records []Observed) (Result, error) {
	s := &search{ended: ctx.Err, records: make([]interval, len(records)), free: make([]int64, len(records))}
	for i := range records {
		s.records[i] = interval{nanos(records[i].First), nanos(records[i].Last)}
		s.free[i] = min(records[i].Count, maxCount)
	}
	s.found = make([][]int, len(m.tests))
	for i := range records {
		if err := ctx.Err(); err != nil {
			return Result{}, err
		}
		if err := m.testRecord(s, &records[i], i); err != nil {
			return Result{}, err
		}
	}
	return s.run(m.root)
}

// testRecord notes which tests a record meets.
func (m *Matcher) testRecord(s *search, r *Observed, index int) error {
	for t, test := range m.tests {
		for i := range r.Objects {
			ok, err := test(r, &r.Objects[i])
			if err != nil {
				return err
			}
			if ok {
				s.found[t] = append(s.found[t], index)
				break
			}
		}
	}
	return nil
}

// nanos returns t in nanoseconds since 1970; times that do not fit are the
// first or last that do.
func nanos(t time.Time) int64 {
	switch sec := t.Unix(); {
	case sec <= math.MinInt64/1_000_000_000:
		return math.MinInt64
	case sec >= math.MaxInt64/1_000_000_000:
		return math.MaxInt64
	}
	return t.UnixNano()
}

// A node is an observation expression in the form that the search walks.
type node struct {
	kind   nodeKind
	x, y   *node
	tests  []int  // of a leaf: any of these
	window window // of a narrow
	times  int64  // of a repeat
	gap    int64  // of a within, in nanoseconds
	single bool   // every binding is one observation
}

type nodeKind uint8

const (
	leaf   nodeKind = iota
	both            // AND
	narrow          // START STOP
	repeat          // REPEATS
	either          // OR
	follow          // FOLLOWEDBY
	within          // WITHIN
)

func (m *Matcher) compile(x ObservationExpr) *node {
	switch x := x.(type) {
	case *Test:
		m.tests = append(m.tests, compileExpr(x.Expr))
		return &node{kind: leaf, tests: []int{len(m.tests) - 1}, single: true}
	case *Combination:
		return combine(x.Op, m.compile(x.X), m.compile(x.Y))
	case *Qualified:
		return qualify(x.Qualifier, m.compile(x.X))
	}
	panic("stix: compile an unknown observation expression")
}

// combine joins two nodes. An OR of tests is met by the observations that meet
// either: one leaf.
func combine(op ObservationOp, x, y *node) *node {
	switch {
	case op == ObservationOr && x.kind == leaf && y.kind == leaf:
		return &node{kind: leaf, tests: append(x.tests, y.tests...), single: true}
	case op == ObservationOr:
		return &node{kind: either, x: x, y: y, single: x.single && y.single}
	case op == FollowedBy:
		return &node{kind: follow, x: x, y: y}
	}
	return &node{kind: both, x: x, y: y}
}

func qualify(q Qualifier, x *node) *node {
	switch q := q.(type) {
	case *Repeats:
		if q.Times == 1 {
			return x
		}
		return &node{kind: repeat, x: x, times: q.Times}
	case *Within:
		if x.single { // one observation is always near itself
			return x
		}
		return &node{kind: within, x: x, gap: secondsToNanos(q.Seconds)}
	case *StartStop:
		start, stop, _ := q.Range()
		w := window{lo: nanos(start), hi: nanos(stop) - 1} // stop is too late
		if !start.Before(stop) {
			w = nowhere
		}
		return &node{kind: narrow, x: x, window: w, single: x.single}
	}
	panic("stix: compile an unknown qualifier")
}

func secondsToNanos(seconds float64) int64 {
	if seconds >= math.MaxInt64/1e9 {
		return math.MaxInt64
	}
	return int64(math.Round(seconds * 1e9))
}
