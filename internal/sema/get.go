// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package sema

import (
	"slices"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/syntax"
)

// get gives "x = GET type FROM source WHERE ..." its meaning: a filter over a
// variable, or over a scan of a data source.
func (s *Scope) get(st *syntax.GetStmt) (plan.Step, string, Attributes) {
	window := s.window(st.Time)
	if v, ok, isVar := s.fromVariable(st); isVar {
		if !ok {
			return nil, st.Type.Name, nil
		}
		return s.getVariable(st, v, window)
	}
	sources := s.sources(st)
	s.checkType(st.Type)
	target := Variable{Type: st.Type.Name}
	where := s.where(st.Where.Expr, target)
	if sources == nil || where == nil {
		return nil, st.Type.Name, nil
	}
	s.UseSource(sources)
	at := st.At
	if st.From != nil {
		at = st.From.At
	}
	var node plan.Node = &plan.Scan{Sources: sources, Entity: st.Type.Name, Window: window, At: at}
	node = &plan.Filter{Input: node, Where: where, At: st.Where.At}
	if st.Limit != nil {
		node = &plan.Limit{Input: node, Count: st.Limit.Value, ByRecord: true, At: st.Limit.At}
	}
	return &plan.Bind{Name: name(st.Var), Birth: "get", Value: node, At: st.At}, st.Type.Name, nil
}

// fromVariable returns the variable that FROM names, if it names one.
func (s *Scope) fromVariable(st *syntax.GetStmt) (v Variable, ok, isVar bool) {
	if st.From == nil || st.From.Quoted {
		return Variable{}, false, false
	}
	if _, isVar = s.vars[st.From.Text]; !isVar {
		return Variable{}, false, false
	}
	v, ok = s.resolve(&syntax.Ident{Name: st.From.Text, At: st.From.At})
	return v, ok, true
}

// getVariable is GET over the entities of a variable.
func (s *Scope) getVariable(st *syntax.GetStmt, v Variable, window plan.Window) (plan.Step, string, Attributes) {
	if v.Type != "" && v.Type != st.Type.Name {
		s.report(diag.Diagnostic{
			Code:    diag.TypeMismatch,
			Span:    st.Type.At,
			Message: "variable " + v.Name + " has entities of type " + v.Type + ", not " + st.Type.Name,
			Hint:    "write GET " + v.Type + ", or use FIND to reach entities of type " + st.Type.Name,
			Fixes: []diag.Fix{{
				Title: "GET " + v.Type,
				Edits: []diag.Edit{{Span: st.Type.At, New: v.Type}},
			}},
		})
		return nil, st.Type.Name, nil
	}
	if !s.ungrouped(v, st.From.At, "GET") {
		return nil, v.Type, nil
	}
	v.Type = st.Type.Name
	where := s.where(st.Where.Expr, v)
	if where == nil {
		return nil, v.Type, v.Attrs
	}
	var node plan.Node = variable(v, &syntax.Ident{Name: v.Name, At: st.From.At})
	node = &plan.Filter{Input: node, Where: where, At: st.Where.At}
	if !window.IsZero() {
		node = &plan.Within{Input: node, Range: window, At: st.Time.At}
	}
	if st.Limit != nil {
		node = limit(node, st.Limit, nil)
	}
	return &plan.Bind{Name: name(st.Var), Birth: "get", Value: node, At: st.At}, v.Type, v.Attrs
}

// window gives START ... STOP or LAST its moments.
func (s *Scope) window(t *syntax.TimeRange) plan.Window {
	switch {
	case t == nil:
		return plan.Window{}
	case t.Last != nil:
		return plan.Window{Start: s.Now.Add(-t.Last.Value()), Stop: s.Now, Origin: plan.Given}
	case t.Start == nil || t.Stop == nil:
		return plan.Window{}
	}
	if t.Stop.Time.Before(t.Start.Time) {
		s.report(diag.Diagnostic{
			Code:    diag.InvalidTime,
			Span:    t.At,
			Message: "STOP is earlier than START",
			Hint:    "swap the two times",
		})
	}
	return plan.Window{Start: t.Start.Time, Stop: t.Stop.Time, Origin: plan.Given}
}

// checkType warns of a type that is neither the standard's nor custom.
func (s *Scope) checkType(id *syntax.Ident) {
	if id == nil || entity.IsKnownType(id.Name) {
		return
	}
	d := diag.Diagnostic{
		Code:     diag.UnknownType,
		Severity: diag.Warning,
		Span:     id.At,
		Message:  "unknown entity type " + id.Name,
		Hint:     "known types are " + list(slices.Clone(entity.KnownTypes())),
	}
	if near, ok := diag.Nearest(id.Name, entity.KnownTypes()); ok {
		d.Hint = "did you mean " + near + "?"
		d.Fixes = []diag.Fix{{Title: "use " + near, Edits: []diag.Edit{{Span: id.At, New: near}}}}
	}
	s.report(d)
}
