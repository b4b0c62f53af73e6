// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/kestrelhunt/kestrel/diag"
)

type tokenKind uint8

const (
	tEnd    tokenKind = iota
	tName             // letters, digits, "_", perhaps "-"
	tWord             // a number with letters glued to it: never legal
	tInt              // with its sign
	tFloat            // with its sign
	tString           // 'text'
	tHex              // h'00ff'
	tBinary           // b'AA=='
	tTime             // t'2006-01-02T15:04:05Z'
	tColon
	tDot
	tComma
	tStar
	tOpenParen
	tCloseParen
	tOpenBracket
	tCloseBracket
	tEqual
	tNotEqual
	tLess
	tLessEqual
	tGreater
	tGreaterEqual
	tAnd
	tOr
	tNot
	tFollowedBy
	tLike
	tMatches
	tIsSuperset
	tIsSubset
	tExists
	tIn
	tStart
	tStop
	tSeconds
	tTrue
	tFalse
	tWithin
	tRepeats
	tTimes
	tReserved // a keyword that the grammar reserves and does not use
)

// keywords are case-sensitive, and no names (the grammar of STIX patterning).
var keywords = map[string]tokenKind{
	"AND": tAnd, "OR": tOr, "NOT": tNot, "FOLLOWEDBY": tFollowedBy, "LIKE": tLike, "MATCHES": tMatches,
	"ISSUPERSET": tIsSuperset, "ISSUBSET": tIsSubset, "EXISTS": tExists, "IN": tIn, "START": tStart,
	"STOP": tStop, "SECONDS": tSeconds, "true": tTrue, "false": tFalse, "WITHIN": tWithin,
	"REPEATS": tRepeats, "TIMES": tTimes, "LAST": tReserved,
}

// A token is a piece of the pattern; its text is file.Text[start:end].
type token struct {
	kind       tokenKind
	start, end int
	value      string // of the quoted kinds: what stands inside the quotes, without escapes
	late       bool   // a fault was reported between the token before and this one
}

// A lexer cuts part of a file into tokens. It reports what is no token at all,
// and goes on behind it.
type lexer struct {
	file *diag.File
	text string // file.Text up to the end of the part
	pos  int
	list diag.List
	open bool // the text ended inside a string or comment: what is missing then is no news
}

func (l *lexer) report(start, end int, code diag.Code, message, hint string) {
	l.list = append(l.list, diag.Diagnostic{
		Code: code, Span: l.file.Span(start, end), Message: message, Hint: hint,
	})
}

// next returns the next token. At the end of the text it returns tEnd for ever.
func (l *lexer) next() token {
	reported := len(l.list)
	for {
		l.skipSpace()
		if l.pos >= len(l.text) {
			return token{kind: tEnd, start: len(l.text), end: len(l.text), late: len(l.list) > reported}
		}
		late := len(l.list) > reported
		if t, ok := l.scan(); ok {
			t.late = late
			return t
		}
	}
}

func (l *lexer) skipSpace() {
	for l.pos < len(l.text) {
		rest := l.text[l.pos:]
		r, n := utf8.DecodeRuneInString(rest)
		switch {
		case isSpace(r):
			l.pos += n
		case strings.HasPrefix(rest, "//"):
			if n = strings.IndexAny(rest, "\r\n"); n < 0 {
				n = len(rest)
			}
			l.pos += n
		case strings.HasPrefix(rest, "/*"):
			l.skipComment()
		default:
			return
		}
	}
}

func (l *lexer) skipComment() {
	n := strings.Index(l.text[l.pos+2:], "*/")
	if n < 0 {
		l.report(l.pos, l.pos+2, diag.UnexpectedToken, "comment has no end", "close it with */")
		l.pos, l.open = len(l.text), true
		return
	}
	l.pos += 2 + n + 2
}

// isSpace reports whether the grammar skips r.
func isSpace(r rune) bool {
	switch r {
	case ' ', '\t', '\r', '\n', '\v', '\f', 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000:
		return true
	}
	return 0x2000 <= r && r <= 0x200A
}

// scan reads one token at a place where there is one, or reports that there is
// none and moves on.
func (l *lexer) scan() (token, bool) {
	start, c := l.pos, l.text[l.pos]
	switch {
	case c == '\'':
		return l.quoted(tString, start), true
	case isIdentStart(c):
		return l.word(), true
	case isDigit(c), l.startsNumber():
		return l.number(), true
	case c == '"':
		return l.doubleQuoted(), true
	}
	for _, s := range symbols {
		if strings.HasPrefix(l.text[start:], s.text) {
			l.pos += len(s.text)
			return token{kind: s.kind, start: start, end: l.pos}, true
		}
	}
	l.strange()
	return token{}, false
}

// symbols are tried in order, so a longer one stands before its beginning.
var symbols = []struct {
	text string
	kind tokenKind
}{
	{"==", tEqual}, {"=", tEqual}, {"!=", tNotEqual}, {"<>", tNotEqual}, {"<=", tLessEqual}, {"<", tLess},
	{">=", tGreaterEqual}, {">", tGreater}, {":", tColon}, {".", tDot}, {",", tComma}, {"*", tStar},
	{"(", tOpenParen}, {")", tCloseParen}, {"[", tOpenBracket}, {"]", tCloseBracket},
}

// startsNumber reports whether a sign or a point here begins a number.
func (l *lexer) startsNumber() bool {
	rest := l.text[l.pos:]
	if rest[0] == '+' || rest[0] == '-' {
		rest = rest[1:]
	}
	if rest != "" && rest[0] == '.' {
		rest = rest[1:]
	}
	return rest != "" && isDigit(rest[0]) && !(l.text[l.pos] == '.' && l.pos > 0 && isIdentByte(l.text[l.pos-1]))
}

