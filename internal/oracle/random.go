// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package oracle

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// The words that random records and conditions are made of. They are few, so
// that things meet, and nasty.
var (
	texts = []string{
		"cmd.exe", "CMD.exe", "powershell.exe", "", "a'b", `C:\x`, "100%", "a_b", "12", "012", "1e1", "-3", "true", "FALSE",
		"10.0.0.1", "10.0.0.0/8", "fe80::1", "é", "e\u0301", "line\nbreak", "\u212a", "nan", "0x10", " 12",
	}
	patterns = []string{"%", "%.exe", "c%", "a_b", "_", "%'%", `C:\%`, "100%", "%\n%", "é", "K"}
	regexps  = []string{"^c", "exe$", "[0-9]+", "a.b", "line.break", "é", `\\`}
	networks = []string{"10.0.0.0/8", "10.0.0.1", "fe80::/10", "0.0.0.0/0"}
	base     = time.Date(2023, 3, 1, 0, 0, 0, 0, time.UTC)
)

// RandomWorld draws a few records in which processes, files, users, addresses,
// connections and custom things refer to each other, some of them several times.
func RandomWorld(t *rapid.T) *World {
	w := &World{Snapshots: make(map[plan.SnapshotID][]Row)}
	for i := range rapid.IntRange(1, 6).Draw(t, "records") {
		w.Records = append(w.Records, randomRecord(t, i))
	}
	return w
}

func randomRecord(t *rapid.T, i int) entity.Record {
	first := base.Add(time.Duration(rapid.IntRange(0, 5).Draw(t, "first")) * time.Minute)
	last := first.Add(time.Duration(rapid.IntRange(0, 2).Draw(t, "lasts")) * time.Minute)
	rec := entity.Record{
		ID:    fmt.Sprintf("observed-data--00000000-0000-4000-8000-%012d", rapid.IntRange(0, 99).Draw(t, "id")*10+i),
		First: entity.TimeOf(first, 3), Last: entity.TimeOf(last, 3),
		Count: int64(rapid.IntRange(1, 3).Draw(t, "count")),
	}
	rec.Raw = []byte(rec.ID)
	kinds := rapid.SliceOfN(rapid.SampledFrom([]string{"process", "process", "file", "user-account", "ipv4-addr", "network-traffic", "x-thing"}), 1, 6).Draw(t, "types")
	for j, typ := range kinds {
		rec.Objects = append(rec.Objects, randomObject(t, typ, j))
	}
	for j := range rec.Objects {
		randomLinks(t, &rec, j)
	}
	entity.Identify(&rec)
	return rec
}

func randomObject(t *rapid.T, typ string, j int) entity.Object {
	o := entity.Object{Type: typ, Key: fmt.Sprint(j)}
	add := func(name string, v entity.Value) {
		if !v.IsNull() {
			o.Attrs = append(o.Attrs, entity.Attr{Name: name, Value: v})
		}
	}
	text := func(name string) entity.Value { return entity.StringValue(rapid.SampledFrom(texts).Draw(t, name)) }
	switch typ {
	case "process":
		if rapid.Bool().Draw(t, "unique") {
			add("x_unique_id", entity.StringValue(fmt.Sprint("u", rapid.IntRange(0, 2).Draw(t, "unique id"))))
		}
		add("name", text("name"))
		add("pid", RandomValue(t))
		add("x_any", RandomValue(t))
	case "file":
		add("name", text("file"))
		add("hashes.'SHA-256'", text("hash"))
	case "user-account":
		add("user_id", text("user"))
		add("is_privileged", RandomValue(t))
	case "ipv4-addr":
		add("value", text("address"))
	case "network-traffic":
		add("dst_port", RandomValue(t))
		add("protocols", entity.JSONValue(rapid.SampledFrom([]string{`["ip","tcp"]`, `["udp"]`, `[]`, `[12,true]`}).Draw(t, "protocols")))
	default:
		add("x_any", RandomValue(t))
	}
	return o
}

// RandomValue draws a value of any kind, or none.
func RandomValue(t *rapid.T) entity.Value {
	switch rapid.IntRange(0, 4).Draw(t, "kind") {
	case 0:
		return entity.Value{}
	case 1:
		return entity.IntValue(rapid.SampledFrom([]int64{0, 1, 12, -3, 10, 9007199254740993}).Draw(t, "int"))
	case 2:
		return entity.FloatValue(rapid.SampledFrom([]float64{0.5, 12, 10, -3, 1e300}).Draw(t, "float"))
	case 3:
		return entity.BoolValue(rapid.Bool().Draw(t, "bool"))
	}
	return entity.StringValue(rapid.SampledFrom(texts).Draw(t, "text"))
}

// references are the links that a random object of a type may have.
var references = map[string][]struct {
	name, target string
	many         bool
}{
	"process": {
		{"parent_ref", "process", false}, {"binary_ref", "file", false},
		{"creator_user_ref", "user-account", false}, {"opened_connection_refs", "network-traffic", true},
	},
	"network-traffic": {{"src_ref", "ipv4-addr", false}, {"dst_ref", "ipv4-addr", false}},
	"x-thing":         {{"process_ref", "process", false}},
}

