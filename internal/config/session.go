// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
)

// sessionFile is the file with the settings of sessions, which sessionVariable
// may name.
const (
	sessionFile     = "kestrel.yaml"
	sessionVariable = "KESTREL_CONFIG"
)

// Session holds the settings of sessions, in the form that the original Kestrel
// uses: those of kestrel.yaml over the defaults.
type Session struct {
	File  string // its path; "" if there could be none
	Found bool   // whether the file exists

	DefaultVariable        string
	SortAscending          bool
	DefaultSourceScheme    string
	DefaultAnalyticsScheme string

	FolderPrefix  string
	Database      string // file name inside the session's folder
	LogFile       string // file name inside the session's folder
	MemoryLimit   int64  // of the session's tables, in MiB; 0: what suits the machine
	Summary       bool
	Completion    Completion
	StartOffset   time.Duration // widens derived windows; usually negative
	StopOffset    time.Duration
	DebugVariable string
	DebugPrefix   string
	ExitMarker    string
	KeptSessions  int64

	settings []Setting
	used     map[int][]string // variables that stand in the lines of the file
}

// Completion says when further records of found entities are asked for.
type Completion struct {
	Get, Find bool
	Excluded  []string // entity types, in lower case
	Process   entity.Similarity
	ByID      bool // also of entities that nothing but their id identifies
}

// A Setting is one value in force, for people.
type Setting struct {
	Name  string `json:"name"`  // dotted, as in the file
	Value any    `json:"value"` // a string, bool, int64 or []string; times are whole seconds
	From  string `json:"from"`  // "default", or the file and line
}

// Text returns the value as it would stand in the file.
func (s Setting) Text() string {
	switch v := s.Value.(type) {
	case []string:
		return "[" + strings.Join(v, ", ") + "]"
	case string:
		return v
	}
	return fmt.Sprint(s.Value)
}

// Presets says where values come from that nobody has set.
const Presets = "default"

// Defaults returns the settings of a user who has set nothing.
func Defaults() *Session {
	s, err := LoadSession(Environment{})
	if err != nil {
		panic(err) // the defaults are ours
	}
	return s
}

// Settings returns all settings, sorted by name.
func (s *Session) Settings() []Setting { return slices.Clone(s.settings) }

