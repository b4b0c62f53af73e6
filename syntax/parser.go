// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/stix"
)

// maxDepth is how deep parentheses in a condition, lists, and values of NEW may
// nest.
const maxDepth = 200

// Parse reads a hunt. It always returns a tree of the whole text; the steps
// that the diagnostics are about are in it as BadStmts, unless the fault left
// the step's shape intact, such as a malformed escape. Spans of tree and
// diagnostics lie in file. Several faults give several diagnostics, in the order
// of the text; the first thousand are reported.
func Parse(file *diag.File) (*Hunt, diag.List) {
	p := newParser(file, file.Text)
	hunt := p.parseHunt()
	hunt.Tokens = p.tokens
	slices.SortStableFunc(p.diags, func(a, b diag.Diagnostic) int { return a.Span.Start - b.Span.Start })
	return hunt, p.diags
}

// A parser reads one text. It looks at the text behind its last token, which
// lets each place decide what a token is: a word, a path, an attribute.
//
// Once a step is found faulty, failed is set. Then nothing is accepted, wanted
// or reported any more, so the functions for the step unwind by themselves and
// parseStmt looks for the next step.
type parser struct {
	file   *diag.File
	text   string
	pos    int     // of the next token: blanks and comments before it are read
	end    int     // of the last token
	word   string  // the variable's name at pos, "" if none is there
	wants  wantSet // what was asked for at pos, in vain
	fault  place   // where the last step that failed was given up
	finish place   // the end of the text
	depth  int
	failed bool
	last   Stmt        // the step before the one that is read
	ref    *Ident      // the variable whose attribute is read, in a reference
	parens []stix.Expr // of the condition that is read
	tokens []Token
	diags  diag.List
}

// A place is where a parser could not go on, and what it wanted there.
type place struct {
	pos   int
	wants wantSet
	ref   *Ident // the variable whose attribute was wanted, in a reference
}

func newParser(file *diag.File, text string) *parser {
	p := &parser{file: file, text: text, tokens: make([]Token, 0, len(text)/4+1)}
	p.skipMark()
	p.next()
	return p
}

// skipMark skips a byte order mark at the start of the text.
func (p *parser) skipMark() {
	const mark = "\uFEFF"
	if strings.HasPrefix(p.text, mark) {
		p.token(Blank, 0, len(mark))
		p.end = len(mark)
	}
}

func (p *parser) span(start, end int) diag.Span { return p.file.Span(start, end) }

// since returns the span from start to the end of the last token.
func (p *parser) since(start int) diag.Span { return p.span(start, max(start, p.end)) }

func (p *parser) token(kind TokenKind, start, end int) {
	p.tokens = append(p.tokens, Token{kind, p.span(start, end)})
}

// next moves pos to the token behind end.
func (p *parser) next() {
	i := p.end
	for i < len(p.text) {
		kind, end := Blank, run(p.text, i, isBlank)
		if p.text[i] == '#' {
			kind, end = Comment, commentEnd(p.text, i)
		}
		if end == i {
			break
		}
		p.token(kind, i, end)
		i = end
	}
	p.pos = i
	p.wants = wantSet{}
	p.word = p.text[i:wordEnd(p.text, i)]
}

// advance accepts the text from pos to end as one token and returns its span.
func (p *parser) advance(kind TokenKind, end int) diag.Span {
	start := p.pos
	p.token(kind, start, end)
	p.end = end
	p.next()
	return p.span(start, end)
}

// at reports whether the keyword or sign w is next.
func (p *parser) at(w want) bool {
	if p.failed {
		return false
	}
	p.wants.add(w)
	text := w.text()
	if wantTable[w].kind == WantSign {
		return p.atSign(text)
	}
	return p.atWord(text)
}

func (p *parser) atWord(text string) bool {
	return len(p.word) == len(text) && strings.EqualFold(p.word, text) &&
		byteAt(p.text, p.pos+len(text)) != '-'
}

