// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/duck"
	"github.com/kestrelhunt/kestrel/plan"
)

// A Question is what one step asks of a source.
type Question struct {
	Entity     string // the type of its hits
	Step       int64  // the step that asks; see Advance
	MaxRecords int64  // hits in later records are left out; 0 or less: no bound
	Completes  bool   // its hits are in further records of what is known; see Complete
}

// A Pass is one reading of a source that answers one question or several.
// Nothing of it is seen unless Finish succeeds. It holds the store until it is
// finished or aborted: what needs the database waits.
type Pass struct {
	s        *Store
	source   int32
	answers  []*answer
	mark     mark
	w        *writer
	appender appender
	moved    []move
	failed   error
	over     bool
}

// An answer collects the hits of one question.
type answer struct {
	Question
	number  int64 // of the question, in table brought
	source  string
	hits    *sink   // (ord, ent): every hit, with the number of its record
	ents    []int32 // each entity once, in order of first hits
	seen    bitset
	records int64 // with hits
	cursor  int   // in the hits of the current batch
	noted   bool  // the entities that it completed are in table completed
}

// A move gives a record a new number, because an earlier step sees it after all.
type move struct {
	key      contentKey
	old, new int64
}

// Begin starts a pass over a source, named as variables show it. Passes of a
// store do not overlap: Begin waits for the one before to be finished or
// aborted.
func (s *Store) Begin(source string, questions ...Question) *Pass {
	s.mu.Lock()
	p := &Pass{s: s}
	s.cat.Lock()
	defer s.cat.Unlock()
	p.mark = s.catalog.mark()
	p.source = s.catalog.sourceNumber(source)
	for _, q := range questions {
		s.questions++
		p.answers = append(p.answers, &answer{
			Question: q,
			number:   q.Step<<stepBits | s.questions,
			source:   source,
			hits:     newSink(fmt.Sprintf("h%d", s.questions), field{"ord", duck.Int64}, field{"ent", duck.Int32}),
		})
		s.catalog.lastStep = max(s.catalog.lastStep, q.Step)
	}
	return p
}

// Add stores the records of b, each version of a record (id and bytes) once in
// a session, and notes the hits: element q of b.Hits answers question q. It
// keeps nothing of b.
func (p *Pass) Add(ctx context.Context, b *entity.Batch) error {
	if p.over {
		return errors.New("store: add to a pass that is over")
	}
	if p.failed != nil {
		return p.failed
	}
	p.s.cat.Lock()
	defer p.s.cat.Unlock()
	if p.failed = p.start(ctx); p.failed != nil {
		return p.failed
	}
	for _, a := range p.answers {
		a.cursor = 0
	}
	for i := range b.Records {
		if p.failed = p.record(b, i); p.failed != nil {
			return p.failed
		}
	}
	switch {
	case p.w.failed():
		p.w.end()
		p.failed = p.w.err
	case ctx.Err() != nil:
		p.failed = ctx.Err()
	}
	return p.failed
}

// start begins to write, at the first batch.
func (p *Pass) start(ctx context.Context) error {
	if p.w != nil {
		return nil
	}
	db, err := p.s.start()
	if err != nil {
		return err
	}
	if p.w, err = startWriter(ctx, db); err != nil {
		return err
	}
	p.appender = appender{catalog: &p.s.catalog, w: p.w, source: p.source}
	return nil
}

// record stores record i of a batch, unless all its hits are too many.
func (p *Pass) record(b *entity.Batch, i int) error {
	step, ok := p.earliest(b, i)
	if !ok {
		for q, a := range p.answers {
			a.skip(b.Hits[q], i)
		}
		return nil
	}
	rec, err := p.keep(&b.Records[i], step)
	if err != nil {
		return err
	}
	for q, a := range p.answers {
		if !a.hit(b.Hits[q], i) {
			continue
		}
		if a.full() {
			a.skip(b.Hits[q], i)
			continue
		}
		p.brought(a, rec)
		for a.hit(b.Hits[q], i) {
			a.add(p.appender.ents[b.Hits[q][a.cursor].Object], p.w)
			a.cursor++
		}
		a.records++
	}
	return nil
}

