// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
)

// sameTree compares trees but for positions.
var sameTree = cmp.Options{
	cmp.Comparer(func(a, b diag.Span) bool { return true }),
	cmp.Comparer(func(a, b entity.Value) bool { return a == b }),
}

// parseGood parses a text that has no fault.
func parseGood(t *testing.T, text string) *Hunt {
	t.Helper()
	hunt, diags := Parse(&diag.File{Name: "test.hf", Text: text})
	if len(diags) > 0 {
		t.Fatalf("Parse(%q): %v", text, diags)
	}
	return hunt
}

// checkFormat checks that a text without faults keeps its tree and its comments
// when it is formatted, and that formatting it again changes nothing. It returns
// the formatted text.
func checkFormat(t *testing.T, text string) string {
	t.Helper()
	hunt := parseGood(t, text)
	formatted := Format(hunt)
	again, diags := Parse(&diag.File{Name: "test.hf", Text: formatted})
	if len(diags) > 0 {
		t.Fatalf("Parse(Format(%q)) = %v\n%s", text, diags, formatted)
	}
	if diff := cmp.Diff(hunt.Stmts, again.Stmts, sameTree); diff != "" {
		t.Errorf("Format changes the tree of %q (-before +after):\n%s\n%s", text, diff, formatted)
	}
	if got := Format(again); got != formatted {
		t.Errorf("Format is not stable over %q:\n%s\nthen:\n%s", text, formatted, got)
	}
	if got, want := commentsOf(again), commentsOf(hunt); got != want {
		t.Errorf("Format(%q) has comments %q, want %q", text, got, want)
	}
	return formatted
}

// commentsOf returns the words of all comments. Two comments may become one line
// of comment, never the other way round.
func commentsOf(h *Hunt) string {
	var b strings.Builder
	for _, tok := range h.Tokens {
		if tok.Kind == Comment {
			for word := range strings.FieldsSeq(tok.At.Text()) {
				b.WriteString(strings.TrimLeft(word, "#"))
			}
		}
	}
	return b.String()
}

