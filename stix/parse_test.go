// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
)

// sameTree compares trees without their places in the text.
var sameTree = cmp.Options{
	cmpopts.IgnoreTypes(diag.Span{}),
	cmpopts.IgnoreFields(Literal{}, "Raw"),
	cmpopts.EquateEmpty(),
	cmp.Comparer(func(a, b entity.Value) bool { return a == b }),
}

// A corpusCase is a line of testdata/accept.txt.
type corpusCase struct{ pattern, canonical string }

func readAccept(t testing.TB) (cases []corpusCase) {
	t.Helper()
	text, err := os.ReadFile("testdata/accept.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		if form, ok := strings.CutPrefix(line, "  => "); ok {
			cases[len(cases)-1].canonical = form
		} else if line != "" && !strings.HasPrefix(line, "#") {
			cases = append(cases, corpusCase{line, line})
		}
	}
	return cases
}

func TestAccept(t *testing.T) {
	t.Parallel()
	for _, c := range readAccept(t) {
		for _, v := range []Version{V20, V21} {
			p, list := Parse(patternFile(c.pattern), v)
			if p == nil {
				t.Errorf("Parse(%q, %s): %v", c.pattern, v, list.Err())
				continue
			}
			if got := p.String(); got != c.canonical {
				t.Errorf("Parse(%q, %s) prints %q, want %q", c.pattern, v, got, c.canonical)
			}
			again, list := Parse(patternFile(c.canonical), v)
			if again == nil {
				t.Errorf("Parse(%q, %s): %v", c.canonical, v, list.Err())
				continue
			}
			if diff := cmp.Diff(p, again, sameTree); diff != "" {
				t.Errorf("Parse(%q, %s) differs from Parse(%q) (-first +second):\n%s", c.pattern, v, c.canonical, diff)
			}
			if got := Check(p, v); got.Err() != nil {
				t.Errorf("Check(%q, %s) = %v, want no error", c.pattern, v, got)
			}
		}
	}
}

func TestReject(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/reject.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		want, pattern, ok := strings.Cut(line, " | ")
		if !ok {
			t.Fatalf("malformed line %q", line)
		}
		for _, v := range []Version{V20, V21} {
			p, list := Parse(patternFile(pattern), v)
			if got := codes(list); p != nil || got != want {
				t.Errorf("Parse(%q, %s) = %v, diagnostics %s %v, want nil, %s", pattern, v, p, got, list, want)
			}
		}
	}
}

func codes(list diag.List) string {
	var text []string
	for _, d := range list {
		text = append(text, string(d.Code))
	}
	return strings.Join(text, " ")
}

// The form of START and STOP is what the versions differ in.
func TestPlainBounds(t *testing.T) {
	t.Parallel()
	const pattern = "[a:b = 1] START '2020-01-01T00:00:00Z' STOP '2020-01-02T00:00:00Z'"
	const canonical = "[a:b = 1] START t'2020-01-01T00:00:00Z' STOP t'2020-01-02T00:00:00Z'"
	if got := mustParse(t, pattern, V20).String(); got != canonical {
		t.Errorf("Parse(%q, 2.0) prints %q, want %q", pattern, got, canonical)
	}
	p, list := Parse(patternFile(pattern), V21)
	if p != nil || codes(list) != "unexpected-token unexpected-token" {
		t.Fatalf("Parse(%q, 2.1) = %v, %v, want two faults", pattern, p, list)
	}
	if got := applyFixes(pattern, list); got != canonical {
		t.Errorf("fixes of %q give %q, want %q", pattern, got, canonical)
	}
	if _, list := Parse(patternFile("[a:b = 1] START 'x' STOP 'y'"), V20); codes(list) != "invalid-time invalid-time" {
		t.Errorf("Parse of malformed bounds in 2.0 = %v, want two invalid-time", list)
	}
}

// applyFixes applies the first fix of every diagnostic.
func applyFixes(text string, list diag.List) string {
	var edits []diag.Edit
	for _, d := range list {
		if len(d.Fixes) > 0 {
			edits = append(edits, d.Fixes[0].Edits...)
		}
	}
	for _, e := range slices.Backward(edits) {
		text = text[:e.Span.Start] + e.New + text[e.Span.End:]
	}
	return text
}

