// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/display"
	"github.com/kestrelhunt/kestrel/entity"
)

// fakeSession answers every hunt in the same way.
type fakeSession struct {
	result Result
	err    error
	wait   bool // until the context ends
	closed bool
	file   *diag.File
	opts   Options

	explained string // the variable that Explain was asked about
}

func (s *fakeSession) Execute(ctx context.Context, file *diag.File) (Result, error) {
	s.file = file
	s.opts.Log.Info("hunt begins", "file", file.Name)
	s.opts.Log.Debug("in detail")
	if !s.opts.Settings.Summary {
		s.result.Displays = s.result.Displays[:1]
	}
	if s.wait {
		<-ctx.Done()
		d := diag.Diagnostic{Code: diag.Canceled, Message: "step canceled", Cause: ctx.Err()}
		s.result.Diagnostics = append(s.result.Diagnostics, d)
		return s.result, d
	}
	return s.result, s.err
}

func (s *fakeSession) Explain(_ context.Context, file *diag.File, name string) (Result, error) {
	s.file, s.explained = file, name
	return s.result, s.err
}

func (s *fakeSession) Close() error {
	s.closed = true
	return nil
}

// run runs a command line over s.
func run(ctx context.Context, s *fakeSession, stdin string, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	a := &app{
		Program: Program{
			Version: "1.2.3",
			Open: func(o Options) (Session, error) {
				s.opts = o
				return s, nil
			},
			Check: func(_ Options, f *diag.File) diag.List {
				i := strings.Index(f.Text, "bad")
				if i < 0 {
					return nil
				}
				return diag.List{{Code: diag.StepFailed, Span: f.Span(i, i+3), Message: "it is bad\u009b"}}
			},
		},
		stdin: strings.NewReader(stdin), stdout: &out, stderr: &errs,
		environ: []string{},
	}
	code = a.run(ctx, args)
	return code, out.String(), errs.String()
}

func sampleResult() Result {
	return Result{
		Displays: []display.Display{
			&display.Table{Columns: []string{"name"}, Rows: [][]entity.Value{{entity.StringValue("a\u009b<b>$")}}},
			&display.Summary{Rows: []display.SummaryRow{{Variable: "p", Type: "process", Entities: 1, Records: 1}}},
		},
		Variables: []map[string]int{{"p": 1}},
	}
}

