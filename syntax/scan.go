// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"strings"
	"unicode/utf8"
)

// The functions of this file find where a token of a certain class ends. They
// take the text and the offset where the token begins, and return the offset
// behind it, or the same offset if no such token begins there.

func isLetter(c byte) bool     { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
func isDigit(c byte) bool      { return '0' <= c && c <= '9' }
func isWordStart(c byte) bool  { return isLetter(c) || c == '_' }
func isWordByte(c byte) bool   { return isWordStart(c) || isDigit(c) }
func isNameByte(c byte) bool   { return isWordByte(c) || c == '-' }
func isPathByte(c byte) bool   { return isNameByte(c) || c == '.' || c == '/' }
func isSourceByte(c byte) bool { return isPathByte(c) || c == '*' || c == '?' }
func isBlank(c byte) bool      { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }

// byteAt returns the byte at i, and 0 behind the end of s.
func byteAt(s string, i int) byte {
	if i < len(s) {
		return s[i]
	}
	return 0
}

// run returns the end of the run of bytes in a class.
func run(s string, i int, in func(byte) bool) int {
	for i < len(s) && in(s[i]) {
		i++
	}
	return i
}

// wordEnd finds a variable's name: [A-Za-z_][A-Za-z0-9_]*.
func wordEnd(s string, i int) int {
	if !isWordStart(byteAt(s, i)) {
		return i
	}
	return run(s, i+1, isWordByte)
}

// nameEnd finds a name that may hold hyphens, such as an entity type:
// [A-Za-z_][A-Za-z0-9_-]*.
func nameEnd(s string, i int) int {
	if !isWordStart(byteAt(s, i)) {
		return i
	}
	return run(s, i+1, isNameByte)
}

// commentEnd finds a comment, without its line end.
func commentEnd(s string, i int) int {
	n := strings.IndexByte(s[i:], '\n')
	if n < 0 {
		return len(s)
	}
	if n > 0 && s[i+n-1] == '\r' {
		n--
	}
	return i + n
}

// afterTrivia skips blanks and comments.
func afterTrivia(s string, i int) int {
	for i < len(s) {
		switch {
		case isBlank(s[i]):
			i++
		case s[i] == '#':
			i = commentEnd(s, i)
		default:
			return i
		}
	}
	return i
}

// stringEnd finds a string that begins with its quote at i. A quote behind an
// odd number of backslashes does not close it; a line end does, and then closed
// is false.
func stringEnd(s string, i int) (end int, closed bool) {
	quote := s[i]
	for j := i + 1; j < len(s); j++ {
		switch s[j] {
		case quote:
			return j + 1, true
		case '\n':
			return lineEnd(s, j), false
		case '\\':
			if j+1 < len(s) && s[j+1] != '\n' {
				j++
			}
		}
	}
	return len(s), false
}

// lineEnd returns the end of the text of a line whose line feed is at i.
func lineEnd(s string, i int) int {
	if i > 0 && s[i-1] == '\r' {
		return i - 1
	}
	return i
}

// numberEnd finds a number: an optional sign, digits, and perhaps a fraction
// and an exponent. float tells whether it has one of the two.
func numberEnd(s string, i int) (end int, float bool) {
	start := i
	if c := byteAt(s, i); c == '-' || c == '+' {
		i++
	}
	whole := run(s, i, isDigit)
	end = whole
	if byteAt(s, end) == '.' {
		end = run(s, end+1, isDigit)
		float = true
	}
	if digits := end - i; digits == 0 || float && digits == 1 {
		return start, false
	}
	if c := byteAt(s, end); c == 'e' || c == 'E' {
		exp := end + 1
		if c := byteAt(s, exp); c == '-' || c == '+' {
			exp++
		}
		if n := run(s, exp, isDigit); n > exp {
			return n, true
		}
	}
	return end, float
}

// pathEnd finds a path without quotes: an optional scheme with ://, and one or
// more bytes of the class.
func pathEnd(s string, i int, in func(byte) bool) int {
	rest := i
	if n := nameEnd(s, i); n > i && strings.HasPrefix(s[n:], "://") {
		rest = n + len("://")
	}
	if end := run(s, rest, in); end > rest {
		return end
	}
	return run(s, i, in)
}

// sourceEnd finds a data source without quotes: paths with commas and no blanks
// between them. Its pieces may hold * and ?.
func sourceEnd(s string, i int) int {
	end := pathEnd(s, i, isSourceByte)
	for end > i && byteAt(s, end) == ',' {
		next := pathEnd(s, end+1, isSourceByte)
		if next == end+1 {
			break
		}
		end = next
	}
	return end
}

// tokenEnd finds the token at i as far as it can be told without knowing what
// may stand there: a word, perhaps with a path behind its scheme, a number, a
// string, an operator or one character.
func tokenEnd(s string, i int) int {
	if i >= len(s) {
		return i
	}
	switch c := s[i]; {
	case isWordStart(c):
		if end := nameEnd(s, i); strings.HasPrefix(s[end:], "://") {
			return run(s, end+len("://"), isSourceByte)
		}
		return wordEnd(s, i)
	case isDigit(c):
		return run(s, i, func(c byte) bool { return isWordByte(c) || c == '.' || c == ':' || c == '-' })
	case c == '\'' || c == '"':
		end, _ := stringEnd(s, i)
		return end
	case (c == '=' || c == '!' || c == '<' || c == '>') && byteAt(s, i+1) == '=', strings.HasPrefix(s[i:], "<>"):
		return i + 2
	}
	_, n := utf8.DecodeRuneInString(s[i:])
	return i + n
}
