// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
)

// A predicate says whether an object of a record satisfies an expression.
type predicate func(*Observed, *ObservedObject) (bool, error)

// compileExpr compiles an expression that checkToRun is content with.
func compileExpr(e Expr) predicate {
	switch e := e.(type) {
	case *Logic:
		return compileLogic(e)
	case *Exists:
		return atPath(e.Path, func(values []any) (bool, error) { return (len(values) > 0) != e.Not, nil })
	case *Comparison:
		test := compileComparison(e)
		return atPath(e.Path, func(values []any) (bool, error) {
			for _, v := range values {
				ok, err := test(v)
				if err != nil || ok != e.Not {
					return err == nil, err
				}
			}
			return false, nil
		})
	}
	panic(fmt.Sprintf("stix: compile %T", e))
}

func compileLogic(e *Logic) predicate {
	x, y, stop := compileExpr(e.X), compileExpr(e.Y), e.Op == Or
	return func(o *Observed, object *ObservedObject) (bool, error) {
		ok, err := x(o, object)
		if err != nil || ok == stop {
			return ok, err
		}
		return y(o, object)
	}
}

// atPath applies f to the values at path, if the object has the path's type.
func atPath(path Path, f func([]any) (bool, error)) predicate {
	return func(o *Observed, object *ObservedObject) (bool, error) {
		if object.Type != path.Type {
			return false, nil
		}
		var buf [4]any
		return f(o.pathValues(buf[:0], object.Properties, path.Steps))
	}
}

// A valueTest compares one value with the right side of a comparison, without
// regard to NOT.
type valueTest func(any) (bool, error)

func compileComparison(c *Comparison) valueTest {
	if list, ok := c.Value.(*List); ok {
		return compileIn(list)
	}
	value := constant(c.Value)
	switch c.Op {
	case Like:
		return overText(CompileLike(NFC(value.Value.Text())))
	case Matches:
		return compileMatches(value)
	case IsSubset, IsSuperset:
		return compileSubset(c.Op, value)
	}
	return compileOrder(c.Op, value)
}

// constant returns an operand that checkToRun saw to be a literal.
func constant(o Operand) *Literal {
	l, ok := o.(*Literal)
	if !ok {
		panic(fmt.Sprintf("stix: compile comparison with %T", o))
	}
	return l
}

func compileIn(l *List) valueTest {
	tests := make([]valueTest, len(l.Items))
	for i, item := range l.Items {
		tests[i] = compileOrder(Equal, constant(item))
	}
	return func(v any) (bool, error) {
		for _, test := range tests {
			if ok, err := test(v); err != nil || ok {
				return ok, err
			}
		}
		return false, nil
	}
}

// overText applies a test to text in NFC, or to binary as text. It is false for
// other values.
func overText(match func(string) bool) valueTest {
	return func(v any) (bool, error) {
		switch v := v.(type) {
		case string:
			return match(NFC(v)), nil
		case binary:
			return match(string(v)), nil
		}
		return false, nil
	}
}

func compileMatches(l *Literal) valueTest {
	// The point matches a line feed too (STIX 2.1, 9.6.1).
	re, err := CompileRegexp("(?s)" + NFC(l.Value.Text()))
	if err != nil {
		panic("stix: compile checked expression: " + err.Error())
	}
	return overText(re.MatchString)
}

func compileSubset(op Op, l *Literal) valueTest {
	fixed, ok := ParseNetwork(l.Value.Text())
	return func(v any) (bool, error) {
		text, isText := v.(string)
		if !ok || !isText {
			return false, nil
		}
		network, isNetwork := ParseNetwork(text)
		if !isNetwork {
			return false, nil
		}
		if op == IsSubset {
			return SubsetOf(network, fixed), nil
		}
		return SubsetOf(fixed, network), nil
	}
}

