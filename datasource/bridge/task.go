// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package bridge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/match"
	"github.com/kestrelhunt/kestrel/stix"
)

// A task asks the native queries of one question, one after the other.
type task struct {
	source   *source
	question question
	pattern  string            // what was translated
	queries  []json.RawMessage // texts, or objects
	notes    []datasource.Note // of the translation
	lacking  bool              // the queries cannot find all records that match
	matched  int64

	mu    sync.Mutex
	count datasource.Count
}

// Native lists the native queries.
func (t *task) Native() []datasource.NativeQuery {
	recheck := ""
	if t.question.where != nil {
		recheck = stix.ExprString(t.question.where, t.question.centre)
	}
	var out []datasource.NativeQuery
	for _, q := range t.queries {
		out = append(out, datasource.NativeQuery{
			Source: t.source.profile.Name, Language: "stix-shifter " + t.source.profile.Connector,
			Text: queryText(q), Recheck: recheck,
		})
	}
	return out
}

// Stamp returns "": products change.
func (t *task) Stamp(context.Context) (string, error) { return "", nil }

// Counts returns the accounting of the profile.
func (t *task) Counts() []datasource.Count {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.count
	c.Notes = slices.Concat(c.Notes, t.notes)
	c.Cut = c.Cut || t.lacking
	return []datasource.Count{c}
}

// update changes the accounting.
func (t *task) update(f func(c *datasource.Count)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f(&t.count)
}

// enough reports whether there are as many records as are wanted.
func (t *task) enough() bool { return t.question.limit >= 0 && t.matched >= t.question.limit }

// errLeft says that the consumer wants no more.
var errLeft = errors.New("no more is wanted")

