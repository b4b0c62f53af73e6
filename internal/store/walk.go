// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"slices"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/sqlgen"
)

// walked carries out each FIND of n that is better not left to a statement, and
// returns n with variables in their places. Their snapshots, which have no infos,
// are to be forgotten in any case.
func (s *Store) walked(ctx context.Context, n plan.Node) (out plan.Node, ids []plan.SnapshotID, err error) {
	if limitsRecords(n) {
		if err := s.place(ctx); err != nil {
			return nil, nil, err
		}
	}
	out, err = plan.Map(n, func(n plan.Node) (plan.Node, error) {
		f, ok := n.(*plan.Find)
		if !ok || s.catalog.inOrder() && !s.walks(f) {
			return n, nil
		}
		id, err := s.find(ctx, f)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
		return &plan.Variable{Name: plan.Line(f), Entity: f.Entity, Snapshot: id, At: f.At}, nil
	})
	return out, ids, err
}

// walks reports whether f follows its relation more than once, or starts from so
// many entities that reading all edges is faster than a join.
func (s *Store) walks(f *plan.Find) bool {
	v, ok := f.Input.(*plan.Variable)
	many := ok && s.snapshots[v.Snapshot] != nil && s.snapshots[v.Snapshot].info.Rows >= manyRows
	return f.Hops > 1 || many && f.Relation != entity.Linked
}

// manyRows is from how many rows on a walk is faster.
const manyRows = 1 << 15

// limitsRecords reports whether n has a limit by records.
func limitsRecords(n plan.Node) bool {
	if l, ok := n.(*plan.Limit); ok && l.ByRecord {
		return true
	}
	return slices.ContainsFunc(n.Inputs(), limitsRecords)
}

// forget removes snapshots that nothing refers to.
func (s *Store) forget(ctx context.Context, ids []plan.SnapshotID) {
	for _, id := range ids {
		table := s.snapshots[id].Table
		s.cat.Lock()
		delete(s.snapshots, id)
		s.cat.Unlock()
		s.drop(ctx, table)
	}
}

// find makes a snapshot, without info, of what f finds.
func (s *Store) find(ctx context.Context, f *plan.Find) (plan.SnapshotID, error) {
	reach := s.reach
	if s.walks(f) {
		reach = s.walk
	}
	found, err := reach(ctx, f)
	if err != nil {
		return 0, err
	}
	ents, err := s.firstSeen(ctx, f.Entity, found)
	if err != nil {
		return 0, err
	}
	snap := &snapshot{Snapshot: ofType(f.Entity)}
	snap.info.Rows = int64(len(ents))
	id, table := s.nextSnapshot()
	snap.Table = table
	if err := insertEntities(ctx, s.db, table, ents); err != nil {
		s.drop(ctx, table)
		return 0, err
	}
	s.cat.Lock()
	defer s.cat.Unlock()
	s.snapshots[id] = snap
	return id, nil
}

// reach returns the entities that stand in the relation of f to its input.
func (s *Store) reach(ctx context.Context, f *plan.Find) (bitset, error) {
	st, ok, err := sqlgen.Found(tables{s}, f)
	if err != nil || !ok {
		return nil, err
	}
	ents, err := s.numbers(ctx, st)
	var found bitset
	for _, e := range ents {
		found.add(e)
	}
	return found, err
}

// walk returns the entities to which the relation of f leads from its input when
// it is followed up to f.Hops times. The input's own entities are among them only
// if the relation leads back to them.
//
// The edges are few numbers each, so they are read into memory: a million take
// 8 MB. A recursive statement takes three times as long.
func (s *Store) walk(ctx context.Context, f *plan.Find) (bitset, error) {
	st, _, err := sqlgen.Rows(tables{s}, f.Input)
	if err != nil {
		return nil, err
	}
	st.SQL = "SELECT ent FROM (" + st.SQL + ")"
	from, err := s.numbers(ctx, st)
	if err != nil {
		return nil, err
	}
	g, err := s.graph(ctx, f)
	if err != nil {
		return nil, err
	}
	return g.walk(ctx, from, f.Hops)
}

// drop removes a table that nobody knows. If that fails it is only waste.
func (s *Store) drop(ctx context.Context, table string) {
	_ = s.db.Exec(context.WithoutCancel(ctx), "DROP TABLE IF EXISTS "+table)
}

// numbers returns the entities that a statement yields.
func (s *Store) numbers(ctx context.Context, st sqlgen.Statement) ([]int32, error) {
	res, err := s.query(ctx, st)
	if err != nil {
		return nil, err
	}
	defer res.Close()
	var out []int32
	for res.NextChunk() {
		out = append(out, res.Int32s(0)...)
	}
	return out, nil
}

// A graph holds edges between entities: those from entity e lead to the elements
// of to from first[e] up to first[e+1].
type graph struct {
	first []int32
	to    []int32
}

// graph reads the edges along which f goes.
func (s *Store) graph(ctx context.Context, f *plan.Find) (*graph, error) {
	st, ok, err := sqlgen.Edges(tables{s}, f)
	if err != nil || !ok {
		return &graph{first: []int32{0}}, err
	}
	res, err := s.query(ctx, st)
	if err != nil {
		return nil, err
	}
	defer res.Close()
	var known, found []int32
	for res.NextChunk() {
		known = append(known, res.Int32s(0)...)
		found = append(found, res.Int32s(1)...)
	}
	return newGraph(known, found, int(s.catalog.entities)), nil
}

// newGraph returns the graph whose edges lead from the elements of known to those
// of found, which are all below n.
func newGraph(known, found []int32, n int) *graph {
	g := &graph{first: make([]int32, n+1), to: make([]int32, len(found))}
	for _, e := range known {
		g.first[e+1]++
	}
	for i := range n {
		g.first[i+1] += g.first[i]
	}
	next := slices.Clone(g.first)
	for i, e := range known {
		g.to[next[e]] = found[i]
		next[e]++
	}
	return g
}

// walk returns what is reached from some entities by one to hops edges. It goes
// on from each entity once, so that cycles end.
func (g *graph) walk(ctx context.Context, from []int32, hops int64) (bitset, error) {
	var reached bitset
	for level := from; len(level) > 0 && hops > 0; hops-- {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var next []int32
		for _, e := range level {
			if int(e)+1 >= len(g.first) {
				continue
			}
			for _, to := range g.to[g.first[e]:g.first[e+1]] {
				if reached.add(to) {
					next = append(next, to)
				}
			}
		}
		level = next
	}
	return reached, nil
}
