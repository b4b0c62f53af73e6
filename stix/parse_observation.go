// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
)

// parsePattern parses
//
//	pattern := observations end
func (p *parser) parsePattern() ObservationExpr {
	if p.tok.late || !p.atObservation() { // no pattern at all: one fault says so
		p.failToken("[ or (", "a comparison stands in square brackets, as in [file:name = 'a.exe']")
		return nil
	}
	root := p.parseObservations()
	for p.tok.kind != tEnd {
		p.failBetween()
		p.lost = true
		p.skipTo(tOpenBracket, tOpenParen)
		if p.tok.kind != tEnd {
			p.parseObservations() // for the faults in it
		}
	}
	return root
}

// atObservation reports whether an observation expression begins here, or a
// comparison that lacks its brackets.
func (p *parser) atObservation() bool {
	switch p.tok.kind {
	case tOpenBracket, tOpenParen, tName:
		return true
	}
	return false
}

// failBetween reports what stands where an operator or the end was expected.
func (p *parser) failBetween() {
	if p.depth == 0 && p.tok.kind == tCloseParen {
		p.failToken("AND, OR, FOLLOWEDBY or the end", "no parenthesis is open here")
		return
	}
	p.failToken("AND, OR, FOLLOWEDBY or a qualifier", p.keywordHint())
}

// keywordHint says how to write the next token if it is a keyword in small
// letters.
func (p *parser) keywordHint() string {
	if p.tok.kind != tName {
		return ""
	}
	upper := strings.ToUpper(p.text[p.tok.start:p.tok.end])
	if _, ok := keywords[upper]; ok {
		return "keywords stand in capitals: " + upper
	}
	return ""
}

// parseObservations parses
//
//	observations := orObservations { FOLLOWEDBY orObservations }
func (p *parser) parseObservations() ObservationExpr {
	return p.parseChain(tFollowedBy, FollowedBy, func() ObservationExpr {
		return p.parseChain(tOr, ObservationOr, func() ObservationExpr {
			return p.parseChain(tAnd, ObservationAnd, p.parseObservation)
		})
	})
}

// parseChain parses sides joined by one operator, leaning to the left.
func (p *parser) parseChain(kind tokenKind, op ObservationOp, side func() ObservationExpr) ObservationExpr {
	x := side()
	for p.got(kind) {
		y := side()
		switch {
		case x == nil:
			x = y
		case y != nil:
			x = &Combination{Op: op, X: x, Y: y}
		}
	}
	return x
}

// parseObservation parses
//
//	observation := ( "[" orExpr "]" | "(" observations ")" ) { qualifier }
func (p *parser) parseObservation() ObservationExpr {
	start := p.tok.start
	var x ObservationExpr
	grouped := false
	switch p.tok.kind {
	case tOpenBracket:
		x = p.parseTest()
	case tOpenParen:
		grouped = true
		x = p.parseGroup()
	case tName:
		x = p.parseBare()
	default:
		p.failToken("[ or (", "")
		p.skipTo(tOpenBracket, tOpenParen, tCloseParen, tAnd, tOr, tFollowedBy)
		return nil
	}
	return p.parseQualifiers(start, x, grouped)
}

func (p *parser) parseTest() ObservationExpr {
	open, reported := p.tok.start, len(p.list)
	p.lost = false
	p.advance()
	e := p.parseOr()
	p.close(tCloseBracket, "AND, OR or ]", open, reported)
	if len(p.list) > reported {
		p.skipTest()
	}
	if e == nil {
		return nil
	}
	return &Test{Expr: e, At: p.span(open)}
}

// skipTest skips the rest of a test with a fault, up to its bracket or to where
// the next test begins. A bracket right behind a word is a list index.
func (p *parser) skipTest() {
	if p.last > 0 && p.text[p.last-1] == ']' {
		return // the bracket was there
	}
	for p.tok.kind != tEnd && !p.got(tCloseBracket) {
		if p.tok.kind == tOpenBracket {
			if p.tok.start != p.last {
				return
			}
			p.skipTo(tCloseBracket)
		}
		p.advance()
	}
}

func (p *parser) parseGroup() ObservationExpr {
	open, reported := p.tok.start, len(p.list)
	if !p.enter() {
		return nil
	}
	p.advance()
	x := p.parseObservations()
	if p.tok.kind != tCloseParen {
		p.close(tCloseParen, "AND, OR, FOLLOWEDBY, a qualifier or )", open, reported)
		p.skipGroup()
	}
	p.got(tCloseParen)
	p.leave()
	return x
}

// skipGroup skips the rest of a group with a fault, up to its parenthesis.
func (p *parser) skipGroup() {
	for depth := 0; p.tok.kind != tEnd; p.advance() {
		switch p.tok.kind {
		case tOpenParen:
			depth++
		case tCloseParen:
			if depth == 0 {
				return
			}
			depth--
		}
	}
}

