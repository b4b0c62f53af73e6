// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// one parses a text that is one step without a fault.
func one[S Stmt](t *testing.T, text string) S {
	t.Helper()
	hunt := parseGood(t, text)
	if len(hunt.Stmts) != 1 {
		t.Fatalf("Parse(%q) gives %d steps, want 1", text, len(hunt.Stmts))
	}
	s, ok := hunt.Stmts[0].(S)
	if !ok {
		t.Fatalf("Parse(%q) gives a %T", text, hunt.Stmts[0])
	}
	return s
}

func id(name string) *Ident { return &Ident{Name: name} }

func attr(names ...string) *Attr {
	steps := keys(names...)
	return &Attr{Name: stix.AttrName(steps), Path: stix.Path{Steps: steps}}
}

func keys(names ...string) []stix.Step {
	var steps []stix.Step
	for _, name := range names {
		if name == "[*]" {
			steps = append(steps, stix.Step{Kind: stix.Star})
		} else {
			steps = append(steps, stix.Step{Kind: stix.Key, Name: name})
		}
	}
	return steps
}

func number(n int64, raw string) *stix.Literal {
	return &stix.Literal{Kind: stix.IntLit, Value: entity.IntValue(n), Raw: raw}
}

func str(s, raw string) *stix.Literal {
	return &stix.Literal{Kind: stix.StringLit, Value: entity.StringValue(s), Raw: raw}
}

func word(s string) *stix.Literal {
	return &stix.Literal{Kind: stix.WordLit, Value: entity.StringValue(s), Raw: s}
}

func compare(op stix.Op, value stix.Operand, names ...string) *stix.Comparison {
	return &stix.Comparison{Path: stix.Path{Steps: keys(names...)}, Op: op, Value: value}
}

