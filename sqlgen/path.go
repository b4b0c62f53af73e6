// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package sqlgen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// A cell is where a value may be: an expression of a known kind, an expression
// for values of any kind in the form of Column.Other, or both, of which at most
// one is not NULL.
type cell struct {
	main   string
	kind   entity.Kind
	tagged string

	nanos, digits string // of a moment that a record has: what main is made of
}

// A found is a place that a path leads to: a cell, or the elements of a list.
type found struct {
	cell cell
	list func(pred func(cell) string) string // not nil: some element satisfies pred
}

// A way is what one beginning of a path names. Where several name something,
// the first that an entity has counts.
type way struct {
	founds []found
	taken  string   // condition that the entity has what the beginning names
	before []string // conditions under which an earlier way counts
}

// some returns the condition that some value at p satisfies pred, which gives a
// condition that is never NULL.
func (g *generator) some(s *scope, steps []stix.Step, pred func(cell) string) string {
	var ways []string
	for _, w := range s.find(steps) {
		ways = append(ways, w.some(pred))
	}
	return disjunction(ways)
}

// some is the condition that the way counts and leads to a value that satisfies
// pred.
func (w way) some(pred func(cell) string) string {
	var any []string
	for _, f := range w.founds {
		if f.list != nil {
			any = append(any, f.list(pred))
		} else {
			any = append(any, pred(f.cell))
		}
	}
	cond := disjunction(any)
	if cond != "false" && len(w.before) > 0 {
		cond = "(NOT " + disjunction(w.before) + " AND " + cond + ")"
	}
	return cond
}

// cells returns where the value at p may be. A list is a failure.
func (g *generator) cells(s *scope, p stix.Path) []cell {
	var out []cell
	for _, w := range s.find(p.Steps) {
		for _, f := range w.founds {
			if f.list != nil {
				if g.err == nil {
					g.err = &PathError{p}
				}
				return nil
			}
			out = append(out, f.cell.unless(w.before))
		}
	}
	return out
}

// unless returns c, NULL where one of several conditions holds.
func (c cell) unless(conds []string) cell {
	if len(conds) == 0 {
		return c
	}
	c.nanos, c.digits = "", ""
	for _, sql := range []*string{&c.main, &c.tagged} {
		if *sql != "" {
			*sql = "CASE WHEN NOT " + disjunction(conds) + " THEN " + *sql + " END"
		}
	}
	return c
}

// find follows steps from s. What a longer beginning names comes first, and
// references before values. Of the parts of a row, the first counts that has what
// a beginning names: behind its reference nothing is taken from another part, or
// the attributes of two things would be mixed.
func (s *scope) find(steps []stix.Step) []way {
	if len(s.more) == 0 {
		return s.findHere(steps)
	}
	var out []way
	var before []string
	for _, part := range append([]*scope{s}, s.more...) {
		own := isStep(steps, "id") || isStep(steps, "type")
		if !part.part.shows(steps) && !isStep(steps, "type") || part != s && own {
			continue
		}
		var has []string
		for _, w := range part.findHere(steps) {
			w.before = append(slices.Clip(before), w.before...)
			out = append(out, w)
			has = append(has, w.taken)
		}
		if cond := disjunction(has); cond != "false" {
			before = append(before, cond)
		}
	}
	return out
}

// findHere is find in one part of a row.
func (s *scope) findHere(steps []stix.Step) []way {
	switch {
	case s.part.Columns != nil:
		return s.findComputed(steps)
	case s.ent == "":
		return nil // there is no such entity
	}
	var out []way
	var before []string
	add := func(w way) {
		w.before = before
		out = append(out, w)
		before = append(slices.Clip(before), w.taken)
	}
	keys := 0
	for keys < len(steps) && steps[keys].Kind == stix.Key {
		keys++
	}
	for n := keys; n > 0; n-- {
		rest := steps[n:]
		star := len(rest) > 0 && rest[0].Kind == stix.Star
		if star {
			rest = rest[1:]
		}
		if len(rest) > 0 && rest[0].Kind != stix.Key {
			continue
		}
		name := entity.CurrentAttr(s.name, stix.AttrName(steps[:n]))
		if w, ok := s.reference(name, star, rest); ok {
			add(w)
		}
		if len(rest) > 0 {
			continue
		}
		if w, ok := s.attribute(name, star); ok {
			add(w)
		}
	}
	return out
}

// findComputed finds a column of a GROUP.
func (s *scope) findComputed(steps []stix.Step) []way {
	at := cell{kind: entity.String}
	switch c := s.part.computed(steps); {
	case c != nil:
		at = cell{main: "i." + c.Ident, kind: c.Kind}
		if c.Other != "" {
			at.tagged = "i." + c.Other
		}
	case isStep(steps, "type"):
		at.main = s.g.arg(s.name)
	default:
		return nil
	}
	return []way{{founds: []found{{cell: at}}, taken: present(at)}}
}