// word reads a name, a keyword, or the prefix of a quoted literal.
func (l *lexer) word() token {
	start := l.pos
	for l.pos < len(l.text) && (isIdentByte(l.text[l.pos]) || l.text[l.pos] == '-') {
		l.pos++
	}
	word := l.text[start:l.pos]
	if l.pos < len(l.text) && l.text[l.pos] == '\'' {
		switch word {
		case "h":
			return l.hex(start)
		case "b":
			return l.binary(start)
		case "t":
			return l.timestamp(start)
		}
	}
	kind, ok := keywords[word]
	if !ok {
		kind = tName
	}
	return token{kind: kind, start: start, end: l.pos}
}

// number reads [+-]? ("0" | [1-9][0-9]*), or [+-]? [0-9]* "." [0-9]+. What has
// more letters or digits behind it is a word.
func (l *lexer) number() token {
	start := l.pos
	if c := l.text[l.pos]; c == '+' || c == '-' {
		l.pos++
	}
	whole := l.digits()
	kind := tInt
	if rest := l.text[l.pos:]; len(rest) > 1 && rest[0] == '.' && isDigit(rest[1]) {
		kind = tFloat
		l.pos++
		l.digits()
	}
	if kind == tInt && len(whole) > 1 && whole[0] == '0' {
		kind = tWord
	}
	if l.gluedAt(l.pos) {
		kind = tWord
		for l.pos < len(l.text) && (l.gluedAt(l.pos) || strings.IndexByte(":/-", l.text[l.pos]) >= 0) {
			l.pos++
		}
	}
	return token{kind: kind, start: start, end: l.pos}
}

// gluedAt reports whether what stands at i belongs to the word before it: a
// letter or digit, or a point with one behind it.
func (l *lexer) gluedAt(i int) bool {
	if i < len(l.text) && l.text[i] == '.' {
		i++
	}
	return i < len(l.text) && isIdentByte(l.text[i])
}

func (l *lexer) digits() string {
	start := l.pos
	for l.pos < len(l.text) && isDigit(l.text[l.pos]) {
		l.pos++
	}
	return l.text[start:l.pos]
}

// quoted reads a string whose opening quote is at l.pos. In it a backslash
// stands before a quote or a backslash, and nowhere else.
func (l *lexer) quoted(kind tokenKind, start int) token {
	open := l.pos
	l.pos++
	plain := l.pos // start of what is not yet in b
	var b strings.Builder
	for l.pos < len(l.text) {
		switch l.text[l.pos] {
		case '\'':
			b.WriteString(l.text[plain:l.pos])
			l.pos++
			return token{kind: kind, start: start, end: l.pos, value: l.valid(b.String(), open)}
		case '\\':
			b.WriteString(l.text[plain:l.pos])
			plain = l.escape()
		default:
			l.pos++
		}
	}
	l.report(open, len(l.text), diag.UnterminatedString, "string has no closing quote",
		"a quote inside a string is written \\'")
	l.open = true
	return token{kind: kind, start: start, end: l.pos, value: ""}
}

// escape reads a backslash and returns where the text that it stands for
// begins. After a bad one the backslash stands for itself.
func (l *lexer) escape() int {
	at := l.pos
	l.pos++
	if l.pos < len(l.text) && (l.text[l.pos] == '\'' || l.text[l.pos] == '\\') {
		l.pos++
		return l.pos - 1
	}
	_, n := utf8.DecodeRuneInString(l.text[l.pos:])
	l.report(at, at+1+n, diag.InvalidEscape,
		fmt.Sprintf("a string has no escape %s", l.text[at:at+1+n]), "a backslash is written twice: \\\\")
	return at
}

// valid returns s, or reports that it is not UTF-8 and returns it repaired.
func (l *lexer) valid(s string, at int) string {
	if utf8.ValidString(s) {
		return s
	}
	l.report(at, l.pos, diag.UnexpectedCharacter, "string is not valid UTF-8", "")
	return strings.ToValidUTF8(s, "\uFFFD")
}

// doubleQuoted reads "text" as if it stood in single quotes, and reports it.
func (l *lexer) doubleQuoted() token {
	start := l.pos
	n := strings.IndexByte(l.text[start+1:], '"')
	if n < 0 {
		l.report(start, len(l.text), diag.UnterminatedString, "string has no closing quote", "strings stand in single quotes")
		l.pos, l.open = len(l.text), true
		return token{kind: tString, start: start, end: l.pos}
	}
	l.pos = start + 1 + n + 1
	inside := l.text[start+1 : l.pos-1]
	span := l.file.Span(start, l.pos)
	l.list = append(l.list, diag.Diagnostic{
		Code: diag.UnexpectedCharacter, Span: span, Message: "a string stands in single quotes",
		Fixes: []diag.Fix{{Title: "use single quotes", Edits: []diag.Edit{{Span: span, New: Quote(inside)}}}},
	})
	return token{kind: tString, start: start, end: l.pos, value: strings.ToValidUTF8(inside, "\uFFFD")}
}

// strange reports a run of characters that begin no token, and skips it.
func (l *lexer) strange() {
	start := l.pos
	for l.pos < len(l.text) && isStrange(l.text[l.pos]) {
		_, n := utf8.DecodeRuneInString(l.text[l.pos:])
		l.pos += n
	}
	if l.pos == start {
		l.pos++ // a sign that begins no number, a slash that begins no comment
	}
	l.report(start, l.pos, diag.UnexpectedCharacter,
		fmt.Sprintf("%q begins no word of a pattern", clip(l.text[start:l.pos], 40)), "")
}

func isStrange(c byte) bool {
	return c > ' ' && !isIdentByte(c) && !strings.ContainsRune(`'"+-./:,*()[]=!<>`, rune(c))
}
