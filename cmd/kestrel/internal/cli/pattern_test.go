// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const sampleRecords = `[
{"id":"r1","type":"observed-data","first_observed":"2024-05-01T10:00:00Z","last_observed":"2024-05-01T10:00:00Z",
 "number_observed":1,"objects":{"0":{"type":"process","name":"cmd.exe"}}},
{"id":"r2\u001b[2J","type":"observed-data","first_observed":"2024-05-01T10:00:05Z","last_observed":"2024-05-01T10:00:05Z",
 "number_observed":1,"objects":{"0":{"type":"process","name":"net.exe"}}}]`

func TestPattern(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	records := filepath.Join(dir, "records.json")
	broken := filepath.Join(dir, "broken.json")
	for name, text := range map[string]string{records: sampleRecords, broken: sampleRecords[:100]} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	both := `([process:name = 'cmd.exe'] FOLLOWEDBY [process:name = 'net.exe']) WITHIN 5 SECONDS`
	oneLine := strings.ReplaceAll(sampleRecords, "\n", "")
	tests := []struct {
		name   string
		args   []string
		stdin  string
		code   int
		stdout string
		stderr string // part of it; "" wants none
	}{
		{
			name: "valid", args: []string{"validate", "[a:b = 1]"},
			stdout: "valid: [a:b = 1]\n",
		},
		{
			name: "invalid", args: []string{"validate", "[a:b = 1]", "[a:b = cmd.exe]"},
			code: 1, stdout: "valid: [a:b = 1]\ninvalid: [a:b = cmd.exe]\n",
			stderr: "pattern 2:1:8: error[unexpected-token]: expected a value, found cmd.exe\n" +
				" 1 | [a:b = cmd.exe]\n   |        ^^^^^^^\n",
		},
		{
			name: "a warning only", args: []string{"validate", "[a:b MATCHES 'x(?=y)']"},
			stdout: "valid: [a:b MATCHES 'x(?=y)']\n",
			stderr: "pattern:1:14: warning[invalid-pattern]: look-ahead is not supported",
		},
		{
			name: "hostile text", args: []string{"validate", "[a:b = 1\x1b]"},
			code: 1, stdout: "invalid: [a:b = 1\\x1b]\n", stderr: "unexpected-character",
		},
		{
			name: "versions", args: []string{"validate", "--stix-version", "2.0", "[a:b = 1] START '2024-01-01T00:00:00Z' STOP '2024-01-02T00:00:00Z'"},
			stdout: "valid: [a:b = 1] START '2024-01-01T00:00:00Z' STOP '2024-01-02T00:00:00Z'\n",
		},
		{
			name: "unknown version", args: []string{"validate", "--stix-version", "3", "[a:b = 1]"},
			code: 2, stderr: `--stix-version is 2.0 or 2.1, not "3"`,
		},
		{
			name: "cases", args: []string{"validate"},
			stdin: `{"id":"a","pattern":"[a:b = 1]","stix_version":"2.0"}` + "\n\n" +
				`{"pattern":"[a:b = ]"}` + "\n" + `{"id":7}` + "\n" + `{"id":` + "\n",
			code: 1,
			stdout: `{"line":1,"id":"a","pattern":"[a:b = 1]","stix_version":"2.0","verdict":"valid","diagnostics":[]}` + "\n" +
				`{"line":3,"pattern":"[a:b = ]","stix_version":"2.1","verdict":"invalid","diagnostics":[{"code":"unexpected-token","severity":"error",` +
				`"file":"pattern","start":{"offset":7,"line":1,"column":8},"end":{"offset":8,"line":1,"column":9},"message":"expected a value, found ]"}]}` + "\n" +
				`{"line":4,"verdict":"error","diagnostics":[{"code":"invalid-json","severity":"error","message":"the case has no pattern"}]}` + "\n" +
				`{"line":5,"verdict":"error","diagnostics":[{"code":"invalid-json","severity":"error","message":"unexpected end of JSON input"}]}` + "\n",
		},
		{
			name: "match", args: []string{"match", both, records},
			stdout: "match\nr1\nr2\\x1b[2J\n",
		},
		{
			name: "match in standard input", args: []string{"match", "[process:name = 'cmd.exe']", "-"}, stdin: sampleRecords,
			stdout: "match\nr1\n",
		},
		{
			name: "no match", args: []string{"match", "[process:name = 'x']", records},
			code: 1, stdout: "nomatch\n",
		},
		{
			name: "match of a bad pattern", args: []string{"match", "process:name = 'x'", records},
			code: 1, stderr: "pattern:1:1: error[unexpected-token]: expected [ or (, found process\n",
		},
		{
			name: "match that cannot run", args: []string{"match", "[process:name = t'2024-01-01T00:00:00Z']", records},
			code: 1, stderr: "error[invalid-time]: a timestamp is compared with 'cmd.exe', which is none\n",
		},
		{
			name: "broken records", args: []string{"match", both, broken},
			code: 1, stderr: "error[invalid-bundle]: cannot read " + broken + ": stix: read observed-data: unexpected EOF\n",
		},
		{
			name: "missing records", args: []string{"match", both, filepath.Join(dir, "none.json")},
			code: 1, stderr: "none.json: no such file or directory\n",
		},
		{name: "no records", args: []string{"match", both}, code: 2, stderr: "name a file with records"},
		{name: "no command", args: nil, code: 2, stderr: "name a command: validate or match"},
		{name: "unknown command", args: []string{"prove"}, code: 2, stderr: "there is no command pattern prove"},
		{
			name: "match cases", args: []string{"match"},
			stdin: `{"id":"a","pattern":"[process:name = 'net.exe']","data":` + oneLine + "}\n" +
				`{"id":"b","pattern":"[process:name = 'x']","data":` + oneLine + "}\n" +
				`{"id":"c","pattern":"[process:name = 'x'","data":[]}` + "\n" +
				`{"id":"d","pattern":"[process:name = 'x']","data":[5]}` + "\n" +
				`{"id":"e","pattern":"[process:name = 'x'] WITHIN 0 SECONDS","data":[]}` + "\n",
			code: 1,
			stdout: `{"line":1,"id":"a","pattern":"[process:name = 'net.exe']","stix_version":"2.1","verdict":"match","bound":[1],"diagnostics":[]}` + "\n" +
				`{"line":2,"id":"b","pattern":"[process:name = 'x']","stix_version":"2.1","verdict":"nomatch","diagnostics":[]}` + "\n" +
				`{"line":3,"id":"c","pattern":"[process:name = 'x'","stix_version":"2.1","verdict":"error","diagnostics":[{"code":"unexpected-token","severity":"error",` +
				`"file":"pattern","start":{"offset":19,"line":1,"column":20},"end":{"offset":19,"line":1,"column":20},"message":"expected AND, OR or ], found the end of the pattern",` +
				`"related":[{"file":"pattern","start":{"offset":0,"line":1,"column":1},"end":{"offset":1,"line":1,"column":2},"message":"opened here"}]}]}` + "\n" +
				`{"line":4,"id":"d","pattern":"[process:name = 'x']","stix_version":"2.1","verdict":"error","diagnostics":[{"code":"invalid-bundle","severity":"error","message":"stix: read observed-data: item 0: want an object"}]}` + "\n" +
				`{"line":5,"id":"e","pattern":"[process:name = 'x'] WITHIN 0 SECONDS","stix_version":"2.1","verdict":"error","diagnostics":[{"code":"invalid-pattern","severity":"error",` +
				`"file":"pattern","start":{"offset":21,"line":1,"column":22},"end":{"offset":37,"line":1,"column":38},"message":"WITHIN needs more than 0 seconds"}]}` + "\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := run(t.Context(), &fakeSession{}, tt.stdin, append([]string{"pattern"}, tt.args...)...)
			if code != tt.code || stdout != tt.stdout {
				t.Errorf("kestrel pattern %q:\n got exit code %d, output\n%s\nwant exit code %d, output\n%s",
					tt.args, code, stdout, tt.code, tt.stdout)
			}
			if !strings.Contains(stderr, tt.stderr) || (tt.stderr == "") != (stderr == "") {
				t.Errorf("kestrel pattern %q writes to standard error\n%s\nwant\n%s", tt.args, stderr, tt.stderr)
			}
		})
	}
}

func TestPatternCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	code, stdout, _ := run(ctx, &fakeSession{}, `{"pattern":"[a:b = 1]"}`+"\n", "pattern", "validate")
	if code != exitCanceled || stdout != "" {
		t.Errorf("kestrel pattern validate, interrupted: exit code %d, output %q, want %d and none", code, stdout, exitCanceled)
	}
}

// TestPatternSuites gives the cases of the OASIS suites to the commands, as they
// are.
func TestPatternSuites(t *testing.T) {
	t.Parallel()
	root := os.Getenv("KESTREL_TESTDATA")
	if root == "" {
		t.Skip("KESTREL_TESTDATA does not name the folder of third-party test data")
	}
	for command, file := range map[string]string{"validate": "validator.jsonl", "match": "matcher.jsonl"} {
		cases, err := os.ReadFile(filepath.Join(root, "stix-patterns", file))
		if err != nil {
			t.Fatal(err)
		}
		_, stdout, stderr := run(t.Context(), &fakeSession{}, string(cases), "pattern", command)
		if stderr != "" {
			t.Errorf("kestrel pattern %s: standard error %q", command, stderr)
		}
		want := slices.Collect(strings.Lines(string(cases)))
		got := slices.Collect(strings.Lines(stdout))
		if len(got) != len(want) {
			t.Fatalf("kestrel pattern %s: %d answers to %d cases", command, len(got), len(want))
		}
		for i := range want {
			var c struct{ ID, Expected, Verdict string }
			for _, line := range []string{want[i], got[i]} {
				if err := json.Unmarshal([]byte(line), &c); err != nil {
					t.Fatal(err)
				}
			}
			if c.Verdict != c.Expected {
				t.Errorf("kestrel pattern %s: %s is %s, want %s", command, c.ID, c.Verdict, c.Expected)
			}
		}
	}
}
