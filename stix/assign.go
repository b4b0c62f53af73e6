// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"maps"
	"math"
	"slices"
	"sort"
)

// A supply is what a leaf may take: records that meet one of its tests.
type supply struct {
	records       []int    // ascending
	firsts, lasts timeline // of the records
}

// A timeline counts observations up to a moment.
type timeline struct {
	at    []int64 // moments, ascending
	count []int64 // count[i] observations are at at[:i]
}

// before returns how many observations are before t.
func (l *timeline) before(t int64) int64 {
	return l.count[sort.Search(len(l.at), func(i int) bool { return l.at[i] >= t })]
}

// until returns how many observations are at t or before.
func (l *timeline) until(t int64) int64 {
	return l.count[sort.Search(len(l.at), func(i int) bool { return l.at[i] > t })]
}

func (s *search) supplyOf(tests []int) *supply {
	records := s.found[tests[0]]
	if len(tests) > 1 {
		records = nil
		for _, t := range tests {
			records = append(records, s.found[t]...)
		}
		slices.Sort(records)
		records = slices.Compact(records)
	}
	return &supply{
		records: records,
		firsts:  s.timelineOf(records, func(i interval) int64 { return i.first }),
		lasts:   s.timelineOf(records, func(i interval) int64 { return i.last }),
	}
}

func (s *search) timelineOf(records []int, at func(interval) int64) timeline {
	sorted := slices.Clone(records)
	slices.SortStableFunc(sorted, func(a, b int) int {
		ta, tb := at(s.records[a]), at(s.records[b])
		switch {
		case ta < tb:
			return -1
		case ta > tb:
			return 1
		}
		return 0
	})
	l := timeline{at: make([]int64, len(sorted)), count: make([]int64, len(sorted)+1)}
	for i, r := range sorted {
		l.at[i] = at(s.records[r])
		l.count[i+1] = l.count[i] + min(s.free[r], math.MaxInt64-l.count[i])
	}
	return l
}

// atMost returns a number of observations not below that of those that w
// admits: it is exact if w.lo <= w.hi, as no record ends before it begins.
func (l *supply) atMost(w window) int64 {
	if w == nowhere {
		return 0
	}
	early := l.firsts.until(w.hi)
	if w.lo > w.hi {
		return early
	}
	return early - l.lasts.before(w.lo)
}

// A demand is a leaf that wants observations, and what it got.
type demand struct {
	from  *supply
	in    window
	taken map[int]int64 // observations by record
}

// assign takes n observations for a leaf, if need be by moving earlier demands
// to other records, and calls then. If then fails, all is as before.
func (s *search) assign(from *supply, w window, n int64, then func() bool) bool {
	if s.err != nil {
		return false
	}
	d := demand{from: from, in: w, taken: make(map[int]int64)}
	for _, r := range from.records {
		if n == 0 || s.spend(1) != nil {
			break
		}
		if k := min(n, s.free[r]); k > 0 && w.admits(s.records[r]) {
			d.taken[r] = k
			s.free[r] -= k
			n -= k
		}
	}
	var saved []map[int]int64
	if n > 0 {
		saved = s.save()
	}
	s.demands = append(s.demands, d)
	for n > 0 && s.err == nil {
		k := s.augment(len(s.demands)-1, n)
		if k == 0 {
			break
		}
		n -= k
	}
	if n == 0 && s.err == nil && then() {
		return true
	}
	s.undo(saved)
	return false
}

// save returns a copy of what all demands have taken.
func (s *search) save() []map[int]int64 {
	saved := make([]map[int]int64, len(s.demands))
	for i, d := range s.demands {
		saved[i] = maps.Clone(d.taken)
		_ = s.spend(len(d.taken)) // the error is kept
	}
	return saved
}

// undo removes the last demand. Moved ones return to what saved says, if it is
// not nil.
func (s *search) undo(saved []map[int]int64) {
	last := len(s.demands) - 1
	s.release(last)
	s.demands = s.demands[:last]
	if saved == nil {
		return
	}
	for i := range s.demands {
		s.release(i)
	}
	for i := range s.demands {
		s.demands[i].taken = saved[i]
		for r, k := range saved[i] {
			s.free[r] -= k
		}
	}
}

func (s *search) release(demand int) {
	for r, k := range s.demands[demand].taken {
		s.free[r] += k
	}
}

// A hop is a step of an augmenting path: demand takes record from the demand
// that the hop before came from.
type hop struct {
	demand int
	from   int // index of the hop before; -1 at the start
	record int // what the demand of the hop before takes from this one
}

// augment gets up to n observations more for a demand along one augmenting
// path, and returns how many; 0 if there is no path.
func (s *search) augment(start int, n int64) int64 {
	hops := []hop{{demand: start, from: -1}}
	visited := make([]bool, len(s.demands))
	visited[start] = true
	for i := 0; i < len(hops); i++ {
		d := &s.demands[hops[i].demand]
		for _, r := range d.from.records {
			if s.spend(1) != nil {
				return 0
			}
			if !d.in.admits(s.records[r]) {
				continue
			}
			if s.free[r] > 0 {
				return s.shift(hops, i, r, n)
			}
			hops = s.takers(hops, i, r, visited)
		}
	}
	return 0
}

// takers adds a hop to each demand that holds record and was not visited.
func (s *search) takers(hops []hop, from, record int, visited []bool) []hop {
	_ = s.spend(len(s.demands)) // the error is kept
	for i := range s.demands {
		if !visited[i] && s.demands[i].taken[record] > 0 {
			visited[i] = true
			hops = append(hops, hop{demand: i, from: from, record: record})
		}
	}
	return hops
}

// shift moves observations along the path that ends at hops[end], whose demand
// takes a free record.
func (s *search) shift(hops []hop, end, record int, n int64) int64 {
	k := min(n, s.free[record])
	for i := end; hops[i].from >= 0; i = hops[i].from {
		k = min(k, s.demands[hops[i].demand].taken[hops[i].record])
	}
	s.free[record] -= k
	for i := end; ; i = hops[i].from {
		s.demands[hops[i].demand].taken[record] += k
		if hops[i].from < 0 {
			return k
		}
		record = hops[i].record
		if held := s.demands[hops[i].demand].taken; held[record] == k {
			delete(held, record)
		} else {
			held[record] -= k
		}
	}
}
