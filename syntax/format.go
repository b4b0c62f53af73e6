// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"fmt"
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
)

// Format returns a hunt in the canonical layout: keywords in capitals, one blank
// between words, a step in one line if it fits into 100 characters. A step that
// does not fit, or that the author broke, has each clause in a line of its own.
// Strings, numbers and names stay as written, comments stay where they are, and
// of several empty lines one stays. The text ends in a line feed unless it is
// empty.
//
// Formatting the result again changes nothing, and it has the same tree as h but
// for positions. The text of a BadStmt is left as it is.
func Format(h *Hunt) string {
	f := &formatter{text: h.File.Text}
	for _, t := range h.Tokens {
		if t.Kind == Comment {
			f.comments = append(f.comments, t.At)
		}
	}
	for _, s := range h.Stmts {
		f.writeStmt(s)
	}
	f.writeComments(len(f.text))
	if f.out.Len() > 0 {
		f.out.WriteByte('\n')
	}
	return f.out.String()
}

// FormatStmt returns one step in the layout of Format, without comments and
// without a line feed at its end.
func FormatStmt(s Stmt) string {
	f := &formatter{}
	f.writeStmt(s)
	return f.out.String()
}

// FormatFile returns the text of a hunt file in the layout of Format, and the
// diagnostics of Parse. If one of them is an error, the text is returned as it
// is.
func FormatFile(file *diag.File) (string, diag.List) {
	hunt, diags := Parse(file)
	if diags.Err() != nil {
		return file.Text, diags
	}
	return Format(hunt), diags
}

// A formatter turns steps into docs and writes them. Comments wait until a line
// can break: pending are those that were met since the last that could.
type formatter struct {
	out      strings.Builder
	text     string
	comments []diag.Span
	end      int // of what was written of the text
}

// writeStmt writes a step with the comments around it.
func (f *formatter) writeStmt(s Stmt) {
	span := s.Span()
	f.writeComments(span.Start)
	f.separate(span.Start)
	if bad, ok := s.(*BadStmt); ok {
		f.out.WriteString(strings.TrimSpace(bad.At.Text()))
		f.commentsBefore(span.End)
	} else {
		f.out.WriteString(render(f.stmt(s)))
	}
	f.end = span.End
	f.writeTrailing(span)
}

// separate begins a new line for what stands at an offset of the text, with an
// empty line before it if the author left one.
func (f *formatter) separate(offset int) {
	if f.out.Len() == 0 {
		return
	}
	f.out.WriteByte('\n')
	if offset > f.end && offset <= len(f.text) && strings.Count(f.text[f.end:offset], "\n") > 1 {
		f.out.WriteByte('\n')
	}
}

// writeComments writes the comments before an offset, each in a line.
func (f *formatter) writeComments(offset int) {
	for _, c := range f.commentsBefore(offset) {
		f.separate(c.Start)
		f.out.WriteString(commentText(c))
		f.end = max(f.end, c.End)
	}
}

// writeTrailing writes behind a step the comment that follows in its last line,
// or one that found no place within the step.
func (f *formatter) writeTrailing(step diag.Span) {
	if len(f.comments) == 0 {
		return
	}
	c := f.comments[0]
	within := c.Start < step.End
	if within && f.trails(c) || !within && !strings.Contains(f.text[step.End:c.Start], "\n") {
		f.out.WriteString("  " + commentText(c))
		f.comments, f.end = f.comments[1:], max(f.end, c.End)
	}
}

func commentText(c diag.Span) string { return strings.TrimRight(c.Text(), " \t\r\f") }

// commentsBefore takes the comments before an offset.
func (f *formatter) commentsBefore(offset int) []diag.Span {
	n := 0
	for n < len(f.comments) && f.comments[n].Start < offset {
		n++
	}
	taken := f.comments[:n]
	f.comments = f.comments[n:]
	return taken
}

// line returns a place to break between what ends at prev and what begins at
// next. It breaks if the author did, or if comments stand there.
func (f *formatter) line(prev, next diag.Span) *doc {
	d := f.fillLine(prev, next)
	d.fill = false
	if prev.File != nil && next.File != nil && prev.End < next.Start {
		d.hard = d.hard || strings.Contains(prev.File.Text[prev.End:next.Start], "\n")
	}
	return d
}

