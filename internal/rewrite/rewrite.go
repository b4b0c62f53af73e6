// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package rewrite makes better plans out of plans. Each rule is a pure function
// that recognises one shape and returns an equal plan that does less work; none
// changes which rows come out, or in which order. Tests hold every rule to that
// with the oracle.
package rewrite

import "github.com/kestrelhunt/kestrel/plan"

// A rule returns a plan equal to n, and true only if it differs from n.
type rule func(n plan.Node) (plan.Node, bool)

// rules are tried in this order at every node, inputs first.
var rules = []rule{mergeFilters, mergeLimits, dropUnbounded, filterBeforeSort, dropHiddenSort}

// Apply rewrites n until no rule changes it.
func Apply(n plan.Node) plan.Node {
	for {
		changed := false
		next, _ := plan.Map(n, func(n plan.Node) (plan.Node, error) { // never fails
			for _, r := range rules {
				if m, ok := r(n); ok {
					changed = true
					n = m
				}
			}
			return n, nil
		})
		if !changed {
			return next
		}
		n = next
	}
}
