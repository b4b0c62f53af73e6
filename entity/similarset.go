// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package entity

import (
	"cmp"
	"slices"
	"sort"
)

// A Similars tells which sightings are similar to one of many, without comparing
// each with each: for every rule it keeps, for each combination of what the rule
// wants equal, the union of the widened ranges. Make one with
// [Similarity.Around].
type Similars struct {
	windows Similarity
	ranges  map[similarKey][]span
	unique  bool      // some of the sightings have unique ids
	own     *Similars // if not nil: only what may be on a host of its sightings belongs to the set
}

// A similarKey is what must be equal for a rule to hold.
type similarKey struct {
	rule   rule
	pid    int64
	name   string
	parent int64
	scope  scope
	place  string // the host or the source, as scope says
	class  class
	unique string // of class sameUnique
}

type rule uint8

const (
	rulePlace rule = iota // host or source alone
	ruleUnique
	ruleNameAndParent
	ruleName
	ruleParent
	ruleNameChanged
)

// A scope says where both sightings must have been.
type scope uint8

const (
	onHost         scope = iota // on the host
	inSource                    // in the source, that one's host being unknown
	inSourceOnHost              // in the source, that one's host being known
)

// A class says what unique ids both have.
type class uint8

const (
	noUnique   class = iota // that one has none
	someUnique              // that one has one
)

// A span is a range of nanoseconds without its ends.
type span struct{ begin, end int64 }

// Around returns the set of what is similar to some of refs.
func (s Similarity) Around(refs []Sighting) *Similars {
	out := &Similars{windows: s, ranges: make(map[similarKey][]span)}
	for i := range refs {
		out.add(&refs[i])
	}
	for key, spans := range out.ranges {
		out.ranges[key] = union(spans)
	}
	return out
}

// Belonging returns the set of what belongs to the processes of own, given the
// others that are candidates: what is similar to an anchor, and an anchor is one
// of own or a candidate that is similar to one of own. An anchor whose host is
// unknown leads to no host on which none of own may have been.
func (s Similarity) Belonging(own, candidates []Sighting) *Similars {
	first := s.Around(own)
	anchors := slices.Clone(own)
	for i := range candidates {
		if first.Has(candidates[i]) {
			anchors = append(anchors, candidates[i])
		}
	}
	out := s.Around(anchors)
	out.own = first
	return out
}

// add puts a sighting under each key by which another may be similar to it.
func (m *Similars) add(r *Sighting) {
	key := similarKey{pid: r.PID}
	if r.Unique != "" {
		m.unique = true
		key.class = someUnique
	}
	scopes := [2]similarKey{{scope: inSource, place: r.Source}}
	n := 1
	if r.Host != "" {
		scopes = [2]similarKey{{scope: onHost, place: r.Host}, {scope: inSourceOnHost, place: r.Source}}
		n = 2
	}
	for _, sc := range scopes[:n] {
		key.scope, key.place = sc.scope, sc.place
		m.ranges[similarKey{rule: rulePlace, pid: r.PID, scope: sc.scope, place: sc.place}] = nil
		if r.Unique != "" {
			same := similarKey{rule: ruleUnique, pid: r.PID, scope: sc.scope, place: sc.place, unique: r.Unique}
			m.ranges[same] = nil
		}
		if r.First.IsZero() || r.Last.IsZero() {
			continue
		}
		m.eachRule(r, key, func(key similarKey, o Offsets) bool {
			m.ranges[key] = append(m.ranges[key], span{r.First.Nanos + int64(o.Begin), r.Last.Nanos + int64(o.End)})
			return false
		})
	}
}

// eachRule calls yield with the key of each rule that may hold for s until it
// returns true, and reports whether it did.
func (m *Similars) eachRule(s *Sighting, key similarKey, yield func(similarKey, Offsets) bool) bool {
	k := key
	if k.rule = ruleNameChanged; yield(k, m.windows.NameChanged) {
		return true
	}
	if s.HasParent {
		k.rule, k.parent = ruleParent, s.ParentPID
		if yield(k, m.windows.ParentPID) {
			return true
		}
	}
	if s.Name == "" {
		return false
	}
	k = key
	k.rule, k.name = ruleName, s.Name
	if yield(k, m.windows.Name) {
		return true
	}
	if s.HasParent {
		k.rule, k.parent = ruleNameAndParent, s.ParentPID
		return yield(k, m.windows.NameAndParentPID)
	}
	return false
}

// Has reports whether f is in the set.
func (m *Similars) Has(f Sighting) bool {
	keys := keysOf(&f)
	return (m.own == nil || m.own.beside(keys)) && (m.has(&f, keys[0]) || m.has(&f, keys[1]))
}

// keysOf returns the beginnings of the keys under which what is similar to f may
// be.
func keysOf(f *Sighting) [2]similarKey {
	out := [2]similarKey{
		{pid: f.PID, scope: inSource, place: f.Source},
		{pid: f.PID, scope: inSourceOnHost, place: f.Source},
	}
	if f.Host != "" {
		out[1].scope, out[1].place = onHost, f.Host
	}
	return out
}

// beside reports whether a sighting has the process id of one of the set, and
// may have been on its host.
func (m *Similars) beside(keys [2]similarKey) bool {
	_, first := m.ranges[keys[0]]
	_, second := m.ranges[keys[1]]
	return first || second
}

func (m *Similars) has(f *Sighting, key similarKey) bool {
	if f.Unique != "" && m.unique {
		same := key
		same.rule, same.unique = ruleUnique, f.Unique
		if _, ok := m.ranges[same]; ok {
			return true
		}
	}
	if m.inRanges(f, key) {
		return true
	}
	if f.Unique != "" || !m.unique {
		return false
	}
	key.class = someUnique
	return m.inRanges(f, key)
}

// inRanges reports whether a rule holds for f under a key.
func (m *Similars) inRanges(f *Sighting, key similarKey) bool {
	return m.eachRule(f, key, func(key similarKey, _ Offsets) bool {
		spans := m.ranges[key]
		return holds(spans, f.First) || key.rule == ruleNameChanged && holds(spans, f.Last)
	})
}

// union sorts ranges and joins those that overlap.
func union(spans []span) []span {
	spans = slices.DeleteFunc(spans, func(s span) bool { return s.begin >= s.end })
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.begin, b.begin) })
	var out []span
	for _, s := range spans {
		if n := len(out); n > 0 && s.begin < out[n-1].end {
			out[n-1].end = max(out[n-1].end, s.end)
			continue
		}
		out = append(out, s)
	}
	return out
}

// holds reports whether t lies in one of the ranges, which are sorted and apart.
func holds(spans []span, t Time) bool {
	if t.IsZero() || len(spans) == 0 {
		return false
	}
	i := sort.Search(len(spans), func(i int) bool { return spans[i].end > t.Nanos })
	return i < len(spans) && spans[i].begin < t.Nanos
}
