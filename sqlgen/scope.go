// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package sqlgen

import (
	"fmt"
	"slices"
	"strings"
)

// A scope is a thing whose attributes a statement looks at: the entity of a
// row, one that a reference leads to, an element of a list, or another one in the
// row's record. It becomes a view with the columns that turn out to be needed, joined
// under an alias that is also the view's name.
type scope struct {
	g     *generator
	name  string // of the type
	typ   *Type  // nil: nothing of the type is stored
	alias string
	place int    // of the view among the common table expressions
	ent   string // the number of the entity, in terms of what the scope hangs on
	among string // a query for the entities that matter

	part    Part     // of a part of rows
	number  int      // of a part of rows: its place among them
	rows    string   // of the first part: the table of rows
	more    []*scope // of the first part: the others
	pairs   string   // of an entity in the row's record: the table (rec, ent)
	there   string   // of an entity in the row's record: the condition that there is one
	ref     *Column  // the reference that led here, if one did
	columns []string // needed
	id      string   // alias of table entity, if the id is needed
	record  string   // alias of table record, if the row's record is needed
	below   []*scope // where references lead
}

func (g *generator) scope(typ string) *scope {
	return &scope{g: g, name: typ, typ: g.cat.Type(typ), alias: g.name("m"), place: g.reserve()}
}

// root returns the scope of the rows of in, which stand under the alias i: that
// of their first part, with the others behind it.
func (g *generator) root(in relation) *scope {
	var parts []*scope
	for k, p := range in.Parts() {
		s := g.scope(p.Entity)
		s.part, s.number = p, k
		if p.Columns == nil {
			s.ent, s.among = "i."+entIdent(k), "SELECT "+entIdent(k)+" FROM "+in.name
		}
		parts = append(parts, s)
	}
	parts[0].rows, parts[0].more = in.name, parts[1:]
	return parts[0]
}

// need returns the column of s with that identifier.
func (s *scope) need(ident string) string {
	if !slices.Contains(s.columns, ident) {
		s.columns = append(s.columns, ident)
	}
	return s.alias + "." + ident
}

// follow returns the scope that a reference leads to, for entities of a type.
func (s *scope) follow(c *Column, typ string) *scope {
	for _, b := range s.below {
		if b.ref == c && b.name == typ {
			return b
		}
	}
	b := s.g.scope(typ)
	b.ref, b.ent = c, s.need(c.Ident)
	if s.direct() {
		b.among = fmt.Sprintf("SELECT %s FROM %s WHERE ent IN (%s)", c.Ident, s.typ.Objects, s.among)
	} else {
		b.among = "SELECT " + c.Ident + " FROM " + s.alias
	}
	s.below = append(s.below, b)
	return b
}

// direct reports whether the table of objects serves as the view.
func (s *scope) direct() bool { return s.typ.Single }

// idText returns the text of the id of s.
func (s *scope) idText() string {
	if s.id == "" {
		s.id = s.g.name("e")
	}
	return fmt.Sprintf("coalesce(%[1]s.id, %[2]s || '--' || %[1]s.uuid::VARCHAR)", s.id, s.g.arg(s.name))
}

// from returns the FROM clause for a root and all that hangs on it, and defines
// the views.
func (g *generator) from(root *scope) string {
	var b strings.Builder
	fmt.Fprintf(&b, " FROM %s i", root.rows)
	for _, s := range append([]*scope{root}, root.more...) {
		if s.record != "" {
			fmt.Fprintf(&b, " LEFT JOIN record %[1]s ON %[1]s.rec = i.%[2]s", s.record, recIdent(s.number))
		}
		s.join(&b)
	}
	return b.String()
}

// join writes the joins of s and of what hangs on it, and defines the views.
func (s *scope) join(b *strings.Builder) {
	switch {
	case len(s.columns) == 0:
	case s.direct():
		fmt.Fprintf(b, " LEFT JOIN %[1]s %[2]s ON %[2]s.ent = %[3]s", s.typ.Objects, s.alias, s.ent)
	default:
		s.g.fill(s.place, s.alias, s.latest())
		fmt.Fprintf(b, " LEFT JOIN %[1]s ON %[1]s.ent = %[2]s", s.alias, s.ent)
	}
	s.joinBelow(b)
}

