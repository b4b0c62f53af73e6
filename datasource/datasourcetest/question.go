// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package datasourcetest

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// scans holds that the source holds the records that the fixture says, and
// learns their order, which must be the same each time.
func (s *suite) scans(t *testing.T) {
	src := s.open(t, nil)
	for _, typ := range s.types {
		want := s.scan(typ, s.all)
		first := s.ask(t.Context(), t, src, want)
		if first.err != nil {
			t.Fatalf("%s%v", plan.String(want), first.err)
		}
		again := s.ask(t.Context(), t, src, want)
		if !slices.Equal(first.hits, again.hits) {
			t.Errorf("%sgives another order the second time:\n%.3000s", plan.String(want), cmp.Diff(first.hits, again.hits))
		}
		known := make(map[hit]bool)
		for _, h := range first.hits {
			if known[h] {
				t.Errorf("%sgives object %d of record %s twice", plan.String(want), h.Object, s.Records[h.Record].ID)
			}
			known[h] = true
		}
		for _, h := range s.held(typ, s.all) {
			if !known[h] {
				t.Errorf("%sgives not object %d of record %s", plan.String(want), h.Object, s.Records[h.Record].ID)
			}
			delete(known, h)
		}
		for h := range known {
			t.Errorf("%sgives object %d of record %s, which is none", plan.String(want), h.Object, s.Records[h.Record].ID)
		}
		s.notes(t, want, first)
		s.order[typ] = s.timeless(first.records)
	}
}

// timeless adds to records in the order of the source those that no window can
// ask for, since their times are unknown.
func (s *suite) timeless(records []int) []int {
	out := records
	for i := range s.Records {
		if r := &s.Records[i]; r.First.IsZero() && r.Last.IsZero() {
			out = append(out, i)
		}
	}
	return out
}

// is is a condition about a type that some hits satisfy and, if it can be, some
// do not, among them those of the first record; nil if there is none.
func (s *suite) is(typ string) stix.Expr {
	where, known := s.some[typ]
	if !known {
		where = s.draw(typ)
		s.some[typ] = where
	}
	return where
}

// draw looks for the condition that is wants.
func (s *suite) draw(typ string) stix.Expr {
	m := &maker{rand.New(rand.NewPCG(3, 5)), placesIn(s.Records)}
	scan := s.scan(typ, s.all)
	held := s.held(typ, s.all)
	var best stix.Expr
	most := 0
	for range 50 {
		where := m.expr(typ, 0)
		hits := s.expected(discard{}, &plan.Filter{Input: scan, Where: where})
		score := 0
		switch {
		case len(hits) == 0:
		case len(hits) == len(held):
			score = 1
		case hits[0].Record == held[0].Record:
			score = 2
		case len(hits) == 1:
			score = 3
		default:
			score = 4
		}
		if score > most {
			best, most = where, score
		}
	}
	return best
}

// discard is a test that nothing in this package fails.
type discard struct{ testing.TB }

func (discard) Helper() {}

// shapes asks for conditions and limits in all orders: what a source takes on
// must not change what they mean together.
func (s *suite) shapes(t *testing.T) {
	src := s.open(t, nil)
	for i, typ := range s.types {
		scan := s.scan(typ, s.all)
		where := s.is(typ)
		if where == nil || i%(1+len(s.types)/8) != 0 { // of many types some will do
			continue
		}
		filter := func(in plan.Node) plan.Node { return &plan.Filter{Input: in, Where: where} }
		exists := func(in plan.Node) plan.Node {
			return &plan.Filter{Input: in, Where: &stix.Exists{Path: pathOf(typ + ":name")}}
		}
		limit := func(in plan.Node, count, offset int64, byRecord bool) plan.Node {
			return &plan.Limit{Input: in, Count: count, Offset: offset, ByRecord: byRecord}
		}
		for _, want := range []plan.Node{
			filter(scan), exists(filter(scan)), filter(filter(scan)),
			limit(scan, 0, 0, true), limit(scan, 1, 0, true), limit(scan, 1<<40, 0, true), limit(scan, -1, 0, true),
			limit(scan, 2, 1, true), limit(scan, -1, 1, true), limit(scan, 2, 0, false), limit(scan, 1, 1, false),
			limit(filter(scan), 1, 0, true), limit(filter(scan), 2, 0, false),
			filter(limit(scan, 1, 0, true)), filter(limit(scan, 2, 0, false)),
			limit(limit(scan, 3, 0, true), 1, 0, true), limit(limit(scan, 1, 0, true), 3, 0, true),
			limit(limit(scan, 3, 1, true), 2, 1, true), limit(filter(limit(scan, 3, 0, true)), 1, 0, true),
			filter(&plan.Sort{Input: scan, Attr: pathOf(typ + ":id")}),
			limit(&plan.Sort{Input: filter(scan), Attr: pathOf(typ + ":id")}, 1<<40, 0, false),
		} {
			s.check(t, src, want)
		}
	}
}

// windows asks for time ranges whose ends lie on the times of records, just
// before and just behind them.
func (s *suite) windows(t *testing.T) {
	src := s.open(t, nil)
	r := rand.New(rand.NewPCG(11, 13))
	for range s.often(12) {
		typ := pick(r, s.types)
		hits := s.held(typ, s.all)
		if len(hits) == 0 {
			continue
		}
		rec := &s.Records[pick(r, hits).Record]
		for _, at := range []entity.Time{rec.First, rec.Last} {
			if at.IsZero() {
				continue
			}
			for _, off := range []time.Duration{-time.Millisecond, 0, time.Millisecond} {
				moment := at.Time().Add(off)
				for _, w := range []plan.Window{
					{Start: moment, Stop: s.all.Stop, Origin: plan.Given},
					{Start: s.all.Start, Stop: moment, Origin: plan.Given},
					{Start: moment, Stop: moment.Add(time.Millisecond), Origin: plan.Derived},
				} {
					s.check(t, src, s.scan(typ, w))
				}
			}
		}
	}
	for _, typ := range s.types {
		for _, w := range []plan.Window{
			{Start: s.all.Start, Origin: plan.Given}, {Stop: s.all.Stop, Origin: plan.Given},
			{Start: s.all.Start.Add(-time.Hour), Stop: s.all.Start, Origin: plan.Given},
			{Start: s.all.Stop, Stop: s.all.Stop.Add(time.Hour), Origin: plan.Given},
		} {
			s.check(t, src, s.scan(typ, w))
		}
	}
}

