// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/kestrelhunt/kestrel/diag"
)

// maxFaults is how many faults of a text are reported.
const maxFaults = 1000

// report adds a diagnostic about a fault that leaves the step's shape intact.
func (p *parser) report(d diag.Diagnostic) {
	if !p.failed && len(p.diags) < maxFaults {
		p.diags = append(p.diags, d)
	}
}

// fail reports a fault and gives the step up.
func (p *parser) fail(d diag.Diagnostic) {
	if p.failed {
		return
	}
	p.report(d)
	p.fault = place{p.pos, p.wants, p.ref}
	p.failed = true
	p.word = ""
}

// unexpected fails because of the token at pos: it is none of those wanted.
func (p *parser) unexpected() {
	if !p.failed {
		p.fail(p.unexpectedToken(p.wants.String()))
	}
}

// expectClosing reads the sign w, or fails and shows the sign at open that it
// would close.
func (p *parser) expectClosing(w want, open int) {
	if p.accept(w) || p.failed {
		return
	}
	d := p.unexpectedToken(p.wants.String())
	d.Related = append(d.Related, p.openedAt(open))
	p.fail(d)
}

func (p *parser) openedAt(open int) diag.Related {
	return diag.Related{
		Span:    p.span(open, open+1),
		Message: p.text[open:open+1] + " was opened here",
	}
}

// unexpectedToken describes the token at pos where something else was expected.
func (p *parser) unexpectedToken(expected string) diag.Diagnostic {
	d := diag.Diagnostic{
		Code:    diag.UnexpectedToken,
		Span:    p.foundSpan(),
		Message: fmt.Sprintf("expected %s, found %s", expected, p.found()),
	}
	if p.pos == len(p.text) {
		return d
	}
	if p.atNextStep() {
		d.Span = p.span(p.end, p.end)
		d.Message = fmt.Sprintf("expected %s before the next step", expected)
		return d
	}
	if !beginsToken(p.text[p.pos]) {
		d.Code = diag.UnexpectedCharacter
		d.Fixes, d.Hint = p.replacement()
		return d
	}
	if near, ok := diag.Nearest(p.word, p.wants.keywords()); ok {
		p.suggest(&d, d.Span, near)
	}
	return d
}

// atNextStep reports whether a step plainly begins at pos, in a line of its own.
func (p *parser) atNextStep() bool {
	return p.startsLine() && (p.atAssign() || p.atCommand())
}

// suggest adds to d that the word at span should be near.
func (p *parser) suggest(d *diag.Diagnostic, span diag.Span, near string) {
	d.Hint = fmt.Sprintf("did you mean %s?", near)
	d.Fixes = []diag.Fix{{Title: "use " + near, Edits: []diag.Edit{{Span: span, New: near}}}}
}

// foundSpan returns the span of the token at pos. At the end of the text that
// is the place behind the last token.
func (p *parser) foundSpan() diag.Span {
	if p.pos == len(p.text) {
		return p.span(p.end, p.end)
	}
	return p.span(p.pos, tokenEnd(p.text, p.pos))
}

// found names the token at pos for a message.
func (p *parser) found() string {
	if p.pos == len(p.text) {
		return "the end of the hunt"
	}
	if p.text[p.pos] >= utf8.RuneSelf {
		return describeRune(p.text[p.pos:])
	}
	return shorten(p.text[p.pos:tokenEnd(p.text, p.pos)])
}

// describeRune names the first character of s, which is not ASCII.
func describeRune(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError && n == 1 {
		return fmt.Sprintf("the byte 0x%02X, which is not UTF-8", s[0])
	}
	if text := string(r); diag.Escape(text) == text {
		return fmt.Sprintf("%s (%U)", text, r)
	}
	return fmt.Sprintf("the character %U", r)
}

// shorten makes a token fit into a message.
func shorten(text string) string {
	const most = 40
	if utf8.RuneCountInString(text) > most {
		text = string([]rune(text)[:most]) + "..."
	}
	return diag.Escape(text)
}

// beginsToken reports whether c begins a word of the language somewhere.
func beginsToken(c byte) bool {
	return isNameByte(c) || strings.IndexByte(`'"=!<>,.:()[]{}+*/#`, c) >= 0
}

// lookalikes are characters that editors and web pages put in place of ours.
var lookalikes = strings.NewReplacer(
	"\u2018", "'", "\u2019", "'", "\u201C", `"`, "\u201D", `"`,
	"\u2013", "-", "\u2212", "-", "\u00A0", " ", "\u200B", "", "\uFEFF", "", ";", "")

// replacement offers what to write in place of the character at pos, if it is a
// known lookalike.
func (p *parser) replacement() (fixes []diag.Fix, hint string) {
	span := p.foundSpan()
	as := lookalikes.Replace(span.Text())
	title := "write " + as
	switch {
	case as == span.Text():
		return nil, ""
	case span.Text() == ";":
		hint, title = "steps need nothing between them", "remove it"
	case strings.TrimSpace(as) == "":
		hint, title = "use plain blanks", "use plain blanks"
	default:
		hint = "use a plain " + as
	}
	return []diag.Fix{{Title: title, Edits: []diag.Edit{{Span: span, New: as}}}}, hint
}
