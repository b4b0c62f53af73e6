// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"testing"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// forest stores n processes in trees of a depth, each with its parent in a record
// of its own, and returns all.
func forest(b testing.TB, s *Store, n, depth int) *plan.Variable {
	b.Helper()
	p := s.Begin("forest", Question{Entity: "process"})
	process := func(i int) entity.Object {
		return entity.Object{Type: "process", Key: fmt.Sprint(i), Attrs: []entity.Attr{
			text("x_unique_id", fmt.Sprintf("u%d", i)), integer("pid", int64(i)), text("name", programs[i%10])}}
	}
	roots := n / depth
	var records []entity.Record
	for i := range n {
		r := record(fmt.Sprintf("observed-data--00000000-0000-4000-8000-%012d", i), i%60)
		r.Locator = entity.Locator{File: "forest.json", Offset: int64(i) * 500}
		r.Objects = []entity.Object{process(i)}
		if i >= roots {
			r.Objects = append(r.Objects, process(i-roots))
			r.Objects[0].Links = []entity.Link{{Name: "parent_ref", Target: 1}}
		}
		r.Raw = []byte(r.ID)
		entity.Identify(&r)
		records = append(records, r)
		if len(records) == 1000 || i == n-1 {
			if err := p.Add(b.Context(), batch(records, "process")); err != nil {
				b.Fatal(err)
			}
			records = records[:0]
		}
	}
	if err := p.Finish(b.Context()); err != nil {
		b.Fatal(err)
	}
	return answerOf(b, p, 0, "process")
}

// BenchmarkFind walks among a million processes in trees of depth 40, and counts
// what it finds.
func BenchmarkFind(b *testing.B) {
	s := openStore(b)
	all := forest(b, s, 1_000_000, 40)
	few := keep(b, s, where(b, all, "pid", stix.Less, "400"))
	roots := keep(b, s, where(b, all, "pid", stix.Less, "25000"))
	leaves := keep(b, s, where(b, all, "pid", stix.GreaterEqual, "975000"))
	cases := []struct {
		name string
		plan plan.Node
	}{
		{"children of 400", find(few, "process", "created by")},
		{"children of all", find(all, "process", "created by")},
		{"descendants of 400", hops(few, "process", "created by", 1<<40)},
		{"descendants of all roots", hops(roots, "process", "created by", 1<<40)},
		{"ancestors of all leaves", hops(leaves, "process", "created", 1<<40)},
		{"ancestors within 3 hops", hops(leaves, "process", "created", 3)},
		{"linked to 400", find(few, "process", "linked")},
	}
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			var found int64
			for b.Loop() {
				info, _ := s.Info(keep(b, s, c.plan).Snapshot)
				found = info.Rows
			}
			b.ReportMetric(float64(found), "found")
		})
	}
	b.Run("what a walk takes", func(b *testing.B) {
		f := hops(roots, "process", "created by", 1<<40)
		for b.Loop() {
			id, err := s.find(b.Context(), f)
			if err != nil {
				b.Fatal(err)
			}
			s.forget(b.Context(), []plan.SnapshotID{id})
		}
	})
}
