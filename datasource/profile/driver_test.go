// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package profile_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/datasource/profile"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/secret"
	"github.com/kestrelhunt/kestrel/stix"
)

// A fake connector plays sources whose behaviour stands in their host:
// "records=6 fail=after", in a page of two records each.
type fake struct {
	names  []string
	opened []datasource.Profile
}

func (f *fake) Names() []string { return f.names }

func (f *fake) Open(_ context.Context, p datasource.Profile, _ datasource.Env) (datasource.Source, error) {
	f.opened = append(f.opened, p)
	host, err := p.Connection.Text("host")
	if err != nil {
		return nil, err
	}
	s, able := &fakeSource{name: p.Name}, false
	for word := range strings.FieldsSeq(host) {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "records":
			fmt.Sscan(value, &s.records) //nolint:errcheck // of this test
		case "fail":
			s.fail = value
		case "exact":
			s.exact = true
		case "able":
			able = true
		case "open":
			return nil, &datasource.Failure{Kind: datasource.Misconfigured, Reason: "indices are a number"}
		}
	}
	if able {
		return &ableSource{s}, nil
	}
	return s, nil
}

// An ableSource shares and completes. It leaves all conditions.
type ableSource struct{ *fakeSource }

func (s *ableSource) PlanAll(ctx context.Context, wants []plan.Node) (datasource.Task, []plan.Node, error) {
	rests := make([]plan.Node, len(wants))
	for i, want := range wants {
		if _, rests[i], _ = s.Plan(ctx, want); s.fail == "plan" {
			return nil, nil, errors.New("no plan")
		}
	}
	return &fakeTask{s.fakeSource, len(wants)}, rests, nil
}

func (s *ableSource) Complete(ctx context.Context, want datasource.Wanted) (datasource.Task, error) {
	if s.fail == "plan" {
		return nil, errors.New("no plan")
	}
	s.want = &plan.Scan{Entity: want.Entity}
	return &fakeTask{s.fakeSource, 1}, ctx.Err()
}

type fakeSource struct {
	name    string
	records int
	fail    string // plan, start, after, or ""
	exact   bool   // it takes conditions on
	pages   int    // asked for
	want    plan.Node
}

func (s *fakeSource) Plan(_ context.Context, want plan.Node) (datasource.Task, plan.Node, error) {
	s.want = want
	if s.fail == "plan" {
		return nil, nil, &datasource.Failure{Kind: datasource.MappingError, Reason: "nothing is mapped"}
	}
	if s.exact {
		return &fakeTask{s, 1}, nil, nil
	}
	return &fakeTask{s, 1}, want, nil
}

func (s *fakeSource) Ping(context.Context) (string, error) { return "fake 1.0", nil }

type fakeTask struct {
	s         *fakeSource
	questions int
}

func (t *fakeTask) Native() []datasource.NativeQuery {
	return []datasource.NativeQuery{{Language: "fake", Text: plan.String(t.s.want)}}
}

func (t *fakeTask) Stamp(context.Context) (string, error) { return "stamp", nil }

func (t *fakeTask) Counts() []datasource.Count {
	return []datasource.Count{{Source: t.s.name, Scanned: int64(t.s.pages * 2), Matched: int64(t.s.pages * 2)}}
}

func (t *fakeTask) Run(context.Context, datasource.Progress) iter.Seq2[*entity.Batch, error] {
	return func(yield func(*entity.Batch, error) bool) {
		refused := &datasource.Failure{Kind: datasource.Unauthenticated, Op: "search", Status: 401, Reason: "no", Query: "the query"}
		if t.s.fail == "start" {
			yield(nil, refused)
			return
		}
		for n := 0; n < t.s.records; n += 2 {
			t.s.pages++
			b := &entity.Batch{Hits: make([][]entity.Hit, t.questions)}
			for i := n; i < min(n+2, t.s.records); i++ {
				for q := range b.Hits {
					b.Hits[q] = append(b.Hits[q], entity.Hit{Record: len(b.Records)})
				}
				b.Records = append(b.Records, entity.Record{
					ID: fmt.Sprintf("%s-%d", t.s.name, i), Count: 1,
					Objects: []entity.Object{{Type: "process", Attrs: []entity.Attr{{Name: "pid", Value: entity.IntValue(int64(i))}}}},
				})
			}
			if !yield(b, nil) {
				return
			}
		}
		if t.s.fail == "after" {
			yield(nil, refused)
		}
	}
}

