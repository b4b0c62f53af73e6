// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package oracle

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// RandomPlan draws a plan over variables, whose rows are entities.
func RandomPlan(t *rapid.T, vars []*plan.Variable, depth int) plan.Node {
	if depth == 0 {
		return rapid.SampledFrom(vars).Draw(t, "variable")
	}
	in := RandomPlan(t, vars, depth-1)
	switch rapid.IntRange(0, 8).Draw(t, "node") {
	case 7, 8:
		return randomFind(t, in)
	case 0, 1, 2:
		return randomFilter(t, in)
	case 3:
		return &plan.Sort{Input: in, Attr: RandomPath(t, in.Type(), true), Desc: rapid.Bool().Draw(t, "desc")}
	case 4:
		return randomLimit(t, in)
	case 5:
		same := slices.DeleteFunc(slices.Clone(vars), func(v *plan.Variable) bool { return v.Entity != in.Type() })
		if len(same) == 0 {
			return in
		}
		return &plan.Merge{Sources: []plan.Node{in, randomSame(t, same, depth-1)}}
	}
	start := base.Add(time.Duration(rapid.IntRange(-1, 5).Draw(t, "start")) * time.Minute)
	return &plan.Within{Input: in, Range: plan.Window{Start: start, Stop: start.Add(time.Duration(rapid.IntRange(0, 4).Draw(t, "stop")) * time.Minute)}}
}

// randomSame draws a plan whose rows have the type of its variables.
func randomSame(t *rapid.T, vars []*plan.Variable, depth int) plan.Node {
	for {
		if n := RandomPlan(t, vars, depth); n.Type() == vars[0].Entity {
			return n
		}
	}
}

// randomFind draws a FIND from the rows of a plan by one of the relations that hold
// for their type, perhaps with a condition and a limit of records.
func randomFind(t *rapid.T, in plan.Node) plan.Node {
	found := []*plan.Find{{Entity: in.Type(), Relation: entity.Linked}}
	for _, typ := range slices.Compact(slices.Sorted(slices.Values(objectTypes))) {
		found = append(found, &plan.Find{Entity: typ, Relation: entity.Linked, By: true})
		for _, name := range entity.RelationNames() {
			if _, ok := entity.FindRelation(typ, name, in.Type()); ok {
				found = append(found, &plan.Find{Entity: typ, Relation: name})
			}
			if _, ok := entity.FindRelation(in.Type(), name, typ); ok {
				found = append(found, &plan.Find{Entity: typ, Relation: name, By: true})
			}
		}
	}
	n := *rapid.SampledFrom(found).Draw(t, "relation")
	n.Input, n.Hops = in, 1
	if n.Entity == in.Type() && n.Relation != entity.Linked {
		n.Hops = rapid.SampledFrom([]int64{1, 2, 3, 1 << 50}).Draw(t, "hops")
	}
	var out plan.Node = &n
	if rapid.Bool().Draw(t, "condition") {
		out = randomFilter(t, out)
	}
	if rapid.Bool().Draw(t, "records") {
		out = &plan.Limit{Input: out, Count: int64(rapid.IntRange(0, 3).Draw(t, "limit")), ByRecord: true}
	}
	return out
}

func randomFilter(t *rapid.T, in plan.Node) plan.Node {
	return &plan.Filter{Input: in, Where: RandomExpr(t, in.Type(), rapid.Bool().Draw(t, "wide"), 2)}
}

func randomLimit(t *rapid.T, in plan.Node) plan.Node {
	return &plan.Limit{Input: in, Count: int64(rapid.IntRange(-1, 3).Draw(t, "limit")), Offset: int64(rapid.IntRange(0, 2).Draw(t, "offset"))}
}

// RandomTable draws a plan over variables whose rows have columns of their own: of
// groups, pairs, sightings, or a projection. It returns the columns to look at.
func RandomTable(t *rapid.T, vars []*plan.Variable, depth int) (plan.Node, []stix.Path) {
	in := RandomPlan(t, vars, depth)
	columns := randomColumns(t, in.Type())
	switch rapid.IntRange(0, 5).Draw(t, "table") {
	case 0:
		in = &plan.Transform{Input: in, Func: rapid.SampledFrom([]plan.Transformer{plan.Timestamped, plan.AddObsID, plan.Records}).Draw(t, "function")}
	case 1, 2:
		in = randomJoin(t, vars, in, depth)
	}
	if rapid.Bool().Draw(t, "filtered") {
		in = &plan.Filter{Input: in, Where: RandomExpr(t, in.Type(), false, 1)}
	}
	if rapid.Bool().Draw(t, "grouped") {
		return RandomGroup(t, in)
	}
	return in, columns
}

// randomJoin draws a JOIN of a plan with another of any type.
func randomJoin(t *rapid.T, vars []*plan.Variable, left plan.Node, depth int) plan.Node {
	right := RandomPlan(t, vars, depth)
	return &plan.Join{Left: left, Right: right, LeftAttr: RandomPath(t, left.Type(), true), RightAttr: RandomPath(t, right.Type(), true)}
}

// randomColumns draws attributes of rows of a type, their id first.
func randomColumns(t *rapid.T, typ string) []stix.Path {
	paths := []stix.Path{pathOf("id")}
	for range 4 {
		p := RandomPath(t, typ, true)
		p.Type = ""
		if !slices.ContainsFunc(paths, func(q stix.Path) bool { return q.Attr() == p.Attr() }) {
			paths = append(paths, p)
		}
	}
	return paths
}

// RandomGroup draws a GROUP of the rows of a plan, perhaps with a condition over
// its columns, and returns these columns.
func RandomGroup(t *rapid.T, in plan.Node) (plan.Node, []stix.Path) {
	n := &plan.Group{Input: in}
	var columns []stix.Path
	column := func(kind string) string {
		name := fmt.Sprint(kind, len(columns))
		columns = append(columns, pathOf(name))
		return name
	}
	for range rapid.IntRange(1, 2).Draw(t, "keys") {
		k := plan.GroupKey{Attr: RandomPath(t, in.Type(), true)}
		switch rapid.IntRange(0, 3).Draw(t, "bin") {
		case 0:
			k.Size = rapid.SampledFrom([]int64{1, 5, 10}).Draw(t, "size")
		case 1:
			k.Size, k.Unit = rapid.SampledFrom([]int64{1, 7}).Draw(t, "size"), rapid.SampledFrom([]time.Duration{time.Second, time.Minute}).Draw(t, "unit")
		}
		k.Name = column("k")
		n.Keys = append(n.Keys, k)
	}
	n.Aggs = []plan.Aggregate{{Func: plan.Rows, Name: column("a")}}
	for range rapid.IntRange(0, 4).Draw(t, "aggregates") {
		f := rapid.SampledFrom([]plan.AggFunc{plan.Min, plan.Max, plan.Sum, plan.Avg, plan.Count, plan.NUnique}).Draw(t, "aggregate")
		n.Aggs = append(n.Aggs, plan.Aggregate{Func: f, Attr: RandomPath(t, in.Type(), true), Name: column("a")})
	}
	var out plan.Node = n
	if rapid.Bool().Draw(t, "of groups") {
		c := randomComparison(t, in.Type())
		c.Path = rapid.SampledFrom(columns).Draw(t, "column")
		c.Path.Type = in.Type()
		out = &plan.Filter{Input: out, Where: c}
	}
	return out, columns
}
