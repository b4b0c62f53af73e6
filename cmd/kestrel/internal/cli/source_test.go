// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
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
)

// A fakeConnector plays a product whose behaviour stands in the host.
type fakeConnector struct{}

func (fakeConnector) Names() []string { return []string{"fake"} }

func (fakeConnector) Open(_ context.Context, p datasource.Profile, _ datasource.Env) (datasource.Source, error) {
	host, err := p.Connection.Text("host")
	return fakeSource{host, p}, err
}

type fakeSource struct {
	host    string
	profile datasource.Profile
}

func (s fakeSource) failure(kind datasource.Kind, reason string) error {
	return &datasource.Failure{Kind: kind, Source: s.profile.Name, Op: "ask", Reason: reason}
}

func (s fakeSource) Ping(context.Context) (string, error) {
	if strings.Contains(s.host, "deaf") {
		return "", s.failure(datasource.Unauthenticated, "the password is wrong\u009b")
	}
	return "fake 1.0", nil
}

func (s fakeSource) Plan(_ context.Context, want plan.Node) (datasource.Task, plan.Node, error) {
	scan := want
	for len(scan.Inputs()) > 0 {
		scan = scan.Inputs()[0]
	}
	if scan.Type() != "process" {
		return nil, nil, s.failure(datasource.MappingError, scan.Type()+" is not mapped")
	}
	return fakeTask{s, strings.TrimSpace(plan.Line(scan))}, want, nil
}

type fakeTask struct {
	fakeSource
	scan string
}

func (t fakeTask) Native() []datasource.NativeQuery {
	return []datasource.NativeQuery{{Source: t.profile.Name, Language: "fake", Text: t.scan}}
}

func (fakeTask) Stamp(context.Context) (string, error) { return "", nil }

func (t fakeTask) Counts() []datasource.Count {
	return []datasource.Count{{Source: t.profile.Name, Notes: []datasource.Note{{Code: diag.ClockSkew, Message: "its clock is late", Hint: "set it"}}}}
}

func (t fakeTask) Run(context.Context, datasource.Progress) iter.Seq2[*entity.Batch, error] {
	return func(yield func(*entity.Batch, error) bool) {
		if strings.Contains(t.host, "empty") {
			return
		}
		for page := range 3 {
			b := &entity.Batch{Hits: make([][]entity.Hit, 1)}
			for i := range 2 {
				at, _ := entity.ParseTime(fmt.Sprintf("2024-06-01T12:00:0%dZ", page*2+i))
				rec := entity.Record{ID: fmt.Sprintf("r%d", page*2+i), First: at, Last: at, Count: 1, Objects: []entity.Object{
					{Type: "process", Key: "0", Attrs: []entity.Attr{
						{Name: "pid", Value: entity.IntValue(int64(page*2 + i + 1))}, {Name: "name", Value: entity.StringValue("a\u009bb")}},
						Links: []entity.Link{{Name: "binary_ref", Target: 1}}},
					{Type: "file", Key: "1", Attrs: []entity.Attr{{Name: "name", Value: entity.StringValue("f")}}},
				}}
				entity.Identify(&rec)
				b.Hits[0] = append(b.Hits[0], entity.Hit{Record: len(b.Records)})
				b.Records = append(b.Records, rec)
			}
			if !yield(b, nil) {
				return
			}
			if strings.Contains(t.host, "breaks") {
				yield(nil, t.failure(datasource.Unavailable, "the cable is out"))
				return
			}
		}
	}
}

// runSource runs kestrel source with profiles that have these hosts.
func runSource(t *testing.T, hosts map[string]string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var vars []string
	for name, host := range hosts {
		name = strings.ToUpper(name)
		vars = append(vars, "STIXSHIFTER_"+name+"_CONNECTOR=fake", "STIXSHIFTER_"+name+`_CONFIG={"auth": {"token": "s3cr3t"}}`,
			"STIXSHIFTER_"+name+`_CONNECTION={"host": "`+host+`", "options": {"retrieval_batch_size": 2}}`)
	}
	var out, errs bytes.Buffer
	a := &app{
		Program: Program{
			Profiles: &profile.Driver{
				Connectors: []datasource.Connector{fakeConnector{}},
				Environ:    func() []string { return vars },
			},
			Now: func() time.Time { return time.Date(2024, 6, 1, 12, 0, 0, 0, time.UTC) },
		},
		stdin: strings.NewReader(""), stdout: &out, stderr: &errs,
		environ: []string{},
	}
	code = a.run(t.Context(), append([]string{"source"}, args...))
	for _, text := range []string{out.String(), errs.String()} {
		if strings.Contains(text, "s3cr3t") || strings.Contains(text, "\u009b") {
			t.Errorf("the output shows a secret, or is not escaped: %q", text)
		}
	}
	return code, out.String(), errs.String()
}

