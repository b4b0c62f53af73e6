// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/diag"
)

// FuzzParse: no text makes the parser panic or stall, spans lie inside the part
// that is parsed, a pattern without faults has a tree, and what it prints as
// parses to the same tree and prints the same.
func FuzzParse(f *testing.F) {
	for _, c := range readAccept(f) {
		f.Add(c.pattern, uint8(0), false)
	}
	f.Add("[a:b = 1] START '2020-01-01T00:00:00Z' STOP '2020-01-02T00:00:00Z'", uint8(3), true)
	f.Add("[a:b = ] AND ([c-d:e-f LIKE 5 WITHIN 5 HOURS", uint8(0), false)
	f.Add("[a:b = 'C:\\x\xff'] /*", uint8(0), false)
	f.Fuzz(func(t *testing.T, text string, before uint8, old bool) {
		version := V21
		if old {
			version = V20
		}
		start := min(int(before), len(text))
		part := patternFile(text).Span(start, len(text))
		p, list := ParseSpan(part, version)
		checkSpans(t, list, part)
		if (p == nil) == (list.Err() == nil) {
			t.Fatalf("ParseSpan(%q) = %v, diagnostics %v", part.Text(), p, list)
		}
		if p == nil {
			return
		}
		if at := p.Root.Span(); at.Start < part.Start || at.End > part.End || at.Start >= at.End {
			t.Errorf("span of the root of %q = [%d, %d)", part.Text(), at.Start, at.End)
		}
		checkSpans(t, Check(p, version), part)
		printed := p.String()
		if !utf8.ValidString(printed) {
			t.Errorf("Parse(%q) prints invalid UTF-8 %q", part.Text(), printed)
		}
		again, list := Parse(patternFile(printed), version)
		if again == nil {
			t.Fatalf("Parse(%q) prints %q, which does not parse: %v", part.Text(), printed, list)
		}
		if diff := cmp.Diff(p.Root, again.Root, sameTree); diff != "" {
			t.Errorf("Parse(%q) prints %q, another tree (-first +second):\n%s", part.Text(), printed, diff)
		}
		if twice := again.String(); twice != printed {
			t.Errorf("%q prints as %q", printed, twice)
		}
		if (Check(p, version).Err() == nil) != (Check(again, version).Err() == nil) {
			t.Errorf("Check differs for %q and %q", part.Text(), printed)
		}
	})
}

func checkSpans(t *testing.T, list diag.List, part diag.Span) {
	t.Helper()
	for _, d := range list {
		if s := d.Span; s.File != part.File || s.Start < part.Start || s.End > part.End || s.Start > s.End {
			t.Errorf("span of %v = [%d, %d), outside [%d, %d)", d, s.Start, s.End, part.Start, part.End)
		}
		if d.Message == "" || d.Code == "" {
			t.Errorf("diagnostic without code or message: %+v", d)
		}
	}
}

// FuzzMatch: no pattern and no data make the matcher panic or run for long, and
// what it binds are records.
func FuzzMatch(f *testing.F) {
	files, err := filepath.Glob("testdata/match/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		var file matchFile
		if err := json.Unmarshal(text, &file); err != nil {
			f.Fatal(err)
		}
		for _, c := range file.Cases {
			f.Add(c.Pattern, []byte(file.Records))
		}
	}
	f.Fuzz(func(t *testing.T, text string, data []byte) {
		p, _ := Parse(patternFile(text), V20)
		records, err := ReadObserved(data)
		if p == nil || err != nil {
			return
		}
		result, err := Match(t.Context(), p, records)
		if err != nil && result.Matched {
			t.Errorf("Match(%q) = %v, %v", text, result, err)
		}
		if result.Matched != (len(result.Bound) > 0) {
			t.Errorf("Match(%q) = %v and binds %v", text, result.Matched, result.Bound)
		}
		for i, r := range result.Bound {
			if r < 0 || r >= len(records) || i > 0 && r <= result.Bound[i-1] {
				t.Errorf("Match(%q) binds %v of %d records", text, result.Bound, len(records))
			}
		}
		if _, err := Equivalent(p, p); err != nil && !errors.Is(err, ErrTooComplex) {
			t.Errorf("Equivalent(%q, same): %v", text, err)
		}
	})
}
