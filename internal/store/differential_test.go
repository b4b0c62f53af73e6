// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

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
		st := store.Open(store.Options{})
		defer func() {
			if err := st.Close(); err != nil {
				rt.Fatal(err)
			}
		}()
		w, vars := worldOf(rt, t, st)
		for range 4 {
			p := oracle.RandomPlan(rt, vars, 3)
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

// bound returns the variable that a plan's rows are bound to.
func bound(rt *rapid.T, t *testing.T, st *store.Store, n plan.Node) *plan.Variable {
	id, err := st.Materialize(t.Context(), n)
	if err != nil {
		rt.Fatalf("Materialize(%s): %v", plan.String(n), err)
	}
	return &plan.Variable{Name: "bound", Entity: n.Type(), Snapshot: id}
}
