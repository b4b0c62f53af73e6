// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package match

import (
	"encoding/base64"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// compileTest makes the test of a value that is there, without the NOT of the
// comparison.
func compileTest(c *stix.Comparison) (func(entity.Value) bool, error) {
	values, err := constants(c.Value)
	if err != nil {
		return nil, err
	}
	if c.Op == stix.In {
		return compileIn(values), nil
	}
	if len(values) != 1 {
		return nil, fmt.Errorf("match: compile %s: want one value, have %d", c.Op, len(values))
	}
	value := values[0]
	switch c.Op {
	case stix.Like:
		like := stix.CompileLike(stix.NFC(value.String()))
		return overText(c.Path, like), nil
	case stix.Matches:
		return compileMatches(c, value)
	case stix.IsSubset:
		return compileNetwork(value, false), nil
	case stix.IsSuperset:
		return compileNetwork(value, true), nil
	}
	return compileOrder(c.Op, value)
}

// constants returns the values of an operand, of nested lists too.
func constants(o stix.Operand) ([]entity.Value, error) {
	switch o := o.(type) {
	case *stix.Literal:
		return []entity.Value{o.Value}, nil
	case *stix.List:
		var out []entity.Value
		for _, item := range o.Items {
			values, err := constants(item)
			if err != nil {
				return nil, err
			}
			out = append(out, values...)
		}
		return out, nil
	case *stix.Reference:
		return nil, fmt.Errorf("match: compile reference %s.%s: it has no values yet", o.Variable, o.Attr)
	}
	return nil, fmt.Errorf("match: compile operand %T: no such operand", o)
}

// compileOrder makes the test of a comparison by order.
func compileOrder(op stix.Op, value entity.Value) (func(entity.Value) bool, error) {
	var accept func(int) bool
	switch op {
	case stix.Equal:
		return func(v entity.Value) bool { return equal(v, value) }, nil
	case stix.NotEqual:
		return func(v entity.Value) bool { return !equal(v, value) }, nil
	case stix.Less:
		accept = func(c int) bool { return c < 0 }
	case stix.LessEqual:
		accept = func(c int) bool { return c <= 0 }
	case stix.Greater:
		accept = func(c int) bool { return c > 0 }
	case stix.GreaterEqual:
		accept = func(c int) bool { return c >= 0 }
	default:
		return nil, fmt.Errorf("match: compile %s: no such operator", op)
	}
	return func(v entity.Value) bool {
		c, ok := Compare(v, value)
		return ok && accept(c)
	}, nil
}

func equal(a, b entity.Value) bool {
	c, ok := Compare(a, b)
	return ok && c == 0
}

// overText makes a test of values as normal text.
func overText(p stix.Path, test func(string) bool) func(entity.Value) bool {
	if isPayload(p) {
		return func(v entity.Value) bool {
			if v.Kind() == entity.String {
				return test(stix.NFC(PayloadText(v.Text())))
			}
			return test(stix.NFC(v.String()))
		}
	}
	return func(v entity.Value) bool { return test(stix.NFC(v.String())) }
}

// isPayload reports whether a path leads to a payload_bin.
func isPayload(p stix.Path) bool {
	n := len(p.Steps)
	return n > 0 && p.Steps[n-1].Kind == stix.Key && p.Steps[n-1].Name == "payload_bin"
}

// PayloadText returns the text that a payload_bin stands for: its decoded bytes,
// as UTF-8 if they are, else each byte as the character of its number. A value
// that is not base64 (RFC 4648, 4) stands for itself.
func PayloadText(value string) string {
	data, err := base64.StdEncoding.DecodeString(value)
	switch {
	case err != nil:
		return value
	case utf8.Valid(data):
		return string(data)
	}
	runes := make([]rune, len(data))
	for i, b := range data {
		runes[i] = rune(b)
	}
	return string(runes)
}

// compileMatches makes the test of MATCHES.
func compileMatches(c *stix.Comparison, value entity.Value) (func(entity.Value) bool, error) {
	expr := stix.NFC(value.String())
	if _, err := stix.CompileRegexp(expr); err != nil {
		if d, ok := errors.AsType[diag.Diagnostic](err); ok {
			d.Span = c.Value.Span()
			return nil, d
		}
		return nil, err
	}
	re, err := stix.CompileRegexp("(?s:" + expr + ")")
	if err != nil {
		return nil, err
	}
	return overText(c.Path, re.MatchString), nil
}

// compileNetwork makes the test of ISSUBSET, or of ISSUPERSET.
func compileNetwork(value entity.Value, super bool) func(entity.Value) bool {
	network, ok := stix.ParseNetwork(value.String())
	if !ok {
		return func(entity.Value) bool { return false }
	}
	return func(v entity.Value) bool {
		if v.Kind() != entity.String {
			return false
		}
		n, ok := stix.ParseNetwork(v.Text())
		switch {
		case !ok:
			return false
		case super:
			return stix.SubsetOf(network, n)
		}
		return stix.SubsetOf(n, network)
	}
}
