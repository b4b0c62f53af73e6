// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package sqlgen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/match"
	"github.com/kestrelhunt/kestrel/stix"
)

// expr returns a condition that is never NULL. scopeOf gives the scope that the
// comparisons of a type are about.
func (g *generator) expr(e stix.Expr, scopeOf func(typ string) *scope) string {
	switch e := e.(type) {
	case *stix.Logic:
		var parts []string
		for _, x := range chain(e, e.Op) {
			parts = append(parts, g.expr(x, scopeOf))
		}
		return "(" + strings.Join(parts, " "+e.Op.String()+" ") + ")"
	case *stix.Exists:
		return g.isNull(scopeOf(e.Path.Type), e.Path, !e.Not)
	case *stix.Comparison:
		s := scopeOf(e.Path.Type)
		if e.Op == stix.IsNull {
			return g.isNull(s, e.Path, e.Not)
		}
		return g.some(s, e.Path.Steps, func(c cell) string { return g.compare(c, e) })
	}
	g.fail("unknown expression %T", e)
	return "false"
}

// isNull is the condition that there is no value at p, or with not that there is
// one. About an object that is not there, neither is true.
func (g *generator) isNull(s *scope, p stix.Path, not bool) string {
	some := g.some(s, p.Steps, present)
	switch {
	case not:
		return some
	case s.there != "":
		return "(" + s.there + " AND NOT " + some + ")"
	}
	return "NOT " + some
}

// chain returns the operands of a chain of one operator, left to right: a chain
// of thousands must not nest as deep in SQL.
func chain(e stix.Expr, op stix.LogicOp) []stix.Expr {
	var out []stix.Expr
	for {
		l, ok := e.(*stix.Logic)
		if !ok || l.Op != op {
			break
		}
		out = append(out, l.Y)
		e = l.X
	}
	out = append(out, e)
	slices.Reverse(out)
	return out
}

// disjunction returns the condition that one of several holds.
func disjunction(conds []string) string {
	var out []string
	for _, c := range conds {
		if c != "false" {
			out = append(out, c)
		}
	}
	switch len(out) {
	case 0:
		return "false"
	case 1:
		return out[0]
	}
	return "(" + strings.Join(out, " OR ") + ")"
}

// present is the condition that a cell has a value.
func present(c cell) string {
	var out []string
	for _, sql := range []string{c.main, c.tagged} {
		if sql != "" {
			out = append(out, "("+sql+" IS NOT NULL)")
		}
	}
	return disjunction(out)
}

// compare is the condition that a cell has a value and it passes the comparison.
func (g *generator) compare(c cell, e *stix.Comparison) string {
	var out []string
	if c.main != "" {
		out = append(out, g.test(c.main, c.kind, e))
	}
	if c.tagged != "" {
		out = append(out, g.testTagged(c.tagged, e))
	}
	return disjunction(out)
}

// test is the condition that the value of an expression of a kind is there and
// passes the comparison.
func (g *generator) test(sql string, kind entity.Kind, e *stix.Comparison) string {
	cond := g.positive(sql, kind, e)
	switch {
	case e.Not && cond == "false":
		return "(" + sql + " IS NOT NULL)"
	case e.Not:
		return "(" + sql + " IS NOT NULL AND NOT coalesce(" + cond + ", false))"
	case cond == "false":
		return cond
	}
	return "coalesce(" + cond + ", false)"
}

// testTagged is test for a value whose kind is known only when it is seen.
func (g *generator) testTagged(sql string, e *stix.Comparison) string {
	rest := "substr(" + sql + ", 2)"
	return fmt.Sprintf("CASE left(%s, 1) WHEN 'i' THEN %s WHEN 'f' THEN %s WHEN 'b' THEN %s WHEN 'j' THEN %s WHEN 's' THEN %s ELSE false END",
		sql,
		g.test("TRY_CAST("+rest+" AS BIGINT)", entity.Int, e),
		g.test("TRY_CAST("+rest+" AS DOUBLE)", entity.Float, e),
		g.test("("+rest+" = 'true')", entity.Bool, e),
		g.test(rest, entity.JSON, e),
		g.test(rest, entity.String, e))
}

// positive is the comparison without its NOT. If the value is NULL, it is NULL or
// false.
func (g *generator) positive(sql string, kind entity.Kind, e *stix.Comparison) string {
	values := g.constants(e.Value)
	if e.Op == stix.In {
		return g.in(sql, kind, values)
	}
	if len(values) != 1 {
		g.fail("%s wants one value, has %d", e.Op, len(values))
		return "false"
	}
	v := values[0]
	switch e.Op {
	case stix.Like:
		return g.like(sql, kind, v.String(), isPayload(e.Path))
	case stix.Matches:
		return g.matches(sql, kind, v.String(), isPayload(e.Path))
	case stix.IsSubset, stix.IsSuperset:
		if kind != entity.String {
			return "false"
		}
		inner, outer := sql, g.arg(v.String())
		if e.Op == stix.IsSuperset {
			inner, outer = outer, inner
		}
		return FuncSubset + "(" + inner + ", " + outer + ")"
	}
	op, ok := sqlOps[e.Op]
	if !ok {
		g.fail("unknown operator %s", e.Op)
		return "false"
	}
	return g.order(sql, kind, op, v)
}

// constants returns the values of an operand; references were replaced before.
func (g *generator) constants(o stix.Operand) []entity.Value {
	switch o := o.(type) {
	case *stix.Literal:
		return []entity.Value{o.Value}
	case *stix.List:
		out := make([]entity.Value, 0, len(o.Items))
		for _, item := range o.Items {
			if l, ok := item.(*stix.Literal); ok {
				out = append(out, l.Value)
				continue
			}
			out = append(out, g.constants(item)...)
		}
		return out
	default: // nothing to do for the others
	}
	g.fail("operand %T is no constant", o)
	return nil
}

