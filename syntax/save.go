// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import "github.com/kestrelhunt/kestrel/diag"

// A SaveStmt writes the entities of a variable to a file:
//
//	save := SAVE VAR TO path
type SaveStmt struct {
	Input *Ident
	Path  *Locator
	At    diag.Span
}

// Span returns the place of the step.
func (s *SaveStmt) Span() diag.Span { return s.At }
func (*SaveStmt) stmtNode()         {}

// parseSave parses a SAVE behind its word.
func (p *parser) parseSave(start int) *SaveStmt {
	s := &SaveStmt{Input: p.parseVariable()}
	p.expect(kwTo)
	s.Path = p.parseFile()
	s.At = p.since(start)
	return s
}

func (f *formatter) save(s *SaveStmt) *doc {
	d := f.step(nil, "SAVE")
	d.add(s.Input.Name, s.Input.At)
	d.tail(s.Path.At, func() *doc { return text("TO " + s.Path.String()) })
	return d.doc()
}
