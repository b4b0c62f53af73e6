// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// bindings lists all ways to meet x, from the words of the standard and without
// any cleverness: each is a list of observations, of which records stand for
// Count each. (STIX 2.1, 9.5)
func bindings(x ObservationExpr, records []Observed, observations []int) [][]int {
	switch x := x.(type) {
	case *Test:
		return testBindings(x, records, observations)
	case *Combination:
		left, right := bindings(x.X, records, observations), bindings(x.Y, records, observations)
		if x.Op == ObservationOr {
			return append(left, right...)
		}
		var all [][]int
		for _, l := range left {
			for _, r := range right {
				if disjoint(l, r) && (x.Op == ObservationAnd || inOrder(l, r, records, observations)) {
					all = append(all, slices.Concat(l, r))
				}
			}
		}
		return all
	case *Qualified:
		return qualifiedBindings(x, records, observations)
	}
	panic("unknown node")
}

func testBindings(x *Test, records []Observed, observations []int) (all [][]int) {
	test := compileExpr(x.Expr)
	for i, r := range observations {
		for o := range records[r].Objects {
			if ok, err := test(&records[r], &records[r].Objects[o]); ok && err == nil {
				all = append(all, []int{i})
				break
			}
		}
	}
	return all
}

func qualifiedBindings(x *Qualified, records []Observed, observations []int) (all [][]int) {
	below := bindings(x.X, records, observations)
	switch q := x.Qualifier.(type) {
	case *Repeats:
		all = [][]int{nil}
		for range q.Times {
			var longer [][]int
			for _, a := range all {
				for _, b := range below {
					if disjoint(a, b) {
						longer = append(longer, slices.Concat(a, b))
					}
				}
			}
			all = longer
		}
		return all
	case *Within:
		gap := time.Duration(q.Seconds * float64(time.Second))
		return slices.DeleteFunc(below, func(b []int) bool {
			first, last := extremes(b, records, observations)
			return first.After(last.Add(gap))
		})
	case *StartStop:
		return slices.DeleteFunc(below, func(b []int) bool {
			return slices.ContainsFunc(b, func(i int) bool {
				r := records[observations[i]]
				return !q.Start.Time.Before(q.Stop.Time) || !r.First.Before(q.Stop.Time) || r.Last.Before(q.Start.Time)
			})
		})
	}
	panic("unknown qualifier")
}

func disjoint(a, b []int) bool {
	return !slices.ContainsFunc(a, func(i int) bool { return slices.Contains(b, i) })
}

// extremes returns the latest first moment and the earliest last moment.
func extremes(b []int, records []Observed, observations []int) (first, last time.Time) {
	for n, i := range b {
		r := records[observations[i]]
		if n == 0 || r.First.After(first) {
			first = r.First
		}
		if n == 0 || r.Last.Before(last) {
			last = r.Last
		}
	}
	return first, last
}

func inOrder(l, r []int, records []Observed, observations []int) bool {
	first, _ := extremes(l, records, observations)
	_, last := extremes(r, records, observations)
	return !first.After(last)
}

// randomObservation builds a pattern of about size tests; copies bounds how
// many observations it may ask for, so that the list of bindings stays short.
func randomObservation(r *rand.Rand, size, copies int) string {
	stamp := func(second int) string { return fmt.Sprintf("t'2024-05-01T10:00:%02dZ'", second) }
	switch {
	case size <= 1:
		return [...]string{"[p:n < 2]", "[p:n = 1]", "[p:n > 0]", "[p:n >= 2]", "[p:n != 2]"}[r.IntN(5)]
	case r.IntN(3) > 0:
		left := 1 + r.IntN(size-1)
		op := [...]string{"AND", "OR", "FOLLOWEDBY"}[r.IntN(3)]
		return "(" + randomObservation(r, left, copies) + " " + op + " " + randomObservation(r, size-left, copies) + ")"
	}
	switch r.IntN(3) {
	case 0:
		if copies < 2 {
			break
		}
		return "(" + randomObservation(r, size-1, copies/2) + ") REPEATS 2 TIMES"
	case 1:
		from := r.IntN(6)
		return "(" + randomObservation(r, size-1, copies) + ") START " + stamp(from) + " STOP " + stamp(from+1+r.IntN(5))
	}
	return fmt.Sprintf("(%s) WITHIN %d SECONDS", randomObservation(r, size-1, copies), 1+r.IntN(3))
}

func randomRecords(r *rand.Rand) (records []Observed, observations []int) {
	begin := time.Date(2024, 5, 1, 10, 0, 0, 0, time.UTC)
	records = series(2+r.IntN(4), 1, func(int) int64 { return int64(r.IntN(4)) })
	for i := range records {
		records[i].First = begin.Add(time.Duration(r.IntN(8)) * time.Second)
		records[i].Last = records[i].First.Add(time.Duration(max(0, r.IntN(6)-3)) * time.Second)
		records[i].Count = int64(1 + r.IntN(4)/3)
		for range records[i].Count {
			observations = append(observations, i)
		}
	}
	return records, observations
}

// TestMatchOracle holds the search against the list of all bindings.
func TestMatchOracle(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	verdicts := make(map[bool]int)
	for range 4000 {
		pattern := randomObservation(r, 1+r.IntN(5), 2)
		records, observations := randomRecords(r)
		p := mustParse(t, pattern, V20)
		all := bindings(p.Root, records, observations)
		got, err := Match(t.Context(), p, records)
		if err != nil {
			t.Fatalf("Match(%s): %v", pattern, err)
		}
		verdicts[got.Matched]++
		if got.Matched != (len(all) > 0) {
			t.Fatalf("Match(%s) = %v, want %v\nrecords %+v", pattern, got.Matched, len(all) > 0, records)
		}
		if got.Matched && !slices.ContainsFunc(all, func(b []int) bool { return sameRecords(b, got.Bound, observations) }) {
			t.Fatalf("Match(%s) binds %v, which is no binding\nrecords %+v", pattern, got.Bound, records)
		}
	}
	if verdicts[true] < 500 || verdicts[false] < 500 {
		t.Errorf("verdicts %v: the cases are one-sided", verdicts)
	}
}

func sameRecords(binding, records, observations []int) bool {
	var list []int
	for _, i := range binding {
		list = append(list, observations[i])
	}
	slices.Sort(list)
	return slices.Equal(slices.Compact(list), records)
}
