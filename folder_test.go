// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package kestrel_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/standard"
)

// begin returns a session whose folder would be in temp. Close is the caller's.
func begin(t *testing.T, temp string, change func(*kestrel.Config)) *kestrel.Session {
	t.Helper()
	cfg := kestrel.Config{
		Drivers: standard.Drivers(),
		Dir:     t.TempDir(),
		TempDir: temp,
		Environ: []string{"USER=me"},
		Now:     func() time.Time { return time.Date(2026, 3, 1, 14, 3, 9, 0, time.UTC) },
	}
	if change != nil {
		change(&cfg)
	}
	s, err := kestrel.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// hunt runs a block that must not fail.
func hunt(t *testing.T, s *kestrel.Session, text string) *kestrel.Result {
	t.Helper()
	res, err := s.Execute(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func closed(t *testing.T, s *kestrel.Session) {
	t.Helper()
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
}

// tree lists the files and folders below dir, from dir.
func tree(t *testing.T, dir string) []string {
	t.Helper()
	out := []string{}
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if path != dir {
			out = append(out, strings.TrimPrefix(path, dir+string(filepath.Separator)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// serve serves a bundle with one process.
func serve(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "b.json")
	bundle(t, path, "cmd.exe")
	server := httptest.NewServer(http.FileServer(http.Dir(filepath.Dir(path))))
	t.Cleanup(server.Close)
	return server.URL + "/b.json"
}

func TestSmallHuntTouchesNoDisk(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	s := begin(t, temp, nil)
	hunt(t, s, "p = NEW process ['a'] DISP p")
	if got := tree(t, temp); len(got) != 0 {
		t.Errorf("a small hunt makes %v", got)
	}
	if _, err := os.Stat(s.Folder()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder %s: %v, want none", s.Folder(), err)
	}
	closed(t, s)
}

func TestFolderIsMadeForDownloads(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	url := serve(t)
	s := begin(t, temp, func(c *kestrel.Config) { c.ID = "x" })
	if s.ID() != "x" || filepath.Dir(s.Folder()) != temp || !strings.HasSuffix(s.Folder(), "-x") {
		t.Errorf("session %s in %s", s.ID(), s.Folder())
	}
	hunt(t, s, "p = GET process FROM '"+url+"' WHERE pid = 0")
	log := readFile(t, filepath.Join(s.Folder(), "session.log"))
	for _, line := range []string{
		`14:03:09 INFO kestrel session begins id=x debug=false`,
		`14:03:09 INFO engine step number=1 text="p = GET process FROM 'http://`,
		` 1 records scanned, 1 matched, 0 skipped; 0 requests failed bytes=`,
	} {
		if !strings.Contains(log, line) {
			t.Errorf("the log lacks %q:\n%s", line, log)
		}
	}
	if strings.Contains(log, "DEBUG") || !regexp.MustCompile(`^(?:\d\d:\d\d:\d\d [A-Z]+ [a-z]+ .+\n)+$`).MatchString(log) {
		t.Errorf("the log:\n%s", log)
	}
	if got, _ := os.ReadDir(filepath.Join(s.Folder(), "downloads")); len(got) != 2 {
		t.Errorf("downloads: %v, want a page and what is known of it", got)
	}
	closed(t, s)
	if got := tree(t, temp); len(got) != 0 {
		t.Errorf("Close leaves %v", got)
	}
}

func TestGivenFolder(t *testing.T) {
	t.Parallel()
	url := serve(t)
	for _, tt := range []struct {
		name, path string
		stays      bool
	}{{"there", ".", true}, {"missing", "a/b", false}} {
		temp := t.TempDir()
		dir := t.TempDir()
		s := begin(t, temp, func(c *kestrel.Config) { c.Dir, c.Folder.Path = dir, tt.path })
		hunt(t, s, "p = GET process FROM '"+url+"' WHERE pid = 0")
		if s.Folder() != filepath.Join(dir, tt.path) {
			t.Errorf("%s: folder %s", tt.name, s.Folder())
		}
		if !strings.Contains(readFile(t, filepath.Join(s.Folder(), "session.log")), "step") {
			t.Errorf("%s: no step in the log", tt.name)
		}
		closed(t, s)
		if _, err := os.Stat(filepath.Join(s.Folder(), "session.log")); (err == nil) != tt.stays {
			t.Errorf("%s: after Close %v, want the folder to stay: %t", tt.name, err, tt.stays)
		}
		if got := tree(t, temp); len(got) != 0 {
			t.Errorf("%s: the folder for temporary files has %v", tt.name, got)
		}
	}
}

func TestDebugMode(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	link := filepath.Join(temp, "kestrel-me")
	debug := func(id string) func(*kestrel.Config) {
		return func(c *kestrel.Config) { c.ID, c.Debug, c.Folder.Keep = id, true, 2 }
	}
	var folders []string
	for _, id := range []string{"a", "b", "c"} {
		s := begin(t, temp, debug(id))
		if got, err := os.Readlink(link); err != nil || got != s.Folder() {
			t.Errorf("the link leads to %s, %v; want %s", got, err, s.Folder())
		}
		if _, err := s.Execute(t.Context(), "p = NEW process ['a'] DISP nosuch"); err == nil {
			t.Error("a hunt that is wrong succeeds")
		}
		closed(t, s)
		folders = append(folders, s.Folder())
		at := time.Now().Add(time.Duration(len(folders)-10) * time.Minute)
		if err := os.Chtimes(filepath.Join(s.Folder(), "session.exited"), at, at); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(folders[0]); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the oldest folder: %v, want it removed", err)
	}
	log := readFile(t, filepath.Join(folders[2], "session.log"))
	for _, part := range []string{" DEBUG engine step done number=1\n", " ERROR kestrel variable nosuch is not defined code=undefined-variable line=1\n", " INFO kestrel session ends id=c\n"} {
		if !strings.Contains(log, part) {
			t.Errorf("the log lacks %q:\n%s", part, log)
		}
	}
	again := begin(t, temp, func(c *kestrel.Config) { c.ID = "c" })
	hunt(t, again, "p = NEW process ['a']")
	if len(again.Variables()) != 2 {
		t.Errorf("variables %v, want those of this session alone", again.Variables())
	}
	closed(t, again)
	if _, err := os.Stat(folders[2]); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder that was used again without debugging: %v, want it removed", err)
	}
}

func TestDebugLinkOccupied(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	if err := os.Mkdir(filepath.Join(temp, "kestrel-me"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := kestrel.New(kestrel.Config{TempDir: temp, Dir: temp, Environ: []string{"USER=me"}, Debug: true, ID: "x"})
	d, ok := errors.AsType[diag.Diagnostic](err)
	if !ok || d.Code != diag.DebugLinkOccupied || d.Hint == "" || diag.Class(d.Code) != "DebugCacheLinkOccupied" {
		t.Errorf("New: %v, want that the link is occupied", err)
	}
}

func TestSessionIDs(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"../up", "a b", "a/b"} {
		if _, err := kestrel.New(kestrel.Config{TempDir: t.TempDir(), ID: id}); err == nil || !strings.Contains(err.Error(), "session id") {
			t.Errorf("New with id %q: %v, want it refused", id, err)
		}
	}
	a, b := begin(t, t.TempDir(), nil), begin(t, t.TempDir(), nil)
	if a.ID() == b.ID() || a.ID() == "" {
		t.Errorf("two sessions have ids %q and %q", a.ID(), b.ID())
	}
	closed(t, a)
	closed(t, b)
}

func TestLogMasksSecrets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var heard bytes.Buffer
	s := begin(t, t.TempDir(), func(c *kestrel.Config) {
		c.Folder.Path, c.Debug = dir, true
		c.Log = slog.New(slog.NewTextHandler(&heard, nil))
		c.Environ = append(c.Environ,
			`STIXSHIFTER_LAB_CONNECTOR=stix_bundle`,
			`STIXSHIFTER_LAB_CONNECTION={"host":"nosuch.json"}`,
			`STIXSHIFTER_LAB_CONFIG={"auth":{"api_key":"hunter2hunter2"}}`)
	})
	text := `p = NEW process ['hunter2hunter2']
x = GET process FROM 'http://user:pa55word@127.0.0.1:1/b.json' WHERE pid = 4`
	if _, err := s.Execute(t.Context(), text); err == nil {
		t.Error("a server that is not there answers")
	}
	closed(t, s)
	log := readFile(t, filepath.Join(dir, "session.log"))
	for name, said := range map[string]string{"the log": log, "the caller's log": heard.String()} {
		if strings.Contains(said, "hunter2") || strings.Contains(said, "pa55word") {
			t.Errorf("%s shows a secret:\n%s", name, said)
		}
		if !strings.Contains(said, "NEW process ['***']") || !strings.Contains(said, "http://***@127.0.0.1:1/b.json") {
			t.Errorf("%s lacks the steps:\n%s", name, said)
		}
	}
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	bundle(t, filepath.Join(dir, "b.json"), "cmd.exe")
	if err := os.WriteFile(filepath.Join(dir, "p.csv"), []byte("type,name\nprocess,a\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	given := []string{"KESTREL_DATA=p.csv", "OTHER=p.csv", "HOME=" + dir, "KESTREL_STIXSHIFTER_CONFIG=nosuch.yaml"}
	before := append([]string{}, given...)
	s := begin(t, t.TempDir(), func(c *kestrel.Config) { c.Dir, c.Environ = dir, given })
	defer closed(t, s)
	hunt(t, s, "a = LOAD '$KESTREL_DATA'  b = LOAD '${OTHER}'  c = LOAD '~/p.csv'")
	if diff := cmp.Diff(before, given); diff != "" {
		t.Errorf("the session changed what it was given (-want +got):\n%s", diff)
	}
	_, err := s.Execute(t.Context(), "d = LOAD '$NO_SUCH_VARIABLE'")
	if err == nil || !strings.Contains(err.Error(), "$NO_SUCH_VARIABLE") {
		t.Errorf("a variable that is not set: %v", err)
	}
}

// TestClock holds that LAST counts from the session's clock, and that the
// elapsed time is that of the world.
func TestClock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	bundle(t, filepath.Join(dir, "b.json"), "a", "b", "c")
	at := time.Date(2023, 1, 1, 0, 0, 2, 500_000_000, time.UTC)
	ticks := 0
	s := begin(t, t.TempDir(), func(c *kestrel.Config) {
		c.Dir = dir
		c.Now = func() time.Time { return at }
		c.Clock = func() time.Time { ticks++; return at.AddDate(3, 0, ticks) }
	})
	defer closed(t, s)
	res := hunt(t, s, "p = GET process FROM file://b.json WHERE pid >= 0 LAST 2 SECONDS")
	if got := res.Variables[0].Entities; got != 2 {
		t.Errorf("LAST 2 SECONDS: %d entities, want the 2 of seconds 1 and 2", got)
	}
	if got := text(t, res); strings.Contains(got, "in 0 seconds") || strings.Contains(got, "-") {
		t.Errorf("elapsed time: %s", got)
	}
}

func TestPartialResults(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	bundle(t, filepath.Join(dir, "b.json"), "a", "b")
	whole := readFile(t, filepath.Join(dir, "b.json"))
	broken := strings.Replace(whole, `"objects": {"0": {"type": "process", "name": "b", "pid": 1}}`, `"objects": {}`, 1)
	if err := os.WriteFile(filepath.Join(dir, "broken.json"), []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	s := begin(t, t.TempDir(), func(c *kestrel.Config) { c.Dir = dir })
	defer closed(t, s)
	for _, tt := range []struct {
		name, hunt string
		want       bool
	}{
		{"whole", "p = GET process FROM file://b.json WHERE pid >= 0", false},
		{"limited", "p = GET process FROM file://b.json WHERE pid >= 0 LIMIT 1", false},
		{"something skipped", "p = GET process FROM file://broken.json WHERE pid >= 0", true},
		{"the same from the store", "p = GET process FROM file://broken.json WHERE pid >= 0", true},
	} {
		res, err := s.Execute(context.WithoutCancel(t.Context()), tt.hunt)
		if err != nil {
			t.Fatal(err)
		}
		if res.Partial() != tt.want {
			t.Errorf("%s: partial %t, want %t; sources %v", tt.name, res.Partial(), tt.want, res.Sources)
		}
	}
}
