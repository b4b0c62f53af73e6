// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/kestrelhunt/kestrel/diag"
)

// escapes says what the letters behind a backslash stand for; of other
// characters, digits and x, u, U and N have rules of their own, and the rest
// keep their backslash.
var escapes = map[byte]byte{
	'\\': '\\', '\'': '\'', '"': '"', 'a': '\a', 'b': '\b', 'f': '\f',
	'n': '\n', 'r': '\r', 't': '\t', 'v': '\v',
}

// A stringKind is a set of rules for the text between quotes.
type stringKind uint8

const (
	plainString stringKind = iota
	rawString              // r before the quotes: no escapes
	jsonString             // the escapes of a plain string, and \/ for a slash
)

// parseText reads a string in quotes, without a prefix, and returns its value.
// It fails if the line ends first. A malformed escape is reported and kept as it
// stands.
func (p *parser) parseText(kind stringKind) string { return p.stringToken(0, kind) }

// stringToken reads a string whose quote stands behind a prefix of a number of
// bytes.
func (p *parser) stringToken(prefix int, kind stringKind) string {
	if p.failed {
		return ""
	}
	start, quote := p.pos, p.pos+prefix
	end, closed := stringEnd(p.text, quote)
	if !closed {
		p.fail(diag.Diagnostic{
			Code:    diag.UnterminatedString,
			Span:    p.span(start, end),
			Message: "the line ends inside this string",
			Hint:    fmt.Sprintf("close it with %c", p.text[quote]),
		})
		return ""
	}
	p.advance(String, end)
	body := p.text[quote+1 : end-1]
	if !utf8.ValidString(body) {
		p.reportEncoding(quote+1, body)
	}
	if kind != rawString {
		body = p.unescape(body, quote+1, kind)
	}
	return strings.ToValidUTF8(body, "\uFFFD")
}

// reportEncoding reports the first byte of body, which begins at an offset,
// that is not UTF-8.
func (p *parser) reportEncoding(offset int, body string) {
	i := 0
	for i < len(body) {
		r, n := utf8.DecodeRuneInString(body[i:])
		if r == utf8.RuneError && n == 1 {
			break
		}
		i += n
	}
	p.report(diag.Diagnostic{
		Code:    diag.UnexpectedCharacter,
		Span:    p.span(offset+i, offset+i+1),
		Message: fmt.Sprintf("a string must be UTF-8, found the byte 0x%02X", body[i]),
		Hint:    "save the hunt in UTF-8",
	})
}

// unescape returns the value of the text between the quotes of a string that is
// not raw. The text begins at an offset of the file.
func (p *parser) unescape(body string, offset int, kind stringKind) string {
	i := strings.IndexByte(body, '\\')
	if i < 0 {
		return body
	}
	b := make([]byte, 0, len(body))
	b = append(b, body[:i]...)
	for i < len(body) {
		if body[i] != '\\' {
			b = append(b, body[i])
			i++
			continue
		}
		r, n, fault := escape(body[i:])
		switch {
		case kind == jsonString && byteAt(body, i+1) == '/':
			i++
			continue
		case fault != "":
			p.report(diag.Diagnostic{
				Code:    diag.InvalidEscape,
				Span:    p.span(offset+i, offset+i+n),
				Message: fault,
				Hint:    "write a backslash as two, or put r before the string",
			})
			fallthrough
		case r < 0:
			b = append(b, body[i:i+n]...)
		default:
			b = utf8.AppendRune(b, r)
		}
		i += n
	}
	return string(b)
}

// escape decodes the escape at the start of s. It returns the character and the
// length of the escape; the character is negative if the text stands for itself.
// If the escape is malformed, fault says how.
func escape(s string) (r rune, n int, fault string) {
	c := byteAt(s, 1)
	switch {
	case '0' <= c && c <= '7':
		return octalEscape(s)
	case c == 'x':
		return hexEscape(s, 2)
	case c == 'u':
		return unicodeEscape(s)
	case c == 'U':
		return hexEscape(s, 8)
	case c == 'N':
		return namedEscape(s)
	}
	if r, ok := escapes[c]; ok {
		return rune(r), 2, ""
	}
	return -1, 1, ""
}

func octalEscape(s string) (rune, int, string) {
	r, n := rune(0), 1
	for n < min(len(s), 4) && '0' <= s[n] && s[n] <= '7' {
		r = r*8 + rune(s[n]-'0')
		n++
	}
	return r, n, ""
}

// hexEscape decodes \xhh, \uhhhh or \Uhhhhhhhh.
func hexEscape(s string, digits int) (rune, int, string) {
	n := 2
	for n < min(len(s), 2+digits) && isHex(s[n]) {
		n++
	}
	if n < 2+digits {
		return 0, n, fmt.Sprintf("%s needs %d hexadecimal digits", s[:2], digits)
	}
	code, _ := strconv.ParseUint(s[2:n], 16, 32)
	if code > unicode.MaxRune {
		return 0, n, s[:n] + " is beyond the last character of Unicode"
	}
	if utf16.IsSurrogate(rune(code)) {
		return rune(code), n, s[:n] + " is half of a character"
	}
	return rune(code), n, ""
}

// unicodeEscape decodes \uhhhh, or two of them that make one character as in
// JSON.
func unicodeEscape(s string) (rune, int, string) {
	r, n, fault := hexEscape(s, 4)
	if !utf16.IsSurrogate(r) || !strings.HasPrefix(s[n:], `\u`) {
		return r, n, fault
	}
	low, m, _ := hexEscape(s[n:], 4)
	if pair := utf16.DecodeRune(r, low); pair != unicode.ReplacementChar {
		return pair, n + m, ""
	}
	return r, n, fault
}

// namedEscape decodes \N{name}.
func namedEscape(s string) (rune, int, string) {
	const longest = 128
	end := strings.IndexByte(s[:min(len(s), longest)], '}')
	if byteAt(s, 2) != '{' || end < 0 {
		return 0, 2, `\N needs the name of a character in braces`
	}
	name := s[len(`\N{`):end]
	if r, ok := runeNamed(name); ok {
		return r, end + 1, ""
	}
	return 0, end + 1, fmt.Sprintf("Unicode has no character named %s", shorten(name))
}

func isHex(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// quote returns a string of hunts with the value s.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for _, r := range s {
		switch {
		case r == '\'' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r <= 0xFF:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	b.WriteByte('\'')
	return b.String()
}
