// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package rewrite

import (
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// mergeFilters folds a filter into the filter it reads from:
//
//	Filter(p) <- Filter(q) <- x   =>   Filter(q AND p) <- x
//
// Only conditions on the rows' own entity are joined: two conditions on other
// types may each be true in another record, and their AND asks for one.
func mergeFilters(n plan.Node) (plan.Node, bool) {
	outer, ok := n.(*plan.Filter)
	if !ok {
		return n, false
	}
	inner, ok := outer.Input.(*plan.Filter)
	if !ok || !centred(outer.Where, n.Type()) || !centred(inner.Where, n.Type()) {
		return n, false
	}
	both := &stix.Logic{Op: stix.And, X: inner.Where, Y: outer.Where}
	return &plan.Filter{Input: inner.Input, Where: both, At: outer.At}, true
}

// filterBeforeSort filters before it sorts:
//
//	Filter(p) <- Sort(k) <- x   =>   Sort(k) <- Filter(p) <- x
func filterBeforeSort(n plan.Node) (plan.Node, bool) {
	filter, ok := n.(*plan.Filter)
	if !ok {
		return n, false
	}
	sort, ok := filter.Input.(*plan.Sort)
	if !ok {
		return n, false
	}
	return &plan.Sort{
		Input: &plan.Filter{Input: sort.Input, Where: filter.Where, At: filter.At},
		Attr:  sort.Attr, Desc: sort.Desc, At: sort.At,
	}, true
}

// centred reports whether all comparisons of e are about entities of typ.
func centred(e stix.Expr, typ string) bool {
	own := func(p stix.Path) bool { return p.Type == "" || p.Type == typ }
	switch e := e.(type) {
	case *stix.Logic:
		return centred(e.X, typ) && centred(e.Y, typ)
	case *stix.Comparison:
		return own(e.Path)
	case *stix.Exists:
		return own(e.Path)
	}
	return false
}
