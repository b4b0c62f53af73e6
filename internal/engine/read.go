// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/internal/sema"
	"github.com/kestrelhunt/kestrel/internal/store"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
	"github.com/kestrelhunt/kestrel/syntax"
)

// A question is what one GET asks of a data source.
type question struct {
	want  plan.Node // without its limit: the key of the answer
	scan  *plan.Scan
	limit int64 // records; negative: all
	step  int64 // the step that asks
}

// An answer is what a pass over a source brought for one question.
type answer struct {
	pass  *store.Pass
	index int                // of the question in the pass
	stamp string             // of the source; "" is never reused
	limit int64              // records taken at most; negative: it is complete
	block *block             // the block that read it
	lacks []datasource.Count // of its sources, those that may lack something
	read  *reading
}

// asQuestion takes a plan over a scan apart.
func asQuestion(n plan.Node, step int64) question {
	q := question{want: n, scan: scanOf(n), limit: -1, step: step}
	if l, ok := n.(*plan.Limit); ok && l.ByRecord {
		q.want, q.limit = l.Input, l.Count
	}
	return q
}

// full returns the question as a plan, with its limit.
func (q question) full() plan.Node {
	if q.limit < 0 {
		return q.want
	}
	return &plan.Limit{Input: q.want, Count: q.limit, ByRecord: true, At: q.want.Span()}
}

// read answers the GET of statement i from its data source, or from an answer
// that the source gave before and that still holds.
func (b *block) read(ctx context.Context, i int, n plan.Node) (plan.SnapshotID, error) {
	q := asQuestion(n, b.step)
	b.source = q.scan.Sources
	key := plan.KeyOf(q.want)
	if a, ok := b.answers[key]; ok {
		if id, ok, err := b.reuse(ctx, q, a); ok || err != nil {
			return id, err
		}
	}
	questions := append([]question{q}, b.lookAhead(i, q)...)
	pass, err := b.ask(ctx, questions)
	if err != nil {
		return 0, err
	}
	return pass.Snapshot(ctx, 0)
}

// reuse returns an earlier answer to q if it still holds. Within the block that
// read it, an answer holds in any case: a hunt sees one state of a source. What
// an answer lacks is said in each block that uses it.
func (b *block) reuse(ctx context.Context, q question, a answer) (plan.SnapshotID, bool, error) {
	if a.limit >= 0 && (q.limit < 0 || q.limit > a.limit) {
		return 0, false, nil
	}
	if a.block != b {
		stamp, err := b.stamp(ctx, q)
		if err != nil {
			return 0, false, err
		}
		if stamp == "" || stamp != a.stamp {
			return 0, false, nil
		}
	}
	if a.block != b && !b.told[a.pass] {
		b.told[a.pass] = true
		b.account(q.scan.Span(), a.lacks)
	}
	b.reading = a.read
	if q.limit < 0 {
		id, err := a.pass.Snapshot(ctx, a.index)
		return id, err == nil, err
	}
	id, err := a.pass.First(ctx, a.index, q.limit)
	return id, err == nil, err
}

// lookAhead returns the questions of later statements that the pass for q can
// answer too: GETs over the same source whose conditions need nothing that is
// still to be computed. A step that writes a file ends the search, since it may
// write to the source. Behind a FIND, which may ask another source for more, a GET
// must name its own.
func (b *block) lookAhead(i int, q question) []question {
	var out []question
	seen := map[plan.Key]bool{plan.KeyOf(q.want): true}
	scope := b.scope()
	scope.Analyze(b.stmts[i])
	found := false
	for j := i + 1; j < len(b.stmts); j++ {
		step, _ := scope.Analyze(b.stmts[j])
		if step == nil {
			break
		}
		if _, saves := b.stmts[j].(*syntax.SaveStmt); saves {
			break
		}
		bind, ok := step.(*plan.Bind)
		found = found || ok && findOf(bind.Value) != nil
		if !ok || scanOf(bind.Value) == nil || found && !namesSource(b.stmts[j]) {
			continue
		}
		later := asQuestion(bind.Value, b.step+int64(j-i))
		key := plan.KeyOf(later.want)
		if seen[key] || !slices.Equal(later.scan.Sources, q.scan.Sources) || refers(later.want) {
			continue
		}
		seen[key] = true
		out = append(out, later)
	}
	return out
}

