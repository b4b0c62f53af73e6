// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package match

import (
	"slices"

	"github.com/kestrelhunt/kestrel/entity"
)

// choices holds, for each type that is not the centre's, what its objects in a
// record make of the comparisons about them. Since NOT stands only inside
// comparisons, a tree can only gain from more true ones: of two objects, one
// that satisfies all that the other does can always stand for it, and is all
// that is kept.
type choices struct {
	known bool
	best  [][]truths // by other: none is less than another
	upper []truths   // by other: true where any object satisfies
}

// truths says which atoms of a type an object satisfies, by number.
type truths []bool

// matchesSome reports whether object i matches with some choice of objects of
// the other types.
func (m *Matcher) matchesSome(rec *entity.Record, i int, ch *choices) bool {
	if !ch.known {
		m.choose(rec, ch)
	}
	// Centre comparisons are looked at once for each choice that is tried; nearly
	// always the first or second try decides.
	try := func(chosen []truths) bool {
		return m.root.holds(func(a *atom) bool {
			if a.other < 0 {
				return a.holds(rec, i)
			}
			return chosen[a.other] != nil && chosen[a.other][a.number]
		})
	}
	if !try(ch.upper) {
		return false
	}
	if !slices.ContainsFunc(ch.best, func(b []truths) bool { return len(b) > 1 }) {
		return true // upper is the one choice there is
	}
	return m.trySome(ch, make([]truths, 0, len(m.others)), try)
}

// trySome tries all ways to complete a choice.
func (m *Matcher) trySome(ch *choices, chosen []truths, try func([]truths) bool) bool {
	if len(chosen) == len(m.others) {
		return try(chosen)
	}
	best := ch.best[len(chosen)]
	if len(best) == 0 {
		return m.trySome(ch, append(chosen, nil), try)
	}
	return slices.ContainsFunc(best, func(t truths) bool {
		return m.trySome(ch, append(chosen, t), try)
	})
}

// choose finds the choices that a record offers.
func (m *Matcher) choose(rec *entity.Record, ch *choices) {
	ch.known = true
	ch.best = make([][]truths, len(m.others))
	ch.upper = make([]truths, len(m.others))
	for n := range m.others {
		o := &m.others[n]
		for i := range rec.Objects {
			if rec.Objects[i].Type != o.typ {
				continue
			}
			t := make(truths, len(o.atoms))
			for j, a := range o.atoms {
				t[j] = a.holds(rec, i)
			}
			ch.best[n] = addBest(ch.best[n], t)
		}
		for _, t := range ch.best[n] {
			ch.upper[n] = t.or(ch.upper[n])
		}
	}
}

// addBest adds t unless another stands for it, and drops those for which t
// stands.
func addBest(best []truths, t truths) []truths {
	if slices.ContainsFunc(best, func(b truths) bool { return b.covers(t) }) {
		return best
	}
	return append(slices.DeleteFunc(best, t.covers), t)
}

// covers reports whether t is true wherever u is.
func (t truths) covers(u truths) bool {
	for i := range u {
		if u[i] && !t[i] {
			return false
		}
	}
	return true
}

// or returns where t or u is true; u may be nil.
func (t truths) or(u truths) truths {
	out := slices.Clone(t)
	for i := range u {
		out[i] = out[i] || u[i]
	}
	return out
}