func TestFixes(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, pattern, want string }{
		{"brackets", "file:name = 'x'", "[file:name = 'x']"},
		{"quotes around a word", "[file:name = cmd.exe]", "[file:name = 'cmd.exe']"},
		{"quotes around a hash", "[file:hashes.MD5 = 79054025255fb1a26e4bc422aef54eb4]", "[file:hashes.MD5 = '79054025255fb1a26e4bc422aef54eb4']"},
		{"quotes around an address", "[a:b ISSUBSET 10.0.0.0/8]", "[a:b ISSUBSET '10.0.0.0/8']"},
		{"quotes around a path name", "[file:hashes.SHA-256 = 'x']", "[file:hashes.'SHA-256' = 'x']"},
		{"quotes around a keyword", "[a:b.LIKE = 1]", "[a:b.'LIKE' = 1]"},
		{"double quotes", `[a:b = "it's"]`, `[a:b = 'it\'s']`},
		{"list items", "[a:b IN (x, 'y', z)]", "[a:b IN ('x', 'y', 'z')]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, list := Parse(patternFile(tt.pattern), V21)
			if p != nil {
				t.Fatalf("Parse(%q) = %v, want a fault", tt.pattern, p)
			}
			got := applyFixes(tt.pattern, list)
			if got != tt.want {
				t.Errorf("fixes of %q give %q, want %q", tt.pattern, got, tt.want)
			}
			mustParse(t, got, V21)
		})
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, pattern, message, hint, at string }{
		{
			"no brackets", "file:size = 1", "expected [ or (, found file",
			"a comparison stands in square brackets, as in [file:name = 'a.exe']", "file",
		},
		{"small keyword", "[a:b = 1] within 5 SECONDS", "expected AND, OR, FOLLOWEDBY or a qualifier, found within", "keywords stand in capitals: WITHIN", "within"},
		{"end", "[a:b = 1", "expected AND, OR or ], found the end of the pattern", "", ""},
		{"escape", `[a:b = 'C:\x']`, `a string has no escape \x`, `a backslash is written twice: \\`, `\x`},
		{"month", "[a:b = t'2457-73-22T32:81:84.1Z']", "there is no month 73", "a timestamp looks like 2006-01-02T15:04:05.000Z, in UTC", "2457-73-22T32:81:84.1Z"},
		{"null", "[a:b = null]", "expected a value, found null", "patterns have no null; NOT EXISTS tests whether a property is absent", "null"},
		{"character", "[a:b =? 1]", `"?" begins no word of a pattern`, "", "?"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, list := Parse(patternFile(tt.pattern), V21)
			if len(list) != 1 {
				t.Fatalf("Parse(%q): %d diagnostics %v, want 1", tt.pattern, len(list), list)
			}
			if d := list[0]; d.Message != tt.message || d.Hint != tt.hint || d.Span.Text() != tt.at {
				t.Errorf("Parse(%q):\n got message %q, hint %q at %q\nwant message %q, hint %q at %q",
					tt.pattern, d.Message, d.Hint, d.Span.Text(), tt.message, tt.hint, tt.at)
			}
		})
	}
}

