// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/kestrelhunt/kestrel/diag"
)

// thirdParty returns the path of a file of the third-party test data, or skips
// the test.
func thirdParty(t testing.TB, name ...string) string {
	t.Helper()
	root := os.Getenv("KESTREL_TESTDATA")
	if root == "" {
		t.Skip("KESTREL_TESTDATA does not name the folder of third-party test data")
	}
	return filepath.Join(append([]string{root}, name...)...)
}

// readLines decodes each line of a file of JSON lines.
func readLines[T any](t testing.TB, path string) []T {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var cases []T
	scanner := bufio.NewScanner(f)
	scanner.Buffer(nil, 64<<20)
	for scanner.Scan() {
		var c T
		if err := json.Unmarshal(scanner.Bytes(), &c); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		cases = append(cases, c)
	}
	if err := scanner.Err(); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if len(cases) == 0 {
		t.Fatalf("%s has no cases", path)
	}
	return cases
}

func mustVersion(t testing.TB, text string) Version {
	t.Helper()
	v, err := ParseVersion(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func patternFile(text string) *diag.File { return &diag.File{Name: "pattern", Text: text} }

func mustParse(t testing.TB, text string, v Version) *Pattern {
	t.Helper()
	p, list := Parse(patternFile(text), v)
	if p == nil {
		t.Fatalf("Parse(%q): %v", text, list.Err())
	}
	return p
}

func TestValidatorSuite(t *testing.T) {
	t.Parallel()
	type testCase struct {
		ID, Pattern, Expected string
		Version               string `json:"stix_version"`
	}
	for _, c := range readLines[testCase](t, thirdParty(t, "stix-patterns", "validator.jsonl")) {
		list := Validate(patternFile(c.Pattern), mustVersion(t, c.Version))
		got := "valid"
		if list.Err() != nil {
			got = "invalid"
		}
		if got != c.Expected {
			t.Errorf("%s: Validate(%q, %s) = %s (%v), want %s", c.ID, c.Pattern, c.Version, got, list, c.Expected)
		}
	}
}

func TestWildPatterns(t *testing.T) {
	t.Parallel()
	type testCase struct {
		ID, Pattern string
		V20         bool `json:"valid_2.0"`
		V21         bool `json:"valid_2.1"`
	}
	for _, c := range readLines[testCase](t, thirdParty(t, "stix-patterns", "wild.jsonl")) {
		for v, want := range map[Version]bool{V20: c.V20, V21: c.V21} {
			list := Validate(patternFile(c.Pattern), v)
			if got := list.Err() == nil; got != want {
				t.Errorf("%s: Validate(%q, %s): valid = %v (%v), want %v", c.ID, c.Pattern, v, got, list, want)
			}
		}
	}
}

// printDiffers lists the cases whose printed form is not that of the suite. The
// suite keeps the quotes around a name that stands before an index, and drops
// them elsewhere: here a name has one spelling.
var printDiffers = map[string]string{
	"prt-80f613e89154": "[a:b[1].c < 'foo']", // suite: [a:'b'[1].c < 'foo']
	"prt-ed922d05af10": "[a:b[1].c < 'foo']", // the same in STIX 2.1
}

func TestParsePrintSuite(t *testing.T) {
	t.Parallel()
	type testCase struct {
		ID, Pattern, Expected, Printed string
		Version                        string `json:"stix_version"`
	}
	for _, c := range readLines[testCase](t, thirdParty(t, "stix-patterns", "parse-print.jsonl")) {
		p, list := Parse(patternFile(c.Pattern), mustVersion(t, c.Version))
		if c.Expected == "error" {
			if p != nil && len(Check(p, V21)) == 0 {
				t.Errorf("%s: Parse(%q) and Check are content, want a diagnostic", c.ID, c.Pattern)
			}
			continue
		}
		if p == nil {
			t.Errorf("%s: Parse(%q): %v", c.ID, c.Pattern, list.Err())
			continue
		}
		want := c.Printed
		if ours, ok := printDiffers[c.ID]; ok {
			want = ours
		}
		if got := p.String(); got != want {
			t.Errorf("%s: Parse(%q) prints %q, want %q", c.ID, c.Pattern, got, want)
		}
	}
}
