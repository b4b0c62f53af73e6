// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
)

// Validate returns what is wrong with the text of a file as a STIX pattern: the
// faults that Parse finds or, if it finds none, those of Check. The pattern is
// valid if none is an error.
func Validate(file *diag.File, version Version) diag.List {
	p, list := Parse(file, version)
	if p == nil {
		return list
	}
	return Check(p, version)
}

// Check holds a pattern against the rules that the grammar does not express. An
// error is what the standard forbids:
//   - a qualifier twice directly behind a test (STIX 2.1, 9.5),
//   - WITHIN 0 SECONDS, REPEATS 0 TIMES,
//   - values of different types in one list (STIX 2.1, 9.6.1),
//   - a hash that has not the form of its algorithm.
//
// A warning is what the standard or its tools allow and is of no use here: a regular
// expression that only PCRE can run, a timestamp of no real day, a network that
// is none, and what can never be true, such as an AND of comparisons at
// different types of objects.
func Check(p *Pattern, version Version) diag.List {
	c := &patternChecker{version: version}
	c.observation(p.Root)
	return c.list
}

// checkToRun returns what keeps a pattern from being matched.
func checkToRun(p *Pattern) diag.List {
	c := &patternChecker{version: V20, run: true}
	c.observation(p.Root)
	return slices.DeleteFunc(c.list, func(d diag.Diagnostic) bool { return d.Severity != diag.Error })
}

type patternChecker struct {
	version Version
	run     bool // the pattern is to be matched: what cannot run is an error
	list    diag.List
}

func (c *patternChecker) report(severity diag.Severity, code diag.Code, at diag.Span, message, hint string) {
	c.list = append(c.list, diag.Diagnostic{
		Code: code, Severity: severity, Span: at, Message: message, Hint: hint,
	})
}

// unrunnable is the severity of what the standard allows and Match cannot do.
func (c *patternChecker) unrunnable() diag.Severity {
	if c.run {
		return diag.Error
	}
	return diag.Warning
}

func (c *patternChecker) observation(x ObservationExpr) {
	switch x := x.(type) {
	case *Test:
		c.expr(x.Expr)
	case *Combination:
		c.observation(x.X)
		c.observation(x.Y)
	case *Qualified:
		c.observation(x.X)
		c.qualifier(x.Qualifier)
		if c.version == V21 {
			c.duplicate(x)
		}
	}
}

func (c *patternChecker) qualifier(q Qualifier) {
	switch q := q.(type) {
	case *Within:
		if q.Seconds <= 0 {
			c.report(diag.Error, diag.InvalidPattern, q.At, "WITHIN needs more than 0 seconds", "")
		}
	case *Repeats:
		if q.Times < 1 {
			c.report(diag.Error, diag.InvalidPattern, q.At, "REPEATS needs at least 1 time", "")
		}
	case *StartStop:
		c.literal(q.Start)
		c.literal(q.Stop)
		if start, stop, ok := q.Range(); ok && !start.Before(stop) {
			c.report(diag.Warning, diag.InvalidPattern, q.At, "STOP is not after START, so nothing matches",
				"STOP is the first moment that is too late")
		}
	}
}

// duplicate reports a qualifier if one of its kind stands before it behind the
// same test. A parenthesis between them allows it.
func (c *patternChecker) duplicate(q *Qualified) {
	kind, _, _ := strings.Cut(q.Qualifier.String(), " ")
	for x := q; !x.Grouped; {
		inner, ok := x.X.(*Qualified)
		if !ok {
			return
		}
		if strings.HasPrefix(inner.Qualifier.String(), kind+" ") {
			if directly(inner) {
				c.report(diag.Error, diag.InvalidPattern, q.Qualifier.Span(),
					fmt.Sprintf("%s stands twice behind one test", kind), "put the inner one in parentheses")
			}
			return
		}
		x = inner
	}
}

// directly reports whether only qualifiers stand between q and a test.
func directly(q *Qualified) bool {
	for !q.Grouped {
		switch x := q.X.(type) {
		case *Test:
			return true
		case *Combination:
			return false
		case *Qualified:
			q = x
		}
	}
	return false
}

