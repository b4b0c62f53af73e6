// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
)

// now is when tests take place: behind all documents.
var now = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// sample returns an index of our own documents.
func sample(t testing.TB, name string) *index {
	t.Helper()
	x := &index{name: name, types: ecsType, ignoreAbove: 1024}
	for _, file := range []string{"sysmon", "sysflow"} {
		text, err := os.ReadFile(filepath.Join("..", "mapping", "testdata", file+".ndjson"))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for doc := range bytes.Lines(text) {
			n++
			x.add(t, fmt.Sprintf("%s-%02d", file, n), bytes.TrimSpace(doc))
		}
	}
	return x
}

// many returns an index of n documents, of which each five have the same time.
func many(t testing.TB, name string, n int) *index {
	t.Helper()
	x := &index{name: name, types: ecsType, ignoreAbove: 1024}
	for i := range n {
		at := now.Add(-time.Hour + time.Duration(i/5)*time.Second)
		x.add(t, fmt.Sprintf("d%03d", i), fmt.Appendf(nil, `{"@timestamp":"%s","process":{"pid":%d,"name":"p%d"}}`, at.Format(time.RFC3339), i, i%3))
	}
	return x
}

// openSource opens a profile of a server.
func openSource(t testing.TB, s *server, change func(*datasource.Profile)) *source {
	t.Helper()
	p := datasource.Profile{
		Name: "lab", Connector: "elastic_ecs", Connection: datasource.Settings{"host": s.URL},
		BatchSize: 1000, Timeout: 30 * time.Second, Window: 5 * time.Minute,
	}
	if change != nil {
		change(&p)
	}
	src, err := new(Connector).Open(t.Context(), p, datasource.Env{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	own := src.(*source)
	t.Cleanup(func() { _ = own.Close() })
	return own
}

// allDay covers all documents.
var allDay = plan.Window{Start: now.Add(-24 * time.Hour), Stop: now, Origin: plan.Given}

// ask makes the plan of a GET.
func ask(t failer, inside, typ string, w plan.Window, limit int64) plan.Node {
	t.Helper()
	var n plan.Node = &plan.Scan{Sources: []string{"stixshifter://lab"}, Entity: typ, Window: w}
	if inside != "" {
		expr, _ := where(t, inside)
		n = &plan.Filter{Input: n, Where: expr}
	}
	if limit >= 0 {
		n = &plan.Limit{Input: n, Count: limit, ByRecord: true}
	}
	return n
}

// An answer is what a task gave.
type answer struct {
	docs  []string // documents, in order
	found []string // entities found: type and one attribute
	count datasource.Count
	err   error
}

func (a answer) codes() []diag.Code {
	var out []diag.Code
	for _, n := range a.count.Notes {
		out = append(out, n.Code)
	}
	return out
}

func runTask(ctx context.Context, t failer, src *source, want plan.Node) answer {
	t.Helper()
	task, rest, err := src.Plan(ctx, want)
	if err != nil {
		return answer{err: err}
	}
	if rest != nil {
		t.Fatalf("Plan leaves %s", plan.String(rest))
	}
	var a answer
	for b, err := range task.Run(ctx, nil) {
		if err != nil {
			a.err = err
			break
		}
		for _, rec := range b.Records {
			a.docs = append(a.docs, rec.Locator.Doc)
		}
		for _, h := range b.Hits[0] {
			o := &b.Records[h.Record].Objects[h.Object]
			a.found = append(a.found, o.Type+" "+o.Attr("name").String()+o.Attr("value").String())
		}
	}
	a.count = task.Counts()[0]
	return a
}

func ids(n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("d%03d", i))
	}
	return out
}

// A record has the place of its document, and the document's own bytes.
func TestRecordPlaces(t *testing.T) {
	t.Parallel()
	const n = 9
	index := many(t, "logs-1", n)
	src := openSource(t, newServer(t, "elasticsearch", index), func(p *datasource.Profile) { p.BatchSize = 2 })
	task, _, err := src.Plan(t.Context(), ask(t, "", "process", allDay, -1))
	if err != nil {
		t.Fatal(err)
	}
	records := 0
	for b, err := range task.Run(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		for i := range b.Records {
			rec := &b.Records[i]
			d := index.docs[slices.IndexFunc(index.docs, func(d document) bool { return d.id == rec.Locator.Doc })]
			want := entity.Locator{File: "logs-1", Doc: d.id, Length: int64(len(d.source))}
			if diff := cmp.Diff(want, rec.Locator); diff != "" || string(rec.Raw) != string(d.source) {
				t.Errorf("record of %s has the bytes %s, want %s; place (-want +got):\n%s", d.id, rec.Raw, d.source, diff)
			}
			records++
		}
	}
	if records != n {
		t.Errorf("%d records, want %d", records, n)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	const n = 60
	for _, product := range []string{"elasticsearch", "opensearch", "old", "mute"} {
		for _, size := range []int{1, 2, 7, n - 1, n, n + 1, 5000} {
			for _, slices := range []int{1, 3} {
				t.Run(fmt.Sprintf("%s by %d in %d", product, size, slices), func(t *testing.T) {
					t.Parallel()
					s := newServer(t, product, many(t, "logs-1", n))
					s.shards = 2
					src := openSource(t, s, func(p *datasource.Profile) {
						p.BatchSize = size
						p.Options = datasource.Settings{"slices": int64(slices)}
					})
					a := runTask(t.Context(), t, src, ask(t, "", "process", allDay, -1))
					if a.err != nil {
						t.Fatal(a.err)
					}
					got := a.docs
					if slices > 1 { // documents of one time may come in another order
						got = sorted(got)
					}
					if diff := cmp.Diff(ids(n), got); diff != "" {
						t.Errorf("documents (-want +got):\n%s", diff)
					}
					if a.count.Scanned != n || a.count.Matched != n || a.count.Cut || a.count.Failed != 0 {
						t.Errorf("counts %+v", a.count)
					}
					if left := s.leftOpen(); left != 0 {
						t.Errorf("%d searches are left open on the server", left)
					}
				})
			}
		}
	}
}

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}

