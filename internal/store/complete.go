// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// Complete returns a snapshot with the rows of another whose entities a pass
// completed: counts are taken anew, and Related counts what the pass brought for
// its question q, which is one that Completes. The rows stay the same.
func (s *Store) Complete(ctx context.Context, id plan.SnapshotID, p *Pass, q int) (plan.SnapshotID, error) {
	if !p.over || p.failed != nil {
		return 0, errors.New("store: complete with a pass that is not finished")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old, ok := s.snapshots[id]
	if !ok {
		return 0, errNoSnapshot
	}
	snap := *old
	snap.asked = append(slices.Clone(old.asked), asked{p.answers[q].number, math.MaxInt64})
	snap.info.Records = snap.info.Rows
	if t := s.catalog.types[snap.Entity]; t != nil && snap.info.Rows > 0 {
		if err := s.observed(ctx, &snap, t); err != nil {
			return 0, err
		}
	}
	if err := s.noteCompleted(ctx, p.answers[q], snap.Table); err != nil {
		return 0, err
	}
	s.last++
	s.cat.Lock()
	defer s.cat.Unlock()
	s.snapshots[s.last] = &snap
	return s.last, nil
}

// noteCompleted notes which entities a question completed.
func (s *Store) noteCompleted(ctx context.Context, a *answer, table string) error {
	if a.noted {
		return nil
	}
	if !s.completes {
		if err := s.db.Exec(ctx, "CREATE TABLE completed (question BIGINT, ent INTEGER)"); err != nil {
			return err
		}
		s.completes = true
	}
	a.noted = true
	return s.db.Run(ctx, "INSERT INTO completed SELECT DISTINCT $1::BIGINT, ent FROM "+table, a.number)
}

// Brought returns how many records a finished pass brought for question q.
func (p *Pass) Brought(q int) int64 { return p.answers[q].records }

// Observed returns the time in which the entities of a snapshot were observed. A
// record does not count for an entity if only completions of that very entity
// brought it: completing again what was completed then asks for the same time.
// Both are zero if no time is known.
func (s *Store) Observed(ctx context.Context, id plan.SnapshotID) (first, last entity.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	snap, ok := s.snapshots[id]
	if !ok {
		return first, last, errNoSnapshot
	}
	t := s.catalog.types[snap.Entity]
	if !s.completes || t == nil || !t.seen {
		return snap.info.First, snap.info.Last, nil
	}
	visible := ""
	if before := s.before(); before > 0 {
		visible = fmt.Sprintf(" AND b.question < %d", before)
	}
	query := fmt.Sprintf(`SELECT min(r.first), arg_min(r.first_digits, r.first), max(r.last), arg_max(r.last_digits, r.last)
 FROM (SELECT DISTINCT s.rec FROM %s s JOIN brought b ON b.rec = s.rec LEFT JOIN completed c ON c.question = b.question AND c.ent = s.ent
  WHERE s.ent IN (SELECT ent FROM %s) AND c.ent IS NULL%s) p JOIN record r ON r.rec = p.rec`,
		t.seenIn().table, snap.Table, visible)
	res, err := s.db.Query(ctx, query)
	if err != nil {
		return first, last, err
	}
	defer res.Close()
	if !res.Next() {
		return first, last, nil
	}
	if !res.Null(0) {
		first = entity.Time{Nanos: res.Int(0), Digits: int8(res.Int(1)) + 1}
	}
	if !res.Null(2) {
		last = entity.Time{Nanos: res.Int(2), Digits: int8(res.Int(3)) + 1}
	}
	return first, last, nil
}

// A Known is an entity, and what its id is made from.
type Known struct {
	ID   entity.ID
	Kind entity.IDKind
}

// Known returns the entities in a snapshot, in order.
func (s *Store) Known(ctx context.Context, id plan.SnapshotID) ([]Known, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	snap, ok := s.snapshots[id]
	if !ok {
		return nil, errNoSnapshot
	}
	res, err := s.db.Query(ctx, fmt.Sprintf("SELECT coalesce(e.id, $1 || '--' || e.uuid::VARCHAR), e.kind FROM %s v JOIN entity e ON e.ent = v.ent ORDER BY v.seq", snap.Table), snap.Entity)
	if err != nil {
		return nil, err
	}
	defer res.Close()
	var out []Known
	for res.Next() {
		given := entity.GivenID(snap.Entity, res.Peek(0))
		if _, ok := given.UUID(); !ok {
			given = entity.GivenID(snap.Entity, res.Text(0)) // the text outlives the row
		}
		out = append(out, Known{given, entity.IDKind(res.Int(1))}) //nolint:gosec // it was one
	}
	return out, nil
}

// Identifying are values that tell entities apart in other records.
type Identifying struct {
	Attr   stix.Path
	Values []entity.Value // distinct, in the order of rows
}

// Identifying returns, for the identity attributes of a snapshot's type, best
// first, the values of the entities that have none of a better one. Empty texts
// are no values; an attribute that adds nothing is left out.
func (s *Store) Identifying(ctx context.Context, id plan.SnapshotID) ([]Identifying, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	snap, ok := s.snapshots[id]
	if !ok {
		return nil, errNoSnapshot
	}
	var out []Identifying
	var paths []stix.Path
	for _, name := range entity.IdentityAttrs(snap.Entity) {
		p := pathOf(name)
		paths = append(paths, p)
		out = append(out, Identifying{Attr: p})
	}
	if len(paths) == 0 {
		return nil, nil
	}
	seen := make([]map[entity.Value]bool, len(paths))
	n := &plan.Variable{Entity: snap.Entity, Snapshot: id}
	err := s.each(ctx, n, paths, func(row []entity.Value) bool {
		i := slices.IndexFunc(row, func(v entity.Value) bool { return !v.IsNull() && v != entity.StringValue("") })
		if i < 0 || seen[i][row[i]] {
			return true
		}
		if seen[i] == nil {
			seen[i] = make(map[entity.Value]bool)
		}
		seen[i][row[i]] = true
		out[i].Values = append(out[i].Values, row[i])
		return true
	})
	return slices.DeleteFunc(out, func(i Identifying) bool { return len(i.Values) == 0 }), err
}
