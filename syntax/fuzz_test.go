// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"reflect"
	"testing"

	"github.com/kestrelhunt/kestrel/diag"
)

// seeds are texts from which the fuzzers start: every command, every kind of
// token, and faults of every kind.
var seeds = []string{
	"",
	"# only a comment",
	"\uFEFFDISP x",
	"p = NEW process [ {\"name\": \"cmd.exe\", \"pid\": 123}\n, {'name': 'x', \"n\": null, \"l\": [1, {\"a\": []}]} ] # data\nDISP p ATTR name, pid",
	"NEW file ['a', \"b\\u00e9\\N{DIGIT ONE}\"]",
	"b = GET process FROM file://a,b/*.json WHERE name IN ('a', r'C:\\x') AND (pid > 4 OR pid = -1) START 2022-07-01T00:00:00Z STOP t'2022-08-01T00:00:00Z' LIMIT 3",
	"c = GET url FROM 'udi://x y' WHERE [url:value LIKE '%' AND x-oca-asset:hostname NOT MATCHES '^h' AND a.b[*].'c-d' IS NOT NULL] LAST 5d",
	"d = FIND process CREATED BY b WITHIN 3 HOPS WHERE pid = b.pid LAST 2 hours LIMIT 1",
	"e = b WHERE name = cmd ATTR a, b.c SORT BY a DESC LIMIT 1 OFFSET 2",
	"f = b + c + d g = TIMESTAMPED(f)\nSORT f BY a asc",
	"g = GROUP b BY name, BIN(first_observed, 5m) WITH COUNT(*) AS n, MAX(pid)",
	"h = JOIN a, b BY x.y, z j = JOIN a, b",
	"i = LOAD data/x.csv AS process SAVE i TO '~/y.parquet'",
	"APPLY python://x ON a, b WITH k=1, l=(a, b.c, ['d']), m = 0.5e-3",
	"INFO a DESCRIBE a.b EXPLAIN a EXPLAIN ANALYZE a WHY a WHY a[3].b.c",
	"get = p limit = get x = y\nlimit = z",
	"DISP # a\n # b\n x # c\n\n\n# d\n",
	"DSIP x\nx = GTE process\ny = GET process FROM a WHERE\nz = z",
	"x = y WHERE a = 'b",
	"x = y WHERE a = '\\xZZ' AND b = 99999999999999999999 AND c <> 1",
	"x = y WHERE ((((a = 1",
	"NEW process [{\"a\": {\"b\": }}, ",
	"a = b; \u201cx\u201d \x00\xff ? ` ~",
}

// checkSpans checks that every span in v lies in file, and that every node's
// text could be shown.
func checkSpans(t *testing.T, file *diag.File, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() && v.Type() != reflect.TypeFor[*diag.File]() {
			checkSpans(t, file, v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			checkSpans(t, file, v.Index(i))
		}
	case reflect.Struct:
		if s, ok := reflect.TypeAssert[diag.Span](v); ok {
			if s.File != nil && (s.File != file || s.Start < 0 || s.Start > s.End || s.End > len(file.Text)) {
				t.Errorf("a span is [%d, %d) in a text of %d bytes", s.Start, s.End, len(file.Text))
			}
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				checkSpans(t, file, v.Field(i))
			}
		}
	}
}

// checkParse checks what holds for the tree of any text.
func checkParse(t *testing.T, text string) {
	t.Helper()
	file := &diag.File{Name: "fuzz.hf", Text: text}
	hunt, diags := Parse(file)
	end := 0
	for _, tok := range hunt.Tokens {
		if tok.At.Start != end || tok.At.End <= end {
			t.Fatalf("a token is [%d, %d) behind %d in %q", tok.At.Start, tok.At.End, end, text)
		}
		end = tok.At.End
	}
	if end != len(text) {
		t.Errorf("the tokens end at %d of %q", end, text)
	}
	end = 0
	for _, s := range hunt.Stmts {
		if s.Span().Start < end || s.Span().End <= s.Span().Start {
			t.Errorf("a step is [%d, %d) behind %d in %q", s.Span().Start, s.Span().End, end, text)
		}
		end = s.Span().End
		if _, bad := s.(*BadStmt); bad && len(diags) == 0 {
			t.Errorf("a bad step was not reported in %q", text)
		}
	}
	checkSpans(t, file, reflect.ValueOf(hunt.Stmts))
	checkSpans(t, file, reflect.ValueOf(diags))
	for _, d := range diags {
		if d.Code == "" || d.Message == "" || d.Span.IsZero() {
			t.Errorf("a diagnostic says too little: %+v", d)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		checkParse(t, text)
		file := &diag.File{Text: text}
		for _, offset := range []int{len(text) / 3, len(text)} {
			e := Expected(file, offset)
			if e.Replace.End != offset || e.Replace.Start > offset {
				t.Errorf("Expected(%q, %d) would replace [%d, %d)", text, offset, e.Replace.Start, e.Replace.End)
			}
		}
	})
}

func FuzzFormat(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		hunt, diags := Parse(&diag.File{Text: text})
		if len(diags) == 0 {
			checkFormat(t, text)
		}
		Format(hunt)
		for _, s := range hunt.Stmts {
			FormatStmt(s)
		}
	})
}
