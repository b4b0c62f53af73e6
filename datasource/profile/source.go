// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/internal/match"
	"github.com/kestrelhunt/kestrel/plan"
)

// A source is one or more profiles, in order.
type source struct{ parts []part }

// A part is one profile with the source that its connector opened.
type part struct {
	profile datasource.Profile
	source  datasource.Source
	notes   []datasource.Note
	state   string
}

// Ping pings the source of the only profile.
func (s *source) Ping(ctx context.Context) (string, error) {
	var said []string
	for _, p := range s.parts {
		pinger, ok := p.source.(datasource.Pinger)
		if !ok {
			continue
		}
		text, err := pinger.Ping(ctx)
		if err != nil {
			return "", err
		}
		said = append(said, text)
	}
	return strings.Join(said, "; "), nil
}

// Close closes the sources of all parts that hold something open.
func (s *source) Close() error {
	var errs []error
	for _, p := range s.parts {
		if c, ok := p.source.(io.Closer); ok {
			errs = append(errs, c.Close())
		}
	}
	return errors.Join(errs...)
}

// able returns the source as one that can do what all its parts can do.
func (s *source) able() datasource.Source {
	shares, completes := true, true
	for _, p := range s.parts {
		_, sharer := p.source.(datasource.Sharer)
		_, completer := p.source.(datasource.Completer)
		shares, completes = shares && sharer, completes && completer
	}
	switch {
	case shares && completes:
		return &full{s}
	case shares:
		return &sharer{s}
	case completes:
		return &completer{s}
	}
	return s
}

// A sharer is a source of datasource.Sharers.
type sharer struct{ *source }

// PlanAll is Plan for several wants, each with its own limit over all profiles.
func (s *sharer) PlanAll(ctx context.Context, wants []plan.Node) (datasource.Task, []plan.Node, error) {
	return s.planAll(ctx, wants)
}

// A completer is a source of datasource.Completers.
type completer struct{ *source }

// Complete asks all profiles in order. One of several that cannot be asked fails
// alone.
func (s *completer) Complete(ctx context.Context, want datasource.Wanted) (datasource.Task, error) {
	return s.complete(ctx, want)
}

// A full source is a source of both.
type full struct{ *source }

// PlanAll is that of a sharer.
func (s *full) PlanAll(ctx context.Context, wants []plan.Node) (datasource.Task, []plan.Node, error) {
	return s.planAll(ctx, wants)
}

// Complete is that of a completer.
func (s *full) Complete(ctx context.Context, want datasource.Wanted) (datasource.Task, error) {
	return s.complete(ctx, want)
}

// Plan takes on conditions and a limit over the scan, whatever the connectors
// can do of it: what they leave is checked here, record by record. A profile of
// several that cannot be planned fails alone.
func (s *source) Plan(ctx context.Context, want plan.Node) (datasource.Task, plan.Node, error) {
	t, rests, err := s.planAll(ctx, []plan.Node{want})
	if err != nil {
		return nil, nil, err
	}
	return t, rests[0], nil
}

// A question is what this driver takes on of a plan: core, over its scan.
type question struct {
	core plan.Node
	scan *plan.Scan
}

func (s *source) planAll(ctx context.Context, wants []plan.Node) (datasource.Task, []plan.Node, error) {
	t := new(task)
	questions, rests := make([]question, len(wants)), make([]plan.Node, len(wants))
	for i, want := range wants {
		core, scan := coreOf(want)
		questions[i] = question{core, scan}
		rests[i] = above(want, core, scan)
		t.limits = append(t.limits, limitOf(core))
	}
	err := s.each(ctx, t, func(p *part) (*run, error) { return p.plan(ctx, questions) })
	if err != nil {
		return nil, nil, err
	}
	return t, rests, nil
}

