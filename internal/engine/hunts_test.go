// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/datasource/stixbundle"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/display"
	"github.com/kestrelhunt/kestrel/internal/engine"
	"github.com/kestrelhunt/kestrel/internal/store"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/syntax"
)

var update = flag.Bool("update", false, "rewrite what the hunt archives want")

// stages are the files of an archive that say what a hunt must give, in order:
//
//	want/plan         what each step means, before anything runs
//	want/requests     what the data sources counted
//	want/display      what is shown
//	want/diagnostics  what is said
var stages = []string{"want/plan", "want/requests", "want/display", "want/diagnostics"}

// TestHunts runs the hunt archives. An archive begins with what it shows. Its
// files are taken in their order: a hunt (*.hf) runs as one block of the
// session, any other file is written to the session's folder, where it may
// replace one of the same name; *.base64 is decoded first. If there are several
// hunts, a line in each wanted file names the one that the text below is about.
func TestHunts(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/hunts/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no hunt archives: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if len(strings.TrimSpace(string(a.Comment))) == 0 {
				t.Error("the archive does not begin with what it shows")
			}
			got := runArchive(t, a)
			if *update {
				rewrite(t, name, a, got)
				return
			}
			for _, stage := range stages {
				if diff := cmp.Diff(fileOf(a, stage), got[stage]); diff != "" {
					t.Errorf("%s (-want +got):\n%s", stage, diff)
				}
			}
		})
	}
}

// runArchive runs the hunts of an archive and returns what each stage gave.
func runArchive(t *testing.T, a *txtar.Archive) map[string]string {
	t.Helper()
	dir := t.TempDir()
	e := open(t, dir)
	hunts := 0
	for _, f := range a.Files {
		if isHunt(f) {
			hunts++
		}
	}
	got := make(map[string]string)
	for _, f := range a.Files {
		switch {
		case strings.HasPrefix(f.Name, "want/"):
		case isHunt(f):
			for stage, text := range runHunt(t, e, f) {
				if hunts > 1 && text != "" {
					text = "== " + f.Name + "\n" + text
				}
				got[stage] += strings.ReplaceAll(text, dir, "$DIR")
			}
		default:
			writeFile(t, dir, f)
		}
	}
	return got
}

func isHunt(f txtar.File) bool { return strings.HasSuffix(f.Name, ".hf") }

// open returns an engine whose files lie in dir, and whose clock stands still.
func open(t *testing.T, dir string) *engine.Engine {
	t.Helper()
	registry := new(datasource.Registry)
	if err := registry.Add(&stixbundle.Driver{}); err != nil {
		t.Fatal(err)
	}
	s := store.Open(store.Options{Spill: t.TempDir()})
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return engine.New(engine.Config{
		Store:    s,
		Registry: registry,
		Env: datasource.Env{
			Dir:   dir,
			Cache: func() (string, error) { return "", errors.New("the archives fetch nothing") },
			Now:   now,
		},
		Log:             slog.New(slog.DiscardHandler),
		DefaultVariable: "_",
		DefaultScheme:   "file",
		Summary:         true,
		StartOffset:     -5 * time.Minute,
		StopOffset:      5 * time.Minute,
	})
}

// now is noon of the day of which the archives tell.
func now() time.Time { return time.Date(2024, 5, 6, 12, 0, 0, 0, time.UTC) }

// runHunt runs one block, as a session does, and returns what each stage gave.
func runHunt(t *testing.T, e *engine.Engine, f txtar.File) map[string]string {
	t.Helper()
	hunt, ds := syntax.Parse(&diag.File{Name: f.Name, Text: string(f.Data)})
	var out engine.Outcome
	got := make(map[string]string)
	if ds.Err() == nil {
		got["want/plan"] = planText(e, hunt)
		out = e.Execute(t.Context(), hunt.Stmts, nil)
	}
	var shown, said strings.Builder
	if err := display.WriteText(&shown, out.Displays, display.Style{}); err != nil {
		t.Fatal(err)
	}
	if err := diag.Render(&said, append(ds, out.Diagnostics...), diag.RenderOptions{}); err != nil {
		t.Fatal(err)
	}
	got["want/display"] = ""
	if len(out.Displays) > 0 {
		got["want/display"] = trim(shown.String())
	}
	got["want/diagnostics"] = trim(said.String())
	got["want/requests"] = requestsText(out.Sources)
	return got
}

// trim removes blanks at the ends of lines, which no one sees.
func trim(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return b.String()
}

// planText prints what each statement means, one a line, given the variables
// that there are before the block runs.
func planText(e *engine.Engine, hunt *syntax.Hunt) string {
	var b strings.Builder
	scope := e.Scope(now())
	for _, stmt := range hunt.Stmts {
		if step, _ := scope.Analyze(stmt); step != nil {
			b.WriteString(stepText(step) + "\n")
		}
	}
	return b.String()
}

func stepText(step plan.Step) string {
	switch s := step.(type) {
	case *plan.Bind:
		return s.Name + " = " + nodeText(s.Value)
	case *plan.Display:
		return "Display " + nodeText(s.Value)
	case *plan.Info:
		return "Info " + nodeText(s.Of)
	case *plan.Describe:
		return "Describe " + nodeText(s.Of) + " " + s.Attr.String()
	case *plan.Save:
		return "Save " + nodeText(s.Of) + " to " + s.Path
	case *plan.Explain:
		return "Explain " + nodeText(s.Of)
	case *plan.Why:
		return fmt.Sprintf("Why %s [%d] %s", nodeText(s.Of), s.Row, s.Attr)
	}
	return fmt.Sprintf("%T", step)
}

// nodeText prints a plan in one line, inputs first.
func nodeText(n plan.Node) string {
	inputs := make([]string, len(n.Inputs()))
	for i, in := range n.Inputs() {
		inputs[i] = nodeText(in)
	}
	switch len(inputs) {
	case 0:
		return plan.Line(n)
	case 1:
		return inputs[0] + " | " + plan.Line(n)
	}
	return plan.Line(n) + "(" + strings.Join(inputs, ", ") + ")"
}

// requestsText prints what sources counted.
func requestsText(counts []datasource.Count) string {
	var b strings.Builder
	for _, c := range counts {
		fmt.Fprintf(&b, "%s: scanned %d, matched %d", c.Source, c.Scanned, c.Matched)
		if c.Skipped > 0 {
			fmt.Fprintf(&b, ", skipped %d", c.Skipped)
		}
		if c.Failed > 0 {
			fmt.Fprintf(&b, ", failed %d", c.Failed)
		}
		if c.Cut {
			b.WriteString(", cut")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func writeFile(t *testing.T, dir string, f txtar.File) {
	t.Helper()
	name, data := f.Name, f.Data
	if before, ok := strings.CutSuffix(name, ".base64"); ok {
		decoded, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(string(data)), ""))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		name, data = before, decoded
	}
	name = filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// fileOf returns a file of an archive, "" if it has none of that name.
func fileOf(a *txtar.Archive, name string) string {
	for _, f := range a.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

// rewrite writes an archive anew, with what it should want at its end.
func rewrite(t *testing.T, name string, a *txtar.Archive, got map[string]string) {
	t.Helper()
	out := &txtar.Archive{Comment: a.Comment}
	for _, f := range a.Files {
		if !strings.HasPrefix(f.Name, "want/") {
			out.Files = append(out.Files, f)
		}
	}
	for _, stage := range stages {
		out.Files = append(out.Files, txtar.File{Name: stage, Data: []byte(got[stage])})
	}
	if err := os.WriteFile(name, txtar.Format(out), 0o644); err != nil {
		t.Fatal(err)
	}
}
