// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package match

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// readRecord reads a record from the objects of an observed-data of STIX 2.0.
func readRecord(t testing.TB, objects string) *entity.Record {
	t.Helper()
	text := `[{"type": "observed-data", "id": "observed-data--1", "objects": ` + objects + `}]`
	rec := new(entity.Record)
	if err := stix.NewBundleReader(strings.NewReader(text), stix.BundleOptions{}).Read(rec); err != nil {
		t.Fatalf("read record of %s: %v", objects, err)
	}
	entity.Identify(rec)
	return rec
}

// attrPath makes a path from text such as type:a.'b'[*].c, or without a type.
func attrPath(text string) stix.Path {
	var p stix.Path
	if typ, rest, ok := strings.Cut(text, ":"); ok {
		p.Type, text = typ, rest
	}
	for _, piece := range entity.SplitAttr(text) {
		name, star := strings.CutSuffix(piece, "[*]")
		p.Steps = append(p.Steps, stix.Step{Kind: stix.Key, Name: name})
		if star {
			p.Steps = append(p.Steps, stix.Step{Kind: stix.Star})
		}
	}
	return p
}

// is makes a comparison; not and the operator stand in op.
func is(attr, op string, values ...any) stix.Expr {
	ops := map[string]stix.Op{
		"=": stix.Equal, "!=": stix.NotEqual, "<": stix.Less, "<=": stix.LessEqual, ">": stix.Greater, ">=": stix.GreaterEqual,
		"IN": stix.In, "LIKE": stix.Like, "MATCHES": stix.Matches, "ISSUBSET": stix.IsSubset, "ISSUPERSET": stix.IsSuperset, "NULL": stix.IsNull,
	}
	word, not := strings.CutPrefix(op, "NOT ")
	o, ok := ops[word]
	if !ok {
		panic("no operator " + op)
	}
	c := &stix.Comparison{Path: attrPath(attr), Not: not, Op: o, Mode: stix.Mode{Coerce: true}}
	list := &stix.List{}
	for _, v := range values {
		list.Items = append(list.Items, &stix.Literal{Value: value(v)})
	}
	switch {
	case o == stix.In:
		c.Value = list
	case len(values) == 1:
		c.Value = list.Items[0]
	}
	return c
}

// value makes a value of Go's.
func value(v any) entity.Value {
	switch v := v.(type) {
	case string:
		return entity.StringValue(v)
	case int:
		return entity.IntValue(int64(v))
	case float64:
		return entity.FloatValue(v)
	case bool:
		return entity.BoolValue(v)
	}
	panic(fmt.Sprintf("value %v", v))
}

func and(x, y stix.Expr) stix.Expr { return &stix.Logic{Op: stix.And, X: x, Y: y} }

func or(x, y stix.Expr) stix.Expr { return &stix.Logic{Op: stix.Or, X: x, Y: y} }

func match(t testing.TB, where stix.Expr, centre string, rec *entity.Record) []int {
	t.Helper()
	m, err := Compile(where, centre)
	if err != nil {
		t.Fatalf("Compile: %v", err)
	}
	return m.Match(rec, nil)
}

