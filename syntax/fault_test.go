// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/diag"
)

// faults lists the diagnostics of a text: line:column, code, message, and what
// the first fix would write.
func faults(text string) []string {
	file := &diag.File{Name: "test.hf", Text: text}
	_, diags := Parse(file)
	var list []string
	for _, d := range diags {
		at := file.Position(d.Span.Start)
		s := fmt.Sprintf("%d:%d %s: %s", at.Line, at.Column, d.Code, d.Message)
		for _, fix := range d.Fixes {
			s += fmt.Sprintf(" [%s]", fix.Edits[0].New)
		}
		list = append(list, s)
	}
	return list
}

func TestFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in, want string
	}{
		{"no type (C21)", "get ? network-traffic from file://x where a = 1",
			"1:5 unexpected-character: expected an entity type, found ?"},
		{"from read as the type (C22)", "get from file://x where",
			"1:10 unexpected-token: expected FROM or WHERE, found file://x"},
		{"no condition (C23)", "get process from file://x",
			"1:26 unexpected-token: expected WHERE, found the end of the hunt"},
		{"neither command nor assignment (C24)", "garbage",
			"1:8 unexpected-token: expected = after garbage, found the end of the hunt"},
		{"an argument without a value (C15)", "apply xyz://a on foo with x=1, y",
			"1:33 unexpected-token: expected =, found the end of the hunt"},
		{"a misspelt command", "DSIP x", "1:1 unexpected-token: expected a command or an assignment, found DSIP [DISP]"},
		{"a misspelt producer", "x = GTE process FROM y WHERE a = 1", "1:5 unexpected-token: GTE is no command [GET]"},
		{"a misspelt clause", "DISP x WHRE name = 'b'", "1:8 unexpected-token: expected a command or an assignment, found WHRE [WHERE]"},
		{"a misspelt source clause", "GET file FORM y WHERE a = 1", "1:10 unexpected-token: expected FROM or WHERE, found FORM [FROM]"},
		{"a misspelt operator", "DISP x WHERE name LKE 'a'", "1:19 unexpected-token: expected a comparison operator, found LKE [LIKE]"},
		{"a misspelt by", "FIND process CREATED YB x", "1:22 unexpected-token: expected BY or one variable, found YB [BY]"},
		{"a misspelt unit", "GET file WHERE a = 1 LAST 5 minuts", "1:29 unexpected-token: expected a unit of time, found minuts [MINUTES]"},
		{"a misspelt aggregate", "GROUP a BY b WITH cuont(c)", "1:19 unexpected-token: expected an aggregate function, found cuont [COUNT]"},
		{"created_by", "FIND process created_by x", "1:14 unexpected-token: a relation has only letters, found created_by [CREATED BY]"},
		{"the result of a display", "x = DISP y", "1:5 unexpected-token: DISP has no result to assign"},
		{"clauses in the wrong order", "DISP x LIMIT 3 SORT BY y", "1:16 unexpected-token: expected a command or an assignment, found SORT"},
		{"a merge with a clause", "x = y + z LIMIT 3", "1:11 unexpected-token: expected a command or an assignment, found LIMIT"},
		{"a missing AND", "DISP x WHERE a = 1 b = 2", "1:20 unexpected-token: expected a command or an assignment, found b"},
		{"brackets twice", "DISP x WHERE [a = 1] AND [b = 2]", "1:22 unexpected-token: expected a command or an assignment, found AND"},
		{"brackets within brackets", "DISP x WHERE [[a = 1]]", "1:15 unexpected-token: expected an attribute, found ["},
		{"an open parenthesis", "DISP x WHERE (a = 1\nDISP y", "1:20 unexpected-token: expected AND, OR or ) before the next step"},
		{"not before a comparison", "DISP x WHERE NOT a = 1", "1:14 unexpected-token: NOT cannot stand before a comparison"},
		{"not before a sign", "DISP x WHERE a NOT = 1", "1:20 unexpected-token: expected a comparison operator, found ="},
		{"<>", "DISP x WHERE a <> 1", "1:16 unexpected-token: <> is no comparison operator [!=]"},
		{"is without null", "DISP x WHERE a IS 'b'", "1:19 unexpected-token: expected NULL or NOT NULL, found 'b'"},
		{"an index", "DISP x ATTR a[0]", "1:14 unexpected-token: only [*] may follow the name of a list, found [0]"},
		{"an unfinished attribute", "DISP x ATTR a. SORT BY b", "1:14 unexpected-token: expected a name after a."},
		{"every attribute", "DISP x ATTR *", "1:13 unexpected-token: expected an attribute, found *"},
		{"a type where none stands", "DISP x ATTR process:name", "1:13 unexpected-token: an attribute has a type before it only after WHERE, found process: []"},
		{"an empty list", "DISP x WHERE a IN ()", "1:20 unexpected-token: expected a value, found )"},
		{"an unknown prefix", "DISP x WHERE a = R'b'", "1:18 unexpected-token: a string has no prefix R []"},
		{"three quotes", "DISP x WHERE a = '''b'''", "1:20 unexpected-token: expected a command or an assignment, found 'b'"},
		{"an open string", "DISP x WHERE a = 'b\nDISP y", "1:18 unterminated-string: the line ends inside this string"},
		{"a backslash at the end of the line", "DISP x WHERE a = 'b\\\n'", "1:18 unterminated-string: the line ends inside this string"},
		{"an address without quotes", "DISP x WHERE a = 10.0.0.1", "1:18 invalid-number: 10.0.0.1 is not a number ['10.0.0.1']"},
		{"a hexadecimal number", "DISP x WHERE a = 0x10", "1:18 invalid-number: 0x10 is not a number"},
		{"a large number", "DISP x WHERE a = 99999999999999999999", "1:18 invalid-number: the number 99999999999999999999 does not fit into 64 bits"},
		{"a negative limit", "DISP x LIMIT -1", "1:14 invalid-number: expected a whole number from 0, found -1"},
		{"a fraction of a limit", "DISP x LIMIT 1.5", "1:14 invalid-number: expected a whole number, found 1.5"},
		{"bins of nothing", "GROUP a BY BIN(b, 0)", "1:19 invalid-number: expected a whole number from 1, found 0"},
		{"a long time", "GET a WHERE b = 1 LAST 200000 DAYS", "1:24 invalid-number: expected at most 292 years, found 200000 DAYS"},
		{"an impossible month", "GET a WHERE b = 1 START 2022-19-01T00:00:00Z STOP 2023-01-01T00:00:00Z",
			"1:25 invalid-time: 2022-19-01T00:00:00Z is not a timestamp: there is no month 19"},
		{"a date without a time", "GET a WHERE b = 1 START '2022-11-01' STOP 2023-01-01T00:00:00Z",
			"1:25 invalid-time: 2022-11-01 is not a timestamp"},
		{"words for a time", "GET a WHERE b = 1 START 5 days ago STOP now", "1:25 invalid-time: 5 is not a timestamp"},
		{"a source with a port", "GET a FROM http://b:80/c WHERE d = 1", "1:20 unexpected-token: : cannot stand in a path without quotes ['http://b:80/c']"},
		{"a source list with blanks", "GET a FROM b, c WHERE d = 1", "1:13 unexpected-token: a list of sources has no blanks around its commas"},
		{"a scheme alone", "GET a FROM file:// WHERE d = 1", "1:19 unexpected-token: expected a name after file://"},
		{"a variable with a hyphen", "a-b = c", "1:2 unexpected-token: expected = after a, found -"},
		{"a semicolon", "a = b;\nDISP a", "1:6 unexpected-character: expected a command or an assignment, found ; []"},
		{"quotes of a word processor", "DISP x WHERE a = “b”", "1:18 unexpected-character: expected a value, found “ (U+201C) [\"]"},
		{"a byte that is no text", "DISP x WHERE a = 'b\xff'", "1:20 unexpected-character: a string must be UTF-8, found the byte 0xFF"},
		{"a control character", "DISP \x1b", "1:6 unexpected-character: expected a variable, found \\x1b"},
		{"data without a comma", `NEW file ["a" "b"]`, `1:15 invalid-json: expected , or ], found "b"`},
		{"a comma too many", `NEW file ["a",]`, "1:15 invalid-json: expected a string, found ] []"},
		{"no data", "NEW file []", "1:11 invalid-json: expected a string or an object, found ]"},
		{"strings and objects", `NEW file ["a", {"b": 1}]`, "1:16 invalid-json: expected a string, found {"},
		{"no value", `NEW file [{"a": }]`, "1:17 invalid-json: expected a value, found }"},
		{"a key twice", `NEW file [{"a": 1, "b": 2, "a": 3}]`, "1:28 invalid-json: this object has a twice"},
		{"a nested key twice", `NEW file [{"a": {"b": 2, "b": 3}}]`, "1:26 invalid-json: this object has b twice"},
		{"no data at all", "x = NEW process", "1:16 unexpected-token: expected [, found the end of the hunt"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(faults(tt.in), "\n"); got != tt.want {
				t.Errorf("Parse(%q) reports\n%s\nwant\n%s", tt.in, got, tt.want)
			}
		})
	}
}

