// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/datasource/bridge"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/secret"
	"github.com/kestrelhunt/kestrel/stix"
)

var (
	start = time.Unix(1649203200, 0).UTC()
	stop  = start.Add(time.Hour)
)

// connector returns one whose Python is this test program, playing as told.
func connector(t *testing.T, how string) *bridge.Connector {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &bridge.Connector{
		Environ: func() []string {
			return []string{"KESTREL_STIXSHIFTER_PYTHON=" + self, fakeVariable + "=fake " + how, "PATH=" + os.Getenv("PATH")}
		},
		MaxAnswer: 500_000,
		Sleep:     func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
}

func profile() datasource.Profile {
	return datasource.Profile{
		Name: "p", Connector: "okta", Connection: datasource.Settings{"host": "h"},
		Auth: datasource.Settings{"token": secret.New("s3cr3t-word")}, BatchSize: 10, ResultLimit: 10000, Timeout: time.Minute,
	}
}

// get returns the plan of a GET; window says whether it has a time range.
func get(t *testing.T, where string, limit int64, window bool) plan.Node {
	t.Helper()
	scan := &plan.Scan{Sources: []string{"stixshifter://p"}, Entity: "process"}
	if window {
		scan.Window = plan.Window{Start: start, Stop: stop, Origin: plan.Given}
	}
	var n plan.Node = scan
	if where != "" {
		pattern, faults := stix.Parse(&diag.File{Name: "test", Text: "[" + where + "]"}, stix.V21)
		if err := faults.Err(); err != nil {
			t.Fatalf("parse %s: %v", where, err)
		}
		n = &plan.Filter{Input: n, Where: pattern.Root.(*stix.Test).Expr}
	}
	if limit >= 0 {
		n = &plan.Limit{Input: n, Count: limit, ByRecord: true}
	}
	return n
}

// A report is what came of a GET.
type report struct {
	Records int
	Scanned int64
	Partial bool
	Notes   []string
	Err     string
}

func run(t *testing.T, c *bridge.Connector, p datasource.Profile, want plan.Node) (report, *datasource.Failure, datasource.Task) {
	t.Helper()
	var out report
	var f *datasource.Failure
	src, err := c.Open(t.Context(), p, datasource.Env{Now: func() time.Time { return start.Add(12 * time.Minute) }})
	if err != nil {
		t.Fatal(err)
	}
	task, rest, err := src.Plan(t.Context(), want)
	if err != nil {
		errors.As(err, &f)
		return report{Err: err.Error()}, f, nil
	}
	if rest != nil {
		t.Errorf("Plan leaves %s", plan.String(rest))
	}
	for batch, err := range task.Run(t.Context(), nil) {
		if err != nil {
			errors.As(err, &f)
			out.Err = err.Error()
			break
		}
		out.Records += len(batch.Records)
		if len(batch.Hits[0]) != len(batch.Records) {
			t.Errorf("%d hits in %d records", len(batch.Hits[0]), len(batch.Records))
		}
	}
	c0 := task.Counts()[0]
	out.Scanned, out.Partial = c0.Scanned, c0.Partial()
	if c0.Matched != int64(out.Records) {
		t.Errorf("count says %d matched, %d came", c0.Matched, out.Records)
	}
	for _, n := range c0.Notes {
		out.Notes = append(out.Notes, string(n.Code)+": "+n.Message)
	}
	return out, f, task
}

func TestRun(t *testing.T) {
	t.Parallel()
	const both = "process:name = 'p1' AND process:pid >= 10"
	tests := []struct {
		name, how, where string
		limit            int64
		window           bool
		want             report
		kind             datasource.Kind
	}{
		// The module has two queries, each of which brings the same 30 records.
		{"all", "", "process:pid >= 0", -1, true, report{Records: 60, Scanned: 60}, ""},
		{"checked here", "", both, -1, true, report{Records: 14, Scanned: 60}, ""},
		{"limit", "", both, 9, true, report{Records: 9, Scanned: 50}, ""},
		{"limit of none", "", both, 0, true, report{}, ""},
		{"no time range", "", "process:pid >= 0", -1, false, report{Records: 10, Scanned: 60, Notes: []string{
			"defaulted-window: no time range was given, so only the last 5 minutes were searched"}}, ""},
		{"no condition", "", "", -1, true, report{Records: 60, Scanned: 60, Notes: []string{
			"unmapped-attribute: the source can only be asked for records with process:name LIKE '%'"}}, ""},
		{"one attribute unmapped", "", "process:name = 'p1' AND process:cwd = 'x'", -1, true, report{Scanned: 60, Notes: []string{
			"unmapped-attribute: module okta does not know process:cwd; more is fetched and checked here"}}, ""},
		{"side of OR unmapped", "", "process:name = 'p1' OR process:cwd = 'x'", -1, true, report{Records: 20, Scanned: 60, Partial: true, Notes: []string{
			"unmapped-attribute: module okta does not know process:cwd; records that only they would find are missing"}}, ""},
		{"all unmapped", "", "process:nam = 'p1'", -1, true, report{
			Err: "p: translate: module okta knows none of the attributes of the condition: process:nam"}, datasource.MappingError},
		{"operator that is lacking", "lacks=Like", "process:name LIKE 'p%' AND process:pid < 3", -1, true, report{Records: 6, Scanned: 60}, ""},
		{"only operator is lacking", "lacks=Like", "process:name LIKE 'p%'", -1, true, report{
			Err: "p: translate: data mapping error : Unable to map the following STIX Operators: [Like] to data source fields"}, datasource.MappingError},
		{"no query", "queries=none", both, -1, true, report{Err: "p: translate: the module translates the condition into no query"}, datasource.TranslationError},
		{"module of another version", "version=7.0.0", both, -1, true, report{Records: 14, Scanned: 60, Notes: []string{
			"source-misconfigured: module okta has version 7.0.0, stix-shifter itself 8.1.3"}}, ""},
		{"module that does not page", "paging=none", both, -1, true, report{Partial: true, Records: 0, Scanned: 20, Notes: []string{
			"truncated: the module gives the same page again and again", "truncated: the module gives the same page again and again"}}, ""},
		{"page times out once", "page=timeout-once", both, -1, true, report{Records: 14, Scanned: 60}, ""},
		{"query refused", "start=refuse", both, -1, true, report{Partial: true, Err: "p: start: syntax near ***"}, datasource.InvalidQuery},
		{"page refused", "page=refuse", both, -1, true, report{Partial: true, Err: "p: read page: syntax near ***"}, datasource.InvalidQuery},
		{"search canceled there", "status=canceled", both, -1, true, report{Partial: true, Err: "p: look at search: the search ended with status CANCELED"}, datasource.Unknown},
		{"search without progress", "status=stall", both, -1, true, report{Partial: true,
			Err: "p: look at search: the search made no progress for 10m0s, and is at 44 percent"}, datasource.Unavailable},
		{"bundle without observations", "bundle=bad", "process:pid = 4", -1, true, report{Partial: true, Scanned: 60, Notes: slices.Repeat([]string{
			"skipped-objects: the module made no observation of 10 records"}, 6)}, ""},
		{"bundle that is none", "bundle=none", "process:pid = 4", -1, true, report{Partial: true, Scanned: 10,
			Notes: []string{"skipped-objects: the module made no observation of 10 records", "skipped-objects: the module's bundles have unusable objects"},
			Err:   "p: read page: stix: read bundle p: "}, datasource.ResultsError},
		{"exception", "page=exception", both, -1, true, report{Partial: true, Err: "p: page: KeyError: '***'"}, datasource.Unknown},
		{"garbage", "page=garbage", both, -1, true, report{Partial: true, Err: "p: page: Python answers with something else than expected: "}, datasource.Unknown},
		{"death", "page=die", both, -1, true, report{Partial: true, Err: "p: page: Python ended too early: Fatal Python error: ***"}, datasource.Unknown},
		{"answer without end", "page=huge", both, -1, true, report{Partial: true, Err: "p: page: the answer is larger than 500000 bytes"}, datasource.Unknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := profile()
			p.Window = 5 * time.Minute
			got, f, _ := run(t, connector(t, tt.how), p, get(t, tt.where, tt.limit, tt.window))
			if strings.HasPrefix(got.Err, tt.want.Err) && tt.want.Err != "" {
				got.Err = tt.want.Err
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if tt.kind == "" {
				return
			}
			if f == nil || f.Kind != tt.kind || f.Remedy() == "" || strings.Contains(fmt.Sprintf("%+v", f), "s3cr3t") {
				t.Errorf("failure %+v, want %s", f, tt.kind)
			}
		})
	}
}

// TestSearchIsDeleted holds that a search is deleted on the server however a run
// ends, and that nothing of Python is left.
func TestSearchIsDeleted(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"", "page=refuse", "page=die", "page=hang", "status=canceled"} {
		t.Run("fake "+how, func(t *testing.T) {
			t.Parallel()
			log := filepath.Join(t.TempDir(), "log")
			c := connector(t, how+" log="+log)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			src, err := c.Open(ctx, profile(), datasource.Env{})
			if err != nil {
				t.Fatal(err)
			}
			task, _, err := src.Plan(ctx, get(t, "process:pid > 3", -1, true))
			if err != nil {
				t.Fatal(err)
			}
			if how == "page=hang" {
				go func() {
					for !strings.Contains(read(t, log), "\nchild ") {
						time.Sleep(5 * time.Millisecond)
					}
					cancel()
				}()
			}
			began := time.Now()
			var failed error
			for _, err := range task.Run(ctx, nil) {
				failed = err
				if err == nil {
					break
				}
			}
			if how == "page=hang" && !errors.Is(failed, context.Canceled) {
				t.Errorf("Run: %v, want context.Canceled", failed)
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("the run took %s", took)
			}
			asked := read(t, log)
			if !strings.Contains(asked, "\ndelete ") {
				t.Errorf("the search was not deleted:\n%s", asked)
			}
			if _, pid, ok := strings.Cut(asked, "\nchild "); ok {
				pid, _, _ = strings.Cut(pid, "\n")
				if state, err := os.ReadFile("/proc/" + pid + "/stat"); err == nil && !strings.Contains(string(state), ") Z ") {
					t.Errorf("process %s is left: %s", pid, state)
				}
			}
		})
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	return string(text)
}

// TestTold holds what Python is told of a profile.
func TestTold(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "log")
	p := profile()
	p.Dialects = []string{"beats"}
	p.Connection = datasource.Settings{"host": "h", "selfSignedCert": false, "verify": true, "port": int64(1)}
	p.Options = datasource.Settings{"x": []any{secret.New("deep")}}
	_, _, task := run(t, connector(t, "log="+log), p, get(t, `process:name = 'it\'s' AND process:image_ref.name != 'a\\b'`, -1, true))
	asked := strings.Split(read(t, log), "\n")
	i := slices.IndexFunc(asked, func(s string) bool { return strings.HasPrefix(s, "open ") })
	want := `open {"id":1,"op":"open","args":["okta",` +
		`{"host":"h","options":{"dialects":["beats"],"result_limit":10000,"timeout":60,"x":["deep"]},"port":1},` +
		`{"auth":{"token":"s3cr3t-word"}},` +
		`{"id":"identity--ebc7f1c6-6b8a-5f9e-a0ff-39d27c8e1b40","name":"okta","type":"identity"},true]}`
	if got := asked[i]; stripID(got) != stripID(want) {
		t.Errorf("told\n%s\nwant\n%s", got, want)
	}
	native := task.Native()
	wantText := `[process:name = 'it\'s' AND process:binary_ref.name != 'a\\b'] START t'2022-04-06T00:00:00.000Z' STOP t'2022-04-06T01:00:00.000Z'`
	if len(native) != 2 || native[0].Text != wantText || native[1].Text != `{"native": 2}` || native[0].Language != "stix-shifter okta" {
		t.Errorf("Native() = %q", native)
	}
	if notes := task.Counts()[0].Notes; len(notes) != 1 || notes[0].Code != diag.InsecureSource {
		t.Errorf("notes %v", notes)
	}
	// An object goes back as a text.
	if !strings.Contains(read(t, log), `"op":"start","args":["{\"native\": 2}"]`) {
		t.Errorf("asked\n%s", read(t, log))
	}
}

