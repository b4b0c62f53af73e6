// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package display

import (
	"math"
	"strconv"
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
)

// A column is one column of a layout, ready to be padded.
type column struct {
	head    string
	cells   []string
	numeric bool // every value that there is, and there is one, is a number
	width   int  // of the widest cell, without the head
}

// A layout is a list of columns with the same number of cells.
type layout []column

// newColumn formats the values of one column. Integers are written as integers,
// floats with the decimals that all floats of the column need; missing stands
// in a column of text for a value that there is not.
func newColumn(head string, values []entity.Value, missing string) column {
	c := column{head: diag.Escape(head), cells: make([]string, len(values)), numeric: numeric(values)}
	if c.numeric {
		missing = ""
	}
	floats := formatFloats(values)
	for i, v := range values {
		switch v.Kind() {
		case entity.Null:
			c.cells[i] = missing
		case entity.Float:
			c.cells[i], floats = floats[0], floats[1:]
		default:
			c.cells[i] = diag.Escape(v.String())
		}
		c.width = max(c.width, diag.Width(c.cells[i]))
	}
	return c
}

// numeric reports whether the values that are not null are all numbers, and
// there is one.
func numeric(values []entity.Value) bool {
	found := false
	for _, v := range values {
		switch v.Kind() {
		case entity.Int, entity.Float:
			found = true
		case entity.Null:
		default:
			return false
		}
	}
	return found
}

// Limits of the decimal form of floats; beyond them a column is written with
// exponents.
const (
	decimals     = 6
	smallest     = 1e-6 // below it, six decimals would show nothing
	largest      = 1e6  // above it, exponents are used if the text is also
	longestFixed = 12   // longer than this
)

// formatFloats returns the floats among values as text with a common number of
// decimals: as many as one of them needs, but at least one and at most six.
func formatFloats(values []entity.Value) []string {
	var texts []string
	var small, large bool
	for _, v := range values {
		if v.Kind() != entity.Float {
			continue
		}
		abs := math.Abs(v.Float())
		small = small || abs > 0 && abs < smallest
		large = large || abs > largest
		texts = append(texts, strconv.FormatFloat(v.Float(), 'f', decimals, 64))
	}
	longest := trimDecimals(texts)
	if !small && (!large || longest <= longestFixed) {
		return texts
	}
	texts = texts[:0]
	for _, v := range values {
		if v.Kind() == entity.Float {
			texts = append(texts, strconv.FormatFloat(v.Float(), 'e', decimals, 64))
		}
	}
	return texts
}

// trimDecimals cuts the zeros at the end that all texts have in common, up to
// the first decimal, and returns the length of the longest text that is left.
func trimDecimals(texts []string) (longest int) {
	spare := decimals - 1
	for _, s := range texts {
		spare = min(spare, len(s)-len(strings.TrimRight(s, "0")))
	}
	for i, s := range texts {
		texts[i] = s[:len(s)-spare]
		longest = max(longest, len(texts[i]))
	}
	return longest
}
