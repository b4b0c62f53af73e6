// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"

	"github.com/kestrelhunt/kestrel/display"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/store"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// foundFrom returns the rows from which a FIND reached an entity: those of its
// input to which the relation leads back. It returns nil if the rows of o are of
// no FIND.
func (b *block) foundFrom(ctx context.Context, o *origin, part store.RowPart) (plan.Node, error) {
	n, o := rootOf(o)
	find, ok := n.(*plan.Find)
	if !ok || part.Type != find.Entity {
		return nil, nil //nolint:nilnil // it was not found, and nothing failed
	}
	input, err := b.known(ctx, o, find.Input)
	if err == nil {
		input, err = b.similar(ctx, input)
	}
	if err != nil {
		return nil, err
	}
	id := stix.Path{Type: find.Entity, Steps: []stix.Step{{Kind: stix.Key, Name: "id"}}}
	it := &plan.Filter{
		Input: &plan.Variable{Name: o.name, Entity: find.Entity, Snapshot: o.snapshot, At: o.at},
		Where: &stix.Comparison{Path: id, Op: stix.Equal, Value: literal(entity.StringValue(part.ID))},
		At:    o.at,
	}
	back := *find
	back.Input, back.Entity, back.By = it, input.Type(), !find.By
	id.Type = input.Type()
	return &plan.Join{Left: input, Right: &back, LeftAttr: id, RightAttr: id, At: find.At}, nil
}

// showFoundFrom shows the rows from which a FIND reached an entity.
func (b *block) showFoundFrom(ctx context.Context, from plan.Node) error {
	total, err := b.cfg.Store.Count(ctx, from)
	if err != nil {
		return err
	}
	shown, err := b.cfg.Store.Table(ctx, &plan.Limit{Input: from, Count: whyRows}, store.Display)
	if err != nil {
		return err
	}
	t := &display.Table{Columns: []string{"found_from"}, Cut: total > int64(len(shown.Rows)), Total: total}
	for range shown.Rows {
		t.Rows = append(t.Rows, []entity.Value{entity.StringValue(from.Type())})
	}
	for _, c := range append(telling(from.Type(), shown), idColumn(shown)...) {
		t.Columns = append(t.Columns, shown.Columns[c])
		for i, row := range shown.Rows {
			t.Rows[i] = append(t.Rows[i], row[c])
		}
	}
	b.show(t)
	return nil
}

// idColumn returns the column of ids, if there is one.
func idColumn(t *store.Table) []int {
	for i, name := range t.Columns {
		if name == "id" {
			return []int{i}
		}
	}
	return nil
}

// rootOf returns the operation that the rows of a variable come from, below those
// that only choose among rows, and the statement that has it; nil if a variable
// on the way is not known.
func rootOf(o *origin) (plan.Node, *origin) {
	n := o.value
	for {
		switch m := n.(type) {
		case *plan.Variable:
			if o = o.inputs[m.Name]; o == nil {
				return nil, nil
			}
			n = o.value
		case *plan.Filter, *plan.Within, *plan.Limit, *plan.Sort, *plan.Project, *plan.Transform:
			n = m.Inputs()[0]
		default:
			return n, o
		}
	}
}
