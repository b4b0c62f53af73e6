// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package elastic

import (
	"math"
	"strconv"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/match"
	"github.com/kestrelhunt/kestrel/stix"
)

// The limits of what an index keeps of a text and of what a query may hold.
const (
	shortText = 128   // texts up to this length are never left out of an index
	termsMost = 16384 // values in one query
)

// keyword asks for whole texts. A document may have had a number or a boolean
// where the index has its text; asText says that it counts as text all the same.
func (c *comparison) keyword(f field, asText bool) *clause {
	switch c.op {
	case stix.Equal, stix.In:
		return c.keywordEqual(f, asText)
	case stix.Like, stix.Matches:
		return c.keywordText(f, "", "")
	case stix.IsSubset, stix.IsSuperset:
		return c.keywordNetwork(f)
	}
	return c.keywordOrder(f, asText)
}

func (c *comparison) keywordEqual(f field, asText bool) *clause {
	whole := make([]entity.Value, 0, len(c.values))
	parts := make([]*clause, 0, 4)
	for _, v := range c.values {
		if v.Kind() == entity.String {
			whole = append(whole, v)
			if len(v.Text()) > shortText {
				parts = append(parts, hiddenLeaf(f))
			}
			if asText {
				continue // other kinds count as text, too
			}
		}
		parts = append(parts, inOtherWords(f, v))
	}
	for len(whole) > 0 {
		n := min(len(whole), termsMost)
		parts = append(parts, termsLeaf(f, whole[:n]))
		whole = whole[n:]
	}
	return anyOf(parts...)
}

// inOtherWords asks for what is equal to v though it is another text: numbers
// written in another way, booleans and their words.
func inOtherWords(f field, v entity.Value) *clause {
	switch v.Kind() {
	case entity.Int:
		parts := []*clause{numeral(f, float64(v.Int()))}
		if v.Int() == 0 || v.Int() == 1 {
			parts = append(parts, termFold(f, strconv.FormatBool(v.Int() == 1)))
		}
		return anyOf(parts...)
	case entity.Float:
		return anyOf(numeral(f, v.Float()), inOtherWords(f, integral(v.Float())))
	case entity.Bool:
		return anyOf(termFold(f, strconv.FormatBool(v.Bool())), numeral(f, map[bool]float64{true: 1}[v.Bool()]))
	}
	text := v.Text()
	switch {
	case strings.EqualFold(text, "true"), strings.EqualFold(text, "false"):
		return termFold(f, text)
	case match.LooksNumeric(text):
		n, err := strconv.ParseFloat(text, 64)
		if err == nil {
			return numeral(f, n)
		}
	}
	return nothing
}

// integral returns 0 or 1 as an integer, and Null for all else.
func integral(n float64) entity.Value {
	if n == 0 || n == 1 {
		return entity.IntValue(int64(n))
	}
	return entity.Value{}
}

// numeral asks for texts that are the number n. Those with more digits than a
// float has, or with an exponent, may round to it.
func numeral(f field, n float64) *clause {
	if n != math.Trunc(n) || math.Abs(n) >= 1e15 {
		return regexpLeaf(f, `[+\-]?[0-9.]+([eE][+\-]?[0-9]+)?`)
	}
	digits, sign := strconv.FormatFloat(math.Abs(n), 'f', -1, 64), `\+?`
	switch {
	case n < 0:
		sign = `\-`
	case n == 0:
		sign, digits = `[+\-]?`, "0?"
	}
	return regexpLeaf(f, sign+"0*"+digits+`(\.[0-9]*)?|[+\-]?[0-9.]{16,}|[+\-]?[0-9.]+[eE][+\-]?[0-9]+`)
}

// oddNumeral asks for the text of numbers that a record may write in another
// way: 443.0 is 443 there.
func oddNumeral(f field) *clause {
	return regexpLeaf(f, `\-?[0-9]+\.[0-9]+([eE][+\-]?[0-9]+)?|\-?[0-9]+[eE][+\-]?[0-9]+|\-0`)
}

// keywordText asks for LIKE and MATCHES, with more text before and behind what
// they look at.
func (c *comparison) keywordText(f field, before, behind string) *clause {
	odd := nothing
	if c.numeric && before+behind == "" {
		odd = oddNumeral(f)
	}
	return anyOf(c.keywordGlob(f, before, behind), odd)
}

func (c *comparison) keywordGlob(f field, before, behind string) *clause {
	if !c.isGlob {
		return c.keywordExpr(f, before, behind)
	}
	if c.glob.isAnything() {
		return present(f)
	}
	if text, ok := c.glob.literal(); ok && before+behind == "" {
		parts := []*clause{termLeaf(f, entity.StringValue(text))}
		if len(text) > shortText {
			parts = append(parts, hiddenLeaf(f))
		}
		return anyOf(parts...)
	}
	if c.weak {
		return present(f)
	}
	return anyOf(wildcardLeaf(f, c.glob.around(before, behind)), hiddenLeaf(f))
}

func (c *comparison) keywordExpr(f field, before, behind string) *clause {
	expr := c.lucene.expr
	if c.weak || expr == ".*" {
		return present(f)
	}
	if before+behind != "" {
		expr = simplify(strings.ReplaceAll(before, "*", ".*") + "(" + expr + ")" + strings.ReplaceAll(behind, "*", ".*"))
	}
	return anyOf(regexpLeaf(f, expr), hiddenLeaf(f))
}

// keywordOrder asks for an order between texts. A text that looks like a number
// has another order with numbers.
func (c *comparison) keywordOrder(f field, asText bool) *clause {
	v := c.values[0]
	if v.Kind() != entity.String || !asText && inOtherWords(f, v) != nothing {
		return present(f)
	}
	r := ordered(f, c.op, v, "")
	return anyOf(r, hiddenLeaf(f))
}

// ordered asks for values beyond v.
func ordered(f field, op stix.Op, v entity.Value, format string) *clause {
	switch op {
	case stix.Less:
		return rangeLeaf(f, "", v, "lt", v, format)
	case stix.LessEqual:
		return rangeLeaf(f, "", v, "lte", v, format)
	case stix.Greater:
		return rangeLeaf(f, "gt", v, "", v, format)
	}
	return rangeLeaf(f, "gte", v, "", v, format)
}

// words asks an index that has the words of a text only.
func (c *comparison) words(f field) *clause {
	if c.op != stix.Equal && c.op != stix.In || len(c.values) > 64 {
		return present(f)
	}
	var parts []*clause
	for _, v := range c.values {
		if v.Kind() != entity.String || inOtherWords(f, v) != nothing || len(v.Text()) > 1000 {
			return present(f)
		}
		parts = append(parts, phraseLeaf(f, v.Text()))
	}
	return anyOf(parts...)
}

// boolean asks for true or false.
func (c *comparison) boolean(f field) *clause {
	switch c.op {
	case stix.Equal, stix.In:
		var parts []*clause
		for _, v := range c.values {
			for _, b := range []bool{false, true} {
				if order, ok := match.Compare(entity.BoolValue(b), v); ok && order == 0 {
					parts = append(parts, termLeaf(f, entity.BoolValue(b)))
				}
			}
		}
		return anyOf(parts...)
	case stix.IsSubset, stix.IsSuperset:
		return nothing
	}
	return present(f)
}
