// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package sqlgen

import (
	"slices"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// entity returns the expression for the number of the entity whose id is at the
// end of steps, for a path that ends in id or in a reference: numbers compare and
// count faster than the texts that they stand for. ok is false if the path may
// lead to anything else.
func (s *scope) entity(steps []stix.Step) (number string, ok bool) {
	var numbers []string
	for _, part := range append([]*scope{s}, s.more...) {
		if len(s.more) > 0 && !part.part.shows(steps) || part != s && isStep(steps, "id") {
			continue
		}
		some, ok := part.entities(steps)
		if !ok {
			return "", false
		}
		numbers = append(numbers, some...)
	}
	return either(numbers), len(numbers) > 0
}

// entities is entity in one part; there are several numbers if a reference on
// the way leads to several types, and none if nothing is stored where the steps
// lead.
func (s *scope) entities(steps []stix.Step) (numbers []string, ok bool) {
	switch {
	case s.part.Columns != nil || s.ent == "":
		return nil, false
	case isStep(steps, "id"):
		return []string{s.ent}, true
	case s.typ == nil:
		return nil, true
	}
	if slices.ContainsFunc(steps, func(s stix.Step) bool { return s.Kind != stix.Key }) {
		return nil, false
	}
	for n := len(steps); n > 0; n-- {
		name := entity.CurrentAttr(s.name, stix.AttrName(steps[:n]))
		if n == len(steps) && (s.typ.column(name, false) != nil || s.typ.short(name) != nil) {
			return nil, false
		}
		c := s.typ.column(name, true)
		switch {
		case c == nil:
			continue
		case n == len(steps):
			return []string{s.need(c.Ident)}, true
		}
		for _, typ := range c.Targets {
			below, ok := s.follow(c, typ).entities(steps[n:])
			if !ok {
				return nil, false
			}
			numbers = append(numbers, below...)
		}
		return numbers, true
	}
	return nil, true
}