// stripID leaves the random-looking part of an id out.
func stripID(s string) string {
	before, after, ok := strings.Cut(s, `"identity--`)
	if !ok {
		return s
	}
	_, after, _ = strings.Cut(after, `"`)
	return before + after
}

func TestMissing(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	script := filepath.Join(dir, "stix-shifter")
	if err := os.WriteFile(script, []byte("#!"+self+" -x\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	python := "KESTREL_STIXSHIFTER_PYTHON=" + self
	tests := []struct {
		name         string
		vars         []string
		reason, hint string // "" means that it is found
	}{
		{"no Python", []string{"PATH=" + dir + "/nosuch"},
			"the connector okta needs the Python package stix-shifter, and there is no Python",
			"install Python 3, then: python3 -m pip install stix-shifter stix-shifter-modules-okta"},
		{"no stix-shifter", []string{python, fakeVariable + "=library=none"},
			"the connector okta needs the Python package stix-shifter, which is not in " + self,
			"run: " + self + " -m pip install stix-shifter stix-shifter-modules-okta"},
		{"no stix-shifter in the Python on the path", []string{"PATH=" + dir, fakeVariable + "=library=none"},
			"the connector okta needs the Python package stix-shifter, which is not in " + self,
			"run: python3 -m venv ~/stixshifter && ~/stixshifter/bin/pip install stix-shifter stix-shifter-modules-okta, and set KESTREL_STIXSHIFTER_VENV to ~/stixshifter"},
		{"no module", []string{python, fakeVariable + "=module=none"},
			"stix-shifter 8.1.3 in " + self + " has no module okta",
			"run: " + self + " -m pip install stix-shifter-modules-okta==8.1.3"},
		{"no interpreter", []string{"KESTREL_STIXSHIFTER_PYTHON=" + dir + "/nosuch"},
			dir + "/nosuch, which KESTREL_STIXSHIFTER_PYTHON names, does not work as Python: ",
			"let the variable name an interpreter that has stix-shifter, or unset it"},
		{"no virtual environment", []string{"KESTREL_STIXSHIFTER_VENV=" + dir},
			dir + "/bin/python, which KESTREL_STIXSHIFTER_VENV names, does not work as Python: ", "let the variable"},
		{"interpreter that fails", []string{python, fakeVariable + "=mute"},
			self + ", which KESTREL_STIXSHIFTER_PYTHON names, does not work as Python: ", "let the variable"},
		{"found by the program on the path", []string{"PATH=" + dir, fakeVariable + "=fake"}, "", ""},
		{"found by the program that is named", []string{"KESTREL_STIXSHIFTER_CLI=" + script, fakeVariable + "=fake"}, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := &bridge.Connector{Environ: func() []string { return tt.vars }}
			got, f, _ := run(t, c, profile(), get(t, "process:pid = 1", -1, true))
			if tt.reason == "" {
				if got.Err != "" {
					t.Errorf("error %s", got.Err)
				}
				return
			}
			if f == nil {
				t.Fatalf("error %q, want a failure", got.Err)
			}
			if !strings.HasPrefix(f.Reason, tt.reason) || !strings.HasPrefix(f.Hint, tt.hint) || f.Kind != datasource.Unavailable {
				t.Errorf("failure %s: %s; %s\nwant %s; %s", f.Kind, f.Reason, f.Hint, tt.reason, tt.hint)
			}
			if strings.Contains(f.Reason, "s3cr3t") {
				t.Errorf("the failure shows a secret: %s", f.Reason)
			}
		})
	}
}

func TestPing(t *testing.T) {
	t.Parallel()
	for how, want := range map[string]string{
		"version=8.1.3": "stix-shifter 8.1.3 with module okta 8.1.3",
		"ping=refuse":   "p: ping: syntax near ***",
	} {
		src, err := connector(t, how).Open(t.Context(), profile(), datasource.Env{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := src.(datasource.Pinger).Ping(t.Context())
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("Ping of %s: %s, want %s", how, got, want)
		}
	}
}

func TestCallTakesTooLong(t *testing.T) {
	t.Parallel()
	p := profile()
	p.Timeout = -time.Minute/2 + 50*time.Millisecond // patience is twice that and a minute
	src, err := connector(t, "ping=hang").Open(t.Context(), p, datasource.Env{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = src.(datasource.Pinger).Ping(t.Context())
	var f *datasource.Failure
	if !errors.As(err, &f) || f.Kind != datasource.Unavailable || f.Reason != "no answer within 100ms" {
		t.Errorf("Ping: %v", err)
	}
}

func TestOpenRejects(t *testing.T) {
	t.Parallel()
	p := profile()
	p.Connection["selfSignedCert"] = "/no/such/file"
	_, err := new(bridge.Connector).Open(t.Context(), p, datasource.Env{})
	var f *datasource.Failure
	if !errors.As(err, &f) || f.Kind != datasource.Misconfigured {
		t.Errorf("Open: %v", err)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	names := new(bridge.Connector).Names()
	if !slices.IsSorted(names) || !slices.Contains(names, "okta") || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("Names() = %v, want distinct names, sorted", names)
	}
}
