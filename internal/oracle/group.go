// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package oracle

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// group makes one row of all rows with equal keys: values of one kind that are
// equal. Rows without a value of a key have that in common.
func (w *World) group(n *plan.Group, rows []Row) ([]Row, error) {
	aggs := n.Aggs
	if len(aggs) == 0 {
		aggs = w.defaults(n)
	}
	type group struct {
		keys []entity.Value
		rows []Row
	}
	var groups []*group
	for _, r := range rows {
		var keys []entity.Value
		for _, k := range n.Keys {
			keys = append(keys, bin(k, first(w.Values(r, k.Attr))))
		}
		i := slices.IndexFunc(groups, func(g *group) bool { return slices.Equal(g.keys, keys) })
		if i < 0 {
			i = len(groups)
			groups = append(groups, &group{keys: keys})
		}
		groups[i].rows = append(groups[i].rows, r)
	}
	slices.SortStableFunc(groups, func(a, b *group) int { return slices.CompareFunc(a.keys, b.keys, compareKinds) })
	var out []Row
	for _, g := range groups {
		row := Row{Record: -1}
		for i, k := range n.Keys {
			row.Cells = append(row.Cells, entity.Attr{Name: k.Name, Value: g.keys[i]})
		}
		for _, a := range aggs {
			v, err := w.aggregate(a, g.rows)
			if err != nil {
				return nil, err
			}
			row.Cells = append(row.Cells, entity.Attr{Name: a.Name, Value: v})
		}
		out = append(out, row)
	}
	return out, nil
}

// compareKinds orders values as SORT does, and equal ones by their kind: booleans,
// floats, integers; JSON, other text.
func compareKinds(a, b entity.Value) int {
	rank := map[entity.Kind]int{entity.Bool: 0, entity.Float: 1, entity.Int: 2, entity.JSON: 3, entity.String: 4}
	return cmp.Or(compareValues(a, b), cmp.Compare(rank[a.Kind()], rank[b.Kind()]))
}

func first(values []entity.Value) entity.Value {
	if len(values) > 0 {
		return values[0]
	}
	return entity.Value{}
}

// bin returns where the bin begins in which a value falls, or nothing for what is
// no number, and looks like none, or no time where the bin has a unit of time.
func bin(k plan.GroupKey, v entity.Value) entity.Value {
	if k.Size == 0 {
		return v
	}
	if k.Unit > 0 {
		t, ok := entity.ParseTime(v.Text())
		if !ok {
			return entity.Value{}
		}
		size := k.Size * int64(k.Unit/time.Second)
		at := time.Unix(floor(t.Time().Unix(), size)*size, 0)
		return entity.StringValue(at.UTC().Format("2006-01-02T15:04:05Z"))
	}
	x, whole, ok := numeric(v)
	switch {
	case !ok:
		return entity.Value{}
	case v.Kind() == entity.Int:
		return entity.IntValue(floor(v.Int(), k.Size) * k.Size)
	case whole:
		return entity.IntValue(floor(int64(x), k.Size) * k.Size)
	}
	x = math.Floor(x/float64(k.Size)) * float64(k.Size)
	if math.Abs(x) < 1<<63 {
		return entity.IntValue(int64(x))
	}
	return entity.FloatValue(x)
}

// numeric returns a value as a number, and whether it is whole by its kind; it
// reports false for what is no number and does not look like one.
func numeric(v entity.Value) (x float64, whole, ok bool) {
	switch v.Kind() {
	case entity.Bool, entity.Int:
		return number(v), true, true
	case entity.Float:
		return number(v), false, true
	case entity.String:
		if !looksNumeric.MatchString(v.Text()) {
			return 0, false, false
		}
		x, err := strconv.ParseFloat(v.Text(), 64)
		return x, false, err == nil
	default: // nothing to do for the others
	}
	return 0, false, false
}

// floor returns a/b, rounded down.
func floor(a, b int64) int64 {
	q := a / b
	if a%b != 0 && a < 0 {
		q--
	}
	return q
}

