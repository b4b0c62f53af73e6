// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package kestrel_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/display"
	"github.com/kestrelhunt/kestrel/standard"
)

// open returns a session in a folder of its own; its clock stands still.
func open(t *testing.T) *kestrel.Session {
	t.Helper()
	return openIn(t, t.TempDir())
}

func openIn(t *testing.T, dir string) *kestrel.Session {
	t.Helper()
	return openWith(t, dir, nil)
}

// openWith opens a session that completes as it is told; nil means the defaults.
func openWith(t *testing.T, dir string, completion *kestrel.Completion) *kestrel.Session {
	t.Helper()
	s, err := kestrel.New(kestrel.Config{
		Drivers:    standard.Drivers(),
		Dir:        dir,
		TempDir:    t.TempDir(),
		Now:        func() time.Time { return time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC) },
		Completion: completion,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// text returns what a result shows on a terminal.
func text(t *testing.T, r *kestrel.Result) string {
	t.Helper()
	var b strings.Builder
	if err := display.WriteText(&b, r.Displays, display.Style{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestHelloWorld(t *testing.T) {
	t.Parallel()
	hunt, err := os.ReadFile("examples/helloworld.hf")
	if err != nil {
		t.Fatal(err)
	}
	res, err := open(t).Execute(t.Context(), string(hunt))
	if err != nil {
		t.Fatal(err)
	}
	want := `       name pid
firefox.exe 201
 chrome.exe 205

[SUMMARY] block executed in 0 seconds
VARIABLE    TYPE  #(ENTITIES)  #(RECORDS)  process*
proclist process            4           4         0
browsers process            2           2         0
*Number of related records cached.
`
	if diff := cmp.Diff(want, text(t, res)); diff != "" {
		t.Errorf("hello world (-want +got):\n%s", diff)
	}
}

func TestErrorsKeepWhatRan(t *testing.T) {
	t.Parallel()
	s := open(t)
	res, err := s.Execute(t.Context(), "p = NEW process ['a.exe']\nDISP p\nDISP nosuch\nq = NEW process ['b.exe']")
	if err == nil {
		t.Fatal("Execute: no error")
	}
	if len(res.Displays) != 2 || len(res.Variables) != 1 {
		t.Errorf("Execute: %d displays and %d variables, want the table, the summary, and p", len(res.Displays), len(res.Variables))
	}
	d := res.Diagnostics[0]
	if d.Code != diag.UndefinedVariable || d.Span.Text() != "nosuch" || d.Span.File.Position(d.Span.Start).Line != 3 {
		t.Errorf("Execute: diagnostic %v at %q", d, d.Span.Text())
	}
	if len(s.Variables()) != 2 { // p and _
		t.Errorf("Variables: %v, want p and _", s.Variables())
	}
}

func TestSyntaxErrorsStopTheBlock(t *testing.T) {
	t.Parallel()
	s := open(t)
	res, err := s.Execute(t.Context(), "p = NEW process ['a.exe']\nDISP p LIMIT\nq = GET FROM x\n")
	if err == nil || len(s.Variables()) != 0 || len(res.Displays) != 0 {
		t.Errorf("Execute: error %v, variables %v, %d displays; want nothing run", err, s.Variables(), len(res.Displays))
	}
	if len(res.Diagnostics) < 2 {
		t.Errorf("Execute: diagnostics %v, want both faults", res.Diagnostics)
	}
}

func TestVariablesAreSnapshots(t *testing.T) {
	t.Parallel()
	s := open(t)
	res, err := s.Execute(t.Context(), `
p = NEW process [{"name": "a", "pid": 1}, {"name": "b", "pid": 2}]
a = p
p = NEW process [{"name": "c", "pid": 3}]
a2 = a
a = p
process = a2 WHERE pid = 2
P = a2 LIMIT 1
DISP a2 ATTR name
DISP a ATTR name
DISP process ATTR name
DISP P ATTR name`)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range res.Displays[:4] {
		var names []string
		for _, row := range d.(*display.Table).Rows {
			names = append(names, row[0].String())
		}
		got = append(got, strings.Join(names, " "))
	}
	if diff := cmp.Diff([]string{"a b", "c", "b", "a"}, got); diff != "" {
		t.Errorf("snapshots (-want +got):\n%s", diff)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	res, err := open(t).Execute(ctx, "p = NEW process ['a']")
	if !errors.Is(err, context.Canceled) || res.Diagnostics[0].Code != diag.Canceled {
		t.Errorf("Execute with a canceled context: %v", err)
	}
}

func TestClosedSession(t *testing.T) {
	t.Parallel()
	s := open(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Execute(t.Context(), "p = NEW process ['a']"); !errors.Is(err, kestrel.ErrClosed) {
		t.Errorf("Execute after Close: %v, want ErrClosed", err)
	}
	if _, err := s.Entities(t.Context(), "p"); !errors.Is(err, kestrel.ErrClosed) {
		t.Errorf("Entities after Close: %v, want ErrClosed", err)
	}
}

func TestSessionsShareNothing(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	for i := range 4 {
		s := open(t)
		wg.Go(func() {
			hunt := fmt.Sprintf("p = NEW process [{\"name\": \"p%d\", \"pid\": %d}]\nq = p WHERE pid = %d", i, i, i)
			if _, err := s.Execute(t.Context(), hunt); err != nil {
				t.Error(err)
				return
			}
			table, err := s.Entities(t.Context(), "q")
			if err != nil || len(table.Rows) != 1 {
				t.Errorf("session %d: entities %v, %v", i, table, err)
			}
		})
	}
	wg.Wait()
}

// bundle writes a bundle whose records hold one process each.
func bundle(t *testing.T, path string, names ...string) {
	t.Helper()
	var b strings.Builder
	b.WriteString(`{"type": "bundle", "id": "bundle--00000000-0000-4000-8000-000000000000", "spec_version": "2.0", "objects": [`)
	for i, name := range names {
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, `
{"type": "observed-data", "id": "observed-data--00000000-0000-4000-8000-%012d", "first_observed": "2023-01-01T00:00:%02d.000Z",
 "last_observed": "2023-01-01T00:00:%02d.000Z", "number_observed": 1,
 "objects": {"0": {"type": "process", "name": %q, "pid": %d}}}`, i, i, i, name, i)
	}
	b.WriteString("]}")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRepeatedGet(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "b.json")
	bundle(t, path, "a", "b", "a")
	s := openWith(t, dir, new(kestrel.Completion))
	get := func(hunt string, want int64) *kestrel.Result {
		t.Helper()
		res, err := s.Execute(t.Context(), hunt)
		if err != nil {
			t.Fatal(err)
		}
		if got := res.Variables[len(res.Variables)-1].Entities; got != want {
			t.Errorf("%s: %d entities, want %d", hunt, got, want)
		}
		return res
	}
	const all = "p = GET process FROM file://b.json WHERE name = 'a'"
	if res := get(all, 2); len(res.Sources) != 1 || res.Sources[0].Scanned != 3 || res.Sources[0].Matched != 2 {
		t.Errorf("first GET: sources %+v", res.Sources)
	}
	if res := get(all, 2); len(res.Sources) != 0 {
		t.Errorf("the same GET again read the file: %+v", res.Sources)
	}
	get(all+" LIMIT 1", 1)
	get(all, 2)
	bundle(t, path, "a", "b", "a", "a", "c")
	get(all, 3)
	if res := get("p = GET process FROM file://b.json WHERE name = 'b' q = GET process WHERE name = 'c'", 1); len(res.Sources) != 1 {
		t.Errorf("two GETs over one file: sources %+v, want one pass", res.Sources)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	s := open(t)
	if _, err := s.Execute(t.Context(), "p = NEW process ['a']"); err != nil {
		t.Fatal(err)
	}
	if ds := s.Check("q = p WHERE name = 'a'\nr = GET process FROM file://nosuch.json WHERE pid = q.pid"); len(ds) != 0 {
		t.Errorf("Check of a good hunt: %v", ds)
	}
	ds := s.Check("DISP p ATTR nmae\nDISP nosuch\nx = y")
	if len(ds) != 3 {
		t.Errorf("Check: %v, want three diagnostics", ds)
	}
	if len(s.Variables()) != 2 {
		t.Errorf("Check bound variables: %v", s.Variables())
	}
}