// isPayload reports whether a path leads to a payload_bin, whose text is base64.
func isPayload(p stix.Path) bool {
	n := len(p.Steps)
	return n > 0 && p.Steps[n-1].Kind == stix.Key && p.Steps[n-1].Name == "payload_bin"
}

var sqlOps = map[stix.Op]string{
	stix.Equal: "=", stix.NotEqual: "<>", stix.Less: "<", stix.LessEqual: "<=", stix.Greater: ">", stix.GreaterEqual: ">=",
}

// order compares the value of an expression with a constant by one of the six
// operators. Values without an order are different, and no more is true of them.
func (g *generator) order(sql string, kind entity.Kind, op string, v entity.Value) string {
	none := "false"
	if op == "<>" {
		none = "(" + sql + " IS NOT NULL)"
	}
	text := v.Kind() == entity.String || v.Kind() == entity.JSON
	switch {
	case kind == entity.JSON || kind == entity.String && text:
		if !text {
			return none
		}
		return sql + " " + op + " " + g.arg(v.Text())
	case kind == entity.String && v.Kind() == entity.Bool:
		return fmt.Sprintf("CASE lower(%[1]s) WHEN 'true' THEN 1 %[2]s %[3]s WHEN 'false' THEN 0 %[2]s %[3]s ELSE %[4]s END", sql, op, bit(v.Bool()), none)
	case kind == entity.String:
		return fmt.Sprintf("CASE WHEN %s THEN %s %s %s ELSE %s END", looksNumeric(sql), toDouble(sql), op, g.arg(v.Float()), none)
	case kind == entity.Int && v.Kind() == entity.Int:
		return sql + " " + op + " " + g.arg(v.Int())
	}
	n, ok := numberFor(kind, v)
	if !ok {
		return none
	}
	return asDouble(sql, kind) + " " + op + " " + g.arg(n)
}

func bit(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

// numberFor returns the number that a constant is when it is compared with
// numbers, or with booleans, which are the numbers 1 and 0.
func numberFor(kind entity.Kind, v entity.Value) (float64, bool) {
	if kind == entity.Bool {
		switch word := v.Text(); {
		case v.Kind() != entity.String:
		case strings.EqualFold(word, "true"):
			return 1, true
		case strings.EqualFold(word, "false"):
			return 0, true
		default:
			return 0, false
		}
	}
	switch v.Kind() {
	case entity.Bool:
		if v.Bool() {
			return 1, true
		}
		return 0, true
	case entity.Int, entity.Float:
		return v.Float(), true
	case entity.String:
		return textNumber(v.Text())
	}
	return 0, false
}

// textNumber returns the number that text looks like, if floats reach it.
func textNumber(text string) (float64, bool) {
	if !match.LooksNumeric(text) {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}

// in is the condition that the value of an expression equals one of several.
func (g *generator) in(sql string, kind entity.Kind, values []entity.Value) string {
	var ints []int64
	var floats []float64
	var texts, out []string
	words := map[bool]bool{}
	for _, v := range values {
		n, ok := numberFor(kind, v)
		switch {
		case v.Kind() == entity.String, v.Kind() == entity.JSON:
			texts = append(texts, v.Text())
		case v.Kind() == entity.Bool:
			words[v.Bool()] = true
		}
		if ok && kind == entity.Int && v.Kind() == entity.Int {
			ints = append(ints, v.Int())
		} else if ok {
			floats = append(floats, n)
		}
	}
	switch kind {
	case entity.JSON:
		return g.among(sql, texts)
	case entity.Int:
		return disjunction([]string{g.among(sql, ints), g.among(asDouble(sql, kind), floats)})
	case entity.Float, entity.Bool:
		return g.among(asDouble(sql, kind), floats)
	}
	out = append(out, g.among(sql, texts))
	if numbers := numbersOf(values); len(numbers) > 0 {
		out = append(out, fmt.Sprintf("CASE WHEN %s THEN %s ELSE false END", looksNumeric(sql), g.among(toDouble(sql), numbers)))
	}
	for _, b := range []bool{true, false} {
		if words[b] {
			out = append(out, fmt.Sprintf("lower(%s) = '%t'", sql, b))
		}
	}
	return disjunction(out)
}

// numbersOf returns the integers and floats among values.
func numbersOf(values []entity.Value) []float64 {
	var out []float64
	for _, v := range values {
		if v.Kind() == entity.Int || v.Kind() == entity.Float {
			out = append(out, v.Float())
		}
	}
	return out
}

// From manyMembers on, a list is looked up in a hash table, and from mostMembers
// on it is a table of its own.
const (
	manyMembers = 16
	mostMembers = 1024
)

// among is the condition that the value of an expression is one of a list, a
// slice that arg takes. Inside a function over list elements there may be no
// subquery, and the list is searched.
func (g *generator) among(sql string, list any) string {
	var n int
	switch l := list.(type) {
	case []int64:
		n = len(l)
	case []float64:
		n = len(l)
	case []string:
		n = len(l)
	}
	switch {
	case n == 0:
		return "false"
	case n < manyMembers || g.inLambda:
		return "list_contains(" + g.arg(list) + ", " + sql + ")"
	case n >= mostMembers:
		table := g.name("members")
		g.lists = append(g.lists, Members{table, list})
		return sql + " IN (SELECT v FROM " + table + ")"
	}
	return sql + " IN (SELECT unnest(" + g.arg(list) + "))"
}
