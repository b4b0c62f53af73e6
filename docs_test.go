// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package kestrel_test

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/display"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/config"
	"github.com/kestrelhunt/kestrel/standard"
)

var update = flag.Bool("update", false, "rewrite the output that the pages of the manual show")

// TestDocs runs the hunts of the manual: every block that is fenced as hunt, the
// blocks of a page one after the other in one session, with a copy of the
// folder testdata beside the page as its working directory, or of the one that a
// comment in the page names: <!-- hunts run in FOLDER at TIME -->. Behind a hunt, a
// block fenced as output must hold what it displays, and one fenced as
// diagnostics what is said about it. Words behind "hunt" change what is wanted:
//
//	error=CODE    the hunt fails with that code and no other
//	warning=CODE  the hunt is warned of with that code
//	no-run        the hunt is of the language, and this version cannot run it
func TestDocs(t *testing.T) {
	t.Parallel()
	for _, name := range pages(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := readFile(t, name)
			blocks := fences(text)
			got := runPage(t, name, text, blocks)
			if *update && got != text {
				if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// TestLanguageBook looks for the pages that the language needs, each with a hunt
// that is run, and for the links of the manual.
func TestLanguageBook(t *testing.T) {
	t.Parallel()
	index := readFile(t, "docs/language/README.md")
	for page := range strings.FieldsSeq(`new get find apply join group sort load save info disp describe
		assign merge transformers explain why patterns`) {
		text := readFile(t, "docs/language/"+page+".md")
		if !strings.Contains(index, "("+page+".md)") {
			t.Errorf("docs/language/README.md has no link to %s.md", page)
		}
		if !strings.Contains(text, "\n```hunt") {
			t.Errorf("docs/language/%s.md has no hunt", page)
		}
	}
	find := readFile(t, "docs/language/find.md")
	for _, r := range entity.Relations() {
		if row := "\n| " + r.Subject + " | " + r.Name + " | " + r.Object + " |\n"; !strings.Contains(find, row) {
			t.Errorf("docs/language/find.md lacks the relation %s %s %s", r.Subject, r.Name, r.Object)
		}
	}
	for _, name := range pages(t) {
		for _, m := range markdownLink.FindAllStringSubmatch(readFile(t, name), -1) {
			target, _, _ := strings.Cut(m[1], "#")
			if target == "" || strings.Contains(target, "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(name), target)); err != nil {
				t.Errorf("%s links to %s, which is missing", name, target)
			}
		}
	}
}

// TestConfigurationPage looks for each setting on its page, with its default.
func TestConfigurationPage(t *testing.T) {
	t.Parallel()
	text := readFile(t, "docs/configuration.md")
	settings := config.Defaults().Settings()
	for _, s := range settings {
		if row := "\n| `" + s.Name + "` | `" + s.Text() + "` |"; !strings.Contains(text, row) {
			t.Errorf("docs/configuration.md has no row that begins with %q", row[1:])
		}
	}
	if n := strings.Count(text, "\n| `language.") + strings.Count(text, "\n| `session.") + strings.Count(text, "\n| `prefetch.") +
		strings.Count(text, "\n| `stixquery.") + strings.Count(text, "\n| `debug."); n != len(settings) {
		t.Errorf("docs/configuration.md has %d settings, there are %d", n, len(settings))
	}
}

var markdownLink = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// pages returns the pages of the manual.
func pages(t *testing.T) []string {
	t.Helper()
	names := []string{"README.md"}
	err := filepath.WalkDir("docs", func(path string, d fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".md" && !d.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A fence is a fenced block of a page: its words, and where its text lies.
type fence struct {
	words      []string
	start, end int
	line       int // of the text
}

func (f fence) kind() string {
	if len(f.words) == 0 {
		return ""
	}
	return f.words[0]
}

// fences finds the blocks that begin and end with three backticks at the start
// of a line.
func fences(text string) []fence {
	const mark = "```"
	var out []fence
	var open *fence
	pos, number := 0, 0
	for line := range strings.Lines(text) {
		number++
		switch {
		case open == nil && strings.HasPrefix(line, mark):
			open = &fence{words: strings.Fields(line[len(mark):]), start: pos + len(line), line: number + 1}
		case open != nil && strings.TrimSpace(line) == mark:
			open.end = pos
			out = append(out, *open)
			open = nil
		}
		pos += len(line)
	}
	return out
}

// runPage runs the hunts of a page and returns the page with what they gave.
func runPage(t *testing.T, name, text string, blocks []fence) string {
	t.Helper()
	s := openPage(t, name, text)
	got := text
	gave := map[string]string{}
	for _, b := range blocks {
		have, shown := gave[b.kind()]
		switch {
		case b.kind() == "hunt":
			gave = runBlock(t, s, name, b, text[b.start:b.end])
		case !shown:
			clear(gave)
		case *update:
			at := b.start + len(got) - len(text)
			got = got[:at] + have + got[at+b.end-b.start:]
		default:
			if diff := cmp.Diff(text[b.start:b.end], have); diff != "" {
				t.Errorf("%s:%d: %s (-want +got):\n%s", name, b.line, b.kind(), diff)
			}
		}
	}
	return got
}

// runBlock runs one hunt and returns what blocks behind it may show, by kind.
func runBlock(t *testing.T, s *kestrel.Session, name string, b fence, hunt string) map[string]string {
	t.Helper()
	file := &diag.File{Name: "hunt.hf", Text: hunt}
	if slices.Contains(b.words, "no-run") {
		checkUnsupported(t, s, name, b, file)
		return nil
	}
	res, err := s.ExecuteFile(t.Context(), file)
	if res == nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, w := range b.words[1:] {
		want = append(want, strings.Replace(w, "=", " ", 1))
	}
	for _, d := range res.Diagnostics {
		got = append(got, d.Severity.String()+" "+string(d.Code))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s:%d: diagnostics (-want +got):\n%s\n%v", name, b.line, diff, err)
	}
	var output, diagnostics strings.Builder
	if err := display.WriteText(&output, res.Displays, display.Style{Width: pageWidth}); err != nil {
		t.Fatal(err)
	}
	if err := diag.Render(&diagnostics, res.Diagnostics, diag.RenderOptions{}); err != nil {
		t.Fatal(err)
	}
	text := elapsed.ReplaceAllString(output.String(), "executed in 1 seconds")
	return map[string]string{"output": trailing.ReplaceAllString(text, ""), "diagnostics": diagnostics.String()}
}

// pageWidth is that of the pages: what INFO says is wrapped, as on a terminal.
const pageWidth = 110

var (
	elapsed  = regexp.MustCompile(`executed in [0-9 a-z,]+ seconds`)
	trailing = regexp.MustCompile(`(?m) +$`)
)

// checkUnsupported fails unless all that is wrong with a hunt is that this
// version does not run it.
func checkUnsupported(t *testing.T, s *kestrel.Session, name string, b fence, file *diag.File) {
	t.Helper()
	found := false
	for _, d := range s.CheckFile(file) {
		found = found || d.Code == diag.NotSupported
		if d.Severity == diag.Error && d.Code != diag.NotSupported {
			t.Errorf("%s:%d: %v", name, b.line, d)
		}
	}
	if !found {
		t.Errorf("%s:%d: this version runs the hunt: remove no-run", name, b.line)
	}
}

// openPage opens the session of a page. Its clock stands still: an hour after
// what the samples tell of, or at the time that the page names.
func openPage(t *testing.T, name, text string) *kestrel.Session {
	t.Helper()
	dir := t.TempDir()
	sample, now := "testdata", "2024-05-06T10:00:00Z"
	if m := pageFolder.FindStringSubmatch(text); m != nil {
		sample, now = m[1], m[2]
	}
	clock, err := time.Parse(time.RFC3339, now)
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(filepath.Dir(name), sample)
	if err := os.CopyFS(dir, os.DirFS(folder)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	s, err := kestrel.New(kestrel.Config{
		Drivers: standard.Drivers(),
		Dir:     dir,
		TempDir: t.TempDir(),
		Now:     func() time.Time { return clock },
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

var pageFolder = regexp.MustCompile(`<!-- hunts run in (\S+) at (\S+) -->`)
