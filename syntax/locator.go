// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"fmt"
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
)

// parseSource parses a data source: paths with commas and no blanks between
// them, or any text in quotes. Without quotes a path may hold * and ?.
func (p *parser) parseSource() *Locator {
	p.wants.add(aSource)
	return p.parseLocator(sourceEnd)
}

// parseFile parses the path of a file.
func (p *parser) parseFile() *Locator {
	p.wants.add(aPath)
	return p.parseLocator(filePathEnd)
}

// parseAnalytics parses the name or URI of an analytics.
func (p *parser) parseAnalytics() *Locator {
	p.wants.add(anAnalytics)
	return p.parseLocator(filePathEnd)
}

func filePathEnd(s string, i int) int { return pathEnd(s, i, isPathByte) }

// parseLocator parses a text in quotes, or one that ends where endOf says.
func (p *parser) parseLocator(endOf func(string, int) int) *Locator {
	if p.failed {
		return nil
	}
	start := p.pos
	if isQuote(byteAt(p.text, p.pos)) {
		text := p.parseText(plainString)
		return &Locator{Text: text, Quoted: true, At: p.since(start)}
	}
	end := endOf(p.text, p.pos)
	if end == p.pos || p.atOtherStep() {
		p.unexpected()
		return nil
	}
	if strings.IndexByte(":?*~%$=&@+,", byteAt(p.text, end)) >= 0 && end < len(p.text) {
		p.failLocator(end)
		return nil
	}
	at := p.advance(Path, end)
	return &Locator{Text: at.Text(), At: at}
}

// failLocator fails because of a character that a path without quotes cannot
// hold.
func (p *parser) failLocator(i int) {
	word := run(p.text, p.pos, func(c byte) bool { return c > ' ' && !isQuote(c) && c != '#' })
	span := p.span(p.pos, word)
	d := diag.Diagnostic{Code: diag.UnexpectedToken, Span: p.span(i, i+1)}
	switch {
	case strings.HasSuffix(span.Text(), "://"):
		d.Message = fmt.Sprintf("expected a name after %s", shorten(span.Text()))
		d.Span = p.span(word, word)
	case strings.HasSuffix(span.Text(), ","):
		d.Message = "a list of sources has no blanks around its commas"
		d.Hint = "write the list without blanks, or put it in quotes"
	default:
		d.Message = fmt.Sprintf("%s cannot stand in a path without quotes", p.text[i:i+1])
		d.Hint = "put the path in quotes"
		d.Fixes = []diag.Fix{{
			Title: "put the path in quotes",
			Edits: []diag.Edit{{Span: span, New: "'" + span.Text() + "'"}},
		}}
	}
	p.fail(d)
}

// String returns the locator as it was written.
func (l *Locator) String() string {
	switch {
	case !l.At.IsZero():
		return l.At.Text()
	case l.Quoted || sourceEnd(l.Text, 0) != len(l.Text):
		return quote(l.Text)
	}
	return l.Text
}
