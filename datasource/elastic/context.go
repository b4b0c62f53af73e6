// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package elastic

import (
	"context"
	"net/http"
	"net/url"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/datasource/transport"
)

// A frozen is a state of the indices that the server keeps for us, so that pages
// fit together while documents come in.
type frozen struct {
	kind frozenKind
	id   string // of a point in time
}

// frozenKind is how the server keeps a state.
type frozenKind uint8

const (
	scrolled      frozenKind = iota // each search has its own scroll
	elasticPIT                      // POST index/_pit
	openSearchPIT                   // POST index/_search/point_in_time
)

// keepAlive is how long the server keeps a state after each page: the time that
// we may take for one.
const keepAlive = "5m"

// freeze opens a point in time. A server that has none, or does not let us open
// one, is read with scrolls.
func (s *source) freeze(ctx context.Context) (frozen, error) {
	p, err := s.ask(ctx)
	if err != nil {
		return frozen{}, err
	}
	order := []frozenKind{elasticPIT, openSearchPIT}
	switch p.name {
	case "OpenSearch":
		order = order[1:]
	case "Elasticsearch":
		order = order[:1]
	}
	for _, kind := range order {
		f, ok, err := s.openPIT(ctx, kind)
		if err != nil {
			return frozen{}, s.missing(err)
		}
		if ok {
			return f, nil
		}
	}
	return frozen{kind: scrolled}, nil
}

// openPIT opens a point in time of one product; ok is false if the server cannot.
func (s *source) openPIT(ctx context.Context, kind frozenKind) (f frozen, ok bool, err error) {
	operation := "/_pit"
	if kind == openSearchPIT {
		operation = "/_search/point_in_time"
	}
	query := url.Values{"keep_alive": {keepAlive}}
	if s.hasAbsent() {
		query.Set("ignore_unavailable", "true")
	}
	resp, err := s.client.Do(ctx, &transport.Request{
		Op: "open a point in time", Method: http.MethodPost, Path: s.path(operation), Query: query, Paced: true,
		Accept: []int{http.StatusBadRequest, http.StatusForbidden, http.StatusMethodNotAllowed, http.StatusNotImplemented},
	})
	if isStatus(err, http.StatusNotFound) && !isIndexMissing(err) {
		return frozen{}, false, nil
	}
	if err != nil || resp.Status >= http.StatusBadRequest {
		return frozen{}, false, err
	}
	var answer struct {
		ID    string `json:"id"`
		PitID string `json:"pit_id"`
	}
	if err := resp.Decode(&answer); err != nil {
		return frozen{}, false, err
	}
	id := answer.ID + answer.PitID
	return frozen{kind: kind, id: id}, id != "", nil
}

// isIndexMissing reports whether a failure is about an index that does not
// exist, and not about an operation.
func isIndexMissing(err error) bool {
	return isKind(err, datasource.InvalidParameter)
}

// hasAbsent reports whether indices of the profile are known not to exist.
func (s *source) hasAbsent() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.caps != nil && len(s.caps.absent) > 0
}

// thaw lets the server forget a state. It does so also when ctx has ended, and
// what goes wrong then does not matter: the server forgets by itself.
func (s *source) thaw(ctx context.Context, f frozen, scrolls ...string) {
	req := &transport.Request{Op: "close a point in time", Method: http.MethodDelete}
	switch {
	case f.kind == elasticPIT:
		req.Path, req.Body = "/_pit", append(appendText([]byte(`{"id":`), f.id), '}')
	case f.kind == openSearchPIT:
		req.Path, req.Body = "/_search/point_in_time", append(appendText([]byte(`{"pit_id":[`), f.id), "]}"...)
	case len(scrolls) > 0:
		body := []byte(`{"scroll_id":[`)
		for i, id := range scrolls {
			if i > 0 {
				body = append(body, ',')
			}
			body = appendText(body, id)
		}
		req.Op, req.Path, req.Body = "close a scroll", "/_search/scroll", append(body, "]}"...)
	default:
		return
	}
	_ = s.client.CleanUp(ctx, req)
}
