// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package rewrite

import "github.com/kestrelhunt/kestrel/plan"

// mergeLimits folds a limit into the limit it reads from, if neither skips rows
// nor counts records:
//
//	Limit(3) <- Limit(5) <- x   =>   Limit(3) <- x
func mergeLimits(n plan.Node) (plan.Node, bool) {
	outer, ok := n.(*plan.Limit)
	if !ok || outer.ByRecord || outer.Offset > 0 || outer.Count < 0 {
		return n, false
	}
	inner, ok := outer.Input.(*plan.Limit)
	if !ok || inner.ByRecord || inner.Offset > 0 || inner.Count < 0 {
		return n, false
	}
	return &plan.Limit{Input: inner.Input, Count: min(outer.Count, inner.Count), At: outer.At}, true
}

// dropUnbounded removes a limit that neither skips nor bounds:
//
//	Limit <- x   =>   x
func dropUnbounded(n plan.Node) (plan.Node, bool) {
	l, ok := n.(*plan.Limit)
	if !ok || l.Count >= 0 || l.Offset > 0 {
		return n, false
	}
	return l.Input, true
}
