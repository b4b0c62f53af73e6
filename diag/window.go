// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package diag

import (
	"strings"
	"unicode/utf8"
)

// cut stands for text that a window leaves out.
const cut = "..."

// tabWidth is what a tab in a source line takes: a fixed width keeps the mark
// below in its place wherever the window begins.
const tabWidth = 4

// maxBytes bounds the bytes that a column may take.
const maxBytes = 16

// window returns the line in which s starts as it is shown in at most width
// columns, how many columns of it lie before s, and how many columns to mark,
// at least one. A span of several lines is marked to the end of its first.
//
// Only the neighbourhood of s is looked at, so a line of any length is cheap.
func window(s Span, width int) (line string, before, mark int) {
	offset, number := s.File.locate(s.Start)
	text := s.File.Line(number + 1)
	start := min(offset-s.File.lines[number], len(text))
	end := min(start+max(s.End-offset, 0), len(text))

	left, leftWidth, whole := leftOf(text[:start], width)
	marked, mark := rightOf(text[start:end], width)
	after, afterWidth := rightOf(text[end:], width)
	fits := whole && len(marked.rest) == 0 && len(after.rest) == 0
	if fits && leftWidth+mark+afterWidth <= width {
		return left + marked.shown + after.shown, leftWidth, max(mark, 1)
	}
	// Text to the left gets a third of the width, or what is left over.
	room := max(width/3, width-mark-afterWidth) - len(cut)
	return squeeze(text, start, end, room, width)
}

// squeeze is window for a line that does not fit. Text before the place takes
// at most leftWidth columns.
func squeeze(text string, start, end, leftWidth, width int) (line string, before, mark int) {
	var b strings.Builder
	left, before, whole := leftOf(text[:start], leftWidth)
	if !whole {
		b.WriteString(cut)
		before += len(cut)
	}
	b.WriteString(left)
	shown, mark, whole := fill(text, start, end, width-before)
	if !whole {
		shown, mark, _ = fill(text, start, end, width-before-len(cut))
		shown += cut
	}
	b.WriteString(shown)
	return b.String(), before, max(mark, 1)
}

// fill returns as much of text from start on as fits into width columns, how
// many of them lie before end, and whether that is all of text.
func fill(text string, start, end, width int) (shown string, mark int, whole bool) {
	marked, mark := rightOf(text[start:end], width)
	after, _ := rightOf(text[end-len(marked.rest):], width-mark)
	return marked.shown + after.shown, mark, after.rest == ""
}

// A piece is the start of some text as it is shown, and the text left over.
type piece struct{ shown, rest string }

// rightOf returns as much of the start of text as fits into width columns, and
// the columns it takes. Marks of no width do not fit without end.
func rightOf(text string, width int) (piece, int) {
	var b strings.Builder
	used, i := 0, 0
	for i < len(text) {
		_, n := utf8.DecodeRuneInString(text[i:])
		s, w := shownRune(text[i : i+n])
		if used+w > width || i > maxBytes*width {
			break
		}
		b.WriteString(s)
		used += w
		i += n
	}
	return piece{b.String(), text[i:]}, used
}

// leftOf returns as much of the end of text as fits into width columns, the
// columns it takes, and whether that is all of text.
func leftOf(text string, width int) (shown string, used int, whole bool) {
	i := len(text)
	for i > 0 {
		_, n := utf8.DecodeLastRuneInString(text[:i])
		_, w := shownRune(text[i-n : i])
		if used+w > width || len(text)-i > maxBytes*width {
			break
		}
		used += w
		i -= n
	}
	p, used := rightOf(text[i:], used)
	return p.shown, used, i == 0
}

// shownRune returns one character of a source line as it is shown, and its
// width. Widths are counted character by character, so that the mark below can
// be placed between any two.
func shownRune(s string) (string, int) {
	if s == "\t" {
		return strings.Repeat(" ", tabWidth), tabWidth
	}
	r, n := utf8.DecodeRuneInString(s)
	if n == 1 && r >= utf8.RuneSelf || !Shown(r) {
		s = Escape(s)
		return s, len(s)
	}
	return s, measure.RuneWidth(r)
}
