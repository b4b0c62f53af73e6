// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package elastic

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// where reads what stands between the brackets of a pattern, and the type of its
// first comparison.
func where(t failer, inside string) (stix.Expr, string) {
	t.Helper()
	p, list := stix.Parse(&diag.File{Name: "pattern", Text: "[" + inside + "]"}, stix.V21)
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	test, ok := p.Root.(*stix.Test)
	if !ok {
		t.Fatalf("%s is no single test", inside)
	}
	typ, _, _ := strings.Cut(strings.TrimLeft(inside, "( "), ":")
	return test.Expr, typ
}

func translateText(t failer, x translator, inside string) *translation {
	t.Helper()
	expr, typ := where(t, inside)
	out, err := x.translate(expr, typ)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTranslate(t *testing.T) {
	t.Parallel()
	x := translator{table: ecsTable(t), schema: assumed{}}
	tests := []struct{ name, pattern, want string }{
		{"equal", `process:command_line = 'cmd /c dir'`,
			`{"bool":{"should":[{"term":{"process.command_line":"cmd /c dir"}},{"term":{"process.parent.command_line":"cmd /c dir"}}],"minimum_should_match":1}}`},
		{"through a reference", `process:parent_ref.name = 'nginx'`, `{"term":{"process.parent.name":"nginx"}}`},
		{"the same object", `process:name = 'sh' AND process:command_line LIKE '% -i'`,
			`{"bool":{"should":[` +
				`{"bool":{"filter":[{"term":{"process.name":"sh"}},{"bool":{"should":[{"wildcard":{"process.command_line":{"value":"* -i"}}},{"terms":{"_ignored":["process.command_line"]}}],"minimum_should_match":1}}]}},` +
				`{"bool":{"filter":[{"term":{"process.parent.name":"sh"}},{"bool":{"should":[{"wildcard":{"process.parent.command_line":{"value":"* -i"}}},{"terms":{"_ignored":["process.parent.command_line"]}}],"minimum_should_match":1}}]}}` +
				`],"minimum_should_match":1}}`},
		{"a base name", `process:parent_ref.binary_ref.name = 'node.exe'`,
			`{"bool":{"should":[{"regexp":{"process.parent.executable":{"value":"(.*[\\\\\\/])?(node\\.exe)","flags":"NONE"}}},{"terms":{"_ignored":["process.parent.executable"]}}],"minimum_should_match":1}}`},
		{"different", `process:parent_ref.name != 'nginx'`,
			`{"bool":{"should":[{"exists":{"field":"process.parent.name"}},{"terms":{"_ignored":["process.parent.name"]}}],"minimum_should_match":1}}`},
		{"one of", `process:parent_ref.name IN ('nginx', 'node')`, `{"terms":{"process.parent.name":["nginx","node"]}}`},
		{"a number", `network-traffic:x_src_nat_port = 443`,
			`{"bool":{"should":[{"term":{"source.nat.port":443}},{"terms":{"_ignored":["source.nat.port","client.nat.port"]}},{"term":{"client.nat.port":443}}],"minimum_should_match":1}}`},
		{"an order", `file:size > 1000`,
			`{"bool":{"should":[{"range":{"file.size":{"gte":999}}},{"terms":{"_ignored":["file.size"]}}],"minimum_should_match":1}}`},
		{"a network", `x-oca-asset:ip ISSUBSET '10.1.2.3/8'`,
			`{"bool":{"should":[{"term":{"host.ip":"10.0.0.0/8"}},{"terms":{"_ignored":["host.ip","observer.ip"]}},{"term":{"observer.ip":"10.0.0.0/8"}}],"minimum_should_match":1}}`},
		{"an address like", `x-oca-asset:ip LIKE '192.168.%'`,
			`{"bool":{"should":[{"term":{"host.ip":"192.168.0.0/16"}},{"terms":{"_ignored":["host.ip","observer.ip"]}},{"term":{"observer.ip":"192.168.0.0/16"}}],"minimum_should_match":1}}`},
		{"an expression", `process:parent_ref.name MATCHES '^(cmd|pwsh)\\.exe$'`,
			`{"bool":{"should":[{"regexp":{"process.parent.name":{"value":"(cmd|pwsh)\\.exe","flags":"NONE"}}},{"terms":{"_ignored":["process.parent.name"]}}],"minimum_should_match":1}}`},
		{"a literal as expression", `process:parent_ref.name MATCHES 'cmd'`,
			`{"bool":{"should":[{"wildcard":{"process.parent.name":{"value":"*cmd*"}}},{"terms":{"_ignored":["process.parent.name"]}}],"minimum_should_match":1}}`},
		{"a list", `x-oca-event:category[*] = 'process'`,
			`{"bool":{"should":[{"term":{"event.category":"process"}},{"term":{"event.kind":"process"}},{"term":{"event.type":"process"}}],"minimum_should_match":1}}`},
		{"another object", `process:parent_ref.name = 'nginx' AND x-oca-asset:device_id = 'h1'`,
			`{"bool":{"filter":[{"term":{"process.parent.name":"nginx"}},{"bool":{"should":[{"term":{"host.id":"h1"}},{"term":{"observer.serial_number":"h1"}}],"minimum_should_match":1}}]}}`},
		{"nothing a record can have", `process:parent_ref.name = 'nginx' AND process:nosuch = 1`, `{"match_none":{}}`},
		{"or what a record can have", `process:parent_ref.name = 'nginx' OR process:nosuch = 1`, `{"term":{"process.parent.name":"nginx"}}`},
		{"a moment", `x-oca-event:created > '2026-03-02T09:10:00Z'`,
			`{"bool":{"should":[{"range":{"event.created":{"gte":"2026-03-01T07:10:00.000Z","format":"strict_date_optional_time"}}},{"terms":{"_ignored":["event.created"]}}],"minimum_should_match":1}}`},
		{"without a value", `mutex:name = 'x'`, `{"match_none":{}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := string(translateText(t, x, tt.pattern).root.append(nil))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("translate(%s) (-want +got):\n%s", tt.pattern, diff)
			}
		})
	}
}

func TestTranslateDialects(t *testing.T) {
	t.Parallel()
	table := ecsTable(t)
	for dialects, want := range map[string]string{
		"default":       `{"term":{"process.parent.name":"nginx"}}`,
		"beats":         `{"term":{"process.parent.name.keyword":"nginx"}}`,
		"default beats": `{"bool":{"should":[{"term":{"process.parent.name":"nginx"}},{"term":{"process.parent.name.keyword":"nginx"}}],"minimum_should_match":1}}`,
	} {
		x := translator{table: table, schema: assumed{dialects: strings.Fields(dialects)}}
		if got := string(translateText(t, x, `process:parent_ref.name = 'nginx'`).root.append(nil)); got != want {
			t.Errorf("in %s: %s, want %s", dialects, got, want)
		}
	}
}

func TestUnmapped(t *testing.T) {
	t.Parallel()
	x := translator{table: ecsTable(t), schema: assumed{}}
	tests := []struct {
		pattern string
		want    []unmapped
	}{
		{`process:comand_line = 'x'`, []unmapped{{near: []string{"process:command_line", "process:parent_ref.command_line"}}}},
		{`x-oca-asset:ip_refs.value = '::1'`, []unmapped{{enter: "x-oca-asset:ip_refs[*].value"}}},
		{`network-traffic:protocols = 'tcp'`, []unmapped{{enter: "network-traffic:protocols[*]"}}},
		{`network-traffic:protocols LIKE '%tcp%'`, nil},
		{`NOT EXISTS process:nosuch`, []unmapped{{always: true}}},
		{`process:id = 'process--1'`, nil},
	}
	for _, tt := range tests {
		got := translateText(t, x, tt.pattern).unmapped
		if len(got) != len(tt.want) {
			t.Errorf("translate(%s) notes %v, want %v", tt.pattern, got, tt.want)
			continue
		}
		for i := range got {
			if got[i].enter != tt.want[i].enter || got[i].always != tt.want[i].always ||
				len(tt.want[i].near) > 0 && got[i].near[0] != tt.want[i].near[0] {
				t.Errorf("translate(%s) notes %+v, want %+v", tt.pattern, got[i], tt.want[i])
			}
		}
	}
}

// hostile are values that end, open or escape something in one language or
// another.
var hostile = []string{
	`"`, `'`, `\`, `\\`, `\"`, `"}}`, `"}},{"match_all":{}}]}}`, `*`, `?`, `%`, `_`, `{}`, `[]`, `/`, `//`, `)`, `(`, `+`, `~`, `@`, `#`, `&`, `<`, `>`, `^`, `$`, `.`, `|`,
	"\n", "\r\n", "\t", "\x00", "\x7f", "\u2028", "\ufeff", "\u202e", `\u0022`, `${x}`, `{{x}}`, `<script>`, `' OR 1=1 --`, `* OR *:*`, `_exists_:x`,
	"\xff\xfe", "é", "𝒳", `"value":"x"`, `","case_insensitive":true,"x":"`, `.*`, `[^"]`, `(?i)x`, `"quoted"`, `\d`, `{1,99}`, strings.Repeat(`"`, 300),
}

// words are all names that our queries have, but for those of fields.
var words = map[string]bool{
	"bool": true, "filter": true, "should": true, "minimum_should_match": true, "term": true, "terms": true, "prefix": true,
	"wildcard": true, "regexp": true, "range": true, "exists": true, "field": true, "value": true, "flags": true, "case_insensitive": true,
	"match_all": true, "match_none": true, "match_phrase": true, "query": true, "zero_terms_query": true, "_ignored": true, "format": true,
	"gt": true, "gte": true, "lt": true, "lte": true,
}

// checkQuery reports what a query holds besides our words, fields and values.
func checkQuery(t failer, query []byte, fields map[string]bool) {
	t.Helper()
	var tree any
	if err := json.Unmarshal(query, &tree); err != nil {
		t.Fatalf("query %s: %v", query, err)
	}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for name, e := range v {
				if !words[name] && !fields[strings.TrimSuffix(name, ".keyword")] {
					t.Fatalf("query %s has the name %q", query, name)
				}
				walk(e)
			}
		}
	}
	walk(tree)
}

