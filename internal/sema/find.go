// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package sema

import (
	"fmt"
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/syntax"
)

// find gives "x = FIND type relation y ..." its meaning: the relation, of
// processes also from those that are similar to the variable's, then what WHERE,
// the time range and LIMIT leave of it.
func (s *Scope) find(st *syntax.FindStmt) (plan.Step, string, Attributes) {
	typ := st.Type.Name
	s.checkType(st.Type)
	window := s.window(st.Time)
	v, ok := s.resolve(st.Input)
	if !ok || !s.ungrouped(v, st.Input.At, "FIND") {
		return nil, typ, nil
	}
	s.checkRelation(st, v)
	hops := int64(1)
	if st.Hops != nil {
		hops = st.Hops.Value
		s.checkHops(st, v)
	}
	var input plan.Node = variable(v, st.Input)
	if v.Type == "process" {
		input = &plan.Similar{Input: input, At: st.Input.At}
	}
	var node plan.Node = &plan.Find{
		Input: input, Entity: typ, Relation: st.Relation.Name, By: st.By, Hops: hops, At: st.At,
	}
	if st.Where != nil {
		where := s.where(st.Where.Expr, Variable{Type: typ})
		if where == nil {
			return nil, typ, nil
		}
		node = &plan.Filter{Input: node, Where: where, At: st.Where.At}
	}
	if !window.IsZero() {
		node = &plan.Within{Input: node, Range: window, At: st.Time.At}
	}
	if st.Limit != nil {
		node = &plan.Limit{Input: node, Count: st.Limit.Value, ByRecord: true, At: st.Limit.At}
	}
	return &plan.Bind{Name: name(st.Var), Birth: "find", Value: node, At: st.At}, typ, nil
}

// checkRelation reports a relation that does not hold between the two types.
func (s *Scope) checkRelation(st *syntax.FindStmt, v Variable) {
	if v.Type == "" {
		return
	}
	relation := st.Relation.Name
	subject, object := st.Type.Name, v.Type
	if st.By {
		subject, object = object, subject
	}
	if _, ok := entity.FindRelation(subject, relation, object); ok {
		return
	}
	d := diag.Diagnostic{
		Code:    diag.UnsupportedRelation,
		Span:    st.Relation.At,
		Message: fmt.Sprintf("no relation %s leads from %s to %s", relation, subject, object),
		Hint:    relationHint(relation, subject, object),
	}
	if _, ok := entity.FindRelation(object, relation, subject); ok && !st.By {
		d.Hint = fmt.Sprintf("%s %s %s holds: write %s BY", object, relation, subject, strings.ToUpper(relation))
		end := st.Relation.At
		end.Start = end.End
		d.Fixes = []diag.Fix{{Title: "add BY", Edits: []diag.Edit{{Span: end, New: " BY"}}}}
	} else if ok {
		d.Hint = fmt.Sprintf("%s %s %s holds: leave BY out", object, relation, subject)
	}
	s.report(d)
}

// checkHops reports a relation that cannot be followed more than once.
func (s *Scope) checkHops(st *syntax.FindStmt, v Variable) {
	if v.Type == "" || st.Hops.Value == 1 {
		return
	}
	d := diag.Diagnostic{Code: diag.UnsupportedRelation, Span: st.Hops.At}
	switch {
	case st.Relation.Name == entity.Linked:
		d.Message = "linked is not transitive: what was seen beside a thing says nothing of what was seen beside that"
		d.Hint = "leave WITHIN out, or use a named relation"
	case v.Type != st.Type.Name:
		d.Message = fmt.Sprintf("%s can be followed only once: it leads from %s to another type, %s", st.Relation.Name, v.Type, st.Type.Name)
		d.Hint = "leave WITHIN out; relations of entities of one type, such as process created process, can be followed on"
	default:
		return
	}
	s.report(d)
}

// relationHint says which relation a misspelt one may mean, or which hold between
// two types.
func relationHint(name, subject, object string) string {
	names := entity.RelationNames()
	if near, ok := diag.Nearest(name, names); ok && near != name {
		return "did you mean " + near + "?"
	}
	var between []string
	for _, r := range names {
		if _, ok := entity.FindRelation(subject, r, object); ok {
			between = append(between, r)
		}
	}
	hint := "between these types holds " + list(between)
	var others []string
	for _, r := range entity.Relations() {
		if r.Subject == subject {
			others = append(others, r.Name+" "+r.Object)
		}
	}
	if len(between) == 1 && len(others) > 0 {
		hint += "; of " + subject + " hold " + list(others)
	}
	return hint
}
