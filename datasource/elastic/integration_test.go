// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

//go:build integration

package elastic

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/datasource/datasourcetest"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// TestLivePatterns holds the connector to the contract before real servers:
// generated patterns, and all else that the suite asks, give the documents and
// the entities that they give here. Field types are those of ECS, or those that a
// server makes up.
func TestLivePatterns(t *testing.T) {
	docs := liveDocuments(t)
	for _, product := range []struct {
		name  string
		live  *live
		notes []diag.Code
	}{{"OpenSearch", liveOpenSearch, []diag.Code{diag.Truncated}}, {"Elasticsearch", liveElasticsearch, nil}} {
		t.Run(product.name, func(t *testing.T) {
			url := product.live.start(t)
			for _, index := range []struct {
				name, settings string
				each           int // of so many documents one is loaded
			}{{"logs-ecs", ecsSettings(), 1}, {"logs-dynamic", dynamicSettings, 3}} {
				t.Run(index.name, func(t *testing.T) {
					var known [][]byte
					for i := 0; i < len(docs); i += index.each {
						known = append(known, docs[i])
					}
					if product.live == liveOpenSearch {
						known = slices.DeleteFunc(known, losesText)
					}
					held := fill(t, url, index.name, index.settings, known)
					datasourcetest.Run(t, liveFixture(t, url, index.name, held, 600, product.notes))
				})
			}
		})
	}
}

// liveFixture is an index of a server for the suite.
func liveFixture(t *testing.T, url, index string, held []stored, patterns int, notes []diag.Code) datasourcetest.Fixture {
	return datasourcetest.Fixture{
		Open: func(t testing.TB, env datasource.Env) datasource.Source {
			return openLiveIn(t, env, url, index, nil)
		},
		Sources: []string{"stixshifter://live"}, Records: records(t, index, held), Patterns: patterns, Notes: notes,
		Idle: func(t testing.TB) { allClosed(t, url) },
	}
}

// TestLiveNext holds the connector to the contract before the major versions
// behind those of the other tests, with a part of the documents.
func TestLiveNext(t *testing.T) {
	var docs [][]byte
	for i, doc := range liveDocuments(t) {
		if i%8 == 0 && !losesText(doc) {
			docs = append(docs, doc)
		}
	}
	for _, product := range []struct {
		name  string
		live  *live
		says  string
		notes []diag.Code
	}{
		{"OpenSearch 3", nextOpenSearch, "OpenSearch 3.", []diag.Code{diag.Truncated}},
		{"Elasticsearch 9", nextElasticsearch, "Elasticsearch", nil}, // the archive for tests has no page with a version
	} {
		t.Run(product.name, func(t *testing.T) {
			url := product.live.start(t)
			defer product.live.stop()
			held := fill(t, url, "logs-next", ecsSettings(), docs)
			src := openLive(t, url, "logs-next", nil)
			if said, err := src.Ping(t.Context()); err != nil || !strings.HasPrefix(said, product.says) {
				t.Errorf("Ping: %q, %v", said, err)
			}
			datasourcetest.Run(t, liveFixture(t, url, "logs-next", held, 300, product.notes))
		})
	}
}

func TestLivePages(t *testing.T) {
	docs := liveDocuments(t)
	for name, l := range map[string]*live{"OpenSearch": liveOpenSearch, "Elasticsearch": liveElasticsearch} {
		url := l.start(t)
		held := fill(t, url, "logs-pages", ecsSettings(), docs)
		want := make([]string, len(held))
		for i := range held {
			want[i] = held[i].id
		}
		scrolling := withoutPointsInTime(t, url)
		for _, size := range []int{97, 1000, 10000} {
			for _, slices := range []int{1, 3, -1} {
				at := url
				if slices < 0 {
					at, slices = scrolling, 1
				}
				src := openLive(t, at, "logs-pages", nil)
				src.profile.BatchSize, src.slices = size, slices
				a := runTask(t.Context(), t, src, &plan.Scan{Sources: []string{"stixshifter://live"}, Entity: "x-oca-event"})
				if a.err != nil || a.count.Scanned == 0 {
					t.Fatalf("%s by %d in %d: %v", name, size, slices, a.err)
				}
				var without []string // documents without an event are not asked for
				recs := records(t, "logs-pages", held)
				for i := range recs {
					if has(&recs[i], "x-oca-event") {
						without = append(without, held[i].id)
					}
				}
				if diff := cmp.Diff(without, sorted(a.docs)); diff != "" {
					t.Errorf("%s by %d in %d (-want +got):\n%.1000s", name, size, slices, diff)
				}
			}
		}
		allClosed(t, url)
	}
}