// TestRecovery covers blocks with several faults: each is reported, and none
// brings another.
func TestRecovery(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		want     []string
	}{
		{"a fault in each step",
			"a = GTE process FROM x WHERE b = 1\nDISP a ATTR\nSAVE a TOO f.csv\nb = a",
			[]string{
				"1:5 unexpected-token: GTE is no command [GET]",
				"2:12 unexpected-token: expected an attribute before the next step",
				"3:8 unexpected-token: expected TO, found TOO [TO]",
			}},
		{"faults that leave the step intact",
			`a = GET file FROM x WHERE name = '\xZZ' AND size = 99999999999999999999 START 2022-02-30T00:00:00Z STOP 2022-13-01T00:00:00Z`,
			[]string{
				`1:35 invalid-escape: \x needs 2 hexadecimal digits`,
				"1:52 invalid-number: the number 99999999999999999999 does not fit into 64 bits",
				"1:79 invalid-time: 2022-02-30T00:00:00Z is not a timestamp: February 2022 has no day 30",
				"1:105 invalid-time: 2022-13-01T00:00:00Z is not a timestamp: there is no month 13",
			}},
		{"the lines of one broken condition",
			"a = GET process FROM x\n    WHERE name == = 'y'\n      AND pid = 3\n      AND name = cmd\nb = a",
			[]string{"2:19 unexpected-token: expected a value, found ="}},
		{"data over several lines",
			"a = NEW process [\n  {\"name\": \"x\"}\n  {\"name\": \"y\"},\n  {\"name\": \"z\"}\n]\nDISP a b\n",
			[]string{
				"3:3 invalid-json: expected , or ], found {",
				"6:8 unexpected-token: expected a command or an assignment, found b",
			}},
		{"a step missing from its line",
			"a = GET process FROM\nb = GET process FROM x WHERE pid =\nc = b",
			[]string{
				"1:21 unexpected-token: expected a data source before the next step",
				"2:35 unexpected-token: expected a value before the next step",
			}},
		{"indented steps",
			"    a = x y\n    b = GET z\n      c = GET process WHERE d = 1 AND\n    DISP c",
			[]string{
				"1:11 unexpected-token: expected a command or an assignment, found y",
				"2:14 unexpected-token: expected FROM or WHERE before the next step",
				"3:38 unexpected-token: expected an attribute before the next step",
			}},
		{"swapped words", "x DISP ATTR name\nDISP y", []string{"1:3 unexpected-token: expected = after x, found DISP"}},
		{"prose", "This is not a hunt, it is\na text of several lines; it's\nlong", []string{
			"1:6 unexpected-token: expected = after This, found is",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, faults(tt.in)); diff != "" {
				t.Errorf("Parse(%q) reports (-want +got):\n%s", tt.in, diff)
			}
		})
	}
}

