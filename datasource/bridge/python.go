// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package bridge

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// The variables that say which Python has stix-shifter.
const (
	pythonVariable = "KESTREL_STIXSHIFTER_PYTHON" // an interpreter
	venvVariable   = "KESTREL_STIXSHIFTER_VENV"   // a virtual environment
	cliVariable    = "KESTREL_STIXSHIFTER_CLI"    // the program stix-shifter
)

// A candidate is an interpreter that may have stix-shifter.
type candidate struct {
	path string
	from string // the variable that names it; "" if it was found
}

// candidates returns the interpreters to try. One that a variable of ours names
// is the only one; else these are tried: that of an active virtual environment,
// that of the program stix-shifter, and those on the path.
func candidates(environ []string) []candidate {
	get := func(name string) string {
		for _, e := range slices.Backward(environ) {
			if n, v, ok := strings.Cut(e, "="); ok && n == name {
				return v
			}
		}
		return ""
	}
	if python := get(pythonVariable); python != "" {
		return []candidate{{python, pythonVariable}}
	}
	if venv := get(venvVariable); venv != "" {
		return []candidate{{inVenv(venv), venvVariable}}
	}
	path := filepath.SplitList(get("PATH"))
	if cli := get(cliVariable); cli != "" {
		if python := interpreterOf(cli); python != "" {
			return []candidate{{python, cliVariable}}
		}
	}
	var found []string
	if venv := get("VIRTUAL_ENV"); venv != "" {
		found = append(found, inVenv(venv))
	}
	for _, cli := range lookUp(path, "stix-shifter") {
		if python := interpreterOf(cli); python != "" {
			found = append(found, python)
		}
	}
	found = append(found, lookUp(path, "python3")...)
	found = append(found, lookUp(path, "python")...)
	var out []candidate
	for _, python := range found {
		if !slices.Contains(out, candidate{path: python}) {
			out = append(out, candidate{path: python})
		}
	}
	return out
}

// inVenv returns the interpreter of a virtual environment.
func inVenv(venv string) string {
	if runtime.GOOS == "windows" {
		return filepath.Join(venv, "Scripts", "python.exe")
	}
	return filepath.Join(venv, "bin", "python")
}

// lookUp returns the programs of a name in the folders of a path.
func lookUp(path []string, name string) []string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	var out []string
	for _, dir := range path {
		if !filepath.IsAbs(dir) {
			continue // a program in the folder of the moment is not the user's choice
		}
		file := filepath.Join(dir, name)
		info, err := os.Stat(file)
		if err == nil && info.Mode().IsRegular() && (runtime.GOOS == "windows" || info.Mode()&0o111 != 0) {
			out = append(out, file)
		}
	}
	return out
}

// interpreterOf returns the interpreter in the first line of a script, "" if it
// names none by its path. Such a script is what pip and pipx install.
func interpreterOf(script string) string {
	f, err := os.Open(script)
	if err != nil {
		return ""
	}
	defer f.Close()
	line, err := bufio.NewReader(io.LimitReader(f, 1024)).ReadString('\n')
	if err != nil {
		return ""
	}
	words := strings.Fields(strings.TrimPrefix(line, "#!"))
	if !strings.HasPrefix(line, "#!") || len(words) == 0 || !filepath.IsAbs(words[0]) || filepath.Base(words[0]) == "env" {
		return ""
	}
	return words[0]
}
