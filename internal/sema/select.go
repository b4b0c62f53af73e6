// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package sema

import (
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
	"github.com/kestrelhunt/kestrel/syntax"
)

// assign gives "x = y ..." its meaning.
func (s *Scope) assign(st *syntax.AssignStmt) (plan.Step, string, Attributes) {
	node, v := s.selection(st.Expr)
	if node == nil {
		return nil, "", nil
	}
	return &plan.Bind{Name: st.Var.Name, Birth: "assign", Value: node, At: st.At}, v.Type, v.Attrs
}

// disp gives "DISP y ..." its meaning.
func (s *Scope) disp(st *syntax.DispStmt) plan.Step {
	node, _ := s.selection(st.Expr)
	if node == nil {
		return nil
	}
	return &plan.Display{Value: node, At: st.At}
}

// selection returns the plan of an expression over one variable, with what is
// known of its rows; nil after an error.
func (s *Scope) selection(e *syntax.SelectExpr) (plan.Node, Variable) {
	v, ok := s.resolve(e.Var)
	if !ok {
		return nil, v
	}
	var node plan.Node = variable(v, e.Var)
	if e.Transform != syntax.NoTransform {
		if !s.ungrouped(v, e.At, e.Transform.String()) {
			return nil, v
		}
		t := &plan.Transform{Input: node, Func: transformers[e.Transform], At: e.At}
		v.Attrs = with(v.Attrs, t.Func.Attrs())
		node = t
	}
	if e.Where != nil {
		if where := s.where(e.Where.Expr, v); where != nil {
			node = &plan.Filter{Input: node, Where: where, At: e.Where.At}
		}
	}
	if e.Sort != nil {
		node = s.sorted(node, v, e.Sort.By, e.Sort.Order, e.Sort.At)
	}
	if e.Attrs != nil {
		paths := s.paths(v, e.Attrs.Attrs)
		node = &plan.Project{Input: node, Attrs: paths, At: e.Attrs.At}
		if v.Attrs != nil {
			v.Attrs = onlyPaths(paths)
		}
	}
	if e.Limit != nil || e.Offset != nil {
		node = limit(node, e.Limit, e.Offset)
	}
	return node, v
}

var transformers = map[syntax.Transform]plan.Transformer{
	syntax.Timestamped: plan.Timestamped,
	syntax.AddObsID:    plan.AddObsID,
	syntax.Records:     plan.Records,
}

func limit(in plan.Node, count, offset *syntax.IntLit) plan.Node {
	l := &plan.Limit{Input: in, Count: -1}
	if count != nil {
		l.Count, l.At = count.Value, count.At
	}
	if offset != nil {
		l.Offset, l.At = offset.Value, l.At.Cover(offset.At)
	}
	return l
}

// sorted adds an order by an attribute.
func (s *Scope) sorted(in plan.Node, v Variable, by *syntax.Attr, order syntax.Order, at diag.Span) plan.Node {
	desc := !s.SortAscending
	switch order {
	case syntax.Ascending:
		desc = false
	case syntax.Descending:
		desc = true
	}
	path := s.path(v, by.Path)
	return &plan.Sort{Input: in, Attr: path, Desc: desc, At: at}
}

// sort gives "x = SORT y BY attr" its meaning.
func (s *Scope) sort(st *syntax.SortStmt) (plan.Step, string, Attributes) {
	v, ok := s.resolve(st.Input)
	if !ok {
		return nil, "", nil
	}
	node := s.sorted(variable(v, st.Input), v, st.By, st.Order, st.At)
	return &plan.Bind{Name: name(st.Var), Birth: "sort", Value: node, At: st.At}, v.Type, v.Attrs
}

// merge gives "x = y + z" its meaning.
func (s *Scope) merge(st *syntax.MergeStmt) (plan.Step, string, Attributes) {
	var (
		inputs []plan.Node
		first  Variable
		attrs  []Attributes
		known  = true
		good   = true
	)
	for _, id := range st.Inputs {
		v, ok := s.resolve(id)
		if !ok {
			good = false
			continue
		}
		switch {
		case first.Type == "":
			first = v
		case v.Type != "" && v.Type != first.Type:
			good = false
			s.report(diag.Diagnostic{
				Code: diag.MixedTypes,
				Span: id.Span(),
				Message: "cannot merge entities of different types: " + first.Name + " has " + first.Type +
					", " + v.Name + " has " + v.Type,
				Hint: "merge variables of one type only",
			})
		}
		if good && v.Groups != first.Groups {
			good = false
			s.report(diag.Diagnostic{
				Code:    diag.UndefinedAttribute,
				Span:    id.Span(),
				Message: "cannot merge entities with groups: the rows of one of " + first.Name + " and " + v.Name + " are groups",
				Hint:    "merge before GROUP, or use JOIN",
			})
		}
		known = known && v.Attrs != nil
		attrs = append(attrs, v.Attrs)
		inputs = append(inputs, variable(v, id))
	}
	if !good {
		return nil, first.Type, nil
	}
	var all Attributes
	if known {
		all = union(attrs)
	}
	return &plan.Bind{Name: st.Var.Name, Birth: "merge", Value: &plan.Merge{Sources: inputs, At: st.At}, At: st.At}, first.Type, all
}

// info gives "INFO x" its meaning.
func (s *Scope) info(st *syntax.InfoStmt) plan.Step {
	v, ok := s.resolve(st.Input)
	if !ok {
		return nil
	}
	return &plan.Info{Of: variable(v, st.Input), At: st.At}
}

// describe gives "DESCRIBE x.attr" its meaning.
func (s *Scope) describe(st *syntax.DescribeStmt) plan.Step {
	v, ok := s.resolve(st.Input)
	if !ok {
		return nil
	}
	return &plan.Describe{Of: variable(v, st.Input), Attr: s.path(v, st.Attr.Path), At: st.At}
}

// save gives "SAVE x TO path" its meaning.
func (s *Scope) save(st *syntax.SaveStmt) plan.Step {
	v, ok := s.resolve(st.Input)
	if !ok {
		return nil
	}
	s.format(st.Path)
	return &plan.Save{Of: variable(v, st.Input), Path: st.Path.Text, At: st.At}
}

func variable(v Variable, id *syntax.Ident) *plan.Variable {
	return &plan.Variable{Name: v.Name, Entity: v.Type, Snapshot: v.Snapshot, At: id.Span()}
}

// paths checks attributes and returns their paths.
func (s *Scope) paths(v Variable, attrs []*syntax.Attr) []stix.Path {
	out := make([]stix.Path, len(attrs))
	for i, a := range attrs {
		out[i] = s.path(v, a.Path)
	}
	return out
}

func name(id *syntax.Ident) string {
	if id == nil {
		return ""
	}
	return id.Name
}
