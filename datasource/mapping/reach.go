// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// A Target is one way in which a record can get a value at a path: the native
// field that gives it, and what is done to it.
type Target struct {
	// Slot is the object at which the path begins. Targets of different paths
	// that begin at the same object have the same slot.
	Slot string

	// Type is the type of the object that has the value at the end of the path.
	Type string

	// Field is the native field.
	Field string

	// Conv is the converter between field and value, "" for none.
	Conv string

	// Const is the value itself, if the field only says that there is one.
	Const *entity.Value

	// List is true if the attribute is always a list, of all values that the
	// field and others give.
	List bool

	// Elements is true if the path enters the list: it is about its elements.
	Elements bool
}

// reach indexes rules by where they write.
type reach struct {
	slots map[string]*slotRules
	types map[string][]string // slots of a type, in the order of the rules
}

// A slotRules holds the rules of one slot by attribute; those of an extension
// stand under their short name too.
type slotRules struct {
	types  []string // of the values, sorted
	values map[string][]*Rule
	refs   map[string][]*Rule
}

func newReach(rules []Rule) *reach {
	x := &reach{slots: make(map[string]*slotRules), types: make(map[string][]string)}
	for i := range rules {
		r := &rules[i]
		if r.Observed != "" {
			continue
		}
		s := x.slots[r.Slot]
		if s == nil {
			s = &slotRules{values: make(map[string][]*Rule), refs: make(map[string][]*Rule)}
			x.slots[r.Slot] = s
		}
		index := s.values
		if r.Refs != nil {
			index = s.refs
		} else {
			x.addType(r, s)
		}
		attr := entity.CurrentAttr(r.Type, attrOf(r.Prop))
		index[attr] = append(index[attr], r)
		if short, ok := entity.ShortAttr(attr); ok {
			index[short] = append(index[short], r)
		}
	}
	return x
}

func (x *reach) addType(r *Rule, s *slotRules) {
	if !slices.Contains(x.types[r.Type], r.Slot) {
		x.types[r.Type] = append(x.types[r.Type], r.Slot)
	}
	if at, found := slices.BinarySearch(s.types, r.Type); !found {
		s.types = slices.Insert(s.types, at, r.Type)
	}
}

// A leg is one name on a path, perhaps with a step into the list behind it.
type leg struct {
	name string
	star bool
}

// maxLegs bounds how many references a path may follow.
const maxLegs = 32

// legsOf takes a path apart; nil if no record can have a value there, as behind
// an index.
func legsOf(steps []stix.Step) []leg {
	var legs []leg
	for i, s := range steps {
		switch {
		case s.Kind == stix.Key:
			legs = append(legs, leg{name: s.Name})
		case s.Kind == stix.Star && i > 0 && !legs[len(legs)-1].star:
			legs[len(legs)-1].star = true
		default:
			return nil
		}
	}
	if len(legs) > maxLegs {
		return nil
	}
	return legs
}

// targets returns what can give objects of a type a value at a path.
func (x *reach) targets(typ string, steps []stix.Step) []Target {
	legs := legsOf(steps)
	var out []Target
	for _, slot := range x.types[typ] {
		for _, t := range x.from(slot, typ, legs) {
			t.Slot = slot
			out = append(out, t)
		}
	}
	return out
}

// from returns what can give the object of a slot, of a type, a value at the end
// of legs.
func (x *reach) from(slot, typ string, legs []leg) []Target {
	s := x.slots[slot]
	var out []Target
	var names []string
	for n := range legs {
		names = append(names, legs[n].name)
		attr := entity.CurrentAttr(typ, entity.AttrName(names...))
		rest := legs[n+1:]
		for _, r := range s.values[attr] {
			if r.Type == typ {
				out = appendTarget(out, r, legs[n].star, rest)
			}
		}
		if len(rest) > 0 {
			for _, target := range refTargets(s.refs[attr], typ, legs[n].star) {
				out = append(out, x.follow(target, rest)...)
			}
		}
		if legs[n].star {
			break // a name goes no further than to the list
		}
	}
	return out
}

// follow returns what can give the object of a slot that is referred to a value,
// for each type that it may have.
func (x *reach) follow(slot string, legs []leg) []Target {
	s := x.slots[slot]
	if s == nil {
		return nil
	}
	var out []Target
	for _, typ := range s.types {
		out = append(out, x.from(slot, typ, legs)...)
	}
	return out
}

// refTargets returns the slots that rules refer to, each once.
func refTargets(rules []*Rule, typ string, many bool) []string {
	var out []string
	for _, r := range rules {
		if r.Type != typ || r.Many != many {
			continue
		}
		for _, slot := range r.Refs {
			if !slices.Contains(out, slot) {
				out = append(out, slot)
			}
		}
	}
	return out
}

// appendTarget appends the target of a value rule. The rest of the path leads
// into an object that the field holds.
func appendTarget(out []Target, r *Rule, star bool, rest []leg) []Target {
	t := Target{Type: r.Type, Field: r.Field, Conv: r.Conv, Const: r.Const, List: r.Collect, Elements: star}
	if len(rest) > 0 {
		if star || r.Conv != "" || r.Const != nil || r.Collect {
			return out
		}
		names := make([]string, len(rest))
		for i, l := range rest {
			if l.star && i < len(rest)-1 {
				return out
			}
			names[i] = l.name
		}
		t.Field += "." + strings.Join(names, ".")
		t.Elements = rest[len(rest)-1].star
	}
	return append(out, t)
}