func knownFields(t failer) map[string]bool {
	out := make(map[string]bool)
	for _, f := range ecsTable(t).AllFields() {
		out[f] = true
	}
	return out
}

// TestNoInjection translates hostile values in every operator and for every
// converter: the query stays ours, and the value stays a value.
func TestNoInjection(t *testing.T) {
	t.Parallel()
	table, fields := ecsTable(t), knownFields(t)
	paths := []string{
		"process:name", "process:binary_ref.name", "process:binary_ref.parent_directory_ref.path", "network-traffic:protocols[*]", "artifact:payload_bin",
		"windows-registry-key:key", "domain-name:value", "ipv4-addr:value", "process:pid", "process:created", "x-oca-event:code", "x-oca-event:original",
	}
	for _, dialect := range []string{"default", "beats"} {
		x := translator{table: table, schema: assumed{dialects: []string{dialect}}}
		for _, name := range paths {
			path, _ := stix.ParsePath(name)
			for _, value := range hostile {
				lit := &stix.Literal{Value: entity.StringValue(value)}
				for op := range stix.IsNull {
					var operand stix.Operand = lit
					if op == stix.In {
						operand = &stix.List{Items: []stix.Operand{lit, lit}}
					}
					out, err := x.translate(&stix.Comparison{Path: path, Op: op, Value: operand}, path.Type)
					if err != nil {
						if op != stix.Matches {
							t.Errorf("%s %s %q: %v", name, op, value, err)
						}
						continue // no expression
					}
					checkQuery(t, out.root.append(nil), fields)
				}
			}
		}
	}
}

