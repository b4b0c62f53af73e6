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

// Plan takes on conditions and a limit over the scan, whatever the connectors
// can do of it: what they leave is checked here, record by record. A profile of
// several that cannot be planned fails alone.
func (s *source) Plan(ctx context.Context, want plan.Node) (datasource.Task, plan.Node, error) {
	core, scan := coreOf(want)
	t := &task{limit: limitOf(core)}
	for i := range s.parts {
		r, err := s.parts[i].plan(ctx, core, scan)
		if err != nil {
			if ctx.Err() != nil {
				return nil, nil, err
			}
			r.failed = asFailure(s.parts[i].profile.Name, "plan", err)
		}
		t.runs = append(t.runs, r)
	}
	if err := t.allFailed(); err != nil {
		return nil, nil, err
	}
	return t, above(want, core, scan), nil
}

// plan asks one part what it takes on, and prepares to check the rest.
func (p *part) plan(ctx context.Context, core plan.Node, scan *plan.Scan) (*run, error) {
	r := &run{part: p}
	own := *scan
	own.Sources = []string{scheme + "://" + p.profile.Name}
	task, rest, err := p.source.Plan(ctx, replace(core, scan, &own))
	if err != nil {
		return r, err
	}
	r.task = task
	for rest != nil {
		switch n := rest.(type) {
		case *plan.Filter:
			m, err := match.Compile(n.Where, scan.Entity)
			if err != nil {
				return r, err
			}
			r.checks = append(r.checks, m)
			rest = n.Input
		case *plan.Limit:
			rest = n.Input
		case *plan.Scan:
			rest = nil
		default:
			return r, &datasource.Failure{Kind: datasource.Unknown, Reason: "the connector left an operation that it was not asked for"}
		}
	}
	return r, nil
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
