// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import "github.com/kestrelhunt/kestrel/diag"

// A LoadStmt reads entities from a file:
//
//	load := [ VAR "=" ] LOAD path [ AS type ]
type LoadStmt struct {
	Var  *Ident // nil: the default variable
	Path *Locator
	Type *Ident // nil: the data say
	At   diag.Span
}

// Span returns the place of the step.
func (s *LoadStmt) Span() diag.Span { return s.At }
func (*LoadStmt) stmtNode()         {}

// parseLoad parses a LOAD behind its word.
func (p *parser) parseLoad(v *Ident, start int) *LoadStmt {
	s := &LoadStmt{Var: v, Path: p.parseFile()}
	if p.acceptClause(kwAs) {
		s.Type = p.parseType()
	}
	s.At = p.since(start)
	return s
}

func (f *formatter) load(s *LoadStmt) *doc {
	d := f.step(s.Var, "LOAD")
	d.add(s.Path.String(), s.Path.At)
	if s.Type != nil {
		d.tail(s.Type.At, func() *doc { return text("AS " + s.Type.Name) })
	}
	return d.doc()
}
