// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package sema

import (
	"fmt"
	"slices"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/syntax"
)

// new gives "x = NEW type [...]" its meaning.
func (s *Scope) new(st *syntax.NewStmt) (plan.Step, string, Attributes) {
	typ, good := s.newType(st)
	if !good {
		return nil, typ, nil
	}
	node := &plan.New{Entity: typ, At: st.At}
	attrs := nameSet{"id": true}
	for _, v := range st.Strings {
		attr := entity.Attr{Name: entity.SingleAttr(typ), Value: v.Value}
		attrs[attr.Name] = true
		node.Rows = append(node.Rows, []entity.Attr{attr})
	}
	for _, o := range st.Objects {
		var row []entity.Attr
		for _, p := range o.Pairs {
			if p.Key == "type" {
				continue
			}
			name := entity.CurrentAttr(typ, entity.CanonicalAttr(p.Key))
			attrs[name] = true
			if slices.ContainsFunc(row, func(a entity.Attr) bool { return a.Name == name }) {
				s.report(diag.Diagnostic{
					Code:    diag.InvalidJSON,
					Span:    p.KeyAt,
					Message: "the attribute " + name + " is given twice",
					Hint:    "keep one of them",
				})
				continue
			}
			row = append(row, entity.Attr{Name: name, Value: p.Value.Value})
		}
		node.Rows = append(node.Rows, row)
	}
	return &plan.Bind{Name: name(st.Var), Birth: "new", Value: node, At: st.At}, typ, attrs
}

// newType decides the type of new entities: a type key in the data wins over
// the type in the command, and all keys must agree.
func (s *Scope) newType(st *syntax.NewStmt) (string, bool) {
	var found string
	var at diag.Span
	for _, o := range st.Objects {
		for _, p := range o.Pairs {
			if p.Key != "type" {
				continue
			}
			typ := p.Value.Value.Text()
			switch {
			case typ == "":
				s.report(diag.Diagnostic{
					Code:    diag.MissingType,
					Span:    p.Value.At,
					Message: "the type of an entity must be text",
					Hint:    `write a type such as "process"`,
				})
				return "", false
			case found != "" && typ != found:
				s.report(diag.Diagnostic{
					Code:    diag.MixedTypes,
					Span:    p.Value.At,
					Message: fmt.Sprintf("entities of one NEW must be of one type, found %s and %s", found, typ),
					Hint:    "use one NEW for each type",
					Related: []diag.Related{{Span: at, Message: found + " is given here"}},
				})
				return found, false
			}
			found, at = typ, p.Value.At
		}
	}
	switch {
	case found != "":
		return found, true
	case st.Type == nil:
		s.report(diag.Diagnostic{
			Code:    diag.MissingType,
			Span:    st.Data,
			Message: "the data of NEW has no type",
			Hint:    `name it in the command, as in NEW process [...], or give each object a "type"`,
		})
		return "", false
	}
	s.checkType(st.Type)
	return st.Type.Name, true
}

// load gives "x = LOAD path AS type" its meaning.
func (s *Scope) load(st *syntax.LoadStmt) (plan.Step, string, Attributes) {
	typ := ""
	if st.Type != nil {
		s.checkType(st.Type)
		typ = st.Type.Name
	}
	node := &plan.Load{Path: st.Path.Text, Entity: typ, At: st.Path.At}
	return &plan.Bind{Name: name(st.Var), Birth: "load", Value: node, At: st.At}, "", nil
}
