// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package sqlgen

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// A Statement is SQL text with the values of its parameters $1, $2, ...: int64,
// float64, bool or string, or a slice of int64, float64 or string. Long lists do
// not travel as arguments, which are bound value by value: they are tables that
// must be there while the statement runs.
type Statement struct {
	SQL     string
	Args    []any
	Members []Members
}

// Members is a table with the column v, which has the values of a slice of int64,
// float64 or string.
type Members struct {
	Table  string
	Values any
}

// A Field is an attribute in the rows of Select: the columns that may hold its
// value. At most one of them is not NULL.
type Field struct{ Cells []Cell }

// A Cell is a column of a Select: a value of a known kind, or with Tagged one of
// any kind in the form of Column.Other.
type Cell struct {
	Column int
	Kind   entity.Kind
	Tagged bool
}

// Rows returns the statement that yields the rows of a plan: seq, which orders
// them, counted from 0, and the columns of each part, an entity's ent and, if it is in
// a record, rec, or those that a GROUP computed. The plan's leaves are variables.
func Rows(cat Catalog, n plan.Node) (Statement, Shape, error) {
	g := &generator{cat: cat}
	rel := g.node(n)
	if g.err != nil {
		return Statement{}, Shape{}, g.err
	}
	if rel.numbered {
		return g.statement("SELECT seq, " + rel.columns("") + " FROM " + rel.name), rel.Shape, nil
	}
	sql := "SELECT row_number() OVER (ORDER BY seq) - 1 AS seq, " + rel.columns("") + " FROM " + rel.name + " ORDER BY seq"
	return g.statement(sql), rel.Shape, nil
}

// Select returns the statement that yields the rows of a plan, in order, with
// attributes: each path is one Field. The first column is seq. An attribute that
// is not stored has no cells. A path through a list is an error:
// it has no single value.
func Select(cat Catalog, n plan.Node, paths []stix.Path) (Statement, []Field, error) {
	g := &generator{cat: cat}
	rel := g.node(n)
	if g.err != nil {
		return Statement{}, nil, g.err
	}
	root := g.root(rel)
	columns := []string{"i.seq"}
	fields := make([]Field, len(paths))
	for i, p := range paths {
		for _, c := range g.cells(root, p) {
			if c.main != "" {
				fields[i].Cells = append(fields[i].Cells, Cell{Column: len(columns), Kind: c.kind})
				columns = append(columns, c.main)
			}
			if c.tagged != "" {
				fields[i].Cells = append(fields[i].Cells, Cell{Column: len(columns), Tagged: true})
				columns = append(columns, c.tagged)
			}
		}
	}
	if g.err != nil {
		return Statement{}, nil, g.err
	}
	sql := "SELECT " + strings.Join(columns, ", ") + g.from(root) + " ORDER BY i.seq"
	return g.statement(sql), fields, nil
}

// A PathError means that a path has no single value.
type PathError struct{ Path stix.Path }

// Error names the path.
func (e *PathError) Error() string { return "sqlgen: " + e.Path.String() + " has more than one value" }

// A generator writes one statement.
type generator struct {
	cat   Catalog
	args  []any
	lists []Members
	with  []string // common table expressions, in order; "": a place kept free
	names int
	err   error

	inLambda bool // inside a function over list elements
}

func (g *generator) statement(sql string) Statement {
	with := slices.DeleteFunc(g.with, func(s string) bool { return s == "" })
	if len(with) > 0 {
		sql = "WITH " + strings.Join(with, ",\n") + "\n" + sql
	}
	return g.used(sql)
}

// parameter is one of the numbered parameters of a statement. Nothing else in a
// statement looks like one: values are never part of its text.
var parameter = regexp.MustCompile(`\$[0-9]+`)

// used returns a statement with the arguments that its text uses. Others were made
// for conditions that turned out to be none.
func (g *generator) used(sql string) Statement {
	var args []any
	numbers := make(map[string]string)
	sql = parameter.ReplaceAllStringFunc(sql, func(p string) string {
		if numbers[p] == "" {
			n, _ := strconv.Atoi(p[1:]) // digits, and few
			args = append(args, g.args[n-1])
			numbers[p] = fmt.Sprintf("$%d", len(args))
		}
		return numbers[p]
	})
	return Statement{SQL: sql, Args: args, Members: g.lists}
}

func (g *generator) fail(format string, args ...any) {
	if g.err == nil {
		g.err = fmt.Errorf("sqlgen: "+format, args...)
	}
}

// name returns a new name.
func (g *generator) name(prefix string) string {
	g.names++
	return prefix + strconv.Itoa(g.names)
}

// define adds a common table expression.
func (g *generator) define(name, query string) { g.fill(g.reserve(), name, query) }

// reserve keeps a place for a common table expression whose query is not known
// yet: those that refer to it come later.
func (g *generator) reserve() int {
	g.with = append(g.with, "")
	return len(g.with) - 1
}

func (g *generator) fill(place int, name, query string) { g.with[place] = name + " AS (" + query + ")" }

// arg adds an argument and returns its parameter, cast to the type of the value:
// DuckDB would else guess a type from what surrounds the parameter.
func (g *generator) arg(v any) string {
	g.args = append(g.args, v)
	p := "$" + strconv.Itoa(len(g.args)) + "::"
	switch v.(type) {
	case int64:
		return p + "BIGINT"
	case float64:
		return p + "DOUBLE"
	case bool:
		return p + "BOOLEAN"
	case []int64:
		return p + "BIGINT[]"
	case []float64:
		return p + "DOUBLE[]"
	case []string:
		return p + "VARCHAR[]"
	}
	return p + "VARCHAR"
}

// A relation is a table of rows: seq, and the columns of its shape.
type relation struct {
	name     string
	hits     string
	numbered bool // seq counts from 0
	Shape
}
