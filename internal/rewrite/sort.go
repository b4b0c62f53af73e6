// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package rewrite

import "github.com/kestrelhunt/kestrel/plan"

// dropHiddenSort removes a sort by the attribute by which its output is sorted
// again: the outer one alone decides, and equal rows keep the order they had.
//
//	Sort(k) <- Sort(k) <- x   =>   Sort(k) <- x
func dropHiddenSort(n plan.Node) (plan.Node, bool) {
	outer, ok := n.(*plan.Sort)
	if !ok {
		return n, false
	}
	inner, ok := outer.Input.(*plan.Sort)
	if !ok || outer.Attr.String() != inner.Attr.String() {
		return n, false
	}
	return &plan.Sort{Input: inner.Input, Attr: outer.Attr, Desc: outer.Desc, At: outer.At}, true
}
