// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stixbundle

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// record writes an observed-data of one url, seen in a minute of an hour.
func record(id, value string, minute int) string {
	at := fmt.Sprintf("2023-03-01T10:%02d:00Z", minute)
	return fmt.Sprintf(`{"type": "observed-data", "id": %q, "first_observed": %q, "last_observed": %q, "number_observed": 1, `+
		`"objects": {"0": {"type": "url", "value": %q}, "1": {"type": "process", "pid": %d}}}`, id, at, at, value, minute)
}

// bundleOf writes a bundle of records.
func bundleOf(records ...string) string {
	return `{"type": "bundle", "id": "bundle--1", "spec_version": "2.0", "objects": [` + strings.Join(records, ",\n") + `]}`
}

// folderOf makes a folder with files.
func folderOf(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// like is a condition on the value of urls.
func like(pattern string) stix.Expr {
	return &stix.Comparison{
		Path: stix.Path{Type: "url", Steps: []stix.Step{{Name: "value"}}}, Op: stix.Like,
		Value: &stix.Literal{Value: entity.StringValue(pattern)}, Mode: stix.Mode{Coerce: true},
	}
}

// scan is a plan over all urls of a source.
func scan(uris ...string) *plan.Scan { return &plan.Scan{Sources: uris, Entity: "url"} }

func filter(in plan.Node, where stix.Expr) plan.Node { return &plan.Filter{Input: in, Where: where} }

func first(in plan.Node, n int64) plan.Node {
	return &plan.Limit{Input: in, Count: n, ByRecord: true}
}

// sourcesOf returns the URIs that a plan reads.
func sourcesOf(n plan.Node) []string {
	if s, ok := n.(*plan.Scan); ok {
		return s.Sources
	}
	return sourcesOf(n.Inputs()[0])
}

// An answer is what a task yields: for each question the ids of records and the
// values of hits, file:id=value.
type answer struct {
	hits   [][]string
	counts []datasource.Count
}

// ask runs questions over one source.
func ask(ctx context.Context, env datasource.Env, wants ...plan.Node) (answer, error) {
	src, err := new(Driver).Open(ctx, sourcesOf(wants[0]), env)
	if err != nil {
		return answer{}, err
	}
	task, rests, err := src.(datasource.Sharer).PlanAll(ctx, wants) //nolint:forcetypeassert // the source of this package
	if err != nil {
		return answer{}, err
	}
	for _, rest := range rests {
		if rest != nil {
			return answer{}, fmt.Errorf("the source leaves %v", rest)
		}
	}
	a := answer{hits: make([][]string, len(wants))}
	for batch, err := range task.Run(ctx, nil) {
		if err != nil {
			a.counts = task.Counts()
			return a, err
		}
		for q, hits := range batch.Hits {
			for _, h := range hits {
				rec := &batch.Records[h.Record]
				o := &rec.Objects[h.Object]
				if o.ID.IsZero() {
					return a, fmt.Errorf("object %s of record %s has no id", o.Key, rec.ID)
				}
				a.hits[q] = append(a.hits[q], rec.Locator.File+":"+rec.ID+"="+o.Attr("value").Text())
			}
		}
	}
	a.counts = task.Counts()
	return a, nil
}

func TestPaths(t *testing.T) {
	t.Parallel()
	a, b, c := bundleOf(record("a", "x", 1)), bundleOf(record("b", "x", 2)), bundleOf(record("c", "x", 3))
	dir := folderOf(t, map[string]string{
		"a.json": a, "b.json": b, "sub/c.json": c, "sub/d.txt": a, "sub/deep/a.json": a, "[x].json": c, "odd,name.json": a,
	})
	hunt := folderOf(t, map[string]string{"beside.json": b, "a.json": c, "more/a.json": a})
	tests := []struct {
		name string
		uris []string
		want []string
	}{
		{"relative", []string{"file://a.json"}, []string{"a.json:a=x"}},
		{"relative with a dot", []string{"file://./a.json"}, []string{"./a.json:a=x"}},
		{"absolute", []string{"file://" + dir + "/a.json"}, []string{dir + "/a.json:a=x"}},
		{"several, in the order given", []string{"file://b.json", "file://a.json"}, []string{"b.json:b=x", "a.json:a=x"}},
		{"beside the hunt", []string{"file://beside.json"}, []string{"beside.json:b=x"}},
		{"wildcards", []string{"file://?.json"}, []string{"a.json:a=x", "b.json:b=x"}},
		{"wildcards in folders", []string{"file://s*/*.json"}, []string{"sub/c.json:c=x"}},
		{"wildcards beside the hunt", []string{"file://bes*.json"}, []string{"beside.json:b=x"}},
		{"wildcards in an absolute path", []string{"file://" + dir + "/b*"}, []string{dir + "/b.json:b=x"}},
		{"brackets are no wildcards", []string{"file://[x].json"}, []string{"[x].json:c=x"}},
		{"brackets beside wildcards", []string{"file://[x]*"}, []string{"[x].json:c=x"}},
		{"a folder", []string{"file://sub"}, []string{"sub/c.json:c=x"}},
		{"a folder beside the hunt", []string{"file://more/"}, []string{"more/a.json:a=x"}},
		{"a comma in a name", []string{"file://odd,name.json"}, []string{"odd,name.json:a=x"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := ask(t.Context(), datasource.Env{Dir: dir, HuntDir: hunt}, scan(tt.uris...))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got.hits[0]); diff != "" {
				t.Errorf("hits in %v differ (-want +got):\n%s", tt.uris, diff)
			}
		})
	}
}