// expr checks the comparisons of e and returns the types of objects at which it
// can be true; nil if that is not known.
func (c *patternChecker) expr(e Expr) map[string]bool {
	switch e := e.(type) {
	case *Exists:
		c.path(e.Path)
		return map[string]bool{e.Path.Type: true}
	case *Comparison:
		c.path(e.Path)
		c.comparison(e)
		return map[string]bool{e.Path.Type: true}
	case *Logic:
		x, y := c.expr(e.X), c.expr(e.Y)
		if e.Op == Or {
			return union(x, y)
		}
		return c.both(e, x, y)
	}
	return nil
}

func union(x, y map[string]bool) map[string]bool {
	if x == nil || y == nil {
		return nil
	}
	maps.Copy(x, y)
	return x
}

// both returns the types at which both sides can be true, and warns if there are
// none.
func (c *patternChecker) both(e *Logic, x, y map[string]bool) map[string]bool {
	if x == nil || y == nil {
		return nil
	}
	shared := make(map[string]bool)
	for t := range x {
		if y[t] {
			shared[t] = true
		}
	}
	if len(shared) > 0 {
		return shared
	}
	c.report(diag.Warning, diag.InvalidPattern, e.Span(),
		fmt.Sprintf("no object is of type %s and of type %s, so nothing matches", alternatives(x), alternatives(y)),
		"all comparisons in one pair of brackets are made at the same object; join two pairs by AND")
	return nil
}

func alternatives(types map[string]bool) string {
	return strings.Join(slices.Sorted(maps.Keys(types)), " or ")
}

func (c *patternChecker) path(p Path) {
	for _, s := range p.Steps {
		if s.Kind == Index && s.Index < 0 {
			c.report(diag.Warning, diag.InvalidPattern, p.At, "lists have no negative index, so nothing matches",
				"the first element has index 0")
		}
	}
}

func (c *patternChecker) comparison(e *Comparison) {
	switch value := e.Value.(type) {
	case *List:
		c.items(e, value)
	case *Literal:
		c.literal(value)
		c.hash(e, value)
		c.text(e.Op, value)
	case *Reference:
		c.report(diag.Error, diag.InvalidPattern, value.At, "patterns have no variables", "")
	default:
		c.report(diag.Error, diag.InvalidPattern, e.At, "patterns have no "+e.Op.String(), "")
	}
}

func (c *patternChecker) items(e *Comparison, l *List) {
	for i, item := range l.Items {
		value, ok := item.(*Literal)
		if !ok {
			c.report(diag.Error, diag.InvalidPattern, item.Span(), "patterns have no variables", "")
			return
		}
		c.literal(value)
		c.hash(e, value)
		first, ok := l.Items[0].(*Literal)
		if ok && i > 0 && class(value) != class(first) {
			c.report(diag.Error, diag.InvalidPattern, value.At,
				fmt.Sprintf("list has %s beside %s", class(value), class(first)),
				"all values of a list have the same type")
			return
		}
	}
}

// class names the type that a literal is compared as.
func class(l *Literal) string {
	switch l.Kind {
	case TimeLit:
		return "a timestamp"
	case HexLit, BinaryLit:
		return "binary data"
	}
	switch l.Value.Kind() {
	case entity.Int, entity.Float:
		return "a number"
	case entity.Bool:
		return "true or false"
	}
	return "a string"
}

func (c *patternChecker) literal(l *Literal) {
	if l.Kind != TimeLit || !l.Time.IsZero() {
		return
	}
	if _, err := ParseTime(l.Value.Text()); err != nil {
		c.report(c.unrunnable(), diag.InvalidTime, l.At, timeMessage(err), "")
	}
}

// timeMessage is what err of ParseTime says, without the operation.
func timeMessage(err error) string {
	return strings.TrimPrefix(err.Error(), timeErrorPrefix)
}

func (c *patternChecker) text(op Op, l *Literal) {
	switch op {
	case Matches:
		var d diag.Diagnostic
		if _, err := CompileRegexp(NFC(l.Value.Text())); errors.As(err, &d) {
			d.Severity, d.Span = c.unrunnable(), l.At
			c.list = append(c.list, d)
		}
	case IsSubset, IsSuperset:
		if _, ok := ParseNetwork(l.Value.Text()); !ok {
			c.report(diag.Warning, diag.InvalidPattern, l.At,
				fmt.Sprintf("%s is no address and no network", Quote(clip(l.Value.Text(), 80))),
				"a network looks like 10.0.0.0/8 or fe80::/10")
		}
	}
}