// TestParse covers every command. Here and in other tests, Cnn and Qnn are the
// numbers of conformance cases and of defects of the original in the language's
// specification.
func TestParse(t *testing.T) {
	t.Parallel()
	x1 := &WhereClause{Expr: compare(stix.Equal, number(1, "1"), "x")}
	tests := []struct {
		name, in string
		want     Stmt
	}{
		{"assign", "a = b", &AssignStmt{Var: id("a"), Expr: &SelectExpr{Var: id("b")}}},
		{"every clause", "a = RECORDS ( b ) WHERE x = 1 ATTR c , d.e SORT BY f DESC LIMIT 3 OFFSET 0", &AssignStmt{
			Var: id("a"),
			Expr: &SelectExpr{
				Transform: Records, Var: id("b"), Where: x1,
				Attrs: &AttrClause{Attrs: []*Attr{attr("c"), attr("d", "e")}},
				Sort:  &SortClause{By: attr("f"), Order: Descending},
				Limit: &IntLit{Value: 3}, Offset: &IntLit{},
			},
		}},
		{"merge", "a = b + c + _d", &MergeStmt{Var: id("a"), Inputs: []*Ident{id("b"), id("c"), id("_d")}}},
		{"get", "GET x-foo FROM file://a,b/*.json WHERE x = 1 LIMIT 2", &GetStmt{
			Type: id("x-foo"), From: &Locator{Text: "file://a,b/*.json"}, Where: x1, Limit: &IntLit{Value: 2},
		}},
		{"get from a quoted source (C04)", `a = get url from "udi://My \"Source\"" where x = 1`, &GetStmt{
			Var: id("a"), Type: id("url"), From: &Locator{Text: `udi://My "Source"`, Quoted: true}, Where: x1,
		}},
		{"find", "a = FIND process Created BY b WITHIN 3 HOPS WHERE x = 1 LAST 2 h", &FindStmt{
			Var: id("a"), Type: id("process"), Relation: id("created"), By: true, Input: id("b"),
			Hops: &IntLit{Value: 3}, Where: x1, Time: &TimeRange{Last: &Duration{Count: 2, Unit: Hour}},
		}},
		{"new strings", `NEW file ["a", 'b\u00e9', "\ud83d\ude00\/"]`, &NewStmt{
			Type: id("file"),
			Strings: []*NewValue{
				{Value: entity.StringValue("a")}, {Value: entity.StringValue("bé")}, {Value: entity.StringValue("😀/")},
			},
		}},
		{"new objects", `a = NEW [{"n": "x", 'i': -1, "f": 1e3, "g": .5, "t": True, "z": NULL, "l": [1, +2, {"k": 'v"'}]}]`, &NewStmt{
			Var: id("a"),
			Objects: []*NewObject{{Pairs: []*NewPair{
				{Key: "n", Value: &NewValue{Value: entity.StringValue("x")}},
				{Key: "i", Value: &NewValue{Value: entity.IntValue(-1)}},
				{Key: "f", Value: &NewValue{Value: entity.FloatValue(1000)}},
				{Key: "g", Value: &NewValue{Value: entity.FloatValue(0.5)}},
				{Key: "t", Value: &NewValue{Value: entity.BoolValue(true)}},
				{Key: "z", Value: &NewValue{}},
				{Key: "l", Value: &NewValue{Value: entity.JSONValue(`[1,2,{"k":"v\""}]`)}},
			}}},
		}},
		{"load", "a = LOAD ../x.csv AS ipv4-addr", &LoadStmt{
			Var: id("a"), Path: &Locator{Text: "../x.csv"}, Type: id("ipv4-addr"),
		}},
		{"save", "SAVE a TO '~/x.csv'", &SaveStmt{Input: id("a"), Path: &Locator{Text: "~/x.csv", Quoted: true}}},
		{"sort", "SORT a BY b", &SortStmt{Input: id("a"), By: attr("b")}},
		{"group (C16)", "g = group a by b, BIN(c, 5 m), bin with sum(b), MAX(d) AS big, count(*)", &GroupStmt{
			Var: id("g"), Input: id("a"),
			Keys: []*GroupKey{{Attr: attr("b")}, {Attr: attr("c"), Bin: &IntLit{Value: 5}, Unit: Minute}, {Attr: attr("bin")}},
			Aggs: []*Aggregate{{Func: Sum, Attr: attr("b")}, {Func: Max, Attr: attr("d"), Alias: id("big")}, {Func: Count}},
		}},
		{"join", "j = JOIN a, b BY x.y, z", &JoinStmt{
			Var: id("j"), Left: id("a"), Right: id("b"), LeftBy: attr("x", "y"), RightBy: attr("z"),
		}},
		{"join without keys", "JOIN a, b", &JoinStmt{Left: id("a"), Right: id("b")}},
		{"apply (C12, C13)", "apply x://a on v, w with x=1, y=(a, b.c,'d'), z=0.1", &ApplyStmt{
			Analytics: &Locator{Text: "x://a"}, Inputs: []*Ident{id("v"), id("w")},
			Args: []*Argument{
				{Key: id("x"), Value: number(1, "1")},
				{Key: id("y"), Value: &stix.List{Items: []stix.Operand{
					word("a"), &stix.Reference{Variable: "b", Attr: "c"}, str("d", "'d'"),
				}}},
				{Key: id("z"), Value: &stix.Literal{Kind: stix.FloatLit, Value: entity.FloatValue(0.1), Raw: "0.1"}},
			},
		}},
		{"an argument with a URL (C14)", "APPLY a ON b WITH u='https://x:y@z/'", &ApplyStmt{
			Analytics: &Locator{Text: "a"}, Inputs: []*Ident{id("b")},
			Args: []*Argument{{Key: id("u"), Value: str("https://x:y@z/", "'https://x:y@z/'")}},
		}},
		{"disp", "DISP a", &DispStmt{Expr: &SelectExpr{Var: id("a")}}},
		{"info", "INFO a", &InfoStmt{Input: id("a")}},
		{"describe (C17)", "describe v . attr", &DescribeStmt{Input: id("v"), Attr: attr("attr")}},
		{"explain", "EXPLAIN a", &ExplainStmt{Input: id("a")}},
		{"explain analyze", "explain analyze a", &ExplainStmt{Analyze: true, Input: id("a")}},
		{"explain a variable named analyze", "explain analyze", &ExplainStmt{Input: id("analyze")}},
		{"why", "WHY a", &WhyStmt{Input: id("a")}},
		{"why a value", "WHY a[3].parent_ref.name", &WhyStmt{
			Input: id("a"), Row: &IntLit{Value: 3}, Attr: attr("parent_ref", "name"),
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, one[Stmt](t, tt.in), sameTree); diff != "" {
				t.Errorf("Parse(%q) differs (-want +got):\n%s", tt.in, diff)
			}
		})
	}
}

