// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/match"
	"github.com/kestrelhunt/kestrel/internal/store"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// An ask makes a task that yields candidates for a completion: one of what a
// source is asked, one after another. It may be called several times.
type ask func(context.Context) (work, error)

// chunkValues is how many values a source is asked for at a time: more make
// queries that products refuse.
const chunkValues = 500

// asks returns what the sources are asked: a completer once for all entities,
// another source for the identifying values, some at a time.
func (c *completion) asks(ctx context.Context) ([]ask, error) {
	var out []ask
	for start := 0; start < len(c.uris); {
		end := start + 1
		for end < len(c.uris) && schemeOf(c.uris[end]) == schemeOf(c.uris[start]) {
			end++
		}
		uris := c.uris[start:end]
		start = end
		src, err := c.open(ctx, uris)
		if err != nil {
			return nil, err
		}
		if completer, ok := src.(datasource.Completer); ok {
			out = append(out, c.askAll(completer))
			continue
		}
		if c.identifying == nil {
			if c.identifying, err = c.cfg.Store.Identifying(ctx, c.found); err != nil {
				return nil, err
			}
		}
		for _, i := range c.identifying {
			for values := range slices.Chunk(i.Values, chunkValues) {
				out = append(out, c.askSome(src, uris, i.Attr, values))
			}
		}
	}
	return out, nil
}

// askAll asks a source that knows where entities stand.
func (c *completion) askAll(src datasource.Completer) ask {
	want := datasource.Wanted{Entity: c.entity, IDs: c.ids, Window: c.window}
	seen := make(map[int64]bool)
	for i := range c.own {
		if pid := c.own[i].PID; !seen[pid] {
			seen[pid] = true
			want.PIDs = append(want.PIDs, pid)
		}
	}
	return func(ctx context.Context) (work, error) {
		task, err := src.Complete(ctx, want)
		return work{task: task, left: make([]*match.Matcher, 1)}, err
	}
}

// askSome asks a source for the entities with some values of an attribute.
func (c *completion) askSome(src datasource.Source, uris []string, attr stix.Path, values []entity.Value) ask {
	attr.Type = c.entity
	is := &stix.Comparison{Path: attr, Op: stix.Equal, Mode: stix.Mode{Coerce: true}, At: c.at}
	items := make([]stix.Operand, len(values))
	for i, v := range values {
		items[i] = stix.LiteralOf(v, c.at)
	}
	is.Value = items[0]
	if len(items) > 1 {
		is.Op, is.Value = stix.In, &stix.List{Items: items, At: c.at}
	}
	scan := &plan.Scan{Sources: uris, Entity: c.entity, Window: c.window, At: c.at}
	want := &plan.Filter{Input: scan, Where: is, At: c.at}
	return func(ctx context.Context) (work, error) { return planTask(ctx, src, []plan.Node{want}, false) }
}

// run reads the further records into a pass. After the first ask that fails no
// more are made, and the pass holds what had come; it is nil if nothing can be
// kept. The stamp is that of the source, "" if it changed meanwhile.
func (c *completion) run(ctx context.Context) (*store.Pass, string, error) {
	asks, err := c.asks(ctx)
	if err != nil {
		return nil, "", err
	}
	before, err := stamps(ctx, asks)
	if err != nil {
		return nil, "", err
	}
	pass := c.cfg.Store.Begin(c.source, store.Question{Entity: c.entity, Step: c.step, Completes: true})
	defer pass.Abort()
	var failed error
	for _, a := range asks {
		if failed = c.answer(ctx, a, pass); failed != nil {
			break
		}
	}
	if err := pass.Finish(ctx); err != nil {
		return nil, "", err
	}
	if failed != nil {
		return pass, "", failed
	}
	if after, err := stamps(ctx, asks); err != nil || after != before {
		return pass, "", nil // what was read stands, and is not used again
	}
	return pass, before, nil
}

// stamps returns the state of what is asked; "" if a source cannot say.
func stamps(ctx context.Context, asks []ask) (string, error) {
	var all []string
	for _, a := range asks {
		w, err := a(ctx)
		if err != nil {
			return "", err
		}
		s, err := w.task.Stamp(ctx)
		if err != nil || s == "" {
			return "", err
		}
		all = append(all, s)
	}
	return strings.Join(slices.Compact(all), "\n"), nil
}

