// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/sqlgen"
	"github.com/kestrelhunt/kestrel/stix"
)

// tables describes the tables of a store to package sqlgen.
type tables struct{ *Store }

// Snapshot implements sqlgen.Catalog.
func (s tables) Snapshot(id plan.SnapshotID) (sqlgen.Snapshot, bool) {
	snap, ok := s.snapshots[id]
	if !ok {
		return sqlgen.Snapshot{}, false
	}
	return snap.Snapshot, true
}

// Type implements sqlgen.Catalog.
func (s tables) Type(name string) *sqlgen.Type {
	t := s.catalog.types[name]
	if t == nil || !s.sees(t.step) || !t.objects.exists() {
		return nil
	}
	out := &sqlgen.Type{
		Name: t.name, Number: int64(t.n),
		Objects: t.objects.table, Sightings: t.seenIn().table,
		Before: s.before(), Once: !t.twice,
	}
	out.Single = t.rows == t.entities && out.Before == 0
	for _, c := range t.cols {
		if s.sees(c.step) {
			out.Columns = append(out.Columns, sqlgen.Column{
				Name: c.name, Ident: c.ident, Kind: c.kind, Other: c.other, Ref: c.ref, Targets: s.targets(&c.leads),
			})
		}
	}
	for _, l := range t.lists {
		if s.sees(l.step) {
			out.Lists = append(out.Lists, sqlgen.List{Name: l.name, Table: l.sink.table, Targets: s.targets(&l.leads)})
		}
	}
	return out
}

// seenIn returns the table that says which record saw which entity.
func (t *typeTable) seenIn() *sink {
	if t.wide {
		return t.objects
	}
	return t.sightings
}

// targets returns the types that a reference leads to, sorted.
func (s *Store) targets(l *leads) []string {
	var out []string
	for _, t := range l.targets {
		if s.sees(t.step) {
			out = append(out, t.typ)
		}
	}
	slices.Sort(out)
	return out
}

