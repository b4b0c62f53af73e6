// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package sqlgen

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// node defines the rows of n and returns their relation.
func (g *generator) node(n plan.Node) relation {
	switch n := n.(type) {
	case *plan.Variable:
		return g.variable(n)
	case *plan.Filter:
		return g.filter(n)
	case *plan.Within:
		return g.within(n)
	case *plan.Limit:
		return g.limit(n)
	case *plan.Sort:
		return g.sort(n)
	case *plan.Project:
		return g.project(n)
	case *plan.Merge:
		return g.merge(n)
	case *plan.Transform:
		return g.transform(n)
	case *plan.Find:
		return g.find(n)
	case *plan.Group:
		return g.group(n)
	case *plan.Join:
		return g.join(n)
	default: // nothing to do for the others
	}
	g.fail("cannot run %s", plan.Line(n))
	return relation{}
}

func (g *generator) variable(n *plan.Variable) relation {
	s, ok := g.cat.Snapshot(n.Snapshot)
	if !ok {
		g.fail("variable %s has no snapshot %d", n.Name, n.Snapshot)
		return relation{}
	}
	return relation{name: s.Table, hits: s.Hits, numbered: true, Shape: s.Shape}
}

// entities is node for a plan whose rows must be entities.
func (g *generator) entities(n plan.Node) relation {
	in := g.node(n)
	if in.Groups() {
		g.fail("the rows of %s are no entities", plan.Line(n))
	}
	return in
}

// derive defines rows made from those of in and returns their relation.
func (g *generator) derive(in relation, query string) relation {
	out := in
	out.name, out.numbered = g.name("r"), false
	g.define(out.name, query)
	return out
}

// ordered is derive for rows that are put in an order: from is what follows
// their columns.
func (g *generator) ordered(in relation, order, columns, from string) relation {
	out := g.derive(in, "SELECT row_number() OVER (ORDER BY "+order+") - 1 AS seq, "+columns+from)
	out.numbered = true
	return out
}

// within keeps rows whose entity was seen in a record that touches a range: it
// began before the end and ended at or after the start.
func (g *generator) within(n *plan.Within) relation {
	in := g.entities(n.Input)
	t := g.cat.Type(in.Entity)
	if g.err != nil || n.Range.IsZero() {
		return in
	}
	if t == nil {
		return g.derive(in, "SELECT * FROM "+in.name+" WHERE false")
	}
	touches := fmt.Sprintf("coalesce(r.first, r.last) < %s AND coalesce(r.last, r.first) >= %s", g.arg(nanos(n.Range.Stop)), g.arg(nanos(n.Range.Start)))
	if in.Records {
		return g.derive(in, fmt.Sprintf("SELECT i.* FROM %s i JOIN record r ON r.rec = i.rec WHERE %s", in.name, touches))
	}
	return g.derive(in, fmt.Sprintf("SELECT * FROM %s WHERE ent IN (SELECT s.ent FROM %s s JOIN record r ON r.rec = s.rec WHERE %s AND %s)",
		in.name, t.Sightings, seen(t, "s"), touches))
}

// nanos returns t in nanoseconds since 1970; the years that these do not reach
// count as the nearest that they do.
func nanos(t time.Time) int64 {
	const low, high = -1 << 63, 1<<63 - 1
	switch year := t.UTC().Year(); {
	case year < 1678:
		return low
	case year > 2261:
		return high
	}
	return t.UnixNano()
}

func (g *generator) limit(n *plan.Limit) relation {
	in := g.node(n.Input)
	switch {
	case g.err != nil:
		return in
	case n.ByRecord:
		return g.limitRecords(n, in)
	}
	query := "SELECT * FROM " + in.name + " ORDER BY seq"
	if n.Count >= 0 {
		query += " LIMIT " + g.arg(n.Count)
	}
	if n.Offset > 0 {
		query += " OFFSET " + g.arg(n.Offset)
	}
	return g.derive(in, query)
}

// limitRecords keeps the entities that the first records hit, counting only
// records that hit an entity which is still there. Where nothing says what the
// records hit, it is all entities in them.
func (g *generator) limitRecords(n *plan.Limit, in relation) relation {
	table := in.hits
	if table == "" {
		t := g.cat.Type(in.Entity)
		if t == nil {
			return in // nothing of the type, so there are no rows
		}
		table = g.name("o")
		g.define(table, g.seenIn(t, "SELECT ent FROM "+in.name))
	}
	hits := g.name("h")
	g.define(hits, fmt.Sprintf("SELECT ent, dense_rank() OVER (ORDER BY ord) AS n FROM %s WHERE ent IN (SELECT ent FROM %s)", table, in.name))
	cond := "n > " + g.arg(n.Offset)
	if n.Count >= 0 {
		cond += " AND n <= " + g.arg(n.Offset+n.Count)
	}
	return g.derive(in, fmt.Sprintf("SELECT * FROM %s WHERE ent IN (SELECT ent FROM %s WHERE %s)", in.name, hits, cond))
}

func (g *generator) sort(n *plan.Sort) relation {
	in := g.node(n.Input)
	if g.err != nil {
		return in
	}
	root := g.root(in)
	keys := sortKeys(g.cells(root, n.Attr), n.Desc)
	if g.err != nil || len(keys) == 0 {
		return in
	}
	return g.ordered(in, strings.Join(keys, ", ")+", i.seq", in.columns("i."), g.from(root))
}