// Run yields the records that answer the question, page by page. A search that
// was started on the server is deleted there, however the run ends.
func (t *task) Run(ctx context.Context, p datasource.Progress) iter.Seq2[*entity.Batch, error] {
	return func(yield func(*entity.Batch, error) bool) {
		if t.enough() {
			return
		}
		sh, _, err := t.source.start(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		defer sh.close()
		r := &run{task: t, shim: sh, progress: p, yield: func(b *entity.Batch) bool { return yield(b, nil) }}
		for _, q := range t.queries {
			err := r.query(ctx, q)
			if errors.Is(err, errLeft) {
				return
			}
			if err != nil {
				t.update(func(c *datasource.Count) { c.Failed++ })
				yield(nil, err)
				return
			}
			if t.enough() {
				return
			}
		}
	}
}

// A run is one run of a task.
type run struct {
	*task
	shim     *shim
	progress datasource.Progress
	yield    func(*entity.Batch) bool
	pages    int64
}

// query runs one native query to its end.
func (r *run) query(ctx context.Context, q json.RawMessage) error {
	s := r.source
	var a answer
	if err := r.shim.call(ctx, s.patience(), "start", &a, json.RawMessage(argument(q))); err != nil {
		return withQuery(err, q)
	}
	if err := s.failed(a, "start", queryText(q)); err != nil {
		return err
	}
	defer r.forget(ctx, a.SearchID, a.Jobs)
	if err := r.await(ctx, a.SearchID, q); err != nil {
		return err
	}
	return r.read(ctx, a.SearchID, q)
}

// argument returns a native query as the library wants it back: a text.
func argument(q json.RawMessage) []byte {
	var text string
	if json.Unmarshal(q, &text) == nil {
		return q
	}
	quoted, _ := json.Marshal(string(q)) // a string can always be written
	return quoted
}

// withQuery adds the native query to a failure.
func withQuery(err error, q json.RawMessage) error {
	var f *datasource.Failure
	if errors.As(err, &f) && f.Query == "" {
		own := *f
		own.Query = queryText(q)
		return &own
	}
	return err
}

// stall is how long a search may make no progress.
const stall = 10 * time.Minute

// await looks at a search until it is done.
func (r *run) await(ctx context.Context, id, q json.RawMessage) error {
	s := r.source
	pause := s.profile.CoolDown
	progress, idle := -1.0, time.Duration(0)
	for {
		if err := s.rest(ctx, pause, &idle); err != nil {
			return err
		}
		var a answer
		if err := r.shim.call(ctx, s.patience(), "status", &a, id); err != nil {
			return withQuery(err, q)
		}
		if err := s.failed(a, "look at search", queryText(q)); err != nil {
			return err
		}
		switch a.Status {
		case "ERROR", "CANCELED", "TIMEOUT":
			reason := "the search ended with status " + a.Status
			if a.Error != "" {
				reason += ": " + s.launch.mask(a.reason())
			}
			return &datasource.Failure{Kind: datasource.Unknown, Source: s.profile.Name, Op: "look at search",
				Query: s.launch.mask(queryText(q)), Reason: reason}
		}
		if a.Status == "COMPLETED" || a.Progress >= 100 {
			return nil
		}
		if a.Progress > progress {
			progress, idle = a.Progress, 0
		}
		if idle > stall {
			return &datasource.Failure{Kind: datasource.Unavailable, Source: s.profile.Name, Op: "look at search",
				Query:  s.launch.mask(queryText(q)),
				Reason: fmt.Sprintf("the search made no progress for %s, and is at %.0f percent", stall, a.Progress)}
		}
		pause = max(time.Second, s.profile.CoolDown)
	}
}

// rest waits, and adds the time to idle.
func (s *source) rest(ctx context.Context, d time.Duration, idle *time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	*idle += d
	if err := s.sleep(ctx, d); err != nil {
		return fmt.Errorf("%s: wait: %w", s.profile.Name, err)
	}
	return nil
}

// read fetches page after page.
func (r *run) read(ctx context.Context, id, q json.RawMessage) error {
	s := r.source
	var offset int64
	var metadata json.RawMessage
	digest := ""
	for !r.enough() {
		var idle time.Duration
		if err := s.rest(ctx, s.profile.CoolDown, &idle); err != nil {
			return err
		}
		a, err := r.page(ctx, id, q, offset, metadata)
		if err != nil {
			return err
		}
		if a.Count == 0 {
			if offset == int64(s.profile.ResultLimit) {
				r.cut(fmt.Sprintf("a query brought %d records, which is its limit", offset),
					"set connection.options.result_limit of the profile higher, or write a narrower condition")
			}
			return nil
		}
		if a.Digest == digest {
			r.cut("the module gives the same page again and again", "give the profile a module that pages, or a narrower condition")
			return nil
		}
		digest = a.Digest
		offset += a.Count
		metadata = a.Metadata
		if err := r.emit(a.Bundle, a.Count); err != nil {
			return err
		}
	}
	return nil
}

// cut notes that there may be more than what came.
func (r *run) cut(message, hint string) {
	r.update(func(c *datasource.Count) {
		c.Cut = true
		c.Notes = append(c.Notes, datasource.Note{Code: diag.Truncated, Message: message, Hint: hint})
	})
}

// page fetches a page. A time-out of the library's own connection is tried once
// more.
func (r *run) page(ctx context.Context, id, q json.RawMessage, offset int64, metadata json.RawMessage) (answer, error) {
	s := r.source
	var last error
	for range 2 {
		var a answer
		err := r.shim.call(ctx, s.patience(), "page", &a, id, offset, r.length(), metadata)
		if err != nil {
			return a, withQuery(err, q)
		}
		if last = s.failed(a, "read page", queryText(q)); last == nil {
			return a, nil
		}
		if !isTimeout(last) {
			break
		}
	}
	return answer{}, last
}

// length returns how many records to ask for. Not every record that comes will
// match, so that a small limit asks for more than itself.
func (r *run) length() int64 {
	n := int64(r.source.profile.BatchSize)
	if r.question.limit >= 0 {
		n = min(n, max(100, 2*r.question.limit))
	}
	return max(1, n)
}

// emit decodes a page and yields the records that match.
func (r *run) emit(bundle json.RawMessage, native int64) error {
	b, fault := r.decode(bundle, native)
	r.pages++
	r.matched += int64(len(b.Records))
	r.update(func(c *datasource.Count) {
		c.Scanned += native
		c.Matched = r.matched
		c.Bytes += int64(len(bundle))
	})
	if r.progress != nil {
		r.progress(r.Counts()[0].Scanned, 0, "records")
	}
	if len(b.Records) > 0 && !r.yield(b) {
		return errLeft
	}
	return fault
}

// decode returns the records of a bundle that match, up to the limit. What
// cannot be read of a bundle is a failure, beside what was read before.
func (r *run) decode(bundle json.RawMessage, native int64) (*entity.Batch, error) {
	b := &entity.Batch{Hits: [][]entity.Hit{nil}}
	reader := stix.NewBundleReader(bytes.NewReader(bundle), stix.BundleOptions{Name: r.source.profile.Name})
	defer r.remark(reader)
	defer func() {
		if reader.Scanned() == 0 {
			r.update(func(c *datasource.Count) {
				c.Skipped += native
				c.Notes = append(c.Notes, datasource.Note{Code: diag.SkippedObjects,
					Message: fmt.Sprintf("the module made no observation of %d records", native),
					Hint:    "the module may be older or newer than stix-shifter itself"})
			})
		}
	}()
	var found []int
	for {
		var rec entity.Record
		err := reader.Read(&rec)
		if errors.Is(err, io.EOF) {
			return b, nil
		}
		if err != nil {
			return b, &datasource.Failure{Kind: datasource.ResultsError, Source: r.source.profile.Name, Op: "read page",
				Reason: datasource.Shorten(err.Error(), 300), Err: err}
		}
		if !match.Overlaps(&rec, r.question.window.Start, r.question.window.Stop) {
			continue
		}
		entity.Identify(&rec)
		found = r.question.matcher.Match(&rec, found[:0])
		if len(found) == 0 {
			continue
		}
		rec.Locator.Doc = rec.ID
		for _, object := range found {
			b.Hits[0] = append(b.Hits[0], entity.Hit{Record: len(b.Records), Object: object})
		}
		b.Records = append(b.Records, rec)
		if r.question.limit >= 0 && r.matched+int64(len(b.Records)) >= r.question.limit {
			return b, nil
		}
	}
}

// remark notes what a bundle had wrong. Each kind of fault is noted once.
func (r *run) remark(reader *stix.BundleReader) {
	r.update(func(c *datasource.Count) {
		for _, m := range reader.Remarks() {
			if m.Kind == stix.MissingObject {
				continue // the library leaves references to what it has removed
			}
			c.Skipped += m.Count
			n := datasource.Note{Code: diag.SkippedObjects, Message: "the module's bundles have " + m.Kind.String(),
				Hint: "the module may be older or newer than stix-shifter itself"}
			if !slices.Contains(c.Notes, n) {
				c.Notes = append(c.Notes, n)
			}
		}
	})
}

// forget deletes a search on the server. If Python has died on the way, or its
// context has ended, another one does it if there is something on the server.
func (r *run) forget(ctx context.Context, id json.RawMessage, jobs bool) {
	const within = 10 * time.Second
	dead := r.shim.dead || ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), within)
	defer cancel()
	var a answer
	if !dead {
		r.shim.call(ctx, within/2, "delete", &a, id) //nolint:errcheck // the server forgets by itself in the end
		return
	}
	if !jobs {
		return
	}
	sh, _, err := r.source.start(ctx)
	if err != nil {
		return
	}
	defer sh.close()
	sh.call(ctx, within/2, "delete", &a, id) //nolint:errcheck // as above
}
