// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package sema

import (
	"fmt"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/syntax"
)

// unsupported checks what can be checked of a statement that the runtime does
// not execute, and says that it does not.
func (s *Scope) unsupported(stmt syntax.Stmt) {
	word := ""
	switch st := stmt.(type) {
	case *syntax.BadStmt: // reported by the parser
		s.report(diag.Diagnostic{Code: diag.UnexpectedToken, Span: st.At})
		return
	case *syntax.FindStmt:
		word = "FIND"
		s.find(st)
	case *syntax.ApplyStmt:
		word = "APPLY"
		for _, id := range st.Inputs {
			s.resolve(id)
		}
	case *syntax.WhyStmt:
		word = "WHY"
		s.resolve(st.Input)
	default: // nothing to do for the others
	}
	if s.diags.Err() != nil {
		return
	}
	s.report(diag.Diagnostic{
		Code:    diag.NotSupported,
		Span:    stmt.Span(),
		Message: fmt.Sprintf("%s is part of the language, and this version does not run it", word),
		Hint:    "see the README for the commands that run",
	})
}

// find checks that the relation holds between the two types.
func (s *Scope) find(st *syntax.FindStmt) {
	s.checkType(st.Type)
	v, ok := s.resolve(st.Input)
	if !ok || v.Type == "" {
		return
	}
	subject, object := st.Type.Name, v.Type
	if st.By {
		subject, object = object, subject
	}
	if _, ok := entity.FindRelation(subject, st.Relation.Name, object); ok {
		return
	}
	s.report(diag.Diagnostic{
		Code:    diag.UnsupportedRelation,
		Span:    st.Relation.At,
		Message: fmt.Sprintf("no relation %s leads from %s to %s", st.Relation.Name, subject, object),
		Hint:    relationHint(st.Relation.Name, subject, object),
	})
}

// relationHint says which relations hold between two types, or which relation a
// misspelt one may mean.
func relationHint(name, subject, object string) string {
	if near, ok := diag.Nearest(name, entity.RelationNames()); ok {
		return "did you mean " + near + "?"
	}
	var between []string
	for _, r := range entity.RelationNames() {
		if _, ok := entity.FindRelation(subject, r, object); ok {
			between = append(between, r)
		}
	}
	return "between these types holds " + list(between)
}
