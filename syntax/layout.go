// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// lineWidth is the number of characters that the formatter fits into a line.
const lineWidth = 100

// maxIndent is how deep the formatter indents, so that what nests deep does not
// grow without measure.
const maxIndent = 60

// A doc is a piece of text that can be laid out in more than one way, after
// P. Wadler, "A prettier printer": groups stand in one line if they fit, and
// else break at each of their lines.
type doc struct {
	kind   docKind
	text   string // of a text
	kids   []*doc
	indent int  // of a nest
	hard   bool // holds a line that always breaks
	soft   bool // a line that is nothing, and no blank, if it does not break
	fill   bool // a line that breaks alone, if what follows it does not fit

	after  string   // of a line: a comment for the end of the line before
	before []string // of a line: comments that stand before what follows, each in a line
}

type docKind uint8

const (
	textDoc docKind = iota
	concatDoc
	nestDoc  // deeper by indent
	alignDoc // indented to where it begins
	groupDoc
	lineDoc
)

func text(s string) *doc { return &doc{kind: textDoc, text: s} }

func concat(kids ...*doc) *doc {
	d := &doc{kind: concatDoc}
	for _, k := range kids {
		if k != nil {
			d.kids = append(d.kids, k)
			d.hard = d.hard || k.hard
		}
	}
	return d
}

func nest(n int, kids ...*doc) *doc {
	d := concat(kids...)
	d.kind, d.indent = nestDoc, n
	return d
}

func align(kids ...*doc) *doc {
	d := concat(kids...)
	d.kind = alignDoc
	return d
}

func group(kids ...*doc) *doc {
	d := concat(kids...)
	d.kind = groupDoc
	return d
}

// A layout writes docs. Work is a stack of what remains to be written.
type layout struct {
	out    strings.Builder
	col    int
	suffix string // comment for the end of this line
	work   []task
}

type task struct {
	d      *doc
	indent int
	flat   bool
}

// render lays d out, beginning at the left edge. The last line is not ended.
func render(d *doc) string {
	l := &layout{work: []task{{d: d}}}
	for len(l.work) > 0 {
		t := l.work[len(l.work)-1]
		l.work = l.work[:len(l.work)-1]
		l.write(t)
	}
	l.endLine()
	return l.out.String()
}

func (l *layout) write(t task) {
	switch t.d.kind {
	case textDoc:
		l.out.WriteString(t.d.text)
		l.col += utf8.RuneCountInString(t.d.text)
	case concatDoc:
		l.push(t.d.kids, t.indent, t.flat)
	case nestDoc:
		l.push(t.d.kids, t.indent+t.d.indent, t.flat)
	case alignDoc:
		l.push(t.d.kids, l.col, t.flat)
	case groupDoc:
		flat := !t.d.hard && (t.flat || l.fits(t.d.kids))
		l.push(t.d.kids, t.indent, flat)
	case lineDoc:
		l.writeLine(t)
	}
}

func (l *layout) push(kids []*doc, indent int, flat bool) {
	for _, kid := range slices.Backward(kids) {
		l.work = append(l.work, task{kid, indent, flat})
	}
}

func (l *layout) writeLine(t task) {
	d := t.d
	if !d.hard && (t.flat || d.fill && l.fits([]*doc{d})) {
		if !d.soft {
			l.out.WriteByte(' ')
			l.col++
		}
		return
	}
	if d.after != "" {
		l.suffix = d.after
	}
	l.newLine(t.indent)
	for _, comment := range d.before {
		l.out.WriteString(comment)
		l.newLine(t.indent)
	}
}

// endLine writes the comment that waits for the end of the line.
func (l *layout) endLine() {
	if l.suffix != "" {
		l.out.WriteString("  ")
		l.out.WriteString(l.suffix)
		l.suffix = ""
	}
}

func (l *layout) newLine(indent int) {
	indent = min(indent, maxIndent)
	l.endLine()
	l.out.WriteByte('\n')
	l.out.WriteString(strings.Repeat(" ", indent))
	l.col = indent
}

// fits reports whether docs, written flat, and what follows them up to the next
// place that can break, end within the line.
func (l *layout) fits(docs []*doc) bool {
	room := lineWidth - l.col
	work := make([]task, 0, 16)
	add := func(kids []*doc, flat bool) {
		for _, kid := range slices.Backward(kids) {
			work = append(work, task{d: kid, flat: flat})
		}
	}
	add(docs, true)
	for rest := len(l.work) - 1; room >= 0; {
		if len(work) == 0 {
			if rest < 0 {
				return true
			}
			work = append(work, l.work[rest])
			rest--
		}
		t := work[len(work)-1]
		work = work[:len(work)-1]
		switch t.d.kind {
		case textDoc:
			room -= utf8.RuneCountInString(t.d.text)
		case lineDoc:
			if !t.flat || t.d.hard {
				return true
			}
			if !t.d.soft {
				room--
			}
		default:
			add(t.d.kids, t.flat && !t.d.hard)
		}
	}
	return false
}
