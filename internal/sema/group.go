// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package sema

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
	"github.com/kestrelhunt/kestrel/syntax"
)

// group gives "x = GROUP y BY ... WITH ..." its meaning.
func (s *Scope) group(st *syntax.GroupStmt) (plan.Step, string, Attributes) {
	v, ok := s.resolve(st.Input)
	if !ok {
		return nil, v.Type, nil
	}
	node := &plan.Group{Input: variable(v, st.Input), At: st.At}
	columns := make(columnSet)
	for _, k := range st.Keys {
		key := s.groupKey(v, k)
		s.addColumn(columns, key.Name, k.At)
		node.Keys = append(node.Keys, key)
	}
	for _, a := range st.Aggs {
		agg := s.aggregate(v, a)
		s.addColumn(columns, agg.Name, a.At)
		node.Aggs = append(node.Aggs, agg)
	}
	bind := &plan.Bind{Name: name(st.Var), Birth: "group", Value: node, At: st.At}
	if len(node.Aggs) == 0 {
		return bind, v.Type, nil // the default ones depend on the data
	}
	return bind, v.Type, columns
}

// groups reports whether the rows of a plan are groups, and no entities.
func (s *Scope) groups(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Group:
		return true
	case *plan.Find, *plan.Scan, *plan.New, *plan.Load:
		return false
	case *plan.Variable:
		return s.vars[n.Name].Groups
	default: // as their first input
	}
	return len(n.Inputs()) > 0 && s.groups(n.Inputs()[0])
}

// addColumn notes a column of a group, and reports a second one of its name.
func (s *Scope) addColumn(columns columnSet, name string, at diag.Span) {
	canonical := entity.CanonicalAttr(name)
	if _, twice := columns[canonical]; twice {
		s.report(diag.Diagnostic{
			Code:    diag.InvalidAttribute,
			Span:    at,
			Message: "two columns of the groups would be called " + name,
			Hint:    "give one of them another name with AS, or leave it out",
		})
	}
	columns[canonical] = name
}

// groupKey checks a key of a GROUP.
func (s *Scope) groupKey(v Variable, k *syntax.GroupKey) plan.GroupKey {
	key := plan.GroupKey{Attr: s.single(v, k.Attr.Path)}
	key.Name = key.Attr.Attr()
	if k.Bin != nil {
		key.Size, key.Unit = k.Bin.Value, k.Unit.Duration()
		key.Name = plan.ColumnName("", key.Attr, "_bin")
	}
	return key
}

// aggregate checks an aggregate of a GROUP.
func (s *Scope) aggregate(v Variable, a *syntax.Aggregate) plan.Aggregate {
	agg := plan.Aggregate{Func: aggregates[a.Func]}
	if a.Attr == nil {
		agg.Func, agg.Name = plan.Rows, "count"
	} else {
		agg.Attr = s.single(v, a.Attr.Path)
		agg.Name = plan.ColumnName(strings.ToLower(a.Func.String())+"_", agg.Attr, "")
	}
	if a.Alias != nil {
		agg.Name = a.Alias.Name
	}
	return agg
}

var aggregates = map[syntax.AggFunc]plan.AggFunc{
	syntax.Min: plan.Min, syntax.Max: plan.Max, syntax.Sum: plan.Sum,
	syntax.Avg: plan.Avg, syntax.Count: plan.Count, syntax.NUnique: plan.NUnique,
}

// single checks an attribute that must have one value in each row: no list, and
// no list of references, which STIX calls ..._refs.
func (s *Scope) single(v Variable, p stix.Path) stix.Path {
	list := !v.Groups && slices.ContainsFunc(p.Steps, func(s stix.Step) bool { return strings.HasSuffix(s.Name, "_refs") })
	if list || hasStep(p, stix.Star) {
		s.report(diag.Diagnostic{
			Code:    diag.InvalidAttribute,
			Span:    p.At,
			Message: p.Attr() + " may have several values in one row, and one is needed here",
			Hint:    "lists stand only in conditions, with [*]",
		})
		return p
	}
	return s.path(v, p)
}

// ungrouped reports a step that needs the entities of a variable whose rows are
// groups.
func (s *Scope) ungrouped(v Variable, at diag.Span, what string) bool {
	if !v.Groups {
		return true
	}
	s.report(diag.Diagnostic{
		Code:    diag.UndefinedAttribute,
		Span:    at,
		Message: fmt.Sprintf("%s needs entities, and the rows of %s are groups", what, v.Name),
		Hint:    "use the variable that was grouped",
	})
	return false
}

// A columnSet is the columns that rows have, by their canonical names, and there
// are no others.
type columnSet map[string]string

// Has reports whether path names a column, or the type.
func (c columnSet) Has(path stix.Path) bool { return c[path.Attr()] != "" || path.Attr() == "type" }

// Names returns the names of the columns, sorted.
func (c columnSet) Names() []string { return slices.Sorted(maps.Values(c)) }