func TestParseCondition(t *testing.T) {
	t.Parallel()
	a, b, c := compare(stix.Equal, number(1, "1"), "a"), compare(stix.Equal, number(2, "2"), "b"), compare(stix.Equal, number(3, "3"), "c")
	list := func(items ...stix.Operand) *stix.List { return &stix.List{Items: items} }
	not := func(c *stix.Comparison) *stix.Comparison { c.Not = true; return c }
	typed := func(typ string, c *stix.Comparison) *stix.Comparison { c.Path.Type = typ; return c }
	pid := func(op stix.Op, value stix.Operand) *stix.Comparison { return compare(op, value, "pid") }
	tests := []struct {
		name, in string
		want     stix.Expr
	}{
		{"and binds tighter", "a = 1 OR b = 2 AND c = 3", &stix.Logic{Op: stix.Or, X: a, Y: &stix.Logic{Op: stix.And, X: b, Y: c}}},
		{"chains lean left", "a = 1 and b = 2 and c = 3", &stix.Logic{Op: stix.And, X: &stix.Logic{Op: stix.And, X: a, Y: b}, Y: c}},
		{"parentheses", "(a = 1 OR b = 2) AND c = 3", &stix.Logic{Op: stix.And, X: &stix.Logic{Op: stix.Or, X: a, Y: b}, Y: c}},
		{"equals twice", "a == 1", a},
		{"in (C02)", "pid IN (1, 2, 3)", pid(stix.In, list(number(1, "1"), number(2, "2"), number(3, "3")))},
		{"nested lists (C18)", "pid IN (1,(2,3),[4])", pid(stix.In, list(number(1, "1"), number(2, "2"), number(3, "3"), number(4, "4")))},
		{"a list of one (C19)", "pid IN (99)", pid(stix.In, list(number(99, "99")))},
		{"signs (C20)", "pid = -1", pid(stix.Equal, number(-1, "-1"))},
		{"a list without in (C03)", "pid = (1,2)", pid(stix.Equal, list(number(1, "1"), number(2, "2")))},
		{"in without a list (C03)", "pid IN 'a'", pid(stix.In, str("a", "'a'"))},
		{"not", "pid not in [1]", not(pid(stix.In, list(number(1, "1"))))},
		{"null", "pid IS NULL", pid(stix.IsNull, nil)},
		{"not null", "pid is not null", not(pid(stix.IsNull, nil))},
		{"a reference", "pid = a . b.c", pid(stix.Equal, &stix.Reference{Variable: "a", Attr: "b.c"})},
		{"a bare word", "pid = true-ish", pid(stix.Equal, word("true-ish"))},
		{"types (C09)", "x-oca-asset:hostname LIKE '%'", typed("x-oca-asset", compare(stix.Like, str("%", "'%'"), "hostname"))},
		{"a subset (C09)", "dst_ref.value NOT ISSUBSET '192.168.1.0/24'", not(compare(stix.IsSubset, str("192.168.1.0/24", "'192.168.1.0/24'"), "dst_ref", "value"))},
		{"a list step", "opened_connection_refs[*].dst_port > 1", compare(stix.Greater, number(1, "1"), "opened_connection_refs", "[*]", "dst_port")},
		{"hyphens without quotes (Q17)", "hashes.SHA-256 = 1", compare(stix.Equal, number(1, "1"), "hashes", "SHA-256")},
		{"hyphens in quotes", "hashes.'SHA-256' = 1", compare(stix.Equal, number(1, "1"), "hashes", "SHA-256")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, brackets := range []bool{false, true} {
				in := "x = y WHERE " + tt.in
				if brackets {
					in = "x = y WHERE [" + tt.in + "]"
				}
				where := one[*AssignStmt](t, in).Expr.Where
				if diff := cmp.Diff(tt.want, where.Expr, sameTree); diff != "" || where.Bracketed != brackets {
					t.Errorf("Parse(%q): brackets %v; the condition differs (-want +got):\n%s", in, where.Bracketed, diff)
				}
			}
		})
	}
}

