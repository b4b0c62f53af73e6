// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/oracle"
	"github.com/kestrelhunt/kestrel/internal/store"
	"github.com/kestrelhunt/kestrel/plan"
)

// worldTypes are the types of the variables of a world.
var worldTypes = []string{"process", "network-traffic", "file", "x-thing", "user-account"}

// worldOf draws records that come from one source or two, stores them, and binds
// variables: all entities of each type, and the processes of the last source.
func worldOf(rt *rapid.T, t *testing.T, st *store.Store) (*oracle.World, []*plan.Variable) {
	w := oracle.RandomWorld(rt)
	cut := rapid.IntRange(0, len(w.Records)-1).Draw(rt, "second source")
	if cut > 0 {
		keep(rt, t, st, w, 0, cut, worldTypes)
	}
	last := keep(rt, t, st, w, cut, len(w.Records), worldTypes)
	vars := last[:1]
	for _, typ := range worldTypes {
		// All of them, as a later step sees them: in the order of their source.
		all := keep(rt, t, st, w, 0, len(w.Records), []string{typ})
		vars = append(vars, all...)
	}
	return w, vars
}

// keep stores some records of w and returns the entities of each type in them as
// a variable of both.
func keep(rt *rapid.T, t *testing.T, st *store.Store, w *oracle.World, from, to int, types []string) []*plan.Variable {
	var questions []store.Question
	batch := &entity.Batch{Records: w.Records[from:to], Hits: make([][]entity.Hit, len(types))}
	for q, typ := range types {
		questions = append(questions, store.Question{Entity: typ, MaxRecords: -1})
		for i, rec := range batch.Records {
			for j, o := range rec.Objects {
				if o.Type == typ {
					batch.Hits[q] = append(batch.Hits[q], entity.Hit{Record: i, Object: j})
				}
			}
		}
	}
	pass := st.Begin(fmt.Sprint("random ", from), questions...)
	defer pass.Abort()
	if err := pass.Add(t.Context(), batch); err != nil {
		rt.Fatal(err)
	}
	if err := pass.Finish(t.Context()); err != nil {
		rt.Fatal(err)
	}
	var vars []*plan.Variable
	part := &oracle.World{Records: w.Records[from:to]}
	for q, typ := range types {
		id, err := pass.Snapshot(t.Context(), q)
		if err != nil {
			rt.Fatal(err)
		}
		rows, err := part.Eval(&plan.Scan{Entity: typ})
		if err != nil {
			rt.Fatal(err)
		}
		w.Snapshots[id] = rows
		vars = append(vars, &plan.Variable{Name: fmt.Sprint("v", id), Entity: typ, Snapshot: id})
	}
	return vars
}
