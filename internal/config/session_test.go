// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kestrelhunt/kestrel/entity"
)

// sessionOf reads settings from text; "" stands for a file that is missing.
func sessionOf(text string, vars ...string) (*Session, error) {
	return LoadSession(Environment{
		Vars: vars,
		Home: "home",
		ReadFile: func(string) ([]byte, error) {
			if text == "" {
				return nil, fs.ErrNotExist
			}
			return []byte(text), nil
		},
	})
}

func TestSessionDefaults(t *testing.T) {
	t.Parallel()
	s, err := sessionOf("")
	if err != nil {
		t.Fatal(err)
	}
	if s.Found || s.DefaultVariable != "_" || s.DefaultSourceScheme != "stixshifter" || s.SortAscending || !s.Summary {
		t.Errorf("defaults: %+v", s)
	}
	if s.StartOffset != -5*time.Minute || s.StopOffset != 5*time.Minute {
		t.Errorf("offsets %v and %v, want five minutes", s.StartOffset, s.StopOffset)
	}
	if !slices.Equal(s.Completion.Excluded, []string{"file", "user-account", "x-oca-asset"}) || !s.Completion.Get || !s.Completion.Find {
		t.Errorf("completion: %+v", s.Completion)
	}
	if p := s.Completion.Process; p.NameChanged != (entity.Offsets{Begin: -5 * time.Second, End: 5 * time.Second}) || p.NameAndParentPID.End != 24*time.Hour {
		t.Errorf("similarity: %+v", p)
	}
}

func TestSessionFile(t *testing.T) {
	t.Parallel()
	s, err := sessionOf("language:\n  default_sort_order: ASC\n  default_variable: $NAME\nprefetch:\n  excluded_entities: [File]\nstixquery:\n  timerange_stop_offset: 10\n", "NAME=it")
	if err != nil {
		t.Fatal(err)
	}
	if !s.SortAscending || s.DefaultVariable != "it" || s.StopOffset != 10*time.Second || s.StartOffset != -5*time.Minute {
		t.Errorf("settings: %+v", s)
	}
	if !slices.Equal(s.Completion.Excluded, []string{"file"}) {
		t.Errorf("excluded: %v, a list replaces the default", s.Completion.Excluded)
	}
	i := slices.IndexFunc(s.Settings(), func(v Setting) bool { return v.Name == "stixquery.timerange_stop_offset" })
	if got := s.Settings()[i]; got.Value != int64(10) || !strings.HasSuffix(got.From, "line 7") {
		t.Errorf("Settings: %+v, want 10 from line 7", got)
	}
	i = slices.IndexFunc(s.Settings(), func(v Setting) bool { return v.Name == "language.default_variable" })
	if got := s.Settings()[i]; got.Text() != "it" || !strings.HasSuffix(got.From, "line 3, with $NAME") {
		t.Errorf("Settings: %+v, want it from line 3 and a variable", got)
	}
	i = slices.IndexFunc(s.Settings(), func(v Setting) bool { return v.Name == "prefetch.excluded_entities" })
	if got := s.Settings()[i]; got.Text() != "[File]" {
		t.Errorf("Settings: %+v, want [File]", got)
	}
	if !slices.IsSortedFunc(s.Settings(), func(a, b Setting) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("Settings are not sorted by name")
	}
}

func TestSessionFaults(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"a misspelt name", "languge:\n  default_variable: x\n", "there is no setting languge"},
		{"a misspelt name below", "language:\n  default_variabel: x\n", "there is no setting language.default_variabel"},
		{"a wrong kind", "session:\n  show_execution_summary: 3\n", "session.show_execution_summary is a number, expected true or false"},
		{"a wrong word", "language:\n  default_sort_order: up\n", `language.default_sort_order is "up", expected asc or desc`},
		{"a negative number", "session:\n  memory_limit: -1\n", "session.memory_limit is -1, expected 0 or more"},
		{"a path for a name", "session:\n  log_path: ../x\n", "session.log_path has a slash"},
		{"a database elsewhere", "session:\n  local_database_path: postgresql://h/d\n", "session.local_database_path names a database elsewhere"},
		{"no name", "debug:\n  session_exit_marker: ''\n", `debug.session_exit_marker is "", expected the name of a file`},
		{"the folder itself", "session:\n  log_path: .\n", `session.log_path is ".", expected the name of a file`},
		{"an empty variable", "language:\n  default_variable: ''\n", "language.default_variable is empty"},
		{"no object", "- language\n", "expected settings, found a list"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := sessionOf(tt.text)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("LoadSession: %v, want %q", err, tt.want)
			}
		})
	}
}

func TestAbsolute(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "there"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "there")
	tests := []struct{ name, in, want string }{
		{"a path", "KESTREL_CONFIG=there", "KESTREL_CONFIG=" + path},
		{"in lower case", "kestrel_data=./there", "kestrel_data=" + path},
		{"absolute already", "KESTREL_CONFIG=" + path, "KESTREL_CONFIG=" + path},
		{"nothing there", "KESTREL_CONFIG=nowhere", "KESTREL_CONFIG=nowhere"},
		{"another name", "STIXSHIFTER_X_CONNECTOR=there", "STIXSHIFTER_X_CONNECTOR=there"},
		{"mixed case", "Kestrel_Config=there", "Kestrel_Config=there"},
		{"empty", "KESTREL_CONFIG=", "KESTREL_CONFIG="},
	}
	for _, tt := range tests {
		given := []string{tt.in}
		if got := Absolute(given, dir); got[0] != tt.want {
			t.Errorf("%s: Absolute(%q) = %q, want %q", tt.name, tt.in, got[0], tt.want)
		}
		if given[0] != tt.in {
			t.Errorf("%s: Absolute changed what it was given to %q", tt.name, given[0])
		}
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	env := Environment{
		Vars: []string{"KESTREL_STIXSHIFTER_CONFIG=~/mine.yaml"},
		Home: "home",
		ReadFile: func(name string) ([]byte, error) {
			if name == "home/mine.yaml" {
				return nil, nil
			}
			return nil, fs.ErrNotExist
		},
	}
	want := []File{
		{Name: "kestrel.yaml", Path: filepath.Join("home", ".config", "kestrel", "kestrel.yaml")},
		{Name: "stixshifter.yaml", Path: "home/mine.yaml", Variable: "KESTREL_STIXSHIFTER_CONFIG", Found: true},
	}
	if got := Files(env); !slices.Equal(got, want) {
		t.Errorf("Files: %+v, want %+v", got, want)
	}
}

// TestSessionVariables is conformance case C154 of the language: variables of the
// environment count wherever they stand, those that are not set stay as they are
// written, and what a section does not name keeps its default.
func TestSessionVariables(t *testing.T) {
	t.Parallel()
	s, err := sessionOf("$SECTION:\n  default_variable: ${NAME}_x\n  default_datasource_schema: $NO_SUCH\n", "NAME=it", "SECTION=language")
	if err != nil {
		t.Fatal(err)
	}
	if s.DefaultVariable != "it_x" || s.DefaultSourceScheme != "$NO_SUCH" || s.DefaultAnalyticsScheme != "python" {
		t.Errorf("settings: %q, %q, %q; want it_x, $NO_SUCH and the default", s.DefaultVariable, s.DefaultSourceScheme, s.DefaultAnalyticsScheme)
	}
}
