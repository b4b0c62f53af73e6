// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package display

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
)

// A Tree shows what something is made of, such as the plan of a variable.
type Tree struct{ Roots []*Branch }

// A Branch is one line of a Tree, with what is said of it and what it is made
// of.
type Branch struct {
	Text  string
	Note  string    // shown in brackets behind Text; may be ""
	Facts []Pair    // shown below Text; names are distinct; a text may have several lines
	Parts []*Branch // shown below the facts
}

func (*Tree) display() {}

// Kind returns "tree".
func (*Tree) Kind() string { return "tree" }

// MarshalJSON writes a list of objects with the member "text" and, where they
// are not empty, "note", "facts" (an object with its members in their order) and
// "parts" (a list of such objects).
func (t *Tree) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	if err := marshalBranches(&b, t.Roots); err != nil {
		return nil, err
	}
	return marshal(t.Kind(), b.Bytes(), "")
}

func marshalBranches(b *bytes.Buffer, list []*Branch) error {
	b.WriteByte('[')
	for i, branch := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := branch.marshal(b); err != nil {
			return err
		}
	}
	b.WriteByte(']')
	return nil
}

func (r *Branch) marshal(b *bytes.Buffer) error {
	text, err := json.Marshal(r.Text)
	if err != nil {
		return fmt.Errorf("display: marshal branch: %w", err)
	}
	b.WriteString(`{"text":`)
	b.Write(text)
	if r.Note != "" {
		note, err := json.Marshal(r.Note)
		if err != nil {
			return fmt.Errorf("display: marshal branch: %w", err)
		}
		b.WriteString(`,"note":`)
		b.Write(note)
	}
	if len(r.Facts) > 0 {
		b.WriteString(`,"facts":`)
		if err := writePairs(b, r.Facts); err != nil {
			return err
		}
	}
	if len(r.Parts) > 0 {
		b.WriteString(`,"parts":`)
		if err := marshalBranches(b, r.Parts); err != nil {
			return err
		}
	}
	b.WriteByte('}')
	return nil
}

// The marks that lead to a branch, and the space below them.
const (
	forkMark  = "├── "
	lastMark  = "└── "
	forkSpace = "│   "
	lastSpace = "    "
)

// WriteText writes a line for each branch and each line of its facts, joined by
// lines that show what is part of what. There is no other style.
func (t *Tree) WriteText(w io.Writer, _ Style) error {
	var b bytes.Buffer
	for _, r := range t.Roots {
		r.writeText(&b, "", "")
	}
	_, err := b.WriteTo(w)
	return err
}

// writeText writes r behind the marks of its first line, and all others behind
// those of rest.
func (r *Branch) writeText(b *bytes.Buffer, first, rest string) {
	b.WriteString(first + r.line() + "\n")
	margin := rest + lastSpace
	if len(r.Parts) > 0 {
		margin = rest + forkSpace
	}
	for _, f := range r.Facts {
		b.WriteString(margin + factText(f, margin) + "\n")
	}
	for i, part := range r.Parts {
		if i < len(r.Parts)-1 {
			part.writeText(b, rest+forkMark, rest+forkSpace)
		} else {
			part.writeText(b, rest+lastMark, rest+lastSpace)
		}
	}
}

// line returns the text with its note.
func (r *Branch) line() string {
	if r.Note == "" {
		return diag.Escape(r.Text)
	}
	return diag.Escape(r.Text) + "  [" + diag.Escape(r.Note) + "]"
}

// factText writes a fact; further lines of its value stand below the first.
func factText(f Pair, margin string) string {
	name := diag.Escape(f.Key) + ": "
	lines := factLines(f.Value)
	return name + strings.Join(lines, "\n"+margin+strings.Repeat(" ", diag.Width(name)))
}

// factLines returns the lines of a value.
func factLines(v entity.Value) []string {
	if v.Kind() != entity.String || !strings.Contains(v.Text(), "\n") {
		return []string{diag.Escape(v.String())}
	}
	return strings.Split(strings.TrimSuffix(diag.EscapeText(v.Text()), "\n"), "\n")
}

// WriteHTML writes lists within lists; facts are lists of terms.
func (t *Tree) WriteHTML(w io.Writer, target Target) error {
	var b bytes.Buffer
	writeBranches(&b, t.Roots, target, "")
	_, err := b.WriteTo(w)
	return err
}

func writeBranches(b *bytes.Buffer, list []*Branch, target Target, margin string) {
	b.WriteString(margin + "<ul class=\"tree\">\n")
	for _, r := range list {
		r.writeHTML(b, target, margin+"  ")
	}
	b.WriteString(margin + "</ul>\n")
}

func (r *Branch) writeHTML(b *bytes.Buffer, target Target, margin string) {
	b.WriteString(margin + "<li><code>" + markup(diag.Escape(r.Text), target) + "</code>")
	if r.Note != "" {
		b.WriteString(" <small>" + markup(diag.Escape(r.Note), target) + "</small>")
	}
	b.WriteByte('\n')
	if len(r.Facts) > 0 {
		b.WriteString(margin + "  <dl>\n")
		for _, f := range r.Facts {
			value := make([]string, 0, 1)
			for _, line := range factLines(f.Value) {
				value = append(value, markup(line, target))
			}
			fmt.Fprintf(b, "%s    <dt>%s</dt><dd>%s</dd>\n", margin, markup(diag.Escape(f.Key), target), strings.Join(value, "<br>"))
		}
		b.WriteString(margin + "  </dl>\n")
	}
	if len(r.Parts) > 0 {
		writeBranches(b, r.Parts, target, margin+"  ")
	}
	b.WriteString(margin + "</li>\n")
}
