// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package sqlgen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/plan"
)

// merge takes the rows of all inputs, one after the other, and of equal ones,
// the same entity, in the same record if it is in one, the first. What a JOIN put
// behind an entity belongs to the row.
func (g *generator) merge(n *plan.Merge) relation {
	var out relation
	var ins []relation
	var places [][]int // of the parts of an input in the union
	for i, source := range n.Sources {
		in := g.node(source)
		if g.err != nil {
			return in
		}
		if i == 0 {
			out.Shape = Shape{Part: in.Part}
		}
		if in.Groups() != out.Groups() {
			g.fail("merge of entities with groups")
			return out
		}
		ins = append(ins, in)
		places = append(places, out.union(in.Shape))
	}
	if len(ins) == 0 {
		g.fail("merge of nothing")
		return out
	}
	var parts []string
	for i, in := range ins {
		columns := out.taken(in.Shape, places[i])
		parts = append(parts, fmt.Sprintf("SELECT %d AS part, seq, %s FROM %s", i, strings.Join(columns, ", "), in.name))
	}
	all := g.name("u")
	g.define(all, "SELECT row_number() OVER (ORDER BY part, seq) AS seq, "+out.columns("")+" FROM ("+strings.Join(parts, " UNION ALL ")+")")
	return g.derive(out, "SELECT min(seq) AS seq, "+out.columns("")+" FROM "+all+" GROUP BY "+out.columns(""))
}

// union widens a shape to that of the union with another, and returns which of
// its parts each part of the other became.
func (s *Shape) union(o Shape) []int {
	places := []int{0}
	s.Part.union(o.Part, 0)
	for _, p := range o.Joined {
		k := 1
		for k <= len(s.Joined) && (slices.Contains(places, k) || !alike(s.Joined[k-1], p)) {
			k++
		}
		places = append(places, k)
		if k > len(s.Joined) {
			s.Joined = append(slices.Clip(s.Joined), p.moved(k))
			continue
		}
		s.Joined = slices.Clone(s.Joined)
		s.Joined[k-1].union(p, k)
	}
	return places
}

// alike reports whether two parts can become one.
func alike(a, b Part) bool { return a.Entity == b.Entity && (a.Columns == nil) == (b.Columns == nil) }

// union widens part number k to the union with another.
func (p *Part) union(o Part, k int) {
	p.Records = p.Records || o.Records
	for _, a := range o.Added {
		if !slices.Contains(p.Added, a) {
			p.Added = append(slices.Clone(p.Added), a)
		}
	}
	switch {
	case p.Attrs == nil || o.Attrs == nil:
		p.Attrs = nil
	default:
		for _, a := range o.Attrs {
			p.Attrs = addPath(p.Attrs, a)
		}
	}
	if p.Columns == nil {
		return
	}
	p.Columns = slices.Clone(p.Columns)
	for _, c := range o.Columns {
		i := p.index(c.Name)
		if i < 0 {
			i = len(p.Columns)
			p.Columns = append(p.Columns, Column{Name: c.Name, Kind: c.Kind, Ident: computedIdent(k, i)})
		}
		if c.Kind != p.Columns[i].Kind || c.Other != "" {
			p.Columns[i].Other = besideIdent(k, i)
		}
	}
}

// index returns the place of the column of a GROUP, -1 if there is none.
func (p Part) index(name string) int {
	return slices.IndexFunc(p.Columns, func(c Column) bool { return c.Name == name })
}

// taken lists the columns of s for rows of another shape, given the places of its
// parts.
func (s Shape) taken(in Shape, places []int) []string {
	from := make(map[string]string)
	for j, p := range in.Parts() {
		to := s.Parts()[places[j]]
		if p.Columns == nil {
			from[entIdent(places[j])] = entIdent(j)
			if p.Records {
				from[recIdent(places[j])] = recIdent(j)
			}
			continue
		}
		for _, c := range p.Columns {
			out := to.Columns[to.index(c.Name)]
			at := cell{main: c.Ident, kind: c.Kind, tagged: c.Other}
			from[out.Ident], from[out.Other] = at.as(out.Kind)
		}
	}
	var columns []string
	for _, c := range s.table() {
		expr, ok := from[c.ident]
		if !ok || expr == "" {
			expr = "NULL::" + c.sqlType
		}
		columns = append(columns, expr+" AS "+c.ident)
	}
	return columns
}
