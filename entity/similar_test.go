// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package entity

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// clock is when the process of the tables was seen, for ten seconds.
var clock = time.Date(2024, 5, 6, 9, 0, 0, 0, time.UTC)

// seen is a sighting of process 7 that begins and ends so long after clock.
func seen(first, last time.Duration, change ...func(*Sighting)) Sighting {
	s := Sighting{PID: 7, Source: "a", First: TimeOf(clock.Add(first), 3), Last: TimeOf(clock.Add(last), 3)}
	for _, f := range change {
		f(&s)
	}
	return s
}

func named(name string) func(*Sighting) { return func(s *Sighting) { s.Name = name } }
func below(pid int64) func(*Sighting) {
	return func(s *Sighting) { s.ParentPID, s.HasParent = pid, true }
}
func on(host string) func(*Sighting)     { return func(s *Sighting) { s.Host = host } }
func from(source string) func(*Sighting) { return func(s *Sighting) { s.Source = source } }
func unique(id string) func(*Sighting)   { return func(s *Sighting) { s.Unique = id } }
func pid(n int64) func(*Sighting)        { return func(s *Sighting) { s.PID = n } }

func TestSimilar(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	tests := []struct {
		name string
		f, r Sighting
		want bool
	}{
		{"at once", seen(0, 0), seen(0, 0), true},
		{"another pid", seen(0, 0, pid(8)), seen(0, 0), false},

		{"fork and exec", seen(0, 0, named("bash"), below(1)), seen(4999*ms, 4999*ms, named("curl"), below(1)), true},
		{"another name within five seconds", seen(10*time.Second+4999*ms, time.Hour, named("b")), seen(0, 10*time.Second, named("a")), true},
		{"another name at five seconds", seen(15*time.Second, time.Hour, named("b")), seen(0, 10*time.Second, named("a")), false},
		{"another name five seconds before", seen(-5*time.Second, -5*time.Second, named("b")), seen(0, 0, named("a")), false},
		{"ends just before", seen(-time.Hour, -4999*ms), seen(0, 0), true},
		{"begins before, ends after", seen(-time.Hour, time.Hour), seen(0, 0), false},

		{"same name within an hour", seen(time.Hour-ms, time.Hour, named("a")), seen(0, 0, named("a")), true},
		{"same name after an hour: the pid was used again", seen(time.Hour, time.Hour, named("a")), seen(0, 0, named("a")), false},
		{"no names are not the same name", seen(time.Minute, time.Minute), seen(0, 0), false},
		{"same parent within an hour", seen(-time.Hour+ms, 0-time.Minute, below(1)), seen(0, 0, below(1)), true},
		{"same parent an hour before", seen(-time.Hour, -time.Minute, below(1)), seen(0, 0, below(1)), false},
		{"another parent", seen(time.Minute, time.Minute, below(2)), seen(0, 0, below(1)), false},
		{"parent 0 is not an unknown parent", seen(time.Minute, time.Minute, below(0)), seen(0, 0), false},
		{"same name and parent within a day", seen(24*time.Hour-ms, 24*time.Hour, named("a"), below(1)), seen(0, 0, named("a"), below(1)), true},
		{"same name and parent after a day", seen(24*time.Hour, 24*time.Hour, named("a"), below(1)), seen(0, 0, named("a"), below(1)), false},
		{"same name, another parent, within a day", seen(2*time.Hour, 2*time.Hour, named("a"), below(1)), seen(0, 0, named("a"), below(2)), false},

		{"on one host", seen(0, 0, on("h"), from("b")), seen(0, 0, on("h")), true},
		{"on two hosts", seen(0, 0, on("g")), seen(0, 0, on("h")), false},
		{"unknown host in one source", seen(0, 0), seen(0, 0, on("h")), true},
		{"unknown host in another source", seen(0, 0, from("b")), seen(0, 0, on("h")), false},
		{"known host in another source", seen(0, 0, on("h"), from("b")), seen(0, 0), false},
		{"unknown hosts in two sources", seen(0, 0, from("b")), seen(0, 0), false},

		{"two unique ids", seen(0, 0, unique("x")), seen(0, 0, unique("y")), false},
		{"one unique id, long after", seen(9999*time.Hour, 9999*time.Hour, unique("x")), seen(0, 0, unique("x")), true},
		{"only one has a unique id", seen(0, 0, unique("x")), seen(0, 0), true},
		{"only the other has a unique id", seen(0, 0), seen(0, 0, unique("x")), true},

		{"unknown time", Sighting{PID: 7, Source: "a", Name: "a"}, seen(0, 0, named("a")), false},
		{"unknown time of the other", seen(0, 0, named("a")), Sighting{PID: 7, Source: "a", Name: "a"}, false},
	}
	s := DefaultSimilarity()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := s.Similar(tt.f, tt.r); got != tt.want {
				t.Errorf("Similar(%+v, %+v) = %t, want %t", tt.f, tt.r, got, tt.want)
			}
			if got := s.Around([]Sighting{tt.r}).Has(tt.f); got != tt.want {
				t.Errorf("Around(%+v).Has(%+v) = %t, want %t", tt.r, tt.f, got, tt.want)
			}
		})
	}
}