// parseBare reports a comparison that lacks its brackets, and reads it.
func (p *parser) parseBare() ObservationExpr {
	if p.lost {
		p.skipTo(tOpenBracket, tOpenParen, tCloseParen)
		return nil
	}
	start, reported := p.tok.start, len(p.list)
	p.failToken("[ or (", "a comparison stands in square brackets, as in [file:name = 'a.exe']")
	inner := len(p.list)
	e := p.parseOr()
	p.got(tCloseBracket)
	if len(p.list) == inner && e != nil && inner > reported {
		span := e.Span()
		p.list[reported].Fixes = []diag.Fix{{Title: "add the brackets", Edits: []diag.Edit{
			{Span: p.file.Span(span.Start, span.Start), New: "["},
			{Span: p.file.Span(span.End, span.End), New: "]"},
		}}}
		return &Test{Expr: e, At: p.span(start)}
	}
	p.list = p.list[:inner]
	p.skipTo(tOpenBracket, tEnd)
	return nil
}

// parseQualifiers parses any number of
//
//	qualifier := WITHIN number SECONDS | REPEATS int TIMES | START time STOP time
func (p *parser) parseQualifiers(start int, x ObservationExpr, grouped bool) ObservationExpr {
	for {
		var q Qualifier
		switch p.tok.kind {
		case tWithin:
			q = p.parseWithin()
		case tRepeats:
			q = p.parseRepeats()
		case tStart:
			q = p.parseStartStop()
		default:
			return x
		}
		p.count()
		if q == nil {
			p.skipTo(tWithin, tRepeats, tStart, tAnd, tOr, tFollowedBy, tCloseParen, tOpenParen, tOpenBracket)
			continue
		}
		if x != nil {
			x = &Qualified{X: x, Qualifier: q, Grouped: grouped, At: p.span(start)}
		}
		grouped = false
	}
}

func (p *parser) parseWithin() Qualifier {
	start := p.tok.start
	p.advance()
	text, ok := p.positive(tFloat, "a number of seconds")
	if !ok || !p.want(tSeconds, "SECONDS", "WITHIN counts in seconds") {
		return nil
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(n, 0) {
		p.failNumber(start, "number of seconds is too large")
		return nil
	}
	return &Within{Seconds: n, At: p.span(start)}
}

func (p *parser) parseRepeats() Qualifier {
	start := p.tok.start
	p.advance()
	text, ok := p.positive(tInt, "a whole number of times")
	if !ok || !p.want(tTimes, "TIMES", "") {
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		p.failNumber(start, "number of times is too large")
		return nil
	}
	return &Repeats{Times: n, At: p.span(start)}
}

func (p *parser) failNumber(start int, message string) {
	p.fail(diag.Diagnostic{Code: diag.InvalidNumber, Span: p.span(start), Message: message})
}

// positive consumes a number without minus sign: an integer, or one of kind
// also.
func (p *parser) positive(also tokenKind, what string) (string, bool) {
	text := p.text[p.tok.start:p.tok.end]
	if p.tok.kind != tInt && p.tok.kind != also || text[0] == '-' {
		p.failToken(what, "")
		return "", false
	}
	p.advance()
	return strings.TrimPrefix(text, "+"), true
}

// want consumes a keyword, or reports that it is missing.
func (p *parser) want(kind tokenKind, text, hint string) bool {
	if p.got(kind) {
		return true
	}
	if h := p.keywordHint(); h != "" {
		hint = h
	}
	p.failToken(text, hint)
	return false
}

func (p *parser) parseStartStop() Qualifier {
	start := p.tok.start
	p.advance()
	from := p.parseBound("START")
	if from == nil || !p.want(tStop, "STOP", "START and STOP stand together") {
		return nil
	}
	to := p.parseBound("STOP")
	if to == nil {
		return nil
	}
	return &StartStop{Start: from, Stop: to, At: p.span(start)}
}

// parseBound parses the timestamp behind START or STOP. STIX 2.0 writes it as a
// plain string (STIX 2.0 part 5, 4.1); its tools take both forms.
func (p *parser) parseBound(keyword string) *Literal {
	if p.tok.kind == tString {
		switch {
		case p.version != V20:
			p.failPlainBound(keyword)
		case p.tok.end < len(p.text) || !p.open:
			p.checkTime(p.tok.value, p.tok.start+1, p.tok.end-1)
		}
		p.tok.kind = tTime
	}
	if p.tok.kind != tTime {
		p.failToken("a timestamp", "as in "+keyword+" t'2006-01-02T15:04:05.000Z'")
		return nil
	}
	return p.parseTimeLiteral()
}

func (p *parser) failPlainBound(keyword string) {
	span := p.file.Span(p.tok.start, p.tok.end)
	p.fail(diag.Diagnostic{
		Code: diag.UnexpectedToken, Span: span,
		Message: fmt.Sprintf("expected a timestamp behind %s, found a string", keyword),
		Hint:    "STIX 2.1 puts a t before the quote",
		Fixes: []diag.Fix{{Title: "make it a timestamp", Edits: []diag.Edit{
			{Span: p.file.Span(span.Start, span.Start), New: "t"},
		}}},
	})
}
