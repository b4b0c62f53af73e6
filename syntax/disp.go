// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import "github.com/kestrelhunt/kestrel/diag"

// A DispStmt shows the result of an expression:
//
//	disp := DISP expression
type DispStmt struct {
	Expr *SelectExpr
	At   diag.Span
}

// Span returns the place of the step.
func (s *DispStmt) Span() diag.Span { return s.At }
func (*DispStmt) stmtNode()         {}

// parseDisp parses a DISP behind its word.
func (p *parser) parseDisp(start int) *DispStmt {
	s := &DispStmt{Expr: p.parseSelect()}
	s.At = p.since(start)
	return s
}

func (f *formatter) disp(s *DispStmt) *doc {
	d := f.step(nil, "DISP")
	d.selection(s.Expr)
	return d.doc()
}
