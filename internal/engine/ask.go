// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"strings"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/match"
	"github.com/kestrelhunt/kestrel/plan"
)

// work is a task of one driver with what is left to do for its records.
type work struct {
	uris   []string
	driver string // its name for people
	task   datasource.Task
	rest   plan.Node        // what the source left of the first question
	left   []*match.Matcher // by question; nil: the source found the hits itself
	shared bool             // it answers all questions, not the first alone
}

// inquiry returns what the source is asked for the first question.
func (w work) inquiry() *inquiry { return inquiryOf(w.uris, w.driver, w.task, w.rest) }

// plan asks the drivers of the questions' source, which is the same for all,
// what they take on. Each run of sources with one scheme makes one task.
func (b *block) plan(ctx context.Context, qs []question) ([]work, error) {
	var out []work
	uris := qs[0].scan.Sources
	for start := 0; start < len(uris); {
		scheme := schemeOf(uris[start])
		end := start + 1
		for end < len(uris) && schemeOf(uris[end]) == scheme {
			end++
		}
		src, err := b.open(ctx, uris[start:end])
		if err != nil {
			return nil, err
		}
		all := start == 0 && end == len(uris)
		w, err := planTask(ctx, src, wantsOf(qs, uris[start:end]), all)
		if err != nil {
			return nil, err
		}
		w.uris, w.driver = uris[start:end], b.driverName(scheme)
		out = append(out, w)
		start = end
	}
	return out, nil
}

func schemeOf(uri string) string {
	scheme, _, _ := strings.Cut(uri, "://")
	return scheme
}

// wantsOf returns the questions as plans over some of their sources.
func wantsOf(qs []question, uris []string) []plan.Node {
	out := make([]plan.Node, len(qs))
	for i, q := range qs {
		out[i], _ = plan.Map(q.full(), func(n plan.Node) (plan.Node, error) { // never fails
			s, ok := n.(*plan.Scan)
			if !ok {
				return n, nil
			}
			part := *s
			part.Sources = uris
			return &part, nil
		})
	}
	return out
}

// planTask lets a source take on the questions: all of them in one pass if it
// can and is the only source, else the first.
func planTask(ctx context.Context, src datasource.Source, wants []plan.Node, alone bool) (work, error) {
	if sharer, ok := src.(datasource.Sharer); ok && alone && len(wants) > 1 {
		task, rests, err := sharer.PlanAll(ctx, wants)
		if err != nil {
			return work{}, err
		}
		return finish(task, rests, true)
	}
	task, rest, err := src.Plan(ctx, wants[0])
	if err != nil {
		return work{}, err
	}
	return finish(task, []plan.Node{rest}, len(wants) == 1)
}

// finish compiles what the source left.
func finish(task datasource.Task, rests []plan.Node, shared bool) (work, error) {
	w := work{task: task, rest: rests[0], shared: shared, left: make([]*match.Matcher, len(rests))}
	for i, rest := range rests {
		where := conditionOf(rest)
		if where == nil {
			continue
		}
		m, err := match.Compile(where, rest.Type())
		if err != nil {
			return work{}, err
		}
		w.left[i] = m
	}
	return w, nil
}

// recheck finds the hits that a source could not find itself.
func (w work) recheck(b *entity.Batch) {
	for q, m := range w.left {
		if m == nil {
			continue
		}
		var hits []entity.Hit
		var found []int
		for r := range b.Records {
			found = m.Match(&b.Records[r], found[:0])
			for _, o := range found {
				hits = append(hits, entity.Hit{Record: r, Object: o})
			}
		}
		b.Hits[q] = hits
	}
}
