// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// parseOperand parses a value:
//
//	value := literal | "(" value { "," value } ")" | "[" value { "," value } "]"
//
// Lists within lists are flattened.
func (p *parser) parseOperand() stix.Operand {
	if !p.atList() {
		return p.parseLiteral()
	}
	start := p.pos
	list := &stix.List{}
	p.parseItems(list)
	list.At = p.since(start)
	return list
}

func (p *parser) atList() bool { return p.nextIs('(') || p.nextIs('[') }

// parseItems adds the items of the list at pos to list.
func (p *parser) parseItems(list *stix.List) {
	p.deeper()
	open, closing := p.pos, signClose
	if !p.accept(signOpen) {
		p.expect(signOpenBracket)
		closing = signCloseBracket
	}
	for !p.failed {
		if p.atList() {
			p.parseItems(list)
		} else if item := p.parseLiteral(); item != nil {
			list.Items = append(list.Items, item)
		}
		if !p.accept(signComma) {
			break
		}
	}
	p.expectClosing(closing, open)
	p.depth--
}

// parseLiteral parses one value that is no list:
//
//	literal := VAR "." attr | word | string | number
//
// A bare word is text. It fails, and returns nil, if no value is next.
func (p *parser) parseLiteral() stix.Operand {
	if p.failed {
		return nil
	}
	p.wants.add(aValue)
	c := byteAt(p.text, p.pos)
	switch {
	case c == '\'' || c == '"':
		return p.parseString(0, plainString)
	case c == 'r' && isQuote(byteAt(p.text, p.pos+1)):
		return p.parseString(1, rawString)
	case isWordStart(c) && isQuote(byteAt(p.text, p.pos+len(p.word))):
		p.failPrefix()
		return nil
	case isWordStart(c) && !p.atAssign() && !p.atPlainCommand():
		return p.parseWord()
	}
	if end, float := numberEnd(p.text, p.pos); end > p.pos {
		return p.parseNumber(end, float)
	}
	p.unexpected()
	return nil
}

func isQuote(c byte) bool { return c == '\'' || c == '"' }

func (p *parser) parseString(prefix int, kind stringKind) stix.Operand {
	start := p.pos
	value := entity.StringValue(p.stringToken(prefix, kind))
	if p.failed {
		return nil
	}
	at := p.since(start)
	return &stix.Literal{Kind: stix.StringLit, Value: value, Raw: at.Text(), At: at}
}

// failPrefix fails because of a string with a prefix that means nothing.
func (p *parser) failPrefix() {
	span := p.span(p.pos, p.pos+len(p.word))
	p.fail(diag.Diagnostic{
		Code:    diag.UnexpectedToken,
		Span:    span,
		Message: fmt.Sprintf("a string has no prefix %s", shorten(p.word)),
		Hint:    "the only prefix is r, for raw strings",
		Fixes: []diag.Fix{{
			Title: "remove the prefix",
			Edits: []diag.Edit{{Span: span}},
		}},
	})
}

// parseWord parses a bare word, or a reference to an attribute of a variable.
func (p *parser) parseWord() stix.Operand {
	start := p.pos
	end := nameEnd(p.text, p.pos)
	dot := afterTrivia(p.text, end)
	attr := afterTrivia(p.text, dot+1)
	if byteAt(p.text, dot) != '.' || !isWordStart(byteAt(p.text, attr)) && attr < len(p.text) {
		at := p.advance(Word, end)
		return &stix.Literal{Kind: stix.WordLit, Value: entity.StringValue(at.Text()), Raw: at.Text(), At: at}
	}
	variable := p.advance(Variable, end)
	p.expect(signDot)
	ref := &stix.Reference{Variable: variable.Text(), VarAt: variable}
	p.ref = &Ident{Name: variable.Text(), At: variable}
	if a := p.parseAttr(); a != nil {
		ref.Attr, p.ref = a.Name, nil
	}
	ref.At = p.since(start)
	return ref
}

// parseNumber parses the number that ends at an offset.
func (p *parser) parseNumber(end int, float bool) stix.Operand {
	start := p.pos
	value, ok := p.number(end, float)
	if !ok {
		return nil
	}
	kind := stix.IntLit
	if float {
		kind = stix.FloatLit
	}
	at := p.since(start)
	return &stix.Literal{Kind: kind, Value: value, Raw: at.Text(), At: at}
}