// TestParsePattern covers C01: one condition in five spellings.
func TestParsePattern(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"value LIKE '%'", "[value LIKE '%']", "url:value LIKE '%'", "[url:value LIKE '%']", "[\n url:value\n LIKE '%'\n]",
	} {
		s := one[*GetStmt](t, "u = GET url FROM x WHERE "+in)
		c := s.Where.Expr.(*stix.Comparison)
		if c.Path.Attr() != "value" || c.Op != stix.Like || c.Value.(*stix.Literal).Value.Text() != "%" {
			t.Errorf("Parse(%q): condition %s %s", in, c.Path, c.Op)
		}
	}
}

func TestStrings(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in, want string
	}{
		{"quotes in single quotes (C05)", `'po\'wer"xyz".exe'`, `po'wer"xyz".exe`},
		{"quotes in double quotes (C05)", `"po'wer\"xyz\".exe"`, `po'wer"xyz".exe`},
		{"raw (C06)", `r'C:\abc\x.exe'`, `C:\abc\x.exe`},
		{"escaped (C06)", `'C:\\abc\\x.exe'`, `C:\abc\x.exe`},
		{"raw keeps what looks like an escape (C06)", `r"\w\n"`, `\w\n`},
		{"raw keeps the backslash before a quote", `r'a\'b'`, `a\'b`},
		{"raw may end in two backslashes", `r'a\\'`, `a\\`},
		{"unknown escapes keep their backslash", `'cmd\.exe \W C:\Windows'`, `cmd\.exe \W C:\Windows`},
		{"known escapes", `'\a\b\f\n\r\t\v'`, "\a\b\f\n\r\t\v"},
		{"octal", `'\0\101\1234'`, "\x00AS4"},
		{"hexadecimal", `'\x41\u00e9\U0001F600'`, "Aé😀"},
		{"surrogates as in JSON", `'\ud83d\ude00'`, "😀"},
		{"names", `'\N{LATIN SMALL LETTER E WITH ACUTE}\N{greek small letter alpha}\N{CJK UNIFIED IDEOGRAPH-4E2D}'`, "éα中"},
		{"matches (C08)", `'power.+\\d{1,3}\\.exe'`, `power.+\d{1,3}\.exe`},
		{"not ASCII (C37)", `'é😀'`, "é😀"},
		{"empty", `''`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := one[*AssignStmt](t, "x = y WHERE name = "+tt.in)
			l := s.Expr.Where.Expr.(*stix.Comparison).Value.(*stix.Literal)
			if got := l.Value.Text(); got != tt.want || l.Raw != tt.in {
				t.Errorf("the value of %s is %q, want %q; raw %s", tt.in, got, tt.want, l.Raw)
			}
		})
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	start, stop := time.Date(2022, 10, 18, 1, 2, 3, 0, time.UTC), time.Date(2022, 10, 19, 4, 5, 6, 789_123_000, time.UTC)
	for _, in := range []string{
		"START 2022-10-18T01:02:03Z STOP 2022-10-19T04:05:06.789123Z",
		"start '2022-10-18T01:02:03Z' stop \"2022-10-19T04:05:06.789123Z\"",
		"START t'2022-10-18T01:02:03.000Z' STOP t\"2022-10-19T04:05:06.789123Z\"",
	} {
		got := one[*GetStmt](t, "x = GET a FROM b WHERE c = 1 "+in).Time
		if !got.Start.Time.Equal(start) || !got.Stop.Time.Equal(stop) || got.Last != nil {
			t.Errorf("%s: got %v to %v, want %v to %v (C10)", in, got.Start.Time, got.Stop.Time, start, stop)
		}
	}
}

// TestLast covers C11.
func TestLast(t *testing.T) {
	t.Parallel()
	words := map[time.Duration]string{
		24 * time.Hour: "d D day DAY days DAYS",
		time.Hour:      "h hour hours",
		time.Minute:    "m minute minutes",
		time.Second:    "s S SECOND SECONDS",
	}
	for unit, names := range words {
		for name := range strings.FieldsSeq(names) {
			for _, blank := range []string{"", " ", "\n"} {
				last := one[*GetStmt](t, "GET a FROM b WHERE c = 1 LAST 5"+blank+name).Time.Last
				if got := last.Value(); got != 5*unit {
					t.Errorf("LAST 5%s%s = %v, want %v", blank, name, got, 5*unit)
				}
			}
		}
	}
}

