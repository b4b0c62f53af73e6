// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package sqlgen

import (
	"fmt"
	"strings"
	"time"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
)

// group makes a row for each combination of values of the keys, in the order of
// the keys. Values are one if they are of one kind and equal; no value is one of
// its own.
func (g *generator) group(n *plan.Group) relation {
	in := g.node(n.Input)
	if g.err != nil {
		return in
	}
	root := g.root(in)
	out := grouping{g: g}
	for _, k := range n.Keys {
		out.key(k.Name, g.key(root, k))
	}
	aggs := n.Aggs
	if len(aggs) == 0 {
		aggs = g.defaultAggregates(root, in.Shape, n.Keys)
	}
	for _, a := range aggs {
		out.aggregate(a.Name, g.aggregate(root, a))
	}
	if g.err != nil {
		return in
	}
	return out.relation(in.Entity, g.from(root))
}

// A grouping gathers the columns of a GROUP.
type grouping struct {
	g       *generator
	columns []Column
	by      []string // what makes groups
	inner   []string // columns of the groups as they are computed
	outer   []string // and as they are in the result
	order   []string
}

// A key makes groups: what rows have in common, and the value that this is.
type key struct {
	by    []string // expressions over the input
	value func(names []string) cell
}

// plainKey groups by the value of a cell.
func plainKey(c cell) key {
	return key{nonEmpty(c.main, c.tagged), func(names []string) cell {
		out := cell{main: names[0], kind: c.kind}
		if len(names) > 1 {
			out.tagged = names[1]
		}
		return out
	}}
}

// column adds a column of the result.
func (r *grouping) column(name string, value cell) {
	i := len(r.columns)
	c := Column{Name: name, Ident: computedIdent(0, i), Kind: value.kind}
	r.outer = append(r.outer, value.main+" AS "+c.Ident)
	if value.tagged != "" {
		c.Other = besideIdent(0, i)
		r.outer = append(r.outer, value.tagged+" AS "+c.Other)
	}
	r.columns = append(r.columns, c)
}

func (r *grouping) key(name string, k key) {
	var names []string
	for _, expr := range k.by {
		names = append(names, r.computed("k", expr))
		r.by = append(r.by, fmt.Sprint(len(r.inner)))
	}
	value := k.value(names)
	r.order = append(r.order, sortKeys([]cell{value}, false)...)
	if value.tagged != "" { // equal numbers of different kinds are different keys
		r.order = append(r.order, value.letter(), value.main, value.tagged)
	}
	r.column(name, value)
}

// computed adds a column that the groups have, and returns its name.
func (r *grouping) computed(prefix, expr string) string {
	name := fmt.Sprint(prefix, len(r.inner))
	r.inner = append(r.inner, expr+" AS "+name)
	return name
}

func (r *grouping) aggregate(name string, value cell) {
	value.main = r.computed("a", value.main)
	if value.tagged != "" {
		value.tagged = r.computed("a", value.tagged)
	}
	r.column(name, value)
}

// relation defines the rows of the groups of what a FROM clause yields.
func (r *grouping) relation(typ, from string) relation {
	groups := r.g.name("g")
	r.g.define(groups, "SELECT "+strings.Join(r.inner, ", ")+from+" GROUP BY "+strings.Join(r.by, ", "))
	out := relation{Shape: Shape{Part: Part{Entity: typ, Columns: r.columns}}}
	return r.g.derive(out, fmt.Sprintf("SELECT row_number() OVER (ORDER BY %s) AS seq, %s FROM %s",
		strings.Join(r.order, ", "), strings.Join(r.outer, ", "), groups))
}

// letter is the letter of the kind of a cell's value, as in Column.Other.
func (c cell) letter() string {
	own := map[entity.Kind]string{entity.Bool: "b", entity.Float: "f", entity.Int: "i", entity.JSON: "j", entity.String: "s"}[c.kind]
	return fmt.Sprintf("CASE WHEN %s IS NOT NULL THEN '%s' ELSE left(%s, 1) END", c.main, own, c.tagged)
}

