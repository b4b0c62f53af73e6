// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/oracle"
	"github.com/kestrelhunt/kestrel/internal/store"
	"github.com/kestrelhunt/kestrel/plan"
)

// TestSharedPassIsInvisible answers three questions of steps 1 to 3, in one pass
// for the first and the last of them, or each in its own, completes each answer
// in its step, and compares all that the steps can see.
func TestSharedPassIsInvisible(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := oracle.RandomWorld(rt)
		types := make([]string, 3)
		hits := make([][]entity.Hit, 6) // of the questions, then of their completions
		for q := range types {
			types[q] = rapid.SampledFrom([]string{"process", "file", "network-traffic"}).Draw(rt, "type")
			for i, rec := range w.Records {
				for j, o := range rec.Objects {
					for _, to := range []int{q, q + 3} {
						if o.Type == types[q] && rapid.Bool().Draw(rt, "hit") {
							hits[to] = append(hits[to], entity.Hit{Record: i, Object: j})
						}
					}
				}
			}
		}
		s := sharing{rt: rt, t: t, records: w.Records, types: types, hits: hits}
		want, got := s.run(false), s.run(true)
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatalf("(-separate +shared):\n%s", diff)
		}
	})
}

type sharing struct {
	rt      *rapid.T
	t       *testing.T
	records []entity.Record
	types   []string
	hits    [][]entity.Hit
}

// run answers the questions and returns what each step sees.
func (s *sharing) run(shared bool) []string {
	st := store.Open(store.Options{})
	defer st.Close()
	var seen []string
	var vars []*plan.Variable
	var both *store.Pass
	for q := range s.types {
		st.Advance(int64(q + 1))
		var pass *store.Pass
		index := 0
		switch {
		case shared && q == 0:
			both = s.ask(st, 0, 2)
			pass = both
		case shared && q == 2:
			pass, index = both, 1
		default:
			pass = s.ask(st, q)
		}
		id, err := pass.Snapshot(s.t.Context(), index)
		s.must(err)
		first, last, err := st.Observed(s.t.Context(), id)
		s.must(err)
		seen = append(seen, fmt.Sprintln("observed", first, last))
		id, err = st.Complete(s.t.Context(), id, s.ask(st, q+3), 0)
		s.must(err)
		id, err = st.Similar(s.t.Context(), id, entity.DefaultSimilarity())
		s.must(err)
		vars = append(vars, &plan.Variable{Name: fmt.Sprint("v", q), Entity: s.types[q], Snapshot: id})
		seen = append(seen, s.look(st, vars))
	}
	return seen
}

// ask stores the records that answer some questions, in one pass.
func (s *sharing) ask(st *store.Store, questions ...int) *store.Pass {
	var qs []store.Question
	b := &entity.Batch{}
	answers := make(map[int]int)
	for i := range s.records {
		for _, q := range questions {
			for _, h := range s.hits[q] {
				if _, ok := answers[i]; h.Record == i && !ok {
					answers[i] = len(b.Records)
					b.Records = append(b.Records, s.records[i])
				}
			}
		}
	}
	for _, q := range questions {
		qs = append(qs, store.Question{Entity: s.types[q%3], Step: int64(q%3 + 1), Completes: q >= 3})
		var hits []entity.Hit
		for _, h := range s.hits[q] {
			hits = append(hits, entity.Hit{Record: answers[h.Record], Object: h.Object})
		}
		b.Hits = append(b.Hits, hits)
	}
	pass := st.Begin("source", qs...)
	defer pass.Abort()
	s.must(pass.Add(s.t.Context(), b))
	s.must(pass.Finish(s.t.Context()))
	return pass
}

// look describes all that the variables show.
func (s *sharing) look(st *store.Store, vars []*plan.Variable) string {
	ctx := s.t.Context()
	out := fmt.Sprintln("types", st.Types())
	for _, v := range vars {
		info, _ := st.Info(v.Snapshot)
		related, err := st.Related(ctx, v.Snapshot)
		s.must(err)
		out += fmt.Sprintln(v.Name, info, related)
		table, err := st.Table(ctx, v, store.Export)
		s.must(err)
		out += fmt.Sprintln(table.Columns)
		for _, row := range table.Rows {
			out += fmt.Sprintln(row)
		}
		id, err := st.Materialize(ctx, &plan.Transform{Input: v, Func: plan.Records})
		s.must(err)
		pairs, _ := st.Info(id)
		out += fmt.Sprintln("pairs", pairs.Rows, pairs.Records)
	}
	return out + s.find(st, vars[0])
}

// find describes what FIND reaches from a variable.
func (s *sharing) find(st *store.Store, v *plan.Variable) string {
	out := ""
	finds := []plan.Find{{Entity: "file", Relation: "linked", Hops: 1}}
	if v.Entity == "process" {
		finds = append(finds, plan.Find{Entity: "process", Relation: "created", Hops: 3})
	}
	for _, f := range finds {
		f.Input = v
		id, err := st.Materialize(s.t.Context(), &plan.Limit{Input: &f, Count: 2, ByRecord: true})
		s.must(err)
		related, err := st.Related(s.t.Context(), id)
		s.must(err)
		table, err := st.Table(s.t.Context(), &plan.Variable{Entity: f.Entity, Snapshot: id}, store.Export)
		s.must(err)
		out += fmt.Sprintln(plan.Line(&f), related, table.Rows)
	}
	return out
}

func (s *sharing) must(err error) {
	if err != nil {
		s.rt.Fatal(err)
	}
}
