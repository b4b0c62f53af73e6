// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package elastic

import (
	"context"
	"fmt"
	"sync"

	"github.com/google/uuid"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/datasource/mapping"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/match"
)

// A run is the work behind one Run: searches fetch pages, one goroutine each, a
// third reads documents and fills batches.
type run struct {
	task     *task
	ctx      context.Context //nolint:containedctx // it lives as long as one call
	progress datasource.Progress
	mapper   *mapping.Mapper
	full     chan *entity.Batch
	free     chan *entity.Batch
	found    []int

	scanned, matched, skipped int64
	bytes                     int64
	total                     int64
	cut                       bool
}

// How many batches there are, one being filled, one that waits, one in the hands
// of the consumer; and how many records a batch holds.
const (
	batches      = 3
	batchRecords = 1024
)

func newRun(t *task, ctx context.Context, progress datasource.Progress) *run { //nolint:revive // ctx is kept
	r := &run{
		task: t, ctx: ctx, progress: progress, mapper: t.source.table.NewMapper(),
		full: make(chan *entity.Batch), free: make(chan *entity.Batch, batches),
	}
	for range batches {
		r.free <- &entity.Batch{Hits: make([][]entity.Hit, 1)}
	}
	return r
}

// A feed is a search with the pages that it has fetched ahead.
type feed struct {
	search *search
	pages  chan *page
	spare  chan []byte // memory for the answers
	err    error       // valid when pages is closed

	page *page // being read
	at   int
}

// run reads all documents.
func (r *run) run() error {
	t := r.task
	t.prepare()
	f, err := t.source.freeze(r.ctx)
	if err != nil {
		return r.ended(err)
	}
	t.hold(f)
	defer t.release(r.ctx)
	ctx, cancel := context.WithCancel(r.ctx)
	var searches sync.WaitGroup
	defer searches.Wait()
	defer cancel()
	feeds := make([]*feed, t.slices)
	for i := range feeds {
		feeds[i] = &feed{search: t.newSearch(i, f), pages: make(chan *page), spare: make(chan []byte, 3)}
		searches.Go(func() { feeds[i].fetch(ctx) })
	}
	if err = r.read(feeds); err != nil && r.ctx.Err() == nil {
		t.failed()
	}
	r.account()
	return r.ended(err)
}

// ended adds what was done to the error of a context.
func (r *run) ended(err error) error {
	if err != nil && r.ctx.Err() != nil {
		return fmt.Errorf("elastic: search %s: %w", r.task.source.profile.Name, r.ctx.Err())
	}
	return err
}

// failed counts a request that failed.
func (t *task) failed() {
	t.mu.Lock()
	t.count.Failed++
	t.count.Cut = true
	t.mu.Unlock()
}

// prepare decides how to ask.
func (t *task) prepare() {
	t.slices = t.source.slices
	if caps, ok := t.schema.(*capabilities); ok {
		types := caps.Fields[t.source.timeField]
		_, millis := types["date"]
		_, nanos := types["date_nanos"]
		t.nanos = millis && nanos
	}
}

func (t *task) newSearch(slice int, f frozen) *search {
	size := min(max(t.source.profile.BatchSize, leastPage), mostPage)
	if t.limit > 0 && t.limit < int64(size) {
		size = int(min(int64(size), max(2*t.limit, 100)))
	}
	return &search{task: t, slice: slice, frozen: f, query: t.query(), size: size, seen: make(map[string]bool)}
}

// fetch fetches pages until there are no more, or ctx ends.
func (f *feed) fetch(ctx context.Context) {
	defer close(f.pages)
	for {
		var into []byte
		select {
		case into = <-f.spare:
		default:
		}
		p, err := f.search.next(ctx, into)
		if err != nil || p == nil {
			f.err = err
			return
		}
		select {
		case f.pages <- p:
		case <-ctx.Done():
			f.err = ctx.Err()
			return
		}
	}
}

// turn takes the next page of a feed; ok is false at its end.
func (f *feed) turn() (ok bool) {
	if f.page != nil {
		select {
		case f.spare <- f.page.body:
		default:
		}
	}
	f.page, ok = <-f.pages
	f.at = 0
	return ok
}

// read reads the documents of all feeds in the order of time, and fills batches.
func (r *run) read(feeds []*feed) error {
	var b *entity.Batch
	for {
		f, turned, err := r.first(feeds)
		if err != nil || f == nil {
			if b != nil {
				r.send(b)
			}
			return err
		}
		if b != nil && (len(b.Records) >= batchRecords || turned && len(feeds) == 1) {
			if !r.send(b) {
				return r.ctx.Err()
			}
			b = nil
		}
		if b == nil {
			if b = r.take(); b == nil {
				return r.ctx.Err()
			}
		}
		if r.document(b, &f.page.hits[f.at]); r.task.limit >= 0 && r.matched >= r.task.limit {
			r.send(b)
			return nil
		}
		f.at++
	}
}