func (g *generator) project(n *plan.Project) relation {
	in := g.node(n.Input)
	in.Shape = in.Shape.Project(n.Attrs)
	return in
}

// transform makes a row for each entity and record, ordered by what it adds.
func (g *generator) transform(n *plan.Transform) relation {
	in := g.entities(n.Input)
	t := g.cat.Type(in.Entity)
	if g.err != nil {
		return in
	}
	out := in
	out.Records, out.hits = true, ""
	out.Added = slices.Clone(n.Func.Attrs())
	for _, a := range in.Added {
		if !slices.Contains(out.Added, a) {
			out.Added = append(out.Added, a)
		}
	}
	if t == nil {
		return g.derive(out, "SELECT seq, ent, 0::BIGINT AS rec"+behind(in, "")+" FROM "+in.name+" WHERE false")
	}
	on := "s.ent = i.ent"
	if in.Records {
		on += " AND s.rec = i.rec"
	}
	var keys []string
	for _, a := range n.Func.Attrs() {
		keys = append(keys, recordOrder[a])
	}
	sightings := t.Sightings
	if !t.Once {
		sightings = "(SELECT DISTINCT ent, rec FROM " + t.Sightings + ")"
	}
	return g.ordered(out, strings.Join(keys, ", ")+", i.seq, s.rec", "i.ent, s.rec"+behind(in, "i."), fmt.Sprintf(
		" FROM %s i JOIN %s s ON %s JOIN record r ON r.rec = s.rec WHERE %s", in.name, sightings, on, seen(t, "s")))
}

// behind lists the columns of the parts behind the first one, after a comma.
func behind(in relation, prefix string) string {
	var b strings.Builder
	for k, p := range in.Joined {
		for _, c := range p.table(k + 1) {
			b.WriteString(", " + prefix + c.ident)
		}
	}
	return b.String()
}

// recordOrder is the order of rows by an attribute of their record r.
var recordOrder = map[string]string{
	"first_observed":  "r.first NULLS FIRST",
	"last_observed":   "r.last NULLS FIRST",
	"number_observed": "r.number",
	"observation_id":  recordID("r"),
}

// filter keeps the rows for which a condition holds.
func (g *generator) filter(n *plan.Filter) relation {
	in := g.node(n.Input)
	if g.err != nil {
		return in
	}
	types := extended(n.Where, in.Entity)
	root := g.root(in)
	if len(types) == 0 {
		cond := g.expr(n.Where, func(string) *scope { return root })
		return g.derive(in, "SELECT i.*"+g.from(root)+" WHERE "+cond)
	}
	if in.Groups() {
		g.fail("the rows of %s are no entities", plan.Line(n.Input))
		return in
	}
	t := g.cat.Type(in.Entity)
	if t == nil {
		return g.derive(in, "SELECT * FROM "+in.name+" WHERE false")
	}
	return g.filterRecords(n.Where, in, root, t, types)
}

// filterRecords keeps the rows whose entity was seen in a record for which the
// condition holds, with one entity of each other type that it is about. Where
// the record has none, comparisons are false.
func (g *generator) filterRecords(where stix.Expr, in relation, root *scope, t *Type, types []string) relation {
	recs := g.name("q")
	g.define(recs, fmt.Sprintf("SELECT DISTINCT s.ent, s.rec FROM %s s WHERE s.rec IS NOT NULL AND %s AND s.ent IN (SELECT ent FROM %s)",
		t.Sightings, seen(t, "s"), in.name))
	others := make(map[string]*scope)
	for _, typ := range types {
		others[typ] = g.beside(typ, recs)
	}
	cond := g.expr(where, func(typ string) *scope {
		if s, ok := others[typ]; ok {
			return s
		}
		return root
	})
	var from strings.Builder
	from.WriteString(g.from(root) + " JOIN " + recs + " q ON q.ent = i.ent")
	if in.Records {
		from.WriteString(" AND q.rec = i.rec")
	}
	for _, typ := range types {
		from.WriteString(others[typ].joinBeside())
	}
	return g.derive(in, "SELECT DISTINCT i.*"+from.String()+" WHERE "+cond)
}

// extended lists the types other than typ that an expression is about, in order.
func extended(e stix.Expr, typ string) []string {
	var out []string
	var walk func(stix.Expr)
	add := func(p stix.Path) {
		if p.Type != "" && p.Type != typ && !slices.Contains(out, p.Type) {
			out = append(out, p.Type)
		}
	}
	walk = func(e stix.Expr) {
		switch e := e.(type) {
		case *stix.Logic:
			walk(e.X)
			walk(e.Y)
		case *stix.Comparison:
			add(e.Path)
		case *stix.Exists:
			add(e.Path)
		}
	}
	walk(e)
	return out
}

// seen is the condition that a row of sightings may be seen.
func seen(t *Type, alias string) string {
	if t.Before == 0 {
		return "true"
	}
	return fmt.Sprintf("(%s.rec IS NULL OR %s.rec < %d)", alias, alias, t.Before)
}