func TestSourceList(t *testing.T) {
	t.Parallel()
	hosts := map[string]string{"b": "", "a": "h1"}
	code, out, errs := runSource(t, hosts, "list")
	want := "name connector host                                                                                   state\n" +
		"   a      fake   h1                                                                                      ok\n" +
		"   b                variable STIXSHIFTER_B_CONNECTION: profile b of stixshifter:// has no host in its connection\n"
	if code != exitOK || strings.Join(strings.Fields(out), " ") != strings.Join(strings.Fields(want), " ") || errs != "" {
		t.Errorf("list: %d\n%s%s\nwant\n%s", code, out, errs, want)
	}
	code, out, _ = runSource(t, hosts, "list", "--json")
	var got []listedSource
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != exitOK {
		t.Fatalf("list --json: %d, %v: %s", code, err, out)
	}
	if len(got) != 2 || !got[0].Usable || got[0].Connector != "fake" || got[1].Usable || got[1].Remedy == "" {
		t.Errorf("list --json: %+v", got)
	}
	if code, out, _ := runSource(t, nil, "list"); code != exitOK || !strings.HasPrefix(out, "There are no profiles.") {
		t.Errorf("list without profiles: %d, %s", code, out)
	}
}

func TestSourceCheck(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, host string
		args       []string
		code       int
		steps      string   // state of each step
		says       []string // in the text
	}{
		{"works", "fine", nil, exitOK, "ok ok ok ok ok", []string{
			"  configuration  ok: fake, defined in variable STIXSHIFTER_A_CONFIG\n",
			"pages of 2 records, 1m0s for a call, cool-down 0s, window without time range 5m0s\n",
			`auth {"token":"***"}`,
			"  translation    ok: 1 of 3 patterns give 1 native queries\n",
			"ipv4-addr is not mapped",
			"Scan process of stixshifter://a START 2024-06-01T11:55:00Z STOP 2024-06-01T12:00:00Z",
			"  connection     ok: fake 1.0\n", "  one page       ok: 2 records for [process:pid > 0]\n", "  paging         ok: 6 records in 3 batches\n",
			"warning: its clock is late\n"}},
		{"translation alone", "fine", []string{"-t"}, exitOK, "ok ok", nil},
		{"no record", "empty", nil, exitOK, "ok ok ok ok skipped", []string{"has no record of that time", "remedy: give a time"}},
		{"own pattern", "fine", []string{"-p", "process:pid = 5 AND process:name LIKE 'a%'"}, exitOK, "ok ok ok ok ok",
			[]string{"1 of 1 patterns", "1 records for [process:pid = 5 AND process:name LIKE 'a%']"}},
		{"wrong password", "deaf", nil, exitFailed, "ok ok failed skipped skipped", []string{
			`  connection     failed: ask: the password is wrong\u009b`, "remedy: check the credentials under config.auth of the profile\n"}},
		{"breaks after a page", "breaks", nil, exitFailed, "ok ok ok ok failed", []string{"  paging         failed: ask: the cable is out"}},
		{"nothing mapped", "fine", []string{"-p", "[url:value = 'x']"}, exitFailed, "ok failed skipped skipped skipped", []string{
			"  translation    failed: ask: url is not mapped\n"}},
		{"unknown", "", nil, exitFailed, "failed skipped skipped skipped skipped", []string{"has no host in its connection", "remedy: say where the server is"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			hosts := map[string]string{"a": tt.host}
			code, out, errs := runSource(t, hosts, append([]string{"check", "a"}, tt.args...)...)
			if code != tt.code || errs != "" {
				t.Errorf("check: %d, want %d\n%s%s", code, tt.code, out, errs)
			}
			for _, s := range tt.says {
				if !strings.Contains(out, s) {
					t.Errorf("check does not say %q:\n%s", s, out)
				}
			}
			code, out, _ = runSource(t, hosts, append([]string{"check", "--json", "a"}, tt.args...)...)
			var reports []checkReport
			if err := json.Unmarshal([]byte(out), &reports); err != nil || code != tt.code || len(reports) != 1 {
				t.Fatalf("check --json: %d, %v: %s", code, err, out)
			}
			var steps []string
			for _, s := range reports[0].Steps {
				steps = append(steps, s.State)
			}
			if got := strings.Join(steps, " "); got != tt.steps || reports[0].OK != (tt.code == exitOK) {
				t.Errorf("steps %s, want %s", got, tt.steps)
			}
		})
	}
}