// aggregate computes one value over rows.
func (w *World) aggregate(a plan.Aggregate, rows []Row) (entity.Value, error) {
	if a.Func == plan.Rows {
		return entity.IntValue(int64(len(rows))), nil
	}
	var values []entity.Value
	for _, r := range rows {
		if v := first(w.Values(r, a.Attr)); !v.IsNull() {
			values = append(values, v)
		}
	}
	switch a.Func {
	case plan.Count:
		return entity.IntValue(int64(len(values))), nil
	case plan.NUnique:
		slices.SortFunc(values, compareKinds)
		return entity.IntValue(int64(len(slices.Compact(values)))), nil
	case plan.Sum:
		return sum(values), nil
	case plan.Avg:
		whole, rest := addends(values)
		n := float64(len(whole) + len(rest))
		if n == 0 {
			return entity.Value{}, nil
		}
		return entity.FloatValue((float64(total(whole)) + total(rest)) / n), nil
	case plan.Min, plan.Max:
		if len(values) == 0 {
			return entity.Value{}, nil
		}
		if a.Func == plan.Min {
			return slices.MinFunc(values, compareKinds), nil
		}
		return slices.MaxFunc(values, compareKinds), nil
	default:
		return entity.Value{}, fmt.Errorf("oracle: cannot compute %s", a.Func)
	}
}

// sum adds what is numeric among values: exactly if all that is whole.
func sum(values []entity.Value) entity.Value {
	whole, rest := addends(values)
	switch {
	case len(whole)+len(rest) == 0:
		return entity.Value{}
	case len(rest) == 0:
		return entity.IntValue(total(whole))
	}
	return entity.FloatValue(float64(total(whole)) + total(rest))
}

// addends returns the numbers among values: those that are whole, and the others
// in ascending order, which is that of their sum.
func addends(values []entity.Value) (whole []int64, rest []float64) {
	for _, v := range values {
		switch x, isWhole, ok := numeric(v); {
		case !ok:
		case v.Kind() == entity.Int:
			whole = append(whole, v.Int())
		case isWhole:
			whole = append(whole, int64(x))
		default:
			rest = append(rest, x)
		}
	}
	slices.Sort(rest)
	return whole, rest
}

func total[T int64 | float64](numbers []T) (sum T) {
	for _, x := range numbers {
		sum += x
	}
	return sum
}

// defaults returns the aggregates of a GROUP without WITH: one for each attribute
// that rows have themselves, and for each single reference, but for names that
// keys have.
func (w *World) defaults(n *plan.Group) []plan.Aggregate {
	taken := make(map[string]bool)
	for _, k := range n.Keys {
		taken[k.Name] = true
	}
	var out []plan.Aggregate
	for _, name := range w.attributes(n.Input) {
		a := plan.Aggregate{Func: plan.NUnique, Attr: pathOf(name), Name: plan.ColumnName("unique_", pathOf(name), "")}
		counted := n.Type() == "network-traffic" && strings.HasSuffix(name, "_port") || n.Type() == "process" && strings.HasSuffix(name, "pid")
		switch {
		case name == "first_observed" || name == "start":
			a.Func, a.Name = plan.Min, name
		case name == "last_observed" || name == "end":
			a.Func, a.Name = plan.Max, name
		case name == "number_observed":
			a.Func, a.Name = plan.Sum, name
		case !counted && w.whole(n.Type(), name):
			a.Func, a.Name = plan.Avg, plan.ColumnName("mean_", pathOf(name), "")
		}
		if !taken[a.Name] {
			taken[a.Name] = true
			out = append(out, a)
		}
	}
	return out
}

// attributes returns the names of what rows of a plan, entities or sightings of
// them, may have themselves: what any record says about their type.
func (w *World) attributes(n plan.Node) []string {
	var out []string
	add := func(name string) {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	if t, ok := n.(*plan.Transform); ok {
		for _, name := range t.Func.Attrs() {
			add(name)
		}
	}
	for _, rec := range w.Records {
		for _, o := range rec.Objects {
			if o.Type != n.Type() {
				continue
			}
			for _, a := range o.Attrs {
				add(today(o.Type, a.Name))
			}
			for _, l := range o.Links {
				if !l.Many {
					add(today(o.Type, l.Name))
				}
			}
		}
	}
	return out
}

// whole reports whether an attribute was a whole number, or a boolean, when a
// record first gave it.
func (w *World) whole(typ, name string) bool {
	for _, rec := range w.Records {
		for _, o := range rec.Objects {
			if o.Type != typ {
				continue
			}
			for _, a := range o.Attrs {
				if today(typ, a.Name) == name && !a.Value.IsNull() {
					return a.Value.Kind() == entity.Int || a.Value.Kind() == entity.Bool
				}
			}
		}
	}
	return false
}

func pathOf(name string) stix.Path {
	p, _ := stix.ParsePath(name)
	return p
}