// TestAround compares the set with the definition.
func TestAround(t *testing.T) {
	t.Parallel()
	random := rapid.Custom(func(t *rapid.T) Sighting {
		pick := func(name string, of ...string) string { return rapid.SampledFrom(of).Draw(t, name) }
		first := rapid.IntRange(0, 40).Draw(t, "first")
		s := Sighting{
			PID:    int64(rapid.IntRange(1, 2).Draw(t, "pid")),
			Name:   pick("name", "", "a", "b"),
			Unique: pick("unique", "", "", "x", "y"),
			Host:   pick("host", "", "g", "h"),
			Source: pick("source", "s", "t"),
		}
		if rapid.Bool().Draw(t, "parent") {
			s.ParentPID, s.HasParent = int64(rapid.IntRange(0, 1).Draw(t, "ppid")), true
		}
		if rapid.IntRange(0, 9).Draw(t, "timed") > 0 {
			s.First = TimeOf(clock.Add(time.Duration(first)*time.Second), 0)
			s.Last = TimeOf(clock.Add(time.Duration(first+rapid.IntRange(0, 5).Draw(t, "last"))*time.Second), 0)
		}
		return s
	})
	windows := Similarity{
		NameChanged:      Offsets{-2 * time.Second, time.Second},
		Name:             Offsets{-4 * time.Second, 5 * time.Second},
		ParentPID:        Offsets{time.Second, 6 * time.Second},
		NameAndParentPID: Offsets{-9 * time.Second, 9 * time.Second},
	}
	rapid.Check(t, func(t *rapid.T) {
		refs := rapid.SliceOfN(random, 0, 12).Draw(t, "refs")
		f := random.Draw(t, "f")
		want := false
		for _, r := range refs {
			want = want || windows.Similar(f, r)
		}
		if got := windows.Around(refs).Has(f); got != want {
			t.Fatalf("Around(%+v).Has(%+v) = %t, want %t", refs, f, got, want)
		}
	})
}

func TestBelonging(t *testing.T) {
	t.Parallel()
	min := func(n time.Duration, change ...func(*Sighting)) Sighting {
		return seen(n*time.Minute, n*time.Minute, change...)
	}
	tests := []struct {
		name       string
		own        []Sighting
		candidates []Sighting
		want       []bool
	}{
		{"nothing belongs to nothing", nil, []Sighting{min(0)}, []bool{false}},
		{"one's own", []Sighting{min(0)}, []Sighting{min(0), min(1)}, []bool{true, false}},
		{
			"over an anchor, not over two",
			[]Sighting{min(0, named("a"))},
			[]Sighting{min(0, named("b")), min(30, named("b")), min(30, named("c"))},
			[]bool{true, true, false},
		},
		{
			"an anchor of unknown host leads to no other host",
			[]Sighting{min(0, on("g"))},
			[]Sighting{min(0), min(0, on("g")), min(0, on("h"))},
			[]bool{true, true, false},
		},
		{
			"from an unknown host to any of the source",
			[]Sighting{min(0)},
			[]Sighting{min(0, on("g")), min(0, on("h")), min(0, on("h"), from("b"))},
			[]bool{true, true, false},
		},
		{
			"no unique id leads to another",
			[]Sighting{min(0, unique("x"))},
			[]Sighting{min(0, unique("y")), min(9999, unique("x"))},
			[]bool{false, true},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			set := DefaultSimilarity().Belonging(tt.own, tt.candidates)
			for i, f := range tt.candidates {
				if got := set.Has(f); got != tt.want[i] {
					t.Errorf("Belonging(...).Has(%+v) = %t, want %t", f, got, tt.want[i])
				}
			}
		})
	}
}
