// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/sema"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// A mention is a variable that a condition refers to, with what of it.
type mention struct {
	variable string
	attrs    []string // as written: p.pid
}

// referencesOf returns what a condition refers to, each variable once.
func referencesOf(where stix.Expr) []mention {
	var out []mention
	_, _ = sema.Expand(where, func(r *stix.Reference) ([]entity.Value, error) { // never fails
		i := slices.IndexFunc(out, func(m mention) bool { return m.variable == r.Variable })
		if i < 0 {
			i = len(out)
			out = append(out, mention{variable: r.Variable})
		}
		if name := r.Variable + "." + r.Attr; !slices.Contains(out[i].attrs, name) {
			out[i].attrs = append(out[i].attrs, name)
		}
		return []entity.Value{entity.IntValue(0)}, nil
	})
	return out
}

// known returns n, a part of what o computes, with the values of references, as
// the variables were that o saw, and with the processes that are similar to them.
func (e *Engine) known(ctx context.Context, o *origin, n plan.Node) (plan.Node, error) {
	out, err := e.refer(n, func(r *stix.Reference) ([]entity.Value, error) {
		in := o.inputs[r.Variable]
		if in == nil {
			return nil, fmt.Errorf("engine: variable %s is missing", r.Variable)
		}
		return e.valuesAt(ctx, r, in.snapshot, in.info)
	})
	if err != nil {
		return nil, err
	}
	return e.similar(ctx, out)
}

// refer returns n with its references replaced by the values that lookup gives.
func (e *Engine) refer(n plan.Node, lookup func(*stix.Reference) ([]entity.Value, error)) (plan.Node, error) {
	return plan.Map(n, func(n plan.Node) (plan.Node, error) {
		f, ok := n.(*plan.Filter)
		if !ok {
			return n, nil
		}
		where, err := sema.Expand(f.Where, lookup)
		if err != nil {
			return nil, err
		}
		g := *f
		g.Where = where
		return &g, nil
	})
}