// atSign reports whether a sign is next, and not only the start of a longer one.
func (p *parser) atSign(text string) bool {
	return strings.HasPrefix(p.text[p.pos:], text) &&
		tokenEnd(p.text, p.pos) == p.pos+len(text)
}

// nextIs reports whether a sign is next that need not be named where it is
// missing.
func (p *parser) nextIs(c byte) bool { return !p.failed && byteAt(p.text, p.pos) == c }

// accept reads the keyword or sign w if it is next.
func (p *parser) accept(w want) bool {
	if !p.at(w) {
		return false
	}
	p.take(w)
	return true
}

// take reads the keyword or sign w, which is next.
func (p *parser) take(w want) diag.Span {
	kind := Keyword
	if wantTable[w].kind == WantSign {
		kind = Punctuation
		if isOperator(w) {
			kind = Operator
		}
	}
	return p.advance(kind, p.pos+len(w.text()))
}

func isOperator(w want) bool {
	return w >= signEqual && w <= signGreaterEqual || w >= signAssign && w <= signStar
}

// expect reads the keyword or sign w, or fails.
func (p *parser) expect(w want) {
	if !p.accept(w) {
		p.unexpected()
	}
}

// atClause reports whether the keyword w is next where the step might also be
// complete, so that the word may be a variable that the next step assigns.
func (p *parser) atClause(w want) bool { return p.at(w) && !p.atAssign() }

// acceptClause reads the keyword w under the condition of atClause.
func (p *parser) acceptClause(w want) bool {
	if !p.atClause(w) {
		return false
	}
	p.take(w)
	return true
}

// oneOf returns the first of the keywords that is next.
func (p *parser) oneOf(words ...want) (want, bool) {
	found, ok := want(0), false
	for _, w := range words {
		if !ok && p.at(w) {
			found, ok = w, true
		}
		p.wants.add(w)
	}
	return found, ok && !p.failed
}

// after returns the place of the token behind the word that is next.
func (p *parser) after() int { return afterTrivia(p.text, p.pos+len(p.word)) }

// atTarget reports whether a variable and a single equals sign are next.
func (p *parser) atTarget() bool {
	if p.word == "" {
		return false
	}
	i := p.after()
	return byteAt(p.text, i) == '=' && byteAt(p.text, i+1) != '='
}

// atAssign reports whether an assignment is next: a variable, a single equals
// sign, and nothing that only a value could be. "WHERE = 'x'" is a condition
// with a gap.
func (p *parser) atAssign() bool {
	if !p.atTarget() {
		return false
	}
	i := p.assigned()
	return i == len(p.text) || isWordStart(p.text[i])
}

// atOtherStep reports whether the word that is next begins another step, though
// a name is expected: an equals sign follows it, or it is plainly a command.
func (p *parser) atOtherStep() bool { return p.atTarget() || p.atPlainCommand() }

// atPlainCommand reports whether a line begins here with the word of a command
// and another word that is no keyword, such as DISP procs. No name is ever
// followed by such a word.
func (p *parser) atPlainCommand() bool {
	if !p.startsLine() || !p.atCommand() {
		return false
	}
	i := p.after()
	end := wordEnd(p.text, i)
	if end == i || isKeyword(p.text[i:end]) {
		return false
	}
	i = afterTrivia(p.text, end)
	return byteAt(p.text, i) != '=' || byteAt(p.text, i+1) == '='
}

// assigned returns the place behind the equals sign of an assignment.
func (p *parser) assigned() int { return afterTrivia(p.text, p.after()+1) }

// deeper counts a level of nesting; the caller counts down. It fails beyond
// maxDepth.
func (p *parser) deeper() {
	p.depth++
	if p.depth > maxDepth && !p.failed {
		p.fail(diag.Diagnostic{
			Code:    diag.TooDeep,
			Span:    p.span(p.pos, min(p.pos+1, len(p.text))),
			Message: "this nests too deep",
			Hint:    "parentheses, lists and objects may nest 200 deep",
		})
	}
}
