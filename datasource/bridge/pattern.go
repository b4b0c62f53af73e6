// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package bridge

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// A vocabulary is what a module can express.
type vocabulary struct {
	centre  string
	paths   map[string]stix.Path // by type and attribute; nil if it does not say
	names   []string             // of the attributes, as the module writes them
	without []stix.Op            // operators that it turned out to lack
}

// newVocabulary reads the attributes that a module lists, as type:path.
func newVocabulary(centre string, attributes []string) *vocabulary {
	v := &vocabulary{centre: centre}
	for _, a := range attributes {
		path, faults := stix.ParsePath(a)
		if faults.Err() != nil || path.Type == "" {
			continue
		}
		if v.paths == nil {
			v.paths = map[string]stix.Path{}
		}
		if _, ok := v.paths[keyOf(path)]; !ok {
			v.paths[keyOf(path)] = path
			v.names = append(v.names, path.String())
		}
	}
	return v
}

// keyOf returns what attributes of one meaning have in common: modules write
// quotes, indexes and older names as they like.
func keyOf(p stix.Path) string {
	steps := slices.Clone(p.Steps)
	for i := range steps {
		if steps[i].Kind == stix.Index {
			steps[i] = stix.Step{Kind: stix.Star}
		}
		steps[i].Name = entity.CurrentAttr("process", steps[i].Name) // other types have no such names
	}
	return p.Type + ":" + strings.ReplaceAll(stix.AttrName(steps), "'", "")
}

// path returns a path as the module writes it, and false if it has none.
func (v *vocabulary) path(p stix.Path) (stix.Path, bool) {
	if p.Type == "" {
		p.Type = v.centre
	}
	if v.paths == nil {
		return p, true
	}
	if own, ok := v.paths[keyOf(p)]; ok {
		return own, true
	}
	return p, false
}

// A phrasing is a condition in the words of a module.
type phrasing struct {
	expr    stix.Expr // nil: everything
	missing []string  // attributes that the module does not know
	narrow  bool      // records that only a missing attribute would find are not found
}

// phrase returns the narrowest condition that the module can express and that
// holds for all records for which where holds. If that is everything, it returns
// what is left of where when sides of OR are given up, and says so.
func (v *vocabulary) phrase(where stix.Expr) phrasing {
	var p phrasing
	p.expr = v.widen(where, &p.missing, false)
	if p.expr == nil && where != nil {
		p.expr = v.widen(where, nil, true)
		p.narrow = p.expr != nil
	}
	slices.Sort(p.missing)
	p.missing = slices.Compact(p.missing)
	return p
}

// widen returns e without what the module cannot express; nil stands for
// everything. With give, a side of OR that cannot be expressed is given up.
func (v *vocabulary) widen(e stix.Expr, missing *[]string, give bool) stix.Expr {
	switch e := e.(type) {
	case *stix.Logic:
		x, y := v.widen(e.X, missing, give), v.widen(e.Y, missing, give)
		switch {
		case x != nil && y != nil:
			return &stix.Logic{Op: e.Op, X: x, Y: y}
		case e.Op == stix.Or && !give:
			return nil
		case x != nil:
			return x
		}
		return y
	case *stix.Comparison:
		path, known := v.path(e.Path)
		if !known && missing != nil {
			*missing = append(*missing, path.String())
		}
		if !known || !v.sayable(e) {
			return nil
		}
		own := *e
		own.Path = path
		return &own
	default: // nothing to do for the others
	}
	return nil // EXISTS, which modules do not know
}

// sayable reports whether the library can read a comparison. It fails on
// booleans and on times, and knows no IS NULL.
func (v *vocabulary) sayable(c *stix.Comparison) bool {
	if c.Op == stix.IsNull || slices.Contains(v.without, c.Op) {
		return false
	}
	items := []stix.Operand{c.Value}
	if l, ok := c.Value.(*stix.List); ok {
		items = l.Items
	}
	for _, item := range items {
		l, ok := item.(*stix.Literal)
		if !ok || l.Kind == stix.BoolLit || l.Kind == stix.TimeLit || l.Kind == stix.HexLit || l.Kind == stix.BinaryLit {
			return false
		}
	}
	return true
}