func (s *source) complete(ctx context.Context, want datasource.Wanted) (datasource.Task, error) {
	t := &task{limits: []int64{-1}}
	err := s.each(ctx, t, func(p *part) (*run, error) {
		known := *p
		known.notes = nil // what was strange in the profile was said when it was planned
		r := &run{part: &known}
		var err error
		r.task, err = p.source.(datasource.Completer).Complete(ctx, want) //nolint:forcetypeassert // able has looked
		return r, err
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

// each asks one part after another for its run. The error is that of ctx, or says
// that all have failed.
func (s *source) each(ctx context.Context, t *task, ask func(*part) (*run, error)) error {
	for i := range s.parts {
		r, err := ask(&s.parts[i])
		if err != nil {
			if ctx.Err() != nil {
				return err
			}
			r.failed = asFailure(s.parts[i].profile.Name, "plan", err)
		}
		t.runs = append(t.runs, r)
	}
	return t.allFailed()
}

// plan asks one part what it takes on, and prepares to check the rest.
func (p *part) plan(ctx context.Context, questions []question) (*run, error) {
	r := &run{part: p}
	wants := make([]plan.Node, len(questions))
	for i, q := range questions {
		own := *q.scan
		own.Sources = []string{scheme + "://" + p.profile.Name}
		wants[i] = replace(q.core, q.scan, &own)
	}
	var rests []plan.Node
	var err error
	if sharer, ok := p.source.(datasource.Sharer); ok {
		r.task, rests, err = sharer.PlanAll(ctx, wants)
	} else {
		rests = make([]plan.Node, 1)
		r.task, rests[0], err = p.source.Plan(ctx, wants[0])
	}
	if err != nil {
		r.task = nil
		return r, err
	}
	for i, rest := range rests {
		checks, err := checksOf(rest, questions[i].scan.Entity)
		if err != nil {
			return r, err
		}
		r.checks = append(r.checks, checks)
	}
	return r, nil
}

// checksOf returns what is to be checked because a connector left it.
func checksOf(rest plan.Node, typ string) ([]*match.Matcher, error) {
	var checks []*match.Matcher
	for rest != nil {
		switch n := rest.(type) {
		case *plan.Filter:
			m, err := match.Compile(n.Where, typ)
			if err != nil {
				return nil, err
			}
			checks = append(checks, m)
			rest = n.Input
		case *plan.Limit:
			rest = n.Input
		case *plan.Scan:
			rest = nil
		default:
			return nil, &datasource.Failure{Kind: datasource.Unknown, Reason: "the connector left an operation that it was not asked for"}
		}
	}
	return checks, nil
}

// coreOf returns the lowest part of want that this driver takes on, a limit of
// records over conditions over a scan, and its scan.
func coreOf(want plan.Node) (core plan.Node, scan *plan.Scan) {
	var chain []plan.Node // from the scan up
	for n := want; ; n = n.Inputs()[0] {
		chain = append([]plan.Node{n}, chain...)
		if len(n.Inputs()) == 0 {
			break
		}
	}
	scan = chain[0].(*plan.Scan) // the contract of Source
	core = scan
	for _, n := range chain[1:] {
		if f, ok := n.(*plan.Filter); ok {
			core = f
			continue
		}
		if l, ok := n.(*plan.Limit); ok && l.ByRecord && l.Offset == 0 && l.Count >= 0 {
			core = l
		}
		break
	}
	return core, scan
}

// limitOf returns how many records may be yielded; negative: all.
func limitOf(core plan.Node) int64 {
	if l, ok := core.(*plan.Limit); ok {
		return l.Count
	}
	return -1
}

// above returns what is left of want when core is taken on; nil if nothing is.
func above(want, core plan.Node, scan *plan.Scan) plan.Node {
	if want == core {
		return nil
	}
	return replace(want, core, scan)
}

// replace returns n with one node of it replaced.
func replace(n, old, by plan.Node) plan.Node {
	out, _ := plan.Map(n, func(m plan.Node) (plan.Node, error) { // never fails
		if m == old {
			return by, nil
		}
		return m, nil
	})
	return out
}
