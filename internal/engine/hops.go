// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"slices"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// hops takes the FIND of a step over several hops apart, so that it finds what
// as many FIND steps of one hop would: what each hop meets is completed, and what
// is similar to it counts, before the next hop goes on from there. It returns the
// plan to run, in which FIND goes the last hop alone. Where nothing is to be
// completed and all processes have unique ids, the plan stays as it is: the store
// follows links faster.
func (b *block) hops(ctx context.Context, i int, s *plan.Bind, value plan.Node) (plan.Node, error) {
	f := findOf(value)
	if f == nil || f.Hops == 1 {
		return value, nil
	}
	w := &walk{block: b, bind: s, value: value, index: i, find: f}
	known, err := w.variable(ctx, inputOf(f))
	if err != nil {
		return nil, err
	}
	if plain, err := w.plain(ctx); plain || err != nil {
		return value, err
	}
	w.start, w.known = known, known
	for hop := int64(1); hop < f.Hops; hop++ {
		if more, err := w.hop(ctx); !more || err != nil {
			return w.last(), err
		}
	}
	return w.last(), nil
}

// A walk is one FIND over several hops.
type walk struct {
	*block
	bind  *plan.Bind
	value plan.Node // of the step
	index int       // of the step
	find  *plan.Find

	start *plan.Variable // what the walk sets out from
	known *plan.Variable // that, and what was found so far
	found int64          // how many entities
	done  []entity.Value // the ids of those completed
}

// inputOf returns that from which f sets out, without what is similar to it.
func inputOf(f *plan.Find) plan.Node {
	if s, ok := f.Input.(*plan.Similar); ok {
		return s.Input
	}
	return f.Input
}

// variable returns the rows of n as a variable.
func (w *walk) variable(ctx context.Context, n plan.Node) (*plan.Variable, error) {
	if v, ok := n.(*plan.Variable); ok {
		return v, nil
	}
	id, err := w.evaluate(ctx, w.index, n)
	return &plan.Variable{Entity: n.Type(), Snapshot: id, At: n.Span()}, err
}

// plain reports whether following the links that are known is all there is to do.
func (w *walk) plain(ctx context.Context) (bool, error) {
	if w.cfg.Completion.Find {
		return false, nil
	}
	if _, processes := w.find.Input.(*plan.Similar); !processes {
		return true, nil
	}
	id, err := w.evaluate(ctx, w.index, w.find)
	if err != nil {
		return false, err
	}
	info, _ := w.cfg.Store.Info(id)
	return !slices.ContainsFunc(info.Keys, func(key string) bool { return key != entity.UniqueKey.String() }), nil
}

// last is the step with FIND going one hop from all that is known.
func (w *walk) last() plan.Node {
	out, _ := plan.Map(w.value, func(n plan.Node) (plan.Node, error) { // never fails
		if f, ok := n.(*plan.Find); ok {
			return w.from(f, w.known), nil
		}
		return n, nil
	})
	return out
}

// from returns f for one hop from v, and from what is similar to it if f asks for
// that.
func (w *walk) from(f *plan.Find, v *plan.Variable) *plan.Find {
	one := *f
	one.Hops, one.Input = 1, v
	if s, ok := w.find.Input.(*plan.Similar); ok {
		one.Input = &plan.Similar{Input: v, At: s.At}
	}
	return &one
}

// hop goes one hop from all that is known and completes what is new. It reports
// false if nothing is.
func (w *walk) hop(ctx context.Context) (bool, error) {
	id, err := w.evaluate(ctx, w.index, w.from(w.find, w.known))
	if err != nil {
		return false, err
	}
	info, _ := w.cfg.Store.Info(id)
	if info.Rows == w.found {
		return false, nil
	}
	w.found = info.Rows
	found := &plan.Variable{Entity: w.find.Entity, Snapshot: id, At: w.find.At}
	if err := w.completeNew(ctx, found); err != nil {
		return false, err
	}
	w.known, err = w.variable(ctx, &plan.Merge{Sources: []plan.Node{w.start, found}, At: w.find.At})
	return true, err
}

// completeNew completes the entities that the hops before did not meet.
func (w *walk) completeNew(ctx context.Context, found *plan.Variable) error {
	if !w.cfg.Completion.Find {
		return nil
	}
	var fresh plan.Node = found
	if len(w.done) > 0 {
		fresh = &plan.Filter{Input: found, Where: isNone(w.find.Entity, w.done), At: w.find.At}
	}
	v, err := w.variable(ctx, fresh)
	if err != nil {
		return err
	}
	ids, err := w.cfg.Store.Values(ctx, v.Snapshot, pathOfID)
	if err != nil {
		return err
	}
	w.done = append(w.done, ids...)
	_, err = w.complete(ctx, w.bind, w.value, v.Snapshot)
	return err
}

// isNone is the condition that an entity of a type has none of some ids.
func isNone(typ string, ids []entity.Value) stix.Expr {
	path := pathOfID
	path.Type = typ
	list := &stix.List{Items: make([]stix.Operand, len(ids))}
	for i, id := range ids {
		list.Items[i] = &stix.Literal{Kind: stix.StringLit, Value: id}
	}
	return &stix.Comparison{Path: path, Op: stix.In, Not: true, Value: list}
}