// namesSource reports whether a statement is a GET that says what it asks.
func namesSource(stmt syntax.Stmt) bool {
	get, ok := stmt.(*syntax.GetStmt)
	return ok && get.From != nil
}

// refers reports whether conditions of n refer to variables.
func refers(n plan.Node) bool {
	if f, ok := n.(*plan.Filter); ok && len(sema.References(f.Where)) > 0 {
		return true
	}
	return slices.ContainsFunc(n.Inputs(), refers)
}

// ask reads a source once for several questions and keeps the answers.
func (b *block) ask(ctx context.Context, qs []question) (*store.Pass, error) {
	tasks, err := b.plan(ctx, qs)
	if err != nil {
		return nil, err
	}
	if len(tasks) > 0 && !tasks[0].shared {
		qs = qs[:1]
	}
	b.reading = b.readingOf(tasks, qs)
	stamp, err := stampOf(ctx, tasks)
	if err != nil {
		return nil, err
	}
	sq := make([]store.Question, len(qs))
	for i, q := range qs {
		sq[i] = store.Question{Entity: q.scan.Entity, Step: q.step, MaxRecords: q.limit}
	}
	pass := b.cfg.Store.Begin(strings.Join(qs[0].scan.Sources, ","), sq...)
	defer pass.Abort()
	var lacks []datasource.Count
	for _, t := range tasks {
		if pass.Full() {
			break
		}
		err := b.pump(ctx, t, pass)
		counts := t.task.Counts()
		b.reading.counts = append(b.reading.counts, counts...)
		b.account(qs[0].scan.Span(), counts)
		lacks = append(lacks, partial(counts)...)
		if err != nil {
			return nil, err
		}
	}
	if err := pass.Finish(ctx); err != nil {
		return nil, err
	}
	if after, err := stampOf(ctx, tasks); err != nil || after != stamp {
		stamp = ""
	}
	for i, q := range qs {
		b.answers[plan.KeyOf(q.want)] = answer{pass: pass, index: i, stamp: stamp, limit: q.limit, block: b, lacks: lacks, read: b.reading}
	}
	return pass, nil
}

// readingOf returns the reading of tasks that answer questions. What is asked for
// one of several questions can be found out when someone wants to know.
func (b *block) readingOf(tasks []work, qs []question) *reading {
	r := &reading{at: b.at, step: b.step, gets: len(qs)}
	if len(qs) == 1 {
		for _, t := range tasks {
			r.asked = append(r.asked, t.inquiry())
		}
	}
	return r
}

// pump moves the records of a task into the store.
func (b *block) pump(ctx context.Context, t work, pass *store.Pass) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for batch, err := range t.task.Run(ctx, b.progress) {
		if err != nil {
			return err
		}
		t.recheck(batch)
		if err := pass.Add(ctx, batch); err != nil {
			return err
		}
		if pass.Full() {
			return nil
		}
	}
	return ctx.Err()
}

// stamp returns the state of the source that q asks.
func (b *block) stamp(ctx context.Context, q question) (string, error) {
	tasks, err := b.plan(ctx, []question{q})
	if err != nil {
		return "", err
	}
	return stampOf(ctx, tasks)
}

func stampOf(ctx context.Context, tasks []work) (string, error) {
	var all []string
	for _, t := range tasks {
		s, err := t.task.Stamp(ctx)
		if err != nil || s == "" {
			return "", err
		}
		all = append(all, s)
	}
	return strings.Join(all, "\n"), nil
}

// conditionOf returns the condition that is left for the engine in a plan over a
// scan: that of its filter; nil if there is none.
func conditionOf(n plan.Node) stix.Expr {
	switch n := n.(type) {
	case *plan.Filter:
		return n.Where
	case *plan.Limit:
		return conditionOf(n.Input)
	default: // nothing to do for the others
	}
	return nil
}
