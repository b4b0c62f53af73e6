// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/duck"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

func TestHitsAndLimits(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	records := []entity.Record{
		record("a", 1, "ipv4-addr value=1", "ipv4-addr value=2"),
		record("b", 2, "ipv4-addr value=2"),
		record("c", 3, "ipv4-addr value=3", "ipv4-addr value=1"),
		record("d", 4, "url value=u"),
	}
	p := s.Begin("test", Question{Entity: "ipv4-addr", MaxRecords: 2}, Question{Entity: "ipv4-addr"})
	if err := p.Add(t.Context(), batch(records, "ipv4-addr", "ipv4-addr")); err != nil {
		t.Fatal(err)
	}
	if p.Full() {
		t.Error("full although one question has no bound")
	}
	if err := p.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	equal(t, "two records", []string{"1", "2"}, rows(t, s, answerOf(t, p, 0, "ipv4-addr"), "value"))
	all := answerOf(t, p, 1, "ipv4-addr")
	equal(t, "all", []string{"1", "2", "3"}, rows(t, s, all, "value"))
	limit := func(in plan.Node, n int64) []string {
		return rows(t, s, keep(t, s, &plan.Limit{Input: in, Count: n, ByRecord: true}), "value")
	}
	equal(t, "one record", []string{"1", "2"}, limit(all, 1))
	equal(t, "three records", []string{"1", "2", "3"}, limit(all, 3))
	equal(t, "one record of those with 3", []string{"3"}, limit(where(t, all, "value", stix.Equal, "3"), 1))
	equal(t, "two records of 2 and 3", []string{"2"}, limit(where(t, all, "value", stix.NotEqual, "1"), 2))

	for n, want := range map[int64][]string{0: {}, 1: {"1", "2"}, 2: {"1", "2"}, 3: {"1", "2", "3"}, 4: {"1", "2", "3"}} {
		first := firstOf(t, p, 1, n)
		equal(t, "the first records", want, rows(t, s, first, "value"))
		equal(t, "all of the first records", want, limit(first, 3))
		related, err := s.Related(t.Context(), first.Snapshot)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "(entity, record) pairs beside the entities", []int64{0, 0, 1, 2, 2}[n], related["ipv4-addr"])
	}
	equal(t, "the first of two records", []string{"2"}, limit(where(t, firstOf(t, p, 1, 2), "value", stix.NotEqual, "1"), 1))
	equal(t, "all after parts of them", []string{"1", "2", "3"}, rows(t, s, answerOf(t, p, 1, "ipv4-addr"), "value"))

	p = s.Begin("test", Question{Entity: "ipv4-addr", MaxRecords: 1})
	if err := p.Add(t.Context(), batch(records, "ipv4-addr")); err != nil {
		t.Fatal(err)
	}
	if !p.Full() {
		t.Error("not full")
	}
	p.Abort()
}

// firstOf returns the first records of an answer as a variable.
func firstOf(t *testing.T, p *Pass, q int, records int64) *plan.Variable {
	t.Helper()
	id, err := p.First(t.Context(), q, records)
	if err != nil {
		t.Fatal(err)
	}
	return &plan.Variable{Name: "v", Entity: "ipv4-addr", Snapshot: id}
}

func TestStepsSeeWhatTheyBrought(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	s.Advance(1)
	early := record("a", 1, "process x_unique_id=u name=one")
	late := record("b", 2, "process x_unique_id=u name=two x_more=1", "file name=f")
	p := s.Begin("test", Question{Entity: "process", Step: 1}, Question{Entity: "process", Step: 3})
	b := &entity.Batch{Records: []entity.Record{late, early}, Hits: [][]entity.Hit{{{Record: 1}}, {{Record: 0}, {Record: 1}}}}
	if err := p.Add(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if err := p.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	v := answerOf(t, p, 0, "process")
	info, _ := s.Info(v.Snapshot)
	equal(t, "records in step 1", 1, info.Records)
	equal(t, "name in step 1", []string{"one"}, rows(t, s, v, "name"))
	equal(t, "types in step 1", []string{"process"}, s.Types())
	direct, _ := s.Attributes(v.Snapshot)
	equal(t, "attributes in step 1", []Attribute{{"x_unique_id", entity.String}, {"name", entity.String}, {"id", entity.String}}, direct)
	related, err := s.Related(t.Context(), v.Snapshot)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "related in step 1", map[string]int64{"process": 0}, related)

	// Step 2 asks elsewhere, and is brought a record that only step 3 was to see.
	s.Advance(2)
	w := getAt(t, s, 2, "file", late)
	equal(t, "file in step 2", []string{"f"}, rows(t, s, w, "name"))
	equal(t, "name in step 2", []string{"two"}, rows(t, s, v, "name"))

	s.Advance(3)
	x := answerOf(t, p, 1, "process")
	info, _ = s.Info(x.Snapshot)
	equal(t, "records in step 3", 2, info.Records)
	direct, _ = s.Attributes(v.Snapshot)
	equal(t, "attributes in step 3", []Attribute{
		{"x_unique_id", entity.String}, {"name", entity.String}, {"id", entity.String}, {"x_more", entity.Int}}, direct)
}