// driver returns a driver whose profiles are fakes, by name and behaviour.
func driver(f *fake, profiles ...string) *profile.Driver {
	var vars []string
	for _, p := range profiles {
		name, host, _ := strings.Cut(p, ": ")
		name = strings.ToUpper(name)
		vars = append(vars, "STIXSHIFTER_"+name+"_CONNECTOR=fake",
			"STIXSHIFTER_"+name+`_CONNECTION={"host": "`+host+`"}`, "STIXSHIFTER_"+name+`_CONFIG={"auth": {}}`)
	}
	return &profile.Driver{Connectors: []datasource.Connector{f}, Environ: func() []string { return vars }}
}

// want returns a plan of processes with a pid of at least least, at most limit
// records; negative is no condition, no limit.
func want(uris []string, least, limit int64) plan.Node {
	var n plan.Node = &plan.Scan{Sources: uris, Entity: "process"}
	if least >= 0 {
		n = &plan.Filter{Input: n, Where: &stix.Comparison{
			Path: stix.Path{Steps: []stix.Step{{Name: "pid"}}}, Op: stix.GreaterEqual, Mode: stix.Mode{Coerce: true},
			Value: &stix.Literal{Kind: stix.IntLit, Value: entity.IntValue(least)},
		}}
	}
	if limit >= 0 {
		n = &plan.Limit{Input: n, Count: limit, ByRecord: true}
	}
	return n
}

// A report is what came of a run.
type report struct {
	Records []string
	Notes   []string
	Matched []int64
	Err     string
}

func run(t *testing.T, d *profile.Driver, uris []string, least, limit int64) report {
	t.Helper()
	src, err := d.Open(t.Context(), uris, datasource.Env{})
	if err != nil {
		return report{Err: err.Error()}
	}
	task, rest, err := src.Plan(t.Context(), want(uris, least, limit))
	if err != nil {
		return report{Err: err.Error()}
	}
	if rest != nil {
		t.Errorf("Plan leaves %s", plan.String(rest))
	}
	var out report
	for batch, err := range task.Run(t.Context(), nil) {
		if err != nil {
			out.Err = err.Error()
			break
		}
		for _, h := range batch.Hits[0] {
			out.Records = append(out.Records, batch.Records[h.Record].ID)
		}
		if len(batch.Hits[0]) != len(batch.Records) {
			t.Errorf("%d records with %d hits", len(batch.Records), len(batch.Hits[0]))
		}
	}
	for _, c := range task.Counts() {
		out.Matched = append(out.Matched, c.Matched)
		for _, n := range c.Notes {
			out.Notes = append(out.Notes, fmt.Sprintf("%s %s: %s", n.Code, c.Source, n.Message))
		}
	}
	return out
}

