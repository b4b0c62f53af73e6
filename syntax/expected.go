// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
)

// An Expectation says what may stand at a place of a hunt.
type Expectation struct {
	Replace diag.Span // the unfinished word that ends at the place; empty if none does
	Wants   []Want    // nothing in a comment, and where the text before is at fault
	Stmt    Stmt      // the step before or at the place, with gaps; nil if there is none
	Of      *Ident    // in a reference, the variable whose attribute is wanted; else nil
}

// Expected returns what may stand at an offset of file. Only the text before
// the offset counts. A word that ends there is taken as unfinished: Wants says
// what may stand in its place, whether it begins like the word or not.
func Expected(file *diag.File, offset int) Expectation {
	offset = min(max(offset, 0), len(file.Text))
	text := file.Text[:offset]
	p := newParser(file, text)
	hunt := p.parseHunt()
	if len(p.tokens) == 0 {
		return p.expectation(hunt, p.finish, offset)
	}
	switch last := p.tokens[len(p.tokens)-1]; last.Kind {
	case Comment:
		return Expectation{Replace: file.Span(offset, offset)}
	case Skipped:
		return p.expectation(hunt, unfinished(p.fault, text, last), offset)
	case Blank, String, Operator, Punctuation:
		return p.expectation(hunt, p.finish, offset)
	default:
		before := newParser(file, text[:last.At.Start])
		hunt = before.parseHunt()
		return before.expectation(hunt, before.finish, offset)
	}
}

// unfinished returns the place of the fault if the text from there to the end
// is one unfinished word or string. Else more is wrong before the end, and
// nothing can be said.
func unfinished(fault place, text string, last Token) place {
	if fault.pos == last.At.Start || !strings.ContainsAny(text[fault.pos:], " \t\r\n\f,") {
		return fault
	}
	return place{pos: len(text)}
}

// expectation describes a place for readers outside the package.
func (p *parser) expectation(hunt *Hunt, at place, offset int) Expectation {
	e := Expectation{
		Replace: p.file.Span(at.pos, offset),
		Wants:   at.wants.exported(),
		Of:      at.ref,
	}
	if n := len(hunt.Stmts); n > 0 {
		e.Stmt = hunt.Stmts[n-1]
	}
	if bad, ok := e.Stmt.(*BadStmt); ok {
		e.Stmt = bad.Part
	}
	return e
}
