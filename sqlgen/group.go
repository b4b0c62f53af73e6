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
	return r.g.ordered(out, strings.Join(r.order, ", "), strings.Join(r.outer, ", "), " FROM "+groups)
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
		return numberBins(cells, k.Size)
	case len(cells) == 1 && cells[0].nanos != "":
		// Fewer texts are made, and numbers are grouped faster.
		return key{[]string{cells[0].nanos, cells[0].digits}, func(names []string) cell {
			return cell{main: timeText(names[0], names[1]), kind: entity.String}
		}}
	}
	return plainKey(oneCell(cells))
}

// numberBins groups by numbers, and text that looks like one, rounded down to a
// multiple of size. A multiple that 64 bits cannot hold is a float.
func numberBins(cells []cell, size int64) key {
	r := read(cells)
	whole, inexact := r.exact(), r.inexact()
	var bins, far []string // which multiple, and which if it is far away
	if whole != "" {
		bins = append(bins, floorDiv(cast(whole, "BIGINT"), size))
	}
	if inexact != "" {
		bin := fmt.Sprintf("floor((%s) / %d::DOUBLE)", inexact, size)
		bins = append(bins, "TRY_CAST("+bin+" AS BIGINT)")
		far = append(far, "CASE WHEN TRY_CAST("+bin+" AS BIGINT) IS NULL THEN "+bin+" END")
	}
	if len(bins) == 0 {
		return plainKey(oneCell(nil))
	}
	return key{append([]string{either(bins)}, far...), func(names []string) cell {
		bin := fmt.Sprintf("%s::HUGEINT * %d", names[0], size)
		others := []string{outOfRange(bin)}
		for _, name := range names[1:] {
			others = append(others, outOfRange(fmt.Sprintf("%s * %d::DOUBLE", name, size)))
		}
		return cell{main: "TRY_CAST(" + bin + " AS BIGINT)", kind: entity.Int, tagged: either(others)}
	}}
}

// outOfRange is a number that is no BIGINT as a float beside integers.
func outOfRange(sql string) string {
	return fmt.Sprintf("CASE WHEN TRY_CAST(%[1]s AS BIGINT) IS NULL AND isfinite((%[1]s)::DOUBLE) THEN 'f' || (%[1]s)::DOUBLE::VARCHAR END", sql)
}

// maxBin bounds a bin of time, in seconds: longer ones than all of time are as
// good as that.
const maxBin = 1 << 38

// timeBins groups by moments, those of records and text that is a timestamp,
// rounded down to a multiple of a time since 1970.
func timeBins(cells []cell, size int64, unit time.Duration) key {
	seconds := int64(unit / time.Second)
	seconds *= min(size, maxBin/seconds)
	var all []string
	for _, c := range cells {
		if c.nanos != "" {
			all = append(all, floorDiv(floorDiv(c.nanos, 1_000_000_000), seconds))
			continue
		}
		if texts := read([]cell{c}).texts; texts != "" {
			stamp := "TRY_CAST(" + texts + " AS TIMESTAMP)"
			all = append(all, fmt.Sprintf("CASE WHEN isfinite(%[1]s) THEN %[2]s END", stamp, floorDiv(floorDiv("epoch_us("+stamp+")", 1_000_000), seconds)))
		}
	}
	by := either(all)
	if by == "" {
		by = "NULL::BIGINT"
	}
	return key{[]string{by}, func(names []string) cell {
		text := fmt.Sprintf("strftime(make_timestamp(%s * %d), '%%Y-%%m-%%dT%%H:%%M:%%SZ')", names[0], seconds*1_000_000)
		return cell{main: text, kind: entity.String}
	}}
}

// floorDiv divides a BIGINT by a positive number and rounds down.
func floorDiv(sql string, by int64) string {
	if by == 1 {
		return sql
	}
	return fmt.Sprintf("(%[1]s // %[2]d - (%[1]s %% %[2]d < 0)::BIGINT)", sql, by)
}
