// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package diag

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// tabStop is the distance of tab stops in shown text.
const tabStop = 8

// measure counts display columns in the same way on every machine: left to
// itself, runewidth gives accented letters two columns under an East Asian
// locale.
var measure = &runewidth.Condition{StrictEmojiNeutral: true}

// Width returns the number of terminal columns that s takes, if s is one line
// of text as Escape returns it. It does not depend on the locale.
func Width(s string) int { return measure.StringWidth(s) }

// Escape returns s as one line that is safe to show. What would move the
// cursor, change the direction of text or leave no mark is written out: tab,
// line feed and carriage return as \t, \n and \r, other control characters as
// \x1b or \u009b, format characters such as U+202E and characters of no width
// as \u202e, bytes that are no UTF-8 as \xff. Everything else, blanks, accents
// and backslashes included, is unchanged.
func Escape(s string) string {
	i := firstHidden(s)
	if i == len(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	b.WriteString(s[:i])
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		writeVisible(&b, r, s[i:i+n])
		i += n
	}
	return b.String()
}

// EscapeText is Escape for text of several lines: line ends stay, and tabs
// become blanks up to the next multiple of eight columns. Unless s is empty the
// result ends in a line feed.
func EscapeText(s string) string {
	if s == "" {
		return ""
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	for line := range strings.SplitSeq(strings.TrimSuffix(s, "\n"), "\n") {
		writeExpanded(&b, strings.TrimSuffix(line, "\r"))
		b.WriteByte('\n')
	}
	return b.String()
}

// EscapeJSON returns JSON text in which every character that Escape would write
// out stands as \uXXXX. JSON itself asks this only of the characters below
// U+0020 (RFC 8259, section 7), so such text could otherwise still steer a
// terminal. The value that the text stands for does not change.
func EscapeJSON(text []byte) []byte {
	if firstHidden(string(text)) == len(text) {
		return text
	}
	b := make([]byte, 0, len(text)+16)
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		switch {
		case r < ' ' || Shown(r):
			b = append(b, text[i:i+n]...)
		case r > 0xFFFF:
			hi, lo := utf16.EncodeRune(r)
			b = fmt.Appendf(b, `\u%04x\u%04x`, hi, lo)
		default:
			b = fmt.Appendf(b, `\u%04x`, r)
		}
		i += n
	}
	return b
}

// writeExpanded writes one line with its tabs expanded.
func writeExpanded(b *strings.Builder, line string) {
	column := 0
	for i, part := range strings.Split(line, "\t") {
		if i > 0 {
			gap := tabStop - column%tabStop
			b.WriteString(strings.Repeat(" ", gap))
			column += gap
		}
		part = Escape(part)
		b.WriteString(part)
		column += Width(part)
	}
}

// writeVisible writes r, whose bytes are text, in the form that Escape promises.
func writeVisible(b *strings.Builder, r rune, text string) {
	switch {
	case r == utf8.RuneError && len(text) == 1:
		fmt.Fprintf(b, `\x%02x`, text[0])
	case Shown(r):
		b.WriteString(text)
	case r == '\t':
		b.WriteString(`\t`)
	case r == '\n':
		b.WriteString(`\n`)
	case r == '\r':
		b.WriteString(`\r`)
	case r < utf8.RuneSelf:
		fmt.Fprintf(b, `\x%02x`, r)
	case r <= 0xFFFF:
		fmt.Fprintf(b, `\u%04x`, r)
	default:
		fmt.Fprintf(b, `\U%08x`, r)
	}
}

// firstHidden returns the index of the first byte of s that Escape would
// change, len(s) if there is none.
func firstHidden(s string) int {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if c < ' ' || c == 0x7F {
				return i
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if n == 1 || !Shown(r) {
			return i
		}
		i += n
	}
	return len(s)
}

// Shown reports whether r leaves a mark or a blank on a terminal and does
// nothing else there. Unassigned and private characters do not count, since
// nobody knows how wide they come out; neither does what Unicode calls default
// ignorable (UAX 44, section 5.6), which hides text in text.
func Shown(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= ' ' && r != 0x7F
	}
	if !unicode.IsPrint(r) && !unicode.Is(unicode.Zs, r) {
		return false
	}
	return !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}