func TestComparisons(t *testing.T) {
	t.Parallel()
	rec := readRecord(t, `{"0": {"type": "x", "text": "Ab", "number": 7, "float": 2.5, "big": 9007199254740993, "digits": "7", "spaced": " 7",
		"exponent": "7e0", "yes": true, "word": "TRUE", "list": ["a", 1, true, null, {"b": 2}], "empty": [], "lines": "a\nb", "accent": "e\u0301",
		"v4": "10.1.2.3", "net": "10.1.0.0/16", "v6": "fe80::1", "nothing": "", "percent": "a%b", "slash": "a\\b"}}`)
	tests := []struct {
		attr, op string
		values   []any
		want     bool
	}{
		{"text", "=", []any{"Ab"}, true},
		{"text", "=", []any{"ab"}, false},
		{"text", "!=", []any{"ab"}, true},
		{"text", "NOT =", []any{"Ab"}, false},
		{"text", "NOT !=", []any{"Ab"}, true},
		{"text", "<", []any{"a"}, true}, // capitals come first
		{"text", ">=", []any{"Ab"}, true},
		{"absent", "=", []any{"x"}, false},
		{"absent", "!=", []any{"x"}, false},
		{"absent", "NOT =", []any{"x"}, false},
		{"absent", "NOT IN", []any{"x"}, false},
		{"absent", "NULL", nil, true},
		{"absent", "NOT NULL", nil, false},
		{"text", "NULL", nil, false},
		{"text", "NOT NULL", nil, true},
		{"nothing", "NULL", nil, false},

		{"number", "=", []any{7}, true},
		{"number", "=", []any{7.0}, true},
		{"number", "=", []any{"7"}, true},
		{"number", "=", []any{"7.0"}, true},
		{"number", "=", []any{"+7e0"}, true},
		{"number", "=", []any{" 7"}, false},
		{"number", "=", []any{"x"}, false},
		{"number", "!=", []any{"x"}, true},
		{"number", "<", []any{"x"}, false},
		{"number", ">", []any{"x"}, false},
		{"number", "NOT <", []any{"x"}, true},
		{"number", "<", []any{"10"}, true},
		{"digits", "=", []any{7}, true},
		{"digits", "<", []any{10}, true},
		{"digits", "<", []any{"10"}, false}, // both are text
		{"digits", "=", []any{"7.0"}, false},
		{"exponent", "=", []any{7}, true},
		{"spaced", "=", []any{7}, false},
		{"spaced", "!=", []any{7}, true},
		{"float", "<", []any{3}, true},
		{"float", "=", []any{"2.50"}, true},
		{"big", "=", []any{9007199254740992}, false},
		{"big", "=", []any{9007199254740992.0}, true},
		{"big", "=", []any{"9007199254740992"}, true},

		{"yes", "=", []any{true}, true},
		{"yes", "=", []any{"True"}, true},
		{"yes", "=", []any{1}, true},
		{"yes", "=", []any{"1"}, false},
		{"yes", "!=", []any{"no"}, true},
		{"yes", ">", []any{0}, true},
		{"word", "=", []any{true}, true},
		{"word", "=", []any{"true"}, false},
		{"word", "=", []any{1}, false},

		{"number", "IN", []any{"x", 7}, true},
		{"number", "NOT IN", []any{"x", 7}, false},
		{"number", "NOT IN", []any{8}, true},
		{"text", "IN", []any{"Ab"}, true},

		{"text", "LIKE", []any{"A_"}, true},
		{"text", "LIKE", []any{"a%"}, false},
		{"text", "NOT LIKE", []any{"a%"}, true},
		{"lines", "LIKE", []any{"a%b"}, true},
		{"number", "LIKE", []any{"7"}, true},
		{"float", "LIKE", []any{"%.5"}, true},
		{"yes", "LIKE", []any{"tr%"}, true},
		{"accent", "LIKE", []any{"\u00e9"}, true},
		{"accent", "LIKE", []any{"_"}, true},
		{"accent", "=", []any{"\u00e9"}, false},
		{"percent", "LIKE", []any{`a\%b`}, false},
		{"slash", "LIKE", []any{`a\b`}, true},
		{"text", "MATCHES", []any{"b"}, true},
		{"text", "MATCHES", []any{"^b"}, false},
		{"text", "MATCHES", []any{"(?i)AB"}, true},
		{"lines", "MATCHES", []any{"a.b"}, true},
		{"accent", "MATCHES", []any{"^\u00e9$"}, true},
		{"number", "MATCHES", []any{"^7$"}, true},

		{"v4", "ISSUBSET", []any{"10.0.0.0/8"}, true},
		{"v4", "ISSUBSET", []any{"10.1.2.3"}, true},
		{"v4", "ISSUBSET", []any{"11.0.0.0/8"}, false},
		{"v4", "NOT ISSUBSET", []any{"11.0.0.0/8"}, true},
		{"v4", "ISSUBSET", []any{"::/0"}, false},
		{"v6", "ISSUBSET", []any{"fe80::/10"}, true},
		{"net", "ISSUPERSET", []any{"10.1.2.3"}, true},
		{"net", "ISSUPERSET", []any{"10.0.0.0/8"}, false},
		{"text", "ISSUBSET", []any{"0.0.0.0/0"}, false},
		{"text", "NOT ISSUBSET", []any{"0.0.0.0/0"}, true},
		{"number", "ISSUBSET", []any{"0.0.0.0/0"}, false},

		{"list", "=", []any{`["a",1,true,null,{"b":2}]`}, true},
		{"list", "LIKE", []any{`%"a"%`}, true},
		{"list", "=", []any{1}, false},
		{"list[*]", "=", []any{"a"}, true},
		{"list[*]", "=", []any{"1"}, true},
		{"list[*]", "=", []any{`{"b":2}`}, true},
		{"list[*]", "=", []any{"z"}, false},
		{"list[*]", "!=", []any{"a"}, true}, // some element is not a
		{"list[*]", "NULL", nil, false},
		{"empty[*]", "NULL", nil, true},
		{"empty", "NULL", nil, false},
		{"text[*]", "=", []any{"Ab"}, false},
		{"type", "=", []any{"x"}, true},
		{"id", "LIKE", []any{"x--%"}, true},
	}
	for _, tt := range tests {
		got := len(match(t, is(tt.attr, tt.op, tt.values...), "x", rec)) == 1
		if got != tt.want {
			t.Errorf("%s %s %q is %v, want %v", tt.attr, tt.op, tt.values, got, tt.want)
		}
	}
}

