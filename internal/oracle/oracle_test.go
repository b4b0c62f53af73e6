// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package oracle

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// family is a world of processes told apart by x_unique_id, named after it:
// a created b, b created c and a again; b ran sh in one record and bash in the
// other; c opened two connections, of which the source had shown one before.
func family() *World {
	process := func(id string, pid entity.Value, links ...entity.Link) entity.Object {
		o := entity.Object{Type: "process", Key: id, Links: links}
		o.Attrs = []entity.Attr{{Name: "x_unique_id", Value: entity.StringValue(id)}}
		if !pid.IsNull() {
			o.Attrs = append(o.Attrs, entity.Attr{Name: "pid", Value: pid})
		}
		return o
	}
	file := func(name string) entity.Object {
		return entity.Object{Type: "file", Key: name, Attrs: []entity.Attr{{Name: "name", Value: entity.StringValue(name)}}}
	}
	traffic := func(port int64) entity.Object {
		return entity.Object{Type: "network-traffic", Key: fmt.Sprint(port), Attrs: []entity.Attr{{Name: "dst_port", Value: entity.IntValue(port)}}}
	}
	record := func(n int, objects ...entity.Object) entity.Record {
		at := entity.TimeOf(base.Add(time.Duration(n)*time.Minute), 0)
		r := entity.Record{ID: fmt.Sprint("observed-data--", n), First: at, Last: at, Count: 1, Objects: objects}
		entity.Identify(&r)
		return r
	}
	none := entity.Value{}
	return &World{Snapshots: map[plan.SnapshotID][]Row{}, Records: []entity.Record{
		record(1, traffic(80), process("c", entity.IntValue(7), entity.Link{Name: "parent_ref", Target: 2}), process("b", entity.StringValue("07"), entity.Link{Name: "binary_ref", Target: 3}), file("sh")),
		record(2, process("b", none, entity.Link{Name: "image_ref", Target: 1}, entity.Link{Name: "parent_ref", Target: 2}), file("bash"), process("a", entity.FloatValue(7))),
		record(3, process("a", none, entity.Link{Name: "parent_ref", Target: 1}), process("b", none)),
		record(4, process("c", none, entity.Link{Name: "opened_connection_refs", Many: true, Target: 1}, entity.Link{Name: "opened_connection_refs", Many: true, Target: 2}), traffic(443), traffic(80)),
	}}
}

// bind makes a variable of the entities of a type that have one of some values
// at an attribute, or of all.
func (w *World) bind(t *testing.T, typ, attr string, values ...string) *plan.Variable {
	t.Helper()
	var in plan.Node = &plan.Scan{Entity: typ}
	if attr != "" {
		list := &stix.List{}
		for _, v := range values {
			list.Items = append(list.Items, &stix.Literal{Value: entity.StringValue(v)})
		}
		in = &plan.Filter{Input: in, Where: &stix.Comparison{Path: pathOf(attr), Op: stix.In, Value: list}}
	}
	rows, err := w.Eval(in)
	if err != nil {
		t.Fatal(err)
	}
	id := plan.SnapshotID(len(w.Snapshots) + 1)
	w.Snapshots[id] = rows
	return &plan.Variable{Name: "v", Entity: typ, Snapshot: id}
}

// show writes the values of rows at attributes.
func (w *World) show(t *testing.T, n plan.Node, attrs ...string) string {
	t.Helper()
	rows, err := w.Eval(n)
	if err != nil {
		t.Fatalf("Eval(%s): %v", plan.String(n), err)
	}
	var out []string
	for _, r := range rows {
		var cells []string
		for _, a := range attrs {
			cells = append(cells, first(w.Values(r, pathOf(a))).String())
		}
		out = append(out, strings.Join(cells, " "))
	}
	return strings.Join(out, ", ")
}

func TestFind(t *testing.T) {
	t.Parallel()
	w := family()
	a := w.bind(t, "process", "x_unique_id", "a")
	b := w.bind(t, "process", "x_unique_id", "b")
	c := w.bind(t, "process", "x_unique_id", "c")
	sh := w.bind(t, "file", "name", "sh")
	all := w.bind(t, "network-traffic", "")
	find := func(in plan.Node, typ, rel string, by bool, hops int64) plan.Node {
		return &plan.Find{Input: in, Entity: typ, Relation: rel, By: by, Hops: hops}
	}
	tests := []struct {
		name string
		plan plan.Node
		attr string
		want string
	}{
		{"parents", find(c, "process", "created", false, 1), "x_unique_id", "b"},
		{"children", find(b, "process", "created", true, 1), "x_unique_id", "c, a"},
		{"two hops", find(c, "process", "created", false, 2), "x_unique_id", "b, a"},
		{"a circle ends", find(a, "process", "created", false, 100), "x_unique_id", "b, a"},
		{"what was run, under both names of the reference", find(b, "file", "loaded", true, 1), "name", "sh, bash"},
		{"who ran it", find(sh, "process", "loaded", false, 1), "x_unique_id", "b"},
		{"elements of a list", find(c, "network-traffic", "created", true, 1), "dst_port", "80, 443"},
		{"owners", find(all, "process", "created", false, 1), "x_unique_id", "c"},
		{"in one record", find(sh, "process", "linked", false, 1), "x_unique_id", "c, b"},
		{"in one record, itself too", find(c, "process", "linked", false, 1), "x_unique_id", "c, b"},
		{"limit of records", &plan.Limit{Input: find(b, "process", "created", true, 1), Count: 1, ByRecord: true}, "x_unique_id", "c"},
		{"no record", &plan.Limit{Input: find(b, "process", "created", true, 1), Count: 0, ByRecord: true}, "x_unique_id", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := w.show(t, tt.plan, tt.attr); got != tt.want {
				t.Errorf("%s: %q, want %q", plan.String(tt.plan), got, tt.want)
			}
		})
	}
	if _, err := w.Eval(find(c, "file", "owned", false, 1)); err == nil {
		t.Error("file owned process: no error for a relation that there is not")
	}
}

