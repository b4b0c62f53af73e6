// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import "github.com/kestrelhunt/kestrel/diag"

// A JoinStmt joins two variables where an attribute of each is equal:
//
//	join := [ VAR "=" ] JOIN VAR "," VAR [ BY attr "," attr ]
//
// The language has no meaning for a join without BY: the reader of the tree
// reports it.
type JoinStmt struct {
	Var             *Ident // nil: the default variable
	Left, Right     *Ident
	LeftBy, RightBy *Attr // both nil: no BY clause
	At              diag.Span
}

// Span returns the place of the step.
func (s *JoinStmt) Span() diag.Span { return s.At }
func (*JoinStmt) stmtNode()         {}

// parseJoin parses a JOIN behind its word.
func (p *parser) parseJoin(v *Ident, start int) *JoinStmt {
	s := &JoinStmt{Var: v, Left: p.parseVariable()}
	p.expect(signComma)
	s.Right = p.parseVariable()
	if p.acceptClause(kwBy) {
		s.LeftBy = p.parseAttr()
		p.expect(signComma)
		s.RightBy = p.parseAttr()
	}
	s.At = p.since(start)
	return s
}

func (f *formatter) join(s *JoinStmt) *doc {
	d := f.step(s.Var, "JOIN")
	d.add(s.Left.Name+", "+s.Right.Name, s.Right.At)
	if s.LeftBy != nil {
		d.tail(s.LeftBy.At, func() *doc {
			return concat(text("BY "), f.attrs([]*Attr{s.LeftBy, s.RightBy}))
		})
	}
	return d.doc()
}
