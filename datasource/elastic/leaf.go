// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package elastic

import (
	"strings"
	"unicode/utf8"

	"github.com/kestrelhunt/kestrel/entity"
)

// An arena is memory for the many small parts of one query. A nil arena gives
// each part its own.
type arena struct {
	buf     []byte
	clauses []clause
}

// bytes returns an empty slice to append one query to, which keep then keeps.
func (a *arena) bytes() []byte {
	const chunk, spare = 4096, 256
	if a == nil {
		return make([]byte, 0, 96)
	}
	if cap(a.buf)-len(a.buf) < spare {
		a.buf = make([]byte, 0, chunk)
	}
	return a.buf[len(a.buf):]
}

// keep makes sure that nothing is written over a query that began as bytes.
func (a *arena) keep(query []byte) {
	if a == nil || len(query) == 0 || len(query) > cap(a.buf)-len(a.buf) {
		return
	}
	if end := len(a.buf); &a.buf[:end+1][end] == &query[0] {
		a.buf = a.buf[:end+len(query)]
	}
}

func (a *arena) clause() *clause {
	if a == nil {
		return new(clause)
	}
	if len(a.clauses) == 0 {
		a.clauses = make([]clause, 64)
	}
	c := &a.clauses[0]
	a.clauses = a.clauses[1:]
	return c
}

func existsLeaf(f field) *clause {
	return f.leaf(append(appendText(append(f.mem.bytes(), `{"exists":{"field":`...), f.name), "}}"...))
}

// absentLeaf accepts documents without a value in the field.
func absentLeaf(f field) *clause {
	dst := append(appendText(append(f.mem.bytes(), `{"bool":{"must_not":[{"exists":{"field":`...), f.name), "}}]}}"...)
	return f.leaf(dst)
}

// keyed starts a query of the form {"name":{field:
func keyed(name string, f field) []byte {
	dst := append(f.mem.bytes(), `{"`...)
	dst = append(dst, name...)
	dst = append(dst, `":{`...)
	return append(appendText(dst, f.name), ':')
}

func termLeaf(f field, v entity.Value) *clause {
	return f.leaf(append(appendValue(keyed("term", f), v), "}}"...))
}

// termFold is termLeaf for text in any letter case.
func termFold(f field, text string) *clause {
	dst := append(appendText(append(keyed("term", f), `{"value":`...), text), `,"case_insensitive":true}}}`...)
	return f.leaf(dst)
}

func termsLeaf(f field, values []entity.Value) *clause {
	if len(values) == 1 {
		return termLeaf(f, values[0])
	}
	dst := append(keyed("terms", f), '[')
	for i, v := range values {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendValue(dst, v)
	}
	return f.leaf(append(dst, "]}}"...))
}

func prefixLeaf(f field, text string) *clause {
	return f.leaf(append(appendText(keyed("prefix", f), text), "}}"...))
}

// prefixFold is prefixLeaf for text in any letter case.
func prefixFold(f field, text string) *clause {
	dst := append(appendText(append(keyed("prefix", f), `{"value":`...), text), `,"case_insensitive":true}}}`...)
	return f.leaf(dst)
}

func wildcardLeaf(f field, pattern string) *clause {
	return f.leaf(append(appendText(append(keyed("wildcard", f), `{"value":`...), shortened(pattern)), "}}}"...))
}

// wildcardFold is wildcardLeaf for text in any letter case.
func wildcardFold(f field, pattern string) *clause {
	dst := append(appendText(append(keyed("wildcard", f), `{"value":`...), shortened(pattern)), `,"case_insensitive":true}}}`...)
	return f.leaf(dst)
}

// wildcardMost bounds a wildcard pattern, in bytes: servers refuse long ones.
const wildcardMost = 256

// shortened returns a pattern that is not too long, and that accepts what a long
// one does.
func shortened(pattern string) string {
	if len(pattern) <= wildcardMost {
		return pattern
	}
	end := wildcardMost
	for !utf8.RuneStart(pattern[end]) {
		end--
	}
	head := pattern[:end]
	if escapes := len(head) - len(strings.TrimRight(head, `\`)); escapes%2 == 1 {
		head = head[:end-1]
	}
	if strings.HasSuffix(head, "*") && !strings.HasSuffix(head, `\*`) {
		return head
	}
	return head + "*"
}

// regexpLeaf asks for a whole value that matches an expression of Lucene without
// its optional operators.
func regexpLeaf(f field, expr string) *clause {
	return f.leaf(append(appendText(append(keyed("regexp", f), `{"value":`...), expr), `,"flags":"NONE"}}}`...))
}

func phraseLeaf(f field, text string) *clause {
	dst := append(appendText(append(keyed("match_phrase", f), `{"query":`...), text), `,"zero_terms_query":"all"}}}`...)
	return f.leaf(dst)
}

// rangeLeaf asks for values between bounds; a bound whose word is "" is left
// out.
func rangeLeaf(f field, low string, from entity.Value, high string, to entity.Value, format string) *clause {
	dst := append(keyed("range", f), '{')
	sep := ""
	for _, b := range []struct {
		word  string
		value entity.Value
	}{{low, from}, {high, to}} {
		if b.word != "" {
			dst = append(dst, sep+`"`+b.word+`":`...)
			dst = appendValue(dst, b.value)
			sep = ","
		}
	}
	if format != "" {
		dst = append(dst, sep+`"format":"`+format+`"`...)
	}
	return f.leaf(append(dst, "}}}"...))
}

// hiddenLeaf accepts documents that have a value in the field which the index
// left out: too long a text, or no number where one was expected. Not every
// server lists them; a text too long for the keyword below it is then found by
// the text, and a keyword alone loses it.
func hiddenLeaf(f field) *clause {
	if f.kind != keywordKind || !f.lossy {
		return listedLeaf(f)
	}
	if f.parent == "" {
		return nothing
	}
	dst := append(appendText(append(f.mem.bytes(), `{"bool":{"filter":[{"exists":{"field":`...), f.parent), `}}],"must_not":[{"exists":{"field":`...)
	return f.leaf(append(appendText(dst, f.name), "}}]}}"...))
}

// listedLeaf accepts documents in which the index says that it left out a value
// of the field.
func listedLeaf(f field) *clause {
	c := f.mem.clause()
	c.op, c.name = hidden, f.name
	return c
}

// present accepts documents with any value in the field.
func present(f field) *clause { return anyOf(existsLeaf(f), hiddenLeaf(f)) }