// TestRelated checks that an open bracket is shown where its end is missed.
func TestRelated(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"DISP x WHERE ^(a = 1 DISP y", "DISP x WHERE ^[a = 1 DISP y", "DISP x WHERE a IN ^(1, 2 DISP y",
		`NEW file ^["a" "b"`, `NEW file [^{"a": 1 "b"`, `NEW file [{"a": ^[1 2`, `NEW file [{"a": ^{"b": 2 3`,
	} {
		text, want := strings.Replace(in, "^", "", 1), strings.Index(in, "^")
		_, diags := Parse(&diag.File{Text: text})
		if len(diags) != 1 || len(diags[0].Related) != 1 || diags[0].Related[0].Span.Start != want {
			t.Errorf("Parse(%q) = %+v, want one diagnostic related to %d", text, diags, want)
		}
	}
}

func TestBadStmt(t *testing.T) {
	t.Parallel()
	hunt, _ := Parse(&diag.File{Text: "a = GET process FROM x WHERE\nDISP a\nb = ?"})
	var got []string
	for _, s := range hunt.Stmts {
		name := ""
		if v := Target(s); v != nil {
			name = v.Name
		}
		got = append(got, fmt.Sprintf("%T %q %q", s, name, s.Span().Text()))
	}
	want := []string{
		`*syntax.BadStmt "a" "a = GET process FROM x WHERE"`,
		`*syntax.DispStmt "" "DISP a"`,
		`*syntax.BadStmt "b" "b = ?"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	part, ok := hunt.Stmts[0].(*BadStmt).Part.(*GetStmt)
	if !ok || part.From.Text != "x" {
		t.Errorf("the part of the first step is %#v", hunt.Stmts[0])
	}
}

func TestDepth(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat
	for _, tt := range []struct {
		name, in string
		want     int
	}{
		{"parentheses", "DISP x WHERE " + deep("(", maxDepth) + "a = 1" + deep(")", maxDepth), 0},
		{"too many parentheses", "DISP x WHERE " + deep("(", 100_000) + "a = 1" + deep(")", 100_000) + "\nDISP y", 1},
		{"lists", "DISP x WHERE a IN " + deep("(", 100_000) + "1" + deep(")", 100_000), 1},
		{"data", `NEW file [{"a": ` + deep("[", 100_000) + deep("]", 100_000) + "}]", 1},
		{"objects", `NEW file [{"a": ` + deep(`{"a": `, 100_000) + "1", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, diags := Parse(&diag.File{Text: tt.in})
			if len(diags) != tt.want || tt.want > 0 && diags[0].Code != diag.TooDeep {
				t.Errorf("Parse reports %v, want %d of code %s", diags, tt.want, diag.TooDeep)
			}
		})
	}
}

// TestManyFaults covers a text that is one great fault.
func TestManyFaults(t *testing.T) {
	t.Parallel()
	in := "DISP x WHERE a = '" + strings.Repeat(`\xZ\N{`, 100_000) + "'"
	if _, diags := Parse(&diag.File{Text: in}); len(diags) != maxFaults {
		t.Errorf("Parse reports %d faults, want %d", len(diags), maxFaults)
	}
}

// TestFixes applies every fix of every fault and wants the fault gone.
func TestFixes(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"DSIP x", "x = GTE process FROM y WHERE a = 1", "DISP x WHRE name = 'b'", "FIND process CREATED YB x",
		"FIND process created_by x", "DISP x WHERE a <> 1", "DISP x ATTR process:name", "DISP x WHERE a = R'b'",
		"DISP x WHERE a = 10.0.0.1", "GET a FROM http://b:80/c WHERE d = 1", "a = b;", `NEW file ["a",]`,
	} {
		_, diags := Parse(&diag.File{Text: in})
		if len(diags) != 1 || len(diags[0].Fixes) == 0 {
			t.Errorf("Parse(%q) offers no fix: %v", in, diags)
			continue
		}
		edit := diags[0].Fixes[0].Edits[0]
		fixed := in[:edit.Span.Start] + edit.New + in[edit.Span.End:]
		if after := faults(fixed); len(after) > 0 {
			t.Errorf("the fix of %q gives %q: %v", in, fixed, after)
		}
	}
}

// TestHints checks that what a fault needs said is said once.
func TestHints(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"DISP x LIMIT 3 SORT BY y":                     "the order is WHERE, ATTR, SORT BY, LIMIT, OFFSET, each at most once",
		"GET a WHERE b = 1 LIMIT 3 LAST 5 d":           "the order is FROM, WHERE, START or LAST, LIMIT, each at most once",
		"FIND a LINKED b LIMIT 3 WHERE c = 1":          "the order is BY, WITHIN, WHERE, START or LAST, LIMIT, each at most once",
		"x = y + z LIMIT 3":                            "a merge has no clauses: assign it first",
		"DISP x WHERE a = 1 b = 2":                     "AND or OR joins two comparisons",
		"DISP x ATTR a b":                              "a comma separates the items of a list",
		"DISP x WHERE [a = 1] AND [b = 2]":             "one pair of brackets holds the whole condition",
		"FROM GET process":                             "a step begins with a command, or with a variable and =",
		"a-b = c":                                      "the name of a variable has no hyphen",
		"DISP x WHERE a = 'b":                          "close it with '",
		"GET a WHERE b = 1 START 2022-19-01T00:00:00Z": "write UTC as 2022-07-01T00:00:00Z",
	} {
		_, diags := Parse(&diag.File{Text: in})
		if !slices.ContainsFunc(diags, func(d diag.Diagnostic) bool { return d.Hint == want }) {
			t.Errorf("Parse(%q) = %+v, want the hint %q", in, diags, want)
		}
	}
}
