// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package datasource_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/secret"
)

var settings = datasource.Settings{
	"Port": int64(9200), "ratio": 2.5, "whole": 3.0, "host": "a.example.com", "org-key": secret.New("K3YK3Y"),
	"indices": "a, b ,,c", "list": []any{"x", int64(4)}, "bad_list": []any{"x", []any{}},
	"on": true, "word": "False", "none": nil, "options": map[string]any{"result_limit": int64(5)},
}

func TestSettings(t *testing.T) {
	t.Parallel()
	text := func(name string) func() (any, error) {
		return func() (any, error) { return settings.Text(name) }
	}
	number := func(name string) func() (any, error) {
		return func() (any, error) { return settings.Int(name, 7, 1, 10000) }
	}
	boolean := func(name string) func() (any, error) {
		return func() (any, error) { return settings.Bool(name, true) }
	}
	list := func(name string) func() (any, error) {
		return func() (any, error) { return settings.List(name) }
	}
	tests := []struct {
		name string
		get  func() (any, error)
		want any
		fail string
	}{
		{"text", text("host"), "a.example.com", ""},
		{"text of a number, any case", text("PORT"), "9200", ""},
		{"absent text", text("nosuch"), "", ""},
		{"null is absent", text("none"), "", ""},
		{"text of a secret", text("org_key"), "", "org_key is a secret text, expected text"},
		{"text of a list", text("list"), "", "list is a list, expected text"},
		{"number", number("port"), 9200, ""},
		{"whole float", number("whole"), 3, ""},
		{"absent number", number("nosuch"), 7, ""},
		{"fraction", number("ratio"), 0, "ratio is the number 2.5, expected a number from 1 to 10000"},
		{"no number", number("host"), 0, `host is "a.example.com", expected a number from 1 to 10000`},
		{"boolean", boolean("on"), true, ""},
		{"boolean word", boolean("word"), false, ""},
		{"absent boolean", boolean("nosuch"), true, ""},
		{"no boolean", boolean("port"), false, "port is the number 9200, expected true or false"},
		{"list in one text", list("indices"), []string{"a", "b", "c"}, ""},
		{"list", list("list"), []string{"x", "4"}, ""},
		{"absent list", list("nosuch"), []string(nil), ""},
		{"list in a list", list("bad_list"), []string(nil), "bad_list is a list with a list, expected a list of texts"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.get()
			if message(err) != tt.fail {
				t.Fatalf("error %v, want %q", err, tt.fail)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestSettingsSecret(t *testing.T) {
	t.Parallel()
	got, err := settings.Secret("ORG_KEY")
	if err != nil || got.Reveal() != "K3YK3Y" {
		t.Errorf("Secret(ORG_KEY) = %q, %v, want the key", got.Reveal(), err)
	}
	if all := settings.Secrets(); len(all) != 1 || !all[0].Equal(got) {
		t.Errorf("Secrets() has %d, want the one key", len(all))
	}
}

func TestSettingsUnknown(t *testing.T) {
	t.Parallel()
	got := settings.Unknown("port", "ORG_KEY", "host", "indices", "list", "bad_list", "on", "word", "options")
	if diff := cmp.Diff([]string{"none", "ratio", "whole"}, got); diff != "" {
		t.Errorf("Unknown: -want +got\n%s", diff)
	}
}

func TestSettingsWithout(t *testing.T) {
	t.Parallel()
	got := datasource.Settings{"Org-Key": "a", "host": "b"}.Without("org_key", "nosuch")
	if diff := cmp.Diff(datasource.Settings{"host": "b"}, got); diff != "" {
		t.Errorf("Without: -want +got\n%s", diff)
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestFailure(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	f := &datasource.Failure{
		Kind: datasource.Unauthenticated, Source: "host101", Op: "search",
		Query: strings.Repeat("query ", 100), Status: 401, Reason: "the credentials were refused", Err: cause,
	}
	if got, want := f.Error(), "host101: search: the credentials were refused (status 401)"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
	if !errors.Is(f, datasource.ErrUnauthorized) || !errors.Is(f, cause) || errors.Is(f, datasource.ErrUnavailable) {
		t.Error("a failure is the sentinel of its kind and its cause, and no other")
	}
	n := f.Note()
	if n.Code != diag.SourceUnauthorized || len(n.Message) > 300 || !strings.HasSuffix(n.Message, "...") || n.Hint == "" {
		t.Errorf("Note() = %+v", n)
	}
}
