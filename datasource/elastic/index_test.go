// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package elastic

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/kestrelhunt/kestrel/entity"
)

// A failer ends a test: *testing.T and *rapid.T do.
type failer interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// An index is a small model of how Elasticsearch and OpenSearch hold documents
// and answer queries on them: what each type of field keeps of a value, and what
// each query finds. It knows the queries that we send, and no other.
type index struct {
	name        string
	types       func(field string) string // "" means that the field is not mapped
	ignoreAbove int
	docs        []document
}

// A document is what an index keeps of one.
type document struct {
	id      string
	source  json.RawMessage
	values  map[string][]any // by field: string, int64, float64, bool, netip.Addr, time.Time
	words   map[string][][]string
	ignored []string
}

// ecsType is the type that ECS gives a field.
func ecsType(field string) string {
	field, isText := strings.CutSuffix(field, ".text")
	if isText {
		return "text"
	}
	return map[kind]string{
		keywordKind: "keyword", textKind: "text", ipKind: "ip", intKind: "long", floatKind: "float",
		boolKind: "boolean", dateKind: "date", otherKind: "object", unsearchable: "",
	}[ecsKind(field)]
}

// dynamicType is the type that a field gets in an index without a template.
func dynamicType(field string) string {
	if strings.HasSuffix(field, ".keyword") {
		return "keyword"
	}
	switch ecsKind(field) {
	case intKind, floatKind, boolKind, dateKind, otherKind:
		return ecsType(field)
	}
	return "text"
}

func (x *index) add(t failer, id string, source []byte) {
	t.Helper()
	d := document{id: id, source: bytes.Clone(source), values: make(map[string][]any), words: make(map[string][][]string)}
	dec := json.NewDecoder(bytes.NewReader(source))
	dec.UseNumber()
	var tree any
	if err := dec.Decode(&tree); err != nil {
		t.Fatal(err)
	}
	x.keep(&d, "", tree)
	slices.Sort(d.ignored)
	d.ignored = slices.Compact(d.ignored)
	x.docs = append(x.docs, d)
}

func (x *index) keep(d *document, path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			x.keep(d, strings.TrimPrefix(path+"."+k, "."), inner)
		}
	case []any:
		for _, inner := range v {
			x.keep(d, path, inner)
		}
	case nil:
	default:
		x.keepAs(d, path, x.types(path), v)
		if x.types(path) == "text" {
			x.keepAs(d, path+".keyword", x.types(path+".keyword"), v)
		}
	}
}

func (x *index) keepAs(d *document, field, typ string, v any) {
	text := fmt.Sprint(v)
	var kept any
	switch typ {
	case "":
		return
	case "keyword":
		if utf8.RuneCountInString(text) <= x.ignoreAbove {
			kept = text
		}
	case "text":
		d.words[field] = append(d.words[field], wordsIn(text))
		kept = text
	case "ip":
		if addr, err := netip.ParseAddr(text); err == nil {
			kept = addr.Unmap()
		}
	case "long":
		if f, err := strconv.ParseFloat(text, 64); err == nil && math.Abs(f) < 1<<63 {
			kept = int64(f)
			if n, err := strconv.ParseInt(text, 10, 64); err == nil {
				kept = n
			}
		}
	case "float":
		if f, err := strconv.ParseFloat(text, 64); err == nil && math.Abs(f) < math.MaxFloat32 {
			kept = float64(float32(f))
		}
	case "boolean":
		if text == "true" || text == "false" {
			kept = text == "true"
		}
	case "date":
		if t, ok := entity.ParseTime(text); ok {
			kept = t.Time().Truncate(time.Millisecond)
		} else if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
			kept = time.UnixMilli(ms).UTC()
		}
	default:
		kept = text
	}
	if kept == nil {
		d.ignored = append(d.ignored, field)
		return
	}
	d.values[field] = append(d.values[field], kept)
}

func wordsIn(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// search returns the documents that a query accepts.
func (x *index) search(t failer, query []byte) []document {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(query))
	dec.UseNumber()
	var tree map[string]any
	if err := dec.Decode(&tree); err != nil {
		t.Fatalf("query %s: %v", query, err)
	}
	var out []document
	for _, d := range x.docs {
		if x.accepts(t, tree, d) {
			out = append(out, d)
		}
	}
	return out
}

func (x *index) accepts(t failer, query map[string]any, d document) bool {
	if len(query) != 1 {
		t.Fatalf("query %v has %d names", query, len(query))
	}
	for name, body := range query {
		body, _ := body.(map[string]any)
		switch name {
		case "match_all":
			return true
		case "match_none":
			return false
		case "bool":
			return x.bool(t, body, d)
		case "exists":
			field := body["field"].(string)
			return len(d.values[field]) > 0 || slices.ContainsFunc(x.below(d, field), func(string) bool { return true })
		}
		if len(body) != 1 {
			t.Fatalf("query %s of %v is about %d fields", name, body, len(body))
		}
		for field, how := range body {
			return x.leaf(t, name, field, how, d)
		}
	}
	return false
}

// below returns the fields of d inside an object.
func (x *index) below(d document, field string) []string {
	var out []string
	for name := range d.values {
		if strings.HasPrefix(name, field+".") {
			out = append(out, name)
		}
	}
	return out
}

