// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package display

import (
	"bytes"
	"io"

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
	names := make([]string, len(d.Pairs))
	values := make([]entity.Value, len(d.Pairs))
	for i, p := range d.Pairs {
		names[i], values[i] = p.Key, p.Value
	}
	keys, err := objectKeys(names)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := writeObject(&b, keys, values); err != nil {
		return nil, err
	}
	return marshal(d.Kind(), b.Bytes(), "")
}

// WriteText writes a line for each pair, both columns at the right. There is no
// other style.
func (d *Dict) WriteText(w io.Writer, s Style) error {
	var b bytes.Buffer
	d.layout(s).writeRows(&b, " ", func(column) bool { return true })
	_, err := b.WriteTo(w)
	return err
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
