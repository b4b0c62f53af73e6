// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stixbundle

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// A task answers questions with one pass over the places of a source.
type task struct {
	ledger
	source    *source
	questions []question
	needIDs   bool // a condition is about ids

	fetching sync.Mutex
	pages    map[string]page // fetched for this task, by URI
}

var _ datasource.Task = (*task)(nil)

func newTask(s *source) *task { return &task{source: s, ledger: ledger{told: &s.told}} }

// Native lists each question for each place.
func (t *task) Native() []datasource.NativeQuery {
	texts := make([]string, len(t.questions))
	for i := range t.questions {
		texts[i] = t.questions[i].text()
	}
	var out []datasource.NativeQuery
	for _, p := range t.source.places {
		for _, text := range texts {
			out = append(out, datasource.NativeQuery{Source: p.name(), Language: "STIX pattern", Text: text})
		}
	}
	return out
}

// Stamp names the files with their sizes and times, and pages with their hashes.
// It fetches pages, once for the task.
func (t *task) Stamp(ctx context.Context) (string, error) {
	files, err := t.locate(ctx)
	if err != nil {
		return "", err
	}
	return stampOf(files), nil
}

func stampOf(files []file) string {
	var b strings.Builder
	for _, f := range files {
		fmt.Fprintf(&b, "%s\x00%s\x00", f.path, f.stamp)
	}
	return b.String()
}

// errStopped ends a run whose consumer wants no more.
var errStopped = errors.New("no more wanted")

// Run yields the records that answer a question, file by file. While the
// consumer has a batch, the next are filled. The error is a *datasource.Failure,
// a *datasource.DataError, or that of ctx.
func (t *task) Run(ctx context.Context, p datasource.Progress) iter.Seq2[*entity.Batch, error] {
	if t.limited() {
		return func(yield func(*entity.Batch, error) bool) {
			defer t.tell(true)
			t.runInTurn(ctx, p, yield)
		}
	}
	return func(yield func(*entity.Batch, error) bool) {
		defer t.tell(true)
		yieldAll(yield, func(yield func(*entity.Batch) error) error { return t.runAtOnce(ctx, p, yield) })
	}
}

// yieldAll yields the batches that run yields, and its error. If no more are
// wanted, the yield that it gives to run fails.
func yieldAll(yield func(*entity.Batch, error) bool, run func(yield func(*entity.Batch) error) error) {
	err := run(func(b *entity.Batch) error {
		if len(b.Records) > 0 && !yield(b, nil) {
			return errStopped
		}
		return nil
	})
	if err != nil && !errors.Is(err, errStopped) {
		yield(nil, err)
	}
}

// limited reports whether a question wants no more than some records. What was
// scanned for it must not depend on how goroutines take turns.
func (t *task) limited() bool {
	return slices.ContainsFunc(t.questions, func(q question) bool { return q.limit >= 0 })
}

// runAtOnce reads all files, and decodes several records at the same time.
func (t *task) runAtOnce(ctx context.Context, p datasource.Progress, yield func(*entity.Batch) error) error {
	files, err := t.locate(ctx)
	if err != nil {
		return err
	}
	keep := func(raw []byte) bool {
		return slices.ContainsFunc(t.questions, func(q question) bool { return q.matcher.Prefilter(raw) })
	}
	return convey(ctx, reading(files, keep, p), t.decode, func(c *chunk) error {
		t.chunk(c, all)
		t.matched(c.portion, len(c.batch.Records))
		return yield(&c.batch)
	})
}

// decode decodes the records of a chunk and keeps in its batch those that answer
// a question.
func (t *task) decode(d *stix.RecordDecoder, c *chunk) {
	b := &c.batch
	b.Records = b.Records[:0]
	if len(b.Hits) != len(t.questions) {
		b.Hits = make([][]entity.Hit, len(t.questions))
	}
	for i := range b.Hits {
		b.Hits[i] = b.Hits[i][:0]
	}
	var found []int
	for i := range c.raws {
		n := len(b.Records)
		b.Records = grow(b.Records)
		rec := &b.Records[n]
		some := false
		if d.Decode(&c.raws[i], rec) {
			if t.needIDs {
				entity.Identify(rec)
			}
			for q := range t.questions {
				found = t.questions[q].hits(rec, found[:0])
				for _, object := range found {
					b.Hits[q] = append(b.Hits[q], entity.Hit{Record: n, Object: object})
				}
				some = some || len(found) > 0
			}
		}
		if !some {
			b.Records = b.Records[:n]
			continue
		}
		entity.Identify(rec)
	}
	c.remarks = d.Remarks()
	d.Reset()
}

// How much a batch of runInTurn holds, and how many batches there are: one being
// filled, one that waits, one in the hands of the consumer.
const (
	batchRecords = 1024
	batchBytes   = 4 << 20
	batches      = 3
)

// runInTurn decodes one record after the other.
func (t *task) runInTurn(ctx context.Context, p datasource.Progress, yield func(*entity.Batch, error) bool) {
	ctx, cancel := context.WithCancel(ctx)
	pass := &pass{task: t, ctx: ctx, meter: meter{progress: p, unit: "bytes"}, full: make(chan *entity.Batch), free: make(chan *entity.Batch, batches)}
	for range batches {
		pass.free <- &entity.Batch{Hits: make([][]entity.Hit, len(t.questions))}
	}
	var failed error
	var fault any
	go func() {
		defer close(pass.full)
		defer func() {
			if r := recover(); r != nil {
				fault = fmt.Sprintf("%v\n%s", r, debug.Stack())
			}
		}()
		failed = pass.run()
	}()
	defer func() {
		cancel()
		for range pass.full { // until the reader has ended
		}
	}()
	for b := range pass.full {
		if !yield(b, nil) {
			return
		}
		pass.free <- b
	}
	if fault != nil {
		panic(fault) // where the session catches it
	}
	if failed != nil {
		yield(nil, failed)
	}
}
