// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
)

// A FindStmt selects the entities that stand in a relation to those of a
// variable:
//
//	find := [ VAR "=" ] FIND type relation [ BY ] VAR [ WITHIN n HOPS ]
//	        [ where ] [ timespan ] [ LIMIT n ]
//
// Without BY the entities wanted are the subject of the relation; with BY they
// are its object. WITHIN follows the relation up to n times.
type FindStmt struct {
	Var      *Ident // nil: the default variable
	Type     *Ident // entity type wanted
	Relation *Ident // in small letters, whatever was written
	By       bool
	Input    *Ident
	Hops     *IntLit      // nil: one step; at least 1
	Where    *WhereClause // nil: no condition
	Time     *TimeRange   // nil: no START or LAST clause
	Limit    *IntLit      // nil: no limit
	At       diag.Span
}

// Span returns the place of the step.
func (s *FindStmt) Span() diag.Span { return s.At }
func (*FindStmt) stmtNode()         {}

// parseFind parses a FIND behind its word.
func (p *parser) parseFind(v *Ident, start int) *FindStmt {
	s := &FindStmt{Var: v}
	// Unlike elsewhere, another word follows the type, so that the type may have
	// the name of a command.
	p.wants.add(aType)
	if !p.failed && p.word != "" && !p.atTarget() {
		s.Type = p.ident(EntityType, nameEnd(p.text, p.pos))
	} else {
		p.unexpected()
	}
	s.Relation = p.parseRelation()
	s.By = p.accept(kwBy)
	s.Input = p.parseVariable()
	p.checkBy(s)
	s.Hops = p.optionalHops()
	s.Where = p.optionalWhere()
	s.Time = p.optionalTime()
	s.Limit = p.optionalLimit(kwLimit)
	s.At = p.since(start)
	return s
}

// parseRelation parses the name of a relation, which has only letters.
func (p *parser) parseRelation() *Ident {
	p.wants.add(aRelation)
	if p.failed || p.word == "" || p.atOtherStep() {
		p.unexpected()
		return nil
	}
	end := nameEnd(p.text, p.pos)
	if letters := run(p.text, p.pos, isLetter); letters < end {
		span := p.span(p.pos, end)
		d := p.unexpectedToken("a relation")
		d.Span, d.Message = span, "a relation has only letters, found "+shorten(span.Text())
		if name, by := strings.CutSuffix(strings.ToUpper(span.Text()), "_BY"); by {
			p.suggest(&d, span, name+" BY")
		}
		p.fail(d)
		return nil
	}
	id := p.ident(Relation, end)
	id.Name = strings.ToLower(id.Name)
	return id
}

// checkBy fails if the variable read looks like a misspelt BY and another
// variable follows it.
func (p *parser) checkBy(s *FindStmt) {
	if p.failed || s.By || p.word == "" || p.atTarget() || p.atCommand() {
		return
	}
	near, ok := diag.Nearest(s.Input.Name, []string{kwBy.text()})
	if !ok || p.atWord(kwWhere.text()) {
		return
	}
	d := diag.Diagnostic{
		Code:    diag.UnexpectedToken,
		Span:    s.Input.At,
		Message: "expected BY or one variable, found " + s.Input.Name,
	}
	p.suggest(&d, s.Input.At, near)
	p.fail(d)
}

// optionalHops parses WITHIN n HOPS if it is next.
func (p *parser) optionalHops() *IntLit {
	if !p.acceptClause(kwWithin) {
		return nil
	}
	n := p.parseInt(1, false)
	if !p.accept(kwHop) {
		p.expect(kwHops)
	}
	return n
}

func (f *formatter) find(s *FindStmt) *doc {
	d := f.step(s.Var, "FIND")
	d.add(s.Type.Name, s.Type.At)
	d.add(strings.ToUpper(s.Relation.Name), s.Relation.At)
	if s.By {
		d.add("BY", s.Relation.At)
	}
	d.add(s.Input.Name, s.Input.At)
	if s.Hops != nil {
		hops := " HOPS"
		if s.Hops.Value == 1 {
			hops = " HOP"
		}
		d.tail(s.Hops.At, func() *doc { return text("WITHIN " + s.Hops.String() + hops) })
	}
	d.where(s.Where)
	d.time(s.Time)
	d.limit("LIMIT", s.Limit)
	return d.doc()
}