// first returns the feed whose next document is the earliest, nil at the end of
// all; turned reports whether a page was turned for it.
func (r *run) first(feeds []*feed) (first *feed, turned bool, err error) {
	for _, f := range feeds {
		for f.page == nil || f.at >= len(f.page.hits) {
			if !f.turn() {
				if f.err != nil {
					return nil, false, f.err
				}
				f.page, f.at = &page{}, -1 // ended
				break
			}
			turned = true
			r.opened(f.page)
		}
		if f.at < 0 {
			continue
		}
		if first == nil || f.page.hits[f.at].at.less(first.page.hits[first.at].at) {
			first = f
		}
	}
	return first, turned, nil
}

// opened takes note of what a page says about itself.
func (r *run) opened(p *page) {
	t := r.task
	r.bytes += int64(len(p.body))
	if p.total >= 0 {
		r.total = p.total
	}
	if p.timedOut {
		r.cut = true
		t.note(datasource.Note{
			Code:    diag.Truncated,
			Message: "the server ran out of time, and gave what it had found",
			Hint:    "set connection.options.single_batch_timeout of the profile higher, or give a shorter time range",
		})
	}
	if p.shards.Failed > 0 {
		r.cut = true
		note := datasource.Note{
			Code:    diag.Truncated,
			Message: fmt.Sprintf("%d of %d shards failed, and their records are missing", p.shards.Failed, p.shards.Total),
			Hint:    "ask for the state of the cluster, and run the step again",
		}
		if len(p.shards.Failures) > 0 {
			first := &p.shards.Failures[0]
			note.Message += fmt.Sprintf(": %s: %s", first.Index, first.Reason.deepest(0).clause())
		}
		t.note(note)
	}
	t.mu.Lock()
	t.count.Failed = max(t.count.Failed, int64(p.shards.Failed))
	t.mu.Unlock()
	r.account()
	if r.progress != nil {
		r.progress(r.scanned, max(r.total, 0), "records")
	}
}

// account publishes the counts.
func (r *run) account() {
	t := r.task
	t.mu.Lock()
	defer t.mu.Unlock()
	t.count.Scanned, t.count.Matched, t.count.Skipped = r.scanned, r.matched, r.skipped
	t.count.Bytes, t.count.Cut = r.bytes, t.count.Cut || r.cut
}

// take returns an empty batch, nil if ctx has ended.
func (r *run) take() *entity.Batch {
	select {
	case b := <-r.free:
		b.Records, b.Hits[0] = b.Records[:0], b.Hits[0][:0]
		return b
	case <-r.ctx.Done():
		return nil
	}
}

// send hands a batch to the consumer, and reports whether it did. An empty one
// is kept.
func (r *run) send(b *entity.Batch) bool {
	r.account()
	if len(b.Records) == 0 {
		r.free <- b
		return r.ctx.Err() == nil
	}
	select {
	case r.full <- b:
		return true
	case <-r.ctx.Done():
		return false
	}
}

// document adds the record of a document to a batch, if it satisfies the
// condition.
func (r *run) document(b *entity.Batch, h *hit) {
	r.scanned++
	n := len(b.Records)
	if n < cap(b.Records) {
		b.Records = b.Records[:n+1]
	} else {
		b.Records = append(b.Records, entity.Record{})
	}
	rec := &b.Records[n]
	if !r.decode(rec, h) {
		b.Records = b.Records[:n]
		return
	}
	w := r.task.window
	r.found = r.found[:0]
	if match.Overlaps(rec, w.Start, w.Stop) {
		r.found = r.task.matcher.Match(rec, r.found)
	}
	if len(r.found) == 0 {
		b.Records = b.Records[:n]
		return
	}
	r.matched++
	rec.Raw = append(rec.Raw[:0], h.source...)
	for _, object := range r.found {
		b.Hits[0] = append(b.Hits[0], entity.Hit{Record: n, Object: object})
	}
}

// decode reads a document into a record with its ids, and reports whether it
// can be used.
func (r *run) decode(rec *entity.Record, h *hit) bool {
	if h.source == nil {
		r.skipped++
		r.task.note(datasource.Note{
			Code:    diag.SkippedObjects,
			Message: "documents without _source were skipped",
			Hint:    "let the indices keep _source",
		})
		return false
	}
	if err := r.mapper.Map(h.source, rec); err != nil {
		r.skipped++
		r.task.note(datasource.Note{
			Code:    diag.SkippedObjects,
			Message: "documents that are no JSON objects were skipped",
		})
		return false
	}
	rec.ID = recordID(h.index, h.id)
	rec.Locator = entity.Locator{File: h.index, Doc: h.id, Length: int64(len(h.source))}
	entity.Identify(rec)
	return true
}

// documents is the namespace of record ids.
var documents = uuid.MustParse("6f3c9f4e-60a7-5d4a-9d51-3d2f6a1c8b70")

// recordID returns the id of the record of a document: the same whenever it is
// read.
func recordID(index, id string) string {
	return "observed-data--" + uuid.NewSHA1(documents, []byte(index+"/"+id)).String()
}