// Spans are those of the file around the pattern.
func TestParseSpan(t *testing.T) {
	t.Parallel()
	const pattern = `([file:name NOT LIKE 'ä%' AND EXISTS file:size] WITHIN 5 SECONDS) FOLLOWEDBY [a:b IN (1, 2)]`
	file := patternFile("héader ]' " + pattern + " trailer")
	start := strings.Index(file.Text, pattern)
	p, list := ParseSpan(file.Span(start, start+len(pattern)), V21)
	if p == nil {
		t.Fatal(list.Err())
	}
	whole := p.Root.(*Combination)
	within := whole.X.(*Qualified)
	test := within.X.(*Test)
	logic := test.Expr.(*Logic)
	like := logic.X.(*Comparison)
	list2 := whole.Y.(*Test).Expr.(*Comparison)
	for _, tt := range []struct {
		name string
		span diag.Span
		want string
	}{
		{"pattern", p.At, pattern},
		{"combination", whole.Span(), pattern[1:]},
		{"qualified", within.Span(), "[file:name NOT LIKE 'ä%' AND EXISTS file:size] WITHIN 5 SECONDS"},
		{"qualifier", within.Qualifier.Span(), "WITHIN 5 SECONDS"},
		{"test", test.Span(), "[file:name NOT LIKE 'ä%' AND EXISTS file:size]"},
		{"logic", logic.Span(), "file:name NOT LIKE 'ä%' AND EXISTS file:size"},
		{"comparison", like.Span(), "file:name NOT LIKE 'ä%'"},
		{"operator", like.OpAt, "NOT LIKE"},
		{"path", like.Path.At, "file:name"},
		{"literal", like.Value.Span(), "'ä%'"},
		{"exists", logic.Y.Span(), "EXISTS file:size"},
		{"list", list2.Value.Span(), "(1, 2)"},
		{"item", list2.Value.(*List).Items[1].Span(), "2"},
	} {
		if got := tt.span.Text(); got != tt.want {
			t.Errorf("span of %s = %q, want %q", tt.name, got, tt.want)
		}
	}
	_, list = ParseSpan(file.Span(0, start), V21)
	if len(list) == 0 || list[0].Span.End > start {
		t.Errorf("ParseSpan of the text before: %v, want faults inside it", list)
	}
}

// Hostile sizes give one diagnostic, soon.
func TestLimits(t *testing.T) {
	t.Parallel()
	const n = 100_000
	tests := []struct{ name, pattern string }{
		{"parentheses", strings.Repeat("(", n) + "[a:b = 1]" + strings.Repeat(")", n)},
		{"open parentheses", strings.Repeat("(", n)},
		{"parentheses in brackets", "[" + strings.Repeat("(", n) + "a:b = 1" + strings.Repeat(")", n) + "]"},
		{"comparisons", "[a:b = 1" + strings.Repeat(" OR a:b = 1", n) + "]"},
		{"items", "[a:b IN (1" + strings.Repeat(", 1", n) + ")]"},
		{"qualifiers", "[a:b = 1]" + strings.Repeat(" REPEATS 1 TIMES", n)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, list := Parse(patternFile(tt.pattern), V20)
			if p != nil || len(list) != 1 || list[0].Code != diag.TooDeep {
				t.Errorf("Parse = %v, %v, want one diagnostic %s", p != nil, list, diag.TooDeep)
			}
		})
	}
	big := "[a:b = 1" + strings.Repeat(" OR a:b = 1", n/2) + "]"
	if got := mustParse(t, big, V21).String(); got != big {
		t.Error("a pattern of 50000 comparisons does not print as it was")
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, pattern string
		v20, v21      string // severities, in order
	}{
		{"clean", "[a:b = 1]", "", ""},
		{"qualifier twice", "[a:b = 1] REPEATS 2 TIMES REPEATS 3 TIMES", "", "error"},
		{"twice, not in a row", "[a:b = 1] REPEATS 2 TIMES WITHIN 5 SECONDS REPEATS 3 TIMES", "", "error"},
		{"three times", "[a:b = 1] REPEATS 2 TIMES REPEATS 3 TIMES REPEATS 4 TIMES", "", "error error"},
		{"twice around parentheses", "([a:b = 1] REPEATS 2 TIMES) REPEATS 3 TIMES", "", ""},
		{"twice behind parentheses", "([a:b = 1]) REPEATS 2 TIMES REPEATS 3 TIMES", "", ""},
		{"twice behind a group", "([a:b = 1] AND [a:b = 2]) REPEATS 2 TIMES REPEATS 3 TIMES", "", ""},
		{"no seconds", "[a:b = 1] WITHIN 0 SECONDS", "error", "error"},
		{"no times", "[a:b = 1] REPEATS 0 TIMES", "error", "error"},
		{"mixed list", "[a:b IN (1, true)]", "error", "error"},
		{"numbers of both kinds", "[a:b IN (1, 2.5)]", "", ""},
		{"no such day", "[a:b = t'2023-02-29T00:00:00Z']", "warning", "warning"},
		{"empty window", "[a:b = 1] START t'2023-02-02T00:00:00Z' STOP t'2023-02-02T00:00:00Z'", "warning", "warning"},
		{"look-ahead", "[a:b MATCHES 'a(?=b)']", "warning", "warning"},
		{"no network", "[a:b ISSUBSET 'ten']", "warning", "warning"},
		{"hash", "[file:hashes.MD5 = '79054025255fb1a26e4bc422aef54eb4' OR file:hashes.'SHA-256' LIKE '79%' OR x:hashes.other = '1']", "", ""},
		{"no hash", "[file:hashes.MD5 = 'zz']", "error", "error"},
		{"short hash", "[file:hashes.'SHA-1' IN ('79054025255fb1a26e4bc422aef54eb4')]", "error", "error"},
		{"negative index", "[a:b[-1] = 1]", "warning", "warning"},
		{"two types", "[a:b = 1 AND c:d = 1]", "warning", "warning"},
		{"two types, told once", "[a:b = 1 AND c:d = 1 AND e:f = 1]", "warning", "warning"},
		{"one type in common", "[(a:b = 1 OR c:d = 1) AND (c:d = 1 OR e:f = 1)]", "", ""},
		{"two types in two tests", "[a:b = 1] AND [c:d = 1]", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for v, want := range map[Version]string{V20: tt.v20, V21: tt.v21} {
				var got []string
				for _, d := range Check(mustParse(t, tt.pattern, v), v) {
					got = append(got, d.Severity.String())
				}
				if text := strings.Join(got, " "); text != want {
					t.Errorf("Check(%q, %s) = %q, want %q", tt.pattern, v, text, want)
				}
			}
		})
	}
}