func TestRun(t *testing.T) {
	t.Parallel()
	const refused = "source-unauthorized b: search: no (status 401), asked for the query"
	tests := []struct {
		name         string
		profiles     []string
		uris         []string
		least, limit int64
		want         report
	}{
		{"one", []string{"a: records=3"}, []string{"stixshifter://A"}, -1, -1,
			report{Records: []string{"a-0", "a-1", "a-2"}, Matched: []int64{4}}},
		{"without scheme, several in one, one twice", []string{"a: records=1", "b: records=1"}, []string{"b, a", "stixshifter://b"}, -1, -1,
			report{Records: []string{"b-0", "a-0"}, Matched: []int64{2, 2}}},
		{"what a connector leaves is checked", []string{"a: records=5"}, []string{"a"}, 3, -1,
			report{Records: []string{"a-3", "a-4"}, Matched: []int64{2}}},
		{"limit over all", []string{"a: records=3", "b: records=9", "c: records=9"}, []string{"a,b,c"}, 1, 5,
			report{Records: []string{"a-1", "a-2", "b-1", "b-2", "b-3"}, Matched: []int64{2, 3, 0}}},
		{"limit at the end of a profile", []string{"a: records=2", "b: records=2 fail=start"}, []string{"a,b"}, -1, 2,
			report{Records: []string{"a-0", "a-1"}, Matched: []int64{2, 0}}},
		{"limit of none", []string{"a: records=2"}, []string{"a"}, -1, 0, report{Matched: []int64{0}}},
		{"exact connector", []string{"a: records=3 exact"}, []string{"a"}, 7, 2,
			report{Records: []string{"a-0", "a-1"}, Matched: []int64{2}}},
		{"an empty one", []string{"a: records=0", "b: records=1"}, []string{"a,b"}, -1, -1,
			report{Records: []string{"b-0"}, Matched: []int64{0, 2}}},
		{"one fails at its start", []string{"a: records=1", "b: records=4 fail=start", "c: records=1"}, []string{"a,b,c"}, -1, -1,
			report{Records: []string{"a-0", "c-0"}, Matched: []int64{2, 0, 2}, Notes: []string{refused}}},
		{"one fails after pages", []string{"b: records=4 fail=after", "c: records=1"}, []string{"b,c"}, 1, -1,
			report{Records: []string{"b-1", "b-2", "b-3"}, Matched: []int64{3, 0}, Notes: []string{
				refused, "truncated b: the answer is partial: 3 records had come before the failure"}}},
		{"one cannot be planned", []string{"a: records=1 fail=plan", "c: records=1"}, []string{"a,c"}, -1, -1,
			report{Records: []string{"c-0"}, Matched: []int64{0, 2}, Notes: []string{"unmapped-attribute a: nothing is mapped"}}},
		{"the only one fails after pages", []string{"b: records=2 fail=after"}, []string{"b"}, -1, -1,
			report{Records: []string{"b-0", "b-1"}, Matched: []int64{2}, Notes: []string{
				refused, "truncated b: the answer is partial: 2 records had come before the failure"}}},
		{"the only one fails with nothing found", []string{"b: records=2 fail=after"}, []string{"b"}, 9, -1,
			report{Matched: []int64{0}, Notes: []string{refused}, Err: "b: search: no (status 401)"}},
		{"the only one cannot be planned", []string{"b: fail=plan"}, []string{"b"}, 9, -1, report{Err: "b: nothing is mapped"}},
		{"all fail", []string{"a: fail=plan", "b: fail=start"}, []string{"a,b"}, -1, -1,
			report{Matched: []int64{0, 0}, Notes: []string{"unmapped-attribute a: nothing is mapped", refused},
				Err: "all 2 profiles failed; a: nothing is mapped; b: search: no (status 401)"}},
		{"misconfigured for the connector", []string{"a: open"}, []string{"a"}, -1, -1, report{Err: "a: indices are a number"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := run(t, driver(&fake{names: []string{"fake"}}, tt.profiles...), tt.uris, tt.least, tt.limit)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// TestSeveralQuestions holds that profiles whose sources can answer several
// questions at once do, each with its own condition and limit over all.
func TestSeveralQuestions(t *testing.T) {
	t.Parallel()
	uris := []string{"a,b"}
	d := driver(&fake{names: []string{"fake"}}, "a: able records=5", "b: able records=5", "c: able fail=plan")
	tests := []struct {
		uri   string
		wants []plan.Node
		hits  [][]string
		match []int64
	}{
		{"a,b", []plan.Node{want(uris, -1, -1), want(uris, 4, -1)}, [][]string{
			{"a-0", "a-1", "a-2", "a-3", "a-4", "b-0", "b-1", "b-2", "b-3", "b-4"}, {"a-4", "b-4"}}, []int64{6, 6}},
		{"a,b", []plan.Node{want(uris, 3, 3), want(uris, 4, -1)}, [][]string{{"a-3", "a-4", "b-3"}, {"a-4", "b-4"}}, []int64{2, 2}},
		{"a,b", []plan.Node{want(uris, 3, 1), want(uris, 4, 1)}, [][]string{{"a-3"}, {"a-4"}}, []int64{2, 0}},
		{"a,b", []plan.Node{want(uris, 3, 0), want(uris, 0, 0)}, [][]string{nil, nil}, []int64{0, 0}},
		{"c,b", []plan.Node{want(uris, 3, 1), want(uris, 4, 1)}, [][]string{{"b-3"}, {"b-4"}}, []int64{0, 2}},
	}
	for _, tt := range tests {
		src, err := d.Open(t.Context(), []string{tt.uri}, datasource.Env{})
		if err != nil {
			t.Fatal(err)
		}
		task, rests, err := src.(datasource.Sharer).PlanAll(t.Context(), tt.wants)
		if err != nil || rests[0] != nil || rests[1] != nil {
			t.Fatalf("PlanAll leaves %v, %v", rests, err)
		}
		if got := hitsOf(t, task, 2); cmp.Diff(tt.hits, got) != "" {
			t.Errorf("hits: -want +got\n%s", cmp.Diff(tt.hits, got))
		}
		var matched []int64
		for _, c := range task.Counts() {
			matched = append(matched, c.Matched)
		}
		if diff := cmp.Diff(tt.match, matched); diff != "" {
			t.Errorf("matched: -want +got\n%s", diff)
		}
	}
	src, err := d.Open(t.Context(), []string{"c"}, datasource.Env{})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := src.(datasource.Sharer).PlanAll(t.Context(), tests[0].wants); err == nil || err.Error() != "c: plan: no plan" {
		t.Errorf("PlanAll of a profile that cannot be planned: %v", err)
	}
}

// hitsOf runs a task and returns the ids of records that answer each question.
func hitsOf(t *testing.T, task datasource.Task, questions int) [][]string {
	t.Helper()
	out := make([][]string, questions)
	for batch, err := range task.Run(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		for q, hits := range batch.Hits {
			for _, h := range hits {
				out[q] = append(out[q], batch.Records[h.Record].ID)
			}
		}
	}
	return out
}

// TestAbilities holds that a source can do what those of all its profiles can.
func TestAbilities(t *testing.T) {
	t.Parallel()
	d := driver(&fake{names: []string{"fake"}}, "a: able records=1", "b: able records=2", "c: records=1", "d: able fail=plan")
	for uri, want := range map[string]bool{"a": true, "a,b": true, "c": false, "a,c": false, "c,b": false} {
		src, err := d.Open(t.Context(), []string{uri}, datasource.Env{})
		if err != nil {
			t.Fatal(err)
		}
		_, shares := src.(datasource.Sharer)
		_, completes := src.(datasource.Completer)
		_, pings := src.(datasource.Pinger)
		_, closes := src.(io.Closer)
		if shares != want || completes != want || !pings || !closes {
			t.Errorf("%s shares %v, completes %v, want %v; pings %v, closes %v", uri, shares, completes, want, pings, closes)
		}
	}
	complete := func(uri string) (datasource.Task, error) {
		src, err := d.Open(t.Context(), []string{uri}, datasource.Env{})
		if err != nil {
			t.Fatal(err)
		}
		return src.(datasource.Completer).Complete(t.Context(), datasource.Wanted{Entity: "process"})
	}
	task, err := complete("a,d,b")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{{"a-0", "b-0", "b-1"}}, hitsOf(t, task, 1)); diff != "" {
		t.Errorf("Complete: -want +got\n%s", diff)
	}
	if c := task.Counts(); len(c) != 3 || c[1].Failed != 1 || c[0].Failed+c[2].Failed != 0 {
		t.Errorf("counts %+v", c)
	}
	if _, err := complete("d"); err == nil || err.Error() != "d: plan: no plan" {
		t.Errorf("Complete of a profile that cannot be asked: %v", err)
	}
}

func TestOpenErrors(t *testing.T) {
	t.Parallel()
	environ := driver(nil, "host101: x", "host102: x").Environ()
	vars := func() []string {
		return append(environ, "STIXSHIFTER_BAD_CONNECTOR=elastic_esc",
			`STIXSHIFTER_BAD_CONNECTION={"host": "h"}`, `STIXSHIFTER_BAD_CONFIG={"auth": {}}`, "STIXSHIFTER_ODD_CONFIG={",
			"STIXSHIFTER_ALIEN_CONNECTOR=zzzzzz", `STIXSHIFTER_ALIEN_CONNECTION={"host": "h"}`, `STIXSHIFTER_ALIEN_CONFIG={"auth": {}}`)
	}
	tests := []struct {
		name, uri  string
		want, hint string
		code       diag.Code
	}{
		{"unknown", "stixshifter://hots101", "no profile hots101 is configured for stixshifter://", "did you mean host101?", diag.UnknownSource},
		{"unknown, nothing near", "zebra", "no profile zebra is configured for stixshifter://", "there are: alien, bad, host101, host102, odd", diag.UnknownSource},
		{"one of two", "host101,hots102", "no profile hots102 is configured for stixshifter://", "did you mean host102?", diag.UnknownSource},
		{"none", "stixshifter://", "no profile is named", "name one, as in FROM stixshifter://host101", diag.UnknownSource},
		{"misspelt connector", "bad", "bad: there is no connector elastic_esc", "did you mean connector: elastic_ecs?", diag.SourceMisconfigured},
		{"unknown connector", "alien", "alien: there is no connector zzzzzz", "connectors are elastic_ecs, fake", diag.SourceMisconfigured},
		{"bad JSON", "odd", "variable STIXSHIFTER_ODD_CONFIG: this is no valid JSON: it ends too early", "write a JSON object", diag.SourceMisconfigured},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := &profile.Driver{Connectors: []datasource.Connector{&fake{names: []string{"fake", "elastic_ecs"}}}, Environ: vars}
			_, err := d.Open(t.Context(), []string{tt.uri}, datasource.Env{})
			var f *datasource.Failure
			if !errors.As(err, &f) {
				t.Fatalf("Open(%s): %v, want a Failure", tt.uri, err)
			}
			if f.Error() != tt.want || !strings.HasPrefix(f.Remedy(), tt.hint) || f.Kind.Code() != tt.code {
				t.Errorf("Open(%s): %s, %q, %q\nwant %s, %q, %q", tt.uri, f.Kind.Code(), f.Error(), f.Remedy(), tt.code, tt.want, tt.hint)
			}
		})
	}
}

func TestBridge(t *testing.T) {
	t.Parallel()
	native, bridge := &fake{names: []string{"elastic_ecs"}}, &fake{names: []string{"okta", "elastic_ecs"}}
	tests := []struct {
		connector  string
		bridged    bool
		module     string
		want, hint string
	}{
		{"elastic_ecs", false, "elastic_ecs", "", ""},
		{"bridge:elastic_ecs:beats", true, "elastic_ecs", "", ""},
		{"okta", true, "okta", "", ""},
		{"my_own_module", true, "my_own_module", "", ""},
		{"oktaa", false, "", "p: there is no connector oktaa", "did you mean connector: okta?"},
	}
	for _, tt := range tests {
		t.Run(tt.connector, func(t *testing.T) {
			d := &profile.Driver{Connectors: []datasource.Connector{native}, Bridge: bridge, Environ: func() []string {
				return []string{"STIXSHIFTER_P_CONNECTOR=" + tt.connector, `STIXSHIFTER_P_CONNECTION={"host": "h"}`, `STIXSHIFTER_P_CONFIG={"auth": {}}`}
			}}
			native.opened, bridge.opened = nil, nil
			_, err := d.Open(t.Context(), []string{"p"}, datasource.Env{})
			if tt.want != "" {
				var f *datasource.Failure
				if !errors.As(err, &f) || f.Error() != tt.want || f.Hint != tt.hint {
					t.Errorf("Open: %v, want %s, %s", err, tt.want, tt.hint)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			opened := native.opened
			if tt.bridged {
				opened = bridge.opened
			}
			if len(opened) != 1 || opened[0].Connector != tt.module {
				t.Errorf("opened %v natively and %v by the bridge", native.opened, bridge.opened)
			}
		})
	}
}

// TestReread holds that an edit of the file counts at the next Open, and what a
// connector gets of a profile.
func TestReread(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s.yaml")
	f := &fake{names: []string{"fake"}}
	d := &profile.Driver{Connectors: []datasource.Connector{f}, Environ: func() []string {
		return []string{"KESTREL_STIXSHIFTER_CONFIG=" + path, "KEY=s3cr3t"}
	}}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Open(t.Context(), []string{"host1"}, datasource.Env{}); err == nil {
		t.Error("Open without a file: no error")
	}
	write("profiles: {host1: {connector: 'fake:beats', connection: {host: h, options: {retrieval_batch_size: 10, x: 1}}, config: {auth: {api-key: $KEY, user: $USER_NAME}}}}")
	src, err := d.Open(t.Context(), []string{"host1"}, datasource.Env{})
	if err != nil {
		t.Fatal(err)
	}
	wanted := datasource.Profile{
		Name: "host1", Connector: "fake", Dialects: []string{"beats"},
		Connection: datasource.Settings{"host": "h"}, Options: datasource.Settings{"x": int64(1)},
		Auth:      datasource.Settings{"api-key": secret.New("s3cr3t"), "user": secret.New("$USER_NAME")},
		BatchSize: 10, ResultLimit: 10000, Timeout: time.Minute, Window: 5 * time.Minute,
	}
	if diff := cmp.Diff([]datasource.Profile{wanted}, f.opened); diff != "" {
		t.Errorf("opened: -want +got\n%s", diff)
	}
	task, _, err := src.Plan(t.Context(), want([]string{"host1"}, -1, -1))
	if err != nil {
		t.Fatal(err)
	}
	notes := task.Counts()[0].Notes
	if len(notes) != 1 || notes[0].Message != "config.auth.user names variable USER_NAME, which is not set" {
		t.Errorf("notes %v", notes)
	}
	write("profiles: {host2: {connector: fake, connection: {host: h}, config: {auth: {}}}}")
	if _, err := d.Open(t.Context(), []string{"host1"}, datasource.Env{}); err == nil {
		t.Error("Open of a profile that was removed: no error")
	}
	write("profiles: [")
	names, err := d.List(t.Context(), datasource.Env{})
	if err == nil || len(names) != 0 {
		t.Errorf("List of a broken file: %v, %v", names, err)
	}
}

// TestPlanAbove holds that operations which are no record's matter are left to
// the engine.
func TestPlanAbove(t *testing.T) {
	t.Parallel()
	uris := []string{"stixshifter://a"}
	sorted := func(in plan.Node) plan.Node {
		return &plan.Sort{Input: in, Attr: stix.Path{Steps: []stix.Step{{Name: "pid"}}}}
	}
	tests := []struct {
		name       string
		want, rest plan.Node
	}{
		{"scan", want(uris, -1, -1), nil},
		{"limit of rows", &plan.Limit{Input: want(uris, 1, -1), Count: 3}, &plan.Limit{Input: want(uris, -1, -1), Count: 3}},
		{"sort", sorted(want(uris, 1, 3)), sorted(want(uris, -1, -1))},
		{"condition over a limit", &plan.Filter{Input: want(uris, 1, 3), Where: want(uris, 2, -1).(*plan.Filter).Where}, want(uris, 2, -1)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := driver(&fake{names: []string{"fake"}}, "a: records=4")
			src, err := d.Open(t.Context(), uris, datasource.Env{})
			if err != nil {
				t.Fatal(err)
			}
			_, rest, err := src.Plan(t.Context(), tt.want)
			if err != nil {
				t.Fatal(err)
			}
			got, wanted := "", ""
			if rest != nil {
				got = plan.String(rest)
			}
			if tt.rest != nil {
				wanted = plan.String(tt.rest)
			}
			if got != wanted {
				t.Errorf("Plan leaves\n%swant\n%s", got, wanted)
			}
		})
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	d := driver(&fake{names: []string{"fake"}}, "a: records=2 fail=after", "b: records=2")
	src, err := d.Open(ctx, []string{"a,b"}, datasource.Env{})
	if err != nil {
		t.Fatal(err)
	}
	task, _, err := src.Plan(ctx, want([]string{"a"}, -1, -1))
	if err != nil {
		t.Fatal(err)
	}
	var last error
	for _, err := range task.Run(ctx, nil) {
		cancel()
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("a run whose context ended yields %v, want context.Canceled", last)
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	d := driver(&fake{names: []string{"fake"}}, "a: records=2", "b: open")
	all, err := d.DescribeAll(t.Context(), datasource.Env{})
	if err != nil || len(all) != 2 {
		t.Fatalf("DescribeAll: %v, %v", all, err)
	}
	if a := all[0]; a.Name != "a" || a.Connector != "fake" || a.Host != "records=2" || a.Place == "" || a.Err != nil || a.Bridged {
		t.Errorf("a: %+v", a)
	}
	if b := all[1]; b.Err == nil || b.Err.Error() != "b: indices are a number" {
		t.Errorf("b: %+v", b)
	}
	if c := d.Describe(t.Context(), "c", datasource.Env{}); c.Err == nil {
		t.Errorf("c: %+v", c)
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	d := &profile.Driver{}
	env := datasource.Env{Environ: []string{
		"STIXSHIFTER_A_CONNECTOR=fake", `STIXSHIFTER_A_CONNECTION={"host":"h"}`, `STIXSHIFTER_A_CONFIG={"auth":{"password":"hunter2"}}`,
		"STIXSHIFTER_ODD_CONFIG=[",
	}}
	var got []string
	for _, s := range d.Secrets(env) {
		got = append(got, s.Reveal())
	}
	if diff := cmp.Diff([]string{"hunter2"}, got); diff != "" {
		t.Errorf("Secrets (-want +got):\n%s", diff)
	}
}
