// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import "github.com/kestrelhunt/kestrel/diag"

// A WhyStmt shows where a variable, one of its rows, or one value of a row came
// from. Rows count from 1 in the order in which DISP shows them:
//
//	why := WHY VAR [ "[" n "]" [ "." attr ] ]
type WhyStmt struct {
	Input *Ident
	Row   *IntLit // nil: the whole variable; at least 1
	Attr  *Attr   // nil: the whole row
	At    diag.Span
}

// Span returns the place of the step.
func (s *WhyStmt) Span() diag.Span { return s.At }
func (*WhyStmt) stmtNode()         {}

// parseWhy parses a WHY behind its word.
func (p *parser) parseWhy(start int) *WhyStmt {
	s := &WhyStmt{Input: p.parseVariable()}
	if p.accept(signOpenBracket) {
		s.Row = p.parseInt(1, false)
		p.expect(signCloseBracket)
		if p.accept(signDot) {
			s.Attr = p.parseAttr()
		}
	}
	s.At = p.since(start)
	return s
}

func (f *formatter) why(s *WhyStmt) *doc {
	words := "WHY " + s.Input.Name
	if s.Row != nil {
		words += "[" + s.Row.String() + "]"
	}
	if s.Attr != nil {
		words += "." + s.Attr.String()
	}
	return text(words)
}
