// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package sqlgen

import (
	"fmt"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
)

// as returns the expressions for the values of c in a column of a kind, and for
// those of other kinds beside it; each is empty if there can be none.
func (c cell) as(kind entity.Kind) (main, tagged string) {
	if c.main == "" || c.kind == kind {
		return c.main, c.tagged
	}
	return "", first(nonEmpty(tag(c.main, c.kind), c.tagged), "VARCHAR")
}

// tag writes a value as Column.Other has it.
func tag(sql string, kind entity.Kind) string {
	letter := map[entity.Kind]string{entity.Bool: "b", entity.Int: "i", entity.Float: "f", entity.JSON: "j"}[kind]
	if letter == "" {
		letter = "s"
	}
	return "('" + letter + "' || (" + sql + ")::VARCHAR)"
}

// oneCell makes one cell of several, of which at most one has a value: of the
// kind of the first, with what is of other kinds beside it.
func oneCell(cells []cell) cell {
	switch len(cells) {
	case 0:
		return cell{main: "NULL::VARCHAR", kind: entity.String}
	case 1:
		if cells[0].main == "" {
			cells[0].kind = entity.String
			cells[0].main = "NULL::VARCHAR"
		}
		return cells[0]
	}
	out := cell{kind: entity.String}
	for _, c := range cells {
		if c.main != "" {
			out.kind = c.kind
			break
		}
	}
	var mains, others []string
	for _, c := range cells {
		main, tagged := c.as(out.kind)
		mains = append(mains, nonEmpty(main)...)
		others = append(others, nonEmpty(tagged)...)
	}
	out.main = first(mains, sqlType(out.kind))
	if len(others) > 0 {
		out.tagged = first(others, "VARCHAR")
	}
	return out
}

func nonEmpty(texts ...string) []string {
	var out []string
	for _, t := range texts {
		if t != "" {
			out = append(out, t)
		}
	}
	return out
}

// A reading is what the values of cells are when they are looked at as one sort
// of thing: an expression for each sort, empty if no value can be of it. A value
// is of at most one.
type reading struct {
	ints   string // integers
	floats string // other numbers
	bools  string
	texts  string // text that is not JSON
	json   string
}

// read tells the kinds of values in cells apart.
func read(cells []cell) reading {
	var ints, floats, bools, texts, json []string
	add := func(kind entity.Kind, sql string) {
		switch kind {
		case entity.Int:
			ints = append(ints, sql)
		case entity.Float:
			floats = append(floats, sql)
		case entity.Bool:
			bools = append(bools, sql)
		case entity.JSON:
			json = append(json, sql)
		default:
			texts = append(texts, sql)
		}
	}
	for _, c := range cells {
		if c.main != "" {
			add(c.kind, c.main)
		}
		if c.tagged == "" {
			continue
		}
		rest := "substr(" + c.tagged + ", 2)"
		is := func(letter, sql string) string {
			return fmt.Sprintf("CASE WHEN left(%s, 1) = '%s' THEN %s END", c.tagged, letter, sql)
		}
		add(entity.Int, is("i", "TRY_CAST("+rest+" AS BIGINT)"))
		add(entity.Float, is("f", toDouble(rest)))
		add(entity.Bool, is("b", "("+rest+" = 'true')"))
		add(entity.String, is("s", rest))
		add(entity.JSON, is("j", rest))
	}
	return reading{
		ints: either(ints), floats: either(floats), bools: either(bools), texts: either(texts), json: either(json),
	}
}

// either is the first of several expressions that has a value, "" of none.
func either(exprs []string) string {
	switch len(exprs) {
	case 0:
		return ""
	case 1:
		return exprs[0]
	}
	return "coalesce(" + strings.Join(exprs, ", ") + ")"
}

// numeric is the number that text looks like, NULL if it looks like none.
func numeric(text string) string {
	return "CASE WHEN " + looksNumeric(text) + " THEN " + toDouble(text) + " END"
}

// exact is the whole numbers of r, booleans as 1 and 0.
func (r reading) exact() string {
	return either(nonEmpty(r.ints, cast(r.bools, "INTEGER")))
}

// inexact is the numbers of r that are not whole by kind, those that text looks
// like among them.
func (r reading) inexact() string {
	out := nonEmpty(r.floats)
	if r.texts != "" {
		out = append(out, numeric(r.texts))
	}
	return either(out)
}

// cast is an expression as another type, "" if there is none.
func cast(sql, typ string) string {
	if sql == "" {
		return ""
	}
	return "(" + sql + ")::" + typ
}
