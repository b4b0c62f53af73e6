// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"fmt"
	"slices"

	"github.com/kestrelhunt/kestrel/diag"
)

// Limits of what Parse takes, so that whoever walks a tree may do so by
// recursion.
const (
	maxDepth = 250     // parentheses in parentheses
	maxNodes = 100_000 // comparisons, list items and qualifiers
)

// Parse parses the whole text of a file as a STIX pattern. The pattern is nil
// if a diagnostic is an error. Several faults give several diagnostics, in the
// order of the text, and no fault more than one.
//
// Parse holds a pattern against the grammar only; Check finds what else the
// standard or this program wants of it.
func Parse(file *diag.File, version Version) (*Pattern, diag.List) {
	return ParseSpan(file.Span(0, len(file.Text)), version)
}

// ParseSpan parses a part of a file as Parse does. All spans, in the pattern and
// in diagnostics, are spans of that file.
func ParseSpan(part diag.Span, version Version) (*Pattern, diag.List) {
	p := newParser(part, version)
	root := p.parsePattern()
	if len(p.list) > 0 || root == nil {
		slices.SortStableFunc(p.list, func(a, b diag.Diagnostic) int { return a.Span.Start - b.Span.Start })
		return nil, p.list
	}
	return &Pattern{Root: root, At: part}, nil
}

// A parser reads tokens one ahead. A parse function that finds a fault reports
// it, skips to where its caller can go on, and returns what it has, perhaps nil.
type parser struct {
	lexer
	version Version
	tok     token // the next one
	last    int   // end of the token before tok
	depth   int
	nodes   int
	lost    bool // between faults: no test has begun since the last
	quiet   int  // start of the token at which a fault was reported, or -1
	stopped bool // a limit was passed: all is quiet, tok is tEnd for ever
}

func newParser(part diag.Span, version Version) *parser {
	p := &parser{version: version, quiet: -1}
	p.file, p.text, p.pos = part.File, part.File.Text[:part.End], part.Start
	p.last = part.Start
	p.advance()
	return p
}

func (p *parser) advance() {
	p.last = p.tok.end
	if !p.stopped {
		p.tok = p.next()
	}
}

// got consumes the next token if it is of that kind.
func (p *parser) got(kind tokenKind) bool {
	if p.tok.kind != kind {
		return false
	}
	p.advance()
	return true
}

// span returns the span from start to the end of the token before the next.
func (p *parser) span(start int) diag.Span { return p.file.Span(start, max(start, p.last)) }

// fail reports a fault.
func (p *parser) fail(d diag.Diagnostic) {
	if !p.stopped {
		p.list = append(p.list, d)
	}
}

// failToken reports that the next token is not what was expected.
func (p *parser) failToken(expected, hint string) {
	p.failAt(diag.Diagnostic{
		Code: diag.UnexpectedToken, Span: p.file.Span(p.tok.start, p.tok.end), Hint: hint,
		Message: fmt.Sprintf("expected %s, found %s", expected, p.found()),
	})
}

// failAt reports a fault that the next token shows. It stays quiet if that
// follows from a fault reported before: characters skipped in front of the
// token, a string without end, a fault at the same token.
func (p *parser) failAt(d diag.Diagnostic) {
	if p.tok.late || p.tok.start == p.quiet || p.tok.kind == tEnd && p.open {
		return
	}
	p.quiet = p.tok.start
	p.fail(d)
}

// found describes the next token.
func (p *parser) found() string {
	if p.tok.kind == tEnd {
		return "the end of the pattern"
	}
	return clip(p.text[p.tok.start:p.tok.end], 40)
}

// stop reports that a limit is passed and ends parsing.
func (p *parser) stop(message, hint string) {
	p.fail(diag.Diagnostic{
		Code: diag.TooDeep, Span: p.file.Span(p.tok.start, p.tok.end), Message: message, Hint: hint,
	})
	p.stopped = true
	p.tok = token{kind: tEnd, start: len(p.text), end: len(p.text)}
}

// enter counts one more level of parentheses; leave counts it back.
func (p *parser) enter() bool {
	p.depth++
	if p.depth > maxDepth {
		p.stop(fmt.Sprintf("parentheses nest deeper than %d", maxDepth), "remove parentheses that change nothing")
		return false
	}
	return true
}

func (p *parser) leave() { p.depth-- }

// count counts one more node.
func (p *parser) count() {
	p.nodes++
	if p.nodes > maxNodes {
		p.stop(fmt.Sprintf("pattern has more than %d comparisons", maxNodes), "split it into several")
	}
}

// close consumes the token that ends what began at open. If it is missing, that
// is news only if nothing was reported since.
func (p *parser) close(kind tokenKind, text string, open, reported int) {
	if p.got(kind) {
		return
	}
	if len(p.list) == reported {
		p.failAt(diag.Diagnostic{
			Code: diag.UnexpectedToken, Span: p.file.Span(p.tok.start, p.tok.end),
			Message: fmt.Sprintf("expected %s, found %s", text, p.found()),
			Related: []diag.Related{{Span: p.file.Span(open, open+1), Message: "opened here"}},
		})
	}
}

// skipTo consumes tokens until one of kinds comes, or the end.
func (p *parser) skipTo(kinds ...tokenKind) {
	for p.tok.kind != tEnd && !slices.Contains(kinds, p.tok.kind) {
		p.advance()
	}
}