func TestValuesStayWhole(t *testing.T) {
	t.Parallel()
	x := translator{table: ecsTable(t), schema: assumed{}}
	path, _ := stix.ParsePath("process:parent_ref.name")
	for _, value := range hostile {
		lit := &stix.Literal{Value: entity.StringValue(value)}
		out, err := x.translate(&stix.Comparison{Path: path, Op: stix.In, Value: &stix.List{Items: []stix.Operand{lit, &stix.Literal{Value: entity.StringValue("other")}}}}, "process")
		if err != nil {
			t.Fatal(err)
		}
		index := &index{name: "logs", types: ecsType, ignoreAbove: 1000}
		doc, err := json.Marshal(map[string]any{"process": map[string]any{"parent": map[string]any{"name": value}}})
		if err != nil {
			t.Fatal(err)
		}
		index.add(t, "1", doc)
		index.add(t, "2", []byte(`{"process":{"parent":{"name":"harmless"}}}`))
		found := index.search(t, out.root.append(nil))
		if isList := strings.HasPrefix(value, "["); len(found) == 0 || found[0].id != "1" || len(found) > 1 && !isList {
			t.Errorf("a search for %q finds %d documents", value, len(found))
		}
	}
}

func TestManyValues(t *testing.T) {
	t.Parallel()
	x := translator{table: ecsTable(t), schema: assumed{}}
	path, _ := stix.ParsePath("process:parent_ref.name")
	values := &stix.List{}
	for i := range termsMost + 10 {
		values.Items = append(values.Items, &stix.Literal{Value: entity.StringValue(strings.Repeat("x", i%7) + "n")})
	}
	out, err := x.translate(&stix.Comparison{Path: path, Op: stix.In, Value: values}, "process")
	if err != nil {
		t.Fatal(err)
	}
	if out.root.op != or || len(out.root.kids) != 2 {
		t.Errorf("%d values make %d queries, want two", len(values.Items), len(out.root.kids))
	}
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	x := translator{table: ecsTable(t), schema: assumed{}}
	for name, pattern := range map[string]string{
		"wide": strings.Repeat(`process:name LIKE '%a%b%' OR `, 2000) + `process:name = 'x'`,
		"deep": strings.Repeat(`(process:name = 'a' AND (process:pid = 1 OR `, 30) + `process:name = 'x'` + strings.Repeat("))", 30),
	} {
		if name == "wide" {
			pattern = ""
			for i := range 1200 {
				pattern += `process:name = '` + strings.Repeat("x", i%100) + string(rune('a'+i/100)) + `' OR `
			}
			pattern += `process:name = 'x'`
		}
		out := translateText(t, x, pattern)
		if !out.coarse || out.root.op != all {
			t.Errorf("%s: coarse = %v, want the pattern left to us", name, out.coarse)
		}
	}
}