// anything returns a condition that asks for all entities of the centre, as far
// as a module can be asked for that: those with the attribute by which people
// name them, or else one that tells them apart.
func (v *vocabulary) anything() (stix.Expr, bool) {
	attrs := append([]string{entity.SingleAttr(v.centre)}, entity.IdentityAttrs(v.centre)...)
	for _, attr := range attrs {
		path, faults := stix.ParsePath(v.centre + ":" + attr)
		if faults.Err() != nil {
			continue
		}
		own, known := v.path(path)
		if !known {
			continue
		}
		c := &stix.Comparison{Path: own, Op: stix.Like, Value: text("%")}
		if strings.HasSuffix(attr, "port") || attr == "pid" || attr == "size" || attr == "number" {
			c.Op, c.Value = stix.GreaterEqual, &stix.Literal{Kind: stix.IntLit, Value: entity.IntValue(0)}
		}
		return c, true
	}
	return nil, false
}

func text(s string) *stix.Literal {
	return &stix.Literal{Kind: stix.StringLit, Value: entity.StringValue(s)}
}

// unmapped returns the failure of a condition of which a module knows nothing.
func (v *vocabulary) unmapped(source, module string, missing []string) *datasource.Failure {
	return &datasource.Failure{
		Kind: datasource.MappingError, Source: source, Op: "translate",
		Reason: fmt.Sprintf("module %s knows none of the attributes of the condition: %s", module, list(missing)),
		Hint:   v.hint(missing),
	}
}

// hint names attributes that the module knows and that may have been meant.
func (v *vocabulary) hint(missing []string) string {
	var near []string
	for _, m := range missing {
		if n, ok := diag.Nearest(m, v.names); ok {
			near = append(near, n)
		}
	}
	if len(near) > 0 {
		return "did you mean " + list(near) + "?"
	}
	for _, m := range missing {
		typ, _, _ := strings.Cut(m, ":")
		for _, n := range v.names {
			if strings.HasPrefix(n, typ+":") {
				near = append(near, n)
			}
		}
	}
	if len(near) > 0 {
		return "it knows " + list(slices.Compact(near))
	}
	return "it knows entities of the types " + list(v.types())
}

// types returns the types of which the module knows attributes, sorted.
func (v *vocabulary) types() []string {
	var out []string
	for _, n := range v.names {
		typ, _, _ := strings.Cut(n, ":")
		out = append(out, typ)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// lacking finds the operators in the message of the library about those that a
// module has no word for.
var lacking = regexp.MustCompile(`Operators: \[([^\]]*)\]`)

// operators are the names of operators in that message.
var operators = map[string]stix.Op{
	"Equal": stix.Equal, "NotEqual": stix.NotEqual, "GreaterThan": stix.Greater, "GreaterThanOrEqual": stix.GreaterEqual,
	"LessThan": stix.Less, "LessThanOrEqual": stix.LessEqual, "In": stix.In, "Like": stix.Like, "Matches": stix.Matches,
	"IsSubSet": stix.IsSubset, "IsSuperSet": stix.IsSuperset,
}

// unlearn notes the operators that a message says a module lacks, and reports
// whether any of them is news.
func (v *vocabulary) unlearn(message string) bool {
	m := lacking.FindStringSubmatch(message)
	if m == nil {
		return false
	}
	news := false
	for name := range strings.SplitSeq(m[1], ",") {
		name = strings.Trim(name, " '\"")
		name = strings.TrimPrefix(name, "ComparisonComparators.")
		if op, ok := operators[name]; ok && !slices.Contains(v.without, op) {
			v.without = append(v.without, op)
			news = true
		}
	}
	return news
}