func randomLinks(t *rapid.T, rec *entity.Record, j int) {
	o := &rec.Objects[j]
	for _, r := range references[o.Type] {
		for k := range rec.Objects {
			if k == j || rec.Objects[k].Type != r.target || !rapid.Bool().Draw(t, r.name) {
				continue
			}
			o.Links = append(o.Links, entity.Link{Name: r.name, Many: r.many, Target: k})
			if !r.many {
				break
			}
		}
	}
}

// paths are attributes worth asking for, by type.
var paths = map[string][]string{
	"process": {"name", "pid", "x_any", "parent_ref.name", "parent_ref.parent_ref.pid", "binary_ref.name", "binary_ref.hashes.'SHA-256'",
		"creator_user_ref.user_id", "opened_connection_refs[*].dst_port", "opened_connection_refs[*].dst_ref.value", "parent_ref.creator_user_ref.is_privileged"},
	"file":            {"name", "hashes.'SHA-256'"},
	"user-account":    {"user_id", "is_privileged"},
	"ipv4-addr":       {"value"},
	"network-traffic": {"dst_port", "protocols", "protocols[*]", "src_ref.value", "dst_ref.value"},
	"x-thing":         {"x_any", "process_ref.name", "process_ref.parent_ref.pid"},
}

// RandomPath draws a path of a type; one without list steps if single.
func RandomPath(t *rapid.T, typ string, single bool) stix.Path {
	var names []string
	for _, name := range paths[typ] {
		if p, _ := stix.ParsePath(name); !single || len(keysOnly(p.Steps)) == len(p.Steps) {
			names = append(names, name)
		}
	}
	p, _ := stix.ParsePath(rapid.SampledFrom(names).Draw(t, "path"))
	p.Type = typ
	return p
}

// RandomExpr draws a condition over rows of a type. If wide, some comparisons
// are about other types.
func RandomExpr(t *rapid.T, typ string, wide bool, depth int) stix.Expr {
	if depth > 0 && rapid.IntRange(0, 2).Draw(t, "logic") == 0 {
		op := rapid.SampledFrom([]stix.LogicOp{stix.And, stix.Or}).Draw(t, "op")
		return &stix.Logic{Op: op, X: RandomExpr(t, typ, wide, depth-1), Y: RandomExpr(t, typ, wide, depth-1)}
	}
	of := typ
	if wide && rapid.IntRange(0, 2).Draw(t, "other") == 0 {
		of = rapid.SampledFrom([]string{"user-account", "ipv4-addr", "x-thing", "network-traffic"}).Draw(t, "other type")
	}
	return randomComparison(t, of)
}

func randomComparison(t *rapid.T, typ string) stix.Expr {
	c := &stix.Comparison{Path: RandomPath(t, typ, false), Mode: stix.Mode{Coerce: true}, Not: rapid.IntRange(0, 3).Draw(t, "not") == 0}
	c.Op = rapid.SampledFrom([]stix.Op{
		stix.Equal, stix.NotEqual, stix.Less, stix.LessEqual, stix.Greater, stix.GreaterEqual,
		stix.In, stix.Like, stix.Matches, stix.IsSubset, stix.IsSuperset, stix.IsNull,
	}).Draw(t, "operator")
	literal := func(values []string) stix.Operand {
		return &stix.Literal{Value: entity.StringValue(rapid.SampledFrom(values).Draw(t, "literal"))}
	}
	switch c.Op {
	case stix.IsNull:
	case stix.Like:
		c.Value = literal(patterns)
	case stix.Matches:
		c.Value = literal(regexps)
	case stix.IsSubset, stix.IsSuperset:
		c.Value = literal(networks)
	case stix.In:
		list := &stix.List{}
		for range rapid.IntRange(1, 3).Draw(t, "items") {
			list.Items = append(list.Items, randomLiteral(t))
		}
		c.Value = list
	default:
		c.Not = c.Not && c.Op == stix.Equal
		c.Value = randomLiteral(t)
	}
	return c
}

func randomLiteral(t *rapid.T) stix.Operand {
	for {
		if v := RandomValue(t); !v.IsNull() {
			return &stix.Literal{Value: v}
		}
	}
}

// RandomPlan draws a plan over a variable of the world.
func RandomPlan(t *rapid.T, v *plan.Variable, depth int) plan.Node {
	if depth == 0 {
		return v
	}
	in := RandomPlan(t, v, depth-1)
	switch rapid.IntRange(0, 6).Draw(t, "node") {
	case 0, 1, 2:
		return &plan.Filter{Input: in, Where: RandomExpr(t, v.Entity, rapid.Bool().Draw(t, "wide"), 2)}
	case 3:
		return &plan.Sort{Input: in, Attr: RandomPath(t, v.Entity, true), Desc: rapid.Bool().Draw(t, "desc")}
	case 4:
		return &plan.Limit{Input: in, Count: int64(rapid.IntRange(-1, 3).Draw(t, "limit")), Offset: int64(rapid.IntRange(0, 2).Draw(t, "offset"))}
	case 5:
		return &plan.Merge{Sources: []plan.Node{in, RandomPlan(t, v, depth-1)}}
	}
	start := base.Add(time.Duration(rapid.IntRange(-1, 5).Draw(t, "start")) * time.Minute)
	return &plan.Within{Input: in, Range: plan.Window{Start: start, Stop: start.Add(time.Duration(rapid.IntRange(0, 4).Draw(t, "stop")) * time.Minute)}}
}
