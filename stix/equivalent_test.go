// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func equivalent(t *testing.T, a, b string, v Version) bool {
	t.Helper()
	p, q := mustParse(t, a, v), mustParse(t, b, v)
	got, err := Equivalent(p, q)
	if err != nil {
		t.Fatalf("Equivalent(%q, %q): %v", a, b, err)
	}
	if back, err := Equivalent(q, p); err != nil || back != got {
		t.Errorf("Equivalent(%q, %q) = %v, but %v, %v with the sides exchanged", a, b, got, back, err)
	}
	return got
}

func TestEquivalenceSuite(t *testing.T) {
	t.Parallel()
	type testCase struct {
		ID, Pattern1, Pattern2, Expected string
		Version                          string `json:"stix_version"`
	}
	for _, c := range readLines[testCase](t, thirdParty(t, "stix-patterns", "equivalence.jsonl")) {
		got := equivalent(t, c.Pattern1, c.Pattern2, mustVersion(t, c.Version))
		if want := c.Expected == "equivalent"; got != want {
			t.Errorf("%s: Equivalent(%q, %q) = %v, want %v", c.ID, c.Pattern1, c.Pattern2, got, want)
		}
	}
}

func TestEquivalent(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b string
		want bool
	}{
		{"[a:b IN (1, 2, 2)]", "[a:b = 2 OR a:b = 1]", true},
		{"[a:b NOT IN (1, 2)]", "[a:b NOT IN (2, 1, 1)]", true},
		{"[a:b NOT IN (1, 2)]", "[a:b != 1 AND a:b != 2]", false},
		{"[a:b NOT = 1]", "[a:b != 1]", true},
		{"[a:b NOT != 1]", "[a:b = 1]", true},
		{"[a:b NOT < 1]", "[a:b >= 1]", false},
		{"[a:b = 1.0]", "[a:b = 1]", true},
		{"[a:b = '1']", "[a:b = 1]", false},
		{"[a:b = h'AB']", "[a:b = b'qw==']", true},
		{"[a:b = t'2020-01-01T00:00:00Z']", "[a:b = t'2020-01-01T00:00:00.000Z']", true},
		{"[a:b ISSUBSET '10.1.2.3/8']", "[a:b ISSUBSET '10.0.0.0/8']", true},
		{"[a:'b'.c = 1]", "[a:b.'c' = 1]", true},
		{"[a:b = 1] AND [a:b = 1]", "[a:b = 1]", false},
		{"[a:b = 1] OR [a:b = 1]", "[a:b = 1]", true},
		{"[a:b = 1] REPEATS 1 TIMES", "[a:b = 1]", true},
		{"[a:b = 1] FOLLOWEDBY ([a:b = 2] FOLLOWEDBY [a:b = 3])", "[a:b = 1] FOLLOWEDBY [a:b = 2] FOLLOWEDBY [a:b = 3]", true},
		{"[ipv4-addr:value = '010.0.0.1']", "[ipv4-addr:value = '10.0.0.1']", false}, // some read 8.0.0.1
		{"[EXISTS a:b]", "[NOT EXISTS a:b]", false},
		{"[a:b = 'x(1:y']", "[a:b = 'x' OR a:b = '1:y']", false},
	}
	for _, tt := range tests {
		if got := equivalent(t, tt.a, tt.b, V21); got != tt.want {
			t.Errorf("Equivalent(%q, %q) = %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
	explosive := "[a:b = 1"
	for i := range 30 {
		explosive += fmt.Sprintf(" AND (a:x%d = 1 OR a:y%d = 1)", i, i)
	}
	p := mustParse(t, explosive+"]", V21)
	if _, err := Equivalent(p, p); !errors.Is(err, ErrTooComplex) {
		t.Errorf("Equivalent of an explosive pattern: %v, want %v", err, ErrTooComplex)
	}
}

func TestInspectorSuite(t *testing.T) {
	t.Parallel()
	type testCase struct {
		ID, Pattern, Kind string
		Version           string `json:"stix_version"`
		Expected          json.RawMessage
	}
	for _, c := range readLines[testCase](t, thirdParty(t, "stix-patterns", "inspector.jsonl")) {
		in := Inspect(mustParse(t, c.Pattern, mustVersion(t, c.Version)))
		var got any
		switch c.Kind {
		case "qualifiers":
			got = in.Qualifiers
		case "observation_ops":
			got = in.Operators
		case "comparisons":
			got = suiteForm(in)
		}
		if diff := cmp.Diff(plain(t, c.Expected), plain(t, got)); diff != "" {
			t.Errorf("%s: Inspect(%q) differs (-want +got):\n%s", c.ID, c.Pattern, diff)
		}
	}
}

// suiteForm lists comparisons by type, as [steps, operator, value].
func suiteForm(in Inspection) map[string][]any {
	form := make(map[string][]any)
	for _, c := range in.Comparisons {
		steps := []any{}
		for _, s := range c.Path.Steps {
			steps = append(steps, [...]any{s.Name, s.Index, "*"}[s.Kind])
		}
		form[c.Path.Type] = append(form[c.Path.Type], []any{steps, c.Op, c.Value})
	}
	return form
}

// plain passes v through JSON; an empty list is nil.
func plain(t *testing.T, v any) (out any) {
	t.Helper()
	text, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	if list, ok := out.([]any); ok && len(list) == 0 {
		return nil
	}
	return out
}

func TestInspect(t *testing.T) {
	t.Parallel()
	in := Inspect(mustParse(t, "[p:a[2].b NOT IN (1, 'x') AND EXISTS p:c[*]] WITHIN 5 SECONDS FOLLOWEDBY [q:d NOT LIKE 'x'] OR [p:a = true]", V21))
	var lines []string
	for _, c := range in.Comparisons {
		lines = append(lines, strings.TrimSpace(c.Path.String()+" "+c.Op+" "+c.Value))
	}
	want := []string{"p:a[2].b NOT IN (1, 'x')", "p:c[*] EXISTS", "q:d NOT LIKE 'x'", "p:a = true"}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("comparisons differ (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"FOLLOWEDBY", "OR"}, in.Operators); diff != "" {
		t.Errorf("operators differ (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"p", "q"}, in.Types()); diff != "" {
		t.Errorf("types differ (-want +got):\n%s", diff)
	}
}
