// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stixbundle

import (
	"context"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/match"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// A source is a list of places.
type source struct {
	env    datasource.Env
	places []place
	access access

	index    chan *index // holds one, nil before the first; taken out while one is made
	maxIndex int64       // bytes
	told     told
}

var (
	_ datasource.Sharer    = (*source)(nil)
	_ datasource.Completer = (*source)(nil)
	_ datasource.Keeper    = (*source)(nil)
)

func newSource(env datasource.Env, places ...place) *source {
	s := &source{env: env, places: places, index: make(chan *index, 1), maxIndex: maxIndex}
	s.index <- nil
	return s
}

// Keep reports true: what a source is follows from its URIs.
func (s *source) Keep() bool { return true }

// Close forgets what was kept for Complete. The source can still be asked.
func (s *source) Close() error {
	<-s.index
	s.index <- nil
	return nil
}

// Plan takes on conditions and a limit of records over the scan; other
// operations are left. The error is a diag.Diagnostic for a condition that
// cannot be compiled.
func (s *source) Plan(ctx context.Context, want plan.Node) (datasource.Task, plan.Node, error) {
	task, rests, err := s.PlanAll(ctx, []plan.Node{want})
	if err != nil {
		return nil, nil, err
	}
	return task, rests[0], nil
}

// PlanAll is Plan for several questions, which one pass answers.
func (s *source) PlanAll(_ context.Context, wants []plan.Node) (datasource.Task, []plan.Node, error) {
	t := newTask(s)
	rests := make([]plan.Node, len(wants))
	for i, want := range wants {
		taken, rest := take(want)
		m, err := match.Compile(taken.where, taken.scan.Entity)
		if err != nil {
			return nil, nil, err
		}
		t.questions = append(t.questions, question{taken: taken, matcher: m})
		t.needIDs = t.needIDs || m.NeedsIDs()
		rests[i] = rest
	}
	return t, rests, nil
}

// A taken is the part of a plan that the source takes on.
type taken struct {
	scan  *plan.Scan
	where stix.Expr // nil: all
	limit int64     // records; negative: all
}

// take splits a plan over one scan into what the source takes on and what is
// left, nil for nothing.
func take(n plan.Node) (taken, plan.Node) {
	if scan, ok := n.(*plan.Scan); ok {
		return taken{scan: scan, limit: -1}, nil
	}
	input := n.Inputs()[0]
	t, rest := take(input)
	if rest == nil && t.limit < 0 && t.add(n) {
		return t, nil
	}
	if rest == nil {
		rest = t.scan
	}
	left, _ := plan.Map(n, func(in plan.Node) (plan.Node, error) { // cannot fail
		if in == input {
			return rest, nil
		}
		return in, nil
	})
	return t, left
}

// add takes on the operation of n, and reports whether it can.
func (t *taken) add(n plan.Node) bool {
	if f, ok := n.(*plan.Filter); ok {
		t.where = conjunction(t.where, f.Where)
		return true
	}
	if l, ok := n.(*plan.Limit); ok && l.ByRecord && l.Offset == 0 {
		t.limit = l.Count
		return true
	}
	return false
}

func conjunction(x, y stix.Expr) stix.Expr {
	if x == nil {
		return y
	}
	return &stix.Logic{Op: stix.And, X: x, Y: y}
}

// A question is what one plan asks.
type question struct {
	taken
	matcher *match.Matcher
}

// hits appends the objects of rec that answer the question.
func (q *question) hits(rec *entity.Record, dst []int) []int {
	w := q.scan.Window
	if !match.Overlaps(rec, w.Start, w.Stop) {
		return dst
	}
	return q.matcher.Match(rec, dst)
}

// text writes the question as a STIX pattern.
func (q *question) text() string {
	inside := q.scan.Entity + ":id IS NOT NULL"
	if q.where != nil {
		inside = stix.ExprString(q.where, "")
	}
	return "[" + inside + "]" + q.scan.Window.String()
}
