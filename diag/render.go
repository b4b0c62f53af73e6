// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package diag

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// RenderOptions says how diagnostics are written for a terminal. The zero value
// writes plain text.
type RenderOptions struct {
	Color bool // mark up with SGR sequences (ECMA-48, 8.3.117)
	Width int  // columns of the terminal; 0 means 120
}

// The sequences that Render may write. They are the only control characters in
// its output.
const (
	sgrReset = "\x1b[0m"
	sgrBold  = "\x1b[1m"
	sgrBlue  = "\x1b[1;34m"
)

// color returns the sequence that begins text of this severity.
func (s Severity) color() string {
	return [...]string{"\x1b[1;31m", "\x1b[1;33m", "\x1b[1;36m"}[min(int(s), 2)]
}

// Render writes diagnostics for people, one blank line between two:
//
//	hunt.hf:2:6: error[undefined-variable]: variable procz is not defined
//	 2 | DISP procz
//	   |      ^^^^^
//	   = fix: use procs
//
// Under the message stands the line with the place underlined, then hint and
// fixes (unless the hint names them), then related places in the same form.
// Messages, file names and lines pass through Escape; of a line that is too long
// the part around the place is shown. The error is that of w.
func Render(w io.Writer, l List, o RenderOptions) error {
	r := renderer{width: o.Width, color: o.Color}
	if r.width <= 0 {
		r.width = 120
	}
	for i, d := range l {
		if i > 0 {
			r.buf.WriteByte('\n')
		}
		r.diagnostic(d)
	}
	_, err := w.Write(r.buf.Bytes())
	return err
}

type renderer struct {
	buf    bytes.Buffer
	width  int
	color  bool
	gutter int // columns of the line numbers of the diagnostic being written
}

func (r *renderer) diagnostic(d Diagnostic) {
	r.gutter = len(strconv.Itoa(d.Span.line()))
	for _, rel := range d.Related {
		r.gutter = max(r.gutter, len(strconv.Itoa(rel.Span.line())))
	}
	r.place(d.Span)
	r.paint(d.Severity.color(), fmt.Sprintf("%s[%s]", d.Severity, d.Code))
	r.buf.WriteString(": ")
	r.paint(sgrBold, Escape(d.Message))
	r.buf.WriteByte('\n')
	r.excerpt(d.Span, d.Severity.color())
	if d.Hint != "" {
		r.note("hint", d.Hint)
	}
	for _, f := range d.Fixes {
		if !d.hints(f) {
			r.note("fix", f.Title)
		}
	}
	for _, rel := range d.Related {
		r.place(rel.Span)
		r.paint(sgrBlue, "note")
		r.buf.WriteString(": " + Escape(rel.Message) + "\n")
		r.excerpt(rel.Span, sgrBlue)
	}
}

// hints reports whether the hint already names what f would write.
func (d Diagnostic) hints(f Fix) bool {
	return len(f.Edits) == 1 && f.Edits[0].New != "" && strings.Contains(d.Hint, f.Edits[0].New)
}

// place writes "file:line:column: ", nothing for no position.
func (r *renderer) place(s Span) {
	if s.IsZero() {
		return
	}
	p := s.File.Position(s.Start)
	r.paint(sgrBold, fmt.Sprintf("%s:%d:%d:", Escape(s.File.Name), p.Line, p.Column))
	r.buf.WriteByte(' ')
}

// note writes a line of advice below an excerpt.
func (r *renderer) note(word, text string) {
	r.margin("", "=")
	r.buf.WriteByte(' ')
	r.paint(sgrBold, word+":")
	r.buf.WriteString(" " + Escape(text) + "\n")
}

// excerpt writes the first line of s and the line below it that marks s.
func (r *renderer) excerpt(s Span, color string) {
	if s.IsZero() {
		return
	}
	line, before, mark := window(s, max(r.width-r.gutter-4, 20))
	r.margin(strconv.Itoa(s.line()), "|")
	if line != "" {
		r.buf.WriteString(" " + line)
	}
	r.buf.WriteByte('\n')
	r.margin("", "|")
	r.buf.WriteString(strings.Repeat(" ", before+1))
	r.paint(color, strings.Repeat("^", mark))
	r.buf.WriteByte('\n')
}

// margin writes a line number and the sign behind it.
func (r *renderer) margin(number, sign string) {
	r.paint(sgrBlue, fmt.Sprintf(" %*s %s", r.gutter, number, sign))
}

// paint writes text, in color if there is to be any.
func (r *renderer) paint(color, text string) {
	if r.color {
		text = color + text + sgrReset
	}
	r.buf.WriteString(text)
}

// line returns the number of the line in which s starts, 0 for no position.
func (s Span) line() int {
	if s.IsZero() {
		return 0
	}
	_, line := s.File.locate(s.Start)
	return line + 1
}
