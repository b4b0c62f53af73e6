// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package incident_test runs the hunt over the sample incident.
package incident_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/standard"
)

// A finding is what README.md says of a variable.
type finding struct {
	Type     string
	Entities int64
}

// TestHunt runs the hunt from another folder, as a reader would, and compares
// its variables with the table of README.md.
func TestHunt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	session := newSession(t, dir)
	text, err := os.ReadFile("hunt.hf")
	if err != nil {
		t.Fatal(err)
	}
	result, err := session.ExecuteFile(t.Context(), &diag.File{Name: "hunt.hf", Text: string(text)})
	if err != nil {
		t.Fatalf("hunt.hf: %v", err)
	}
	for _, d := range result.Diagnostics {
		t.Errorf("hunt.hf: unexpected %s: %s", d.Severity, d.Message)
	}
	got := map[string]finding{}
	for _, v := range result.Variables {
		got[v.Name] = finding{v.Type, v.Entities}
	}
	if diff := cmp.Diff(findings(t), got); diff != "" {
		t.Errorf("variables: -README.md +hunt.hf\n%s", diff)
	}
	checkTimeline(t, session)
	checkSaved(t, filepath.Join(dir, "attack.csv"), got["timeline"].Entities)
}

func newSession(t *testing.T, dir string) *kestrel.Session {
	t.Helper()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	session, err := kestrel.New(kestrel.Config{
		Drivers: standard.Drivers(), Dir: dir, HuntDir: here, TempDir: t.TempDir(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := session.Close(); err != nil {
			t.Error(err)
		}
	})
	return session
}

// findings reads the table of README.md.
func findings(t *testing.T) map[string]finding {
	t.Helper()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| `([a-z]+)` \\| `([a-z0-9-]+)` \\| ([0-9]+) \\|")
	out := map[string]finding{}
	for _, m := range row.FindAllStringSubmatch(string(readme), -1) {
		n, err := strconv.ParseInt(m[3], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		out[m[1]] = finding{m[2], n}
	}
	return out
}

// checkTimeline shows that the timeline is in order, from the first command of
// the exploit to the last run of the script left behind.
func checkTimeline(t *testing.T, session *kestrel.Session) {
	t.Helper()
	table, err := session.Entities(t.Context(), "timeline")
	if err != nil {
		t.Fatal(err)
	}
	created, command := column(t, table, "created"), column(t, table, "command_line")
	for i := 1; i < len(created); i++ {
		if created[i-1] > created[i] {
			t.Errorf("timeline: row %d began at %s, row %d at %s", i-1, created[i-1], i, created[i])
		}
	}
	if len(command) == 0 {
		t.Fatal("timeline: no rows")
	}
	if want := "/bin/sh -c id; uname -a"; command[0] != want {
		t.Errorf("timeline: first command %q, want %q", command[0], want)
	}
	if last, want := command[len(command)-1], `-File C:\ProgramData\ReportSync\sync.ps1`; !strings.HasSuffix(last, want) {
		t.Errorf("timeline: last command %q, want one that ends in %q", last, want)
	}
}

func column(t *testing.T, table *kestrel.Table, name string) []string {
	t.Helper()
	for i, c := range table.Columns {
		if c != name {
			continue
		}
		var out []string
		for _, row := range table.Rows {
			if row[i].Kind() != entity.String {
				t.Errorf("column %s holds %v, want text", name, row[i])
			}
			out = append(out, row[i].String())
		}
		return out
	}
	t.Fatalf("no column %s in %v", name, table.Columns)
	return nil
}

// checkSaved shows that the timeline was saved: a header and a line for each
// process.
func checkSaved(t *testing.T, path string, rows int64) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := int64(strings.Count(string(text), "\n")); got != rows+1 {
		t.Errorf("attack.csv has %d lines, want %d", got, rows+1)
	}
}
