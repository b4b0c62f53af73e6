// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package sqlgen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// A Shape says what the rows of a plan are. They consist of parts: the first is
// the row's own, and each JOIN put others behind it. An attribute of a row is
// that of the first part that has a value of it; id and type are those of the
// first part only.
type Shape struct {
	Part
	Joined []Part
}

// A Part is an entity, perhaps in one of its records, or with Columns the result
// of a GROUP, which is no entity.
type Part struct {
	Entity  string
	Records bool        // the entity is in a record
	Added   []string    // attributes of the record that the part begins with
	Attrs   []stix.Path // the attributes that the part has; nil: all
	Columns []Column    // not nil: the part is these columns
}

// ShapeOf returns the shape of the rows of a plan.
func ShapeOf(cat Catalog, n plan.Node) (Shape, error) {
	g := &generator{cat: cat}
	return g.node(n).Shape, g.err
}

// Groups reports whether the rows are no entities.
func (s Shape) Groups() bool { return s.Columns != nil }

// Parts returns the parts in order.
func (s Shape) Parts() []Part { return append([]Part{s.Part}, s.Joined...) }

// Project returns the shape of rows that have only these attributes, and what
// records add.
func (s Shape) Project(attrs []stix.Path) Shape {
	s.Part = s.Part.project(attrs)
	s.Joined = slices.Clone(s.Joined)
	for i, p := range s.Joined {
		s.Joined[i] = p.project(attrs)
	}
	return s
}

func (p Part) project(attrs []stix.Path) Part {
	p.Attrs = []stix.Path{}
	for _, a := range attrs {
		if !slices.Contains(p.Added, a.Attr()) {
			p.Attrs = addPath(p.Attrs, a)
		}
	}
	return p
}

// addPath adds p to paths unless it is among them.
func addPath(paths []stix.Path, p stix.Path) []stix.Path {
	name := p.Attr()
	if slices.ContainsFunc(paths, func(q stix.Path) bool { return q.Attr() == name }) {
		return paths
	}
	return append(slices.Clip(paths), p)
}

// shows reports whether a projection leaves what steps lead to: it names that,
// or something that the steps go on from.
func (p Part) shows(steps []stix.Step) bool {
	if p.Attrs == nil {
		return true
	}
	name := stix.Path{Steps: steps}.Attr()
	if slices.Contains(p.Added, name) {
		return true
	}
	return slices.ContainsFunc(p.Attrs, func(q stix.Path) bool {
		rest, ok := strings.CutPrefix(name, q.Attr())
		return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}

// names reports whether a projection names what steps lead to, stored or not.
func (p Part) names(steps []stix.Step) bool {
	name := stix.Path{Steps: steps}.Attr()
	return slices.ContainsFunc(p.Attrs, func(q stix.Path) bool { return q.Attr() == name })
}

// Has reports whether rows of a shape may have something where steps lead.
func (s Shape) Has(cat Catalog, steps []stix.Step) bool {
	if isStep(steps, "id") || isStep(steps, "type") {
		return s.Part.has(cat, steps)
	}
	return slices.ContainsFunc(s.Parts(), func(p Part) bool { return p.has(cat, steps) })
}

func (p Part) has(cat Catalog, steps []stix.Step) bool {
	switch {
	case !p.shows(steps):
		return false
	case p.Columns != nil:
		return p.computed(steps) != nil || isStep(steps, "type")
	case p.names(steps):
		return true
	}
	return len(steps) == 1 && slices.Contains(p.Added, steps[0].Name) || Has(cat, p.Entity, steps)
}

// computed returns the column of a GROUP that steps name, nil if there is none.
func (p Part) computed(steps []stix.Step) *Column {
	if slices.ContainsFunc(steps, func(s stix.Step) bool { return s.Kind != stix.Key }) {
		return nil
	}
	name := stix.AttrName(steps)
	for i := range p.Columns {
		if entity.CanonicalAttr(p.Columns[i].Name) == name {
			return &p.Columns[i]
		}
	}
	return nil
}

func isStep(steps []stix.Step, name string) bool {
	return len(steps) == 1 && steps[0].Kind == stix.Key && steps[0].Name == name
}

// The columns of part k in a table of rows: ent and rec, or those of a GROUP,
// each with a number behind it unless the part is the first.

func entIdent(k int) string { return ident("ent", k) }
func recIdent(k int) string { return ident("rec", k) }

// EntityColumns returns the columns of part k of rows as [Rows] yields them: that
// of its entity, "" if it has none, and that of its record, "" if it is in none.
func (s Shape) EntityColumns(k int) (ent, rec string) {
	p := s.Parts()[k]
	if p.Columns != nil {
		return "", ""
	}
	if p.Records {
		rec = recIdent(k)
	}
	return entIdent(k), rec
}

func ident(name string, k int) string {
	if k == 0 {
		return name
	}
	return fmt.Sprint(name, k)
}

func computedIdent(k, i int) string { return fmt.Sprintf("g%d_%d", k, i) }
func besideIdent(k, i int) string   { return fmt.Sprintf("y%d_%d", k, i) }

// A tableColumn is a column of a table of rows, other than seq.
type tableColumn struct{ ident, sqlType string }

// table returns the columns of part k.
func (p Part) table(k int) []tableColumn {
	if p.Columns == nil {
		out := []tableColumn{{entIdent(k), "INTEGER"}}
		if p.Records {
			out = append(out, tableColumn{recIdent(k), "BIGINT"})
		}
		return out
	}
	var out []tableColumn
	for _, c := range p.Columns {
		out = append(out, tableColumn{c.Ident, sqlType(c.Kind)})
		if c.Other != "" {
			out = append(out, tableColumn{c.Other, "VARCHAR"})
		}
	}
	return out
}

// table returns the columns of all parts.
func (s Shape) table() []tableColumn {
	var out []tableColumn
	for k, p := range s.Parts() {
		out = append(out, p.table(k)...)
	}
	return out
}

// columns lists the columns of a table of such rows, each behind a prefix.
func (s Shape) columns(prefix string) string {
	var out []string
	for _, c := range s.table() {
		out = append(out, prefix+c.ident)
	}
	return strings.Join(out, ", ")
}

// moved returns the part as number k, with the columns that it has there.
func (p Part) moved(k int) Part {
	if p.Columns == nil {
		return p
	}
	p.Columns = slices.Clone(p.Columns)
	for i := range p.Columns {
		c := &p.Columns[i]
		c.Ident = computedIdent(k, i)
		if c.Other != "" {
			c.Other = besideIdent(k, i)
		}
	}
	return p
}

func sqlType(kind entity.Kind) string {
	switch kind {
	case entity.Bool:
		return "BOOLEAN"
	case entity.Int:
		return "BIGINT"
	case entity.Float:
		return "DOUBLE"
	}
	return "VARCHAR"
}