// holds reports whether what was brought before is what the source would bring
// now. Within the block that read it, it is.
func (c *completion) holds(ctx context.Context, done completed) bool {
	if done.block == c.block {
		return true
	}
	asks, err := c.asks(ctx)
	if err != nil {
		return false
	}
	stamp, err := stamps(ctx, asks)
	return err == nil && stamp != "" && stamp == done.stamp
}

// answer adds to the pass what an ask yields and is wanted. What processes
// without unique id belong to can be told only when all candidates are known, so
// they are read before any is added; if they are too many to be held meanwhile,
// they are read twice.
func (c *completion) answer(ctx context.Context, a ask, pass *store.Pass) error {
	wanted := func(r *entity.Record, i int) bool { return c.wanted[r.Objects[i].ID] }
	if len(c.own) == 0 {
		return c.stream(ctx, a, func(b *entity.Batch) error { return pass.Add(ctx, pick(b, wanted)) })
	}
	s := survey{kept: entity.Batch{Hits: make([][]entity.Hit, 1)}}
	failed := c.stream(ctx, a, func(b *entity.Batch) error {
		s.add(c, b)
		return nil
	})
	set := c.cfg.Completion.Process.Belonging(c.own, s.sightings)
	belongs := func(r *entity.Record, i int) bool {
		seen, ok := c.sighting(r, i)
		return wanted(r, i) || ok && set.Has(seen)
	}
	switch {
	case !s.full:
		if err := pass.Add(ctx, pick(&s.kept, belongs)); err != nil {
			return err
		}
		return failed
	case failed != nil:
		return failed
	}
	return c.stream(ctx, a, func(b *entity.Batch) error { return pass.Add(ctx, pick(b, belongs)) })
}

// stream calls yield with the candidates that an ask yields.
func (c *completion) stream(ctx context.Context, a ask, yield func(*entity.Batch) error) error {
	w, err := a(ctx)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer func() { c.account(c.at, w.task.Counts()) }()
	for batch, err := range w.task.Run(ctx, c.progress) {
		if err != nil {
			return err
		}
		w.recheck(batch)
		if err := yield(batch); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// pick returns the records of b with hits that are wanted, with these.
func pick(b *entity.Batch, wanted func(*entity.Record, int) bool) *entity.Batch {
	out := &entity.Batch{Hits: make([][]entity.Hit, 1)}
	last := -1
	for _, h := range b.Hits[0] {
		if !wanted(&b.Records[h.Record], h.Object) {
			continue
		}
		if h.Record != last {
			last = h.Record
			out.Records = append(out.Records, b.Records[h.Record])
		}
		out.Hits[0] = append(out.Hits[0], entity.Hit{Record: len(out.Records) - 1, Object: h.Object})
	}
	return out
}

// A survey is what is known of candidates before it is clear which are wanted.
type survey struct {
	sightings []entity.Sighting
	kept      entity.Batch
	bytes     int
	full      bool // there were too many to keep
}

// surveyBytes is how much of the candidates' text a survey keeps.
const surveyBytes = 32 << 20

func (s *survey) add(c *completion, b *entity.Batch) {
	last := -1
	for _, h := range b.Hits[0] {
		r := &b.Records[h.Record]
		if seen, ok := c.sighting(r, h.Object); ok {
			s.sightings = append(s.sightings, seen)
		}
		switch {
		case s.full:
			continue
		case h.Record != last:
			last = h.Record
			s.keep(r)
		}
		if !s.full {
			s.kept.Hits[0] = append(s.kept.Hits[0], entity.Hit{Record: len(s.kept.Records) - 1, Object: h.Object})
		}
	}
}

// keep copies a record, unless there are too many.
func (s *survey) keep(r *entity.Record) {
	if s.bytes += r.Size(); s.bytes > surveyBytes {
		s.full, s.kept = true, entity.Batch{}
		return
	}
	s.kept.Records = append(s.kept.Records, r.Clone())
}

// sighting returns what a record of the completion's source says about object i,
// a process; false if it does not say its process id.
func (c *completion) sighting(r *entity.Record, i int) (entity.Sighting, bool) {
	s, ok := r.Sighting(i)
	s.Source = c.source
	return s, ok
}
