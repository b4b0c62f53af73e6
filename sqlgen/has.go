// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package sqlgen

import (
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// Has reports whether steps lead from entities of a type to something that is
// stored: an attribute, a reference, a list, or something behind one.
func Has(cat Catalog, typ string, steps []stix.Step) bool {
	if len(steps) == 1 && (steps[0].Name == "id" || steps[0].Name == "type") {
		return true
	}
	t := cat.Type(typ)
	if t == nil {
		return false
	}
	keys := 0
	for keys < len(steps) && steps[keys].Kind == stix.Key {
		keys++
	}
	for n := keys; n > 0; n-- {
		if t.has(cat, entity.CurrentAttr(typ, stix.AttrName(steps[:n])), steps[n:]) {
			return true
		}
	}
	return false
}

// has reports whether a name and what follows lead to something.
func (t *Type) has(cat Catalog, name string, rest []stix.Step) bool {
	star := len(rest) > 0 && rest[0].Kind == stix.Star
	if star {
		rest = rest[1:]
	}
	var targets []string
	if c := t.column(name, true); c != nil && !star {
		targets = c.Targets
	}
	if l := t.list(name); l != nil && star {
		targets = l.Targets
	}
	if len(rest) == 0 {
		return len(targets) > 0 || t.column(name, false) != nil || t.short(name) != nil || t.list(name) != nil
	}
	for _, target := range targets {
		if Has(cat, target, rest) {
			return true
		}
	}
	return false
}
