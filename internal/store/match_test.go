// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/match"
	"github.com/kestrelhunt/kestrel/internal/oracle"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// TestMatchAgreesWithOracle asks of single records what the store is asked of
// many: the matcher that readers of sources use must find what the oracle does.
func TestMatchAgreesWithOracle(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := oracle.RandomWorld(rt)
		typ := rapid.SampledFrom(worldTypes).Draw(rt, "type")
		where := oracle.RandomExpr(rt, typ, rapid.Bool().Draw(rt, "wide"), 3)
		m, err := match.Compile(where, typ)
		if err != nil {
			rt.Fatalf("Compile(%s): %v", stix.ExprString(where, typ), err)
		}
		for _, rec := range w.Records {
			if repeats(rec) {
				continue // the matcher asks objects; the store and the oracle, entities
			}
			one := &oracle.World{Records: []entity.Record{rec}}
			rows, err := one.Eval(&plan.Filter{Input: &plan.Scan{Entity: typ}, Where: where})
			if err != nil {
				rt.Fatal(err)
			}
			var want, got []string
			for _, r := range rows {
				want = append(want, r.Entity.String())
			}
			for _, i := range m.Match(&rec, nil) {
				got = append(got, rec.Objects[i].ID.String())
			}
			if diff := cmp.Diff(want, got); diff != "" {
				rt.Fatalf("%s(-oracle +matcher):\n%s", stix.ExprString(where, typ), diff)
			}
		}
	})
}

// repeats reports whether two objects of a record are one entity.
func repeats(rec entity.Record) bool {
	met := make(map[entity.ID]bool)
	for _, o := range rec.Objects {
		if met[o.ID] {
			return true
		}
		met[o.ID] = true
	}
	return false
}