// defaultWindow asks without a time range.
func (s *suite) defaultWindow(t *testing.T) {
	src := s.open(t, nil)
	for _, typ := range s.types {
		want := s.scan(typ, plan.Window{})
		a := s.ask(t.Context(), t, src, want)
		if s.Default == 0 { // all come, those without a time too, wherever they stand
			if got, held := len(a.hits), len(s.held(typ, plan.Window{})); a.err != nil || got != held {
				t.Errorf("%s%d hits, %v; want %d", plan.String(want), got, a.err, held)
			}
			s.notes(t, want, a)
			continue
		}
		window := plan.Window{Start: s.Now.Add(-s.Default), Stop: s.Now}
		if held := s.held(typ, window); !slices.Equal(held, a.hits) || a.err != nil {
			t.Errorf("%s%v, (-held in the last %v +got):\n%.3000s", plan.String(want), a.err, s.Default, cmp.Diff(held, a.hits))
		}
		s.notes(t, want, a)
		for _, c := range a.counts { // each part of the source fills in its own
			said := 0
			for _, n := range c.Notes {
				if n.Code == diag.DefaultedWindow && n.Hint != "" {
					said++
				}
			}
			if said != 1 {
				t.Errorf("%s%s says %d times that a window was filled in, want once, with a hint", plan.String(want), c.Source, said)
			}
		}
		if len(a.counts) == 0 {
			t.Errorf("%shas no counts", plan.String(want))
		}
	}
}

// hostile asks for values that must stay values.
func (s *suite) hostile(t *testing.T) {
	src := s.open(t, nil)
	typ, path := s.textPath()
	for _, text := range hostileTexts {
		literal := &stix.Literal{Value: entity.StringValue(text)}
		all := []*stix.Comparison{
			{Op: stix.Equal, Value: literal},
			{Op: stix.Like, Value: &stix.Literal{Value: entity.StringValue("%" + text + "%")}},
			{Op: stix.Like, Value: literal},
			{Op: stix.NotEqual, Value: literal},
			{Op: stix.In, Value: &stix.List{Items: []stix.Operand{literal, &stix.Literal{Value: entity.StringValue("nosuch")}}}},
		}
		for _, c := range all[:s.often(len(all))] {
			c.Path, c.Mode = path, inHunt
			s.check(t, src, &plan.Filter{Input: s.scan(typ, s.all), Where: c})
		}
	}
}

// textPath returns the path at which there are the most texts, with its type.
func (s *suite) textPath() (typ string, path stix.Path) {
	most := -1
	for _, p := range placesIn(s.Records) {
		texts := 0
		for _, v := range p.values {
			if v.Kind() == entity.String {
				texts++
			}
		}
		if texts > most {
			typ, _, _ = strings.Cut(p.path, ":")
			path, most = pathOf(p.path), texts
		}
	}
	return typ, path
}

// patterns asks for what random conditions mean, some within a time range, some
// with a limit.
func (s *suite) patterns(t *testing.T) {
	src := s.open(t, nil)
	m := &maker{rand.New(rand.NewPCG(7, uint64(len(s.Records)))), placesIn(s.Records)}
	scanned, matched := int64(0), int64(0)
	for range s.Patterns {
		typ := m.entity()
		var want plan.Node = &plan.Filter{Input: s.scan(typ, s.window(m.Rand)), Where: m.expr(typ, 2)}
		if m.IntN(4) == 0 {
			want = &plan.Limit{Input: want, Count: int64(m.IntN(5)), ByRecord: true}
		}
		for _, c := range s.check(t, src, want).counts {
			scanned, matched = scanned+c.Scanned, matched+c.Matched
		}
	}
	t.Logf("%d records, %d conditions at %d paths: %d records came, %d matched", len(s.Records), s.Patterns, len(m.places), scanned, matched)
}

// window draws all time, or a part of it.
func (s *suite) window(r *rand.Rand) plan.Window {
	if r.IntN(3) > 0 {
		return s.all
	}
	at := func() time.Time {
		rec := &s.Records[r.IntN(len(s.Records))]
		if rec.First.IsZero() {
			return s.all.Start
		}
		return rec.First.Time()
	}
	a, b := at(), at()
	if b.Before(a) {
		a, b = b, a
	}
	return plan.Window{Start: a, Stop: b.Add(time.Millisecond), Origin: plan.Given}
}

// unknown asks for types and attributes that nobody knows: nothing matches, and
// a refusal says why.
func (s *suite) unknown(t *testing.T) {
	src := s.open(t, nil)
	s.check(t, src, s.scan("x-kestrel-nosuch", s.all))
	for _, typ := range s.types {
		path := pathOf(typ + ":x_nosuch")
		equal := &stix.Comparison{Path: path, Op: stix.Equal, Value: &stix.Literal{Value: entity.IntValue(1)}, Mode: inHunt}
		s.check(t, src, &plan.Filter{Input: s.scan(typ, s.all), Where: equal})
	}
}
