// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/diag"
)

// A matchFile is a file of testdata/match. A case has the last numbers of the
// ids of the records that match alone (Each), or that meet the pattern together
// (Bound), or is an error.
type matchFile struct {
	Records json.RawMessage
	Cases   []struct {
		Clause, Pattern string
		Each, Bound     *[]int
		Error           bool
	}
}

func TestMatchCorpus(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/match/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in testdata/match: %v", err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var file matchFile
			if err := json.Unmarshal(text, &file); err != nil {
				t.Fatal(err)
			}
			records, err := ReadObserved(file.Records)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range file.Cases {
				if c.Clause == "" || (c.Each != nil) == (c.Bound != nil) != c.Error {
					t.Errorf("malformed case %+v", c)
				}
				got, err := matched(t, c.Pattern, records, c.Bound != nil)
				if (err != nil) != c.Error {
					t.Errorf("%s: Match(%q): error %v, want one: %v", c.Clause, c.Pattern, err, c.Error)
				}
				want := []int{}
				for _, list := range []*[]int{c.Each, c.Bound} {
					if list != nil {
						want = append(want, *list...)
					}
				}
				if diff := cmp.Diff(want, got); diff != "" && err == nil {
					t.Errorf("%s: Match(%q) differs (-want +got):\n%s", c.Clause, c.Pattern, diff)
				}
			}
		})
	}
}

// matched returns the numbers of the records that meet the pattern, each alone
// or all together.
func matched(t *testing.T, pattern string, records []Observed, together bool) ([]int, error) {
	t.Helper()
	m, list := Compile(mustParse(t, pattern, V21))
	if m == nil {
		return nil, list.Err()
	}
	numbers := []int{}
	if together {
		result, err := m.Match(t.Context(), records)
		for _, i := range result.Bound {
			numbers = append(numbers, number(t, records[i].ID))
		}
		return numbers, err
	}
	for i := range records {
		result, err := m.Match(t.Context(), records[i:i+1])
		if err != nil {
			return nil, err
		}
		if result.Matched {
			numbers = append(numbers, number(t, records[i].ID))
		}
	}
	return numbers, nil
}

func number(t *testing.T, id string) (n int) {
	t.Helper()
	if _, err := fmt.Sscanf(id[strings.LastIndexByte(id, '-')+1:], "%d", &n); err != nil {
		t.Fatalf("id %q: %v", id, err)
	}
	return n
}

func TestCompileErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pattern string
		code    diag.Code
		at      string
	}{
		{"[a:b MATCHES 'x(?!y)']", diag.InvalidPattern, "'x(?!y)'"},
		{"[a:b = t'2023-02-29T00:00:00Z']", diag.InvalidTime, "t'2023-02-29T00:00:00Z'"},
		{"[a:b = 1] START t'2023-02-29T00:00:00Z' STOP t'2023-03-01T00:00:00Z'", diag.InvalidTime, "t'2023-02-29T00:00:00Z'"},
		{"[a:b IN (1, 2, 'x')]", diag.InvalidPattern, "'x'"},
		{"[a:b = 1] WITHIN 0 SECONDS", diag.InvalidPattern, "WITHIN 0 SECONDS"},
		{"[a:b = 1] REPEATS 0 TIMES", diag.InvalidPattern, "REPEATS 0 TIMES"},
	}
	for _, tt := range tests {
		m, list := Compile(mustParse(t, tt.pattern, V21))
		if m != nil || len(list) != 1 || list[0].Code != tt.code || list[0].Span.Text() != tt.at || list[0].Severity != diag.Error {
			t.Errorf("Compile(%q) = %v, %+v, want %s at %q", tt.pattern, m, list, tt.code, tt.at)
		}
	}
	hunt := &Pattern{Root: &Test{Expr: &Logic{Op: Or,
		X: &Comparison{Path: Path{Type: "p"}, Op: IsNull},
		Y: &Comparison{Path: Path{Type: "p"}, Op: Equal, Value: &Reference{Variable: "v", Attr: "a"}},
	}}}
	if m, list := Compile(hunt); m != nil || codes(list) != "invalid-pattern invalid-pattern" {
		t.Errorf("Compile of a hunt's expression = %v, %v, want two faults", m, list)
	}
	if m, list := Compile(mustParse(t, "[a:b = 1 AND c:d = 1]", V21)); m == nil {
		t.Errorf("Compile of a pattern that only warns: %v", list)
	}
}

func TestReadObservedErrors(t *testing.T) {
	t.Parallel()
	const times = `"first_observed":"2024-01-01T00:00:00Z","last_observed":"2024-01-01T00:00:00Z"`
	tests := []struct{ name, text, message string }{
		{"nothing", ``, "EOF"},
		{"broken", `[{"type":`, "unexpected EOF"},
		{"text behind", `[] x`, "text after the JSON value"},
		{"number", `5`, "item 0: want an object"},
		{"no times", `{"objects":{}}`, "first_observed is no string"},
		{"bad time", `{"first_observed":"2024","objects":{}}`, "first_observed: want the form"},
		{"reversed", `{"first_observed":"2024-01-02T00:00:00Z","last_observed":"2024-01-01T00:00:00Z","objects":{}}`, "last_observed is before first_observed"},
		{"count", `{` + times + `,"number_observed":0,"objects":{}}`, "number_observed"},
		{"no objects", `[{"type":"bundle"},{` + times + `}]`, "item 1: there are neither objects nor object_refs"},
		{"object", `{` + times + `,"objects":{"0":5}}`, `object "0": want an object`},
		{"bundle", `{"type":"bundle","objects":[5]}`, "bundle: object 0: want an object"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := ReadObserved([]byte(tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.message) {
				t.Errorf("ReadObserved(%s) = %v, %v, want error with %q", tt.text, got, err, tt.message)
			}
		})
	}
}