// fillLine returns a place to break alone, if what follows does not fit or if
// comments stand there.
func (f *formatter) fillLine(prev, next diag.Span) *doc {
	d := &doc{kind: lineDoc, fill: true}
	for _, c := range f.commentsBefore(next.Start) {
		d.hard = true
		if d.after == "" && len(d.before) == 0 && f.trails(c) {
			d.after = commentText(c)
		} else {
			d.before = append(d.before, commentText(c))
		}
	}
	return d
}

// trails reports whether something other than a comment stands before a comment
// in its line.
func (f *formatter) trails(c diag.Span) bool {
	line := strings.LastIndexByte(f.text[:c.Start], '\n') + 1
	return strings.TrimSpace(f.text[line:c.Start]) != ""
}

// softLine is line without a blank where it does not break.
func (f *formatter) softLine(prev, next diag.Span) *doc {
	d := f.line(prev, next)
	d.soft = true
	return d
}

// maxAlign is the column up to which the clauses of a step are aligned with
// its command.
const maxAlign = 24

// A stepDoc collects the doc of a step.
type stepDoc struct {
	f      *formatter
	kids   []*doc
	indent int       // of the clauses
	prev   diag.Span // of what was added last
}

// step begins the doc of a step with a command's word, or none, that may assign
// a variable. Its clauses stand below the command, or behind its word if nothing
// is assigned.
func (f *formatter) step(v *Ident, word string) *stepDoc {
	d := &stepDoc{f: f, indent: len(word) + 1}
	if v == nil {
		d.kids = append(d.kids, text(word))
		return d
	}
	head := v.Name + " ="
	d.indent = len(head) + 1
	if d.indent > maxAlign {
		d.indent = 4
	}
	if word != "" {
		head += " " + word
	}
	d.kids = append(d.kids, text(head))
	return d
}

// add adds a blank and words that were read at a span.
func (d *stepDoc) add(words string, at diag.Span) {
	d.kids = append(d.kids, text(" "+words))
	d.prev = at
}

// clause adds a clause that was read at a span: in a line of its own if the step
// is broken. The docs of a clause are built in the order of the text, or its
// comments get lost.
func (d *stepDoc) clause(at diag.Span, build func() *doc) {
	line := d.f.line(d.prev, at)
	d.kids = append(d.kids, nest(d.indent, line, build()))
	d.prev = at
}

// tail is clause for what goes to another line only if it does not fit.
func (d *stepDoc) tail(at diag.Span, build func() *doc) {
	line := d.f.fillLine(d.prev, at)
	d.kids = append(d.kids, nest(d.indent, line, build()))
	d.prev = at
}

// doc returns the doc of the step.
func (d *stepDoc) doc() *doc { return group(d.kids...) }

// list returns items with commas between them, wrapped where they do not fit.
func (f *formatter) list(spans []diag.Span, item func(i int) *doc) *doc {
	var kids []*doc
	for i, at := range spans {
		if i > 0 {
			kids = append(kids, text(","), f.fillLine(spans[i-1], at))
		}
		kids = append(kids, item(i))
	}
	return align(kids...)
}

// stmt returns the doc of a step.
func (f *formatter) stmt(s Stmt) *doc {
	switch s := s.(type) {
	case *AssignStmt:
		return f.assign(s)
	case *MergeStmt:
		return f.merge(s)
	case *GetStmt:
		return f.get(s)
	case *FindStmt:
		return f.find(s)
	case *NewStmt:
		return f.new(s)
	case *LoadStmt:
		return f.load(s)
	case *SaveStmt:
		return f.save(s)
	case *SortStmt:
		return f.sort(s)
	case *GroupStmt:
		return f.group(s)
	case *JoinStmt:
		return f.join(s)
	case *ApplyStmt:
		return f.apply(s)
	case *DispStmt:
		return f.disp(s)
	case *InfoStmt:
		return f.info(s)
	case *DescribeStmt:
		return f.describe(s)
	case *ExplainStmt:
		return f.explain(s)
	case *WhyStmt:
		return f.why(s)
	case *BadStmt:
		return text(strings.TrimSpace(s.At.Text()))
	}
	panic(fmt.Sprintf("syntax: format of %T", s))
}
