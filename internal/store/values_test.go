// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/oracle"
	"github.com/kestrelhunt/kestrel/internal/store"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// TestValuesAgreeWithOracle compares the values, of which kind they are, and the
// rows of transformed variables with what the oracle says.
func TestValuesAgreeWithOracle(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		st := store.Open(store.Options{})
		defer st.Close()
		w, vars := worldOf(rt, t, st)
		n, paths := oracle.RandomTable(rt, vars, rapid.IntRange(0, 2).Draw(rt, "depth"))
		q := n
		if rapid.Bool().Draw(rt, "bound") {
			q = bound(rt, t, st, q)
		}
		table, err := st.Table(t.Context(), &plan.Project{Input: q, Attrs: paths}, store.Export)
		if err != nil {
			rt.Fatalf("Table(%s): %v", plan.String(n), err)
		}
		rows, err := w.Eval(n)
		if err != nil {
			rt.Fatalf("Eval(%s): %v", plan.String(n), err)
		}
		var want, got []string
		for _, r := range rows {
			want = append(want, showValues(paths, func(p stix.Path) entity.Value {
				if vs := w.Values(r, p); len(vs) > 0 {
					return vs[0]
				}
				return entity.Value{}
			}))
		}
		for _, row := range table.Rows {
			got = append(got, showValues(paths, func(p stix.Path) entity.Value {
				return row[slices.Index(table.Columns, p.Attr())]
			}))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatalf("%s(-oracle +store):\n%s", plan.String(n), diff)
		}
	})
}

// showValues writes the values at paths with their kinds.
func showValues(paths []stix.Path, value func(stix.Path) entity.Value) string {
	var out string
	for _, p := range paths {
		v := value(p)
		out += fmt.Sprintf("%s=%v(%d) ", p.Attr(), v, v.Kind())
	}
	return out
}