// series returns n records of one process each, a second apart, with the given
// property n.
func series(n int, count int64, value func(int) int64) []Observed {
	begin := time.Date(2024, 5, 1, 10, 0, 0, 0, time.UTC)
	records := make([]Observed, n)
	for i := range records {
		at := begin.Add(time.Duration(i) * time.Second)
		records[i] = Observed{First: at, Last: at, Count: count, Objects: []ObservedObject{{
			Key: "0", Type: "p", Properties: map[string]any{"type": "p", "n": value(i)},
		}}}
	}
	return records
}

// Patterns that make a naive matcher try all combinations.
func TestHostilePatterns(t *testing.T) {
	t.Parallel()
	index := func(i int) int64 { return int64(i) }
	tests := []struct {
		name, pattern string
		records       []Observed
		want          bool
	}{
		{"many of many, and one that is not", "[p:n >= 0] REPEATS 500 TIMES AND [p:n = -1]", series(2000, 1, index), false},
		{"one too few", "[p:n >= 0] REPEATS 1000 TIMES AND [p:n < 1001]", series(1000, 1, index), false},
		{"exactly enough", "[p:n >= 0] REPEATS 999 TIMES AND [p:n < 1001]", series(1000, 1, index), true},
		{"contention", "[p:n < 10] REPEATS 10 TIMES AND [p:n < 20] REPEATS 10 TIMES AND [p:n < 25] REPEATS 6 TIMES", series(1000, 1, index), false},
		{"window", "[p:n >= 0] REPEATS 100 TIMES WITHIN 98.5 SECONDS", series(5000, 1, index), false},
		{"window that fits", "[p:n >= 0] REPEATS 100 TIMES WITHIN 99 SECONDS", series(5000, 1, index), true},
		{"reversed order", "[p:n >= 1000] REPEATS 500 TIMES FOLLOWEDBY [p:n < 1000] REPEATS 500 TIMES", series(2000, 1, index), false},
		{"ordered", "[p:n < 1000] REPEATS 500 TIMES FOLLOWEDBY [p:n >= 1000] REPEATS 500 TIMES", series(2000, 1, index), true},
		{"pairs", "([p:n >= 0] FOLLOWEDBY [p:n > 5]) REPEATS 100 TIMES", series(200, 1, index), true},
		{"one pair too many", "([p:n >= 0] FOLLOWEDBY [p:n > 5]) REPEATS 101 TIMES", series(200, 1, index), false},
		{"billions of repetitions", "[p:n = 0] REPEATS 9000000000 TIMES REPEATS 9000000000 TIMES", series(3, 999_999_999, index), false},
		{"large counts", "[p:n >= 0] REPEATS 2999999997 TIMES", series(3, 999_999_999, index), true},
		{"choices", "(" + strings.Repeat("([p:n < 3] REPEATS 2 TIMES OR [p:n = -1]) AND ", 12) + "[p:n = 0])", series(30, 2, index), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := Match(t.Context(), mustParse(t, tt.pattern, V20), tt.records)
			if err != nil || got.Matched != tt.want {
				t.Errorf("Match(%q) = %v, %v, want %v", tt.pattern, got.Matched, err, tt.want)
			}
		})
	}
}

// What cannot be decided in bounded work is an error; and so is the end
// of the context.
func TestMatchBounds(t *testing.T) {
	t.Parallel()
	// Clusters of five records have room for one group of three each, so there
	// are forty groups and not sixty; but there are records for sixty.
	p := mustParse(t, "(([p:n >= 0] AND [p:n >= 0] AND [p:n >= 0]) WITHIN 5 SECONDS) REPEATS 60 TIMES", V21)
	records := series(200, 1, func(i int) int64 { return int64(i) })
	for i := range records {
		records[i].First = records[i].First.Add(time.Duration(i/5) * time.Minute)
		records[i].Last = records[i].First
	}
	_, err := Match(t.Context(), p, records)
	if !errors.Is(err, ErrTooComplex) {
		t.Errorf("Match of a hard pattern: %v, want %v", err, ErrTooComplex)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Match(ctx, p, records); !errors.Is(err, context.Canceled) {
		t.Errorf("Match in a canceled context: %v, want %v", err, context.Canceled)
	}
}

// Ways to one object by many references count once.
func TestReferenceExplosion(t *testing.T) {
	t.Parallel()
	const n = 60
	refs := make([]any, n)
	objects := make(map[string]any, n)
	for i := range refs {
		refs[i] = fmt.Sprint(i)
		objects[fmt.Sprint(i)] = map[string]any{"type": "p", "x_refs": refs}
	}
	text, err := json.Marshal(map[string]any{
		"first_observed": "2024-01-01T00:00:00Z", "last_observed": "2024-01-01T00:00:00Z", "objects": objects,
	})
	if err != nil {
		t.Fatal(err)
	}
	records, err := ReadObserved(text)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Match(t.Context(), mustParse(t, "[p:x_refs[*]"+strings.Repeat(".x_refs[*]", 10)+".none = 1]", V21), records)
	if err != nil || got.Matched {
		t.Errorf("Match = %v, %v, want no match", got.Matched, err)
	}
}
