// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package elastic

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/datasource/transport"
)

// A search reads the documents that a query accepts, page by page, in the order
// of time; one of several if it is cut into slices. It keeps its place, so that
// it can go on after the server has forgotten the state that it read.
//
// A point in time of Elasticsearch gives documents of the same time an order of
// its own. On OpenSearch the number of the document in its shard decides, which
// two shards may share: each page begins with the last place of the page before,
// and what was seen is left out.
type search struct {
	task  *task
	slice int // of task.slices

	frozen   frozen
	scroll   string
	query    *clause
	weak     bool
	size     int
	fields   bool            // the server keeps no documents, only fields
	after    []byte          // sort values of the last hit
	from     sortKey         // the time from which to go on after a loss
	seen     map[string]bool // documents of the last time, by index and id
	seenAt   sortKey
	begun    bool
	lost     bool // the state was lost once already
	finished bool
	timeless bool // what is read are the documents without a time, behind all others
}

// The bounds of pages.
const (
	leastPage = 1
	mostPage  = 10000
	pageBytes = 64 << 20
)

// next returns the next page with its new hits, nil at the end.
func (s *search) next(ctx context.Context, into []byte) (*page, error) {
	for !s.finished {
		p, err := s.fetch(ctx, into)
		if err != nil {
			if s.recover(ctx, err) {
				continue
			}
			return nil, err
		}
		if !s.fields && p.hasNoSource() {
			s.fields = true // the indices keep no documents; their fields will do
			continue
		}
		s.advance(p)
		if len(p.hits) > 0 || s.finished {
			return p, nil
		}
	}
	return nil, nil
}

// recover prepares to ask again in another way, and reports whether there is
// one.
func (s *search) recover(ctx context.Context, err error) bool {
	switch {
	case ctx.Err() != nil:
		return false
	case isKind(err, datasource.NoResults) && !s.lost && !s.timeless && s.task.slices == 1: // slices of two states do not fit together
		s.lost = true
		return s.reopen(ctx) == nil
	case isKind(err, datasource.InvalidQuery) && s.task.translation.regexps && !s.weak:
		return s.weaken()
	case isStatus(err, http.StatusRequestEntityTooLarge), isKind(err, datasource.TooManyRequests), errors.Is(err, transport.ErrTooLarge):
		if s.size/2 < leastPage || s.frozen.kind == scrolled && s.scroll != "" {
			return false
		}
		s.size /= 2
		return true
	}
	return false
}

// reopen goes on with a new state from the time of the last hit.
func (s *search) reopen(ctx context.Context) error {
	f, err := s.task.source.freeze(ctx)
	if err != nil {
		return err
	}
	s.task.hold(f)
	s.frozen, s.scroll = f, ""
	s.from, s.after = s.seenAt, nil
	s.task.note(datasource.Note{
		Code:    datasource.NoResults.Code(),
		Message: "the server forgot the search in the middle, which was begun again where it stood",
		Hint:    "records that came in meanwhile may be among the answer",
	})
	return nil
}

// weaken leaves expressions out of the query: the server finds them too complex.
func (s *search) weaken() bool {
	query, err := s.task.weakQuery()
	if err != nil {
		return false
	}
	s.weak, s.query, s.begun = true, query, false
	return true
}

// fetch asks for one page.
func (s *search) fetch(ctx context.Context, into []byte) (*page, error) {
	req := &transport.Request{
		Op: "search", Method: http.MethodPost, Path: "/_search", Native: string(s.query.append(nil)),
		Repeatable: true, Paced: true, MaxBody: pageBytes, Into: into, Body: s.body(),
	}
	if s.size == leastPage {
		req.MaxBody = 0 // one document may be as large as the client allows
	}
	if s.frozen.kind == scrolled {
		req.Repeatable = s.scroll == "" // the next page of a scroll comes once
		req.Query = url.Values{}
		if s.scroll == "" {
			req.Path = s.task.source.path("/_search")
			req.Query.Set("scroll", keepAlive)
			if s.task.source.hasAbsent() {
				req.Query.Set("ignore_unavailable", "true")
			}
		} else {
			req.Path = "/_search/scroll"
		}
	}
	resp, err := s.task.source.client.Do(ctx, req)
	if err != nil {
		return nil, s.task.source.missing(err)
	}
	return parsePage(resp)
}

