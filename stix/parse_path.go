// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
)

// parsePath parses
//
//	path := type ":" name { "." name | "[" int "]" | "[" "*" "]" }
//
// A name that is no identifier stands in quotes.
func (p *parser) parsePath() (Path, bool) {
	start := p.tok.start
	if p.tok.kind != tName {
		p.failToken("an object path", "as in file:name")
		return Path{}, false
	}
	path := Path{Type: p.text[p.tok.start:p.tok.end]}
	p.advance()
	if !p.got(tColon) {
		p.failToken(": behind the object type", "a path begins with the type of an object, as in file:name")
		return Path{}, false
	}
	name, ok := p.parseName()
	if !ok {
		return Path{}, false
	}
	path.Steps = append(path.Steps, Step{Kind: Key, Name: name})
	for p.tok.kind == tDot || p.tok.kind == tOpenBracket {
		step, ok := p.parseStep()
		if !ok {
			return Path{}, false
		}
		path.Steps = append(path.Steps, step)
	}
	path.At = p.span(start)
	return path, true
}

func (p *parser) parseStep() (Step, bool) {
	if p.got(tDot) {
		name, ok := p.parseName()
		return Step{Kind: Key, Name: name}, ok
	}
	p.advance() // the bracket
	step := Step{Kind: Star}
	switch p.tok.kind {
	case tStar:
	case tInt:
		n, err := strconv.Atoi(strings.TrimPrefix(p.text[p.tok.start:p.tok.end], "+"))
		if err != nil {
			p.fail(diag.Diagnostic{
				Code: diag.InvalidNumber, Span: p.file.Span(p.tok.start, p.tok.end), Message: "list index is too large",
			})
			return Step{}, false
		}
		step = Step{Kind: Index, Index: n}
	default:
		p.failToken("a list index or *", "")
		p.skipTo(tCloseBracket, tOpenBracket, tAnd, tOr)
		return step, p.got(tCloseBracket)
	}
	p.advance()
	return step, p.want(tCloseBracket, "]", "")
}

// parseName parses the name of a property.
func (p *parser) parseName() (string, bool) {
	t := p.tok
	text := p.text[t.start:t.end]
	switch {
	case t.kind == tString:
		p.advance()
		return t.value, true
	case t.kind == tName && strings.IndexByte(text, '-') < 0:
		p.advance()
		return text, true
	case t.kind == tName, t.kind == tWord, t.kind == tInt, t.kind >= tAnd:
		span := p.file.Span(t.start, t.end)
		p.fail(diag.Diagnostic{
			Code: diag.UnexpectedToken, Span: span,
			Message: fmt.Sprintf("property name %s lacks quotes", text),
			Hint:    "a name stands in single quotes if it has a hyphen, begins with a digit, or is a keyword",
			Fixes:   []diag.Fix{{Title: "put it in quotes", Edits: []diag.Edit{{Span: span, New: Quote(text)}}}},
		})
		p.advance()
		return text, true // the name is clear: what follows is checked
	}
	p.failToken("a property name", "")
	if p.tok.kind == tOpenBracket {
		_, ok := p.parseStep()
		return "", ok
	}
	return "", false
}

// ParsePath reads an attribute path as hunters write it: with or without the
// type of an object before a colon, and with or without quotes around names
// that are no identifiers, so that hashes.SHA-256 and hashes.'SHA-256' are the
// same path. Neither the path nor a diagnostic has a span: who knows where the
// text stands adds it. The one diagnostic is diag.InvalidAttribute.
func ParsePath(text string) (Path, diag.List) {
	var path Path
	rest := text
	if n := typeLength(text); n > 0 {
		path.Type, rest = text[:n], text[n+1:]
	}
	for first := true; first || rest != ""; first = false {
		step, behind, ok := cutStep(rest, first)
		if !ok {
			return Path{}, diag.List{{
				Code:    diag.InvalidAttribute,
				Message: fmt.Sprintf("%s is no attribute", Quote(clip(text, 80))),
				Hint:    "an attribute looks like name, parent_ref.name, hashes.'SHA-256' or opened_connection_refs[*].dst_port",
			}}
		}
		path.Steps = append(path.Steps, step)
		rest = behind
	}
	return path, nil
}

// typeLength returns the length of the type that text begins with, 0 if there
// is no colon behind one.
func typeLength(text string) int {
	n := 0
	for n < len(text) && (isIdentByte(text[n]) || text[n] == '-') {
		n++
	}
	if n > 0 && n < len(text) && text[n] == ':' {
		return n
	}
	return 0
}

// cutStep returns the step that s begins with, and the text behind it.
func cutStep(s string, first bool) (Step, string, bool) {
	if !first && strings.HasPrefix(s, "[") {
		inside, rest, ok := strings.Cut(s[1:], "]")
		if inside == "*" {
			return Step{Kind: Star}, rest, ok
		}
		n, err := strconv.Atoi(inside)
		return Step{Kind: Index, Index: n}, rest, ok && err == nil && isDigit(inside[0])
	}
	if !first {
		if !strings.HasPrefix(s, ".") {
			return Step{}, "", false
		}
		s = s[1:]
	}
	if strings.HasPrefix(s, "'") {
		return cutQuoted(s[1:])
	}
	n := 0
	for n < len(s) && (isIdentByte(s[n]) || s[n] == '-') {
		n++
	}
	return Step{Kind: Key, Name: s[:n]}, s[n:], n > 0
}

// cutQuoted returns the name that s begins with, up to its closing quote.
func cutQuoted(s string) (Step, string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\'':
			return Step{Kind: Key, Name: b.String()}, s[i+1:], true
		case '\\':
			if i++; i == len(s) {
				return Step{}, "", false
			}
		}
		b.WriteByte(s[i])
	}
	return Step{}, "", false
}