func TestAbort(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	first := record("a", 1, "process x_unique_id=u name=one", "user-account user_id=x")
	v := get(t, s, "process", first)
	for range 2 {
		p := s.Begin("test", Question{Entity: "process"})
		b := batch([]entity.Record{
			first,
			record("b", 2, "process x_unique_id=u name=two x_new=1 parent_ref=>1", "process x_unique_id=w name=7", "file name=f"),
			record("c", 3, "process x_unique_id=u name=3", "user-account user_id=y display_name=z"),
		}, "process")
		if err := p.Add(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		p.Abort()
		p.Abort()
		equal(t, "types", []string{"process", "user-account"}, s.Types())
		direct, indirect := s.Attributes(v.Snapshot)
		equal(t, "attributes", []Attribute{{"x_unique_id", entity.String}, {"name", entity.String}, {"id", entity.String}}, direct)
		equal(t, "attributes behind references", nil, indirect)
		equal(t, "rows", []string{"one"}, rows(t, s, v, "name"))
	}
	w := get(t, s, "process", first, record("b", 2, "process x_unique_id=w name=7 x_new=1 parent_ref=>1", "process x_unique_id=u"))
	equal(t, "after all", []string{"one - -", `7 1 one`}, rows(t, s, w, "name", "x_new", "parent_ref.name"))
	info, _ := s.Info(w.Snapshot)
	equal(t, "records", 3, info.Records)
}

func TestFailedFinish(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	p := s.Begin("test", Question{Entity: "process"})
	if err := p.Add(t.Context(), batch([]entity.Record{record("a", 1, "process name=x")}, "process")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Finish(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Finish = %v, want canceled", err)
	}
	if _, err := p.Snapshot(t.Context(), 0); err == nil {
		t.Error("a failed pass has an answer")
	}
	equal(t, "types", nil, s.Types())
	equal(t, "rows", []string{"x"}, rows(t, s, get(t, s, "process", record("a", 1, "process name=x")), "name"))
}

func TestCanceledWhileAdding(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	records := newSimulation().records(5000)
	p := s.Begin("test", Question{Entity: "process"})
	ctx, cancel := context.WithCancel(t.Context())
	if err := p.Add(ctx, batch(records, "process")); err != nil {
		t.Fatal(err)
	}
	cancel()
	began := time.Now()
	if err := p.Add(ctx, batch(records, "process")); !errors.Is(err, context.Canceled) {
		t.Errorf("Add = %v, want canceled", err)
	}
	p.Abort()
	if d := time.Since(began); d > time.Second {
		t.Errorf("aborted after %v", d)
	}
	equal(t, "types", nil, s.Types())
	info, _ := s.Info(get(t, s, "process", records...).Snapshot)
	if info.Rows == 0 || info.Records < info.Rows {
		t.Errorf("info after all: %+v", info)
	}
}

// Several sessions of a program, and several callers of one, do not disturb each
// other.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	records := newSimulation().records(300)
	var wg sync.WaitGroup
	for range 3 {
		s := openStore(t)
		for worker := range 3 {
			wg.Go(func() {
				p := s.Begin("test", Question{Entity: "process"})
				defer p.Abort()
				if err := p.Add(t.Context(), batch(records, "process")); err != nil {
					t.Error(err)
					return
				}
				s.Types()
				s.TypeAttributes("process")
				if err := p.Finish(t.Context()); err != nil {
					t.Error(err)
					return
				}
				id, err := p.Snapshot(t.Context(), 0)
				if err != nil {
					t.Error(err)
					return
				}
				v := &plan.Variable{Entity: "process", Snapshot: id}
				got, err := s.Table(t.Context(), &plan.Limit{Input: v, Count: 5}, Display)
				if err != nil || len(got.Rows) != 5 {
					t.Errorf("worker %d: %d rows, %v", worker, len(got.Rows), err)
				}
			})
		}
	}
	wg.Wait()
}

func TestEmptyAnswers(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	v := get(t, s, "process")
	info, ok := s.Info(v.Snapshot)
	equal(t, "known", true, ok)
	equal(t, "info", Info{Type: "process", Source: "test"}, info)
	equal(t, "rows", []string{}, lines(t, s, v, Display))
	related, err := s.Related(t.Context(), v.Snapshot)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "related", map[string]int64{}, related)
	f := keep(t, s, &plan.Transform{Input: where(t, v, "x-oca-asset:hostname", stix.Equal, "h"), Func: plan.Records})
	equal(t, "rows", []string{}, lines(t, s, f, Export))
}

func TestOutOfMemory(t *testing.T) {
	t.Parallel()
	s := Open(Options{MemoryLimit: 24 << 20})
	defer s.Close()
	v := get(t, s, "process", record("a", 1, "process x_unique_id=u name=one"))
	sim := newSimulation()
	p := s.Begin("test", Question{Entity: "process"})
	var err error
	for range 60 {
		if err = p.Add(t.Context(), batch(sim.records(1000), "process")); err != nil {
			break
		}
	}
	if err == nil {
		err = p.Finish(t.Context())
	}
	p.Abort()
	if !errors.Is(err, duck.ErrOutOfMemory) {
		t.Fatalf("error = %v, want out of memory", err)
	}
	equal(t, "what was there before", []string{"one"}, rows(t, s, v, "name"))
	w := get(t, s, "process", record("b", 2, "process x_unique_id=w name=two"))
	equal(t, "and the store works on", []string{"two"}, rows(t, s, w, "name"))
}

func TestSpill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := Open(Options{MemoryLimit: 40 << 20, Spill: dir})
	small := get(t, s, "process", record("a", 1, "process x_unique_id=u name=one"))
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("a small session makes %v, %v", entries, err)
	}
	v := simulate(t, s, 60_000)
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("a large session makes %v, %v", entries, err)
	}
	equal(t, "rows", []string{"one"}, rows(t, s, small, "name"))
	equal(t, "rows", 10, len(rows(t, s, &plan.Limit{Input: v, Count: 10}, "id")))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}
