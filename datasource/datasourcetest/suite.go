// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package datasourcetest holds what every driver of a data source must satisfy.
// Only tests import it: those of a driver make a source whose records are known,
// and [Run] asks it all that an engine may ask.
//
// Its first rule is that of the contract: what a source takes on of a plan,
// followed by what it leaves, is the plan. So every question is answered twice,
// by the source with the rest evaluated here, and here alone, over the records
// that the source is known to hold.
package datasourcetest

import (
	"context"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// A Fixture is a source under test.
type Fixture struct {
	// Open opens the source with an environment whose clock says Now. It is
	// called anew for each test.
	Open func(t testing.TB, env datasource.Env) datasource.Source

	// Sources are the URIs that scans of it name.
	Sources []string

	// Records are what it holds, in any order, with ids set.
	Records []entity.Record

	// Now is when the tests take place. A zero one is behind all records.
	Now time.Time

	// Default is how far back a GET without a time range looks; zero if it finds
	// all records.
	Default time.Duration

	// Patterns is how many random conditions are asked for; zero means 100.
	Patterns int

	// Slow says that the source takes long to answer, so it is asked less often.
	Slow bool

	// Notes are codes of notes that any answer may carry.
	Notes []diag.Code

	// Narrow says that the source may lack words for a part of a condition. It
	// may then refuse the question, or answer with less than all; either is said,
	// with code unmapped-attribute.
	Narrow bool

	// Idle, if not nil, fails a test if the source still holds something: an open
	// search, a file.
	Idle func(t testing.TB)

	// Secrets are texts that no query, note or error may show.
	Secrets []string
}

// Run tests a source, each rule in a subtest.
func Run(t *testing.T, f Fixture) {
	t.Helper()
	s := newSuite(t, f)
	if s == nil {
		return
	}
	if !t.Run("scans", s.scans) {
		return // all else would only repeat it
	}
	tests := []struct {
		name string
		test func(*testing.T)
	}{
		{"shapes", s.shapes},
		{"windows", s.windows},
		{"default window", s.defaultWindow},
		{"hostile values", s.hostile},
		{"patterns", s.patterns},
		{"unknown names", s.unknown},
		{"together", s.together},
		{"completion", s.completion},
		{"at once", s.atOnce},
		{"cancel", s.cancel},
		{"stamp", s.stamp},
		{"offline", s.offline},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.test)
	}
}

// A suite is a fixture with what is known about it.
type suite struct {
	Fixture
	types []string             // of the records' objects, sorted
	all   plan.Window          // covers all records that have times
	named map[string]int       // records by what they say
	order map[string][]int     // records of a type in the order of the source
	some  map[string]stix.Expr // a condition for each type, drawn when it is first asked for
}

func newSuite(t *testing.T, f Fixture) *suite {
	t.Helper()
	s := &suite{Fixture: f, named: make(map[string]int), order: make(map[string][]int), some: make(map[string]stix.Expr)}
	var first, last time.Time
	for i := range f.Records {
		r := &f.Records[i]
		if j, twice := s.named[textOf(r)]; twice {
			t.Errorf("fixture: records %d and %d are the same: %s", j, i, r.ID)
		}
		s.named[textOf(r)] = i
		for _, o := range r.Objects {
			if o.ID.IsZero() {
				t.Errorf("fixture: object %s of record %s has no id", o.Key, r.ID)
			}
			s.types = append(s.types, o.Type)
		}
		for _, at := range []entity.Time{r.First, r.Last} {
			if at.IsZero() {
				continue
			}
			if first.IsZero() || at.Time().Before(first) {
				first = at.Time()
			}
			if at.Time().After(last) {
				last = at.Time()
			}
		}
	}
	slices.Sort(s.types)
	s.types = slices.Compact(s.types)
	if len(s.types) == 0 || first.IsZero() {
		t.Error("fixture: no record has objects, or none has a time")
		return nil
	}
	if s.Now.IsZero() {
		s.Now = last.Add(time.Hour)
	}
	if s.Patterns == 0 {
		s.Patterns = s.often(100)
	}
	s.all = plan.Window{Start: first.Add(-time.Hour), Stop: last.Add(time.Hour), Origin: plan.Given}
	return s
}

// often returns n, or less for a slow source.
func (s *suite) often(n int) int {
	if s.Slow {
		return (n + 4) / 5
	}
	return n
}

// open opens the source.
func (s *suite) open(t testing.TB, change func(*datasource.Env)) datasource.Source {
	t.Helper()
	env := datasource.Env{Now: func() time.Time { return s.Now }}
	if change != nil {
		change(&env)
	}
	src := s.Open(t, env)
	if src == nil {
		t.Fatal("Open returned no source")
	}
	return src
}

// idle holds that the source has nothing open.
func (s *suite) idle(t testing.TB) {
	t.Helper()
	if s.Idle != nil {
		s.Idle(t)
	}
}

// scan is a plan over all entities of a type.
func (s *suite) scan(typ string, w plan.Window) *plan.Scan {
	return &plan.Scan{Sources: s.Sources, Entity: typ, Window: w}
}

// noDial is a way to servers that fails the test.
func noDial(t testing.TB) func(context.Context, string, string) (net.Conn, error) {
	return func(_ context.Context, _, address string) (net.Conn, error) {
		t.Errorf("a connection to %s was opened", address)
		return nil, net.ErrClosed
	}
}
