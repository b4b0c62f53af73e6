// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package datasource

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/kestrelhunt/kestrel/secret"
)

// Settings are the values of one section of a profile, by the names that its
// author gave them. Looked up, letter case does not count, and - is _. A value
// is nil, a bool, an int64, a float64, a string, a secret.String, a []any or a
// map[string]any of such values.
type Settings map[string]any

// A SettingError says that a setting is not what it should be.
type SettingError struct {
	Name string // of the setting
	Want string // what was expected
	Kind string // what was found: "a list"; never the value, which may be secret
}

// Error returns what was found and what was expected.
func (e *SettingError) Error() string {
	return fmt.Sprintf("%s is %s, expected %s", e.Name, e.Kind, e.Want)
}

// Lookup returns the value of a setting; null counts as absent.
func (s Settings) Lookup(name string) (any, bool) {
	if v, ok := s[name]; ok {
		return v, v != nil
	}
	want := foldName(name)
	for _, k := range slices.Sorted(maps.Keys(s)) {
		if foldName(k) == want {
			return s[k], s[k] != nil
		}
	}
	return nil, false
}

// foldName returns a name as Lookup compares it.
func foldName(name string) string {
	return strings.ReplaceAll(strings.ToLower(name), "-", "_")
}

// Text returns a setting as text, "" if it is absent. Numbers become text; a
// secret, a boolean, a list or an object is an error.
func (s Settings) Text(name string) (string, error) {
	v, _ := s.Lookup(name)
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), nil
	}
	return "", &SettingError{Name: name, Want: "text", Kind: kindOf(v)}
}

// Secret returns a setting that is a credential, the empty one if it is absent.
func (s Settings) Secret(name string) (secret.String, error) {
	v, _ := s.Lookup(name)
	if v, ok := v.(secret.String); ok {
		return v, nil
	}
	text, err := s.Text(name)
	return secret.New(text), err
}

// Int returns a setting as a number from least to most, and def if it is absent.
// Text that is such a number will do.
func (s Settings) Int(name string, def, least, most int) (int, error) {
	v, ok := s.Lookup(name)
	if !ok {
		return def, nil
	}
	n, ok := asInt(v)
	if !ok || n < int64(least) || n > int64(most) {
		return 0, &SettingError{Name: name, Want: fmt.Sprintf("a number from %d to %d", least, most), Kind: kindOf(v)}
	}
	return int(n), nil
}

func asInt(v any) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case float64:
		return int64(v), v == math.Trunc(v) && math.Abs(v) < 1<<53
	case string:
		n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
		return n, err == nil
	}
	return 0, false
}

// Bool returns a setting as a boolean, and def if it is absent. The words true
// and false, in any case, will do.
func (s Settings) Bool(name string, def bool) (bool, error) {
	v, ok := s.Lookup(name)
	if !ok {
		return def, nil
	}
	switch v := v.(type) {
	case bool:
		return v, nil
	case string:
		switch strings.ToLower(strings.TrimSpace(v)) {
		case "true":
			return true, nil
		case "false":
			return false, nil
		}
	}
	return false, &SettingError{Name: name, Want: "true or false", Kind: kindOf(v)}
}

// List returns a setting that is a list of texts, or one text with commas. Blanks
// around the items are removed, and empty items left out.
func (s Settings) List(name string) ([]string, error) {
	v, ok := s.Lookup(name)
	if !ok {
		return nil, nil
	}
	items, ok := v.([]any)
	if !ok {
		text, err := s.Text(name)
		if err != nil {
			return nil, &SettingError{Name: name, Want: "a list of texts", Kind: kindOf(v)}
		}
		for item := range strings.SplitSeq(text, ",") {
			items = append(items, item)
		}
	}
	var out []string
	for _, item := range items {
		text, err := Settings{"": item}.Text("")
		if err != nil {
			return nil, &SettingError{Name: name, Want: "a list of texts", Kind: "a list with " + kindOf(item)}
		}
		if text = strings.TrimSpace(text); text != "" {
			out = append(out, text)
		}
	}
	return out, nil
}

// Section returns a setting that is an object; nil if it is absent.
func (s Settings) Section(name string) (Settings, error) {
	v, ok := s.Lookup(name)
	if !ok {
		return nil, nil
	}
	switch v := v.(type) {
	case map[string]any:
		return v, nil
	case Settings:
		return v, nil
	}
	return nil, &SettingError{Name: name, Want: "an object", Kind: kindOf(v)}
}

// Without returns a copy of s that lacks the settings of these names.
func (s Settings) Without(names ...string) Settings {
	out := make(Settings, len(s))
	for _, k := range s.Unknown(names...) {
		out[k] = s[k]
	}
	return out
}

// Unknown returns the settings that are none of the names known, sorted.
func (s Settings) Unknown(known ...string) []string {
	var out []string
	for k := range s {
		if !slices.ContainsFunc(known, func(n string) bool { return foldName(n) == foldName(k) }) {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}

// Secrets returns all credentials in s, also those in sections and lists: what
// to keep out of messages.
func (s Settings) Secrets() []secret.String {
	var out []secret.String
	for _, k := range slices.Sorted(maps.Keys(s)) {
		out = appendSecrets(out, s[k])
	}
	return out
}

func appendSecrets(out []secret.String, v any) []secret.String {
	switch v := v.(type) {
	case secret.String:
		return append(out, v)
	case map[string]any:
		return append(out, Settings(v).Secrets()...)
	case Settings:
		return append(out, v.Secrets()...)
	case []any:
		for _, item := range v {
			out = appendSecrets(out, item)
		}
	}
	return out
}

func kindOf(v any) string {
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return "the number " + strconv.FormatInt(v, 10)
	case float64:
		return "the number " + strconv.FormatFloat(v, 'g', -1, 64)
	case string:
		return strconv.Quote(Shorten(v, 60))
	case secret.String:
		return "a secret text"
	case []any:
		return "a list"
	case map[string]any, Settings:
		return "an object"
	case nil:
		return "null"
	}
	return fmt.Sprintf("a %T", v)
}
