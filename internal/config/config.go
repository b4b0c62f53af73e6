// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package config reads configuration from files and from the environment.
//
// It is given the environment as a value and never asks the process for it. It
// reads anew whenever it is asked, so that an edit counts at once. What is wrong
// is an [Error], with the line of the file or the name of the variable. What is
// secret has the type secret.String from here on.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// An Environment is where configuration comes from.
type Environment struct {
	Vars []string // the variables, each as NAME=value (see os.Environ)
	Home string   // the user's home folder; "" if there is none

	// ReadFile reads a file; nil means os.ReadFile.
	ReadFile func(name string) ([]byte, error)
}

// Process returns the environment of the process.
func Process() Environment {
	home, err := os.UserHomeDir()
	if err != nil {
		home = "" // there is no home: files are named by variables only
	}
	return Environment{Vars: os.Environ(), Home: home}
}

// EnvironmentOf returns the environment of these variables; home is what HOME or
// USERPROFILE says.
func EnvironmentOf(vars []string) Environment {
	e := Environment{Vars: vars}
	for _, name := range []string{"HOME", "USERPROFILE"} {
		if home, ok := e.Get(name); ok && e.Home == "" {
			e.Home = home
		}
	}
	return e
}

// Get returns the value of a variable, and whether it is set. Of two with one
// name the last counts.
func (e Environment) Get(name string) (string, bool) {
	for _, v := range slices.Backward(e.Vars) {
		if n, v, ok := strings.Cut(v, "="); ok && n == name {
			return v, true
		}
	}
	return "", false
}

// Absolute returns the variables with absolute paths for the values of those
// whose names begin with KESTREL or kestrel, where a value is the path of
// something that exists, relative to dir. It is called when a session starts:
// what a variable names then does not change when the program goes elsewhere.
func Absolute(vars []string, dir string) []string {
	out := slices.Clone(vars)
	for i, v := range out {
		name, value, ok := strings.Cut(v, "=")
		if !ok || value == "" || filepath.IsAbs(value) || !strings.HasPrefix(name, "KESTREL") && !strings.HasPrefix(name, "kestrel") {
			continue
		}
		path := filepath.Join(dir, value)
		if _, err := os.Stat(path); err == nil {
			out[i] = name + "=" + path
		}
	}
	return out
}

// file returns the path of a configuration file: what the variable says, with ~
// and variables expanded, and otherwise a name in ~/.config/kestrel. The path is
// "" if there is neither.
func (e Environment) file(variable, name string) string {
	if path, ok := e.Get(variable); ok && path != "" {
		path, _ = e.expand(path)
		return e.expandHome(path)
	}
	if e.Home == "" {
		return ""
	}
	return filepath.Join(e.Home, ".config", "kestrel", name)
}

// read returns the text of a file; ok is false if there is no such file.
func (e Environment) read(path string) (text []byte, ok bool, err error) {
	if path == "" {
		return nil, false, nil
	}
	readFile := e.ReadFile
	if readFile == nil {
		readFile = os.ReadFile
	}
	text, err = readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, &Error{File: path, Message: "cannot be read: " + cause(err), Err: err}
	}
	return text, true, nil
}

// cause returns what a file error says without the path, which is said already.
func cause(err error) string {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err.Error()
	}
	return err.Error()
}

// expandHome puts the home folder in the place of a leading ~.
func (e Environment) expandHome(path string) string {
	if rest, ok := strings.CutPrefix(path, "~"); ok && e.Home != "" && (rest == "" || rest[0] == '/' || rest[0] == filepath.Separator) {
		return e.Home + rest
	}
	return path
}

// expand puts the values of variables in the place of $NAME and ${NAME}. One
// that is not set stays as it is written; missing lists those.
func (e Environment) expand(text string) (expanded string, missing []string) {
	if !strings.Contains(text, "$") {
		return text, nil
	}
	var b strings.Builder
	for text != "" {
		dollar := strings.IndexByte(text, '$')
		if dollar < 0 {
			break
		}
		b.WriteString(text[:dollar])
		text = text[dollar:]
		name, length := variableAt(text)
		value, ok := e.Get(name)
		switch {
		case name == "":
			b.WriteByte('$')
		case ok:
			b.WriteString(value)
		default:
			missing = append(missing, name)
			b.WriteString(text[:length])
		}
		text = text[length:]
	}
	b.WriteString(text)
	return b.String(), missing
}

// used lists the variables that text refers to and that are set, by the number of
// the line, counted from one.
func (e Environment) used(text string) map[int][]string {
	out := make(map[int][]string)
	number := 0
	for line := range strings.Lines(text) {
		number++
		for dollar := strings.IndexByte(line, '$'); dollar >= 0; dollar = strings.IndexByte(line, '$') {
			name, length := variableAt(line[dollar:])
			line = line[dollar+length:]
			if _, ok := e.Get(name); ok && !slices.Contains(out[number], name) {
				out[number] = append(out[number], name)
			}
		}
	}
	return out
}

// A File is one that configuration may come from.
type File struct {
	Name     string `json:"name"`
	Path     string `json:"path"`               // "" if there could be none
	Variable string `json:"variable,omitempty"` // of the environment, if it names the file
	Found    bool   `json:"found"`
}

// Files lists the files that are looked for: with the settings of sessions, and
// with profiles of data sources.
func Files(env Environment) []File {
	files := []File{{Name: sessionFile, Variable: sessionVariable}, {Name: shifterFile, Variable: shifterVariable}}
	for i := range files {
		f := &files[i]
		f.Path = env.file(f.Variable, f.Name)
		if v, ok := env.Get(f.Variable); !ok || v == "" {
			f.Variable = ""
		}
		_, ok, err := env.read(f.Path)
		f.Found = ok || err != nil // why it cannot be read is said by those who want to
	}
	return files
}

// variableAt returns the name in the reference that text, which begins with a
// dollar, begins with, and the length of the reference. The name is "" and the
// length one if there is none.
func variableAt(text string) (name string, length int) {
	start, end := 1, len(text)
	braced := strings.HasPrefix(text, "${")
	if braced {
		start = 2
	}
	for i := start; i < len(text); i++ {
		c := text[i]
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9' || i == start) {
			end = i
			break
		}
	}
	if end <= start || braced && (end == len(text) || text[end] != '}') {
		return "", 1
	}
	if braced {
		return text[start:end], end + 1
	}
	return text[start:end], end
}

// An Error says what is wrong in the configuration, and where. It holds no value
// that could be secret.
type Error struct {
	File     string // of the fault, or ""
	Line     int    // in File, counted from one; 0 if unknown
	Variable string // of the environment, or ""
	Profile  string // the profile that cannot be used, or ""
	Unknown  bool   // there is no profile of that name
	Message  string
	Hint     string // what to do, or ""
	Err      error  // what was raised below, or nil
}

// Error returns the place and the message.
func (e *Error) Error() string {
	switch {
	case e.Variable != "":
		return fmt.Sprintf("variable %s: %s", e.Variable, e.Message)
	case e.File != "" && e.Line > 0:
		return fmt.Sprintf("%s line %d: %s", e.File, e.Line, e.Message)
	case e.File != "":
		return e.File + ": " + e.Message
	}
	return e.Message
}

// Unwrap returns what was raised below.
func (e *Error) Unwrap() error { return e.Err }