func TestPaths(t *testing.T) {
	t.Parallel()
	rec := readRecord(t, `{
		"0": {"type": "process", "pid": 1, "parent_ref": "1", "binary_ref": "2", "opened_connection_refs": ["4", "5"], "created": "2020-01-01T00:00:00Z",
			"extensions": {"x-ext": {"integrity": "high", "owner_ref": "6"}}},
		"1": {"type": "process", "pid": 2, "parent_ref": "0"},
		"2": {"type": "file", "name": "a.exe", "parent_directory_ref": "3", "hashes": {"SHA-256": "ab"}, "created_time": "y"},
		"3": {"type": "directory", "path": "C:\\"},
		"4": {"type": "network-traffic", "dst_port": 80, "dst_ref": "7"},
		"5": {"type": "network-traffic", "dst_port": 443},
		"6": {"type": "user-account", "user_id": "u"},
		"7": {"type": "ipv4-addr", "value": "10.0.0.1"},
		"8": {"type": "artifact", "payload_bin": "aGVsbG8=", "mime_type": "aGVsbG8="},
		"9": {"type": "artifact", "payload_bin": "hello!"}}`)
	tests := []struct {
		centre string
		where  stix.Expr
		want   []int
	}{
		{"process", is("parent_ref.pid", "=", 2), []int{0}},
		{"process", is("parent_ref.parent_ref.parent_ref.pid", "=", 2), []int{0}},
		{"process", is("binary_ref.parent_directory_ref.path", "=", `C:\`), []int{0}},
		{"process", is("binary_ref.hashes.'SHA-256'", "=", "ab"), []int{0}},
		{"process", is("image_ref.name", "=", "a.exe"), []int{0}},
		{"process", is("created_time", "LIKE", "2020%"), []int{0}},
		{"process", is("created", "LIKE", "2020%"), []int{0}},
		{"file", is("created", "=", "y"), nil},
		{"file", is("created_time", "=", "y"), []int{2}},
		{"process", is("opened_connection_refs[*].dst_port", "=", 443), []int{0}},
		{"process", is("opened_connection_refs[*].dst_ref.value", "=", "10.0.0.1"), []int{0}},
		{"process", is("opened_connection_refs[*].dst_port", "NOT IN", 80, 443), nil},
		{"process", is("opened_connection_refs.dst_port", "=", 443), nil},
		{"process", is("parent_ref[*].pid", "=", 2), nil},
		{"process", is("parent_ref", "=", rec.Objects[0].ID.String()), []int{1}},
		{"process", is("opened_connection_refs[*]", "=", rec.Objects[5].ID.String()), []int{0}},
		{"process", is("binary_ref", "NULL"), []int{1}},
		{"process", is("binary_ref.name", "NULL"), []int{1}},
		{"process", is("extensions.'x-ext'.integrity", "=", "high"), []int{0}},
		{"process", is("x_integrity", "=", "high"), []int{0}},
		{"process", is("x_owner_ref.user_id", "=", "u"), []int{0}},
		{"process", is("process:pid", "=", 2), []int{1}},
		{"process", nil, []int{0, 1}},
		{"url", nil, nil},
		{"artifact", is("payload_bin", "LIKE", "hello%"), []int{8, 9}},
		{"artifact", is("payload_bin", "MATCHES", "^hello$"), []int{8}},
		{"artifact", is("payload_bin", "=", "aGVsbG8="), []int{8}},
		{"artifact", is("mime_type", "LIKE", "hello"), nil},
		{"process", &stix.Exists{Path: attrPath("binary_ref")}, []int{0}},
		{"process", &stix.Exists{Path: attrPath("binary_ref"), Not: true}, []int{1}},
	}
	for i, tt := range tests {
		if diff := cmp.Diff(tt.want, match(t, tt.where, tt.centre, rec)); diff != "" {
			t.Errorf("test %d: matches of %s differ (-want +got):\n%s", i, tt.centre, diff)
		}
	}
}

func TestIndexLeadsNowhere(t *testing.T) {
	t.Parallel()
	rec := readRecord(t, `{"0": {"type": "x", "list": ["a"]}}`)
	p := attrPath("list")
	p.Steps = append(p.Steps, stix.Step{Kind: stix.Index})
	where := &stix.Comparison{Path: p, Op: stix.Equal, Value: &stix.Literal{Value: value("a")}}
	if got := match(t, where, "x", rec); got != nil {
		t.Errorf("list[0] = 'a' matches %v, want nothing", got)
	}
}

func TestOtherTypes(t *testing.T) {
	t.Parallel()
	rec := readRecord(t, `{
		"0": {"type": "process", "pid": 1}, "1": {"type": "process", "pid": 2},
		"2": {"type": "ipv4-addr", "value": "a", "n": 1}, "3": {"type": "ipv4-addr", "value": "b", "n": 2},
		"4": {"type": "url", "value": "u"}}`)
	pid := func(n int) stix.Expr { return is("pid", "=", n) }
	ip := func(v string) stix.Expr { return is("ipv4-addr:value", "=", v) }
	n := func(v int) stix.Expr { return is("ipv4-addr:n", "=", v) }
	tests := []struct {
		name  string
		where stix.Expr
		want  []int
	}{
		{"an other alone", ip("a"), []int{0, 1}},
		{"an other that fails", ip("c"), nil},
		{"both", and(pid(1), ip("a")), []int{0}},
		{"either", or(pid(1), ip("a")), []int{0, 1}},
		{"either, and the other fails", or(pid(1), ip("c")), []int{0}},
		{"one object for all comparisons of a type", and(ip("a"), n(2)), nil},
		{"one object satisfies both", and(ip("b"), n(2)), []int{0, 1}},
		{"choices depend on the centre", or(and(pid(1), ip("a")), and(pid(2), n(2))), []int{0, 1}},
		{"two others", and(ip("a"), is("url:value", "=", "u")), []int{0, 1}},
		{"no object of a type", and(pid(1), is("file:name", "=", "x")), nil},
		{"no object of a type is not null", is("file:name", "NULL"), nil},
		{"no object of a type beside what is true", or(pid(1), is("file:name", "NULL")), []int{0}},
		{"absent in an other", is("url:name", "NULL"), []int{0, 1}},
		{"not equal in an other is about one object", is("ipv4-addr:value", "!=", "a"), []int{0, 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, match(t, tt.where, "process", rec)); diff != "" {
				t.Errorf("matches differ (-want +got):\n%s", diff)
			}
		})
	}
}

// TestManyReferences follows lists of references through lists of references,
// which without care takes the product of their lengths.
func TestManyReferences(t *testing.T) {
	t.Parallel()
	const n = 200
	var refs []string
	for i := range n {
		refs = append(refs, fmt.Sprintf(`"%d"`, i))
	}
	var objects []string
	for i := range n {
		objects = append(objects, fmt.Sprintf(`"%d": {"type": "x", "a_refs": [%s]}`, i, strings.Join(refs, ",")))
	}
	rec := readRecord(t, "{"+strings.Join(objects, ",")+"}")
	if got := match(t, is("a_refs[*].a_refs[*].a_refs[*].a_refs[*].v", "=", 1), "x", rec); got != nil {
		t.Errorf("matches %v, want nothing", got)
	}
}

func TestCompileFails(t *testing.T) {
	t.Parallel()
	_, err := Compile(is("name", "MATCHES", "(a"), "x")
	var d diag.Diagnostic
	if !errors.As(err, &d) || d.Code != diag.InvalidPattern {
		t.Errorf("Compile of an invalid expression gives %v, want %s", err, diag.InvalidPattern)
	}
	ref := &stix.Comparison{Path: attrPath("pid"), Op: stix.Equal, Value: &stix.Reference{Variable: "p", Attr: "pid"}}
	if _, err := Compile(ref, "x"); err == nil {
		t.Error("Compile of a reference succeeds")
	}
}

func TestOverlaps(t *testing.T) {
	t.Parallel()
	at := func(second int) time.Time { return time.Date(2020, 1, 1, 0, 0, second, 0, time.UTC) }
	record := func(first, last int) *entity.Record {
		rec := new(entity.Record)
		if first > 0 {
			rec.First = entity.TimeOf(at(first), 0)
		}
		if last > 0 {
			rec.Last = entity.TimeOf(at(last), 0)
		}
		return rec
	}
	tests := []struct {
		name        string
		first, last int // 0: unknown
		start, stop time.Time
		want        bool
	}{
		{"inside", 3, 4, at(2), at(5), true},
		{"around", 1, 9, at(2), at(5), true},
		{"touches the start", 1, 2, at(2), at(5), true},
		{"touches the stop", 5, 6, at(2), at(5), false},
		{"before", 1, 1, at(2), at(5), false},
		{"one point", 2, 2, at(2), at(2), false},
		{"no range", 0, 0, time.Time{}, time.Time{}, true},
		{"no times", 0, 0, at(2), at(5), false},
		{"first alone", 3, 0, at(2), at(5), true},
		{"last alone", 0, 6, at(2), at(5), false},
		{"open start", 1, 1, time.Time{}, at(5), true},
		{"open stop", 9, 9, at(2), time.Time{}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := Overlaps(record(tt.first, tt.last), tt.start, tt.stop); got != tt.want {
				t.Errorf("Overlaps gives %v, want %v", got, tt.want)
			}
		})
	}
}

func TestLooksNumeric(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{
		"7": true, "+7": true, "-7": true, "7.": true, ".5": true, "7.5": true, "7e3": true, "7E-3": true, ".5e+3": true, "007": true,
		"": false, "+": false, ".": false, "e3": false, "7e": false, "7e+": false, "+-7": false, "7.5.1": false, " 7": false,
		"0x7": false, "7_0": false, "inf": false, "NaN": false, "٧": false, "7e3x": false,
	}
	for text, want := range tests {
		if got := LooksNumeric(text); got != want {
			t.Errorf("LooksNumeric(%q) = %v, want %v", text, got, want)
		}
	}
}
