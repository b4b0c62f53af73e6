// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/stix"
)

// An ApplyStmt runs an analytics over variables:
//
//	apply := APPLY analytics ON VAR { "," VAR } [ WITH arg { "," arg } ]
//	arg   := key "=" value
type ApplyStmt struct {
	Analytics *Locator
	Inputs    []*Ident
	Args      []*Argument // none: no WITH clause
	At        diag.Span
}

// Span returns the place of the step.
func (s *ApplyStmt) Span() diag.Span { return s.At }
func (*ApplyStmt) stmtNode()         {}

// An Argument is one parameter of an analytics.
type Argument struct {
	Key   *Ident
	Value stix.Operand
	At    diag.Span
}

// Span returns the place of the argument.
func (a *Argument) Span() diag.Span { return a.At }

// parseApply parses an APPLY behind its word.
func (p *parser) parseApply(start int) *ApplyStmt {
	s := &ApplyStmt{Analytics: p.parseAnalytics()}
	p.expect(kwOn)
	for !p.failed {
		if id := p.parseVariable(); id != nil {
			s.Inputs = append(s.Inputs, id)
		}
		if !p.accept(signComma) {
			break
		}
	}
	if p.acceptClause(kwWith) {
		for !p.failed {
			s.Args = append(s.Args, p.parseArgument())
			if !p.accept(signComma) {
				break
			}
		}
	}
	s.At = p.since(start)
	return s
}

// parseArgument parses one argument: key "=" value.
func (p *parser) parseArgument() *Argument {
	start := p.pos
	a := &Argument{}
	p.wants.add(aKey)
	if p.failed || p.word == "" {
		p.unexpected()
		return a
	}
	a.Key = p.ident(Name, nameEnd(p.text, p.pos))
	p.expect(signAssign)
	a.Value = p.parseOperand()
	a.At = p.since(start)
	return a
}

func (f *formatter) apply(s *ApplyStmt) *doc {
	d := f.step(nil, "APPLY")
	d.add(s.Analytics.String(), s.Analytics.At)
	inputs := spansOf(s.Inputs)
	d.tail(inputs[0], func() *doc {
		return concat(text("ON "), f.list(inputs, func(i int) *doc { return text(s.Inputs[i].Name) }))
	})
	d.prev = inputs[len(inputs)-1]
	if args := spansOf(s.Args); len(args) > 0 {
		d.clause(args[0], func() *doc {
			return concat(text("WITH "), f.list(args, func(i int) *doc { return f.argument(s.Args[i]) }))
		})
	}
	return d.doc()
}

func (f *formatter) argument(a *Argument) *doc {
	return concat(text(a.Key.Name+"="), f.operand(a.Value))
}
