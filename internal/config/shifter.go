// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
)

// shifterFile is the file with profiles, which shifterVariable may name.
const (
	shifterFile     = "stixshifter.yaml"
	shifterVariable = "KESTREL_STIXSHIFTER_CONFIG"
)

// Shifter is the configuration of data sources in the form that stix-shifter and
// the original Kestrel use: profiles from the file stixshifter.yaml, and over it
// the variables STIXSHIFTER_<NAME>_CONNECTOR, _CONNECTION and _CONFIG.
type Shifter struct {
	// File is the path of the file, "" if there is none and could be none.
	File string

	// Found reports whether the file exists.
	Found bool

	env      Environment
	named    bool             // File was named by a variable
	profiles map[string]*tree // by name in lower case
	broken   map[string]error // what a variable of a profile had wrong
	missing  map[*tree]string // values with a variable that is not set
}

// LoadShifter reads the profiles. A file that is missing is as good as an empty
// one. A file that is wrong is an *Error, together with the profiles that the
// environment defines; a variable that is wrong fails only the profile that it
// belongs to.
func LoadShifter(env Environment) (*Shifter, error) {
	s := &Shifter{
		File:     env.file(shifterVariable, shifterFile),
		env:      env,
		profiles: map[string]*tree{},
		broken:   map[string]error{},
		missing:  map[*tree]string{},
	}
	v, ok := env.Get(shifterVariable)
	s.named = ok && v != ""
	err := s.readFile()
	s.readVariables()
	return s, err
}

// readFile reads the profiles of the file.
func (s *Shifter) readFile() error {
	text, ok, err := s.env.read(s.File)
	if err != nil || !ok {
		return err
	}
	s.Found = true
	root, err := parseYAML(s.File, text)
	if err != nil {
		return err
	}
	if root.isNull() {
		return nil
	}
	if root.kind != objectKind {
		return s.errorAt(root, "expected profiles, found %s", root.describe())
	}
	profiles := root.field("profiles")
	if profiles == nil {
		if near, ok := diag.Nearest("profiles", root.keys); ok {
			e := s.errorAt(root.fields[near], "there are no profiles")
			e.Hint = fmt.Sprintf("write profiles in the place of %s", near)
			return e
		}
		return nil
	}
	if profiles.isNull() {
		return nil
	}
	if profiles.kind != objectKind {
		return s.errorAt(profiles, "profiles are %s, expected an object with one profile each", profiles.describe())
	}
	for _, k := range profiles.keys {
		p := profiles.fields[k]
		name := strings.ToLower(k)
		if old, ok := s.profiles[name]; ok {
			return s.errorAt(p, "profile %s is there a second time; the first is in line %d", name, old.place.line)
		}
		s.expand(p)
		s.profiles[name] = p
	}
	return nil
}

// errorAt returns an error about a value of the file.
func (s *Shifter) errorAt(t *tree, format string, args ...any) *Error {
	return &Error{File: s.File, Line: t.place.line, Message: fmt.Sprintf(format, args...)}
}

// expand puts variables of the environment into the texts of t.
func (s *Shifter) expand(t *tree) {
	for _, item := range t.items {
		s.expand(item)
	}
	for _, k := range t.keys {
		s.expand(t.fields[k])
	}
	text, ok := t.value.(string)
	if !ok {
		return
	}
	expanded, missing := s.env.expand(text)
	t.value, t.text = expanded, expanded
	if len(missing) == 1 && (text == "$"+missing[0] || text == "${"+missing[0]+"}") {
		s.missing[t] = missing[0]
	}
}

// readVariables lays the profiles of the environment over those of the file.
func (s *Shifter) readVariables() {
	vars := map[string]string{}
	for _, v := range s.env.Vars {
		if name, value, ok := strings.Cut(v, "="); ok {
			vars[name] = value
		}
	}
	for _, variable := range slices.Sorted(maps.Keys(vars)) {
		profile, field, ok := profileVariable(variable)
		if !ok {
			continue
		}
		value := &tree{place: place{variable: variable}, text: vars[variable], value: vars[variable]}
		if field != "connector" {
			var err error
			if value, err = parseJSON(variable, vars[variable]); err != nil {
				err.(*Error).Profile = profile //nolint:errorlint // parseJSON returns no other
				s.broken[profile] = err
				value = &tree{place: place{variable: variable}}
			}
		}
		over := &tree{place: value.place, kind: objectKind}
		over.set(field, value)
		s.profiles[profile] = merge(s.profiles[profile], over, 0)
	}
}

// profileVariable takes the name of a variable apart. The name of a profile may
// have underscores of its own; other variables with that prefix, such as
// STIXSHIFTER_RETRY_MAX, belong to no profile.
func profileVariable(variable string) (profile, field string, ok bool) {
	rest, ok := strings.CutPrefix(strings.ToLower(variable), "stixshifter_")
	if !ok {
		return "", "", false
	}
	for _, field := range []string{"connector", "connection", "config"} {
		if profile, ok := strings.CutSuffix(rest, "_"+field); ok && profile != "" {
			return profile, field, true
		}
	}
	return "", "", false
}

// merge returns base with what is in over laid over it: objects merge key by
// key, all else is replaced. In the sections of a profile letter case does not
// count.
func merge(base, over *tree, depth int) *tree {
	if base.isNull() || base.kind != objectKind || over.kind != objectKind {
		return over
	}
	const sections = 4 // profile, connection or config, options or auth, their settings
	out := &tree{place: base.place, kind: objectKind}
	for _, k := range base.keys {
		out.set(k, base.fields[k])
	}
	for _, k := range over.keys {
		name := k
		if _, same := out.fields[k]; !same && depth < sections {
			for _, old := range out.keys {
				if foldName(old) == foldName(k) {
					name = old
				}
			}
		}
		v := over.fields[k]
		if old, ok := out.fields[name]; ok {
			v = merge(old, v, depth+1)
		}
		out.set(name, v)
	}
	return out
}

// Names returns the names of all profiles, also of those that cannot be used, in
// lower case and sorted.
func (s *Shifter) Names() []string {
	return sortedKeys(s.profiles)
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
