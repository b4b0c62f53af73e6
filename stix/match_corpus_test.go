// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// earlier lists the cases whose error the suite meets when it matches, and we
// when we parse: a bound that is no timestamp is a fault of the pattern.
var earlier = map[string]bool{"mat-504b635e41ed": true, "mat-25e9828d8d29": true}

func TestMatcherSuite(t *testing.T) {
	t.Parallel()
	type testCase struct {
		ID, Pattern, Expected string
		Version               string `json:"stix_version"`
		ErrorKind             string `json:"error_kind"`
		Bound                 []int
		Data                  json.RawMessage
	}
	for _, c := range readLines[testCase](t, thirdParty(t, "stix-patterns", "matcher.jsonl")) {
		records, err := ReadObserved(c.Data)
		if err != nil {
			t.Errorf("%s: ReadObserved: %v", c.ID, err)
			continue
		}
		var got, kind string
		var result Result
		if p, list := Parse(patternFile(c.Pattern), mustVersion(t, c.Version)); p == nil {
			got, kind, err = "error", "pattern-parse", list.Err()
		} else if result, err = Match(t.Context(), p, records); err != nil {
			got, kind = "error", "match-time"
		} else {
			got = map[bool]string{true: "match", false: "nomatch"}[result.Matched]
		}
		if earlier[c.ID] {
			c.ErrorKind = "pattern-parse"
		}
		if got != c.Expected || kind != c.ErrorKind {
			t.Errorf("%s: Match(%q) = %s %s (%v), want %s %s", c.ID, c.Pattern, got, kind, err, c.Expected, c.ErrorKind)
		}
		if len(c.Bound) > 0 && !slices.Equal(result.Bound, c.Bound) {
			t.Errorf("%s: Match(%q) binds %v, want %v", c.ID, c.Pattern, result.Bound, c.Bound)
		}
	}
}

func TestRealDataSuite(t *testing.T) {
	t.Parallel()
	type testCase struct {
		ID, Bundle, Pattern string
		Observations        int
		Version             string `json:"stix_version"`
		Count               int    `json:"matched_count"`
		Matched             []string
		SHA256              string `json:"matched_sha256"`
	}
	bundles := make(map[string][]Observed)
	for _, c := range readLines[testCase](t, thirdParty(t, "stix-patterns", "real-data-match.jsonl")) {
		records, ok := bundles[c.Bundle]
		if !ok {
			text, err := os.ReadFile(thirdParty(t, strings.Split(c.Bundle, "/")...))
			if err != nil {
				t.Fatal(err)
			}
			if records, err = ReadObserved(text); err != nil {
				t.Fatalf("%s: %v", c.Bundle, err)
			}
			bundles[c.Bundle] = records
		}
		records = records[:min(c.Observations, len(records))]
		m, list := Compile(mustParse(t, c.Pattern, mustVersion(t, c.Version)))
		if m == nil {
			t.Errorf("%s: Compile(%q): %v", c.ID, c.Pattern, list.Err())
			continue
		}
		var ids []string
		for i := range records {
			result, err := m.Match(t.Context(), records[i:i+1])
			if err != nil {
				t.Errorf("%s: Match(%q, %s): %v", c.ID, c.Pattern, records[i].ID, err)
			}
			if result.Matched {
				ids = append(ids, records[i].ID)
			}
		}
		if len(ids) != c.Count {
			t.Errorf("%s: %q matches %d records, want %d", c.ID, c.Pattern, len(ids), c.Count)
		}
		if c.SHA256 != "" {
			sum := sha256.Sum256([]byte(strings.Join(ids, "\n")))
			if got := hex.EncodeToString(sum[:]); got != c.SHA256 {
				t.Errorf("%s: %q matches other records: hash %s, want %s", c.ID, c.Pattern, got, c.SHA256)
			}
		} else if diff := cmp.Diff(c.Matched, ids); diff != "" && c.Count > 0 {
			t.Errorf("%s: %q matches other records (-want +got):\n%s", c.ID, c.Pattern, diff)
		}
	}
}