func (x *index) bool(t failer, body map[string]any, d document) bool {
	for _, q := range list(body["filter"]) {
		if !x.accepts(t, q.(map[string]any), d) {
			return false
		}
	}
	for _, q := range list(body["must_not"]) {
		if x.accepts(t, q.(map[string]any), d) {
			return false
		}
	}
	should := list(body["should"])
	return len(should) == 0 || slices.ContainsFunc(should, func(q any) bool { return x.accepts(t, q.(map[string]any), d) })
}

func list(v any) []any { l, _ := v.([]any); return l }

func (x *index) leaf(t failer, name, field string, how any, d document) bool {
	switch field {
	case "_ignored":
		return slices.ContainsFunc(list(how), func(v any) bool { return slices.Contains(d.ignored, v.(string)) })
	case "_index":
		return slices.Contains(list(how), any(x.name)) || how == x.name
	}
	if name == "match_phrase" {
		phrase := wordsIn(how.(map[string]any)["query"].(string))
		return slices.ContainsFunc(d.words[field], func(words []string) bool { return hasPhrase(words, phrase) })
	}
	test := x.test(t, name, x.types(field), how)
	return slices.ContainsFunc(d.values[field], test)
}

func hasPhrase(words, phrase []string) bool {
	for i := 0; i+len(phrase) <= len(words); i++ {
		if slices.Equal(words[i:i+len(phrase)], phrase) {
			return true
		}
	}
	return len(phrase) == 0
}

// test returns the test of one indexed value.
func (x *index) test(t failer, name, typ string, how any) func(any) bool {
	opts, _ := how.(map[string]any)
	if inner, ok := opts["value"]; ok {
		how = inner
	}
	fold := opts["case_insensitive"] == true
	text := func(v any) string {
		if fold {
			return strings.ToLower(v.(string))
		}
		return v.(string)
	}
	switch name {
	case "term":
		return func(v any) bool { return equalIndexed(t, typ, v, how, fold) }
	case "terms":
		return func(v any) bool {
			return slices.ContainsFunc(list(how), func(want any) bool { return equalIndexed(t, typ, v, want, false) })
		}
	case "prefix":
		return func(v any) bool { return strings.HasPrefix(text(v), text(how)) }
	case "wildcard":
		re := regexp.MustCompile("(?s)^" + fromWildcard(text(how)) + "$")
		return func(v any) bool { return re.MatchString(text(v)) }
	case "regexp":
		if typ != "keyword" || opts["flags"] != "NONE" || utf8.RuneCountInString(how.(string)) > 1000 {
			t.Fatalf("regexp %v on a %s", how, typ)
		}
		re, err := regexp.Compile("(?s)^(?:" + how.(string) + ")$")
		if err != nil {
			t.Fatalf("regexp %v: %v", how, err)
		}
		return func(v any) bool { return re.MatchString(v.(string)) }
	case "range":
		return func(v any) bool { return inRange(t, typ, v, opts) }
	}
	t.Fatalf("no query %s", name)
	return nil
}

func fromWildcard(pattern string) string {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '*':
			b.WriteString(".*")
		case c == '?':
			b.WriteString(".")
		case c == '\\' && i+1 < len(pattern):
			i++
			b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		default:
			b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		}
	}
	return b.String()
}

// indexed returns a value of a query as the index has values of that type; it
// fails where a server refuses the query.
func indexed(t failer, typ string, want any) any {
	text := fmt.Sprint(want)
	switch typ {
	case "keyword", "text":
		return text
	case "long":
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			t.Fatalf("%v is no long", want)
		}
		return n
	case "float":
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || math.Abs(f) > math.MaxFloat32 {
			t.Fatalf("%v is no float", want)
		}
		return float64(float32(f))
	case "boolean":
		return want.(bool)
	case "date":
		tm, ok := entity.ParseTime(text)
		if !ok {
			t.Fatalf("%v is no date", want)
		}
		return tm.Time()
	case "ip":
		if network, err := netip.ParsePrefix(text); err == nil {
			return network
		}
		addr, err := netip.ParseAddr(text)
		if err != nil {
			t.Fatalf("%v is no address", want)
		}
		return addr.Unmap()
	}
	t.Fatalf("a query for a value of type %q", typ)
	return nil
}

func equalIndexed(t failer, typ string, v, want any, fold bool) bool {
	switch want := indexed(t, typ, want).(type) {
	case netip.Prefix:
		return want.Contains(v.(netip.Addr))
	case string:
		return v == want || fold && strings.EqualFold(v.(string), want)
	default:
		return v == want
	}
}

func inRange(t failer, typ string, v any, opts map[string]any) bool {
	for word, want := range opts {
		if word == "format" {
			continue
		}
		var c int
		switch want := indexed(t, typ, want).(type) {
		case string:
			c = strings.Compare(v.(string), want)
		case int64:
			c = compare(v.(int64), want)
		case float64:
			c = compare(v.(float64), want)
		case time.Time:
			c = v.(time.Time).Compare(want)
		default:
			t.Fatalf("a range over %T", want)
		}
		ok := map[string]bool{"lt": c < 0, "lte": c <= 0, "gt": c > 0, "gte": c >= 0}[word]
		if !ok {
			return false
		}
	}
	return true
}

func compare[T int64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
