// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stixbundle

import (
	"context"
	"fmt"
	"iter"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/entity"
)

// A task answers questions with one pass over the places of a source.
type task struct {
	source    *source
	questions []question

	mu     sync.Mutex
	pages  map[string]page // fetched for this task, by URI
	counts []datasource.Count
}

var _ datasource.Task = (*task)(nil)

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

// Counts returns the accounting of each file that was opened, in order.
func (t *task) Counts() []datasource.Count {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.counts)
}

// How much a batch holds, and how many batches there are: one being filled, one
// that waits, one in the hands of the consumer.
const (
	batchRecords = 1024
	batchBytes   = 4 << 20
	batches      = 3
)

// Run yields the records that answer a question, file by file. While the
// consumer has a batch, the next is filled. The error is a *datasource.Failure,
// a *datasource.DataError, or that of ctx.
func (t *task) Run(ctx context.Context, p datasource.Progress) iter.Seq2[*entity.Batch, error] {
	return func(yield func(*entity.Batch, error) bool) {
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
}