func TestParsePath(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"name", "name"},
		{"process:name", "process:name"},
		{"x-oca-asset:hostname", "x-oca-asset:hostname"},
		{"hashes.SHA-256", "hashes.'SHA-256'"},
		{"hashes.'SHA-256'", "hashes.'SHA-256'"},
		{"hashes.'MD5'", "hashes.MD5"},
		{"file:hashes.SHA-256", "file:hashes.'SHA-256'"},
		{"opened_connection_refs[*].dst_ref.value", "opened_connection_refs[*].dst_ref.value"},
		{"a[0][12].b", "a[0][12].b"},
		{"a.3DES", "a.'3DES'"},
		{`'it\'s'.'a.b'`, `'it\'s'.'a.b'`},
		{"extensions.'x-y'.z", "extensions.'x-y'.z"},
	}
	for _, tt := range tests {
		got, list := ParsePath(tt.in)
		if list.Err() != nil || got.String() != tt.want {
			t.Errorf("ParsePath(%q) = %s, %v, want %s", tt.in, got, list, tt.want)
		}
	}
	for _, in := range []string{
		"", ".", "a.", ".a", "a..b", ":a", "a:", "a b", "'a", `'a\`, "a'b'", "'a'b", "a[", "a[]", "a[x]", "a[-1]", "a[1", "[1]", "a.[*]", "a*",
	} {
		if got, list := ParsePath(in); codes(list) != "invalid-attribute" {
			t.Errorf("ParsePath(%q) = %s, %v, want invalid-attribute", in, got, list)
		}
	}
}

func TestExprString(t *testing.T) {
	t.Parallel()
	name := Path{Type: "process", Steps: []Step{{Kind: Key, Name: "name"}}}
	host := Path{Type: "x-oca-asset", Steps: []Step{{Kind: Key, Name: "hostname"}}}
	e := &Logic{Op: And, X: &Comparison{Path: name, Op: IsNull, Not: true}, Y: &Logic{
		Op: Or,
		X:  &Comparison{Path: host, Op: Equal, Value: &Literal{Kind: WordLit, Value: entity.StringValue("h")}},
		Y:  &Comparison{Path: name, Op: In, Not: true, Value: &List{Items: []Operand{&Reference{Variable: "v", Attr: "name"}}}},
	}}
	for center, want := range map[string]string{
		"":        "process:name IS NOT NULL AND (x-oca-asset:hostname = 'h' OR process:name NOT IN (v.name))",
		"process": "name IS NOT NULL AND (x-oca-asset:hostname = 'h' OR name NOT IN (v.name))",
	} {
		if got := ExprString(e, center); got != want {
			t.Errorf("ExprString(e, %q) = %q, want %q", center, got, want)
		}
	}
}
