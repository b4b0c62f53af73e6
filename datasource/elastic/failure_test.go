// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package elastic

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/secret"
)

func TestLostPointInTime(t *testing.T) {
	t.Parallel()
	for _, product := range []string{"elasticsearch", "opensearch", "old"} {
		s := newServer(t, product, many(t, "logs-1", 60))
		s.shards = 2
		lost := false
		s.fault = func(n int, r *http.Request) http.HandlerFunc {
			if n == 4 && !lost && r.Method == http.MethodPost {
				lost = true
				clear(s.open)
			}
			return nil
		}
		src := openSource(t, s, func(p *datasource.Profile) { p.BatchSize = 7 })
		a := runTask(t.Context(), t, src, ask(t, "", "process", allDay, -1))
		if diff := cmp.Diff(ids(60), a.docs); diff != "" || a.err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", product, a.err, diff)
		}
		if len(a.count.Notes) == 0 || !strings.Contains(a.count.Notes[0].Message, "forgot the search") {
			t.Errorf("%s: notes %v", product, a.count.Notes)
		}
	}
}

// respond answers with a status and a body.
func respond(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// TestFaults lets the third page fail: what came before is kept, and the failure
// says what to do.
func TestFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		fault  http.HandlerFunc
		kind   datasource.Kind
		reason string
	}{
		{"credentials", respond(401, `{"error":{"type":"security_exception","reason":"unable to authenticate user [x]"},"status":401}`), datasource.Unauthenticated, "unable to authenticate user [x]"},
		{"rights", respond(403, `{"error":{"type":"security_exception","reason":"no permissions for [indices:data/read/search]"},"status":403}`), datasource.Forbidden, "no permissions"},
		{"index", respond(404, `{"error":{"type":"index_not_found_exception","reason":"no such index [logs-1]"},"status":404}`), datasource.InvalidParameter, "no such index [logs-1]"},
		{"query", respond(400, `{"error":{"type":"search_phase_execution_exception","reason":"all shards failed","failed_shards":[{"shard":0,"index":"logs-1","reason":{"type":"query_shard_exception","reason":"failed to create query"}}]},"status":400}`), datasource.InvalidQuery, "failed to create query"},
		{"server error", respond(500, `{"error":{"type":"null_pointer_exception","reason":"oops"},"status":500}`), datasource.Unknown, "oops"},
		{"gateway", respond(502, `<html><title>Bad Gateway</title></html>`, "Content-Type", "text/html"), datasource.Unavailable, "Bad Gateway"},
		{"login page", respond(200, `<html><form><input type="password"></form></html>`, "Content-Type", "text/html"), datasource.Unknown, "web page that asks for a password"},
		{"cut JSON", respond(200, `{"took":1,"hits":{"hits":[{"_id":"x"`), datasource.Unknown, "cannot be parsed"},
		{"no hits", respond(200, `{"took":1}`), datasource.Unknown, "it has no hits"},
		{"other JSON", respond(200, `[1]`), datasource.Unknown, "it has no hits"},
		{"rejected", respond(429, `{"error":{"type":"es_rejected_execution_exception","reason":"rejected execution"},"status":429}`, "Retry-After", "1000"), datasource.TooManyRequests, "rejected execution"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, "elasticsearch", many(t, "logs-1", 60))
			s.fault = func(n int, r *http.Request) http.HandlerFunc {
				if n >= 3 && strings.HasSuffix(r.URL.Path, "_search") {
					return tt.fault
				}
				return nil
			}
			src := openSource(t, s, func(p *datasource.Profile) {
				p.BatchSize = 10
				p.Auth = datasource.Settings{"username": secret.New("ann"), "password": secret.New("hunter22")}
			})
			src.env.Getenv = func(string) string { return "" }
			a := runTask(t.Context(), t, src, ask(t, "", "process", allDay, -1))
			var f *datasource.Failure
			if !errors.As(a.err, &f) || f.Kind != tt.kind || !strings.Contains(f.Reason, tt.reason) || f.Remedy() == "" || f.Source != "lab" {
				t.Fatalf("the failure is %+v, want kind %s with %q", a.err, tt.kind, tt.reason)
			}
			if diff := cmp.Diff(ids(20), a.docs); diff != "" {
				t.Errorf("documents before the failure (-want +got):\n%s", diff)
			}
			if !a.count.Cut || a.count.Failed != 1 || a.count.Scanned != 20 {
				t.Errorf("counts %+v", a.count)
			}
			if strings.Contains(fmt.Sprintf("%+v %v", f, a.count), "hunter22") {
				t.Error("the failure shows the password")
			}
		})
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t, "elasticsearch")
	src := openSource(t, s, nil)
	s.Close()
	a := runTask(t.Context(), t, src, ask(t, "", "process", allDay, -1))
	if !errors.Is(a.err, datasource.ErrUnavailable) {
		t.Errorf("a server that is gone gives %v", a.err)
	}
}

