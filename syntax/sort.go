// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import "github.com/kestrelhunt/kestrel/diag"

// A SortStmt binds a variable's entities in another order:
//
//	sort := [ VAR "=" ] SORT VAR BY attr [ ASC | DESC ]
type SortStmt struct {
	Var   *Ident // nil: the default variable
	Input *Ident
	By    *Attr
	Order Order
	At    diag.Span
}

// Span returns the place of the step.
func (s *SortStmt) Span() diag.Span { return s.At }
func (*SortStmt) stmtNode()         {}

// parseSort parses a SORT behind its word.
func (p *parser) parseSort(v *Ident, start int) *SortStmt {
	s := &SortStmt{Var: v, Input: p.parseVariable()}
	p.expect(kwBy)
	s.By = p.parseAttr()
	s.Order = p.optionalOrder()
	s.At = p.since(start)
	return s
}

func (f *formatter) sort(s *SortStmt) *doc {
	d := f.step(s.Var, "SORT")
	d.add(s.Input.Name, s.Input.At)
	d.tail(s.By.At, func() *doc { return text("BY " + s.By.String() + orderSuffix(s.Order)) })
	return d.doc()
}