func TestOrderOfSlices(t *testing.T) {
	t.Parallel()
	s := newServer(t, "elasticsearch", many(t, "logs-1", 60))
	src := openSource(t, s, func(p *datasource.Profile) { p.BatchSize = 4; p.Options = datasource.Settings{"slices": int64(4)} })
	a := runTask(t.Context(), t, src, ask(t, "", "process", allDay, -1))
	if len(a.docs) != 60 || a.err != nil {
		t.Fatalf("%d documents, %v", len(a.docs), a.err)
	}
	for i := range a.docs[1:] {
		if numberOfDoc(a.docs[i])/5 > numberOfDoc(a.docs[i+1])/5 {
			t.Errorf("%s comes before %s", a.docs[i], a.docs[i+1])
		}
	}
}

func numberOfDoc(id string) int {
	var n int
	_, _ = fmt.Sscanf(id, "d%d", &n)
	return n
}

func TestSameTime(t *testing.T) {
	t.Parallel()
	x := &index{name: "logs-1", types: ecsType, ignoreAbove: 1024}
	for i := range 40 {
		x.add(t, fmt.Sprintf("d%03d", i), fmt.Appendf(nil, `{"@timestamp":"2026-03-02T09:00:00Z","process":{"pid":%d}}`, i))
	}
	for _, product := range []string{"elasticsearch", "opensearch", "old"} {
		for _, size := range []int{1, 3, 10} {
			s := newServer(t, product, x)
			s.shards = 4
			src := openSource(t, s, func(p *datasource.Profile) { p.BatchSize = size })
			a := runTask(t.Context(), t, src, ask(t, "", "process", allDay, -1))
			if diff := cmp.Diff(ids(40), sorted(a.docs)); diff != "" || a.err != nil {
				t.Errorf("%s by %d: %v (-want +got):\n%s", product, size, a.err, diff)
			}
		}
	}
}