func (s *scope) joinBelow(b *strings.Builder) {
	if s.id != "" {
		fmt.Fprintf(b, " LEFT JOIN entity %[1]s ON %[1]s.ent = %[2]s", s.id, s.ent)
		if s.typ != nil {
			fmt.Fprintf(b, " AND %s.type = %d", s.id, s.typ.Number)
		}
	}
	for _, below := range s.below {
		below.join(b)
	}
}

// latest is the query for the entities of s with the latest values of the
// columns that are needed.
func (s *scope) latest() string {
	t := s.typ
	var out []string
	for _, c := range t.Columns {
		out = append(out, latestColumns(c, s.columns)...)
	}
	if t.wide() {
		return fmt.Sprintf("SELECT o.ent, %s FROM %s o WHERE o.ent IN (%s) AND %s GROUP BY o.ent",
			strings.Join(out, ", "), t.Objects, s.among, seen(t, "o"))
	}
	return fmt.Sprintf("SELECT o.ent, %s FROM (SELECT s.obj, max(%s) AS key FROM %s s LEFT JOIN record r ON r.rec = s.rec WHERE s.ent IN (%s) AND %s GROUP BY s.obj) k JOIN %s o ON o.obj = k.obj GROUP BY o.ent",
		strings.Join(replaceKey(out), ", "), SightingKey, t.Sightings, s.among, seen(t, "s"), t.Objects)
}

// SightingKey orders the sightings, under the alias s, of a type that is kept by
// content; r is the record, if there is one.
const SightingKey = "coalesce(r.key + least(s.slot, 65535), (-9223372036854775807)::HUGEINT * 18446744073709551616 + s.slot)"

// latestColumns are the aggregates for column c, as far as they are needed. If
// values may be in either of two columns, the latest of both counts.
func latestColumns(c Column, needed []string) []string {
	main, other := slices.Contains(needed, c.Ident), c.Other != "" && slices.Contains(needed, c.Other)
	if !main && !other {
		return nil
	}
	if c.Other == "" {
		return []string{fmt.Sprintf("arg_max(o.%[1]s, o.key) AS %[1]s", c.Ident)}
	}
	both := fmt.Sprintf("arg_max({m: o.%[1]s, x: o.%[2]s}, o.key) FILTER (o.%[1]s IS NOT NULL OR o.%[2]s IS NOT NULL)", c.Ident, c.Other)
	var out []string
	if main {
		out = append(out, "("+both+").m AS "+c.Ident)
	}
	if other {
		out = append(out, "("+both+").x AS "+c.Other)
	}
	return out
}

// replaceKey takes the key from the sightings instead of the objects.
func replaceKey(columns []string) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = strings.ReplaceAll(c, "o.key)", "k.key)")
	}
	return out
}

// beside returns the scope of the entities of a type that were seen in the
// records of a query, which stand under the alias q.
func (g *generator) beside(typ, records string) *scope {
	t := g.cat.Type(typ)
	if t == nil {
		return &scope{g: g, name: typ, there: "false"}
	}
	pairs := g.name("p")
	g.define(pairs, fmt.Sprintf("SELECT DISTINCT s.rec, s.ent FROM %s s WHERE s.rec IN (SELECT rec FROM %s)", t.Sightings, records))
	s := g.scope(typ)
	s.pairs, s.ent, s.among, s.there = pairs, pairs+".ent", "SELECT ent FROM "+pairs, pairs+".ent IS NOT NULL"
	return s
}

// joinBeside returns the join of the entities of s with the records under the
// alias q. A record without one stays, with NULLs.
func (s *scope) joinBeside() string {
	if s.typ == nil {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, " LEFT JOIN %[1]s ON %[1]s.rec = q.rec", s.pairs)
	s.join(&b)
	return b.String()
}
