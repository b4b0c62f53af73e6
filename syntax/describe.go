// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import "github.com/kestrelhunt/kestrel/diag"

// A DescribeStmt shows statistics of one attribute of a variable:
//
//	describe := DESCRIBE VAR "." attr
type DescribeStmt struct {
	Input *Ident
	Attr  *Attr
	At    diag.Span
}

// Span returns the place of the step.
func (s *DescribeStmt) Span() diag.Span { return s.At }
func (*DescribeStmt) stmtNode()         {}

// parseDescribe parses a DESCRIBE behind its word.
func (p *parser) parseDescribe(start int) *DescribeStmt {
	s := &DescribeStmt{Input: p.parseVariable()}
	p.expect(signDot)
	s.Attr = p.parseAttr()
	s.At = p.since(start)
	return s
}

func (f *formatter) describe(s *DescribeStmt) *doc {
	return text("DESCRIBE " + s.Input.Name + "." + s.Attr.String())
}
