// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"math"
	"slices"
)

// How a pattern is matched
//
// A pattern asks for a set of observations, so many for each test, in which no
// observation serves twice. Without FOLLOWEDBY and WITHIN that is an assignment
// of records to tests, found by augmenting paths (assign.go). The two operators
// in time are made part of it by guessing one moment each:
//
//   - X FOLLOWEDBY Y is met if and only if there is a moment T such that all of
//     X can be at T or before, and all of Y at T or after: T is the first
//     moment of one record of X.
//   - X WITHIN d is met if and only if there is a moment L such that all of X can
//     be between L and L+d: L is the last moment of one record of X.
//
// Given the moments, each test has a window of time, and a record fits if its
// interval meets the window. The search guesses OR and moments from the outside
// in, assigns each test as it comes to it, and goes back when that fails.
// Repetitions of one expression are interchangeable, so their guesses ascend.

// Bounds of the search.
const (
	maxWork   = 100_000_000 // elementary steps, about a second
	maxCount  = 1 << 40     // observations that a record stands for, at most
	maxCopies = 10_000      // repetitions of an expression that needs guessing
	checkWork = 1 << 12     // steps between two looks at the context
)

// An interval is the time of a record.
type interval struct{ first, last int64 }

// A window admits the records that end at lo or later and begin at hi or
// earlier. Windows with lo > hi admit records that cover both.
type window struct{ lo, hi int64 }

var (
	always  = window{math.MinInt64, math.MaxInt64}
	nowhere = window{math.MaxInt64, math.MinInt64}
)

func (w window) admits(i interval) bool { return i.last >= w.lo && i.first <= w.hi && w != nowhere }

func (w window) and(v window) window { return window{max(w.lo, v.lo), min(w.hi, v.hi)} }

type search struct {
	ended   func() error // says whether the caller still waits
	records []interval
	free    []int64 // observations of each record that no demand has taken
	found   [][]int // by test: the records that meet it, ascending
	leaves  map[*node]*supply
	moments map[*node][]int64
	demands []demand
	work    int
	err     error
	bound   []int
}

// spend counts work. Its error is kept, and ends the search.
func (s *search) spend(n int) error {
	before := s.work / checkWork
	s.work += n
	if s.work/checkWork != before && s.err == nil {
		s.err = s.ended()
	}
	if s.work > maxWork && s.err == nil {
		s.err = ErrTooComplex
	}
	return s.err
}

func (s *search) run(root *node) (Result, error) {
	s.leaves = make(map[*node]*supply)
	s.moments = make(map[*node][]int64)
	s.prepare(root)
	matched := s.possible(root, always, 1) && s.solve(root, always, 1, s.note)
	if s.err != nil {
		return Result{}, s.err
	}
	return Result{Matched: matched, Bound: s.bound}, nil
}

// solve finds observations for n disjoint sets that each meet x in w, and then
// whatever then finds. What it took is given back unless then succeeds.
func (s *search) solve(x *node, w window, n int64, then func() bool) bool {
	switch x.kind {
	case leaf:
		return s.assign(s.leaves[x], w, n, then)
	case both:
		return s.solve(x.x, w, n, func() bool { return s.solve(x.y, w, n, then) })
	case narrow:
		return s.solve(x.x, w.and(x.window), n, then)
	case repeat:
		return s.solve(x.x, w, times(n, x.times), then)
	}
	if n > maxCopies {
		s.err = ErrTooComplex
		return false
	}
	return s.copies(x, w, n, 0, then)
}

// copies solves x n times. The guess for each is not before from, the guess for
// the one before it.
func (s *search) copies(x *node, w window, n int64, from int, then func() bool) bool {
	if n == 0 {
		return then()
	}
	if !s.enough(x, w, n, from) {
		return false
	}
	next := func(guess int) func() bool {
		return func() bool { return s.copies(x, w, n-1, guess, then) }
	}
	switch x.kind {
	case either:
		return from == 0 && s.try(x.x, w, next(0)) || s.try(x.y, w, next(1))
	case within:
		return s.guess(x, from, next, func(at int64, then func() bool) bool {
			return s.try(x.x, w.and(window{at, later(at, x.gap)}), then)
		})
	}
	return s.guess(x, from, next, func(at int64, then func() bool) bool {
		early, late := w.and(window{math.MinInt64, at}), w.and(window{at, math.MaxInt64})
		if !s.possible(x.y, late, 1) {
			return false
		}
		return s.try(x.x, early, func() bool { return s.solve(x.y, late, 1, then) })
	})
}