// earliest returns the first step that sees record i: of those whose questions
// it has hits for, or if it has none at all, of all. It reports false if only
// questions are left that have had their records.
func (p *Pass) earliest(b *entity.Batch, i int) (step int64, ok bool) {
	step, hits := never, false
	for q, a := range p.answers {
		hit := a.hit(b.Hits[q], i)
		hits = hits || hit
		if hit && !a.full() {
			step = min(step, a.Step)
		}
	}
	if hits {
		return step, step != never
	}
	for _, a := range p.answers {
		if !a.full() {
			step = min(step, a.Step)
		}
	}
	return step, step != never
}

// keep returns the number of a record that a step brought, and stores the
// record unless that was done before. The entities of its objects are then in
// p.appender.ents.
func (p *Pass) keep(r *entity.Record, step int64) (int64, error) {
	hash := p.appender.hash(r)
	key := p.appender.recordKey(r, hash)
	c := &p.s.catalog
	if old, ok := c.known[key]; ok {
		if err := p.appender.entities(r, step); err != nil {
			return 0, err
		}
		if old>>stepBits <= step {
			return old, nil
		}
		rec := c.recordNumber(step)
		c.known[key] = rec
		p.moved = append(p.moved, move{key, old, rec})
		c.arrivals.disorder = true
		p.appender.lower(r, step)
		return rec, nil
	}
	rec := c.recordNumber(step)
	c.known[key] = rec
	return rec, p.appender.record(r, rec, hash, step)
}

// brought notes that a question brought a record, its next.
func (p *Pass) brought(a *answer, rec int64) {
	k := p.s.catalog.brought
	cols := k.begin(p.w)
	cols[0].Int(a.number)
	cols[1].Int(rec)
	cols[2].Int(a.records)
	k.end(p.w)
}

// Full reports whether every question has had its MaxRecords, so that reading
// may end.
func (p *Pass) Full() bool {
	return !slices.ContainsFunc(p.answers, func(a *answer) bool { return !a.full() })
}

// Finish completes the pass. After an error it is as if the pass had not been.
func (p *Pass) Finish(ctx context.Context) error {
	if p.over {
		return errors.New("store: finish a pass that is over")
	}
	p.s.cat.Lock()
	defer p.s.cat.Unlock()
	if err := p.finish(ctx); err != nil {
		p.undo()
		return err
	}
	p.end()
	return nil
}

func (p *Pass) finish(ctx context.Context) error {
	if p.failed == nil {
		p.failed = ctx.Err()
	}
	if p.w == nil || p.failed != nil {
		return p.failed
	}
	sinks := p.s.catalog.sinks()
	for _, a := range p.answers {
		sinks = append(sinks, a.hits)
	}
	if err := p.w.settle(ctx, sinks); err != nil {
		return err
	}
	if err := p.renumber(ctx); err != nil {
		return err
	}
	if err := p.order(ctx); err != nil {
		return err
	}
	if err := p.w.commit(ctx); err != nil {
		return err
	}
	return p.s.grown(ctx)
}

// renumber carries out the moves.
func (p *Pass) renumber(ctx context.Context) error {
	if len(p.moved) == 0 {
		return nil
	}
	var from, to []int64
	for _, m := range p.moved {
		from, to = append(from, m.old), append(to, m.new)
	}
	for _, k := range p.s.catalog.sinks() {
		i := slices.IndexFunc(k.fields, func(f field) bool { return f.name == "rec" })
		if i < 0 || !k.exists() {
			continue
		}
		err := p.s.db.Run(ctx, "UPDATE "+k.table+" SET rec = m.new FROM (SELECT unnest($1) AS old, unnest($2) AS new) m WHERE rec = m.old", from, to)
		if err != nil {
			return err
		}
	}
	return nil
}

