// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package elastic

import (
	"math"
	"strconv"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/match"
	"github.com/kestrelhunt/kestrel/stix"
)

// exactly is up to where integers are exact as floats.
const exactly = 1 << 53

// number asks an index of numbers. A document may have had text that is one,
// which the record keeps as text; and where integers are indexed, fractions were
// cut off.
func (c *comparison) number(f field) *clause {
	switch c.op {
	case stix.Equal, stix.In:
		parts := make([]*clause, 0, len(c.values))
		var terms []entity.Value
		for _, v := range c.values {
			n, ok := numberOf(v)
			switch {
			case !ok && (v.Kind() != entity.String || !match.LooksNumeric(v.Text())) && !startsList(v):
				// no number is equal to it
			case !ok || math.Abs(n) >= exactly:
				return present(f)
			default:
				if t, fits := f.fit(n); fits {
					terms = append(terms, t)
				}
			}
		}
		for len(terms) > 0 {
			most := min(len(terms), termsMost)
			parts = append(parts, termsLeaf(f, terms[:most]))
			terms = terms[most:]
		}
		return anyOf(parts...)
	case stix.Like, stix.Matches:
		return present(f)
	case stix.IsSubset, stix.IsSuperset:
		return nothing
	}
	v := c.values[0]
	if v.Kind() == entity.String {
		return present(f) // numbers that came as text have the order of text
	}
	return c.numberOrder(f, 0)
}

func startsList(v entity.Value) bool {
	return v.Kind() == entity.String && v.Text() != "" && v.Text()[0] == '['
}

// numberOf returns the number that v compares as.
func numberOf(v entity.Value) (float64, bool) {
	switch v.Kind() {
	case entity.Int, entity.Float:
		return v.Float(), true
	case entity.Bool:
		return map[bool]float64{true: 1}[v.Bool()], true
	case entity.String:
		if match.LooksNumeric(v.Text()) {
			n, err := strconv.ParseFloat(v.Text(), 64)
			return n, err == nil
		}
	}
	return 0, false
}

// fit returns n as the index has it, and whether it can have it.
func (f field) fit(n float64) (entity.Value, bool) {
	if f.kind == floatKind {
		return entity.FloatValue(n), f.bits != 32 || math.Abs(n) <= math.MaxFloat32
	}
	n = math.Trunc(n)
	limit := math.Ldexp(1, f.bits-1)
	return entity.IntValue(int64(n)), -limit <= n && n < limit
}

// numberOrder asks for numbers beyond the value, or as far away as wide. The
// value itself is among them: what is indexed may be rounded.
func (c *comparison) numberOrder(f field, wide float64) *clause {
	n, ok := numberOf(c.values[0])
	if !ok {
		return nothing // there is no order between numbers and other things
	}
	if math.Abs(n) >= exactly {
		return present(f)
	}
	if c.op == stix.Less || c.op == stix.LessEqual {
		bound, fits := f.fit(n + wide)
		switch {
		case fits:
			return rangeLeaf(f, "", bound, "lte", bound, "")
		case n < 0:
			return nothing
		}
		return present(f)
	}
	bound, fits := f.fit(n - wide)
	switch {
	case fits:
		return rangeLeaf(f, "gte", bound, "", bound, "")
	case n > 0:
		return nothing
	}
	return present(f)
}

// integer asks for values that a converter turns into integers.
func (c *comparison) integer(f field) *clause {
	switch c.op {
	case stix.IsSubset, stix.IsSuperset:
		return nothing
	case stix.Like, stix.Matches:
		return present(f)
	case stix.Equal, stix.In:
		return c.integerEqual(f)
	}
	if f.kind != intKind && f.kind != floatKind {
		return present(f)
	}
	return c.numberOrder(f, 1)
}

func (c *comparison) integerEqual(f field) *clause {
	if f.kind == intKind {
		return c.number(f)
	}
	var parts []*clause
	for _, v := range c.values {
		n, ok := numberOf(v)
		switch {
		case !ok || n != math.Trunc(n):
			continue // no integer is equal to it
		case math.Abs(n) >= exactly:
			return present(f)
		case f.kind == floatKind:
			parts = append(parts, rangeLeaf(f, "gt", entity.FloatValue(n-1), "lt", entity.FloatValue(n+1), ""))
		case f.kind == keywordKind:
			parts = append(parts, numeral(f, n))
		default:
			return present(f)
		}
	}
	return anyOf(parts...)
}