func TestSourceQuery(t *testing.T) {
	t.Parallel()
	hosts := map[string]string{"a": "fine"}
	code, out, errs := runSource(t, hosts, "query", "a", "[process:pid > 4]")
	wantOut := "      first_observed  pid     name\n" +
		"2024-06-01T12:00:04Z    5 a\\u009bb\n" +
		"2024-06-01T12:00:05Z    6 a\\u009bb\n"
	if diff := cmp.Diff(wantOut, out); diff != "" || code != exitOK || !strings.Contains(errs, "a: its clock is late") {
		t.Errorf("query: %d -want +got\n%s%s", code, diff, errs)
	}
	code, out, _ = runSource(t, hosts, "query", "--json", "--limit", "1", "stixshifter://a", "process:pid > 2 OR file:name = 'f'")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	var rec struct {
		ID      string
		Matched []int
		Objects []struct {
			Type       string
			Attributes map[string]any
			References map[string][]int
		}
	}
	if err := json.Unmarshal([]byte(lines[0]), &rec); err != nil || code != exitOK || len(lines) != 1 {
		t.Fatalf("query --json: %d, %v: %s", code, err, out)
	}
	if rec.ID != "r0" || len(rec.Objects) != 2 || rec.Objects[0].References["binary_ref"][0] != 1 || rec.Objects[0].Attributes["pid"] != 1.0 || rec.Matched[0] != 0 {
		t.Errorf("query --json: %+v", rec)
	}
	code, out, errs = runSource(t, map[string]string{"a": "breaks"}, "query", "a", "process:pid > 90")
	if code != exitFailed || !strings.Contains(errs, "error[source-unavailable]") && !strings.Contains(errs, "the cable is out") || out != "" {
		t.Errorf("query of a source that breaks: %d\n%s%s", code, out, errs)
	}
}

func TestSourceTranslate(t *testing.T) {
	t.Parallel()
	hosts := map[string]string{"a": "fine"}
	code, out, errs := runSource(t, hosts, "translate", "a", "[process:pid > 4] START t'2024-01-01T00:00:00Z' STOP t'2024-01-02T00:00:00Z'")
	want := `# [process:pid > 4] START 2024-01-01T00:00:00Z STOP 2024-01-02T00:00:00Z
## a (fake)
Scan process of stixshifter://a START 2024-01-01T00:00:00Z STOP 2024-01-02T00:00:00Z
`
	if diff := cmp.Diff(want, out); diff != "" || code != exitOK {
		t.Errorf("translate: %d, %s -want +got\n%s", code, errs, diff)
	}
	code, out, _ = runSource(t, hosts, "translate", "--json", "a")
	var got []translation
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != exitFailed || len(got) != 3 {
		t.Fatalf("translate --json: %d, %v: %s", code, err, out)
	}
	if got[0].Problem != "a: ask: ipv4-addr is not mapped" || len(got[1].Queries) != 1 {
		t.Errorf("translate --json: %+v", got)
	}
}

func TestSourceUsage(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "p")
	if err := os.WriteFile(file, []byte("[process:pid = ]"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		args []string
		code int
		says string
	}{
		{"no command", nil, exitUsage, "name a command: list, check, query or translate"},
		{"unknown command", []string{"lits"}, exitUsage, "there is no command source lits"},
		{"list with a name", []string{"list", "a"}, exitUsage, "list takes no names"},
		{"check without a name", []string{"check"}, exitUsage, "name a source"},
		{"query without a pattern", []string{"query", "a"}, exitUsage, "give the name of a source and a pattern"},
		{"start without stop", []string{"check", "a", "--start", "2024-01-01T00:00:00Z"}, exitUsage, "--start and --stop go together"},
		{"no time", []string{"check", "a", "--start", "yesterday", "--stop", "2024-01-01T00:00:00Z"}, exitUsage, "--start is a time"},
		{"wrong order", []string{"check", "a", "--start", "2024-01-02T00:00:00Z", "--stop", "2024-01-01T00:00:00Z"}, exitUsage, "--start is not before --stop"},
		{"minutes", []string{"check", "a", "--last-minutes", "-3"}, exitUsage, "--last-minutes is a number of minutes"},
		{"limit", []string{"query", "--limit", "-1", "a", "process:pid = 4"}, exitUsage, "--limit is a number of records"},
		{"no such file", []string{"check", "a", "-f", file + ".nosuch"}, exitFailed, "no such file"},
		{"pattern of a file", []string{"check", "a", "-f", file}, exitFailed, "[process:pid = ]"},
		{"followed by", []string{"query", "a", "[process:pid = 4] FOLLOWEDBY [process:pid = 5]"}, exitFailed, "sources are not asked with FOLLOWEDBY"},
		{"unknown source", []string{"query", "a2", "process:pid = 4"}, exitFailed, "did you mean a1?"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			code, out, errs := runSource(t, map[string]string{"a1": "fine"}, tt.args...)
			if code != tt.code || !strings.Contains(errs, tt.says) || out != "" {
				t.Errorf("%v: %d, want %d\n%s%s\nwant %s", tt.args, code, tt.code, out, errs, tt.says)
			}
		})
	}
}
