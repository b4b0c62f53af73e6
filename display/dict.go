// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package display

import (
	"bytes"
	"io"
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
)

// A Dict shows names and values in two columns: what INFO and DESCRIBE say.
type Dict struct {
	Pairs []Pair // names are distinct
}

// A Pair is one line of a Dict.
type Pair struct {
	Key   string
	Value entity.Value
}

func (*Dict) display() {}

// Kind returns "dict".
func (*Dict) Kind() string { return "dict" }

// MarshalJSON writes the pairs as one object with its members in their order.
func (d *Dict) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	if err := writePairs(&b, d.Pairs); err != nil {
		return nil, err
	}
	return marshal(d.Kind(), b.Bytes(), "")
}

// writePairs writes pairs as a JSON object.
func writePairs(b *bytes.Buffer, pairs []Pair) error {
	names := make([]string, len(pairs))
	values := make([]entity.Value, len(pairs))
	for i, p := range pairs {
		names[i], values[i] = p.Key, p.Value
	}
	keys, err := objectKeys(names)
	if err != nil {
		return err
	}
	return writeObject(b, keys, values)
}

// WriteText writes a line for each pair, both columns at the right; where that
// does not fit a known width, the values stand at the left and are wrapped.
func (d *Dict) WriteText(w io.Writer, s Style) error {
	var b bytes.Buffer
	l := d.layout(s)
	if s.Width > 0 && l[0].width+1+l[1].width > s.Width {
		l.writeWrapped(&b, s.Width)
	} else {
		l.writeRows(&b, " ", func(column) bool { return true })
	}
	_, err := b.WriteTo(w)
	return err
}

// leastWidth is how narrow wrapped values become at most.
const leastWidth = 20

// writeWrapped writes two columns, the second wrapped so that a line has up to
// width columns of a terminal.
func (l layout) writeWrapped(b *bytes.Buffer, width int) {
	room := max(width-l[0].width-1, leastWidth)
	for i, key := range l[0].cells {
		b.WriteString(strings.Repeat(" ", l[0].width-diag.Width(key)) + key)
		indent := " "
		for _, line := range wrap(l[1].cells[i], room) {
			b.WriteString(indent + line + "\n")
			indent = strings.Repeat(" ", l[0].width+1)
		}
	}
}

// wrap breaks text at blanks into lines of up to width columns; a longer word
// has a line for itself. There is at least one line.
func wrap(text string, width int) []string {
	lines := []string{""}
	used := 0
	for i, word := range strings.Split(text, " ") {
		last, w := len(lines)-1, diag.Width(word)
		switch {
		case i == 0:
			lines[0], used = word, w
		case used+1+w <= width:
			lines[last] += " " + word
			used += 1 + w
		default:
			lines, used = append(lines, word), w
		}
	}
	return lines
}

func (d *Dict) layout(s Style) layout {
	missing := ""
	if s.Original {
		missing = "None"
	}
	keys := make([]entity.Value, len(d.Pairs))
	values := make([]entity.Value, len(d.Pairs))
	for i, p := range d.Pairs {
		keys[i], values[i] = entity.StringValue(p.Key), p.Value
	}
	return layout{newColumn("", keys, ""), newColumn("", values, missing)}
}

// WriteHTML writes a table of two columns without a header.
func (d *Dict) WriteHTML(w io.Writer, target Target) error {
	var b bytes.Buffer
	d.layout(Style{}).writeHTML(&b, target, false)
	_, err := b.WriteTo(w)
	return err
}