func TestPartialAnswers(t *testing.T) {
	t.Parallel()
	s := newServer(t, "elasticsearch", many(t, "logs-1", 60))
	s.edit = func(answer map[string]any) {
		answer["timed_out"] = true
		answer["_shards"] = map[string]any{"total": 3, "failed": 1, "failures": []any{map[string]any{
			"shard": 1, "index": "logs-1", "reason": map[string]any{"type": "node_disconnected_exception", "reason": "node left"},
		}}}
	}
	a := runTask(t.Context(), t, openSource(t, s, nil), ask(t, "", "process", allDay, -1))
	if a.err != nil || len(a.docs) != 60 || !a.count.Cut || a.count.Failed != 1 {
		t.Fatalf("answer %+v", a)
	}
	if diff := cmp.Diff([]diag.Code{diag.Truncated, diag.Truncated}, a.codes()); diff != "" {
		t.Errorf("codes (-want +got):\n%s", diff)
	}
	if want := "1 of 3 shards failed, and their records are missing: logs-1: node left"; a.count.Notes[1].Message != want {
		t.Errorf("note %q, want %q", a.count.Notes[1].Message, want)
	}
}

func TestAbsentIndexMakesAnswersPartial(t *testing.T) {
	t.Parallel()
	s := newServer(t, "elasticsearch", many(t, "logs-1", 10))
	src := openSource(t, s, func(p *datasource.Profile) { p.Connection["indices"] = "logs-1,nosuch" })
	a := runTask(t.Context(), t, src, ask(t, "", "process", allDay, -1))
	if a.err != nil || len(a.docs) != 10 || !a.count.Partial() {
		t.Errorf("answer %+v, want 10 records that are not all", a)
	}
}

// TestTextsThatAreNotIndexed asks a server that leaves long texts out of its
// index: an answer that may lack them is partial, one to which they cannot belong
// is whole.
func TestTextsThatAreNotIndexed(t *testing.T) {
	t.Parallel()
	for where, want := range map[string]bool{"process:name LIKE 'p%'": true, "process:name = 'p1'": false} {
		s := newServer(t, "opensearch", many(t, "logs-1", 10))
		s.fault = func(_ int, r *http.Request) http.HandlerFunc {
			if strings.Contains(r.URL.Path, "/_mapping/field/") {
				return respond(200, `{"logs-1":{"mappings":{"process.name":{"mapping":{"name":{"ignore_above":1024}}}}}}`)
			}
			return nil
		}
		a := runTask(t.Context(), t, openSource(t, s, nil), ask(t, where, "process", allDay, -1))
		if a.err != nil || a.count.Partial() != want || (len(a.count.Notes) == 1) != want {
			t.Errorf("%s: answer %+v, want it partial: %t", where, a, want)
		}
	}
}

