// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
)

// parseOr parses
//
//	orExpr := andExpr { OR andExpr }
func (p *parser) parseOr() Expr {
	x := p.parseAnd()
	for p.got(tOr) {
		x = joinExpr(Or, x, p.parseAnd())
	}
	return x
}

// parseAnd parses
//
//	andExpr := comparison { AND comparison }
func (p *parser) parseAnd() Expr {
	x := p.parseTerm()
	for p.got(tAnd) {
		x = joinExpr(And, x, p.parseTerm())
	}
	return x
}

func joinExpr(op LogicOp, x, y Expr) Expr {
	switch {
	case x == nil:
		return y
	case y == nil:
		return x
	}
	return &Logic{Op: op, X: x, Y: y}
}

// parseTerm parses
//
//	comparison := path [ NOT ] operator value | [ NOT ] EXISTS path | "(" orExpr ")"
//
// and, after a fault, skips to what may follow a comparison.
func (p *parser) parseTerm() Expr {
	p.count()
	reported := len(p.list)
	var e Expr
	switch p.tok.kind {
	case tOpenParen:
		e = p.parseParens()
	case tName:
		e = p.parseComparison()
	case tExists, tNot:
		e = p.parseExists()
	default:
		p.failToken("a comparison", p.termHint())
	}
	if len(p.list) > reported {
		p.skipTo(tAnd, tOr, tCloseParen, tCloseBracket)
	}
	return e
}

func (p *parser) termHint() string {
	switch p.tok.kind {
	case tString:
		return "a comparison begins with an object path, as in file:name = 'a.exe'"
	case tCloseBracket:
		return "brackets hold at least one comparison"
	}
	return ""
}

func (p *parser) parseParens() Expr {
	open, reported := p.tok.start, len(p.list)
	if !p.enter() {
		return nil
	}
	p.advance()
	e := p.parseOr()
	if p.tok.kind != tCloseParen && len(p.list) > reported {
		p.skipTo(tCloseParen, tCloseBracket)
	}
	p.close(tCloseParen, "AND, OR or )", open, reported)
	p.leave()
	return e
}

func (p *parser) parseExists() Expr {
	start := p.tok.start
	not := p.got(tNot)
	if !p.want(tExists, "EXISTS", "NOT stands before EXISTS, or behind the path: file:name NOT = 'a.exe'") {
		return nil
	}
	path, ok := p.parsePath()
	if !ok {
		return nil
	}
	return &Exists{Path: path, Not: not, At: p.span(start)}
}

var comparisonOps = map[tokenKind]Op{
	tEqual: Equal, tNotEqual: NotEqual, tLess: Less, tLessEqual: LessEqual, tGreater: Greater,
	tGreaterEqual: GreaterEqual, tIn: In, tLike: Like, tMatches: Matches, tIsSubset: IsSubset, tIsSuperset: IsSuperset,
}

func (p *parser) parseComparison() Expr {
	start := p.tok.start
	path, ok := p.parsePath()
	if !ok {
		return nil
	}
	c := &Comparison{Path: path}
	opStart := p.tok.start
	c.Not = p.got(tNot)
	op, ok := comparisonOps[p.tok.kind]
	if !ok {
		p.failToken("a comparison operator", p.keywordHint())
		return nil
	}
	c.Op = op
	p.advance()
	c.OpAt = p.span(opStart)
	switch op {
	case In:
		c.Value = p.parseList()
	case Like, Matches, IsSubset, IsSuperset:
		c.Value = p.parseText(op)
	default:
		c.Value = p.parseValue(op)
	}
	if c.Value == nil {
		return nil
	}
	c.At = p.span(start)
	return c
}

// parseList parses
//
//	list := "(" [ literal { "," literal } ] ")"
func (p *parser) parseList() Operand {
	open, reported := p.tok.start, len(p.list)
	if p.tok.kind != tOpenParen {
		p.failToken("a list behind IN", "as in file:name IN ('a.exe', 'b.exe')")
		return nil
	}
	p.advance()
	l := &List{}
	if p.tok.kind != tCloseParen {
		l.Items = p.parseItems()
	}
	if p.tok.kind != tCloseParen && len(p.list) > reported {
		p.skipTo(tCloseParen, tCloseBracket)
	}
	p.close(tCloseParen, "a comma or )", open, reported)
	l.At = p.span(open)
	return l
}

