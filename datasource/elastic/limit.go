// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package elastic

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/datasource/transport"
	"github.com/kestrelhunt/kestrel/diag"
)

// limitNotes says which fields lose long texts: OpenSearch, and Elasticsearch
// before version 8, leave those longer than ignore_above out of an index and do
// not say in which documents. A search cannot find what they hold.
func (s *source) limitNotes(ctx context.Context, fields []string) ([]datasource.Note, error) {
	if len(fields) == 0 {
		return nil, nil
	}
	limits, err := s.limits(ctx, fields)
	if err != nil {
		return nil, err
	}
	byLimit := make(map[int][]string)
	for _, f := range fields {
		if n := limits[f]; n > 0 {
			byLimit[n] = append(byLimit[n], f)
		}
	}
	var notes []datasource.Note
	for _, n := range sortedInts(byLimit) {
		notes = append(notes, datasource.Note{
			Code:    diag.Truncated,
			Message: fmt.Sprintf("texts longer than %d characters are not indexed, and so not found, in %s", n, strings.Join(byLimit[n], ", ")),
			Hint:    "map the fields as wildcard, or with a higher ignore_above",
		})
	}
	return notes, nil
}

func sortedInts(m map[int][]string) []int {
	out := make([]int, 0, len(m))
	for n := range m {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// limits returns the least ignore_above that an index has for each of fields; 0
// for a field without one, or if the server does not tell. It is asked once for
// each field.
func (s *source) limits(ctx context.Context, fields []string) (map[string]int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ignoreAbove == nil {
		s.ignoreAbove = make(map[string]int)
	}
	var unknown []string
	for _, f := range fields {
		if _, ok := s.ignoreAbove[f]; !ok {
			unknown = append(unknown, f)
		}
	}
	for part := range slices.Chunk(unknown, 40) { // URLs are bounded
		if err := s.askLimits(ctx, part); err != nil {
			return nil, err
		}
	}
	out := make(map[string]int, len(fields))
	for _, f := range fields {
		out[f] = s.ignoreAbove[f]
	}
	return out, nil
}

// askLimits asks for some fields; the caller holds s.mu.
func (s *source) askLimits(ctx context.Context, fields []string) error {
	query := url.Values{}
	if s.caps != nil && len(s.caps.absent) > 0 {
		query.Set("ignore_unavailable", "true")
	}
	resp, err := s.client.Do(ctx, &transport.Request{
		Op: "ask for limits", Path: s.path("/_mapping/field/" + url.PathEscape(strings.Join(fields, ","))), Query: query,
		Accept: []int{http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed},
	})
	if err != nil {
		return err
	}
	for _, f := range fields {
		s.ignoreAbove[f] = 0
	}
	if resp.Status >= http.StatusBadRequest {
		return nil
	}
	var answer map[string]struct {
		Mappings map[string]struct {
			Mapping map[string]struct {
				IgnoreAbove int `json:"ignore_above"`
			} `json:"mapping"`
		} `json:"mappings"`
	}
	if err := resp.Decode(&answer); err != nil {
		return err
	}
	for _, index := range answer {
		for name, field := range index.Mappings {
			for _, m := range field.Mapping {
				if old := s.ignoreAbove[name]; m.IgnoreAbove > 0 && (old == 0 || m.IgnoreAbove < old) {
					s.ignoreAbove[name] = m.IgnoreAbove
				}
			}
		}
	}
	return nil
}