func TestHalvedPages(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]http.HandlerFunc{
		"too large for the server": respond(413, `{"error":{"type":"x","reason":"entity too large"}}`),
		"too large for us": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"hits":"`))
			chunk := bytes.Repeat([]byte("x"), 1<<20)
			for range pageBytes/len(chunk) + 1 {
				_, _ = w.Write(chunk)
			}
		},
	} {
		s := newServer(t, "elasticsearch", many(t, "logs-1", 60))
		s.fault = func(_ int, r *http.Request) http.HandlerFunc {
			if r.URL.Path == "/_search" && !strings.Contains(s.bodies[len(s.bodies)-1], `"size":25`) {
				return refuse
			}
			return nil
		}
		src := openSource(t, s, func(p *datasource.Profile) { p.BatchSize = 100 })
		a := runTask(t.Context(), t, src, ask(t, "", "process", allDay, -1))
		if diff := cmp.Diff(ids(60), a.docs); diff != "" || a.err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, a.err, diff)
		}
	}
}

func TestComplexExpression(t *testing.T) {
	t.Parallel()
	s := newServer(t, "elasticsearch", many(t, "logs-1", 30))
	s.fault = func(_ int, r *http.Request) http.HandlerFunc {
		if r.URL.Path == "/_search" && strings.Contains(s.bodies[len(s.bodies)-1], `"regexp"`) {
			return respond(400, `{"error":{"type":"search_phase_execution_exception","reason":"all shards failed","root_cause":[{"type":"too_complex_to_determinize","reason":"Determinizing automaton would require more than 10000 states"}]},"status":400}`)
		}
		return nil
	}
	a := runTask(t.Context(), t, openSource(t, s, nil), ask(t, `process:name MATCHES '^p[12]$'`, "process", allDay, -1))
	if a.err != nil || len(a.docs) != 20 || a.count.Scanned != 30 {
		t.Errorf("answer %+v", a)
	}
	if len(a.count.Notes) != 1 || !strings.Contains(a.count.Notes[0].Message, "too complex") {
		t.Errorf("notes %v", a.count.Notes)
	}
}

func TestWithoutSource(t *testing.T) {
	t.Parallel()
	s := newServer(t, "elasticsearch", many(t, "logs-1", 30))
	s.edit = func(answer map[string]any) {
		for _, h := range answer["hits"].(map[string]any)["hits"].([]any) {
			h := h.(map[string]any)
			source, ok := h["_source"].(json.RawMessage)
			delete(h, "_source")
			if ok && strings.Contains(s.bodies[len(s.bodies)-1], `"fields":["*"]`) {
				var doc map[string]any
				_ = json.Unmarshal(source, &doc)
				p := doc["process"].(map[string]any)
				h["fields"] = map[string]any{"@timestamp": []any{doc["@timestamp"]}, "process.pid": []any{p["pid"]}, "process.name": []any{p["name"]}}
			}
		}
	}
	a := runTask(t.Context(), t, openSource(t, s, nil), ask(t, `process:name = 'p1'`, "process", allDay, -1))
	if a.err != nil || len(a.docs) != 10 || a.found[0] != "process p1" {
		t.Errorf("answer %+v", a)
	}
}

func TestForbiddenCapabilities(t *testing.T) {
	t.Parallel()
	s := newServer(t, "elasticsearch", many(t, "logs-1", 10))
	s.fault = func(_ int, r *http.Request) http.HandlerFunc {
		if strings.HasSuffix(r.URL.Path, "_field_caps") {
			return respond(403, `{"error":{"type":"security_exception","reason":"no"},"status":403}`)
		}
		return nil
	}
	a := runTask(t.Context(), t, openSource(t, s, nil), ask(t, `process:name = 'p1'`, "process", allDay, -1))
	if a.err != nil || len(a.docs) != 3 || len(a.count.Notes) != 1 || a.count.Notes[0].Code != diag.SourceUnauthorized {
		t.Errorf("answer %+v", a)
	}
}