func (p *parser) parseItems() (items []Operand) {
	for {
		item := p.parseLiteral()
		if item == nil {
			p.failValue("a value")
			p.skipTo(tComma, tCloseParen, tCloseBracket)
		} else {
			items = append(items, item)
		}
		if !p.got(tComma) {
			return items
		}
		p.count()
	}
}

// parseText parses the string that LIKE, MATCHES, ISSUBSET and ISSUPERSET want.
func (p *parser) parseText(op Op) Operand {
	if p.tok.kind != tString {
		p.failValue(fmt.Sprintf("a string behind %s", op))
		return nil
	}
	return p.parseLiteral()
}

// parseValue parses the literal behind a sign. The order of true and false is
// not defined, so they stand behind = and != only.
func (p *parser) parseValue(op Op) Operand {
	if (p.tok.kind == tTrue || p.tok.kind == tFalse) && op != Equal && op != NotEqual {
		p.failToken(fmt.Sprintf("a number, string or timestamp behind %s", op), "true and false have no order")
		return nil
	}
	if l := p.parseLiteral(); l != nil {
		return l
	}
	p.failValue("a value")
	return nil
}

// failValue reports that the next token is no value. A word that lacks its
// quotes is consumed whole, and the fix adds them.
func (p *parser) failValue(expected string) {
	if p.tok.kind != tName && p.tok.kind != tWord {
		p.failToken(expected, "")
		return
	}
	hint := "text stands in single quotes"
	if word := p.text[p.tok.start:p.tok.end]; word == "null" {
		hint = "patterns have no null; NOT EXISTS tests whether a property is absent"
	}
	end := p.tok.end
	if n := strings.IndexAny(p.text[end:], " \t\r\n()[],'"); n >= 0 {
		end += n
	} else {
		end = len(p.text)
	}
	p.tok.end = end
	span := p.file.Span(p.tok.start, end)
	p.failAt(diag.Diagnostic{
		Code: diag.UnexpectedToken, Span: span, Hint: hint,
		Message: fmt.Sprintf("expected %s, found %s", expected, p.found()),
		Fixes: []diag.Fix{{Title: "put it in quotes", Edits: []diag.Edit{
			{Span: span, New: Quote(strings.ToValidUTF8(span.Text(), "\uFFFD"))},
		}}},
	})
	p.pos = end
	p.advance()
}

// parseLiteral parses a literal, or returns nil and consumes nothing.
func (p *parser) parseLiteral() Operand {
	t := p.tok
	l := &Literal{Raw: p.text[t.start:t.end], At: p.file.Span(t.start, t.end)}
	switch t.kind {
	case tString:
		l.Kind, l.Value = StringLit, entity.StringValue(t.value)
	case tInt:
		p.setInt(l)
	case tFloat:
		p.setFloat(l)
	case tTrue, tFalse:
		l.Kind, l.Value = BoolLit, entity.BoolValue(t.kind == tTrue)
	case tHex:
		l.Kind, l.Value = HexLit, entity.StringValue(t.value)
		l.Bytes, _ = hex.DecodeString(t.value) // the lexer reported a fault
	case tBinary:
		l.Kind, l.Value = BinaryLit, entity.StringValue(t.value)
		l.Bytes, _ = base64.StdEncoding.DecodeString(t.value) // as above
	case tTime:
		return p.parseTimeLiteral()
	default:
		return nil
	}
	p.advance()
	return l
}

func (p *parser) parseTimeLiteral() *Literal {
	t := p.tok
	l := &Literal{
		Kind: TimeLit, Value: entity.StringValue(t.value),
		Raw: p.text[t.start:t.end], At: p.file.Span(t.start, t.end),
	}
	if at, err := ParseTime(t.value); err == nil {
		l.Time = at
	}
	p.advance()
	return l
}

// setInt sets an integer: 64 bits (STIX 2.1, 9.2).
func (p *parser) setInt(l *Literal) {
	n, err := strconv.ParseInt(strings.TrimPrefix(l.Raw, "+"), 10, 64)
	if err != nil {
		p.fail(diag.Diagnostic{
			Code: diag.InvalidNumber, Span: l.At, Message: "integer does not fit in 64 bits",
			Hint: "write it with a point to make it a float",
		})
	}
	l.Kind, l.Value = IntLit, entity.IntValue(n)
}

func (p *parser) setFloat(l *Literal) {
	f, err := strconv.ParseFloat(l.Raw, 64)
	if err != nil {
		p.fail(diag.Diagnostic{Code: diag.InvalidNumber, Span: l.At, Message: "number is too large"})
		f = 0
	}
	l.Kind, l.Value = FloatLit, entity.FloatValue(f)
}