// LoadSession reads the settings of sessions. A file that is missing or empty
// leaves the defaults. What is wrong with the file is an *Error; a name that is
// no setting is one too.
func LoadSession(env Environment) (*Session, error) {
	s := &Session{File: env.file(sessionVariable, sessionFile)}
	values := make(map[string]*tree)
	text, ok, err := env.read(s.File)
	if err != nil {
		return nil, err
	}
	s.Found = ok
	if ok {
		s.used = env.used(string(text))
		expanded, _ := env.expand(string(text))
		root, err := parseYAML(s.File, []byte(expanded))
		if err != nil {
			return nil, err
		}
		if err := s.collect(root, "", values); err != nil {
			return nil, err
		}
	}
	for _, d := range sessionSettings() {
		if err := s.set(d, values[d.name]); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// collect finds the values of settings in the file and refuses other names.
func (s *Session) collect(t *tree, prefix string, into map[string]*tree) error {
	if t.isNull() {
		return nil
	}
	if t.kind != objectKind {
		return s.errorAt(t, "expected settings%s, found %s", of(prefix), t.describe())
	}
	known := sessionNames(prefix)
	for _, k := range t.keys {
		name := prefix + k
		switch {
		case slices.ContainsFunc(sessionSettings(), func(d setting) bool { return d.name == name }):
			into[name] = t.fields[k]
		case slices.Contains(known, k):
			if err := s.collect(t.fields[k], name+".", into); err != nil {
				return err
			}
		case prefix == "" && slices.Contains([]string{"datasources", "analytics"}, k):
			// settings of interfaces, which the interfaces read themselves
		default:
			e := s.errorAt(t.fields[k], "there is no setting %s", name)
			e.Hint = "settings here are " + strings.Join(known, ", ")
			if near, ok := diag.Nearest(k, known); ok {
				e.Hint = "did you mean " + near + "?"
			}
			return e
		}
	}
	return nil
}

func of(prefix string) string {
	if prefix == "" {
		return ""
	}
	return " of " + strings.TrimSuffix(prefix, ".")
}

// sessionNames returns the names that may stand below a prefix, sorted.
func sessionNames(prefix string) []string {
	var out []string
	for _, d := range sessionSettings() {
		if rest, ok := strings.CutPrefix(d.name, prefix); ok {
			name, _, _ := strings.Cut(rest, ".")
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (s *Session) errorAt(t *tree, format string, args ...any) *Error {
	return &Error{File: s.File, Line: t.place.line, Message: diag.Escape(fmt.Sprintf(format, args...))}
}

// A setting is one name that the file may have.
type setting struct {
	name   string
	preset any // string, bool, int64, []string, or time.Duration in whole seconds
	store  func(*Session, any)
}

// sessionSettings lists all settings with their defaults, sorted by name.
func sessionSettings() []setting {
	offsets := func(name string, preset entity.Offsets, at func(*Session) *entity.Offsets) []setting {
		const prefix = "prefetch.process_identification."
		return []setting{
			{prefix + name + "_begin_offset", preset.Begin, func(s *Session, v any) { at(s).Begin = v.(time.Duration) }},
			{prefix + name + "_end_offset", preset.End, func(s *Session, v any) { at(s).End = v.(time.Duration) }},
		}
	}
	text := func(name, preset string, at func(*Session) *string) setting {
		return setting{name, preset, func(s *Session, v any) { *at(s) = v.(string) }}
	}
	flag := func(name string, preset bool, at func(*Session) *bool) setting {
		return setting{name, preset, func(s *Session, v any) { *at(s) = v.(bool) }}
	}
	list := []setting{
		text("debug.cache_directory_prefix", "kestrel-", func(s *Session) *string { return &s.DebugPrefix }),
		text("debug.env_var", "KESTREL_DEBUG", func(s *Session) *string { return &s.DebugVariable }),
		{"debug.maximum_exited_session", int64(3), func(s *Session, v any) { s.KeptSessions = v.(int64) }},
		text("debug.session_exit_marker", "session.exited", func(s *Session) *string { return &s.ExitMarker }),
		text("language.default_analytics_schema", "python", func(s *Session) *string { return &s.DefaultAnalyticsScheme }),
		text("language.default_datasource_schema", "stixshifter", func(s *Session) *string { return &s.DefaultSourceScheme }),
		{"language.default_sort_order", "desc", func(s *Session, v any) { s.SortAscending = strings.EqualFold(v.(string), "asc") }},
		text("language.default_variable", "_", func(s *Session) *string { return &s.DefaultVariable }),
		{"prefetch.excluded_entities", []string{"file", "user-account", "x-oca-asset"}, func(s *Session, v any) {
			for _, typ := range v.([]string) {
				s.Completion.Excluded = append(s.Completion.Excluded, strings.ToLower(typ))
			}
		}},
		flag("prefetch.switch_per_command.find", true, func(s *Session) *bool { return &s.Completion.Find }),
		flag("prefetch.switch_per_command.get", true, func(s *Session) *bool { return &s.Completion.Get }),
		text("session.cache_directory_prefix", "kestrel-session-", func(s *Session) *string { return &s.FolderPrefix }),
		text("session.local_database_path", "local.db", func(s *Session) *string { return &s.Database }),
		text("session.log_path", "session.log", func(s *Session) *string { return &s.LogFile }),
		{"session.memory_limit", int64(0), func(s *Session, v any) { s.MemoryLimit = v.(int64) }},
		flag("session.show_execution_summary", true, func(s *Session) *bool { return &s.Summary }),
		flag("stixquery.support_id", false, func(s *Session) *bool { return &s.Completion.ByID }),
		{"stixquery.timerange_start_offset", -300 * time.Second, func(s *Session, v any) { s.StartOffset = v.(time.Duration) }},
		{"stixquery.timerange_stop_offset", 300 * time.Second, func(s *Session, v any) { s.StopOffset = v.(time.Duration) }},
	}
	preset := entity.DefaultSimilarity()
	list = append(list, offsets("pid_but_name_changed_time", preset.NameChanged, func(s *Session) *entity.Offsets { return &s.Completion.Process.NameChanged })...)
	list = append(list, offsets("pid_and_name_time", preset.Name, func(s *Session) *entity.Offsets { return &s.Completion.Process.Name })...)
	list = append(list, offsets("pid_and_ppid_time", preset.ParentPID, func(s *Session) *entity.Offsets { return &s.Completion.Process.ParentPID })...)
	list = append(list, offsets("pid_and_name_and_ppid_time", preset.NameAndParentPID, func(s *Session) *entity.Offsets { return &s.Completion.Process.NameAndParentPID })...)
	slices.SortFunc(list, func(a, b setting) int { return cmp.Compare(a.name, b.name) })
	return list
}

// set puts a setting in force: the value of the file, or the default.
func (s *Session) set(d setting, t *tree) error {
	value, from := d.preset, Presets
	if !t.isNull() {
		v, ok := convert(t, d.preset)
		if !ok {
			return s.errorAt(t, "%s is %s, expected %s", d.name, t.describe(), expected(d.preset))
		}
		value, from = v, s.placeOf(t)
	}
	if err := s.check(d, value, t); err != nil {
		return err
	}
	d.store(s, value)
	if d, ok := value.(time.Duration); ok {
		value = int64(d / time.Second)
	}
	s.settings = append(s.settings, Setting{Name: d.name, Value: value, From: from})
	return nil
}

// placeOf says where a value is written, and which variables stand there.
func (s *Session) placeOf(t *tree) string {
	from := fmt.Sprintf("%s line %d", s.File, t.place.line)
	if names := s.used[t.place.line]; len(names) > 0 {
		from += ", with $" + strings.Join(names, " and $")
	}
	return from
}

// check refuses values of the right kind that cannot be meant.
func (s *Session) check(d setting, value any, t *tree) error {
	switch d.name {
	case "language.default_sort_order":
		if text := strings.ToLower(value.(string)); text != "asc" && text != "desc" {
			return s.errorAt(t, "%s is %q, expected asc or desc", d.name, value)
		}
	case "session.memory_limit", "debug.maximum_exited_session":
		if value.(int64) < 0 {
			return s.errorAt(t, "%s is %d, expected 0 or more", d.name, value)
		}
	case "language.default_variable", "language.default_datasource_schema", "language.default_analytics_schema", "debug.env_var":
		if value == "" {
			return s.errorAt(t, "%s is empty, expected a name", d.name)
		}
	case "session.cache_directory_prefix", "session.local_database_path", "session.log_path",
		"debug.cache_directory_prefix", "debug.session_exit_marker":
		return s.checkName(d.name, value.(string), t)
	}
	return nil
}

// checkName refuses what cannot be the name of a file in the session's folder.
func (s *Session) checkName(setting, name string, t *tree) error {
	var e *Error
	switch {
	case strings.Contains(name, "://"):
		e = s.errorAt(t, "%s names a database elsewhere, expected the name of a file", setting)
		e.Hint = "sessions keep their tables in the program itself"
	case strings.ContainsAny(name, `/\`):
		e = s.errorAt(t, "%s has a slash, expected the name of a file", setting)
		e.Hint = "the file lies in the session's folder"
	case name == "" || name == "." || name == "..":
		e = s.errorAt(t, "%s is %q, expected the name of a file", setting, name)
	default:
		return nil
	}
	return e
}

// convert returns the value of t in the kind of preset.
func convert(t *tree, preset any) (any, bool) {
	switch preset.(type) {
	case string:
		if t.kind != scalarKind {
			return nil, false
		}
		return t.text, true
	case []string:
		if t.kind != listKind {
			return nil, false
		}
		out := make([]string, len(t.items))
		for i, item := range t.items {
			if item.kind != scalarKind {
				return nil, false
			}
			out[i] = item.text
		}
		return out, true
	case bool:
		b, ok := t.value.(bool)
		return b, ok
	case int64:
		n, ok := t.value.(int64)
		return n, ok
	}
	n, ok := t.value.(int64)
	return time.Duration(n) * time.Second, ok
}

func expected(preset any) string {
	switch preset.(type) {
	case string:
		return "text"
	case []string:
		return "a list of texts"
	case bool:
		return "true or false"
	case int64:
		return "a whole number"
	}
	return "a whole number of seconds"
}