// body writes the request for a page.
func (s *search) body() []byte {
	if s.scroll != "" {
		return append(appendText([]byte(`{"scroll":"`+keepAlive+`","scroll_id":`), s.scroll), '}')
	}
	t := s.task
	dst := strconv.AppendInt([]byte(`{"size":`), int64(s.size), 10)
	switch {
	case s.frozen.kind == scrolled: // which always counts
	case s.begun || t.slices > 1:
		dst = append(dst, `,"track_total_hits":false`...)
	default:
		dst = append(dst, `,"track_total_hits":10000`...)
	}
	if wait := t.source.profile.Timeout * 9 / 10; wait > 0 {
		dst = append(dst, `,"timeout":"`...)
		dst = strconv.AppendInt(dst, max(wait.Milliseconds(), 1), 10)
		dst = append(dst, `ms"`...)
	}
	if s.frozen.kind != scrolled {
		dst = append(appendText(append(dst, `,"pit":{"id":`...), s.frozen.id), `,"keep_alive":"`+keepAlive+`"}`...)
	}
	if t.slices > 1 {
		dst = append(strconv.AppendInt(append(dst, `,"slice":{"id":`...), int64(s.slice), 10), `,"max":`...)
		dst = append(strconv.AppendInt(dst, int64(t.slices), 10), '}')
	}
	dst = s.bounded().append(append(dst, `,"query":`...))
	dst = s.appendSort(dst)
	if s.after != nil {
		dst = append(append(dst, `,"search_after":`...), s.place()...)
	}
	if s.fields {
		dst = append(dst, `,"_source":false,"fields":["*"]`...)
	}
	return append(dst, '}')
}

// bounded returns the query, after a loss only from the last time on. Without a
// time range the documents without a time are asked for in a search of their
// own: servers lose some of them behind a place in the order of time.
func (s *search) bounded() *clause {
	at := field{name: s.task.source.timeField}
	start, lost := s.from.time(s.task.nanos)
	switch {
	case s.timeless:
		return allOf(absentLeaf(at), s.query)
	case lost:
		return allOf(between(at, start, time.Time{}), s.query)
	case s.task.window.IsZero():
		return allOf(existsLeaf(at), s.query)
	}
	return s.query
}

// appendSort appends the order of documents: by time, and documents without one
// as they come.
func (s *search) appendSort(dst []byte) []byte {
	dst = append(dst, `,"sort":[`...)
	if s.timeless {
		if s.frozen.kind == elasticPIT {
			return append(dst, `{"_shard_doc":"asc"}]`...)
		}
		return append(dst, `{"_doc":"asc"}]`...)
	}
	dst = append(appendText(append(dst, '{'), s.task.source.timeField), `:{"order":"asc","unmapped_type":"date"`...)
	if s.task.nanos {
		dst = append(dst, `,"numeric_type":"date_nanos"`...)
	}
	dst = append(dst, "}}"...)
	if s.frozen.kind == openSearchPIT {
		dst = append(dst, `,{"_doc":"asc"}`...)
	}
	return append(dst, ']')
}

// place returns the sort values behind which the next page begins.
func (s *search) place() []byte {
	if s.frozen.kind != openSearchPIT {
		return s.after
	}
	i := bytes.LastIndexAny(s.after, "[,")
	if i < 0 {
		return s.after
	}
	n, err := strconv.ParseInt(strings.Trim(string(s.after[i+1:]), "] "), 10, 64)
	if err != nil {
		return s.after
	}
	return append(strconv.AppendInt(slices.Clone(s.after[:i+1]), n-1, 10), ']')
}

// advance takes note of a page, and leaves out of it what was seen before.
func (s *search) advance(p *page) {
	s.begun = true
	if p.pit != "" && s.frozen.kind == elasticPIT {
		s.frozen.id = p.pit
		s.task.hold(s.frozen)
	}
	if p.scroll != "" && s.frozen.kind == scrolled {
		s.scroll = p.scroll
		s.task.holdScroll(p.scroll)
	}
	came := len(p.hits)
	if came > 0 {
		s.remember(p)
	}
	switch {
	case came == 0, came < s.size && s.frozen.kind != scrolled:
		s.end()
	case len(p.hits) == 0 && s.size < mostPage:
		s.size = min(2*s.size, mostPage) // a page of nothing new must not come again
	}
}

// remember leaves out of a page what was seen before, and keeps its last place
// with all that was seen there.
func (s *search) remember(p *page) {
	s.after = slices.Clone(p.last)
	p.hits = slices.DeleteFunc(p.hits, func(h hit) bool { return s.seen[h.key()] })
	for i := range p.hits {
		if h := &p.hits[i]; s.timeless {
			h.at = sortKey{kind: 2}
		} else {
			h.at = keyOf(h.sort)
		}
	}
	if last := keyOf(p.last); last != s.seenAt {
		s.seen, s.seenAt = make(map[string]bool), last
	}
	for i := len(p.hits) - 1; i >= 0 && keyOf(p.hits[i].sort) == s.seenAt; i-- {
		s.seen[p.hits[i].key()] = true
	}
}

// end goes on to the documents without a time, if they are wanted.
func (s *search) end() {
	if s.timeless || !s.task.window.IsZero() {
		s.finished = true
		return
	}
	s.timeless = true
	s.after, s.from, s.scroll = nil, sortKey{}, ""
	s.seen, s.seenAt = make(map[string]bool), sortKey{}
}

// key names the document among all.
func (h *hit) key() string { return h.index + "\x00" + h.id }

// time returns the moment that a key stands for: milliseconds, or nanoseconds.
func (k sortKey) time(nanos bool) (time.Time, bool) {
	switch {
	case k.kind != 0 || k.number == 0:
		return time.Time{}, false
	case nanos:
		return time.Unix(0, k.number), true
	}
	return time.UnixMilli(k.number), k.number < 1<<43
}