func TestQuestions(t *testing.T) {
	t.Parallel()
	dir := folderOf(t, map[string]string{
		"1.json": bundleOf(record("a", "aa", 1), record("b", "bb", 2), record("c", "aa", 3)),
		"2.json": bundleOf(record("d", "aa", 4), record("e", "bb", 5)),
	})
	all := scan("file://1.json", "file://2.json")
	early := scan("file://1.json", "file://2.json")
	early.Window = plan.Window{
		Start: time.Date(2023, 3, 1, 10, 2, 0, 0, time.UTC), Stop: time.Date(2023, 3, 1, 10, 4, 0, 0, time.UTC), Origin: plan.Given,
	}
	tests := []struct {
		name  string
		wants []plan.Node
		want  [][]string
	}{
		{"all", []plan.Node{all}, [][]string{{"1.json:a=aa", "1.json:b=bb", "1.json:c=aa", "2.json:d=aa", "2.json:e=bb"}}},
		{"a condition", []plan.Node{filter(all, like("b%"))}, [][]string{{"1.json:b=bb", "2.json:e=bb"}}},
		{"two conditions", []plan.Node{filter(filter(all, like("b%")), like("%a"))}, [][]string{nil}},
		{"a window", []plan.Node{early}, [][]string{{"1.json:b=bb", "1.json:c=aa"}}},
		{"a limit", []plan.Node{first(filter(all, like("a%")), 2)}, [][]string{{"1.json:a=aa", "1.json:c=aa"}}},
		{"a limit over files", []plan.Node{first(filter(all, like("a%")), 3)}, [][]string{{"1.json:a=aa", "1.json:c=aa", "2.json:d=aa"}}},
		{"a limit of none", []plan.Node{first(all, 0)}, [][]string{nil}},
		{"a limit without bound", []plan.Node{first(filter(all, like("b%")), -1)}, [][]string{{"1.json:b=bb", "2.json:e=bb"}}},
		{"several questions", []plan.Node{filter(all, like("a%")), first(filter(all, like("b%")), 1), early, filter(all, like("c%"))},
			[][]string{{"1.json:a=aa", "1.json:c=aa", "2.json:d=aa"}, {"1.json:b=bb"}, {"1.json:b=bb", "1.json:c=aa"}, nil}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := ask(t.Context(), datasource.Env{Dir: dir}, tt.wants...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got.hits); diff != "" {
				t.Errorf("hits differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPlanLeavesTheRest(t *testing.T) {
	t.Parallel()
	all := scan("file://a.json")
	path := stix.Path{Steps: []stix.Step{{Name: "value"}}}
	tests := []struct {
		name  string
		want  plan.Node
		left  string // "" if nothing
		asked string
	}{
		{"a limit of entities", &plan.Limit{Input: filter(all, like("a%")), Count: 2},
			"Limit", "[url:value LIKE 'a%']"},
		{"a filter above a limit", filter(first(all, 2), like("a%")), "Filter", "[url:id IS NOT NULL]"},
		{"a sort", &plan.Sort{Input: filter(all, like("a%")), Attr: path}, "Sort", "[url:value LIKE 'a%']"},
		{"what stands above a sort", filter(&plan.Sort{Input: all, Attr: path}, like("a%")), "Filter Sort", "[url:id IS NOT NULL]"},
		{"a limit of records with an offset", &plan.Limit{Input: all, Count: 2, Offset: 1, ByRecord: true}, "Limit", "[url:id IS NOT NULL]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			src, err := new(Driver).Open(t.Context(), all.Sources, datasource.Env{})
			if err != nil {
				t.Fatal(err)
			}
			task, rest, err := src.Plan(t.Context(), tt.want)
			if err != nil {
				t.Fatal(err)
			}
			var left []string
			for n := rest; n != all; n = n.Inputs()[0] {
				name := fmt.Sprintf("%T", n)
				left = append(left, strings.TrimPrefix(name, "*plan."))
			}
			if got := strings.Join(left, " "); got != tt.left {
				t.Errorf("Plan leaves %s, want %s", got, tt.left)
			}
			want := []datasource.NativeQuery{{Source: "a.json", Language: "STIX pattern", Text: tt.asked}}
			if diff := cmp.Diff(want, task.Native()); diff != "" {
				t.Errorf("native queries differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCounts(t *testing.T) {
	t.Parallel()
	faulty := strings.Replace(record("b", "aa", 2), `"pid": 2`, `"pid": 2, "parent_ref": "9"`, 1)
	dir := folderOf(t, map[string]string{
		"1.json": bundleOf(record("a", "aa", 1), faulty, `{"type": "observed-data", "id": "c", "objects": {}}`),
		"2.json": bundleOf(record("d", "aa", 4), record("e", "aa", 5)),
	})
	all := scan("file://1.json", "file://2.json")
	got, err := ask(t.Context(), datasource.Env{Dir: dir}, first(all, 3))
	if err != nil {
		t.Fatal(err)
	}
	for i := range got.counts {
		if got.counts[i].Bytes == 0 {
			t.Errorf("count %d has no bytes", i)
		}
		got.counts[i].Bytes = 0
	}
	want := []datasource.Count{
		{Source: "1.json", Scanned: 3, Matched: 2, Skipped: 1, Notes: []datasource.Note{
			{Code: diag.SkippedObjects, Message: "records without objects: 1 (first at byte 550, /objects/2)", Hint: "they are passed over"},
			{Code: diag.DanglingReference, Message: "references to missing objects: 1 (first at byte 302, /objects/1/objects/1/parent_ref)", Hint: "what they refer to is taken as unknown"},
		}},
		{Source: "2.json", Scanned: 1, Matched: 1},
	}
	if diff := cmp.Diff(want, got.counts); diff != "" {
		t.Errorf("counts differ (-want +got):\n%s", diff)
	}
}

func TestStamp(t *testing.T) {
	t.Parallel()
	dir := folderOf(t, map[string]string{"a.json": bundleOf(record("a", "x", 1))})
	stamp := func() string {
		src, err := new(Driver).Open(t.Context(), []string{"file://*.json"}, datasource.Env{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		task, _, err := src.Plan(t.Context(), scan("file://*.json"))
		if err != nil {
			t.Fatal(err)
		}
		s, err := task.Stamp(t.Context())
		if err != nil || s == "" {
			t.Fatalf("Stamp() = %q, %v", s, err)
		}
		return s
	}
	before := stamp()
	if again := stamp(); again != before {
		t.Errorf("Stamp() = %q, then %q of unchanged files", before, again)
	}
	if err := os.WriteFile(filepath.Join(dir, "a.json"), []byte(bundleOf()), 0o600); err != nil {
		t.Fatal(err)
	}
	changed := stamp()
	if changed == before {
		t.Errorf("Stamp() = %q of changed files too", before)
	}
	if err := os.WriteFile(filepath.Join(dir, "b.json"), []byte(bundleOf()), 0o600); err != nil {
		t.Fatal(err)
	}
	if more := stamp(); more == changed {
		t.Errorf("Stamp() = %q with another file too", changed)
	}
}

// TestBatches reads more records than a batch holds, keeps nothing of a batch,
// and leaves in the middle.
func TestBatches(t *testing.T) {
	t.Parallel()
	records := make([]string, 5*batchRecords)
	for i := range records {
		records[i] = record(fmt.Sprint(i), "x", i%60)
	}
	dir := folderOf(t, map[string]string{"a.json": bundleOf(records...)})
	run := func(want plan.Node, stop int) (seen int) {
		src, err := new(Driver).Open(t.Context(), []string{"file://a.json"}, datasource.Env{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		task, _, err := src.Plan(t.Context(), want)
		if err != nil {
			t.Fatal(err)
		}
		var progress int64
		for batch, err := range task.Run(t.Context(), func(done, total int64, unit string) {
			if done < progress || done > total || unit != "bytes" {
				t.Errorf("progress %d of %d %s after %d", done, total, unit, progress)
			}
			progress = done
		}) {
			if err != nil {
				t.Fatal(err)
			}
			for i := range batch.Records {
				if got, want := batch.Records[i].ID, fmt.Sprint(seen); got != want {
					t.Fatalf("record %d has id %s", seen, got)
				}
				seen++
			}
			if seen >= stop {
				break
			}
		}
		return seen
	}
	all := scan("file://a.json")
	for _, tt := range []struct {
		name  string
		want  plan.Node
		batch int
	}{{"at once", all, chunkRecords}, {"in turn", first(all, int64(len(records))), batchRecords}} {
		if got := run(tt.want, len(records)); got != len(records) {
			t.Errorf("%s: read %d records, want %d", tt.name, got, len(records))
		}
		if got := run(tt.want, 1); got != tt.batch {
			t.Errorf("%s: read %d records before leaving, want a batch of %d", tt.name, got, tt.batch)
		}
	}
}

// TestLargeRecords holds that a chunk keeps no memory of large records.
func TestLargeRecords(t *testing.T) {
	t.Parallel()
	var records []string
	for i := range 40 * chunkRecords {
		value := "x"
		if i%(chunkRecords+1) == 7 {
			value = strings.Repeat("y", largeRecord)
		}
		records = append(records, record(fmt.Sprint(i), value, 1))
	}
	dir := folderOf(t, map[string]string{"a.json": bundleOf(records...)})
	files, err := newTask(open(t, datasource.Env{Dir: dir}, "file://a.json")).locate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	large := 0
	err = convey(t.Context(), reading(files, nil, nil), func(*stix.RecordDecoder, *chunk) {}, func(c *chunk) error {
		kept := 0
		for _, raw := range c.raws[:cap(c.raws)] {
			kept += cap(raw.Raw)
		}
		if kept > largeRecord {
			large++
		}
		if kept > 4*largeRecord {
			t.Errorf("a chunk of %d bytes keeps %d", c.bytes, kept)
		}
		return nil
	})
	if err != nil || large == 0 {
		t.Errorf("%d chunks with large records, %v", large, err)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	dir := folderOf(t, map[string]string{"a.json": bundleOf(record("a", "x", 1))})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ask(ctx, datasource.Env{Dir: dir}, scan("file://a.json")); err == nil || ctx.Err() == nil {
		t.Errorf("a cancelled reading gives %v, want an error", err)
	}
}
