// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/oracle"
	"github.com/kestrelhunt/kestrel/internal/rewrite"
	"github.com/kestrelhunt/kestrel/internal/store"
	"github.com/kestrelhunt/kestrel/plan"
)

// TestStoreAgreesWithOracle runs random plans over random records through the
// store, as they are and rewritten, and compares entities and their order with
// what the oracle says.
func TestStoreAgreesWithOracle(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := oracle.RandomWorld(rt)
		st := store.Open(store.Options{})
		defer func() {
			if err := st.Close(); err != nil {
				rt.Fatal(err)
			}
		}()
		typ := rapid.SampledFrom([]string{"process", "process", "network-traffic", "x-thing"}).Draw(rt, "type")
		v := keep(rt, t, st, w, typ)
		for range 4 {
			p := oracle.RandomPlan(rt, v, 3)
			rows, err := w.Eval(p)
			if err != nil {
				rt.Fatalf("Eval(%s): %v", plan.String(p), err)
			}
			want := make([]string, 0, len(rows))
			for _, r := range rows {
				want = append(want, r.Entity.String())
			}
			for name, q := range map[string]plan.Node{"as it is": p, "rewritten": rewrite.Apply(p)} {
				if diff := cmp.Diff(want, ids(rt, t, st, q)); diff != "" {
					rt.Fatalf("%s: %s(-oracle +store):\n%s", name, plan.String(q), diff)
				}
			}
		}
	})
}

// keep stores the records of w and returns all entities of a type as a variable
// of both.
func keep(rt *rapid.T, t *testing.T, st *store.Store, w *oracle.World, typ string) *plan.Variable {
	pass := st.Begin("random", store.Question{Entity: typ, MaxRecords: -1})
	defer pass.Abort()
	batch := &entity.Batch{Records: w.Records, Hits: make([][]entity.Hit, 1)}
	for i, rec := range w.Records {
		for j, o := range rec.Objects {
			if o.Type == typ {
				batch.Hits[0] = append(batch.Hits[0], entity.Hit{Record: i, Object: j})
			}
		}
	}
	if err := pass.Add(t.Context(), batch); err != nil {
		rt.Fatal(err)
	}
	if err := pass.Finish(t.Context()); err != nil {
		rt.Fatal(err)
	}
	id, err := pass.Snapshot(t.Context(), 0)
	if err != nil {
		rt.Fatal(err)
	}
	rows, err := w.Eval(&plan.Scan{Entity: typ})
	if err != nil {
		rt.Fatal(err)
	}
	w.Snapshots[id] = rows
	return &plan.Variable{Name: "v", Entity: typ, Snapshot: id}
}

// ids returns the ids of a plan's rows in order.
func ids(rt *rapid.T, t *testing.T, st *store.Store, p plan.Node) []string {
	table, err := st.Table(t.Context(), p, store.Export)
	if err != nil {
		rt.Fatalf("Table(%s): %v", plan.String(p), err)
	}
	col := slices.Index(table.Columns, "id")
	if col < 0 {
		if len(table.Rows) > 0 {
			rt.Fatalf("Table(%s): no column id in %v", plan.String(p), table.Columns)
		}
		return []string{}
	}
	out := make([]string, 0, len(table.Rows))
	for _, row := range table.Rows {
		out = append(out, row[col].String())
	}
	return out
}
