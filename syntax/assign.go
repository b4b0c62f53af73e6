// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import "github.com/kestrelhunt/kestrel/diag"

// An AssignStmt binds the result of an expression:
//
//	assign := VAR "=" expression
type AssignStmt struct {
	Var  *Ident
	Expr *SelectExpr
	At   diag.Span
}

// Span returns the place of the step.
func (s *AssignStmt) Span() diag.Span { return s.At }
func (*AssignStmt) stmtNode()         {}

func (f *formatter) assign(s *AssignStmt) *doc {
	d := f.step(s.Var, "")
	d.selection(s.Expr)
	return d.doc()
}
