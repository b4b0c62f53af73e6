// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package folder

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// open returns the folder of session id in a folder for temporary files.
func open(t *testing.T, temp, id string, change func(*Options)) *Folder {
	t.Helper()
	o := Options{Temp: temp, Prefix: "kestrel-session-", User: "7", ID: id, Link: "kestrel-me", Marker: "session.exited", Keep: 2}
	if change != nil {
		change(&o)
	}
	f, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// names returns what is in a folder.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestFolderIsMadeWhenNeeded(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	f := open(t, temp, "a", nil)
	if got := names(t, temp); len(got) != 0 || f.Made() {
		t.Errorf("Open makes %v", got)
	}
	must(t, f.Make())
	must(t, f.Make())
	if got := names(t, temp); !slices.Equal(got, []string{"kestrel-session-7-a"}) || f.Path() != filepath.Join(temp, got[0]) {
		t.Errorf("Make makes %v, path %s", got, f.Path())
	}
	if info, err := os.Stat(f.Path()); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder has mode %v, want one for its user alone", info.Mode())
	}
	must(t, os.WriteFile(filepath.Join(f.Path(), "x"), nil, 0o600))
	must(t, f.Close())
	must(t, f.Close())
	if got := names(t, temp); len(got) != 0 {
		t.Errorf("Close leaves %v", got)
	}
}

func TestFolderThatIsNeverMade(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	must(t, open(t, temp, "a", func(o *Options) { o.Debug = true }).Close())
	if got := names(t, temp); len(got) != 0 {
		t.Errorf("Close makes %v", got)
	}
}

func TestFolderIsUsedAgain(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	f := open(t, temp, "a", nil)
	must(t, f.Make())
	must(t, os.WriteFile(filepath.Join(f.Path(), "kept"), nil, 0o600))
	again := open(t, temp, "a", nil)
	if !again.Made() {
		t.Error("the folder is not found again")
	}
	if got := names(t, again.Path()); !slices.Equal(got, []string{"kept"}) {
		t.Errorf("the folder holds %v", got)
	}
	must(t, again.Close())
	if got := names(t, temp); len(got) != 0 {
		t.Errorf("Close leaves %v", got)
	}
}

func TestGivenFolder(t *testing.T) {
	t.Parallel()
	for _, debug := range []bool{false, true} {
		there := t.TempDir()
		f := open(t, t.TempDir(), "a", func(o *Options) { o.Path, o.Debug = there, debug })
		must(t, f.Make())
		must(t, f.Close())
		if got := names(t, there); len(got) != 0 {
			t.Errorf("debug %t: Close leaves %v in a folder that is not ours", debug, got)
		}
		missing := filepath.Join(t.TempDir(), "b", "c")
		f = open(t, t.TempDir(), "a", func(o *Options) { o.Path, o.Debug = missing, debug })
		must(t, f.Make())
		must(t, f.Close())
		_, err := os.Stat(missing)
		if removed := errors.Is(err, os.ErrNotExist); removed == debug {
			t.Errorf("debug %t: a folder that was made is removed: %t", debug, removed)
		}
	}
}

func TestForeignFolders(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	target := t.TempDir()
	must(t, os.Symlink(target, filepath.Join(temp, "kestrel-session-7-link")))
	must(t, os.WriteFile(filepath.Join(temp, "kestrel-session-7-file"), nil, 0o600))
	for _, id := range []string{"link", "file"} {
		o := Options{Temp: temp, Prefix: "kestrel-session-", User: "7", ID: id}
		if _, err := Open(o); !errors.Is(err, errForeign) {
			t.Errorf("Open of a %s: %v, want that it is foreign", id, err)
		}
	}
	late := open(t, temp, "late", nil)
	must(t, os.Symlink(target, late.Path()))
	if err := late.Make(); !errors.Is(err, errForeign) {
		t.Errorf("Make where a link has come up: %v, want that it is foreign", err)
	}
	must(t, late.Close())
	if _, err := os.Stat(target); err != nil {
		t.Errorf("what the link leads to: %v", err)
	}
}

func TestIDs(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]bool{
		"a": true, "0f-A_9": true, "": false, "../x": false, "a/b": false, "a b": false, "é": false,
		strings.Repeat("a", 128): true, strings.Repeat("a", 129): false,
	} {
		if _, err := Open(Options{Temp: t.TempDir(), ID: id}); (err == nil) != want {
			t.Errorf("Open with id %q: %v, want it to work: %t", id, err, want)
		}
	}
}

func TestLink(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	link := filepath.Join(temp, "kestrel-me")
	for _, id := range []string{"a", "b"} {
		f := open(t, temp, id, func(o *Options) { o.Debug = true })
		must(t, f.Make())
		must(t, f.Link())
		if got, err := os.Readlink(link); err != nil || got != f.Path() {
			t.Errorf("the link leads to %s, %v; want %s", got, err, f.Path())
		}
	}
	must(t, os.Remove(link))
	must(t, os.WriteFile(link, []byte("mine"), 0o600))
	f := open(t, temp, "c", func(o *Options) { o.Debug = true })
	if err := f.Link(); !errors.As(err, new(*OccupiedError)) {
		t.Errorf("Link over a file: %v, want an OccupiedError", err)
	}
	if text, err := os.ReadFile(link); err != nil || string(text) != "mine" {
		t.Errorf("the file is now %q, %v", text, err)
	}
}

func TestDebugFoldersAreKept(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	debug := func(o *Options) { o.Debug = true }
	began := time.Now().Add(-time.Hour)
	for i, id := range []string{"one", "two", "three"} {
		f := open(t, temp, id, debug)
		must(t, f.Make())
		must(t, f.Close())
		at := began.Add(time.Duration(i) * time.Minute)
		must(t, os.Chtimes(filepath.Join(f.Path(), "session.exited"), at, at))
	}
	running := open(t, temp, "running", debug)
	must(t, running.Make())
	again := open(t, temp, "two", debug)
	must(t, again.Make())
	must(t, os.Mkdir(filepath.Join(temp, "kestrel-session-70-other"), 0o700))
	must(t, os.WriteFile(filepath.Join(temp, "kestrel-session-70-other", "session.exited"), nil, 0o600))
	last := open(t, temp, "last", debug)
	must(t, last.Make())
	must(t, last.Close())
	want := []string{"kestrel-session-7-last", "kestrel-session-7-running", "kestrel-session-7-three", "kestrel-session-7-two", "kestrel-session-70-other"}
	if got := names(t, temp); !slices.Equal(got, want) {
		t.Errorf("left are %v, want %v", got, want)
	}
}

func TestName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"": "user", "jo.doe-1_a": "jo.doe-1_a", "../x y": ".._x_y", `d\é`: "d__"} {
		if got := Name(in); got != want {
			t.Errorf("Name(%q) = %q, want %q", in, got, want)
		}
	}
}
