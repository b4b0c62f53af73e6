// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/duck"
	"github.com/kestrelhunt/kestrel/internal/match"
	"github.com/kestrelhunt/kestrel/sqlgen"
	"github.com/kestrelhunt/kestrel/stix"
)

// tagged writes a value as text with its kind in front: see sqlgen.Column.
func tagged(v entity.Value) string {
	switch v.Kind() {
	case entity.Bool:
		return "b" + v.String()
	case entity.Int:
		return "i" + v.String()
	case entity.Float:
		return "f" + v.String()
	case entity.JSON:
		return "j" + v.Text()
	}
	return "s" + v.Text()
}

// untagged reads what tagged wrote.
func untagged(text string) entity.Value {
	if text == "" {
		return entity.Value{}
	}
	rest := text[1:]
	switch text[0] {
	case 'b':
		return entity.BoolValue(rest == "true")
	case 'i':
		if n, err := strconv.ParseInt(rest, 10, 64); err == nil {
			return entity.IntValue(n)
		}
	case 'f':
		if f, err := strconv.ParseFloat(rest, 64); err == nil {
			return entity.FloatValue(f)
		}
	case 'j':
		return entity.JSONValue(rest)
	}
	return entity.StringValue(rest)
}

// read returns the value of a field in the current row: of the cells that may
// hold it, the first that does.
func read(res *duck.Result, f sqlgen.Field) entity.Value {
	for _, c := range f.Cells {
		switch {
		case res.Null(c.Column):
		case c.Tagged:
			return untagged(res.Text(c.Column))
		default:
			return readKind(res, c)
		}
	}
	return entity.Value{}
}

func readKind(res *duck.Result, c sqlgen.Cell) entity.Value {
	switch c.Kind {
	case entity.Bool:
		return entity.BoolValue(res.Bool(c.Column))
	case entity.Int:
		return entity.IntValue(res.Int(c.Column))
	case entity.Float:
		return entity.FloatValue(res.Float(c.Column))
	case entity.JSON:
		return entity.JSONValue(res.Text(c.Column))
	}
	return entity.StringValue(res.Text(c.Column))
}

// compareValues orders values as SORT does: none, then numbers and
// booleans, then text by code point.
func compareValues(a, b entity.Value) int {
	ra, rb := rank(a), rank(b)
	switch {
	case ra != rb:
		return cmp.Compare(ra, rb)
	case ra == 1 && a.Kind() == entity.Int && b.Kind() == entity.Int:
		return cmp.Compare(a.Int(), b.Int())
	case ra == 1:
		return cmp.Compare(number(a), number(b))
	}
	return cmp.Compare(a.Text(), b.Text())
}

func rank(v entity.Value) int {
	switch v.Kind() {
	case entity.Null:
		return 0
	case entity.Bool, entity.Int, entity.Float:
		return 1
	}
	return 2
}

// number returns a number, or a boolean as 1 or 0.
func number(v entity.Value) float64 {
	if v.Bool() {
		return 1
	}
	return v.Float()
}

// floatText writes a number that DuckDB wrote as entity.Value writes it.
func floatText(text string) string {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	return entity.FloatValue(f).String()
}

// functions are what statements of package sqlgen call.
func functions() []duck.Function {
	payload := func(x string) string { return stix.NFC(match.PayloadText(x)) }
	return []duck.Function{
		{Name: sqlgen.FuncSubset, Call: stix.Subset},
		{Name: sqlgen.FuncFloatLike, Call: like(floatText)},
		{Name: sqlgen.FuncFloatMatches, Call: matches(floatText)},
		{Name: sqlgen.FuncPayloadLike, Call: like(payload)},
		{Name: sqlgen.FuncPayloadMatches, Call: matches(payload)},
	}
}

// like returns LIKE on what text makes of its first argument.
func like(text func(string) string) func(x, pattern string) bool {
	return func(x, pattern string) bool { return stix.CompileLike(pattern)(text(x)) }
}

// matches returns MATCHES on what text makes of its first argument. It keeps the
// last expression: a statement has one, and asks about it many times.
func matches(text func(string) string) func(x, expr string) bool {
	type compiled struct {
		expr string
		re   *regexp.Regexp // nil: invalid
	}
	var last atomic.Pointer[compiled]
	return func(x, expr string) bool {
		c := last.Load()
		if c == nil || c.expr != expr {
			// The text belongs to the database, which reuses its memory.
			c = &compiled{expr: strings.Clone(expr)}
			c.re, _ = regexp.Compile("(?s:" + c.expr + ")")
			last.Store(c)
		}
		return c.re != nil && c.re.MatchString(text(x))
	}
}