func TestFormat(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in, want string
	}{
		{"keywords in capitals", "disp procs attr name", "DISP procs ATTR name"},
		{"one blank", "a  =  get file where\tx=1", "a = GET file WHERE x = 1"},
		{"strings as written", `a = b WHERE name = "A b" AND path = r'C:\x'`, `a = b WHERE name = "A b" AND path = r'C:\x'`},
		{"steps in lines of their own", "a = b c = d", "a = b\nc = d"},
		{"of empty lines one stays", "a = b\n\n\n\nc = d\ne = f", "a = b\n\nc = d\ne = f"},
		{"operators", "a = b where x == 1 and y not in [1,(2,3)] or z is not null",
			"a = b WHERE x = 1 AND y NOT IN (1, 2, 3) OR z IS NOT NULL"},
		{"written parentheses stay", "a = b where (x = 1 and y = 2) or ((z = 3))",
			"a = b WHERE (x = 1 AND y = 2) OR (z = 3)"},
		{"brackets stay", "a = b where [ p:x = 1 ]", "a = b WHERE [p:x = 1]"},
		{"every clause", "disp timestamped( a ) where x=1 attr b , c sort by d desc limit 3 offset 2",
			"DISP TIMESTAMPED(a) WHERE x = 1 ATTR b, c SORT BY d DESC LIMIT 3 OFFSET 2"},
		{"get", "a = get ipv4-addr from file://a,b where value = 'x' start 2022-07-01T00:00:00Z stop t'2022-08-01T00:00:00Z' limit 5",
			"a = GET ipv4-addr FROM file://a,b\n" +
				"    WHERE value = 'x'\n" +
				"    START 2022-07-01T00:00:00Z STOP t'2022-08-01T00:00:00Z'\n" +
				"    LIMIT 5"},
		{"units in full", "a = get file where x=1 last 5m b = get file where x=1 last 1 d",
			"a = GET file WHERE x = 1 LAST 5 MINUTES\nb = GET file WHERE x = 1 LAST 1 DAY"},
		{"find", "a = find process created by b within 3 hops where x = 1 limit 2",
			"a = FIND process CREATED BY b WITHIN 3 HOPS WHERE x = 1 LIMIT 2"},
		{"group", "g = group a by b, bin(c,5m) with count(*) as n, max(d)",
			"g = GROUP a BY b, BIN(c, 5 MINUTES) WITH COUNT(*) AS n, MAX(d)"},
		{"join", "j = join a,b by x,y", "j = JOIN a, b BY x, y"},
		{"sort", "sort a by b asc", "SORT a BY b ASC"},
		{"apply", "apply python://x on a,b with x = 1, y=(a,b . c), z = 'q'",
			"APPLY python://x ON a, b WITH x=1, y=(a, b.c), z='q'"},
		{"load and save", "a = load data/x.csv as process save a to 'b c.csv'",
			"a = LOAD data/x.csv AS process\nSAVE a TO 'b c.csv'"},
		{"merge", "a=b+c  + d", "a = b + c + d"},
		{"info, describe, explain, why", "info a describe a . b explain analyze a explain a why a why a[ 3 ].b",
			"INFO a\nDESCRIBE a.b\nEXPLAIN ANALYZE a\nEXPLAIN a\nWHY a\nWHY a[3].b"},
		{"attributes as written", "disp a attr hashes.SHA-256, hashes.'SHA-1', x_refs[*].y",
			"DISP a ATTR hashes.SHA-256, hashes.'SHA-1', x_refs[*].y"},
		{"new strings", `p = new process ['a',"b"]`, `p = NEW process ['a', "b"]`},
		{"new objects", `p = new [{"a":1,'b':TRUE,"c":{"d":[1,{}], "e" : NULL}}]`,
			`p = NEW [{"a": 1, 'b': true, "c": {"d": [1, {}], "e": null}}]`},
		{"data the author broke", "p = NEW process [ {\"name\": \"cmd.exe\"}\n, {\"name\": \"x\"} ]",
			"p = NEW process [\n    {\"name\": \"cmd.exe\"},\n    {\"name\": \"x\"}\n]"},
		{"clauses the author broke", "procs = GET process\n  FROM x WHERE a = 1 AND b = 2",
			"procs = GET process FROM x WHERE a = 1 AND b = 2"},
		{"conditions the author broke", "procs = GET process FROM x\n  WHERE a = 1\n AND b = 2 OR (c = 3 AND\n d = 4)\nLIMIT 3",
			"procs = GET process FROM x\n" +
				"        WHERE a = 1\n" +
				"          AND b = 2\n" +
				"           OR (c = 3\n" +
				"               AND d = 4)\n" +
				"        LIMIT 3"},
		{"a long step", "processes = GET process FROM stixshifter://host101 WHERE name = 'powershell.exe' AND command_line LIKE '%-enc%'",
			"processes = GET process FROM stixshifter://host101\n" +
				"            WHERE name = 'powershell.exe' AND command_line LIKE '%-enc%'"},
		{"a long condition", "p = GET process FROM stixshifter://host101 WHERE name = 'powershell.exe' AND command_line LIKE '%-enc%' AND parent_ref.name = 'winword64.exe'",
			"p = GET process FROM stixshifter://host101\n" +
				"    WHERE name = 'powershell.exe'\n" +
				"      AND command_line LIKE '%-enc%'\n" +
				"      AND parent_ref.name = 'winword64.exe'"},
		{"a long list", "p = x WHERE name IN ('aaaaaaaaaaaaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'cccccccccccccccccccccccc', 'dd')",
			"p = x\n" +
				"    WHERE name IN ('aaaaaaaaaaaaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',\n" +
				"                   'cccccccccccccccccccccccc', 'dd')"},
		{"a long name", "a_variable_with_a_very_long_name = GET process\nFROM x\nWHERE y = 1",
			"a_variable_with_a_very_long_name = GET process FROM x\n    WHERE y = 1"},
		{"comments", "# first\n\na = b # trailing\n# before\n# and more\nDISP a\n#last",
			"# first\n\na = b  # trailing\n# before\n# and more\nDISP a\n#last"},
		{"comments within", "a = GET process # type\n# where from\nFROM b # source\nWHERE x = 1 # one\n# two\nAND y = 2 # end",
			"a = GET process  # type\n" +
				"    # where from\n" +
				"    FROM b  # source\n" +
				"    WHERE x = 1  # one\n" +
				"      # two\n" +
				"      AND y = 2  # end"},
		{"comments in data", "a = NEW process [ # data\n {\"a\": 1} # one\n, {\"a\": 2}\n# end\n]",
			"a = NEW process [  # data\n" +
				"    {\"a\": 1},  # one\n" +
				"    {\"a\": 2}\n" +
				"    # end\n" +
				"]"},
		{"comments where no line can break", "DISP # a\n # b\n x # c\nDISP y",
			"DISP x  # a\n# b\n# c\nDISP y"},
		{"nothing but a comment", "\n\n  # x  \n", "# x"},
		{"a byte order mark", "\uFEFFDISP a", "DISP a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := checkFormat(t, tt.in); got != tt.want+"\n" {
				t.Errorf("Format(Parse(%q)) =\n%s\nwant\n%s", tt.in, got, tt.want)
			}
		})
	}
}

func TestFormatNothing(t *testing.T) {
	t.Parallel()
	if got := checkFormat(t, " \n\t\n"); got != "" {
		t.Errorf("Format of blanks = %q, want nothing", got)
	}
}

// commented returns the texts that a comment, in a line of its own or not, gives
// at every n-th place between two tokens of text.
func commented(text string, every int) []string {
	hunt, _ := Parse(&diag.File{Text: text})
	comments := [...]string{" # c\n", "\n# c\n", "\n", " # c\n # d\n\n# e\n"}
	var list []string
	for i := 0; i < len(comments)*len(hunt.Tokens); i += every {
		at := hunt.Tokens[i/len(comments)].At.Start
		list = append(list, text[:at]+comments[i%len(comments)]+text[at:])
	}
	return list
}

// TestFormatComments puts comments into every place of texts without faults.
func TestFormatComments(t *testing.T) {
	t.Parallel()
	for _, seed := range seeds {
		if _, diags := Parse(&diag.File{Text: seed}); len(diags) > 0 {
			continue
		}
		for _, text := range commented(seed, 1) {
			if _, diags := Parse(&diag.File{Text: text}); len(diags) == 0 {
				checkFormat(t, text)
			}
		}
	}
}