// order sees to it that keys order the records.
func (p *Pass) order(ctx context.Context) error {
	c := &p.s.catalog
	if !c.order.ranked {
		res, err := p.s.db.Query(ctx, sameKey)
		if err != nil {
			return err
		}
		c.order.ranked = res.Next()
		res.Close()
	}
	if !c.order.ranked {
		return nil
	}
	return p.s.db.Exec(ctx, c.rekey())
}

// Abort ends a pass that failed; after Finish it does nothing.
func (p *Pass) Abort() {
	if p.over {
		return
	}
	p.s.cat.Lock()
	defer p.s.cat.Unlock()
	p.undo()
}

// undo puts everything back as it was before the pass.
func (p *Pass) undo() {
	if p.failed == nil {
		p.failed = errAbandoned
	}
	if p.w != nil {
		p.w.abandon()
	}
	p.s.catalog.restore(p.mark)
	for _, m := range slices.Backward(p.moved) {
		p.s.catalog.known[m.key] = m.old
	}
	p.end()
}

func (p *Pass) end() {
	p.over = true
	p.mark = mark{}
	p.appender = appender{}
	p.s.mu.Unlock()
}

// Snapshot returns the answer to question q of a finished pass: each entity
// that was hit, once, in the order of first hits. Counts are taken now, so it is
// called when the step that asked runs.
func (p *Pass) Snapshot(ctx context.Context, q int) (plan.SnapshotID, error) {
	return p.First(ctx, q, math.MaxInt64)
}

// First is Snapshot for the first records of the answer alone, as if the
// question had had them as its MaxRecords.
func (p *Pass) First(ctx context.Context, q int, records int64) (plan.SnapshotID, error) {
	if !p.over || p.failed != nil {
		return 0, errors.New("store: answer of a pass that is not finished")
	}
	a := p.answers[q]
	s := p.s
	s.mu.Lock()
	defer s.mu.Unlock()
	snap := &snapshot{Snapshot: ofType(a.Entity), asked: []asked{{a.number, records}}}
	snap.info.Source = a.source
	ents := a.ents
	if a.hits.exists() {
		snap.Hits = a.hits.table
	}
	if records < a.records {
		n, err := s.firstHits(ctx, snap, records)
		if err != nil {
			return 0, err
		}
		ents = ents[:n]
	}
	return s.keepEntities(ctx, snap, ents)
}

// firstHits leaves in a snapshot the hits of the first records, and returns how
// many entities they are of.
func (s *Store) firstHits(ctx context.Context, snap *snapshot, records int64) (int64, error) {
	s.questions++
	view := fmt.Sprintf("h%d", s.questions)
	err := s.db.Exec(ctx, fmt.Sprintf("CREATE VIEW %s AS SELECT ord, ent FROM %s WHERE ord < %d", view, snap.Hits, records))
	if err != nil {
		return 0, err
	}
	snap.Hits = view
	res, err := s.db.Query(ctx, "SELECT count(DISTINCT ent) FROM "+view)
	if err != nil {
		return 0, err
	}
	defer res.Close()
	if !res.Next() {
		return 0, errors.New("store: no count of entities")
	}
	return res.Int(0), nil
}

// hit reports whether the next hit of a is in record i. Hits are in order.
func (a *answer) hit(hits []entity.Hit, i int) bool {
	return a.cursor < len(hits) && hits[a.cursor].Record == i
}

func (a *answer) skip(hits []entity.Hit, i int) {
	for a.hit(hits, i) {
		a.cursor++
	}
}

// full reports whether a has hits in as many records as it may.
func (a *answer) full() bool { return a.MaxRecords > 0 && a.records >= a.MaxRecords }

// add notes a hit.
func (a *answer) add(ent int32, w *writer) {
	if a.Completes {
		return
	}
	cols := a.hits.begin(w)
	cols[0].Int(a.records)
	cols[1].Int(int64(ent))
	a.hits.end(w)
	if a.seen.add(ent) {
		a.ents = append(a.ents, ent)
	}
}
