// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package oracle evaluates plans in plain Go: slow, obvious, and written apart
// from everything that it judges. Tests compare the store, the rewrite rules and
// the drivers with it; nothing else imports it.
//
// It keeps all records as they are, looks at all of them for every question, and
// shares with the rest of the program only the definitions: records, plans,
// pattern trees, and the ids of entities.
package oracle

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// A World is all that a session has seen.
type World struct {
	Records   []entity.Record // identified, in the order of their source
	Snapshots map[plan.SnapshotID][]Row
}

// A Row is an entity, an entity in one of its records, the group of some rows,
// or the pair of two.
type Row struct {
	Entity entity.ID     // of a pair that of its left row; zero in a group
	Record int           // index into Records; -1 for the entity as such
	Cells  []entity.Attr // the columns of a group; nil in other rows
	Joined []Row         // of a pair: the right row, which says what the left one leaves open
	Only   []stix.Path   // the attributes that a projection left; nil: all
}

// same reports whether two rows are one in a merge: the same entity, or sighting
// of it, paired with the same; or groups with equal columns.
func (r Row) same(o Row) bool {
	if r.Entity != o.Entity || r.Record != o.Record || !slices.Equal(r.Cells, o.Cells) {
		return false
	}
	return slices.EqualFunc(r.Joined, o.Joined, Row.same)
}

// seen is one object of an entity.
type seen struct{ record, object int }

// Eval returns the rows of a plan over the world's records. Load is not
// evaluated, nor New: their entities are records of the world.
func (w *World) Eval(n plan.Node) ([]Row, error) {
	switch n := n.(type) {
	case *plan.Scan:
		return w.scan(n), nil
	case *plan.Variable:
		rows, ok := w.Snapshots[n.Snapshot]
		if !ok {
			return nil, fmt.Errorf("oracle: variable %s: no snapshot %d", n.Name, n.Snapshot)
		}
		return rows, nil
	case *plan.Merge:
		return w.merge(n)
	case *plan.Join:
		return w.join(n)
	default: // nothing to do for the others
	}
	if len(n.Inputs()) != 1 {
		return nil, fmt.Errorf("oracle: cannot evaluate %T", n)
	}
	rows, err := w.Eval(n.Inputs()[0])
	if err != nil {
		return nil, err
	}
	switch n := n.(type) {
	case *plan.Filter:
		return slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return !w.holds(n.Where, r, n.Type()) }), nil
	case *plan.Within:
		return slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return !w.within(r, n.Range) }), nil
	case *plan.Limit:
		return w.limit(n, rows), nil
	case *plan.Sort:
		return w.sort(n, rows), nil
	case *plan.Project:
		return project(n, rows), nil
	case *plan.Transform:
		return w.transform(n, rows), nil
	case *plan.Find:
		return w.find(n, rows)
	case *plan.Group:
		return w.group(n, rows)
	default: // nothing to do for the others
	}
	return nil, fmt.Errorf("oracle: cannot evaluate %T", n)
}

// scan returns the entities of a type in the order in which they are first seen.
func (w *World) scan(n *plan.Scan) []Row {
	var out []Row
	met := make(map[entity.ID]bool)
	for i := range w.Records {
		if !overlaps(&w.Records[i], n.Window) {
			continue
		}
		for _, o := range w.Records[i].Objects {
			if o.Type == n.Entity && !met[o.ID] {
				met[o.ID] = true
				out = append(out, Row{Entity: o.ID, Record: -1})
			}
		}
	}
	return out
}

func (w *World) merge(n *plan.Merge) ([]Row, error) {
	var out []Row
	for _, in := range n.Sources {
		rows, err := w.Eval(in)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if !slices.ContainsFunc(out, r.same) {
				out = append(out, r)
			}
		}
	}
	return out, nil
}

// limit skips and counts rows, or the records that hold an entity of the rows.
func (w *World) limit(n *plan.Limit, rows []Row) []Row {
	if !n.ByRecord {
		rows = rows[min(n.Offset, int64(len(rows))):]
		if n.Count >= 0 {
			rows = rows[:min(n.Count, int64(len(rows)))]
		}
		return rows
	}
	kept := make(map[entity.ID]bool)
	met := int64(0)
	for _, rec := range w.Records {
		holds := false
		for _, o := range rec.Objects {
			if !slices.ContainsFunc(rows, func(r Row) bool { return r.Entity == o.ID }) {
				continue
			}
			holds = true
			if met >= n.Offset && (n.Count < 0 || met < n.Offset+n.Count) {
				kept[o.ID] = true
			}
		}
		if holds {
			met++
		}
	}
	return slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return !kept[r.Entity] })
}