// compileOrder compiles a sign. Values of types that do not compare are not
// equal, and in no order.
func compileOrder(op Op, l *Literal) valueTest {
	order := orderTo(l)
	return func(v any) (bool, error) {
		c, comparable, err := order(v)
		if err != nil {
			return false, err
		}
		switch op {
		case Equal:
			return comparable && c == 0, nil
		case NotEqual:
			return !comparable || c != 0, nil
		case Less:
			return comparable && c < 0, nil
		case LessEqual:
			return comparable && c <= 0, nil
		case Greater:
			return comparable && c > 0, nil
		}
		return comparable && c >= 0, nil
	}
}

// An ordering compares a value with a literal: negative if the value is less.
// comparable is false if their types do not compare.
type ordering func(v any) (c int, comparable bool, err error)

func orderTo(l *Literal) ordering {
	switch l.Kind {
	case TimeLit:
		return orderToTime(l)
	case HexLit, BinaryLit:
		return orderToBinary(binaryOf(l.Bytes))
	}
	switch l.Value.Kind() {
	case entity.Bool:
		return orderToBool(l.Value.Bool())
	case entity.Int:
		return orderToInt(l.Value.Int())
	case entity.Float:
		return orderToFloat(l.Value.Float())
	}
	return orderToText(l.Value.Text())
}

func orderToText(text string) ordering {
	narrow := isNarrow(text)
	return func(v any) (int, bool, error) {
		switch v := v.(type) {
		case string:
			return strings.Compare(v, text), true, nil
		case binary:
			return strings.Compare(string(v), text), narrow, nil
		}
		return 0, false, nil
	}
}

func orderToBinary(data binary) ordering {
	return func(v any) (int, bool, error) {
		switch v := v.(type) {
		case string:
			return strings.Compare(v, string(data)), isNarrow(v), nil
		case binary:
			return strings.Compare(string(v), string(data)), true, nil
		}
		return 0, false, nil
	}
}

func orderToBool(b bool) ordering {
	return func(v any) (int, bool, error) {
		value, ok := v.(bool)
		if ok && value != b {
			return 1, true, nil
		}
		return 0, ok, nil
	}
}

func orderToInt(n int64) ordering {
	return func(v any) (int, bool, error) {
		switch v := v.(type) {
		case int64:
			return cmp.Compare(v, n), true, nil
		case float64:
			return -compareIntFloat(n, v), true, nil
		}
		return 0, false, nil
	}
}

func orderToFloat(f float64) ordering {
	return func(v any) (int, bool, error) {
		switch v := v.(type) {
		case int64:
			return compareIntFloat(v, f), true, nil
		case float64:
			return cmp.Compare(v, f), true, nil
		}
		return 0, false, nil
	}
}

// compareIntFloat compares without rounding the integer.
func compareIntFloat(n int64, f float64) int {
	switch {
	case f >= math.MaxInt64: // 2^63 as a float
		return -1
	case f < math.MinInt64:
		return 1
	}
	whole, fraction := math.Modf(f)
	if c := cmp.Compare(n, int64(whole)); c != 0 {
		return c
	}
	return cmp.Compare(0, fraction)
}

// orderToTime compares moments. Text that is no timestamp is an error: the
// pattern asks for something that the data does not have.
func orderToTime(l *Literal) ordering {
	at := l.Time
	return func(v any) (int, bool, error) {
		text, ok := v.(string)
		if !ok {
			return 0, false, nil
		}
		t, err := ParseTime(text)
		if err != nil {
			return 0, false, noTimestamp(l, text, err)
		}
		return t.Compare(at), true, nil
	}
}

func noTimestamp(l *Literal, text string, cause error) error {
	return diag.Diagnostic{
		Code: diag.InvalidTime, Span: l.At, Cause: cause,
		Message: fmt.Sprintf("a timestamp is compared with %s, which is none", Quote(clip(text, 40))),
		Hint:    "compare with a string in quotes, without the t",
	}
}
