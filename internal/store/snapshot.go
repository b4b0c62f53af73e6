// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"math/bits"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/duck"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/sqlgen"
)

// A snapshot is a table of rows that never changes, and what was known of them
// when it was made.
type snapshot struct {
	sqlgen.Snapshot
	info  Info
	asked []asked // what its rows answer
	found bool    // by a FIND, in what any question brought
}

// asked is a question, as table brought has it, and how many of its records
// count.
type asked struct{ question, records int64 }

// ofType returns a snapshot of entities of a type, without a table.
func ofType(typ string) sqlgen.Snapshot {
	return sqlgen.Snapshot{Shape: sqlgen.Shape{Part: sqlgen.Part{Entity: typ}}}
}

// Info is what is known of a snapshot since it was made.
type Info struct {
	Type        string
	Attrs       []string    // the projection in force; nil: all attributes
	Groups      bool        // the rows are those of a GROUP, and no entities
	Rows        int64       // each is an entity, unless Groups
	Records     int64       // sum of number_observed over (entity, record) pairs; Rows if there is no record
	First, Last entity.Time // of the records of its entities; zero if there are none
	Source      string      // "" if it comes from no data source
	Keys        []string    // from what the ids of its entities were made, best first
}

// Info describes a snapshot; false if there is none of that id.
func (s *Store) Info(id plan.SnapshotID) (Info, bool) {
	s.cat.RLock()
	defer s.cat.RUnlock()
	snap, ok := s.snapshots[id]
	if !ok {
		return Info{}, false
	}
	return snap.info, true
}

// nextSnapshot returns the id of a snapshot to be made, and its table.
func (s *Store) nextSnapshot() (plan.SnapshotID, string) {
	s.last++
	return s.last, fmt.Sprintf("v%d", s.last)
}

// keepEntities makes a snapshot of entities in order, each once. The caller
// holds s.mu.
func (s *Store) keepEntities(ctx context.Context, snap *snapshot, ents []int32) (plan.SnapshotID, error) {
	db, err := s.start()
	if err != nil {
		return 0, err
	}
	id, table := s.nextSnapshot()
	snap.Table = table
	if err := insertEntities(ctx, db, table, ents); err != nil {
		return 0, err
	}
	return id, s.keep(ctx, id, snap, int64(len(ents)))
}

// fewEntities is up to how many entities travel as an argument.
const fewEntities = 1024

func insertEntities(ctx context.Context, db *duck.DB, table string, ents []int32) error {
	if len(ents) <= fewEntities {
		list := make([]int64, len(ents))
		for i, e := range ents {
			list[i] = int64(e)
		}
		return db.Run(ctx, "CREATE TABLE "+table+" AS SELECT unnest(range(len($1::BIGINT[]))) AS seq, unnest($1::BIGINT[])::INTEGER AS ent", list)
	}
	if err := db.Exec(ctx, "CREATE TABLE "+table+" (seq BIGINT, ent INTEGER)"); err != nil {
		return err
	}
	app, err := db.Appender(table, duck.Int64, duck.Int32)
	if err != nil {
		return err
	}
	chunk := duck.NewChunk(duck.Int64, duck.Int32)
	for i, e := range ents {
		chunk.Columns[0].Int(int64(i))
		chunk.Columns[1].Int(int64(e))
		if chunk.Rows() == duck.ChunkRows || i == len(ents)-1 {
			if err := app.Append(ctx, chunk); err != nil {
				app.Discard()
				return err
			}
			chunk.Reset()
		}
	}
	return app.Close()
}

// keep describes a snapshot whose table is made, and makes it known. If it
// fails it removes the table.
func (s *Store) keep(ctx context.Context, id plan.SnapshotID, snap *snapshot, rows int64) error {
	snap.info.Type = snap.Entity
	snap.info.Rows = rows
	for _, p := range snap.Attrs {
		snap.info.Attrs = append(snap.info.Attrs, p.Attr())
	}
	if err := s.describe(ctx, snap); err != nil {
		s.drop(ctx, snap.Table)
		return err
	}
	s.cat.Lock()
	defer s.cat.Unlock()
	s.snapshots[id] = snap
	return nil
}

// describe fills in the info of a snapshot.
func (s *Store) describe(ctx context.Context, snap *snapshot) error {
	info := &snap.info
	info.Records = info.Rows
	info.Groups = snap.Shape.Groups()
	t := s.catalog.types[snap.Entity]
	if info.Rows == 0 || info.Groups || t == nil {
		return nil
	}
	return s.observed(ctx, snap, t)
}

// observed counts the records of a snapshot's entities and finds the time that
// they cover, and from what the ids of the entities were made.
func (s *Store) observed(ctx context.Context, snap *snapshot, t *typeTable) error {
	kinds := t.kinds
	if kinds&(kinds-1) != 0 {
		var err error
		if kinds, err = s.kinds(ctx, snap); err != nil {
			return err
		}
	}
	snap.info.Keys = keyNames(kinds)
	switch {
	case !snap.Records && !t.seen:
		return nil
	case !snap.Records && !t.twice && isMost(snap.info.Rows, t.entities):
		return s.observedByMost(ctx, snap, t)
	}
	pairs := "SELECT ent, rec FROM " + snap.Table
	switch {
	case snap.Records && len(snap.Joined) > 0:
		pairs = "SELECT DISTINCT ent, rec FROM " + snap.Table
	case !snap.Records:
		distinct := ""
		if t.twice {
			distinct = "DISTINCT "
		}
		pairs = fmt.Sprintf("SELECT %ss.ent, s.rec FROM %s s WHERE s.ent IN (SELECT ent FROM %s) AND s.rec IS NOT NULL", distinct, t.seenIn().table, snap.Table)
		if before := s.before(); before > 0 {
			pairs += fmt.Sprintf(" AND s.rec < %d", before)
		}
	}
	res, err := s.db.Query(ctx, "SELECT sum(r.number)::BIGINT, min(r.first), arg_min(r.first_digits, r.first), max(r.last), arg_max(r.last_digits, r.last) FROM ("+pairs+") p JOIN record r ON r.rec = p.rec")
	if err != nil {
		return err
	}
	defer res.Close()
	if !res.Next() || res.Null(0) || res.Int(0) == 0 {
		return nil
	}
	snap.info.Records = res.Int(0)
	if !res.Null(1) {
		snap.info.First = timeOf(res.Int(1), res.Int(2))
	}
	if !res.Null(3) {
		snap.info.Last = timeOf(res.Int(3), res.Int(4))
	}
	return nil
}

// timeOf is a time as the table of records has it.
func timeOf(nanos, digits int64) entity.Time {
	return entity.Time{Nanos: nanos, Digits: int8(digits) + 1}
}

// kinds returns a bit for each kind of key that the entities of a snapshot have.
func (s *Store) kinds(ctx context.Context, snap *snapshot) (uint64, error) {
	res, err := s.db.Query(ctx, "SELECT bit_or(1 << kind::BIGINT) FROM entity WHERE ent IN (SELECT ent FROM "+snap.Table+")")
	if err != nil {
		return 0, err
	}
	defer res.Close()
	if !res.Next() || res.Null(0) {
		return 0, nil
	}
	return uint64(res.Int(0)), nil
}

func keyNames(set uint64) []string {
	var out []string
	for ; set != 0; set &= set - 1 {
		out = append(out, entity.IDKind(bits.TrailingZeros64(set)).String())
	}
	return out
}