// Materialize runs a plan over variables of this store (Variable, Filter,
// Within, Limit, Sort, Project, Merge, Transform, Find, Group, Join) and keeps the rows as a new
// snapshot. A plan that is one Variable gives that variable's snapshot.
func (s *Store) Materialize(ctx context.Context, n plan.Node) (plan.SnapshotID, error) {
	if v, ok := n.(*plan.Variable); ok {
		return v.Snapshot, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.start(); err != nil {
		return 0, err
	}
	in := n
	n, walks, err := s.walked(ctx, n)
	defer func() { s.forget(ctx, walks) }()
	if err != nil {
		return 0, err
	}
	if v, ok := n.(*plan.Variable); ok { // what is wanted is where a walk leads, no more
		snap := s.snapshots[v.Snapshot]
		s.inherit(snap, in)
		if err := s.keep(ctx, v.Snapshot, snap, snap.info.Rows); err != nil {
			return 0, err
		}
		walks = slices.DeleteFunc(walks, func(id plan.SnapshotID) bool { return id == v.Snapshot })
		return v.Snapshot, nil
	}
	st, shape, err := sqlgen.Rows(tables{s}, n)
	if err != nil {
		return 0, err
	}
	id, table := s.nextSnapshot()
	st.SQL = "CREATE TABLE " + table + " AS " + st.SQL
	res, err := s.query(ctx, st)
	if err != nil {
		return 0, err
	}
	var rows int64
	if res.Next() {
		rows = res.Int(0)
	}
	res.Close()
	if j, ok := n.(*plan.Join); ok && j.Max > 0 && rows > j.Max {
		s.drop(ctx, table)
		return 0, &TooManyError{Max: j.Max}
	}
	snap := &snapshot{Snapshot: sqlgen.Snapshot{Table: table, Shape: shape}}
	s.inherit(snap, in)
	return id, s.keep(ctx, id, snap, rows)
}

// inherit takes from the variables of a plan what its rows come from: the
// questions of all, and the first data source. Rows that a FIND gives may come
// from any question.
func (s *Store) inherit(snap *snapshot, n plan.Node) {
	if _, ok := n.(*plan.Find); ok {
		snap.found = true
	}
	if v, ok := n.(*plan.Variable); ok {
		if in := s.snapshots[v.Snapshot]; in != nil {
			snap.info.Source = cmp.Or(snap.info.Source, in.info.Source)
			snap.asked = append(snap.asked, in.asked...)
		}
	}
	for _, in := range n.Inputs() {
		s.inherit(snap, in)
	}
}

// each runs a plan and calls yield with the attributes of each row, in order,
// until it returns false. The caller holds s.mu.
func (s *Store) each(ctx context.Context, n plan.Node, paths []stix.Path, yield func(row []entity.Value) bool) error {
	if _, err := s.start(); err != nil {
		return err
	}
	st, fields, err := sqlgen.Select(tables{s}, n, paths)
	if err != nil {
		return attributeError(err, n.Type())
	}
	res, err := s.query(ctx, st)
	if err != nil {
		return err
	}
	defer res.Close()
	for res.Next() {
		row := make([]entity.Value, len(fields))
		for i, f := range fields {
			row[i] = read(res, f)
		}
		if !yield(row) {
			return nil
		}
	}
	return nil
}

// attributeError names the attribute that a path failed on.
func attributeError(err error, typ string) error {
	if path, ok := errors.AsType[*sqlgen.PathError](err); ok {
		return &AttributeError{Type: typ, Attr: path.Path.Attr()}
	}
	return err
}

// Values returns the distinct values of an attribute of a snapshot's rows, in
// the order of rows, without nulls; of a list ([*]) those of its elements.
func (s *Store) Values(ctx context.Context, id plan.SnapshotID, attr stix.Path) ([]entity.Value, error) {
	var out []entity.Value
	seen := make(map[entity.Value]bool)
	err := s.column(ctx, id, attr, func(v entity.Value) {
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	})
	return out, err
}

// column calls yield with the values of an attribute of a snapshot's rows, in
// the order of rows, without nulls.
func (s *Store) column(ctx context.Context, id plan.SnapshotID, attr stix.Path, yield func(entity.Value)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	snap, ok := s.snapshots[id]
	if !ok {
		return errNoSnapshot
	}
	n := &plan.Variable{Entity: snap.Entity, Snapshot: id}
	return s.each(ctx, n, []stix.Path{attr}, func(row []entity.Value) bool {
		if !row[0].IsNull() {
			yield(row[0])
		}
		return true
	})
}

// A Summary describes the values of one attribute.
type Summary struct {
	Numeric  bool
	Count    int64 // not null
	Mean     float64
	Min, Max entity.Value // if Numeric
	Unique   int64
	Top      entity.Value // the most frequent value, the smallest of several
	Freq     int64        // how often Top occurs
}

// Describe summarises an attribute over the rows of a snapshot. It is Numeric
// if there are values and all are numbers.
func (s *Store) Describe(ctx context.Context, id plan.SnapshotID, attr stix.Path) (Summary, error) {
	var sum Summary
	var total float64
	counts := make(map[entity.Value]int64)
	numeric := true
	err := s.column(ctx, id, attr, func(v entity.Value) {
		sum.Count++
		counts[v]++
		total += v.Float()
		numeric = numeric && isNumber(v)
		if sum.Count == 1 || compareValues(v, sum.Min) < 0 {
			sum.Min = v
		}
		if sum.Count == 1 || compareValues(v, sum.Max) > 0 {
			sum.Max = v
		}
	})
	if err != nil {
		return Summary{}, err
	}
	sum.Unique = int64(len(counts))
	sum.Numeric = numeric && sum.Count > 0
	if sum.Numeric {
		sum.Mean = total / float64(sum.Count)
	}
	for v, n := range counts {
		if n > sum.Freq || n == sum.Freq && compareValues(v, sum.Top) < 0 {
			sum.Top, sum.Freq = v, n
		}
	}
	return sum, nil
}

func isNumber(v entity.Value) bool { return v.Kind() == entity.Int || v.Kind() == entity.Float }

// Related counts, for each type of the store, the (entity, record) pairs in the
// records that certain questions brought: the question that the snapshot answers,
// or if a FIND made it, all that brought a record with one of its entities. Of the
// snapshot's own type, its entities are not counted. The result is empty for a
// snapshot that answers no question and comes from none.
func (s *Store) Related(ctx context.Context, id plan.SnapshotID) (map[string]int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	snap, ok := s.snapshots[id]
	if !ok {
		return nil, errNoSnapshot
	}
	all, err := s.askedFor(ctx, snap)
	if err != nil || len(all) == 0 {
		return map[string]int64{}, err
	}
	out, err := s.relatedTo(ctx, all)
	if n, ok := out[snap.Entity]; ok {
		out[snap.Entity] = max(n-snap.info.Rows, 0)
	}
	return out, err
}

// relatedTo counts the pairs in the records that questions brought.
func (s *Store) relatedTo(ctx context.Context, all []asked) (map[string]int64, error) {
	types := s.typesSeen()
	recs, n, err := s.broughtBy(ctx, all)
	if err != nil {
		return nil, err
	}
	if isMost(n, s.catalog.records) {
		return s.relatedToMost(ctx, types, recs)
	}
	out := make(map[string]int64)
	query := s.relatedQuery(types)
	if query == "" {
		return out, nil
	}
	var questions, records []int64
	for _, a := range all {
		questions, records = append(questions, a.question), append(records, a.records)
	}
	res, err := s.db.Query(ctx, query, questions, records)
	if err != nil {
		return nil, err
	}
	defer res.Close()
	for res.Next() {
		if n := res.Int(1); n > 0 {
			out[types[res.Int(0)].name] = n
		}
	}
	return out, nil
}

// askedFor returns the questions that the rows of a snapshot come from.
func (s *Store) askedFor(ctx context.Context, snap *snapshot) ([]asked, error) {
	t := s.catalog.types[snap.Entity]
	switch {
	case !snap.found:
		return snap.asked, nil
	case t == nil || !t.seen:
		return nil, nil
	case isMost(snap.info.Rows, t.entities):
		return s.askedForMost(ctx, snap, t)
	}
	query := fmt.Sprintf("SELECT DISTINCT question FROM brought WHERE rec IN (SELECT s.rec FROM %s s WHERE s.ent IN (SELECT ent FROM %s))", t.seenIn().table, snap.Table)
	if before := s.before(); before > 0 {
		query += fmt.Sprintf(" AND question < %d", before)
	}
	res, err := s.db.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	defer res.Close()
	var out []asked
	for res.Next() {
		out = append(out, asked{res.Int(0), math.MaxInt64})
	}
	return out, nil
}

// relatedQuery counts pairs for Related: a row (number of the type, count) for
// each type that records have. It is empty if there is none.
func (s *Store) relatedQuery(types []*typeTable) string {
	var parts []string
	for i, t := range types {
		if !t.seen || !t.seenIn().exists() {
			continue
		}
		count := "count(*)"
		if t.twice {
			count = "count(DISTINCT (ent, rec))"
		}
		parts = append(parts, fmt.Sprintf("SELECT %d::BIGINT, %s FROM %s WHERE rec IN (SELECT rec FROM recs)", i, count, t.seenIn().table))
	}
	if len(parts) == 0 {
		return ""
	}
	return "WITH asked AS (SELECT unnest($1::BIGINT[]) AS question, unnest($2::BIGINT[]) AS records),\n" +
		"recs AS (SELECT DISTINCT b.rec FROM brought b JOIN asked a ON a.question = b.question AND b.ord < a.records)\n" + strings.Join(parts, "\nUNION ALL\n")
}
