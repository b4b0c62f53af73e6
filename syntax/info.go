// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import "github.com/kestrelhunt/kestrel/diag"

// An InfoStmt shows what is known of a variable:
//
//	info := INFO VAR
type InfoStmt struct {
	Input *Ident
	At    diag.Span
}

// Span returns the place of the step.
func (s *InfoStmt) Span() diag.Span { return s.At }
func (*InfoStmt) stmtNode()         {}

// parseInfo parses an INFO behind its word.
func (p *parser) parseInfo(start int) *InfoStmt {
	s := &InfoStmt{Input: p.parseVariable()}
	s.At = p.since(start)
	return s
}

func (f *formatter) info(s *InfoStmt) *doc { return text("INFO " + s.Input.Name) }
