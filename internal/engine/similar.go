// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"

	"github.com/kestrelhunt/kestrel/plan"
)

// similar puts the processes that are similar to the rows of a variable in the
// place where a plan asks for them.
func (e *Engine) similar(ctx context.Context, n plan.Node) (plan.Node, error) {
	return plan.Map(n, func(n plan.Node) (plan.Node, error) {
		s, ok := n.(*plan.Similar)
		if !ok {
			return n, nil
		}
		v, ok := s.Input.(*plan.Variable)
		if !ok {
			return s.Input, nil
		}
		id, err := e.cfg.Store.Similar(ctx, v.Snapshot, e.cfg.Completion.Process)
		if err != nil {
			return nil, err
		}
		more := *v
		more.Snapshot = id
		return &more, nil
	})
}
