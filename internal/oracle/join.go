// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package oracle

import (
	"slices"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
)

// join pairs each row of the left with each of the right that has an equal value,
// as = compares.
func (w *World) join(n *plan.Join) ([]Row, error) {
	left, err := w.Eval(n.Left)
	if err != nil {
		return nil, err
	}
	right, err := w.Eval(n.Right)
	if err != nil {
		return nil, err
	}
	var out []Row
	for _, l := range left {
		for _, r := range right {
			equal := slices.ContainsFunc(w.Values(l, n.LeftAttr), func(a entity.Value) bool {
				return slices.ContainsFunc(w.Values(r, n.RightAttr), func(b entity.Value) bool {
					c, ordered := compareTo(a, b)
					return ordered && c == 0
				})
			})
			if equal {
				pair := l
				pair.Joined = slices.Concat(l.Joined, []Row{r}, r.Joined)
				out = append(out, pair)
			}
		}
	}
	return out, nil
}
