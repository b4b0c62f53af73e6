// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package elastic

import (
	"context"
	"fmt"
	"iter"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/match"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// A task is one question to one profile.
type task struct {
	source      *source
	scan        *plan.Scan
	where       stix.Expr // under the names that records have
	limit       int64     // records; negative: all
	matcher     *match.Matcher
	schema      schema
	translation *translation
	window      plan.Window
	slices      int
	nanos       bool // times are sorted by nanoseconds

	mu      sync.Mutex
	count   datasource.Count
	notes   []datasource.Note
	frozen  frozen
	scrolls []string
}

// Native lists the one query.
func (t *task) Native() []datasource.NativeQuery {
	q := datasource.NativeQuery{Source: t.source.profile.Name, Language: "Query DSL", Text: string(t.query().append(nil))}
	if t.where != nil {
		q.Recheck = stix.ExprString(t.where, t.scan.Entity)
	}
	return []datasource.NativeQuery{q}
}

func (t *task) query() *clause { return t.translation.query(t.source.timeField, t.window) }

// weakQuery returns the query without expressions, and says so.
func (t *task) weakQuery() (*clause, error) {
	x := translator{table: t.source.table, schema: t.schema, weak: true}
	weak, err := x.translate(t.where, t.scan.Entity)
	if err != nil {
		return nil, err
	}
	t.note(datasource.Note{
		Code:    diag.SourceFailed,
		Message: "the server refused a pattern of MATCHES or LIKE as too complex, so more records are fetched and checked here",
		Hint:    "write a simpler pattern",
	})
	return weak.query(t.source.timeField, t.window), nil
}

// Stamp is empty: a server does not say whether its documents have changed.
func (t *task) Stamp(context.Context) (string, error) { return "", nil }

// Counts returns the accounting of the profile.
func (t *task) Counts() []datasource.Count {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.count
	c.Source = t.source.profile.Name
	c.Notes = append(slices.Clone(t.notes), t.source.client.Notes()...)
	return []datasource.Count{c}
}

// note adds a note, each once.
func (t *task) note(n datasource.Note) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !slices.Contains(t.notes, n) {
		t.notes = append(t.notes, n)
	}
}

// hold remembers a state that has to be given back.
func (t *task) hold(f frozen) {
	t.mu.Lock()
	t.frozen = f
	t.mu.Unlock()
}

func (t *task) holdScroll(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !slices.Contains(t.scrolls, id) {
		t.scrolls = append(t.scrolls, id)
	}
}

// release gives back what the server holds for the task.
func (t *task) release(ctx context.Context) {
	t.mu.Lock()
	f, scrolls := t.frozen, slices.Clone(t.scrolls)
	t.mu.Unlock()
	t.source.thaw(ctx, f, scrolls...)
}

// Run yields the records whose document satisfies the condition, in the order of
// time. The next pages are fetched and read while the consumer has a batch. The
// error is a *datasource.Failure, or that of ctx.
func (t *task) Run(ctx context.Context, progress datasource.Progress) iter.Seq2[*entity.Batch, error] {
	return func(yield func(*entity.Batch, error) bool) {
		if t.translation.root.op == none {
			t.note(datasource.Note{Code: diag.SourceFailed, Message: "no document can satisfy the condition, so the server was not asked", Hint: "compare with kestrel source translate"})
			return
		}
		if t.limit == 0 {
			return
		}
		ctx, cancel := context.WithCancel(ctx)
		r := newRun(t, ctx, progress)
		var failed error
		var fault any
		go func() {
			defer close(r.full)
			defer func() {
				if p := recover(); p != nil {
					fault = fmt.Sprintf("%v\n%s", p, debug.Stack())
				}
			}()
			failed = r.run()
		}()
		defer func() {
			cancel()
			for range r.full { // until the reader has ended
			}
		}()
		for b := range r.full {
			if !yield(b, nil) {
				return
			}
			r.free <- b
		}
		if fault != nil {
			panic(fault) // where the session catches it
		}
		if failed != nil {
			yield(nil, failed)
		}
	}
}