// withoutPointsInTime returns the URL of a server in front of another that opens
// no points in time.
func withoutPointsInTime(t *testing.T, target string) string {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(u)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/_pit") || strings.HasSuffix(r.URL.Path, "/point_in_time") {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func has(rec *entity.Record, typ string) bool {
	return slices.ContainsFunc(rec.Objects, func(o entity.Object) bool { return o.Type == typ })
}

func TestLiveSameTime(t *testing.T) {
	var docs [][]byte
	for i := range 200 {
		docs = append(docs, fmt.Appendf(nil, `{"@timestamp":"2026-03-02T09:00:00Z","process":{"pid":%d}}`, i))
	}
	for name, l := range map[string]*live{"OpenSearch": liveOpenSearch, "Elasticsearch": liveElasticsearch} {
		url := l.start(t)
		held := fill(t, url, "logs-same", ecsSettings(), docs)
		src := openLive(t, url, "logs-same", nil)
		for _, size := range []int{1, 7} {
			src.profile.BatchSize = size
			a := runTask(t.Context(), t, src, &plan.Scan{Sources: []string{"stixshifter://live"}, Entity: "process"})
			got := sorted(a.docs)
			if a.err != nil || len(got) != len(held) || len(slices.Compact(got)) != len(held) {
				t.Errorf("%s by %d: %d documents, %v; want %d", name, size, len(a.docs), a.err, len(held))
			}
		}
	}
}

func TestLiveFailures(t *testing.T) {
	for name, l := range map[string]*live{"OpenSearch": liveOpenSearch, "Elasticsearch": liveElasticsearch} {
		url := l.start(t)
		scan := &plan.Scan{Sources: []string{"stixshifter://live"}, Entity: "process"}
		for indices, reason := range map[string]string{"nosuch": "no such index [nosuch]", "nosuch-*": "no index matches nosuch-*"} {
			a := runTask(t.Context(), t, openLive(t, url, indices, nil), scan)
			if a.err == nil || !strings.Contains(a.err.Error(), reason) {
				t.Errorf("%s: index %s gives %v, want %q", name, indices, a.err, reason)
			}
		}
		fill(t, url, "logs-one", ecsSettings(), badDocuments(t))
		a := runTask(t.Context(), t, openLive(t, url, "logs-one,nosuch", nil), scan)
		if a.err != nil || len(a.docs) == 0 || len(a.count.Notes) != 1 {
			t.Errorf("%s: one of two indices: %d documents, %v, %v", name, len(a.docs), a.err, a.count.Notes)
		}
		hard := `(a|b)*a(a|b){17}`
		filter := &plan.Filter{Input: scan, Where: &stix.Comparison{
			Path: mustPath(t, "process:name"), Op: stix.Matches, Value: &stix.Literal{Value: entity.StringValue(hard)},
		}}
		a = runTask(t.Context(), t, openLive(t, url, "logs-one", nil), filter)
		if a.err != nil {
			t.Errorf("%s: a hard expression gives %v", name, a.err)
		}
		loses := slices.ContainsFunc(a.count.Notes, func(n datasource.Note) bool {
			return strings.Contains(n.Message, "texts longer than 1024 characters are not indexed, and so not found, in process.name, process.parent.name")
		})
		if loses != (l == liveOpenSearch) || a.count.Cut != loses {
			t.Errorf("%s: cut %t, notes %v", name, a.count.Cut, a.count.Notes)
		}
	}
}

func mustPath(t *testing.T, text string) stix.Path {
	t.Helper()
	path, list := stix.ParsePath(text)
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	return path
}
