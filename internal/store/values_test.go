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
		w := oracle.RandomWorld(rt)
		st := store.Open(store.Options{})
		defer st.Close()
		typ := rapid.SampledFrom([]string{"process", "process", "file", "user-account", "network-traffic", "x-thing"}).Draw(rt, "type")
		n := oracle.RandomPlan(rt, keep(rt, t, st, w, typ), 1)
		if rapid.Bool().Draw(rt, "transformed") {
			n = &plan.Filter{
				Input: &plan.Transform{Input: n, Func: plan.Records},
				Where: oracle.RandomExpr(rt, typ, true, 1),
			}
		}
		paths := []stix.Path{{Steps: []stix.Step{{Name: "id"}}}}
		for range 4 {
			p := oracle.RandomPath(rt, typ, true)
			p.Type = ""
			paths = append(paths, p)
		}
		table, err := st.Table(t.Context(), &plan.Project{Input: n, Attrs: paths}, store.Export)
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