func TestHunt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	hunt := filepath.Join(dir, "a.hf")
	if err := os.WriteFile(hunt, []byte("DISP p"), 0o600); err != nil {
		t.Fatal(err)
	}
	const table = "       name\na\\u009b<b>$\n"
	const summary = "\n[SUMMARY] block executed in 0 seconds\n" +
		"VARIABLE    TYPE  #(ENTITIES)  #(RECORDS)\n       p process            1           1\n"
	warning := diag.List{{Code: diag.Truncated, Severity: diag.Warning, Message: "it was cut"}}
	failure := diag.List{{Code: diag.StepFailed, Message: "it failed"}}
	tests := []struct {
		name         string
		args         []string
		stdin        string
		change       func(*Result)
		err          error
		code         int
		stdout       string
		stderr       string
		text, folder string // what the session is given
	}{
		{name: "file", args: []string{hunt}, stdout: table + summary, text: "DISP p", folder: dir},
		{name: "standard input", args: []string{"-"}, stdin: "INFO p", stdout: table + summary, text: "INFO p"},
		{name: "argument", args: []string{"-c", "INFO q"}, stdout: table + summary, text: "INFO q"},
		{name: "empty argument", args: []string{"-c", ""}, stdout: table + summary},
		{name: "no summary", args: []string{"--no-summary", "-"}, stdout: table},
		{
			name: "nothing to show", args: []string{"-"},
			change: func(r *Result) { *r = Result{} },
			stdout: "\n",
		},
		{
			name: "json", args: []string{"--output", "json", "-"},
			change: func(r *Result) { r.Diagnostics = warning },
			stdout: `{"displays":[{"display":"dataframe","data":[{"name":"a\u009b\u003cb\u003e$"}]},` +
				`{"display":"execution summary","data":{"execution time":0,"variables updated":[` +
				`{"VARIABLE":"p","TYPE":"process","#(ENTITIES)":1,"#(RECORDS)":1}],"footnotes":[]}}],` +
				`"variables":[{"p":1}],"sources":[],"diagnostics":[{"code":"truncated","severity":"warning","message":"it was cut"}]}` + "\n",
			stderr: "warning[truncated]: it was cut\n",
		},
		{
			name: "json of nothing", args: []string{"--output", "json", "-"},
			change: func(r *Result) { *r = Result{} },
			stdout: `{"displays":[],"variables":[],"sources":[],"diagnostics":[]}` + "\n",
		},
		{
			name: "failure after a display", args: []string{"-"},
			change: func(r *Result) { r.Diagnostics = failure },
			err:    errors.New("it failed"),
			code:   1, stdout: table + summary, stderr: "error[step-failed]: it failed\n",
		},
		{
			name: "failure before any display", args: []string{"-"},
			change: func(r *Result) { *r = Result{Diagnostics: failure} },
			err:    errors.New("it failed"),
			code:   1, stderr: "error[step-failed]: it failed\n",
		},
		{
			name: "failure without a diagnostic", args: []string{"-"},
			change: func(r *Result) { *r = Result{} },
			err:    errors.New("out of memory\x1b"),
			code:   1, stderr: "kestrel: out of memory\\x1b\n",
		},
		{
			name: "warning", args: []string{"-"},
			change: func(r *Result) { r.Diagnostics = warning },
			stdout: table + summary, stderr: "warning[truncated]: it was cut\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := &fakeSession{result: sampleResult(), err: tt.err}
			if tt.change != nil {
				tt.change(&s.result)
			}
			code, stdout, stderr := run(t.Context(), s, tt.stdin, tt.args...)
			if code != tt.code {
				t.Errorf("run(%q) = %d, want %d", tt.args, code, tt.code)
			}
			if diff := cmp.Diff(tt.stdout, stdout); diff != "" {
				t.Errorf("run(%q): stdout (-want +got):\n%s", tt.args, diff)
			}
			if diff := cmp.Diff(tt.stderr, stderr); diff != "" {
				t.Errorf("run(%q): stderr (-want +got):\n%s", tt.args, diff)
			}
			if !s.closed || s.file.Text != tt.text || s.opts.HuntDir != tt.folder {
				t.Errorf("run(%q): closed %t, text %q, folder %q; want true, %q, %q",
					tt.args, s.closed, s.file.Text, s.opts.HuntDir, tt.text, tt.folder)
			}
			if s.opts.Progress != nil {
				t.Errorf("run(%q): progress is shown off a terminal", tt.args)
			}
		})
	}
}

func TestHTMLPage(t *testing.T) {
	t.Parallel()
	s := &fakeSession{result: sampleResult()}
	s.result.Displays = append(s.result.Displays, &display.HTML{Source: "<script>alert(1)</script>"})
	s.result.Diagnostics = diag.List{{Code: diag.Truncated, Severity: diag.Warning, Message: "cut <at> 5"}}
	code, page, _ := run(t.Context(), s, "", "--output=html", "-")
	if code != 0 {
		t.Fatalf("run = %d, want 0", code)
	}
	for _, part := range []string{
		"<!DOCTYPE html>", "default-src 'none'", "<title>&lt;stdin&gt;</title>",
		`<td>a\u009b&lt;b&gt;$</td>`, "<div><h4>Block Executed in 0 seconds</h4>",
		`srcdoc="&lt;script&gt;`, "cut &lt;at&gt; 5", "</html>\n",
	} {
		if !strings.Contains(page, part) {
			t.Errorf("the page lacks %q:\n%s", part, page)
		}
	}
	for _, part := range []string{"<script", "http:", "https:", "\u009b", "%!"} {
		if strings.Contains(page, part) {
			t.Errorf("the page holds %q:\n%s", part, page)
		}
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"nothing", nil, "kestrel: name a hunt"},
		{"two hunts", []string{"a.hf", "b.hf"}, "kestrel: one hunt is run at a time, not 2"},
		{"misspelt command", []string{"chek", "a.hf"}, "kestrel: there is no command chek; did you mean check?"},
		{"file and text", []string{"-c", "DISP p", "a.hf"}, "kestrel: give a hunt either"},
		{"unknown flag", []string{"--nosuch", "a.hf"}, "kestrel: unknown flag: --nosuch"},
		{"unknown output", []string{"--output", "x\x1bml", "a.hf"}, `kestrel: --output is one of text, json, html, not "x\x1bml"`},
		{"hostile flag", []string{"--\x1b[2J", "a.hf"}, `kestrel: unknown flag: --\x1b[2J`},
		{"check without a file", []string{"check"}, "kestrel: name a file"},
		{"fmt without a file", []string{"fmt"}, "kestrel: name a file"},
		{"fmt with both flags", []string{"fmt", "-d", "-w", "a.hf"}, "kestrel: -d and -w do not go together"},
		{"fmt of standard input in place", []string{"fmt", "-w", "-"}, "kestrel: standard input cannot be written with -w"},
		{"check with a flag of fmt", []string{"check", "-w", "a.hf"}, "kestrel: unknown shorthand flag: 'w'"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := run(t.Context(), &fakeSession{}, "", tt.args...)
			if code != 2 || stdout != "" || !strings.HasPrefix(stderr, tt.want) || !strings.Contains(stderr, "\nusage: kestrel ") {
				t.Errorf("run(%q) = %d, stdout %q, stderr %q; want 2, nothing, %q and the usage",
					tt.args, code, stdout, stderr, tt.want)
			}
		})
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	code, stdout, _ := run(t.Context(), &fakeSession{}, "", "--version")
	if code != 0 || stdout != "kestrel 1.2.3\n" {
		t.Errorf("run(--version) = %d, %q", code, stdout)
	}
}

