// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

//go:build integration

package elastic

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/match"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// A place is a path at which records have values, with some of them.
type place struct {
	path   string // type:attribute
	values []entity.Value
}

// placesIn returns the paths at which records have values: attributes, and those
// behind one or two references.
func placesIn(recs []entity.Record) []place {
	found := make(map[string]*place)
	add := func(path string, v entity.Value) {
		p := found[path]
		if p == nil {
			p = &place{path: path}
			found[path] = p
		}
		if len(p.values) < 200 && !slices.Contains(p.values, v) {
			p.values = append(p.values, v)
		}
	}
	var walk func(rec *entity.Record, i int, path string, depth int)
	walk = func(rec *entity.Record, i int, path string, depth int) {
		o := &rec.Objects[i]
		for _, a := range o.Attrs {
			add(path+a.Name, a.Value)
			if strings.HasPrefix(a.Value.Text(), "[") && a.Value.Kind() == entity.JSON {
				for e := range strings.SplitSeq(strings.Trim(a.Value.Text(), "[]"), ",") {
					add(path+a.Name+"[*]", entity.StringValue(strings.Trim(e, `"`)))
				}
			}
		}
		if depth == 2 {
			return
		}
		for _, l := range o.Links {
			name := l.Name
			if l.Many {
				name += "[*]"
			}
			walk(rec, l.Target, path+name+".", depth+1)
		}
	}
	for r := range recs {
		for i := range recs[r].Objects {
			walk(&recs[r], i, recs[r].Objects[i].Type+":", 0)
		}
	}
	var out []place
	for _, path := range slices.Sorted(mapKeys(found)) {
		out = append(out, *found[path])
	}
	return out
}

func mapKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// A patternMaker draws patterns that ask for what records have.
type patternMaker struct {
	*rand.Rand
	places []place
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// expr draws a pattern about a type, and perhaps about others.
func (m *patternMaker) expr(t *testing.T, typ string, depth int) stix.Expr {
	if depth > 0 && m.IntN(2) == 0 {
		op := pick(m.Rand, []stix.LogicOp{stix.And, stix.And, stix.Or})
		return &stix.Logic{Op: op, X: m.expr(t, typ, depth-1), Y: m.expr(t, typ, depth-1)}
	}
	own := m.places
	if m.IntN(4) > 0 {
		own = slices.DeleteFunc(slices.Clone(own), func(p place) bool { return !strings.HasPrefix(p.path, typ+":") })
	}
	p := pick(m.Rand, own)
	path, list := stix.ParsePath(p.path)
	if err := list.Err(); err != nil {
		t.Fatalf("%s: %v", p.path, err)
	}
	return m.comparison(path, p)
}

func (m *patternMaker) comparison(path stix.Path, p place) stix.Expr {
	v := pick(m.Rand, p.values)
	c := &stix.Comparison{Path: path, Not: m.IntN(8) == 0}
	switch m.IntN(12) {
	case 0:
		return &stix.Exists{Path: path, Not: m.IntN(3) == 0}
	case 1, 2, 3:
		c.Op = stix.Equal
	case 4:
		c.Op = stix.NotEqual
	case 5:
		c.Op = stix.In
		l := &stix.List{}
		for range 1 + m.IntN(5) {
			l.Items = append(l.Items, &stix.Literal{Value: pick(m.Rand, p.values)})
		}
		c.Value = l
		return c
	case 6, 7, 8:
		c.Op, v = stix.Like, entity.StringValue(m.glob(v.String()))
	case 9, 10:
		c.Op, v = stix.Matches, entity.StringValue(m.expression(v.String()))
	default:
		c.Op = pick(m.Rand, []stix.Op{stix.Less, stix.LessEqual, stix.Greater, stix.GreaterEqual, stix.IsSubset})
		if c.Op == stix.IsSubset {
			v = entity.StringValue(v.String() + pick(m.Rand, []string{"", "/8", "/17", "/24", "/64"}))
		}
	}
	c.Value = &stix.Literal{Value: v}
	return c
}

// part returns a part of a text, in whole characters.
func (m *patternMaker) part(s string) string {
	runes := []rune(s)
	if len(runes) == 0 {
		return ""
	}
	from := m.IntN(len(runes))
	return string(runes[from : from+1+m.IntN(min(len(runes)-from, 12))])
}

func (m *patternMaker) glob(s string) string {
	g := m.part(s)
	switch m.IntN(5) {
	case 0:
		return "%" + g + "%"
	case 1:
		return string([]rune(s)[:len([]rune(s))/2]) + "%"
	case 2:
		return "%" + string([]rune(s)[len([]rune(s))/2:])
	case 3:
		return "%" + g + "%" + m.part(s) + "%"
	}
	runes := []rune(s)
	for range min(len(runes), 2) {
		runes[m.IntN(len(runes))] = '_'
	}
	return string(runes)
}

func (m *patternMaker) expression(s string) string {
	q := regexp.QuoteMeta(m.part(s))
	switch m.IntN(7) {
	case 0:
		return q
	case 1:
		return "^" + regexp.QuoteMeta(string([]rune(s)[:len([]rune(s))/2]))
	case 2:
		return regexp.QuoteMeta(string([]rune(s)[len([]rune(s))/2:])) + "$"
	case 3:
		return "(?i)" + strings.ToUpper(regexp.QuoteMeta(m.part(s)))
	case 4:
		return "(" + q + "|" + regexp.QuoteMeta(m.part(s)) + ")"
	case 5:
		return q + `\w*` + regexp.QuoteMeta(m.part(s)) + "?"
	}
	return `[^a-m]{1,3}` + q
}

// TestLivePatterns asks a real server for what generated patterns mean, and
// compares with what they mean here: the same documents, the same entities.
func TestLivePatterns(t *testing.T) {
	docs := liveDocuments(t)
	const patterns = 600
	for _, product := range []struct {
		name string
		live *live
	}{{"OpenSearch", liveOpenSearch}, {"Elasticsearch", liveElasticsearch}} {
		t.Run(product.name, func(t *testing.T) {
			url := product.live.start(t)
			for _, index := range []struct{ name, settings string }{{"logs-ecs", ecsSettings()}, {"logs-dynamic", dynamicSettings}} {
				t.Run(index.name, func(t *testing.T) {
					known := docs
					if product.live == liveOpenSearch {
						known = slices.DeleteFunc(slices.Clone(docs), losesText)
					}
					held := fill(t, url, index.name, index.settings, known)
					recs := records(t, index.name, held)
					src := openLive(t, url, index.name, nil)
					m := &patternMaker{rand.New(rand.NewPCG(7, uint64(len(index.name)))), placesIn(recs)}
					var types []string
					for _, p := range m.places {
						typ, _, _ := strings.Cut(p.path, ":")
						types = append(types, typ)
					}
					scanned, matched := int64(0), int64(0)
					for n := range patterns {
						typ := pick(m.Rand, types)
						where := m.expr(t, typ, 2)
						a := comparePattern(t, src, index.name, held, recs, where, typ)
						scanned, matched = scanned+a.count.Scanned, matched+a.count.Matched
						if t.Failed() {
							t.Fatalf("pattern %d", n)
						}
					}
					t.Logf("%d documents, %d patterns at %d paths: %d documents came, %d matched", len(held), patterns, len(m.places), scanned, matched)
					if open := openContexts(t, url); open != 0 {
						t.Errorf("%v searches are left open", open)
					}
				})
			}
		})
	}
}

// comparePattern asks for one pattern, and compares with what it means.
func comparePattern(t *testing.T, src *source, index string, held []stored, recs []entity.Record, where stix.Expr, typ string) answer {
	t.Helper()
	m, err := match.Compile(resolved(src.table, where, typ), typ)
	if err != nil {
		t.Fatalf("%s: %v", stix.ExprString(where, ""), err)
	}
	want := make(map[string][]int)
	for i := range recs {
		if hits := m.Match(&recs[i], nil); len(hits) > 0 {
			want[held[i].id] = hits
		}
	}
	scan := &plan.Scan{Sources: []string{"stixshifter://live"}, Entity: typ}
	task, _, err := src.Plan(t.Context(), &plan.Filter{Input: scan, Where: where})
	got := make(map[string][]int)
	if err == nil {
		for b, err := range task.Run(t.Context(), nil) {
			if err != nil {
				t.Errorf("%s %s: %v", typ, stix.ExprString(where, ""), err)
				break
			}
			for _, h := range b.Hits[0] {
				id := b.Records[h.Record].Locator.Doc
				got[id] = append(got[id], h.Object)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("index %s: %s that satisfy\n%s\n%v (-want +got):\n%.2000s", index, typ, stix.ExprString(where, ""), err, diff)
	}
	if task == nil {
		return answer{}
	}
	return answer{count: task.Counts()[0]}
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
		if open := openContexts(t, url); open != 0 {
			t.Errorf("%s: %v searches are left open", name, open)
		}
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
		if loses != (l == liveOpenSearch) {
			t.Errorf("%s: notes %v", name, a.count.Notes)
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
