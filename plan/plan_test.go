// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

func equals(attr, value string) stix.Expr {
	return &stix.Comparison{
		Path:  stix.Path{Type: "process", Steps: []stix.Step{{Name: attr}}},
		Op:    stix.Equal,
		Value: &stix.Literal{Value: entity.StringValue(value)},
	}
}

func TestKeyOf(t *testing.T) {
	t.Parallel()
	scan := &plan.Scan{Sources: []string{"file://a"}, Entity: "process"}
	base := &plan.Filter{Input: scan, Where: equals("name", "a")}
	same := &plan.Filter{Input: &plan.Scan{Sources: []string{"file://a"}, Entity: "process"}, Where: equals("name", "a")}
	if plan.KeyOf(base) != plan.KeyOf(same) {
		t.Error("KeyOf: two plans of the same content have different keys")
	}
	others := map[string]plan.Node{
		"another value":  &plan.Filter{Input: scan, Where: equals("name", "b")},
		"another source": &plan.Filter{Input: &plan.Scan{Sources: []string{"file://b"}, Entity: "process"}, Where: equals("name", "a")},
		"another type":   &plan.Filter{Input: &plan.Scan{Sources: []string{"file://a"}, Entity: "file"}, Where: equals("name", "a")},
		"the input":      scan,
	}
	for name, other := range others {
		if plan.KeyOf(base) == plan.KeyOf(other) {
			t.Errorf("KeyOf: %s has the same key", name)
		}
	}
	one := &plan.Variable{Name: "p", Entity: "process", Snapshot: 1}
	two := &plan.Variable{Name: "p", Entity: "process", Snapshot: 2}
	renamed := &plan.Variable{Name: "q", Entity: "process", Snapshot: 1}
	if plan.KeyOf(one) == plan.KeyOf(two) {
		t.Error("KeyOf: two versions of a variable have the same key")
	}
	if plan.KeyOf(one) != plan.KeyOf(renamed) {
		t.Error("KeyOf: one snapshot under two names has two keys")
	}
}

func TestMap(t *testing.T) {
	t.Parallel()
	leaf := &plan.Variable{Name: "p", Entity: "process"}
	tree := &plan.Limit{Input: &plan.Sort{Input: leaf}, Count: 1}
	same, err := plan.Map(tree, func(n plan.Node) (plan.Node, error) { return n, nil })
	if err != nil || same != plan.Node(tree) {
		t.Errorf("Map(identity) = %v, %v; want the tree itself", same, err)
	}
	got, err := plan.Map(tree, func(n plan.Node) (plan.Node, error) {
		if v, ok := n.(*plan.Variable); ok {
			c := *v
			c.Name = "q"
			return &c, nil
		}
		return n, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := "Limit 1\n  Sort  ASC\n    Variable q\n"; plan.String(got) != want {
		t.Errorf("Map(rename) = %q, want %q", plan.String(got), want)
	}
	if leaf.Name != "p" {
		t.Error("Map changed the plan it was given")
	}
	stop := errors.New("stop")
	if _, err := plan.Map(tree, func(plan.Node) (plan.Node, error) { return nil, stop }); !errors.Is(err, stop) {
		t.Errorf("Map: error %v, want %v", err, stop)
	}
}

func TestGraphNodes(t *testing.T) {
	t.Parallel()
	path := func(steps ...string) stix.Path {
		var p stix.Path
		for _, s := range steps {
			p.Steps = append(p.Steps, stix.Step{Name: s})
		}
		return p
	}
	procs := &plan.Variable{Name: "p", Entity: "process", Snapshot: 1}
	conns := &plan.Find{Input: procs, Entity: "network-traffic", Relation: "created", By: true, Hops: 1}
	tests := []struct {
		name   string
		node   plan.Node
		typ    string
		inputs int
		want   string
	}{
		{"find", conns, "network-traffic", 1, "Find network-traffic created by"},
		{"find over several hops", &plan.Find{Input: procs, Entity: "process", Relation: "created", Hops: 3},
			"process", 1, "Find process created within 3 hops"},
		{"group", &plan.Group{Input: conns, Keys: []plan.GroupKey{{Attr: path("dst_ref", "value"), Name: "dst_ref.value"}}},
			"network-traffic", 1, "Group by dst_ref.value AS dst_ref.value"},
		{"group in bins, with aggregates", &plan.Group{
			Input: conns,
			Keys: []plan.GroupKey{
				{Attr: path("dst_port"), Size: 100, Name: "dst_port_bin"},
				{Attr: path("start"), Size: 5, Unit: time.Minute, Name: "start_bin"},
			},
			Aggs: []plan.Aggregate{{Func: plan.Rows, Name: "n"}, {Func: plan.NUnique, Attr: path("src_port"), Name: "ports"}},
		}, "network-traffic", 1, "Group by BIN(dst_port, 100) AS dst_port_bin, BIN(start, 5 x 1m0s) AS start_bin with COUNT(*) AS n, NUNIQUE(src_port) AS ports"},
		{"join", &plan.Join{Left: procs, Right: conns, LeftAttr: path("pid"), RightAttr: path("src_port")},
			"process", 2, "Join by pid, src_port"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := plan.Line(tt.node); got != tt.want {
				t.Errorf("Line = %q, want %q", got, tt.want)
			}
			if tt.node.Type() != tt.typ || len(tt.node.Inputs()) != tt.inputs {
				t.Errorf("type %s, %d inputs; want %s, %d", tt.node.Type(), len(tt.node.Inputs()), tt.typ, tt.inputs)
			}
			other, err := plan.Map(tt.node, func(n plan.Node) (plan.Node, error) {
				if v, ok := n.(*plan.Variable); ok {
					return &plan.Variable{Name: "q", Entity: v.Entity, Snapshot: 2}, nil
				}
				return n, nil
			})
			if err != nil || plan.KeyOf(other) == plan.KeyOf(tt.node) {
				t.Errorf("Map over another variable gives the same key (error %v)", err)
			}
		})
	}
}

func ExampleString() {
	procs := &plan.New{Entity: "process", Rows: [][]entity.Attr{{{Name: "name", Value: entity.StringValue("cmd.exe")}}}}
	fmt.Print(plan.String(&plan.Limit{
		Input: &plan.Filter{Input: procs, Where: equals("name", "cmd.exe")},
		Count: 3,
	}))
	// Output:
	// Limit 3
	//   Filter name = 'cmd.exe'
	//     New process {"name": "cmd.exe"}
}