// reference follows a reference, or a list of them, and then the rest.
func (s *scope) reference(name string, star bool, rest []stix.Step) (way, bool) {
	if s.typ == nil {
		return way{}, false
	}
	if star {
		l := s.typ.list(name)
		if l == nil {
			return way{}, false
		}
		w := way{taken: "false"}
		for _, typ := range l.Targets {
			f, taken := s.elements(l, typ, rest)
			w.founds, w.taken = append(w.founds, f), taken
		}
		return w, true
	}
	c := s.typ.column(name, true)
	if c == nil {
		return way{}, false
	}
	w := way{taken: s.need(c.Ident) + " IS NOT NULL"}
	for _, typ := range c.Targets {
		to := s.follow(c, typ)
		if len(rest) == 0 {
			w.founds = append(w.founds, found{cell: cell{main: to.idText(), kind: entity.String}})
			continue
		}
		for _, below := range to.findHere(rest) {
			w.founds = append(w.founds, below.founds...)
		}
	}
	return w, true
}

// attribute finds an attribute, or the elements of one that is a list.
func (s *scope) attribute(name string, star bool) (way, bool) {
	if !star {
		if c, ok := s.special(name); ok {
			return way{founds: []found{{cell: c}}, taken: present(c)}, true
		}
	}
	if s.typ == nil {
		return way{}, false
	}
	c := s.typ.column(name, false)
	if c == nil {
		c = s.typ.short(name)
	}
	if c == nil {
		return way{}, false
	}
	at := cell{main: s.need(c.Ident), kind: c.Kind}
	if c.Other != "" {
		at.tagged = s.need(c.Other)
	}
	w := way{founds: []found{{cell: at}}, taken: present(at)}
	if star {
		w.founds[0] = s.g.each(at)
	}
	return w, true
}

// special returns the cells of names that are no columns: id, type, and the
// attributes of the row's record.
func (s *scope) special(name string) (cell, bool) {
	text := func(sql string) (cell, bool) { return cell{main: sql, kind: entity.String}, true }
	switch {
	case name == "id":
		return text(s.idText())
	case name == "type":
		return text(s.g.arg(s.name))
	case !slices.Contains(s.part.Added, name):
		return cell{}, false
	}
	if s.record == "" {
		s.record = s.g.name("r")
	}
	switch name {
	case "first_observed":
		return moment(s.record+".first", s.record+".first_digits"), true
	case "last_observed":
		return moment(s.record+".last", s.record+".last_digits"), true
	case "observation_id":
		return text(recordID(s.record))
	}
	return cell{main: s.record + ".number", kind: entity.Int}, true
}

func moment(nanos, digits string) cell {
	return cell{main: timeText(nanos, digits), kind: entity.String, nanos: nanos, digits: digits}
}

// elements looks at the elements of a list of references, those of one type. It
// also returns the condition that the list has an element.
func (s *scope) elements(l *List, typ string, rest []stix.Step) (f found, taken string) {
	rows := s.g.name("x")
	s.g.define(rows, s.listRows(l))
	mine := rows + ".src = " + s.ent
	f.list = func(pred func(cell) string) string {
		to := s.g.scope(typ)
		to.ent, to.among = rows+".dst", "SELECT dst FROM "+rows
		var some string
		if len(rest) == 0 {
			some = pred(cell{main: to.idText(), kind: entity.String})
		} else {
			some = s.g.some(to, rest, pred)
		}
		if some == "false" {
			return some
		}
		var b strings.Builder
		to.join(&b)
		return "EXISTS (SELECT 1 FROM " + rows + b.String() + " WHERE " + mine + " AND " + some + ")"
	}
	return f, "EXISTS (SELECT 1 FROM " + rows + " WHERE " + mine + ")"
}

// listRows is the query for the rows of a list that belong to the entities of s.
func (s *scope) listRows(l *List) string {
	cond := ""
	switch {
	case s.typ.Before == 0:
	case s.typ.wide():
		cond = " AND " + seen(s.typ, "l")
	default:
		cond = fmt.Sprintf(" AND l.obj IN (SELECT s.obj FROM %s s WHERE %s)", s.typ.Sightings, seen(s.typ, "s"))
	}
	return fmt.Sprintf("SELECT DISTINCT l.src, l.dst FROM %s l WHERE l.src IN (%s)%s", l.Table, s.among, cond)
}

// each looks at the elements of a value that is a list.
func (g *generator) each(at cell) found {
	var texts []string
	if at.kind == entity.JSON {
		texts = append(texts, at.main)
	}
	if at.tagged != "" {
		texts = append(texts, fmt.Sprintf("CASE WHEN left(%[1]s, 1) = 'j' THEN substr(%[1]s, 2) END", at.tagged))
	}
	return found{list: func(pred func(cell) string) string {
		if len(texts) == 0 {
			return "false"
		}
		e := g.name("v")
		outer := g.inLambda
		g.inLambda = true
		cond := pred(cell{tagged: e})
		g.inLambda = outer
		return fmt.Sprintf("coalesce(len(list_filter(%s, lambda %s: %s)) > 0, false)", elementsOf(first(texts, "VARCHAR")), e, cond)
	}}
}