// enough reports whether records are left for n copies of x if guesses are left
// out, but for what from says: no moment is before that one.
func (s *search) enough(x *node, w window, n int64, from int) bool {
	late := w
	if from > 0 && x.kind != either {
		late = w.and(window{s.moments[x][from], math.MaxInt64})
	}
	if x.kind == within {
		w = late
	}
	enough := false
	end := func() bool { enough = true; return false } // false: give all back
	switch x.kind {
	case either:
		return true
	case follow:
		s.relax(x.x, w, n, func() bool { return s.relax(x.y, late, n, end) })
	default:
		s.relax(x.x, w, n, end)
	}
	return enough
}

// relax is solve without guesses: OR asks for nothing, FOLLOWEDBY is AND, and
// WITHIN says nothing.
func (s *search) relax(x *node, w window, n int64, then func() bool) bool {
	switch x.kind {
	case leaf:
		return s.assign(s.leaves[x], w, n, then)
	case both, follow:
		return s.relax(x.x, w, n, func() bool { return s.relax(x.y, w, n, then) })
	case narrow:
		return s.relax(x.x, w.and(x.window), n, then)
	case repeat:
		return s.relax(x.x, w, times(n, x.times), then)
	case within:
		return s.relax(x.x, w, n, then)
	}
	return then()
}

// guess tries the moments of x from one on.
func (s *search) guess(x *node, from int, next func(int) func() bool, try func(int64, func() bool) bool) bool {
	moments := s.moments[x]
	for i := from; i < len(moments); i++ {
		if s.spend(1) != nil {
			return false
		}
		if try(moments[i], next(i)) {
			return true
		}
	}
	return false
}

// try solves x once if nothing speaks against it at first sight.
func (s *search) try(x *node, w window, then func() bool) bool {
	return s.err == nil && s.possible(x, w, 1) && s.solve(x, w, 1, then)
}

// possible reports false only if there are too few records for n sets that
// meet x in w, even if records may serve many tests.
func (s *search) possible(x *node, w window, n int64) bool {
	if s.spend(1) != nil {
		return false
	}
	switch x.kind {
	case leaf:
		return s.leaves[x].atMost(w) >= n
	case narrow:
		return s.possible(x.x, w.and(x.window), n)
	case repeat:
		return s.possible(x.x, w, times(n, x.times))
	case either:
		return s.possible(x.x, w, 1) || s.possible(x.y, w, 1)
	case within:
		return s.possible(x.x, w, n)
	}
	return s.possible(x.x, w, n) && s.possible(x.y, w, n)
}

// prepare collects what each leaf may take, and the moments to guess.
func (s *search) prepare(x *node) []*supply {
	if x.kind == leaf {
		l := s.supplyOf(x.tests)
		s.leaves[x] = l
		return []*supply{l}
	}
	below := s.prepare(x.x)
	switch x.kind {
	case follow:
		s.moments[x] = momentsOf(below, func(l *supply) []int64 { return l.firsts.at })
	case within:
		s.moments[x] = momentsOf(below, func(l *supply) []int64 { return l.lasts.at })
	}
	if x.y != nil {
		below = append(below, s.prepare(x.y)...)
	}
	return below
}

func momentsOf(leaves []*supply, at func(*supply) []int64) []int64 {
	var all []int64
	for _, l := range leaves {
		all = append(all, at(l)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// note keeps which records the demands took.
func (s *search) note() bool {
	taken := make(map[int]bool)
	for _, d := range s.demands {
		for record := range d.taken {
			taken[record] = true
		}
	}
	s.bound = make([]int, 0, len(taken))
	for record := range s.records {
		if taken[record] {
			s.bound = append(s.bound, record)
		}
	}
	return true
}

// times multiplies, up to the largest number.
func times(a, b int64) int64 {
	if a > 0 && b > math.MaxInt64/a {
		return math.MaxInt64
	}
	return a * b
}

// later adds a duration to a moment, up to the last.
func later(at, gap int64) int64 {
	if at > 0 && gap > math.MaxInt64-at {
		return math.MaxInt64
	}
	return at + gap
}