// project leaves rows only the attributes named.
func project(n *plan.Project, rows []Row) []Row {
	out := slices.Clone(rows)
	for i := range out {
		out[i].Only = n.Attrs
	}
	return out
}

// transform gives each entity a row for each record that holds it.
func (w *World) transform(n *plan.Transform, rows []Row) []Row {
	var out []Row
	for _, r := range rows {
		last := -1
		for _, s := range w.sightings(r.Entity) {
			if s.record != last && (r.Record < 0 || r.Record == s.record) {
				last = s.record
				seen := r
				seen.Record = s.record
				out = append(out, seen)
			}
		}
	}
	names := n.Func.Attrs()
	slices.SortStableFunc(out, func(a, b Row) int {
		for _, name := range names {
			if c := compareValues(w.recordValue(a.Record, name), w.recordValue(b.Record, name)); c != 0 {
				return c
			}
		}
		return 0
	})
	return out
}

// recordValue returns what a transformer adds to a row.
func (w *World) recordValue(record int, name string) entity.Value {
	rec := &w.Records[record]
	switch name {
	case "first_observed":
		return timeValue(rec.First)
	case "last_observed":
		return timeValue(rec.Last)
	case "number_observed":
		return entity.IntValue(rec.Count)
	case "observation_id":
		return entity.StringValue(rec.ID)
	}
	return entity.Value{}
}

func timeValue(t entity.Time) entity.Value {
	if t.IsZero() {
		return entity.Value{}
	}
	return entity.StringValue(t.String())
}

func (w *World) within(r Row, win plan.Window) bool {
	if r.Record >= 0 {
		return overlaps(&w.Records[r.Record], win)
	}
	return slices.ContainsFunc(w.sightings(r.Entity), func(s seen) bool { return overlaps(&w.Records[s.record], win) })
}

// overlaps reports whether a record lies in a window: first < stop and last >=
// start. A record without times lies in none but the zero window.
func overlaps(rec *entity.Record, win plan.Window) bool {
	if win.IsZero() {
		return true
	}
	if rec.First.IsZero() || rec.Last.IsZero() {
		return false
	}
	return rec.First.Nanos < win.Stop.UnixNano() && rec.Last.Nanos >= win.Start.UnixNano()
}

// sightings returns all objects of an entity.
func (w *World) sightings(id entity.ID) []seen {
	var out []seen
	for i := range w.Records {
		for j := range w.Records[i].Objects {
			if w.Records[i].Objects[j].ID == id {
				out = append(out, seen{i, j})
			}
		}
	}
	return out
}

func (w *World) sort(n *plan.Sort, rows []Row) []Row {
	out := slices.Clone(rows)
	key := func(r Row) entity.Value {
		if vs := w.Values(r, n.Attr); len(vs) > 0 {
			return vs[0]
		}
		return entity.Value{}
	}
	slices.SortStableFunc(out, func(a, b Row) int {
		c := compareValues(key(a), key(b))
		if n.Desc {
			return -c
		}
		return c
	})
	return out
}

// compareValues orders values: none first, then numbers (a boolean counts as 0 or
// 1), then text by code point.
func compareValues(a, b entity.Value) int {
	rank := func(v entity.Value) int {
		switch v.Kind() {
		case entity.Null:
			return 0
		case entity.Bool, entity.Int, entity.Float:
			return 1
		}
		return 2
	}
	if c := cmp.Compare(rank(a), rank(b)); c != 0 {
		return c
	}
	switch rank(a) {
	case 0:
		return 0
	case 1:
		return compareNumbers(a, b)
	}
	return cmp.Compare(a.Text(), b.Text())
}

func compareNumbers(a, b entity.Value) int {
	if a.Kind() == entity.Int && b.Kind() == entity.Int {
		return cmp.Compare(a.Int(), b.Int())
	}
	return cmp.Compare(number(a), number(b))
}

// number returns a number, or a boolean as 0 or 1.
func number(v entity.Value) float64 {
	if v.Kind() == entity.Bool {
		if v.Bool() {
			return 1
		}
		return 0
	}
	return v.Float()
}
