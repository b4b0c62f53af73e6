// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"math"

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
				times[counted(recs[i])]++
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
		n := times[counted(res.Int(0))]
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

// askedForMost is askedFor, for a snapshot of most entities of a type.
func (s *Store) askedForMost(ctx context.Context, snap *snapshot, t *typeTable) ([]asked, error) {
	ents, err := s.entitySet(ctx, snap)
	if err != nil {
		return nil, err
	}
	res, err := s.db.Query(ctx, "SELECT ent, rec FROM "+t.seenIn().table+" WHERE rec IS NOT NULL")
	if err != nil {
		return nil, err
	}
	defer res.Close()
	var held bitset
	for res.NextChunk() {
		recs := res.Int64s(1)
		for i, e := range res.Int32s(0) {
			if ents.has(e) {
				held.add(counted(recs[i]))
			}
		}
	}
	var out []asked
	met := make(map[int64]bool)
	before := s.before()
	err = s.eachBrought(ctx, func(question, rec, _ int64) {
		if held.has(counted(rec)) && !met[question] && (before == 0 || question < before) {
			met[question] = true
			out = append(out, asked{question, math.MaxInt64})
		}
	})
	return out, err
}

// broughtBy returns the records that questions brought, and how many these are.
func (s *Store) broughtBy(ctx context.Context, all []asked) (recs bitset, n int64, err error) {
	records := make(map[int64]int64)
	for _, a := range all {
		records[a.question] = max(records[a.question], a.records)
	}
	err = s.eachBrought(ctx, func(question, rec, ord int64) {
		if ord < records[question] && recs.add(counted(rec)) {
			n++
		}
	})
	return recs, n, err
}

// eachBrought calls yield with the rows of table brought.
func (s *Store) eachBrought(ctx context.Context, yield func(question, rec, ord int64)) error {
	res, err := s.db.Query(ctx, "SELECT question, rec, ord FROM brought")
	if err != nil {
		return err
	}
	defer res.Close()
	for res.NextChunk() {
		recs, ords := res.Int64s(1), res.Int64s(2)
		for i, question := range res.Int64s(0) {
			yield(question, recs[i], ords[i])
		}
	}
	return nil
}

// counted returns how manieth a record is, by its number.
func counted(rec int64) int32 { return int32(rec & (1<<stepBits - 1)) }

// relatedToMost counts for each type the pairs of an entity and a record of a set.
func (s *Store) relatedToMost(ctx context.Context, types []*typeTable, recs bitset) (map[string]int64, error) {
	out := make(map[string]int64)
	for _, t := range types {
		if !t.seen || !t.seenIn().exists() {
			continue
		}
		query := "SELECT rec FROM " + t.seenIn().table + " WHERE rec IS NOT NULL"
		if t.twice {
			query = "SELECT DISTINCT rec, ent FROM " + t.seenIn().table + " WHERE rec IS NOT NULL"
		}
		n, err := s.countIn(ctx, query, recs)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			out[t.name] = n
		}
	}
	return out, nil
}

// countIn counts the rows of a statement whose record is in a set.
func (s *Store) countIn(ctx context.Context, query string, recs bitset) (n int64, err error) {
	res, err := s.db.Query(ctx, query)
	if err != nil {
		return 0, err
	}
	defer res.Close()
	for res.NextChunk() {
		for _, rec := range res.Int64s(0) {
			if recs.has(counted(rec)) {
				n++
			}
		}
	}
	return n, nil
}
