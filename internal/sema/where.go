// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package sema

import (
	"errors"
	"fmt"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// where checks a condition over rows of v and returns it with its meaning made
// explicit: every path has its type, every comparison the mode of hunts, names
// their current spelling. v without a name stands for what a source will
// return. References to variables are checked and kept: their values are known
// when the step runs. After an error, where returns nil.
func (s *Scope) where(e stix.Expr, v Variable) stix.Expr {
	before := len(s.diags)
	out := s.condition(e, v)
	if s.diags[before:].Err() != nil {
		return nil
	}
	return out
}

func (s *Scope) condition(e stix.Expr, v Variable) stix.Expr {
	switch e := e.(type) {
	case *stix.Logic:
		return &stix.Logic{Op: e.Op, X: s.condition(e.X, v), Y: s.condition(e.Y, v)}
	case *stix.Comparison:
		return s.comparison(e, v)
	case *stix.Exists:
		out := *e
		out.Path = s.operandPath(e.Path, v)
		return &out
	}
	return e
}

func (s *Scope) comparison(e *stix.Comparison, v Variable) stix.Expr {
	out := *e
	out.Mode = stix.Mode{Coerce: true}
	out.Path = s.operandPath(e.Path, v)
	if e.Op == stix.IsNull {
		return &out
	}
	out.Value = s.operand(e.Value)
	s.checkOperand(&out)
	return &out
}

// operandPath checks the left side of a comparison and fills in its type.
func (s *Scope) operandPath(p stix.Path, v Variable) stix.Path {
	switch {
	case p.Type != "" && p.Type != v.Type:
		s.ungrouped(v, p.At, "a comparison with "+p.Type)
		return s.sourcePath(p.Type, p)
	case v.Name == "":
		p.Type = v.Type
		return s.sourcePath(v.Type, p)
	}
	out := s.path(v, p)
	out.Type = v.Type
	return out
}

// operand checks the right side of a comparison. A bare word is text.
func (s *Scope) operand(o stix.Operand) stix.Operand {
	switch o := o.(type) {
	case *stix.List:
		items := make([]stix.Operand, len(o.Items))
		for i, item := range o.Items {
			items[i] = s.operand(item)
		}
		return &stix.List{Items: items, At: o.At}
	case *stix.Reference:
		return s.reference(o)
	default: // nothing to do for the others
	}
	return o
}

// reference checks a reference to an attribute of a variable.
func (s *Scope) reference(r *stix.Reference) stix.Operand {
	v, ok := s.vars[r.Variable]
	switch {
	case !ok:
		s.undefined(r.Variable, r.VarAt)
		return r
	case v.bad:
		s.report(diag.Diagnostic{Code: diag.UndefinedVariable, Span: r.VarAt})
		return r
	case v.Attrs == nil:
		return r
	}
	path, ds := stix.ParsePath(r.Attr)
	if ds.Err() != nil {
		return r
	}
	path = current(v.Type, path)
	out := *r
	out.Attr = path.Attr()
	if v.Attrs.Has(path) || (!v.Groups && isListed(v.Type) && standard(v.Type, path)) {
		return &out
	}
	d := diag.Diagnostic{
		Code:    diag.InvalidAttribute,
		Span:    r.At,
		Message: fmt.Sprintf("the entities of %s have no attribute %s", v.Name, r.Attr),
		Hint:    fmt.Sprintf("put text that has a dot in quotes: '%s.%s'", r.Variable, r.Attr),
	}
	if near, ok := diag.Nearest(r.Attr, v.Attrs.Names()); ok {
		d.Hint = "did you mean " + r.Variable + "." + near + "?"
	}
	s.report(d)
	return r
}

// checkOperand reports operators and values that do not go together.
func (s *Scope) checkOperand(c *stix.Comparison) {
	switch c.Value.(type) {
	case *stix.List:
		if c.Op != stix.In {
			s.invalid(c.Value.Span(), fmt.Sprintf("a list of values cannot be compared with %s", c.Op), "use IN or NOT IN")
		}
		return
	case *stix.Literal:
		if c.Op == stix.In {
			s.invalid(c.Value.Span(), "IN needs a list of values", "put the value in parentheses, or use =")
			return
		}
	default:
		return
	}
	l := c.Value.(*stix.Literal)
	switch c.Op {
	case stix.Matches:
		if _, err := stix.CompileRegexp(l.Value.String()); err != nil {
			var d diag.Diagnostic
			if !errors.As(err, &d) {
				d = diag.Diagnostic{Code: diag.InvalidPattern, Message: err.Error()}
			}
			d.Span = l.At
			s.report(d)
		}
	case stix.IsSubset, stix.IsSuperset:
		if _, ok := stix.ParseNetwork(l.Value.String()); !ok {
			s.invalid(l.At, fmt.Sprintf("%s needs an IP address or network, found %s", c.Op, l.Value), "write one such as '10.0.0.0/8' or 'fe80::/10'")
		}
	}
}

func (s *Scope) invalid(at diag.Span, message, hint string) {
	s.report(diag.Diagnostic{Code: diag.InvalidPattern, Span: at, Message: message, Hint: hint})
}

// Expand replaces the references in a condition by the values that lookup
// returns for them: distinct and not null, in the order first seen. One value
// compares as itself, several as a list with IN; there must be at least one, and
// operators other than equality take only one.
func Expand(e stix.Expr, lookup func(*stix.Reference) ([]entity.Value, error)) (stix.Expr, error) {
	switch e := e.(type) {
	case *stix.Logic:
		x, err := Expand(e.X, lookup)
		if err != nil {
			return nil, err
		}
		y, err := Expand(e.Y, lookup)
		if err != nil {
			return nil, err
		}
		return &stix.Logic{Op: e.Op, X: x, Y: y}, nil
	case *stix.Comparison:
		return expandComparison(e, lookup)
	default: // nothing to do for the others
	}
	return e, nil
}

func expandComparison(c *stix.Comparison, lookup func(*stix.Reference) ([]entity.Value, error)) (stix.Expr, error) {
	var items []stix.Operand
	switch v := c.Value.(type) {
	case *stix.Reference:
		items = []stix.Operand{v}
	case *stix.List:
		items = v.Items
	default:
		return c, nil
	}
	found, refs := false, make([]stix.Operand, 0, len(items))
	for _, item := range items {
		r, ok := item.(*stix.Reference)
		if !ok {
			refs = append(refs, item)
			continue
		}
		found = true
		values, err := lookup(r)
		if err != nil {
			return nil, err
		}
		for _, v := range values {
			refs = append(refs, stix.LiteralOf(v, r.At))
		}
	}
	if !found {
		return c, nil
	}
	return withValues(c, refs)
}

// withValues is c with the values of its references.
func withValues(c *stix.Comparison, values []stix.Operand) (stix.Expr, error) {
	out := *c
	switch {
	case len(values) == 0:
		return nil, diag.Diagnostic{
			Code:    diag.InvalidPattern,
			Span:    c.Value.Span(),
			Message: c.Value.Span().Text() + " has no values to compare with",
			Hint:    "the variable is empty, or none of its entities has the attribute; show it with DISP",
		}
	case c.Op == stix.Equal && len(values) > 1, c.Op == stix.NotEqual && len(values) > 1, c.Op == stix.In:
		out.Not = c.Not != (c.Op == stix.NotEqual)
		out.Op = stix.In
		out.Value = &stix.List{Items: values, At: c.Value.Span()}
	case len(values) > 1:
		return nil, diag.Diagnostic{
			Code:    diag.InvalidPattern,
			Span:    c.Value.Span(),
			Message: fmt.Sprintf("%s takes one value, and %s has %d", c.Op, c.Value.Span().Text(), len(values)),
			Hint:    "use = or IN, or narrow the variable first",
		}
	default:
		out.Value = values[0]
	}
	return &out, nil
}

// References returns the names of the variables that a condition refers to, in
// order, each once.
func References(e stix.Expr) []string {
	var out []string
	seen := make(map[string]bool)
	var walk func(stix.Expr)
	operand := func(o stix.Operand) {
		if r, ok := o.(*stix.Reference); ok && !seen[r.Variable] {
			seen[r.Variable] = true
			out = append(out, r.Variable)
		}
	}
	walk = func(e stix.Expr) {
		switch e := e.(type) {
		case *stix.Logic:
			walk(e.X)
			walk(e.Y)
		case *stix.Comparison:
			if l, ok := e.Value.(*stix.List); ok {
				for _, item := range l.Items {
					operand(item)
				}
			}
			operand(e.Value)
		default: // nothing to do for the others
		}
	}
	walk(e)
	return out
}
