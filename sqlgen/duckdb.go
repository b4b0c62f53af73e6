// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package sqlgen

import (
	"fmt"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// Functions that the database must have. Each takes two texts and gives a
// boolean.
const (
	// FuncSubset (a, b): network or address a lies in b; stix.Subset.
	FuncSubset = "kestrel_subset"

	// FuncFloatLike and FuncFloatMatches (x, y): the number that the database
	// writes as x, written as entity.Value writes it, is LIKE y, or MATCHES y.
	FuncFloatLike    = "kestrel_float_like"
	FuncFloatMatches = "kestrel_float_matches"

	// FuncPayloadLike and FuncPayloadMatches (x, y): what x stands for as a
	// payload_bin (match.PayloadText), in normal form C, is LIKE y, or MATCHES y.
	FuncPayloadLike    = "kestrel_payload_like"
	FuncPayloadMatches = "kestrel_payload_matches"
)

// like is LIKE on the value as text, with both sides in Unicode Normalization
// Form C. DuckDB's LIKE has no escape unless it is given one, takes "_" for a
// code point and lets "%" cross lines, as STIX wants.
func (g *generator) like(sql string, kind entity.Kind, pattern string, payload bool) string {
	p := g.arg(stix.NFC(pattern))
	switch {
	case payload:
		return FuncPayloadLike + "(" + textForm(sql, kind) + ", " + p + ")"
	case kind == entity.Float:
		return FuncFloatLike + "(" + textForm(sql, kind) + ", " + p + ")"
	}
	return normal(sql, kind) + " LIKE " + p
}

// matches is MATCHES: RE2 in Go and in DuckDB, found anywhere, with a dot that
// stands for line ends too.
func (g *generator) matches(sql string, kind entity.Kind, expr string, payload bool) string {
	e := g.arg(stix.NFC(expr))
	switch {
	case payload:
		return FuncPayloadMatches + "(" + textForm(sql, kind) + ", " + e + ")"
	case kind == entity.Float:
		return FuncFloatMatches + "(" + textForm(sql, kind) + ", " + e + ")"
	}
	return "regexp_matches(" + normal(sql, kind) + ", " + e + ", 's')"
}

// textForm is a value as text.
func textForm(sql string, kind entity.Kind) string {
	if kind == entity.String || kind == entity.JSON {
		return sql
	}
	return "(" + sql + ")::VARCHAR"
}

// normal is a value as text in Unicode Normalization Form C.
func normal(sql string, kind entity.Kind) string {
	if kind == entity.String || kind == entity.JSON {
		return "nfc_normalize(" + sql + ")"
	}
	return textForm(sql, kind)
}

// looksNumeric is the condition that text looks like a number (see
// match.LooksNumeric) that is in the range of floats.
func looksNumeric(sql string) string {
	return fmt.Sprintf(`(regexp_full_match(%s, '[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?') AND isfinite(%s))`, sql, toDouble(sql))
}

func toDouble(sql string) string { return "TRY_CAST(" + sql + " AS DOUBLE)" }

// asDouble is a number or a boolean as a float.
func asDouble(sql string, kind entity.Kind) string {
	switch kind {
	case entity.Float:
		return sql
	case entity.Bool:
		return "(" + sql + ")::INTEGER::DOUBLE"
	}
	return "(" + sql + ")::DOUBLE"
}

// timeText writes nanoseconds since 1970 as RFC 3339 in UTC, with as many
// fraction digits as the source wrote.
func timeText(nanos, digits string) string {
	return fmt.Sprintf("(strftime(make_timestamp_ns(%[1]s), '%%Y-%%m-%%dT%%H:%%M:%%S') || CASE WHEN %[2]s > 0 THEN '.' || left(strftime(make_timestamp_ns(%[1]s), '%%n'), %[2]s) ELSE '' END || 'Z')", nanos, digits)
}

// recordID is the id of a row of table record.
func recordID(alias string) string {
	return fmt.Sprintf("coalesce(%[1]s.id, 'observed-data--' || %[1]s.uuid::VARCHAR)", alias)
}

// elementsOf is the list of the elements of JSON text in the form of
// Column.Other, NULL if it is no list.
func elementsOf(text string) string {
	return fmt.Sprintf(`list_transform(CASE WHEN left(%[1]s, 1) = '[' THEN from_json(%[1]s, '["JSON"]') END, lambda e: CASE json_type(e) WHEN 'VARCHAR' THEN 's' || json_extract_string(e, '$') WHEN 'BOOLEAN' THEN 'b' || e::VARCHAR WHEN 'ARRAY' THEN 'j' || e::VARCHAR WHEN 'OBJECT' THEN 'j' || e::VARCHAR WHEN 'NULL' THEN NULL ELSE CASE WHEN regexp_full_match(e::VARCHAR, '-?[0-9]+') AND TRY_CAST(e::VARCHAR AS BIGINT) IS NOT NULL THEN 'i' ELSE 'f' END || e::VARCHAR END)`, text)
}

// sortKeys order rows by the value in cells: no value, then numbers and
// booleans, then text by code point; descending the other way round.
func sortKeys(cells []cell, desc bool) []string {
	dir := " ASC NULLS FIRST"
	if desc {
		dir = " DESC NULLS LAST"
	}
	if len(cells) == 1 && cells[0].tagged == "" {
		return []string{cells[0].main + dir}
	}
	o := orderOf(cells)
	return []string{o.rank + dir, o.number + dir, o.text + dir}
}

// An order is what values in cells compare by, one after the other: rank is NULL
// without a value, 1 for numbers and booleans, 2 for text.
type order struct{ rank, number, text string }

func orderOf(cells []cell) order {
	var numbers, texts []string
	for _, c := range cells {
		switch {
		case c.main == "":
		case c.kind == entity.String, c.kind == entity.JSON:
			texts = append(texts, c.main)
		default:
			numbers = append(numbers, asDouble(c.main, c.kind))
		}
		if c.tagged != "" {
			rest := "substr(" + c.tagged + ", 2)"
			numbers = append(numbers, fmt.Sprintf("CASE left(%[1]s, 1) WHEN 'i' THEN %[2]s WHEN 'f' THEN %[2]s WHEN 'b' THEN (%[3]s = 'true')::INTEGER::DOUBLE END", c.tagged, toDouble(rest), rest))
			texts = append(texts, fmt.Sprintf("CASE left(%[1]s, 1) WHEN 's' THEN %[2]s WHEN 'j' THEN %[2]s END", c.tagged, rest))
		}
	}
	number, text := first(numbers, "DOUBLE"), first(texts, "VARCHAR")
	return order{
		rank:   fmt.Sprintf("CASE WHEN %s IS NOT NULL THEN 1 WHEN %s IS NOT NULL THEN 2 END", number, text),
		number: number, text: text,
	}
}

// first is the first of several expressions that is not NULL.
func first(exprs []string, typ string) string {
	switch len(exprs) {
	case 0:
		return "NULL::" + typ
	case 1:
		return "(" + exprs[0] + ")"
	}
	return "coalesce(" + strings.Join(exprs, ", ") + ")"
}
