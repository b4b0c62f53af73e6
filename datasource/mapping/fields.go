// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// Slots returns the objects of a type that a record may hold, in the order of
// the rules: those that [Target] names at the beginning of paths. It is empty
// for a type of which no record has an object.
func (t *Table) Slots(typ string) []string { return slices.Clone(t.reach.types[typ]) }

// SlotFields returns the native fields of which one must have a value for a record
// to hold the object of a slot, in the order of the rules.
func (t *Table) SlotFields(typ, slot string) []string {
	var out []string
	for i := range t.to.rules {
		r := &t.to.rules[i]
		if r.Slot == slot && r.Type == typ && r.Refs == nil && !slices.Contains(out, r.Field) {
			out = append(out, r.Field)
		}
	}
	return out
}

// AllFields returns all native fields that rules read, sorted.
func (t *Table) AllFields() []string {
	var out []string
	for i := range t.to.rules {
		out = append(out, t.to.rules[i].Field)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TimeFields returns the native fields that say when a record was seen.
func (t *Table) TimeFields() []string {
	var out []string
	for i := range t.to.rules {
		if r := &t.to.rules[i]; r.Observed == "first_observed" || r.Observed == "last_observed" {
			out = append(out, r.Field)
		}
	}
	return slices.Compact(out)
}

// IsIdentity reports whether a path ends in a reference, whose value is the id
// of an entity, or in the id or the type of an object: values that objects have
// without any native field.
func (t *Table) IsIdentity(path stix.Path) bool {
	legs := legsOf(path.Steps)
	return len(legs) > 0 && slices.ContainsFunc(t.reach.types[path.Type], func(slot string) bool {
		return t.reach.identifies(slot, path.Type, legs)
	})
}

func (x *reach) identifies(slot, typ string, legs []leg) bool {
	last := len(legs) - 1
	if name := legs[0].name; last == 0 && !legs[0].star && (name == "id" || name == "type") {
		return true
	}
	s := x.slots[slot]
	if s == nil {
		return false
	}
	var names []string
	for n := range legs {
		names = append(names, legs[n].name)
		targets := refTargets(s.refs[entity.CurrentAttr(typ, entity.AttrName(names...))], typ, legs[n].star)
		if n == last {
			return len(targets) > 0
		}
		for _, target := range targets {
			if x.follows(target, legs[n+1:]) {
				return true
			}
		}
		if legs[n].star {
			return false
		}
	}
	return false
}

func (x *reach) follows(slot string, legs []leg) bool {
	s := x.slots[slot]
	return s != nil && slices.ContainsFunc(s.types, func(typ string) bool { return x.identifies(slot, typ, legs) })
}

// Entered returns the path that enters the lists that path passes without
// entering them, category[*] for category, and whether it leads to something.
func (t *Table) Entered(path stix.Path) (stix.Path, bool) {
	out := stix.Path{Type: path.Type, At: path.At}
	for _, s := range path.Steps {
		if s.Kind != stix.Key {
			continue
		}
		out.Steps = append(out.Steps, s)
		if strings.HasSuffix(s.Name, "_refs") {
			out.Steps = append(out.Steps, stix.Step{Kind: stix.Star})
		}
	}
	if stix.AttrName(out.Steps) != stix.AttrName(path.Steps) && (len(t.Lookup(out)) > 0 || t.IsIdentity(out)) {
		return out, true
	}
	out.Steps = append(out.Steps, stix.Step{Kind: stix.Star})
	return out, slices.ContainsFunc(t.Lookup(out), func(x Target) bool { return x.List })
}
