// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// in is a filter by a list of values.
func in(t testing.TB, v *plan.Variable, attr string, not bool, values ...entity.Value) plan.Node {
	list := &stix.List{}
	for _, v := range values {
		list.Items = append(list.Items, &stix.Literal{Value: v})
	}
	return &plan.Filter{Input: v, Where: &stix.Comparison{Path: path(t, attr), Op: stix.In, Not: not, Value: list}}
}

// many returns a list too long to travel as an argument, with some values of
// every kind among it.
func many(n int, some ...entity.Value) []entity.Value {
	out := some
	for i := range n {
		out = append(out, entity.IntValue(int64(1_000_000+i)), entity.FloatValue(float64(i)+0.25), entity.StringValue(fmt.Sprintf("it's%d%%", i)))
	}
	return out
}

func TestLongLists(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	v := given(t, s, "process", "new 1", `name="it's7%"`, `name="007"`, `name="7.25"`, `name=x pid=1000007`, `name=y pid=7.25`, `name=z pid="it's7%"`, `name=w pid=true`)
	values := many(2000, entity.StringValue("007"), entity.BoolValue(true))
	equal(t, "texts", []string{"it's7%", "007", `"7.25"`}, rows(t, s, in(t, v, "name", false, values...), "name"))
	equal(t, "all kinds", []string{"x", "y", "z", "w"}, rows(t, s, in(t, v, "pid", false, values...), "name"))
	equal(t, "none of them", []string{"x", "y", "z", "w"}, rows(t, s, in(t, v, "name", true, values...), "name"))
	kept := keep(t, s, in(t, v, "pid", false, values...))
	equal(t, "kept", []string{"x", "y", "z", "w"}, rows(t, s, kept, "name"))
	equal(t, "twice in a statement", []string{"x"}, rows(t, s, &plan.Filter{
		Input: in(t, v, "pid", false, many(2000)...).(*plan.Filter).Input, Where: &stix.Logic{
			Op: stix.And,
			X:  in(t, v, "pid", false, many(2000)...).(*plan.Filter).Where,
			Y:  in(t, v, "name", false, append(many(2000), entity.StringValue("x"))...).(*plan.Filter).Where,
		},
	}, "name"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Materialize(ctx, in(t, v, "pid", false, values...)); !errors.Is(err, context.Canceled) {
		t.Errorf("a canceled statement: error = %v", err)
	}
	equal(t, "nothing is left of it", []string{"x", "y", "z", "w"}, rows(t, s, in(t, v, "pid", false, values...), "name"))
}

// BenchmarkLongList filters the processes of 20,000 records by a list of a
// million.
func BenchmarkLongList(b *testing.B) {
	s := openStore(b)
	v := simulate(b, s, 20_000)
	var numbers, texts []entity.Value
	for i := range 1_000_000 {
		numbers = append(numbers, entity.IntValue(int64(i)))
		texts = append(texts, entity.StringValue(fmt.Sprintf("name %d", i)))
	}
	for name, n := range map[string]plan.Node{"numbers": in(b, v, "pid", false, numbers...), "texts": in(b, v, "name", false, texts...)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				keep(b, s, n)
			}
		})
	}
}