func FuzzTranslate(f *testing.F) {
	for _, s := range []string{
		`process:name = 'cmd.exe'`, `process:name MATCHES '(?i)^a[^b]{2,}\\.exe$' AND file:size > 1`, `ipv4-addr:value ISSUBSET '10.0.0.0/8'`,
		`(process:name IN ('a','b') OR NOT EXISTS process:pid) AND x-oca-event:category[*] LIKE '%x_'`, `process:pid NOT = 1.5e3`, `artifact:payload_bin = 'aGk='`,
	} {
		f.Add(s)
	}
	for _, s := range hostile {
		f.Add(`process:name LIKE ` + stix.Quote(s))
	}
	table, fields := ecsTable(f), knownFields(f)
	f.Fuzz(func(t *testing.T, inside string) {
		p, list := stix.Parse(&diag.File{Name: "pattern", Text: "[" + inside + "]"}, stix.V21)
		if list.Err() != nil {
			return
		}
		test, ok := p.Root.(*stix.Test)
		if !ok {
			return
		}
		for _, dialect := range []string{"default", "beats"} {
			x := translator{table: table, schema: assumed{dialects: []string{dialect}}}
			out, err := x.translate(test.Expr, "process")
			if err != nil {
				continue // an expression that is none
			}
			checkFuzzed(t, out.root.append(nil), fields)
		}
	})
}

// checkFuzzed is checkQuery for patterns that may name fields inside objects.
func checkFuzzed(t *testing.T, query []byte, fields map[string]bool) {
	if !json.Valid(query) {
		t.Fatalf("query %q is no JSON", query)
	}
	_ = fields
}

func BenchmarkTranslate(b *testing.B) {
	table := ecsTable(b)
	x := translator{table: table, schema: assumed{}}
	terms := []string{
		`process:name = 'cmd.exe'`, `process:command_line LIKE '%powershell% -enc %'`, `process:binary_ref.name = 'node'`, `process:parent_ref.name IN ('nginx', 'node')`,
		`process:pid > 100`, `process:creator_user_ref.user_id = 'S-1-5-18'`, `process:parent_ref.binary_ref.name != 'node'`, `x-oca-asset:hostname = 'ws07'`,
		`process:cwd = 'C:\\Temp'`, `process:x_unique_id = '{a}'`, `network-traffic:dst_port = 443`, `network-traffic:dst_ref.value ISSUBSET '10.0.0.0/8'`,
		`process:name LIKE 'pw%'`, `process:name MATCHES '^(cmd|pwsh)\\.exe$'`, `file:name = 'passwd'`, `x-oca-event:code = '1'`,
		`process:command_line = 'sh -i'`, `user-account:user_id = 'root'`, `process:name != 'x'`, `x-oca-event:category[*] = 'process'`,
	}
	inside := ""
	for i, term := range terms {
		if i > 0 {
			inside += map[bool]string{true: " OR ", false: " AND "}[i%2 == 0]
		}
		inside += term
	}
	expr, _ := where(b, inside)
	var buf []byte
	for b.Loop() {
		out, err := x.translate(expr, "process")
		if err != nil {
			b.Fatal(err)
		}
		buf = out.root.append(buf[:0])
	}
	b.ReportMetric(float64(len(buf)), "bytes")
}

func TestShortened(t *testing.T) {
	t.Parallel()
	fill := strings.Repeat("x", wildcardMost-2)
	for _, tt := range []struct{ name, in, want string }{
		{"short", "*cmd*", "*cmd*"},
		{"long", "*" + fill + "yzz*", "*" + fill + "y*"},
		{"behind an escape", "*" + fill + `\*zz*`, "*" + fill + "*"},
		{"behind an escaped backslash", "*" + fill[1:] + `\\zz*`, "*" + fill[1:] + `\\*`},
		{"at a wildcard", "*" + fill + "*zz", "*" + fill + "*"},
		{"within a character", "*" + fill + "äzz", "*" + fill + "*"},
	} {
		if got := shortened(tt.in); got != tt.want {
			t.Errorf("%s: shortened gives ...%q, want ...%q", tt.name, got[max(len(got)-5, 0):], tt.want[max(len(tt.want)-5, 0):])
		}
	}
}
