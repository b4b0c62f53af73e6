// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package datasourcetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
)

// questions are a few plans over each type.
func (s *suite) questions() []plan.Node {
	var out []plan.Node
	for _, typ := range s.types {
		scan := s.scan(typ, s.all)
		out = append(out, scan, &plan.Limit{Input: scan, Count: 2, ByRecord: true})
		if where := s.is(typ); where != nil {
			out = append(out, &plan.Filter{Input: scan, Where: where})
		}
	}
	return out
}

// together holds that one pass answers several questions as it answers each.
func (s *suite) together(t *testing.T) {
	src, ok := s.open(t, nil).(datasource.Sharer)
	if !ok {
		t.Skip("the source answers one question at a time")
	}
	wants := s.questions()
	task, rests, err := src.PlanAll(t.Context(), wants)
	if err != nil || len(rests) != len(wants) {
		t.Fatalf("PlanAll leaves %d of %d plans, %v", len(rests), len(wants), err)
	}
	answers := s.collect(t.Context(), t, task, len(wants))
	for q, want := range wants {
		if rests[q] != nil {
			answers[q].hits = s.eval(t, rests[q], answers[q].hits)
		}
		s.compare(t, want, answers[q])
	}
	s.idle(t)
}

// completion asks in which records entities stand that are known.
func (s *suite) completion(t *testing.T) {
	src, ok := s.open(t, nil).(datasource.Completer)
	if !ok {
		t.Skip("the source is asked for further records as for others")
	}
	for _, typ := range s.types {
		held := s.held(typ, s.all)
		if len(held) == 0 {
			continue
		}
		wanted := datasource.Wanted{Entity: typ, Window: s.all}
		ids, pids := make(map[entity.ID]bool), make(map[int64]bool)
		for i := 0; i < len(held); i += 3 {
			o := s.object(held[i])
			if ids[o.ID] {
				continue
			}
			ids[o.ID] = true
			wanted.IDs = append(wanted.IDs, o.ID)
			if pid, ok := pidOf(o); ok && i == 0 {
				pids[pid] = true
				wanted.PIDs = append(wanted.PIDs, pid)
			}
		}
		task, err := src.Complete(t.Context(), wanted)
		if err != nil {
			t.Errorf("Complete %d %s: %v", len(ids), typ, err)
			continue
		}
		var want []hit
		for _, h := range held {
			o := s.object(h)
			if pid, ok := pidOf(o); ids[o.ID] || ok && pids[pid] {
				want = append(want, h)
			}
		}
		got := s.collect(t.Context(), t, task, 1)[0]
		if diff := cmp.Diff(want, got.hits, cmpopts.EquateEmpty()); diff != "" || got.err != nil {
			t.Errorf("Complete %d %s: %v (-held +got):\n%.3000s", len(ids), typ, got.err, diff)
		}
		s.idle(t)
	}
}

func (s *suite) object(h hit) *entity.Object { return &s.Records[h.Record].Objects[h.Object] }

// pidOf returns the id of a process.
func pidOf(o *entity.Object) (int64, bool) {
	if v := o.Attr("pid"); o.Type == "process" && v.Kind() == entity.Int {
		return v.Int(), true
	}
	return 0, false
}

// atOnce holds that tasks of one source do not disturb each other.
func (s *suite) atOnce(t *testing.T) {
	src := s.open(t, nil)
	wants := s.questions()
	answers, rests := make([]answer, len(wants)), make([]plan.Node, len(wants))
	var running sync.WaitGroup
	for i, want := range wants {
		running.Go(func() {
			task, rest, err := src.Plan(t.Context(), want)
			if err != nil {
				answers[i].err = err
				return
			}
			rests[i] = rest
			answers[i] = s.collect(t.Context(), t, task, 1)[0]
		})
	}
	running.Wait()
	for i, want := range wants {
		if rests[i] != nil {
			answers[i].hits = s.eval(t, rests[i], answers[i].hits)
		}
		s.compare(t, want, answers[i])
	}
	s.idle(t)
}

// cancel ends tasks before and while they run; the source goes on to answer.
func (s *suite) cancel(t *testing.T) {
	src := s.open(t, nil)
	want := s.scan(s.commonest(), s.all)
	planned := func() datasource.Task {
		task, _, err := src.Plan(t.Context(), want)
		if err != nil {
			t.Fatal(err)
		}
		return task
	}
	expired, stop := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer stop()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, ctx := range []context.Context{canceled, expired} {
		if a := s.collect(ctx, t, planned(), 1)[0]; !errors.Is(a.err, ctx.Err()) {
			t.Errorf("a run after the end of its context: error %v, want %v", a.err, ctx.Err())
		}
		s.idle(t)
		if _, _, err := src.Plan(ctx, want); err != nil && !errors.Is(err, ctx.Err()) {
			t.Errorf("Plan after the end of its context: error %v", err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for _, err := range planned().Run(ctx, nil) {
		cancel()
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("a run canceled in the middle: error %v", err)
		}
	}
	s.idle(t)
	task := planned()
	for _, err := range task.Run(t.Context(), nil) {
		if err != nil {
			t.Errorf("%s%v", plan.String(want), err)
		}
		break
	}
	s.idle(t)
	s.counted(t, task.Counts(), matched(task.Counts()))
	s.check(t, src, want)
}

func matched(counts []datasource.Count) (n int64) {
	for _, c := range counts {
		n += c.Matched
	}
	return n
}

// commonest returns the type in most records.
func (s *suite) commonest() (typ string) {
	most := 0
	for _, candidate := range s.types {
		if n := len(s.held(candidate, s.all)); n > most {
			typ, most = candidate, n
		}
	}
	return typ
}

// stamp holds that content which did not change has one stamp.
func (s *suite) stamp(t *testing.T) {
	src := s.open(t, nil)
	for _, want := range s.questions() {
		var stamps [2]string
		for i := range stamps {
			task, _, err := src.Plan(t.Context(), want)
			if err != nil {
				t.Fatal(err)
			}
			if stamps[i], err = task.Stamp(t.Context()); err != nil {
				t.Fatalf("%sStamp: %v", plan.String(want), err)
			}
		}
		if stamps[0] != stamps[1] {
			t.Errorf("%sthe stamp is %q, then %q", plan.String(want), stamps[0], stamps[1])
		}
	}
	s.idle(t)
}

// offline holds that plans, and the queries in them, can be seen without asking
// a server.
func (s *suite) offline(t *testing.T) {
	src := s.open(t, func(env *datasource.Env) {
		env.Offline = true
		env.Dial = noDial(t)
	})
	for _, want := range s.questions() {
		task, _, err := src.Plan(t.Context(), want)
		if err != nil {
			t.Errorf("%s%v", plan.String(want), err)
			continue
		}
		queries := task.Native()
		if len(queries) == 0 {
			t.Errorf("%shas no native query", plan.String(want))
		}
		for _, q := range queries {
			if q.Source == "" || q.Language == "" || q.Text == "" {
				t.Errorf("%shas the native query %+v", plan.String(want), q)
			}
		}
		s.secrets(t, task, nil)
	}
	s.idle(t)
}
