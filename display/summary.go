// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package display

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
)

// A Summary says what a block of steps produced and how long that took.
type Summary struct {
	Elapsed time.Duration // shown in whole seconds, rounded up
	Related []string      // entity types that get a column of related records
	Rows    []SummaryRow  // in the order in which they are shown
}

// A SummaryRow tells about one variable.
type SummaryRow struct {
	Variable, Type    string
	Entities, Records int64
	Related           []int64 // related records, in the order of Summary.Related

	// Groups says that Entities counts rows that are not entities: those of a
	// variable that was grouped. A footnote names such variables.
	Groups bool
}

// relatedNote explains the columns of related records.
const relatedNote = "*Number of related records cached."

func (*Summary) display() {}

// Kind returns "execution summary".
func (*Summary) Kind() string { return "execution summary" }

// MarshalJSON writes an object with the members "execution time" (seconds),
// "variables updated" (the rows as objects) and "footnotes".
func (s *Summary) MarshalJSON() ([]byte, error) {
	t := s.table()
	keys, err := objectKeys(t.Columns)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"execution time":%d,"variables updated":[`, seconds(s.Elapsed))
	for i, row := range t.Rows {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := writeObject(&b, keys, row); err != nil {
			return nil, err
		}
	}
	notes, err := json.Marshal(s.footnotes())
	if err != nil {
		return nil, fmt.Errorf("display: marshal footnotes: %w", err)
	}
	b.WriteString(`],"footnotes":`)
	b.Write(notes)
	b.WriteByte('}')
	return marshal(s.Kind(), b.Bytes(), "")
}

// WriteText writes the line with the duration, the table, and the footnotes.
// There is no other style.
func (s *Summary) WriteText(w io.Writer, style Style) error {
	var b bytes.Buffer
	b.WriteString("[SUMMARY] block executed in " + durationText(s.Elapsed) + "\n")
	s.table().layout(style).writePlain(&b)
	for _, note := range s.footnotes() {
		b.WriteString(diag.Escape(note) + "\n")
	}
	_, err := b.WriteTo(w)
	return err
}

// WriteHTML writes a heading with the duration, the table, and the footnotes.
func (s *Summary) WriteHTML(w io.Writer, target Target) error {
	var b bytes.Buffer
	b.WriteString("<div><h4>Block Executed in " + durationText(s.Elapsed) + "</h4>\n")
	s.table().layout(Style{}).writeHTML(&b, target, true)
	if notes := s.footnotes(); len(notes) > 0 {
		for i, note := range notes {
			notes[i] = markup(diag.Escape(note), target)
		}
		b.WriteString("<p>" + strings.Join(notes, "<br>") + "</p>")
	}
	b.WriteString("</div>\n")
	_, err := b.WriteTo(w)
	return err
}

// table returns the rows as a Table.
func (s *Summary) table() *Table {
	t := &Table{Columns: []string{"VARIABLE", "TYPE", "#(ENTITIES)", "#(RECORDS)"}}
	for _, name := range s.Related {
		t.Columns = append(t.Columns, name+"*")
	}
	for _, r := range s.Rows {
		row := []entity.Value{
			entity.StringValue(r.Variable), entity.StringValue(r.Type),
			entity.IntValue(r.Entities), entity.IntValue(r.Records),
		}
		for _, n := range r.Related {
			row = append(row, entity.IntValue(n))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// footnotes returns the notes that the table needs.
func (s *Summary) footnotes() []string {
	notes := []string{}
	if len(s.Related) > 0 {
		notes = append(notes, relatedNote)
	}
	var groups []string
	for _, r := range s.Rows {
		if r.Groups {
			groups = append(groups, r.Variable)
		}
	}
	if len(groups) > 0 {
		notes = append(notes, "#(ENTITIES) counts groups, not entities, of "+strings.Join(groups, ", ")+".")
	}
	return notes
}

// seconds returns d in seconds, rounded up.
func seconds(d time.Duration) int64 {
	return int64((max(d, 0) + time.Second - 1) / time.Second)
}

// durationText writes d as hours, minutes and seconds. Parts before the first
// that is not zero are left out; units are always in the plural, as they were
// in the original Kestrel.
func durationText(d time.Duration) string {
	s := seconds(d)
	var parts []string
	if h := s / 3600; h > 0 {
		parts = append(parts, fmt.Sprintf("%d hours", h))
	}
	if m := s / 60 % 60; m > 0 || len(parts) > 0 {
		parts = append(parts, fmt.Sprintf("%d minutes", m))
	}
	return strings.Join(append(parts, fmt.Sprintf("%d seconds", s%60)), ", ")
}
