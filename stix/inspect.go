// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"slices"
)

// An Inspection lists what a pattern is made of.
type Inspection struct {
	Qualifiers  []string // as STIX writes them, sorted, each once
	Operators   []string // that join observation expressions, sorted, each once
	Comparisons []Inspected
}

// An Inspected is one comparison, in the order of the text.
type Inspected struct {
	Path  Path
	Op    string // with NOT, as STIX writes it; EXISTS too
	Value string // as STIX writes it; empty for EXISTS
}

// Inspect lists the qualifiers, operators and comparisons of a pattern.
func Inspect(p *Pattern) Inspection {
	var in Inspection
	WalkObservation(p.Root, func(x ObservationExpr) {
		switch x := x.(type) {
		case *Combination:
			in.Operators = append(in.Operators, x.Op.String())
		case *Qualified:
			in.Qualifiers = append(in.Qualifiers, x.Qualifier.String())
		case *Test:
			WalkExpr(x.Expr, func(e Expr) { in.comparison(e) })
		}
	})
	slices.Sort(in.Qualifiers)
	in.Qualifiers = slices.Compact(in.Qualifiers)
	slices.Sort(in.Operators)
	in.Operators = slices.Compact(in.Operators)
	return in
}

func (in *Inspection) comparison(e Expr) {
	switch e := e.(type) {
	case *Logic:
	case *Exists:
		in.Comparisons = append(in.Comparisons, Inspected{Path: e.Path, Op: negated(e.Not, "EXISTS")})
	case *Comparison:
		in.Comparisons = append(in.Comparisons, Inspected{
			Path: e.Path, Op: negated(e.Not, e.Op.String()), Value: FormatOperand(e.Value),
		})
	}
}

func negated(not bool, op string) string {
	if not {
		return "NOT " + op
	}
	return op
}

// Types returns the types of objects that comparisons of the pattern start
// from, sorted.
func (in Inspection) Types() []string {
	var types []string
	for _, c := range in.Comparisons {
		types = append(types, c.Path.Type)
	}
	slices.Sort(types)
	return slices.Compact(types)
}

// WalkObservation calls visit for x and every observation expression below it,
// in the order of the text, each before what it holds.
func WalkObservation(x ObservationExpr, visit func(ObservationExpr)) {
	visit(x)
	switch x := x.(type) {
	case *Test:
	case *Combination:
		WalkObservation(x.X, visit)
		WalkObservation(x.Y, visit)
	case *Qualified:
		WalkObservation(x.X, visit)
	}
}

// WalkExpr calls visit for e and every expression below it, in the order of the
// text, each before what it holds.
func WalkExpr(e Expr, visit func(Expr)) {
	visit(e)
	if l, ok := e.(*Logic); ok {
		WalkExpr(l.X, visit)
		WalkExpr(l.Y, visit)
	}
}