func TestGroup(t *testing.T) {
	t.Parallel()
	w := family()
	procs := w.bind(t, "process", "")
	ports := w.bind(t, "network-traffic", "")
	agg := func(f plan.AggFunc, attr, name string) plan.Aggregate {
		return plan.Aggregate{Func: f, Attr: pathOf(attr), Name: name}
	}
	tests := []struct {
		name    string
		plan    *plan.Group
		columns []string
		want    string
	}{
		{
			"numbers before text, and of each kind their own",
			&plan.Group{Input: procs, Keys: []plan.GroupKey{{Attr: pathOf("pid"), Name: "pid"}}, Aggs: []plan.Aggregate{{Func: plan.Rows, Name: "n"}, agg(plan.Max, "x_unique_id", "last")}},
			[]string{"pid", "n", "last"},
			"7 1 a, 7 1 c, 07 1 b",
		},
		{
			"nothing is a key, and no value",
			&plan.Group{Input: ports, Keys: []plan.GroupKey{{Attr: pathOf("src_ref.value"), Name: "src"}}, Aggs: []plan.Aggregate{
				agg(plan.Count, "dst_port", "n"), agg(plan.Sum, "dst_port", "sum"), agg(plan.Avg, "dst_port", "avg"), agg(plan.Count, "src_port", "none"), agg(plan.Min, "src_port", "min"),
			}},
			[]string{"src", "n", "sum", "avg", "none", "min"},
			" 2 523 261.5 0 ",
		},
		{
			"bins of numbers",
			&plan.Group{Input: ports, Keys: []plan.GroupKey{{Attr: pathOf("dst_port"), Size: 100, Name: "bin"}}, Aggs: []plan.Aggregate{agg(plan.NUnique, "dst_port", "ports"), {Func: plan.Rows, Name: "n"}}},
			[]string{"bin", "ports", "n"},
			"0 1 1, 400 1 1",
		},
		{
			"bins of time",
			&plan.Group{Input: &plan.Transform{Input: procs, Func: plan.Timestamped}, Keys: []plan.GroupKey{{Attr: pathOf("first_observed"), Size: 2, Unit: time.Minute, Name: "bin"}}, Aggs: []plan.Aggregate{{Func: plan.Rows, Name: "n"}}},
			[]string{"bin", "n"},
			"2023-03-01T00:00:00Z 2, 2023-03-01T00:02:00Z 4, 2023-03-01T00:04:00Z 1",
		},
		{
			"without aggregates",
			&plan.Group{Input: ports, Keys: []plan.GroupKey{{Attr: pathOf("dst_port"), Name: "dst_port"}}},
			[]string{"dst_port", "unique_dst_port"},
			"80 1, 443 1",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, w.show(t, tt.plan, tt.columns...)); diff != "" {
				t.Errorf("%s(-want +got):\n%s", plan.String(tt.plan), diff)
			}
		})
	}
}

func TestJoin(t *testing.T) {
	t.Parallel()
	w := family()
	procs := w.bind(t, "process", "")
	ports := w.bind(t, "network-traffic", "")
	b := w.bind(t, "process", "x_unique_id", "b")
	tests := []struct {
		name    string
		plan    plan.Node
		columns []string
		want    string
	}{
		{
			"in the order of the left, then of the right",
			&plan.Join{Left: procs, Right: procs, LeftAttr: pathOf("parent_ref.x_unique_id"), RightAttr: pathOf("x_unique_id")},
			[]string{"x_unique_id", "parent_ref.x_unique_id"},
			"c b, b a, a b",
		},
		{
			"what the left lacks is the right's",
			&plan.Join{Left: procs, Right: b, LeftAttr: pathOf("parent_ref.x_unique_id"), RightAttr: pathOf("x_unique_id")},
			[]string{"x_unique_id", "pid", "binary_ref.name"},
			"c 7 bash, a 7 bash",
		},
		{
			"what is behind a reference of the left is not the right's",
			&plan.Join{Left: procs, Right: procs, LeftAttr: pathOf("x_unique_id"), RightAttr: pathOf("parent_ref.x_unique_id")},
			[]string{"x_unique_id", "parent_ref.x_unique_id", "parent_ref.binary_ref.name"},
			"b a , b a , a b bash",
		},
		{
			"nothing equals nothing",
			&plan.Join{Left: ports, Right: ports, LeftAttr: pathOf("src_port"), RightAttr: pathOf("src_port")},
			[]string{"dst_port"},
			"",
		},
		{
			"a projection hides attributes",
			&plan.Join{Left: &plan.Project{Input: procs, Attrs: []stix.Path{pathOf("parent_ref.x_unique_id")}}, Right: b, LeftAttr: pathOf("parent_ref.x_unique_id"), RightAttr: pathOf("x_unique_id")},
			[]string{"x_unique_id", "parent_ref.x_unique_id"},
			"b b, b b",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := w.show(t, tt.plan, tt.columns...); got != tt.want {
				t.Errorf("%s: %q, want %q", plan.String(tt.plan), got, tt.want)
			}
		})
	}
}
