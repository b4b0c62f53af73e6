// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"

	"github.com/kestrelhunt/kestrel/entity"
)

// Where a snapshot holds a good part of the entities of a type, joins over it are
// joins of whole tables. Numbers of entities and records are dense, so that arrays
// in memory do the same several times as fast: the records of a million processes
// in two million sightings are counted in 50 ms, and by a join in 450 (one core).

// isMost reports whether rows are so many of a type's entities that this pays.
func isMost(rows, entities int64) bool { return rows >= 1<<14 && rows*8 >= entities }

// observedByMost is observed, for a snapshot of entities of which no record has
// two objects.
func (s *Store) observedByMost(ctx context.Context, snap *snapshot, t *typeTable) error {
	ents, err := s.entitySet(ctx, snap)
	if err != nil {
		return err
	}
	query := "SELECT ent, rec FROM " + t.seenIn().table + " WHERE rec IS NOT NULL"
	if before := s.before(); before > 0 {
		query += fmt.Sprintf(" AND rec < %d", before)
	}
	res, err := s.db.Query(ctx, query)
	if err != nil {
		return err
	}
	defer res.Close()
	times := make([]int32, s.catalog.records) // that an entity was seen in each record
	for res.NextChunk() {
		recs := res.Int64s(1)
		for i, e := range res.Int32s(0) {
			if ents.has(e) {
				times[recs[i]&(1<<stepBits-1)]++
			}
		}
	}
	return s.sum(ctx, snap, times)
}

// entitySet returns the entities of a snapshot.
func (s *Store) entitySet(ctx context.Context, snap *snapshot) (bitset, error) {
	res, err := s.db.Query(ctx, "SELECT ent FROM "+snap.Table)
	if err != nil {
		return nil, err
	}
	defer res.Close()
	ents := make(bitset, s.catalog.entities/64+1)
	for res.NextChunk() {
		for _, e := range res.Int32s(0) {
			ents.add(e)
		}
	}
	return ents, nil
}

// sum adds up what was observed in records, each as often as times says.
func (s *Store) sum(ctx context.Context, snap *snapshot, times []int32) error {
	res, err := s.db.Query(ctx, "SELECT rec, number, first, first_digits, last, last_digits FROM record")
	if err != nil {
		return err
	}
	defer res.Close()
	var records int64
	var first, last entity.Time
	for res.Next() {
		n := times[res.Int(0)&(1<<stepBits-1)]
		if n == 0 {
			continue
		}
		records += int64(n) * res.Int(1)
		if !res.Null(2) && (first.IsZero() || res.Int(2) < first.Nanos) {
			first = timeOf(res.Int(2), res.Int(3))
		}
		if !res.Null(4) && (last.IsZero() || res.Int(4) > last.Nanos) {
			last = timeOf(res.Int(4), res.Int(5))
		}
	}
	if records > 0 {
		snap.info.Records, snap.info.First, snap.info.Last = records, first, last
	}
	return nil
}
