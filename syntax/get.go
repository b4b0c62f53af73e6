// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import "github.com/kestrelhunt/kestrel/diag"

// A GetStmt selects the entities of a source, or of a variable, that match a
// condition:
//
//	get := [ VAR "=" ] GET type [ FROM source ] where [ timespan ] [ LIMIT n ]
type GetStmt struct {
	Var   *Ident       // nil: the default variable
	Type  *Ident       // entity type wanted
	From  *Locator     // nil: the source that the hunt used last
	Where *WhereClause // never nil
	Time  *TimeRange   // nil: no START or LAST clause
	Limit *IntLit      // nil: no limit
	At    diag.Span
}

// Span returns the place of the step.
func (s *GetStmt) Span() diag.Span { return s.At }
func (*GetStmt) stmtNode()         {}

// parseGet parses a GET behind its word.
func (p *parser) parseGet(v *Ident, start int) *GetStmt {
	s := &GetStmt{Var: v, Type: p.parseType()}
	if p.accept(kwFrom) {
		s.From = p.parseSource()
	}
	if p.at(kwWhere) {
		s.Where = p.parseWhere()
	} else {
		p.unexpected()
	}
	s.Time = p.optionalTime()
	s.Limit = p.optionalLimit(kwLimit)
	s.At = p.since(start)
	return s
}

func (f *formatter) get(s *GetStmt) *doc {
	d := f.step(s.Var, "GET")
	d.add(s.Type.Name, s.Type.At)
	if s.From != nil {
		d.tail(s.From.At, func() *doc { return text("FROM " + s.From.String()) })
	}
	d.where(s.Where)
	d.time(s.Time)
	d.limit("LIMIT", s.Limit)
	return d.doc()
}
