// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package match

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// What random records and conditions are made of: few enough to meet, and odd
// enough to go wrong.
var (
	someTypes  = []string{"process", "file", "x-t"}
	someNames  = []string{"name", "pid", "list", "payload_bin", "x_short", "created", "created_time", "a/b"}
	someRefs   = []string{"parent_ref", "binary_ref", "image_ref"}
	someLists  = []string{"child_refs", "list_refs"}
	someTexts  = []string{"a", "abc", "ABC", "a\nb", `C:\x`, `say "hi"`, "a/b", "true", "FALSE", "7", "07", "7.0", "70e-1", "0.7e1", "443", "442.99999999999999999999", "é", "e\u0301", "\u212A1", "K1", "", "10.0.0.1", "10.0.0.0/8", "fe80::1", "aGVsbG8gd29ybGQ=", "hello world", `["abc"]`, "\uFFFD", "tab\there", "9007199254740993"}
	someNums   = []any{0, 1, 7, 443, 443, 443.0, 70, -7, 7.0, 0.5, 1e21, 9007199254740993, 9007199254740992.0}
	somePieces = []string{"a", "abc", "%", "_", "b", "/", `\`, `"`, "é", "K1", "7", "43", ".", "hello", "tr", ",", "[", "\n"}
	someExprs  = []string{"abc", "^a", "(abc)+", "a.b", "(?i)ABC", "7", "4{2}3", "K1", "é", "hello|abc", "x:", `\\x`, "tru", "wor(ld)?"}
)

func drawValue(t *rapid.T) any {
	switch rapid.IntRange(0, 4).Draw(t, "kind") {
	case 0:
		return rapid.SampledFrom(someNums).Draw(t, "number")
	case 1:
		return rapid.Bool().Draw(t, "bool")
	}
	return rapid.SampledFrom(someTexts).Draw(t, "text")
}

// drawRecord returns the objects of an observed-data as JSON text.
func drawRecord(t *rapid.T) string {
	n := rapid.IntRange(1, 4).Draw(t, "objects")
	objects := make(map[string]map[string]any)
	for i := range n {
		o := map[string]any{"type": rapid.SampledFrom(someTypes).Draw(t, "type")}
		for _, name := range someNames {
			if rapid.IntRange(0, 2).Draw(t, "has "+name) > 0 {
				continue
			}
			o[name] = drawValue(t)
			if name == "list" {
				o[name] = []any{drawValue(t), drawValue(t), nil}
			}
		}
		if rapid.Bool().Draw(t, "extended") {
			o["extensions"] = map[string]any{"x-e": map[string]any{"short": drawValue(t)}}
		}
		for _, name := range someRefs {
			if rapid.IntRange(0, 2).Draw(t, "has "+name) == 0 {
				o[name] = strconv.Itoa(rapid.IntRange(0, n).Draw(t, "target"))
			}
		}
		for _, name := range someLists {
			if rapid.IntRange(0, 2).Draw(t, "has "+name) == 0 {
				o[name] = []string{strconv.Itoa(rapid.IntRange(0, n-1).Draw(t, "target")), strconv.Itoa(rapid.IntRange(0, n-1).Draw(t, "target"))}
			}
		}
		objects[strconv.Itoa(i)] = o
	}
	text, err := json.Marshal(objects)
	if err != nil {
		t.Fatal(err)
	}
	return rewrite(t, string(text))
}

// rewrite writes JSON text in another way that means the same.
func rewrite(t *rapid.T, text string) string {
	if rapid.Bool().Draw(t, "escape slashes") {
		text = strings.ReplaceAll(text, "/", `\/`)
	}
	if rapid.Bool().Draw(t, "space") {
		text = strings.ReplaceAll(text, `":`, `" : `)
	}
	if rapid.Bool().Draw(t, "exponents") {
		text = strings.NewReplacer("443", "4.43e2", ":70,", ":7E1,").Replace(text)
	}
	return text
}

func drawExpr(t *rapid.T, depth int) stix.Expr {
	if depth > 0 && rapid.Bool().Draw(t, "logic") {
		x, y := drawExpr(t, depth-1), drawExpr(t, depth-1)
		if rapid.Bool().Draw(t, "and") {
			return and(x, y)
		}
		return or(x, y)
	}
	name := drawPath(t)
	not := rapid.SampledFrom([]string{"", "", "NOT "}).Draw(t, "not")
	switch op := rapid.SampledFrom([]string{"=", "=", "!=", "<", "<=", ">", ">=", "IN", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET", "NULL"}).Draw(t, "op"); op {
	case "NULL":
		return is(name, not+op)
	case "IN":
		values := rapid.SliceOfN(rapid.Custom(drawValue), 1, 12).Draw(t, "values")
		return is(name, not+op, values...)
	case "LIKE":
		return is(name, not+op, strings.Join(rapid.SliceOfN(rapid.SampledFrom(somePieces), 0, 4).Draw(t, "pieces"), ""))
	case "MATCHES":
		return is(name, not+op, rapid.SampledFrom(someExprs).Draw(t, "expression"))
	default:
		return is(name, not+op, drawValue(t))
	}
}

func drawPath(t *rapid.T) string {
	name := rapid.SampledFrom(append([]string{"id", "list[*]", "extensions.'x-e'.short", "parent_ref", "child_refs[*]"}, someNames...)).Draw(t, "attribute")
	for range rapid.IntRange(0, 2).Draw(t, "references") {
		step := rapid.SampledFrom([]string{"parent_ref", "binary_ref", "image_ref", "child_refs[*]", "list_refs[*]"}).Draw(t, "reference")
		name = step + "." + name
	}
	if rapid.IntRange(0, 3).Draw(t, "other") == 0 {
		name = rapid.SampledFrom(someTypes).Draw(t, "other type") + ":" + name
	}
	return name
}

// TestMatchIsNaive holds Match to an evaluator that tries everything, and
// Prefilter to Match.
func TestMatchIsNaive(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		objects := drawRecord(t)
		raw := `{"type":"observed-data","id":"observed-data--1","objects":` + objects + `}`
		var rec entity.Record
		if err := stix.NewBundleReader(strings.NewReader(raw), stix.BundleOptions{}).Read(&rec); err != nil {
			t.Fatal(err)
		}
		entity.Identify(&rec)
		where := drawExpr(t, 3)
		m, err := Compile(where, "process")
		if err != nil {
			t.Fatal(err)
		}
		got := m.Match(&rec, nil)
		if want := naiveMatch(&rec, where, "process"); !slices.Equal(got, want) {
			t.Fatalf("record %s\ncondition %s\nmatches %v, want %v", raw, showExpr(where), got, want)
		}
		if len(got) > 0 && !m.Prefilter([]byte(raw)) {
			t.Fatalf("record %s\ncondition %s\nis rejected before it is decoded, but matches %v", raw, showExpr(where), got)
		}
	})
}

// naiveMatch tries every choice of objects for every centre.
func naiveMatch(rec *entity.Record, where stix.Expr, centre string) []int {
	var hits []int
	for i := range rec.Objects {
		if rec.Objects[i].Type == centre && naiveChoose(rec, where, map[string]int{centre: i, "": i}, []string{"process", "file", "x-t"}) {
			hits = append(hits, i)
		}
	}
	return hits
}

func naiveChoose(rec *entity.Record, where stix.Expr, chosen map[string]int, types []string) bool {
	if len(types) == 0 {
		return naiveEval(rec, where, chosen)
	}
	typ, rest := types[0], types[1:]
	if _, fixed := chosen[typ]; fixed {
		return naiveChoose(rec, where, chosen, rest)
	}
	for i := range rec.Objects {
		if rec.Objects[i].Type == typ {
			chosen[typ] = i
			if naiveChoose(rec, where, chosen, rest) {
				delete(chosen, typ)
				return true
			}
		}
	}
	delete(chosen, typ)
	return naiveChoose(rec, where, chosen, rest)
}

func naiveEval(rec *entity.Record, e stix.Expr, chosen map[string]int) bool {
	switch e := e.(type) {
	case *stix.Logic:
		x, y := naiveEval(rec, e.X, chosen), naiveEval(rec, e.Y, chosen)
		return x && y || e.Op == stix.Or && (x || y)
	case *stix.Comparison:
		i, ok := chosen[e.Path.Type]
		if !ok {
			return false
		}
		values := naiveValues(rec, i, e.Path.Steps)
		if e.Op == stix.IsNull {
			return (len(values) == 0) != e.Not
		}
		last := e.Path.Steps[len(e.Path.Steps)-1].Name
		return slices.ContainsFunc(values, func(v entity.Value) bool { return naiveTest(v, e, last) != e.Not })
	}
	panic("no such expression")
}

// naiveValues follows steps from object i. All names of the test are of one
// piece but that of the extension.
func naiveValues(rec *entity.Record, i int, steps []stix.Step) []entity.Value {
	o := &rec.Objects[i]
	if steps[0].Name == "extensions" {
		if v := o.Attr("extensions.'x-e'.short"); !v.IsNull() {
			return []entity.Value{v}
		}
		return nil
	}
	name, star, rest := steps[0].Name, false, steps[1:]
	if len(rest) > 0 && rest[0].Kind == stix.Star {
		star, rest = true, rest[1:]
	}
	names := []string{name}
	if o.Type == "process" {
		switch name {
		case "binary_ref", "image_ref":
			names = []string{"binary_ref", "image_ref"}
		case "created", "created_time":
			names = []string{name, "created", "created_time"}
		}
	}
	var out []entity.Value
	linked := false
	for _, l := range o.Links {
		if l.Many != star || !slices.Contains(names, l.Name) || linked && !star {
			continue
		}
		linked = true
		if len(rest) == 0 {
			out = append(out, entity.StringValue(rec.Objects[l.Target].ID.String()))
		} else {
			out = append(out, naiveValues(rec, l.Target, rest)...)
		}
	}
	if linked || len(rest) > 0 {
		return out
	}
	if name == "id" {
		return []entity.Value{entity.StringValue(o.ID.String())}
	}
	if name == "x_short" {
		names = append(names, "extensions.'x-e'.short")
	}
	for _, n := range names {
		v := o.Attr(entity.CanonicalAttr(n))
		switch {
		case v.IsNull():
		case star:
			return naiveElements(v)
		default:
			return []entity.Value{v}
		}
	}
	return nil
}

func naiveElements(v entity.Value) []entity.Value {
	if v.Kind() != entity.JSON {
		return nil
	}
	dec := json.NewDecoder(strings.NewReader(v.Text()))
	dec.UseNumber()
	var list []any
	if err := dec.Decode(&list); err != nil {
		panic(err)
	}
	var out []entity.Value
	for _, e := range list {
		switch e := e.(type) {
		case string, bool:
			out = append(out, value(e))
		case json.Number:
			if n, err := e.Int64(); err == nil {
				out = append(out, entity.IntValue(n))
			} else if f, err := e.Float64(); err == nil {
				out = append(out, entity.FloatValue(f))
			}
		}
	}
	return out
}

var naiveNumber = regexp.MustCompile(`^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$`)

// naiveCompare returns -1, 0 or 1, or 2 if there is no order.
func naiveCompare(a, b entity.Value) int {
	isText := func(v entity.Value) bool { return v.Kind() == entity.String || v.Kind() == entity.JSON }
	sign := func(less, more bool) int {
		switch {
		case less:
			return -1
		case more:
			return 1
		}
		return 0
	}
	float := func(v entity.Value) float64 {
		if v.Kind() == entity.Bool && v.Bool() {
			return 1
		}
		return v.Float()
	}
	switch {
	case isText(a) && isText(b):
		return strings.Compare(a.Text(), b.Text())
	case isText(a):
		if c := naiveCompare(b, a); c != 2 {
			return -c
		}
		return 2
	case !isText(b):
		if a.Kind() == entity.Int && b.Kind() == entity.Int {
			return sign(a.Int() < b.Int(), a.Int() > b.Int())
		}
		return sign(float(a) < float(b), float(a) > float(b))
	}
	word := strings.ToLower(b.Text())
	switch {
	case b.Kind() == entity.JSON:
		return 2
	case a.Kind() == entity.Bool && (word == "true" || word == "false"):
		return naiveCompare(a, entity.BoolValue(word == "true"))
	case a.Kind() == entity.Bool || !naiveNumber.MatchString(b.Text()):
		return 2
	}
	f, err := strconv.ParseFloat(b.Text(), 64)
	if err != nil {
		return 2
	}
	return sign(a.Float() < f, a.Float() > f)
}

func naiveTest(v entity.Value, c *stix.Comparison, last string) bool {
	if list, ok := c.Value.(*stix.List); ok {
		return slices.ContainsFunc(list.Items, func(o stix.Operand) bool {
			return naiveCompare(v, o.(*stix.Literal).Value) == 0 //nolint:forcetypeassert // the test made it
		})
	}
	want := c.Value.(*stix.Literal).Value //nolint:forcetypeassert // the test made it
	text := v.String()
	if data, err := base64.StdEncoding.DecodeString(text); err == nil && last == "payload_bin" && v.Kind() == entity.String {
		text = string(data)
		if !utf8.Valid(data) {
			text = ""
			for _, b := range data {
				text += string(rune(b))
			}
		}
	}
	text = norm.NFC.String(text)
	prefix := func(s string) (netip.Prefix, bool) {
		if a, err := netip.ParseAddr(s); err == nil {
			return netip.PrefixFrom(a, a.BitLen()), true
		}
		p, err := netip.ParsePrefix(s)
		return p.Masked(), err == nil
	}
	in := func(a, b string) bool {
		inner, ok1 := prefix(a)
		outer, ok2 := prefix(b)
		return ok1 && ok2 && outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr())
	}
	switch order := naiveCompare(v, want); c.Op {
	case stix.Equal:
		return order == 0
	case stix.NotEqual:
		return order != 0
	case stix.Less:
		return order == -1
	case stix.LessEqual:
		return order == -1 || order == 0
	case stix.Greater:
		return order == 1
	case stix.GreaterEqual:
		return order == 1 || order == 0
	case stix.Like:
		expr := strings.NewReplacer("%", ".*", "_", ".").Replace(regexp.QuoteMeta(norm.NFC.String(want.Text())))
		return regexp.MustCompile("(?s)^" + expr + "$").MatchString(text)
	case stix.Matches:
		return regexp.MustCompile("(?s)" + norm.NFC.String(want.Text())).MatchString(text)
	case stix.IsSubset:
		return v.Kind() == entity.String && in(v.Text(), want.String())
	case stix.IsSuperset:
		return v.Kind() == entity.String && in(want.String(), v.Text())
	}
	panic("no such operator")
}

// showExpr writes a condition for failures of tests.
func showExpr(e stix.Expr) string {
	switch e := e.(type) {
	case *stix.Logic:
		return "(" + showExpr(e.X) + " " + e.Op.String() + " " + showExpr(e.Y) + ")"
	case *stix.Comparison:
		var values []string
		items, _ := constants(e.Value)
		for _, v := range items {
			values = append(values, fmt.Sprintf("%q", v.String()))
		}
		return fmt.Sprintf("%s [%v] %s %s", e.Path.String(), e.Not, e.Op, strings.Join(values, ", "))
	}
	return "?"
}
