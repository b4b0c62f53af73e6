// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package rewrite_test

import (
	"testing"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/rewrite"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

func path(typ, attr string) stix.Path {
	return stix.Path{Type: typ, Steps: []stix.Step{{Name: attr}}}
}

func is(typ, attr string, value int64) stix.Expr {
	return &stix.Comparison{Path: path(typ, attr), Op: stix.Equal, Value: &stix.Literal{Kind: stix.IntLit, Value: entity.IntValue(value)}}
}

func TestApply(t *testing.T) {
	t.Parallel()
	p := &plan.Variable{Name: "p", Entity: "process"}
	pid, other := is("process", "pid", 1), is("url", "value", 2)
	find := &plan.Find{Input: p, Entity: "process", Relation: "created", Hops: 2}
	tests := []struct {
		name string
		in   plan.Node
		want string
	}{
		{"filters become one", &plan.Filter{Input: &plan.Filter{Input: p, Where: pid}, Where: is("process", "ppid", 3)},
			"Filter pid = 1 AND ppid = 3\n  Variable p\n"},
		{"conditions on records stay apart", &plan.Filter{Input: &plan.Filter{Input: p, Where: other}, Where: pid},
			"Filter pid = 1\n  Filter url:value = 2\n    Variable p\n"},
		{"the smaller limit", &plan.Limit{Input: &plan.Limit{Input: p, Count: 5}, Count: 3}, "Limit 3\n  Variable p\n"},
		{"an offset keeps its place", &plan.Limit{Input: &plan.Limit{Input: p, Count: 5, Offset: 1}, Count: 3},
			"Limit 3\n  Limit 5 offset 1\n    Variable p\n"},
		{"limits of records are not rows", &plan.Limit{Input: &plan.Limit{Input: p, Count: 5, ByRecord: true}, Count: 3},
			"Limit 3\n  Limit 5 records\n    Variable p\n"},
		{"filters over what is found become one", &plan.Filter{Input: &plan.Filter{Input: find, Where: pid}, Where: is("process", "ppid", 3)},
			"Filter pid = 1 AND ppid = 3\n  Find process created within 2 hops\n    Variable p\n"},
		{"a filter stays behind what it finds", &plan.Filter{Input: find, Where: pid},
			"Filter pid = 1\n  Find process created within 2 hops\n    Variable p\n"},
		{"in what a relation starts from, too", &plan.Find{Input: &plan.Filter{Input: &plan.Filter{Input: p, Where: pid}, Where: is("process", "ppid", 3)}, Entity: "process", Relation: "created", Hops: 1},
			"Find process created\n  Filter pid = 1 AND ppid = 3\n    Variable p\n"},
		{"no bound, no node", &plan.Limit{Input: p, Count: -1}, "Variable p\n"},
		{"filter first, then sort", &plan.Filter{Input: &plan.Sort{Input: p, Attr: path("", "pid")}, Where: pid},
			"Sort pid ASC\n  Filter pid = 1\n    Variable p\n"},
		{"one order", &plan.Sort{Input: &plan.Sort{Input: p, Attr: path("", "pid")}, Attr: path("", "pid"), Desc: true},
			"Sort pid DESC\n  Variable p\n"},
		{"two orders", &plan.Sort{Input: &plan.Sort{Input: p, Attr: path("", "name")}, Attr: path("", "pid")},
			"Sort pid ASC\n  Sort name ASC\n    Variable p\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			before := plan.String(tt.in)
			if got := plan.String(rewrite.Apply(tt.in)); got != tt.want {
				t.Errorf("Apply:\n%swant:\n%s", got, tt.want)
			}
			if plan.String(tt.in) != before {
				t.Error("Apply changed the plan it was given")
			}
		})
	}
}