// TestBoundaries covers where one step ends and the next begins: C07, Q02, and
// words that are keywords in one place and names in another.
func TestBoundaries(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		want     []string
	}{
		{"sort after an assignment (C07)", "a = b\nSORT c BY d", []string{"a = b", "SORT c BY d"}},
		{"sort after a display", "DISP b SORT c BY d", []string{"DISP b", "SORT c BY d"}},
		{"a sort clause", "a = b\nSORT BY d", []string{"a = b\n    SORT BY d"}},
		{"one line", "a = p b = p", []string{"a = p", "b = p"}},
		{"clause words as variables", "as = p where = as limit = where", []string{"as = p", "where = as", "limit = where"}},
		{"a clause word after an expression", "x = y\nlimit = z", []string{"x = y", "limit = z"}},
		{"command words as variables", "get = p why = p explain = why", []string{"get = p", "why = p", "explain = why"}},
		{"transformers as variables", "records = p x = records", []string{"records = p", "x = records"}},
		{"logic as a variable", "x = y WHERE a = 1 and = z", []string{"x = y WHERE a = 1", "and = z"}},
		{"a logic word in brackets", "x = y WHERE [a = 1 and b = z]", []string{"x = y WHERE [a = 1 AND b = z]"}},
		{"a direction as a variable", "x = y SORT BY z desc = x", []string{"x = y SORT BY z", "desc = x"}},
		{"an argument", "APPLY a ON b WITH x=1 y = b", []string{"APPLY a ON b WITH x=1", "y = b"}},
		{"explain between steps", "x = y EXPLAIN x explain = x", []string{"x = y", "EXPLAIN x", "explain = x"}},
		{"explain a variable named analyze", "EXPLAIN analyze x = y", []string{"EXPLAIN analyze", "x = y"}},
		{"within as a variable", "x = FIND a LINKED b within = x", []string{"x = FIND a LINKED b", "within = x"}},
		{"nothing (C26)", "  # comment\n", nil},
		{"empty (C26)", "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, s := range parseGood(t, tt.in).Stmts {
				got = append(got, FormatStmt(s))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("steps of %q (-want +got):\n%s", tt.in, diff)
			}
		})
	}
}

func TestSpans(t *testing.T) {
	t.Parallel()
	const in = "# hunt\nx = GET process FROM a WHERE [process:name = 'x'] LAST 5d LIMIT 3  # end\nDISP x ATTR b . c"
	hunt, _ := Parse(&diag.File{Text: in})
	s := hunt.Stmts[0].(*GetStmt)
	c := s.Where.Expr.(*stix.Comparison)
	for _, tt := range []struct {
		name string
		node Node
		want string
	}{
		{"step", s, "x = GET process FROM a WHERE [process:name = 'x'] LAST 5d LIMIT 3"},
		{"variable", s.Var, "x"},
		{"type", s.Type, "process"},
		{"source", s.From, "a"},
		{"condition", s.Where, "WHERE [process:name = 'x']"},
		{"comparison", c, "process:name = 'x'"},
		{"value", c.Value, "'x'"},
		{"time", s.Time, "LAST 5d"},
		{"duration", s.Time.Last, "5d"},
		{"limit", s.Limit, "3"},
	} {
		if got := tt.node.Span().Text(); got != tt.want {
			t.Errorf("the span of the %s is %q, want %q", tt.name, got, tt.want)
		}
	}
	if c.Path.At.Text() != "process:name" || c.OpAt.Text() != "=" {
		t.Errorf("path %q, operator %q", c.Path.At.Text(), c.OpAt.Text())
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	hunt := parseGood(t, "x=GET process # c\nFROM x-y WHERE p:a.b IN (z, 'w', c.d) LAST 5d")
	kinds := map[string]TokenKind{
		"x": Variable, "=": Operator, "GET": Keyword, "process": EntityType, "# c": Comment, "\n": Blank, "x-y": Path,
		"p:": EntityType, "a.b": Attribute, "IN": Keyword, "(": Punctuation, "z": Word, "'w'": String, "c": Variable,
		"5": Number,
	}
	var all strings.Builder
	for _, tok := range hunt.Tokens {
		all.WriteString(tok.At.Text())
		if want, ok := kinds[tok.At.Text()]; ok && tok.Kind != want {
			t.Errorf("token %q has kind %d, want %d", tok.At.Text(), tok.Kind, want)
		}
	}
	if all.String() != hunt.File.Text {
		t.Errorf("the tokens read %q, want %q", all.String(), hunt.File.Text)
	}
}
