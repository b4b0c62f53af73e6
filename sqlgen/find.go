// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package sqlgen

import (
	"fmt"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
)

// find defines the entities that stand in a relation to those of the input.
//
// A relation holds by what any object said that may be seen, not only by the
// latest value of a reference: a process that changed its image has run both.
// Entities found are ordered as they were first seen: by the place of the record
// in its source, then the place in the record. Here that is the order of their
// numbers; where it is not, and where a relation is followed on, whoever has the
// tables does it (see Found and Edges).
func (g *generator) find(n *plan.Find) relation {
	in := g.entities(n.Input)
	if g.err != nil {
		return in
	}
	if n.Hops > 1 || g.cat.Places() != "" {
		g.fail("cannot run %s", plan.Line(n))
		return in
	}
	query := "SELECT 0::BIGINT AS seq, 0::INTEGER AS ent WHERE false"
	if found := g.found(n, in); found != "" {
		query = "SELECT DISTINCT ent::BIGINT AS seq, ent FROM (" + found + ")"
	}
	return g.derive(relation{Shape: Shape{Part: Part{Entity: n.Entity}}}, query)
}

// found is the query for the entities, some perhaps more than once, that stand in
// the relation of n to those of its input; "" if there are none.
func (g *generator) found(n *plan.Find, in relation) string {
	if n.Relation == entity.Linked {
		return g.linked(n, in)
	}
	edges := g.edges(n)
	if edges == "" {
		return ""
	}
	return fmt.Sprintf("SELECT found AS ent FROM (%s) WHERE known IN (SELECT ent FROM %s)", edges, in.name)
}

// linked is the query for the entities in records that have an entity of in.
func (g *generator) linked(n *plan.Find, in relation) string {
	t, other := g.cat.Type(n.Entity), g.cat.Type(in.Entity)
	if t == nil || other == nil {
		return ""
	}
	return fmt.Sprintf("SELECT s.ent FROM %s s WHERE s.rec IN (SELECT k.rec FROM %s k WHERE k.ent IN (SELECT ent FROM %s) AND k.rec IS NOT NULL AND %s)",
		t.Sightings, other.Sightings, in.name, seen(other, "k"))
}

// edges is the query for the pairs (known, found) between which the relation of n
// holds; "" if nothing that is stored can tell.
func (g *generator) edges(n *plan.Find) string {
	subject, object := n.Entity, n.Input.Type()
	if n.By {
		subject, object = object, subject
	}
	rel, ok := entity.FindRelation(subject, n.Relation, object)
	if !ok {
		g.fail("no relation %s from %s to %s", n.Relation, subject, object)
		return ""
	}
	own, ownMixed := g.links(subject, rel.SubjectRefs, n.By, n.Entity)
	back, backMixed := g.links(object, rel.ObjectRefs, !n.By, n.Entity)
	query := strings.Join(append(own, back...), " UNION ALL ")
	t := g.cat.Type(n.Entity)
	switch {
	case query == "" || t == nil:
		return ""
	case ownMixed || backMixed:
		return fmt.Sprintf("SELECT known, found FROM (%s) WHERE found IN (SELECT ent FROM entity WHERE type = %d)", query, t.Number)
	}
	return query
}

// links returns the queries for the references of those names that entities of a
// type hold. If forward, the entity that refers is the known one, and mixed says
// whether others than of type want are found; else it is the one found.
func (g *generator) links(typ string, names []string, forward bool, want string) (queries []string, mixed bool) {
	t := g.cat.Type(typ)
	if t == nil {
		return nil, false
	}
	add := func(owner, target string, targets []string, from string) {
		known, found := owner, target
		if !forward {
			known, found = target, owner
		}
		queries = append(queries, "SELECT "+known+" AS known, "+found+" AS found FROM "+from)
		mixed = mixed || forward && (len(targets) != 1 || targets[0] != want)
	}
	for _, name := range names {
		name = entity.CurrentAttr(typ, name)
		if c := t.column(name, true); c != nil {
			add("l.ent", "l."+c.Ident, c.Targets, fmt.Sprintf("%s l WHERE l.%s IS NOT NULL AND %s", t.Objects, c.Ident, t.visible("l")))
		}
		if l := t.list(name); l != nil {
			add("l.src", "l.dst", l.Targets, fmt.Sprintf("%s l WHERE %s", l.Table, t.visible("l")))
		}
	}
	return queries, mixed
}

// visible is the condition that a row of objects, or of a list, may be seen.
func (t *Type) visible(alias string) string {
	if t.Before == 0 || t.wide() {
		return seen(t, alias)
	}
	return fmt.Sprintf("%s.obj IN (SELECT s.obj FROM %s s WHERE %s)", alias, t.Sightings, seen(t, "s"))
}

// seenIn is the query for the sightings (ent, ord) of the entities of t among
// those of another query: ord numbers records in the order of their sources, and
// behind them what belongs to no record, each for itself.
func (g *generator) seenIn(t *Type, query string) string {
	ord, from := "s.rec", t.Sightings+" s"
	if places := g.cat.Places(); places != "" {
		ord = fmt.Sprintf("CASE WHEN s.rec IS NULL THEN %d + s.slot ELSE p.place END", withoutRecord)
		from += " LEFT JOIN " + places + " p ON p.rec = s.rec"
	}
	return fmt.Sprintf("SELECT s.ent, %s AS ord FROM %s WHERE s.ent IN (%s) AND %s", ord, from, query, seen(t, "s"))
}

// withoutRecord is from where on what belongs to no record is numbered.
const withoutRecord int64 = 1 << 62

// Found returns the statement that yields the entities (ent) which stand in the
// relation of n to those of its input, each once, in no order. It reports false if
// there are none.
func Found(cat Catalog, n *plan.Find) (Statement, bool, error) {
	g := &generator{cat: cat}
	in := g.entities(n.Input)
	if g.err != nil {
		return Statement{}, false, g.err
	}
	query := g.found(n, in)
	return g.statement("SELECT DISTINCT ent FROM (" + query + ")"), query != "", g.err
}

// Edges returns the statement that yields the pairs (known, found) of entities
// between which the relation of n, a named one, holds: the one that the input may
// have, and the one to be found. It reports false if there are none.
func Edges(cat Catalog, n *plan.Find) (Statement, bool, error) {
	g := &generator{cat: cat}
	query := g.edges(n)
	return Statement{SQL: query}, query != "", g.err
}
