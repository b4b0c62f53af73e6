// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package elastic

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kestrelhunt/kestrel/datasource/mapping"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/match"
	"github.com/kestrelhunt/kestrel/stix"
)

func ecsTable(t failer) *mapping.Table {
	t.Helper()
	table, err := mapping.Open("elastic_ecs", mapping.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// Values that make differences visible, as documents and patterns have them.
var (
	someTexts = []string{
		"cmd.exe", "CMD.EXE", `C:\Windows\cmd.exe`, `C:\a*b?c\x`, "/usr/bin/sh", "sh", "a b", `q"u\o'te`, "é", "e\u0301", "\u212Aey", "Key",
		"", "443", "443.0", "0443", "4.43e2", "abc443", "442.99999999999999999999", "true", "TRUE", "false", "0", "1",
		"10.1.2.3", "10.1.0.0/16", "10.0.0.0/8", "010.1.2.3", "::1", "fe80::1", "2001:DB8::1", "::ffff:10.1.2.3", "tcp", "TCP", "tcp, http",
		`HKLM\Software\Run\x`, `HKEY_LOCAL_MACHINE\Software\Run`, `hklm\Software\Run\y`, "2026-03-02T09:10:00.123Z", "2026-03-02T09:10:00Z",
		"2026-03-02T11:10:00+02:00", "http://Example.com:80/a?b", "example.com", "aGVsbG8=", "hello", "[\"a\"]", "a\nb", "[", "Z", "long " + strings.Repeat("x", 140),
	}
	someNumbers = []any{0, 1, 443, 443.0, 442.5, -7, 1e21, json.Number("9007199254740993"), json.Number("4.43e2"), json.Number("443.0")}
	someGlobs   = []string{"%", "%.exe", "cmd%", "c_d.exe", `C:\%`, `%\Run%`, "10.1.%", "10.%", "%a%b%", "%443%", "é%", "_", "%e%", "K%", "", "%[%", `%"%`, "TCP", "long %", "%*%", `%\%`, `%\*%`}
	someExprs   = []string{"cmd", "^cmd", `\.exe$`, "^(cmd|sh)$", "(?i)CMD", `^C:\\`, "a.b", "[^a]b", "é", "x{3}", `\bcmd\b`, "K", "443", "^$", "", "a|", "(a|b)+", "[0-9]+", "[a-z;]+", "(?i)key", `\s`, `\w+\\\w+`}
	someFields  = []string{
		"process.name", "process.executable", "process.command_line", "process.pid", "process.parent.name", "process.parent.executable",
		"process.parent.pid", "process.ppid", "process.start", "process.entity_id", "user.id", "user.name", "source.ip", "destination.ip",
		"source.port", "network.transport", "network.protocol", "registry.path", "registry.key", "event.code", "event.category", "event.type",
		"event.original", "event.risk_score", "event.url", "host.ip", "host.name", "tags", "message", "file.path", "file.name", "file.size",
		"dll.code_signature.valid", "url.original", "winlog.event_id", "event.duration",
	}
	somePaths = []string{
		"name", "binary_ref.name", "image_ref.name", "binary_ref.parent_directory_ref.path", "command_line", "pid", "parent_ref.name",
		"parent_ref.pid", "parent_ref.binary_ref.name", "created", "x_unique_id", "creator_user_ref.user_id", "x_tags", "x_tags[*]",
		"opened_connection_refs[*].dst_ref.value", "opened_connection_refs[*].src_port", "opened_connection_refs[*].protocols[*]", "id", "parent_ref", "nosuch",
		"network-traffic:src_ref.value", "network-traffic:dst_ref.value", "network-traffic:src_port", "network-traffic:protocols[*]",
		"network-traffic:protocols", "ipv4-addr:value", "ipv6-addr:value", "windows-registry-key:key", "windows-registry-key:values",
		"x-oca-event:code", "x-oca-event:category[*]", "x-oca-event:category", "x-oca-event:risk_score", "x-oca-event:original",
		"x-oca-event:domain_ref.value", "x-oca-event:duration", "x-oca-asset:ip_refs[*].value", "x-oca-asset:hostname", "user-account:user_id",
		"artifact:payload_bin", "file:name", "file:size", "file:x_code_signature.valid", "directory:path", "url:value", "domain-name:value",
	}
)

func drawScalar(t *rapid.T) any {
	switch rapid.IntRange(0, 5).Draw(t, "kind") {
	case 0:
		return rapid.SampledFrom(someNumbers).Draw(t, "number")
	case 1:
		return rapid.Bool().Draw(t, "bool")
	}
	return rapid.SampledFrom(someTexts).Draw(t, "text")
}

// drawDocument returns a document whose fields have all kinds of values, most of
// them wrong.
func drawDocument(t *rapid.T) []byte {
	doc := make(map[string]any)
	for _, field := range someFields {
		if rapid.IntRange(0, 3).Draw(t, "has "+field) > 0 {
			continue
		}
		var v any
		if rapid.IntRange(0, 5).Draw(t, "list") == 0 {
			v = []any{drawScalar(t), drawScalar(t)}
		} else {
			v = drawScalar(t)
		}
		put(doc, strings.Split(field, "."), v)
	}
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func put(doc map[string]any, path []string, v any) {
	for _, name := range path[:len(path)-1] {
		inner, _ := doc[name].(map[string]any)
		if inner == nil {
			inner = make(map[string]any)
			doc[name] = inner
		}
		doc = inner
	}
	doc[path[len(path)-1]] = v
}

func drawOperand(t *rapid.T) stix.Operand {
	v := drawScalar(t)
	return &stix.Literal{Value: entityValue(v)}
}

func entityValue(v any) entity.Value {
	switch v := v.(type) {
	case string:
		return entity.StringValue(v)
	case bool:
		return entity.BoolValue(v)
	case int:
		return entity.IntValue(int64(v))
	case float64:
		return entity.FloatValue(v)
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return entity.IntValue(n)
		}
		f, _ := v.Float64()
		return entity.FloatValue(f)
	}
	panic(fmt.Sprintf("no value %T", v))
}

func drawExpr(t *rapid.T, depth int) stix.Expr {
	if depth > 0 && rapid.IntRange(0, 2).Draw(t, "logic") > 0 {
		op := rapid.SampledFrom([]stix.LogicOp{stix.And, stix.Or}).Draw(t, "op")
		return &stix.Logic{Op: op, X: drawExpr(t, depth-1), Y: drawExpr(t, depth-1)}
	}
	name := rapid.SampledFrom(somePaths).Draw(t, "path")
	if !strings.Contains(name, ":") {
		name = "process:" + name
	}
	path, list := stix.ParsePath(name)
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	not := rapid.IntRange(0, 4).Draw(t, "not") == 0
	op := rapid.SampledFrom([]stix.Op{
		stix.Equal, stix.Equal, stix.NotEqual, stix.In, stix.Like, stix.Like, stix.Matches, stix.Matches,
		stix.Less, stix.LessEqual, stix.Greater, stix.GreaterEqual, stix.IsSubset, stix.IsSuperset, stix.IsNull,
	}).Draw(t, "op")
	c := &stix.Comparison{Path: path, Not: not, Op: op}
	switch op {
	case stix.IsNull:
		if rapid.Bool().Draw(t, "exists") {
			return &stix.Exists{Path: path, Not: not}
		}
	case stix.In:
		list := &stix.List{}
		for range rapid.IntRange(1, 12).Draw(t, "values") {
			list.Items = append(list.Items, drawOperand(t))
		}
		c.Value = list
	case stix.Like:
		c.Value = &stix.Literal{Value: entity.StringValue(rapid.SampledFrom(append(someGlobs, someTexts...)).Draw(t, "glob"))}
	case stix.Matches:
		c.Value = &stix.Literal{Value: entity.StringValue(rapid.SampledFrom(someExprs).Draw(t, "expression"))}
	default:
		c.Value = drawOperand(t)
	}
	return c
}

// An indexSchema is a schema as field capabilities give it.
type indexSchema struct{ index *index }

func (s indexSchema) fields(out []field, name string) []field {
	switch typ := s.index.types(name); {
	case typ == "text" && s.index.types(name+".keyword") == "keyword":
		out = append(out, field{name: name + ".keyword", kind: keywordKind})
	case typ == "":
		return append(out, field{name: name, kind: unsearchable})
	default:
		k, bits := kindOf(typ)
		out = append(out, field{name: name, kind: k, bits: bits})
	}
	return out
}

// TestQueryAcceptsWhatMatches holds queries against what patterns mean: the
// index must give every document whose record has an entity that matches.
func TestQueryAcceptsWhatMatches(t *testing.T) {
	t.Parallel()
	table := ecsTable(t)
	kinds := map[string]func(string) string{
		"ecs": ecsType, "dynamic": dynamicType, "text only": func(f string) string {
			if typ := dynamicType(f); !strings.HasSuffix(f, ".keyword") {
				return typ
			}
			return ""
		},
	}
	for name, types := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				x := &index{name: "logs", types: types, ignoreAbove: 140}
				for i := range 4 {
					x.add(t, fmt.Sprint(i), drawDocument(t))
				}
				checkSuperset(t, table, x, drawExpr(t, 2), rapid.SampledFrom([]string{"process", "process", "file", "network-traffic", "x-oca-event"}).Draw(t, "type"))
			})
		})
	}
}

func checkSuperset(t *rapid.T, table *mapping.Table, x *index, where stix.Expr, typ string) {
	translation, err := translator{table: table, schema: indexSchema{x}}.translate(where, typ)
	if err != nil {
		t.Fatal(err)
	}
	query := translation.root.append(nil)
	found := x.search(t, query)
	m, err := match.Compile(resolved(table, where, typ), typ)
	if err != nil {
		t.Fatal(err)
	}
	mapper := table.NewMapper()
	for _, d := range x.docs {
		var rec entity.Record
		if err := mapper.Map(d.source, &rec); err != nil {
			t.Fatal(err)
		}
		rec.ID = d.id
		entity.Identify(&rec)
		if len(m.Match(&rec, nil)) > 0 && !slices.ContainsFunc(found, func(f document) bool { return f.id == d.id }) {
			t.Fatalf("the %s of\n%s\nmatches\n%s\nbut is not found by\n%s", typ, d.source, stix.ExprString(where, ""), query)
		}
	}
}
