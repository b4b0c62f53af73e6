// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import "github.com/kestrelhunt/kestrel/diag"

// A MergeStmt binds the union of at least two variables:
//
//	merge := VAR "=" VAR "+" VAR { "+" VAR }
type MergeStmt struct {
	Var    *Ident
	Inputs []*Ident
	At     diag.Span
}

// Span returns the place of the step.
func (s *MergeStmt) Span() diag.Span { return s.At }
func (*MergeStmt) stmtNode()         {}

// parseMerge parses the rest of a merge whose first input was read.
func (p *parser) parseMerge(v, first *Ident, start int) *MergeStmt {
	s := &MergeStmt{Var: v, Inputs: []*Ident{first}}
	for p.accept(signPlus) {
		if id := p.parseVariable(); id != nil {
			s.Inputs = append(s.Inputs, id)
		}
	}
	s.At = p.since(start)
	return s
}

func (f *formatter) merge(s *MergeStmt) *doc {
	d := f.step(s.Var, "")
	for i, id := range s.Inputs {
		if i == 0 {
			d.add(id.Name, id.At)
			continue
		}
		d.tail(id.At, func() *doc { return text("+ " + id.Name) })
	}
	return d.doc()
}
