// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package elastic

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/datasource"
)

// A cause is an error as both products write it.
type cause struct {
	Type         string         `json:"type"`
	Reason       string         `json:"reason"`
	Index        string         `json:"index"`
	RootCause    []cause        `json:"root_cause"`
	CausedBy     *cause         `json:"caused_by"`
	FailedShards []shardFailure `json:"failed_shards"`
}

// A shardFailure is what one shard of an index could not do.
type shardFailure struct {
	Index  string `json:"index"`
	Reason cause  `json:"reason"`
}

// kinds are the kinds of failures that types of errors mean.
var kinds = map[string]datasource.Kind{
	"json_parse_exception":                     datasource.InvalidQuery,
	"x_content_parse_exception":                datasource.InvalidQuery,
	"parsing_exception":                        datasource.InvalidQuery,
	"parse_exception":                          datasource.InvalidQuery,
	"query_shard_exception":                    datasource.InvalidQuery,
	"query_phase_execution_exception":          datasource.InvalidQuery,
	"too_complex_to_determinize":               datasource.InvalidQuery,
	"too_complex_to_determinize_exception":     datasource.InvalidQuery,
	"too_many_nested_clauses":                  datasource.InvalidQuery,
	"too_many_clauses":                         datasource.InvalidQuery,
	"number_format_exception":                  datasource.InvalidQuery,
	"illegal_argument_exception":               datasource.InvalidParameter,
	"index_not_found_exception":                datasource.InvalidParameter,
	"index_closed_exception":                   datasource.InvalidParameter,
	"search_phase_execution_exception":         datasource.InvalidParameter,
	"es_rejected_execution_exception":          datasource.TooManyRequests,
	"rejected_execution_exception":             datasource.TooManyRequests,
	"open_search_rejected_execution_exception": datasource.TooManyRequests,
	"circuit_breaking_exception":               datasource.TooManyRequests,
	"search_context_missing_exception":         datasource.NoResults,
	"cluster_block_exception":                  datasource.Unavailable,
}

// explain finds kind and reason in the body of a refusal. The deepest cause that
// is known counts; security and time-outs are told by their status.
func explain(status int, body []byte) (datasource.Kind, string) {
	var answer struct {
		Error json.RawMessage `json:"error"`
	}
	var c cause
	if json.Unmarshal(body, &answer) != nil || json.Unmarshal(answer.Error, &c) != nil || c.Type == "" {
		return "", ""
	}
	deep := c.deepest(0)
	if status == http.StatusUnauthorized || status == http.StatusForbidden {
		return "", deep.clause()
	}
	kind := kinds[deep.Type]
	if kind == "" {
		kind = kinds[c.Type]
	}
	return kind, deep.clause()
}

// deepest returns the cause below all others.
func (c *cause) deepest(depth int) *cause {
	switch {
	case depth > 8:
		return c
	case len(c.FailedShards) > 0 && c.FailedShards[0].Reason.Type != "":
		return c.FailedShards[0].Reason.deepest(depth + 1)
	case c.CausedBy != nil && c.CausedBy.Type != "":
		return c.CausedBy.deepest(depth + 1)
	case len(c.RootCause) > 0 && c.RootCause[0].Type != "" && c.RootCause[0].Type != c.Type:
		return c.RootCause[0].deepest(depth + 1)
	}
	return c
}

func (c *cause) clause() string {
	reason := datasource.Shorten(c.Reason, 300)
	if reason == "" {
		reason = strings.ReplaceAll(c.Type, "_", " ")
	}
	return reason
}

// isKind reports whether an error is a failure of a kind.
func isKind(err error, kind datasource.Kind) bool {
	var f *datasource.Failure
	return errors.As(err, &f) && f.Kind == kind
}

// isStatus reports whether an error is a refusal with one of some statuses.
func isStatus(err error, statuses ...int) bool {
	var f *datasource.Failure
	if !errors.As(err, &f) {
		return false
	}
	return slices.Contains(statuses, f.Status)
}

// asFailure copies the failure in an error to f, and reports whether it has one.
func asFailure(err error, f *datasource.Failure) bool {
	var found *datasource.Failure
	if !errors.As(err, &found) {
		return false
	}
	*f = *found
	return true
}