func TestLog(t *testing.T) {
	t.Parallel()
	tests := []struct {
		flag  string
		lines int
	}{{"-v", 1}, {"--verbose", 1}, {"--debug", 2}}
	for _, tt := range tests {
		s := &fakeSession{}
		_, _, stderr := run(t.Context(), s, "", tt.flag, "-")
		if got := strings.Count(stderr, "\n"); got != tt.lines || !strings.Contains(stderr, " INFO kestrel hunt begins file=<stdin>\n") {
			t.Errorf("run(%s -): stderr %q, want %d lines of log", tt.flag, stderr, tt.lines)
		}
		if s.opts.Debug != (tt.flag == "--debug") || !s.opts.Log.Enabled(t.Context(), slog.LevelInfo) {
			t.Errorf("run(%s -): session options %+v", tt.flag, s.opts)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good, bad, missing := filepath.Join(dir, "good.hf"), filepath.Join(dir, "bad.hf"), filepath.Join(dir, "no.hf")
	for name, text := range map[string]string{good: "fine", bad: "so bad"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code, stdout, stderr := run(t.Context(), &fakeSession{}, "", "check", good)
	if code != 0 || stdout+stderr != "" {
		t.Errorf("check of a good hunt = %d, %q, %q; want silence", code, stdout, stderr)
	}
	code, stdout, stderr = run(t.Context(), &fakeSession{}, "bad", "check", missing, good, "-", bad)
	want := "error[file-failed]: cannot read " + missing + ": no such file or directory\n" +
		"\n<stdin>:1:1: error[step-failed]: it is bad\\u009b\n 1 | bad\n   | ^^^\n" +
		"\n" + bad + ":1:4: error[step-failed]: it is bad\\u009b\n 1 | so bad\n   |    ^^^\n"
	if diff := cmp.Diff(want, stderr); code != 1 || stdout != "" || diff != "" {
		t.Errorf("check = %d, stdout %q, stderr (-want +got):\n%s", code, stdout, diff)
	}
	code, stdout, stderr = run(t.Context(), &fakeSession{}, "bad", "check", "--json", "-")
	want = `[{"code":"step-failed","severity":"error","file":"\u003cstdin\u003e","start":{"offset":0,"line":1,"column":1},` +
		`"end":{"offset":3,"line":1,"column":4},"message":"it is bad\u009b"}]` + "\n"
	if diff := cmp.Diff(want, stdout); code != 1 || stderr != "" || diff != "" {
		t.Errorf("check --json = %d, stderr %q, stdout (-want +got):\n%s", code, stderr, diff)
	}
	code, stdout, _ = run(t.Context(), &fakeSession{}, "good", "check", "--json", "-")
	if code != 0 || stdout != "[]\n" {
		t.Errorf("check --json of a good hunt = %d, %q; want 0, []", code, stdout)
	}
}

func TestManyDiagnostics(t *testing.T) {
	t.Parallel()
	s := &fakeSession{result: Result{Diagnostics: make(diag.List, maxReported+5)}}
	_, _, stderr := run(t.Context(), s, "", "-")
	if n := strings.Count(stderr, "error["); n != maxReported || !strings.HasSuffix(stderr, "\n\nand 5 more\n") {
		t.Errorf("%d diagnostics written, want %d and a note; stderr ends in %q", n, maxReported, stderr[len(stderr)-20:])
	}
}

func TestReadHunt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	large := filepath.Join(dir, "large.hf")
	if err := os.WriteFile(large, make([]byte, maxHunt+1), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, want string }{
		{filepath.Join(dir, "no.hf"), "no.hf: no such file or directory"},
		{dir, ": is a directory"},
		{large, "larger than 16 MiB"},
	}
	for _, tt := range tests {
		code, stdout, stderr := run(t.Context(), &fakeSession{}, "", tt.name)
		if code != 1 || stdout != "" || !strings.HasPrefix(stderr, "error[file-failed]: cannot read ") || !strings.Contains(stderr, tt.want) {
			t.Errorf("run(%s) = %d, %q, %q; want 1 and %q", tt.name, code, stdout, stderr, tt.want)
		}
	}
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	s := &fakeSession{result: sampleResult(), wait: true}
	signals := make(chan os.Signal, 1)
	signals <- os.Interrupt
	var stdout, stderr string
	code := await(t.Context(), signals, time.Minute, func(ctx context.Context) (code int) {
		code, stdout, stderr = run(ctx, s, "", "--no-summary", "-")
		return code
	})
	if code != 130 || !s.closed || !strings.Contains(stdout, `a\u009b<b>$`) || stderr != "error[canceled]: step canceled\n" {
		t.Errorf("interrupted run = %d, closed %t, stdout %q, stderr %q; want 130, what there was, and why it ended",
			code, s.closed, stdout, stderr)
	}
}

func TestInterruptBetweenFiles(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, command := range []string{"check", "fmt"} {
		code, stdout, stderr := run(ctx, &fakeSession{}, "DISP p", command, "-")
		if code != 130 || stdout != "" || stderr != "kestrel: interrupted\n" {
			t.Errorf("interrupted %s = %d, %q, %q; want 130", command, code, stdout, stderr)
		}
	}
}

func TestInterruptOfStubbornCommand(t *testing.T) {
	t.Parallel()
	hang := make(chan struct{})
	t.Cleanup(func() { close(hang) })
	stubborn := func(context.Context) int { <-hang; return 0 }
	once := make(chan os.Signal, 1)
	once <- os.Interrupt
	if code := await(t.Context(), once, time.Millisecond, stubborn); code != 130 {
		t.Errorf("await after one signal = %d, want 130 after the grace", code)
	}
	twice := make(chan os.Signal, 2)
	twice <- os.Interrupt
	twice <- os.Interrupt
	if code := await(t.Context(), twice, time.Hour, stubborn); code != 130 {
		t.Errorf("await after two signals = %d, want 130 at once", code)
	}
}

func TestAccountIsBounded(t *testing.T) {
	t.Parallel()
	counts := []datasource.Count{{Source: "whole", Scanned: 1}}
	for range maxAccounts + 7 {
		counts = append(counts, datasource.Count{Source: "a\x1b", Cut: true})
	}
	got := accountText(counts)
	if n := strings.Count(got, `a\x1b: `); n != maxAccounts {
		t.Errorf("%d sources are accounted for, want %d", n, maxAccounts)
	}
	if !strings.HasPrefix(got, "partial answers from 107 of 108 sources:\n") || !strings.HasSuffix(got, "\n  and 7 more\n") || strings.Contains(got, "whole") {
		t.Errorf("the account begins with %.60q and ends with %q", got, got[len(got)-20:])
	}
	if got := accountText(counts[:1]); got != "" {
		t.Errorf("a whole answer is accounted for: %q", got)
	}
}
