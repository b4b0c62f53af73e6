// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	ragged = "# all of them\nDISP   p\n"
	neat   = "# all of them\nDISP p\n"
	broken = "FROM p\n"
)

// write makes files in a new folder and returns a function from name to path.
func write(t *testing.T, texts map[string]string) func(string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	return func(name string) string { return filepath.Join(dir, name) }
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestFmt(t *testing.T) {
	t.Parallel()
	at := write(t, map[string]string{"ragged.hf": ragged, "neat.hf": neat, "broken.hf": broken})
	delta := "diff <stdin>.orig <stdin>\n--- <stdin>.orig\n+++ <stdin>\n@@ -1,2 +1,2 @@\n # all of them\n-DISP   p\n+DISP p\n"
	tests := []struct {
		name   string
		args   []string
		code   int
		stdout string
	}{
		{"a file", []string{at("ragged.hf")}, 0, neat},
		{"standard input", []string{"-"}, 0, neat},
		{"several", []string{at("ragged.hf"), at("neat.hf")}, 0, neat + neat},
		{"one has faults", []string{at("broken.hf"), at("neat.hf")}, 1, neat},
		{"one is missing", []string{at("no.hf"), at("neat.hf")}, 1, neat},
		{"difference", []string{"-d", "-"}, 1, delta},
		{"no difference", []string{"-d", at("neat.hf")}, 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := run(t.Context(), &fakeSession{}, ragged, append([]string{"fmt"}, tt.args...)...)
			if diff := cmp.Diff(tt.stdout, stdout); code != tt.code || diff != "" {
				t.Errorf("fmt %q = %d, want %d; stdout (-want +got):\n%s", tt.args, code, tt.code, diff)
			}
			if wantErr := code == 1 && tt.args[0] != "-d"; wantErr != strings.Contains(stderr, "error[") {
				t.Errorf("fmt %q: stderr %q", tt.args, stderr)
			}
		})
	}
}

func TestFmtInPlace(t *testing.T) {
	t.Parallel()
	at := write(t, map[string]string{"ragged.hf": ragged, "neat.hf": neat, "broken.hf": broken})
	if err := os.Symlink("ragged.hf", at("link.hf")); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	before, err := os.Stat(at("neat.hf"))
	if err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := run(t.Context(), &fakeSession{}, "", "fmt", "-w", at("link.hf"), at("neat.hf"), at("broken.hf"))
	if code != 1 || stdout != "" || !strings.HasPrefix(stderr, at("broken.hf")+":1:1: error[unexpected-token]") {
		t.Errorf("fmt -w = %d, stdout %q, stderr %q; want 1 and the fault of broken.hf", code, stdout, stderr)
	}
	if got := read(t, at("ragged.hf")); got != neat {
		t.Errorf("fmt -w made %q of the file behind the link, want %q", got, neat)
	}
	if got := read(t, at("broken.hf")); got != broken {
		t.Errorf("fmt -w changed a hunt with a fault to %q", got)
	}
	if info, err := os.Lstat(at("link.hf")); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("fmt -w replaced the link: %v, %v", info, err)
	}
	if info, err := os.Stat(at("ragged.hf")); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("fmt -w changed the mode: %v, %v", info, err)
	}
	if after, err := os.Stat(at("neat.hf")); err != nil || !os.SameFile(before, after) {
		t.Errorf("fmt -w wrote a file that was neat before: %v", err)
	}
	if left, err := filepath.Glob(at(".kestrel-*")); err != nil || len(left) > 0 {
		t.Errorf("fmt -w left %q behind", left)
	}
}

func TestFmtReadOnlyFolder(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		t.Skip("the superuser may write anywhere")
	}
	at := write(t, map[string]string{"ragged.hf": ragged})
	if err := os.Chmod(at(""), 0o500); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := run(t.Context(), &fakeSession{}, "", "fmt", "-w", at("ragged.hf"))
	if code != 1 || !strings.Contains(stderr, "error[file-failed]: cannot write "+at("ragged.hf")+": permission denied") {
		t.Errorf("fmt -w in a folder that is read-only = %d, stderr %q", code, stderr)
	}
}
