// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package display

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
)

// A Table shows entities, groups or records, one a row.
type Table struct {
	Columns []string
	Rows    [][]entity.Value // in the order of Columns; a short row ends in nulls

	// Cut says that there are more rows than these, and Total how many rows
	// there are in all, 0 if that is not known.
	Cut   bool
	Total int64
}

func (*Table) display() {}

// Kind returns "dataframe".
func (*Table) Kind() string { return "dataframe" }

// MarshalJSON writes the rows as objects with the members in the order of the
// columns. If the table was cut, "cut" is true, and "total" is the number of
// rows in all if it is known.
func (t *Table) MarshalJSON() ([]byte, error) {
	keys, err := objectKeys(t.Columns)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteByte('[')
	for i, row := range t.Rows {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := writeObject(&b, keys, row); err != nil {
			return nil, err
		}
	}
	b.WriteByte(']')
	var extra string
	if t.Cut {
		extra = `,"cut":true`
		if t.Total > 0 {
			extra += fmt.Sprintf(`,"total":%d`, t.Total)
		}
	}
	return marshal(t.Kind(), b.Bytes(), extra)
}

// WriteText writes a header line and a line for each row, all of the same
// width; "(no entities)" if there is no row. If the table was cut, a last line
// says so.
func (t *Table) WriteText(w io.Writer, s Style) error {
	var b bytes.Buffer
	switch {
	case len(t.Rows) > 0:
		l := t.layout(s)
		if s.Ruled {
			l.writeRuled(&b)
		} else {
			l.writePlain(&b)
		}
	case s.Original:
		b.WriteString("Empty DataFrame\nColumns: []\nIndex: []\n")
	default:
		b.WriteString(emptyTable + "\n")
	}
	if note := t.note(); note != "" {
		b.WriteString(note + "\n")
	}
	_, err := b.WriteTo(w)
	return err
}

// emptyTable stands for a table without rows.
const emptyTable = "(no entities)"

// note says how many rows are missing from a table that was cut.
func (t *Table) note() string {
	switch {
	case !t.Cut:
		return ""
	case t.Total > 0:
		return fmt.Sprintf("(first %d of %d rows)", len(t.Rows), t.Total)
	}
	return fmt.Sprintf("(first %d rows; there are more)", len(t.Rows))
}

func (t *Table) layout(s Style) layout {
	missing := ""
	if s.Original {
		missing = "None"
	}
	l := make(layout, len(t.Columns))
	values := make([]entity.Value, len(t.Rows))
	for i, head := range t.Columns {
		for j, row := range t.Rows {
			values[j] = cell(row, i)
		}
		l[i] = newColumn(head, values, missing)
	}
	return l
}

// writePlain writes the layout of the command: everything at the right, one
// blank between columns, and one more before the head of a numeric column.
func (l layout) writePlain(b *bytes.Buffer) {
	for i := range l {
		if l[i].numeric {
			l[i].head = " " + l[i].head
		}
		l[i].width = max(l[i].width, diag.Width(l[i].head))
	}
	right := func(column) bool { return true }
	l.writeLine(b, " ", right, func(c column) string { return c.head })
	l.writeRows(b, " ", right)
}

// writeRuled writes the layout of the shell: text at the left, numbers at the
// right, two blanks between columns, a rule under the header.
func (l layout) writeRuled(b *bytes.Buffer) {
	for i := range l {
		l[i].width = max(l[i].width, diag.Width(l[i].head))
	}
	right := func(c column) bool { return c.numeric }
	l.writeLine(b, "  ", right, func(c column) string { return c.head })
	l.writeLine(b, "  ", right, func(c column) string { return strings.Repeat("-", c.width) })
	l.writeRows(b, "  ", right)
}

// writeRows writes a line for each row of cells.
func (l layout) writeRows(b *bytes.Buffer, gap string, right func(column) bool) {
	if len(l) == 0 {
		return
	}
	for i := range l[0].cells {
		l.writeLine(b, gap, right, func(c column) string { return c.cells[i] })
	}
}

// writeLine writes one line with the text that each column gives.
func (l layout) writeLine(b *bytes.Buffer, gap string, right func(column) bool, text func(column) string) {
	for i, c := range l {
		if i > 0 {
			b.WriteString(gap)
		}
		s := text(c)
		if !right(c) {
			b.WriteString(s)
		}
		for range c.width - diag.Width(s) {
			b.WriteByte(' ')
		}
		if right(c) {
			b.WriteString(s)
		}
	}
	b.WriteByte('\n')
}

// WriteHTML writes an HTML table.
func (t *Table) WriteHTML(w io.Writer, target Target) error {
	var b bytes.Buffer
	if len(t.Rows) == 0 {
		fmt.Fprintf(&b, "<p>%s</p>\n", emptyTable)
	} else {
		t.layout(Style{}).writeHTML(&b, target, true)
	}
	if note := t.note(); note != "" {
		fmt.Fprintf(&b, "<p>%s</p>\n", note)
	}
	_, err := b.WriteTo(w)
	return err
}