// key returns what a key of a GROUP groups by.
func (g *generator) key(root *scope, k plan.GroupKey) key {
	cells := g.cells(root, k.Attr)
	switch {
	case k.Size > 0 && k.Unit > 0:
		return timeBins(cells, k.Size, k.Unit)
	case k.Size > 0:
		return plainKey(numberBins(cells, k.Size))
	case len(cells) == 1 && cells[0].nanos != "":
		// Fewer texts are made, and numbers are grouped faster.
		return key{[]string{cells[0].nanos, cells[0].digits}, func(names []string) cell {
			return cell{main: timeText(names[0], names[1]), kind: entity.String}
		}}
	}
	return plainKey(oneCell(cells))
}

// numberBins rounds numbers, and text that looks like one, down to a multiple of
// size. A multiple that 64 bits cannot hold is a float.
func numberBins(cells []cell, size int64) cell {
	r := read(cells)
	whole, tagged := "", ""
	if exact := cast(r.exact(), "HUGEINT"); exact != "" {
		bin := fmt.Sprintf("(%[1]s - ((%[1]s %% %[2]d) + %[2]d) %% %[2]d)", exact, size)
		whole = "TRY_CAST(" + bin + " AS BIGINT)"
		tagged = outOfRange(bin)
	}
	if x := r.inexact(); x != "" {
		bin := fmt.Sprintf("floor((%s) / %d::DOUBLE) * %d::DOUBLE", x, size, size)
		whole = either(nonEmpty(whole, "TRY_CAST("+bin+" AS BIGINT)"))
		tagged = either(nonEmpty(tagged, outOfRange(bin)))
	}
	if whole == "" {
		return oneCell(nil)
	}
	return cell{main: whole, kind: entity.Int, tagged: tagged}
}

// outOfRange is a number that is no BIGINT as a float beside integers.
func outOfRange(sql string) string {
	return fmt.Sprintf("CASE WHEN TRY_CAST(%[1]s AS BIGINT) IS NULL AND isfinite((%[1]s)::DOUBLE) THEN 'f' || (%[1]s)::DOUBLE::VARCHAR END", sql)
}

// maxBin bounds a bin of time, in seconds: longer ones than all of time are as
// good as that.
const maxBin = 1 << 38

// timeBins rounds moments, those of records and text that is a timestamp, down to
// a multiple of a time since 1970.
func timeBins(cells []cell, size int64, unit time.Duration) key {
	seconds := int64(unit / time.Second)
	if size > maxBin/seconds {
		size = maxBin / seconds
	}
	seconds *= size
	var all []string
	for _, c := range cells {
		if c.nanos != "" {
			all = append(all, floorBy(c.nanos, seconds*1_000_000_000, seconds))
			continue
		}
		if texts := read([]cell{c}).texts; texts != "" {
			stamp := "TRY_CAST(" + texts + " AS TIMESTAMP)"
			all = append(all, fmt.Sprintf("CASE WHEN isfinite(%[1]s) THEN %[2]s END", stamp, floorBy("epoch_us("+stamp+")", seconds*1_000_000, seconds)))
		}
	}
	by := either(all)
	if by == "" {
		by = "NULL::BIGINT"
	}
	return key{[]string{by}, func(names []string) cell {
		text := fmt.Sprintf("strftime(make_timestamp((%s)::BIGINT * 1000000), '%%Y-%%m-%%dT%%H:%%M:%%SZ')", names[0])
		return cell{main: text, kind: entity.String}
	}}
}

// floorBy rounds a whole number down to a multiple of size and gives it in units
// of which that has so many.
func floorBy(sql string, size, units int64) string {
	return fmt.Sprintf("((%[1]s)::HUGEINT - (((%[1]s) %% %[2]d::HUGEINT) + %[2]d::HUGEINT) %% %[2]d::HUGEINT) // %[2]d::HUGEINT * %[3]d", sql, size, units)
}
