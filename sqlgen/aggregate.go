// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package sqlgen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// aggregate returns the value that an aggregate has in each group.
//
// MIN and MAX are by the order of SORT, numbers before text. SUM and AVG are of
// numbers, of booleans as 1 and 0, and of text that looks like a number; they
// leave other values out, and give none if nothing is left. A sum is whole if all
// that it is of is. Sums of floats are made in order, so that they do not depend
// on how the database shares its work.
func (g *generator) aggregate(root *scope, a plan.Aggregate) cell {
	count := func(sql string) cell { return cell{main: sql, kind: entity.Int} }
	if a.Func == plan.Rows {
		return count("count(*)")
	}
	if a.Func == plan.Count || a.Func == plan.NUnique {
		distinct := ""
		if a.Func == plan.NUnique {
			distinct = "DISTINCT "
		}
		if number, ok := root.entity(a.Attr.Steps); ok {
			return count("count(" + distinct + number + ")")
		}
		c := oneCell(g.cells(root, a.Attr))
		sql := "count(" + distinct + c.main + ")"
		if c.tagged != "" {
			sql = "(" + sql + " + count(" + distinct + c.tagged + "))"
		}
		return count(sql)
	}
	cells := g.cells(root, a.Attr)
	switch a.Func {
	case plan.Min:
		return extreme("min", cells)
	case plan.Max:
		return extreme("max", cells)
	case plan.Sum:
		return sum(read(cells))
	case plan.Avg:
		return average(read(cells))
	default: // nothing to do for the others
	}
	g.fail("unknown aggregate %d", a.Func)
	return oneCell(nil)
}

// extreme is the first or the last value in the order of SORT, and of equal
// numbers that by kind, so that which one it is does not depend on how the
// database shares its work.
func extreme(function string, cells []cell) cell {
	c := oneCell(cells)
	if c.tagged == "" {
		return cell{main: function + "(" + c.main + ")", kind: c.kind}
	}
	keys := orderOf([]cell{c})
	value := fmt.Sprintf("arg_%s({m: %s, x: %s}, {r: %s, n: coalesce(%s, 0), t: coalesce(%s, ''), k: %s}) FILTER %s",
		function, c.main, c.tagged, keys.rank, keys.number, keys.text, c.letter(), "("+present(c)+")")
	return cell{main: "(" + value + ").m", kind: c.kind, tagged: "(" + value + ").x"}
}

// sum adds what is numeric.
func sum(r reading) cell {
	exact, inexact := r.exact(), r.inexact()
	switch {
	case exact == "" && inexact == "":
		return cell{main: "any_value(NULL::DOUBLE)", kind: entity.Float}
	case exact == "":
		return cell{main: finite(inOrder(inexact)), kind: entity.Float}
	}
	whole := "sum(" + exact + ")"
	if inexact == "" {
		return cell{main: "TRY_CAST(" + whole + " AS BIGINT)", kind: entity.Int, tagged: outOfRange(whole)}
	}
	both := finite("coalesce(" + whole + "::DOUBLE, 0) + " + inOrder(inexact))
	return cell{
		main:   fmt.Sprintf("CASE WHEN count(%s) = 0 THEN TRY_CAST(%s AS BIGINT) END", inexact, whole),
		kind:   entity.Int,
		tagged: fmt.Sprintf("CASE WHEN count(%s) > 0 THEN 'f' || (%s)::VARCHAR ELSE %s END", inexact, both, outOfRange(whole)),
	}
}

// average divides the sum of what is numeric by how much that is.
func average(r reading) cell {
	exact, inexact := r.exact(), r.inexact()
	var sums, counts []string
	if exact != "" {
		sums = append(sums, "coalesce(sum("+exact+")::DOUBLE, 0)")
		counts = append(counts, "count("+exact+")")
	}
	if inexact != "" {
		sums = append(sums, "coalesce("+inOrder(inexact)+", 0)")
		counts = append(counts, "count("+inexact+")")
	}
	if len(sums) == 0 {
		return cell{main: "any_value(NULL::DOUBLE)", kind: entity.Float}
	}
	return cell{
		main: finite(fmt.Sprintf("(%s) / nullif(%s, 0)", strings.Join(sums, " + "), strings.Join(counts, " + "))),
		kind: entity.Float,
	}
}

// inOrder adds floats from the smallest to the largest.
func inOrder(sql string) string { return fmt.Sprintf("sum(%[1]s ORDER BY %[1]s)", sql) }

// finite is a float, NULL if it is beyond what floats reach.
func finite(sql string) string { return fmt.Sprintf("CASE WHEN isfinite(%[1]s) THEN %[1]s END", sql) }

// defaultAggregates are those of a GROUP without WITH: one for each attribute of
// the rows and for each single reference. Moments that begin something give the
// first, those that end something the last, and number_observed the sum; integers
// that are no ports and no process ids give their mean; the rest is counted.
func (g *generator) defaultAggregates(root *scope, shape Shape, keys []plan.GroupKey) []plan.Aggregate {
	taken := make(map[string]bool)
	for _, k := range keys {
		taken[k.Name] = true
	}
	var out []plan.Aggregate
	for _, attr := range g.attributes(shape) {
		a := g.defaultAggregate(root, shape, attr)
		if !taken[a.Name] {
			taken[a.Name] = true
			out = append(out, a)
		}
	}
	return out
}

func (g *generator) defaultAggregate(root *scope, shape Shape, attr stix.Path) plan.Aggregate {
	name := attr.Attr()
	a := plan.Aggregate{Func: plan.NUnique, Attr: attr, Name: plan.ColumnName("unique_", attr, "")}
	switch name {
	case "first_observed", "start":
		a.Func, a.Name = plan.Min, name
	case "last_observed", "end":
		a.Func, a.Name = plan.Max, name
	case "number_observed":
		a.Func, a.Name = plan.Sum, name
	default:
		identifies := shape.Entity == "network-traffic" && strings.HasSuffix(name, "_port") ||
			shape.Entity == "process" && strings.HasSuffix(name, "pid")
		if !identifies && g.isWhole(root, attr) {
			a.Func, a.Name = plan.Avg, plan.ColumnName("mean_", attr, "")
		}
	}
	return a
}

// isWhole reports whether the first value of an attribute was an integer or a
// boolean.
func (g *generator) isWhole(root *scope, attr stix.Path) bool {
	if _, ok := root.entity(attr.Steps); ok {
		return false
	}
	cells := g.cells(root, attr)
	return len(cells) > 0 && (cells[0].kind == entity.Int || cells[0].kind == entity.Bool) && cells[0].main != ""
}

// attributes lists the attributes and single references of rows, without id.
func (g *generator) attributes(shape Shape) []stix.Path {
	var out []stix.Path
	add := func(name string) {
		var p stix.Path
		for _, piece := range entity.SplitAttr(name) {
			p.Steps = append(p.Steps, stix.Step{Kind: stix.Key, Name: piece})
		}
		if name != "id" && name != "type" {
			out = addPath(out, p)
		}
	}
	for _, p := range shape.Parts() {
		for _, name := range p.Added {
			add(name)
		}
		columns := p.Columns
		if t := g.cat.Type(p.Entity); p.Columns == nil && t != nil {
			columns = t.Columns
		}
		if p.Attrs != nil {
			columns = nil
			for _, a := range p.Attrs {
				add(a.Attr())
			}
		}
		for _, refs := range []bool{false, true} {
			for _, c := range slices.DeleteFunc(slices.Clone(columns), func(c Column) bool { return c.Ref != refs }) {
				add(c.Name)
			}
		}
	}
	return out
}
