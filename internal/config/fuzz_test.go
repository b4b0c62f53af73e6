// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package config_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/kestrelhunt/kestrel/internal/config"
)

// FuzzShifter holds that no file and no variable stops the program, and that
// what is wrong is an Error of one line.
func FuzzShifter(f *testing.F) {
	f.Add(hosts, `{"auth": {"key": "v"}}`)
	f.Add("profiles: {p: {<<: [*a, {}]}}", "[")
	f.Add("a: &a [*a]\nprofiles: *a", "{}{}")
	f.Add("profiles:\n  p:\n    connector: !!binary x\n    connection: !!float a\n    config: ? [b]\n", "null")
	f.Fuzz(func(t *testing.T, yaml, variable string) {
		env := environment(yaml+" ", "STIXSHIFTER_P_CONFIG="+variable, "STIXSHIFTER_P_CONNECTION="+variable)
		s, err := config.LoadShifter(env)
		errs := []error{err}
		for _, name := range s.Names() {
			_, err := s.Profile(name)
			errs = append(errs, err)
		}
		for _, err := range errs {
			var e *config.Error
			if err != nil && (!errors.As(err, &e) || strings.Contains(e.Message, "\n")) {
				t.Errorf("error %q is no config.Error of one line", err)
			}
		}
	})
}

// FuzzSession holds the same of the settings of sessions, and that whoever has
// settings has all of them.
func FuzzSession(f *testing.F) {
	f.Add("language:\n  default_variable: $X\n", "it")
	f.Add("session: {memory_limit: 99999999999999999999}\n", "")
	f.Add("prefetch:\n  excluded_entities: [a, [b], {c: d}]\n", "a: b")
	f.Add("a: &a [*a]\n$X: *a", "stixquery")
	f.Add("\"a\\nb\": 1", "")
	f.Add("debug: {maximum_exited_session: -1}", "\n- ")
	f.Fuzz(func(t *testing.T, yaml, variable string) {
		env := config.Environment{
			Vars: []string{"X=" + variable}, Home: "home",
			ReadFile: func(string) ([]byte, error) { return []byte(yaml), nil },
		}
		s, err := config.LoadSession(env)
		var e *config.Error
		if err != nil && (!errors.As(err, &e) || strings.Contains(e.Message, "\n")) {
			t.Fatalf("error %q is no config.Error of one line", err)
		}
		if err == nil && len(s.Settings()) != len(config.Defaults().Settings()) {
			t.Errorf("%d settings, want all", len(s.Settings()))
		}
	})
}