func TestConditions(t *testing.T) {
	t.Parallel()
	s := newServer(t, "opensearch", sample(t, "logs-1"))
	src := openSource(t, s, nil)
	tests := []struct {
		name, pattern, typ string
		found              []string
	}{
		{"a parent", `process:parent_ref.name = 'node'`, "process", []string{"process sh", "process sh"}[:1]},
		{"the exploited service", `process:parent_ref.name IN ('node', 'nginx') AND process:binary_ref.name NOT IN ('node', 'nginx')`, "process", []string{"process sh"}},
		{"by base name", `file:name = 'powershell.exe'`, "file", []string{"file powershell.exe", "file powershell.exe", "file powershell.exe"}},
		{"a network", `network-traffic:dst_ref.value ISSUBSET '203.0.113.0/24'`, "network-traffic", []string{"network-traffic "}},
		{"a parameter", `process:command_line LIKE '%-enc %'`, "process", nil},
		{"of another object", `process:name = 'curl.exe' AND x-oca-event:code = '3'`, "process", []string{"process curl.exe", "process curl.exe"}},
		{"an address", `ipv6-addr:value = '2001:db8::80'`, "ipv6-addr", []string{"ipv6-addr 2001:db8::80", "ipv6-addr 2001:db8::80"}},
		{"nothing", `process:name = 'nosuch.exe'`, "process", nil},
	}
	for _, tt := range tests {
		a := runTask(t.Context(), t, src, ask(t, tt.pattern, tt.typ, allDay, -1))
		if a.err != nil {
			t.Errorf("%s: %v", tt.name, a.err)
		}
		if tt.name == "a parameter" {
			if len(a.found) == 0 {
				t.Errorf("%s: nothing is found", tt.name)
			}
			continue
		}
		if diff := cmp.Diff(tt.found, a.found); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestLimit(t *testing.T) {
	t.Parallel()
	for _, product := range []string{"elasticsearch", "opensearch", "old"} {
		for _, limit := range []int64{0, 1, 9, 10, 11, 19, 20, 21, 100} {
			s := newServer(t, product, many(t, "logs-1", 60))
			src := openSource(t, s, func(p *datasource.Profile) { p.BatchSize = 10 })
			a := runTask(t.Context(), t, src, ask(t, `process:name = 'p1'`, "process", allDay, limit))
			if want := min(int(limit), 20); len(a.docs) != want || a.err != nil {
				t.Errorf("%s: LIMIT %d gives %d records, %v; want %d", product, limit, len(a.docs), a.err, want)
			}
			if a.count.Partial() {
				t.Errorf("%s: LIMIT %d makes the answer partial: %v", product, limit, a.count)
			}
			if s.leftOpen() != 0 {
				t.Errorf("%s: LIMIT %d leaves a search open", product, limit)
			}
		}
	}
}

func TestLeavingEarly(t *testing.T) {
	t.Parallel()
	for _, product := range []string{"elasticsearch", "opensearch", "old"} {
		s := newServer(t, product, many(t, "logs-1", 60))
		src := openSource(t, s, func(p *datasource.Profile) { p.BatchSize = 5 })
		task, _, err := src.Plan(t.Context(), ask(t, "", "process", allDay, -1))
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range task.Run(t.Context(), nil) {
			if err != nil {
				t.Error(err)
			}
			break
		}
		if s.leftOpen() != 0 {
			t.Errorf("%s: a search is left open when the consumer goes", product)
		}
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	s := newServer(t, "elasticsearch", many(t, "logs-1", 60))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.fault = func(n int, r *http.Request) http.HandlerFunc {
		if n == 3 && strings.HasSuffix(r.URL.Path, "_search") {
			return func(_ http.ResponseWriter, r *http.Request) {
				cancel()
				<-r.Context().Done()
			}
		}
		return nil
	}
	src := openSource(t, s, func(p *datasource.Profile) { p.BatchSize = 5 })
	a := runTask(ctx, t, src, ask(t, "", "process", allDay, -1))
	if !errors.Is(a.err, context.Canceled) {
		t.Errorf("a cancelled task gives %v, want context.Canceled", a.err)
	}
	if s.leftOpen() != 0 {
		t.Error("a cancelled task leaves a search open")
	}
}

func TestWindow(t *testing.T) {
	t.Parallel()
	x := &index{name: "logs-1", types: ecsType, ignoreAbove: 1024}
	for i, at := range []string{"09:54:59.999", "09:55:00.000", "09:59:59.999", "10:00:00.000"} {
		x.add(t, fmt.Sprintf("d%03d", i), fmt.Appendf(nil, `{"@timestamp":"2026-03-02T%sZ","process":{"pid":%d}}`, at, i))
	}
	s := newServer(t, "opensearch", x)
	a := runTask(t.Context(), t, openSource(t, s, nil), ask(t, "", "process", plan.Window{}, -1))
	if diff := cmp.Diff([]string{"d001", "d002"}, a.docs); diff != "" {
		t.Errorf("the last five minutes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]datasource.Note{datasource.DefaultedNote(5 * time.Minute)}, a.count.Notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	a = runTask(t.Context(), t, openSource(t, s, func(p *datasource.Profile) { p.Window = 0 }), ask(t, "", "process", plan.Window{}, -1))
	if len(a.docs) != 4 || a.count.Notes != nil {
		t.Errorf("without a window: %+v", a)
	}
	a = runTask(t.Context(), t, openSource(t, s, nil), ask(t, "", "process", plan.Window{Start: now, Stop: now.Add(time.Nanosecond)}, -1))
	if diff := cmp.Diff([]string{"d003"}, a.docs); diff != "" {
		t.Errorf("one nanosecond (-want +got):\n%s", diff)
	}
}

func TestRecordsAreStable(t *testing.T) {
	t.Parallel()
	s := newServer(t, "elasticsearch", sample(t, "logs-1"))
	src := openSource(t, s, nil)
	read := func() (out []entity.Record) {
		task, _, err := src.Plan(t.Context(), ask(t, `process:name = 'node'`, "process", allDay, -1))
		if err != nil {
			t.Fatal(err)
		}
		for b, err := range task.Run(t.Context(), nil) {
			if err != nil {
				t.Fatal(err)
			}
			for _, rec := range b.Records {
				rec.Raw = bytes.Clone(rec.Raw)
				rec.Objects = slices.Clone(rec.Objects)
				out = append(out, rec)
			}
		}
		return out
	}
	first, second := read(), read()
	if len(first) == 0 || first[0].ID != second[0].ID || first[0].Objects[0].ID != second[0].Objects[0].ID {
		t.Fatalf("ids differ: %v, %v", first, second)
	}
	rec := first[0]
	want := entity.Locator{File: "logs-1", Doc: "sysflow-01", Length: int64(len(rec.Raw))}
	if rec.Locator != want || !strings.HasPrefix(rec.ID, "observed-data--") {
		t.Errorf("record %s at %+v, want %+v", rec.ID, rec.Locator, want)
	}
	var a, b any
	_ = json.Unmarshal(rec.Raw, &a)
	_ = json.Unmarshal(sample(t, "x").docs[11].source, &b)
	if diff := cmp.Diff(b, a); diff != "" {
		t.Errorf("raw bytes (-want +got):\n%s", diff)
	}
}
