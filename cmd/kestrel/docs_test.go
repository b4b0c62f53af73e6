// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestConsole runs the commands that the pages of the language show, over the
// samples beside them: in blocks that are fenced as console, lines that begin
// with a dollar sign. What follows a command is all that it must write.
func TestConsole(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../../docs/language/*.md")
	if err != nil {
		t.Fatal(err)
	}
	var scripts []string
	dir := t.TempDir()
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		script := consoleScript(string(text))
		if script == "" {
			continue
		}
		name := filepath.Join(dir, strings.TrimSuffix(filepath.Base(page), ".md")+".txtar")
		if err := os.WriteFile(name, []byte(script), 0o600); err != nil {
			t.Fatal(err)
		}
		scripts = append(scripts, name)
	}
	if len(scripts) == 0 {
		t.Fatal("no page shows a command")
	}
	testscript.Run(t, testscript.Params{
		Files: scripts,
		Setup: func(e *testscript.Env) error {
			return os.CopyFS(e.WorkDir, os.DirFS("../../docs/language/testdata"))
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

var (
	consoleBlock = regexp.MustCompile("(?ms)^```console\n(.*?)^```$")
	consoleLine  = regexp.MustCompile(`(?m)^\$ `)
)

// consoleScript returns the script that runs the commands of a page, "" if it
// shows none.
func consoleScript(page string) string {
	var commands, files strings.Builder
	n := 0
	for _, block := range consoleBlock.FindAllStringSubmatch(page, -1) {
		for _, command := range consoleLine.Split(block[1], -1)[1:] {
			n++
			line, output, _ := strings.Cut(command, "\n")
			fmt.Fprintf(&commands, "exec sh %d.sh\ncmp stdout %d.want\n", n, n)
			fmt.Fprintf(&files, "-- %d.sh --\n%s 2>&1 || true\n-- %d.want --\n%s", n, line, n, output)
		}
	}
	return commands.String() + files.String()
}