// number reads the number that ends at an offset. It fails if more of a word
// follows, as in 10.0.0.1, and reports a number that does not fit.
func (p *parser) number(end int, float bool) (entity.Value, bool) {
	if next := byteAt(p.text, end); isWordByte(next) || next == '.' || next == ':' {
		p.failNumber()
		return entity.Value{}, false
	}
	at := p.advance(Number, end)
	value, err := parseNumber(at.Text(), float)
	if err != nil {
		p.report(diag.Diagnostic{
			Code:    diag.InvalidNumber,
			Span:    at,
			Message: fmt.Sprintf("the number %s does not fit into 64 bits", shorten(at.Text())),
			Hint:    "put it in quotes to compare it as text",
		})
	}
	return value, true
}

func parseNumber(text string, float bool) (entity.Value, error) {
	if !float {
		n, err := strconv.ParseInt(text, 10, 64)
		return entity.IntValue(n), err
	}
	f, err := strconv.ParseFloat(text, 64)
	if errors.Is(err, strconv.ErrRange) && math.Abs(f) < 1 {
		err = nil // too small is zero
	}
	return entity.FloatValue(f), err
}

// failNumber fails because of a word that only begins as a number.
func (p *parser) failNumber() {
	end := run(p.text, p.pos, func(c byte) bool { return isPathByte(c) || c == ':' || c == '+' })
	span := p.span(p.pos, end)
	text := span.Text()
	d := diag.Diagnostic{
		Code:    diag.InvalidNumber,
		Span:    span,
		Message: fmt.Sprintf("%s is not a number", shorten(text)),
	}
	if !strings.HasPrefix(text, "0x") {
		d.Hint = "put text in quotes"
		d.Fixes = []diag.Fix{{
			Title: "put it in quotes",
			Edits: []diag.Edit{{Span: span, New: "'" + text + "'"}},
		}}
	}
	p.fail(d)
}

// parseInt parses a whole number that is least or more. With unit a word may
// follow without a blank, as in 5d.
func (p *parser) parseInt(least int64, unit bool) *IntLit {
	if p.failed {
		return nil
	}
	end, float := numberEnd(p.text, p.pos)
	if end == p.pos {
		p.wants.add(anInteger)
		p.unexpected()
		return nil
	}
	next := byteAt(p.text, end)
	if float || isWordByte(next) && !unit || next == '.' {
		p.failInt(end)
		return nil
	}
	at := p.advance(Number, end)
	n, err := strconv.ParseInt(at.Text(), 10, 64)
	if err != nil {
		p.reportNumber(at, fmt.Sprintf("the number %s does not fit into 64 bits", shorten(at.Text())))
	} else if n < least || !isDigit(at.Text()[0]) {
		p.reportNumber(at, fmt.Sprintf("expected a whole number from %d, found %s", least, shorten(at.Text())))
	}
	return &IntLit{Value: max(n, least), At: at}
}

func (p *parser) reportNumber(at diag.Span, message string) {
	p.report(diag.Diagnostic{Code: diag.InvalidNumber, Span: at, Message: message})
}

func (p *parser) failInt(end int) {
	end = max(end, run(p.text, p.pos, func(c byte) bool { return isWordByte(c) || c == '.' }))
	span := p.span(p.pos, end)
	p.fail(diag.Diagnostic{
		Code:    diag.InvalidNumber,
		Span:    span,
		Message: fmt.Sprintf("expected a whole number, found %s", shorten(span.Text())),
	})
}

// String returns the number as it was written.
func (n *IntLit) String() string { return written(n.At, strconv.FormatInt(n.Value, 10)) }

// operand returns the doc of a value.
func (f *formatter) operand(o stix.Operand) *doc {
	switch o := o.(type) {
	case *stix.Literal:
		return text(literalText(o))
	case *stix.Reference:
		return text(o.Variable + "." + referenceAttr(o))
	case *stix.List:
		items := f.list(spansOf(o.Items), func(i int) *doc { return f.operand(o.Items[i]) })
		return concat(text("("), items, text(")"))
	}
	panic(fmt.Sprintf("syntax: format of %T", o))
}

// literalText returns a literal as it was written.
func literalText(l *stix.Literal) string {
	value := l.Value.String()
	switch {
	case l.Raw != "":
		return l.Raw
	case l.Kind == stix.IntLit, l.Kind == stix.FloatLit,
		l.Kind == stix.WordLit && value != "" && nameEnd(value, 0) == len(value):
		return value
	}
	return quote(value)
}

// referenceAttr returns the attribute of a reference as it was written.
func referenceAttr(r *stix.Reference) string {
	if r.At.IsZero() {
		return r.Attr
	}
	rest := r.At.File.Text[r.VarAt.End:r.At.End]
	dot := afterTrivia(rest, 0)
	return rest[afterTrivia(rest, dot+1):]
}
