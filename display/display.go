// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package display holds what the steps of a hunt show, as data, and writes it
// as text, HTML and JSON. The engine makes displays, every frontend shows them;
// the package itself decides neither what is shown nor where it goes.
//
// Values come from telemetry, which attackers write. Text output therefore
// holds no character that could steer a terminal or hide on it (see
// [diag.Escape]), and HTML output no markup that came from a value.
//
// The text layouts are those of the language, to the byte, and do not depend on
// the machine. They are written here rather than by a table library: go-pretty
// can be made to give the same layout, but measures text by the locale of the
// process, and its setting against that is global to the program; it also took
// seven times as long on 20 000 rows.
package display

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
)

// A Display is what one step shows: a Table, Dict, Tree, Summary, Text, HTML,
// Figure or Warning. The set is closed.
//
// MarshalJSON gives an object with the members "display", which is the Kind,
// and "data".
//
//sumtype:decl
type Display interface {
	json.Marshaler

	// Kind names the form of the data in JSON: "dataframe", "dict", "tree",
	// "execution summary", "text", "html", "figure" or "warning".
	Kind() string

	// WriteText writes the display as lines of text, each ended by a line feed.
	WriteText(w io.Writer, s Style) error

	// WriteHTML writes the display as an HTML fragment.
	WriteHTML(w io.Writer, t Target) error

	display()
}

// A Style says how text is laid out. The zero Style is that of the command.
type Style struct {
	// Ruled gives tables text at the left, a rule of dashes under the header
	// and two blanks between columns, as the interactive shell shows them.
	Ruled bool

	// Original writes None for text that is missing and the three lines of the
	// original Kestrel for a table without rows, to compare with its output.
	Original bool

	// Width is how many columns there are, 0 if that is not known. What INFO
	// says is wrapped to it, so that its values are in sight.
	Width int
}

// A Target says where an HTML fragment goes.
type Target uint8

// The targets of HTML.
const (
	// Notebook pages start mathematics at a dollar sign, so that it is
	// written as \$.
	Notebook Target = iota
	// Page is a page that takes text as it is.
	Page
)

// WriteText writes displays as text, with one blank line between two. If there
// is none it writes one line feed.
func WriteText(w io.Writer, displays []Display, s Style) error {
	if len(displays) == 0 {
		_, err := io.WriteString(w, "\n")
		return err
	}
	for i, d := range displays {
		if i > 0 {
			if _, err := io.WriteString(w, "\n"); err != nil {
				return err
			}
		}
		if err := d.WriteText(w, s); err != nil {
			return err
		}
	}
	return nil
}

// String returns d as text in style s.
func String(d Display, s Style) string {
	var b strings.Builder
	_ = d.WriteText(&b, s) // a Builder does not fail
	return b.String()
}

// marshal writes the JSON form that all displays share. Members of extra, which
// may be empty or start with a comma, follow the data.
func marshal(kind string, data []byte, extra string) ([]byte, error) {
	name, err := json.Marshal(kind)
	if err != nil {
		return nil, fmt.Errorf("display: marshal %s: %w", kind, err)
	}
	b := make([]byte, 0, len(data)+len(name)+len(extra)+24)
	b = append(b, `{"display":`...)
	b = append(b, name...)
	b = append(b, `,"data":`...)
	b = append(b, data...)
	b = append(b, extra...)
	return append(b, '}'), nil
}

// objectKeys returns keys as JSON strings.
func objectKeys(keys []string) ([][]byte, error) {
	out := make([][]byte, len(keys))
	for i, k := range keys {
		text, err := json.Marshal(k)
		if err != nil {
			return nil, fmt.Errorf("display: marshal name %q: %w", k, err)
		}
		out[i] = text
	}
	return out, nil
}

// writeObject writes a JSON object whose members keep the order of keys. A row
// shorter than keys is filled up with nulls.
func writeObject(b *bytes.Buffer, keys [][]byte, row []entity.Value) error {
	b.WriteByte('{')
	for i, key := range keys {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(key)
		b.WriteByte(':')
		text, err := cell(row, i).MarshalJSON()
		if err != nil {
			return fmt.Errorf("display: marshal value of %s: %w", key, err)
		}
		b.Write(text)
	}
	b.WriteByte('}')
	return nil
}

// cell returns element i of a row, Null if the row is too short.
func cell(row []entity.Value, i int) entity.Value {
	if i < len(row) {
		return row[i]
	}
	return entity.Value{}
}
