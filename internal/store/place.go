// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// FIND gives entities in the order in which their sources have them, however and
// whenever the records came: sources as they were first asked, of a source its
// files as the first of their records were seen, of a file its records by offset,
// and where a source has no offsets (documents of an index), by number. As long as
// every source is read once, from front to back, numbers of records and entities
// have that order themselves, and nothing needs to be sorted.

// arrivals notes whether numbers have the order of sources.
type arrivals struct {
	disorder     bool
	rec          int64 // of the last record
	source, file int32
	offset       int64
}

// add notes a record.
func (a *arrivals) add(rec int64, source, file int32, offset int64) {
	a.disorder = a.disorder || rec < a.rec || source < a.source || file < a.file ||
		source == a.source && file == a.file && offset < a.offset
	a.rec, a.source, a.file, a.offset = rec, source, file, offset
}

// places is the table (rec, place) that says the order of records.
const places = "place"

// inOrder reports whether numbers have the order in which FIND gives entities.
func (c *catalog) inOrder() bool { return !c.arrivals.disorder && c.given == 0 }

// Places implements sqlgen.Catalog.
func (s tables) Places() string {
	if s.catalog.inOrder() {
		return ""
	}
	return places
}

// place sees to it that the table of places is complete.
func (s *Store) place(ctx context.Context) error {
	c := &s.catalog
	if c.inOrder() || s.placed == c.records && s.placed > 0 {
		return nil
	}
	err := s.db.Exec(ctx, `CREATE OR REPLACE TABLE `+places+` AS
SELECT rec, row_number() OVER (ORDER BY source, first, pos, rec) AS place
FROM (SELECT rec, source, pos, min(rec) OVER (PARTITION BY source, file) AS first FROM record)`)
	if err == nil {
		s.placed, s.placeOf = c.records, nil
	}
	return err
}

// recordPlaces returns the places of records, by what their numbers count.
func (s *Store) recordPlaces(ctx context.Context) ([]int32, error) {
	if err := s.place(ctx); err != nil || s.placeOf != nil {
		return s.placeOf, err
	}
	res, err := s.db.Query(ctx, "SELECT rec, place FROM "+places)
	if err != nil {
		return nil, err
	}
	defer res.Close()
	s.placeOf = make([]int32, s.catalog.records)
	for res.NextChunk() {
		place := res.Int64s(1)
		for i, rec := range res.Int64s(0) {
			s.placeOf[counted(rec)] = int32(place[i])
		}
	}
	return s.placeOf, nil
}

// firstSeen returns those of some entities that are of a type, in the order of
// FIND.
func (s *Store) firstSeen(ctx context.Context, typ string, found bitset) ([]int32, error) {
	ents := found.list()
	t := s.catalog.types[typ]
	if s.catalog.inOrder() || len(ents) == 0 || t == nil {
		return ents, nil
	}
	first, err := s.firstPlaces(ctx, t, found, ents)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(first, func(a, b firstPlace) int { return cmp.Compare(a.key, b.key) })
	for i := range first {
		ents[i] = first[i].ent
	}
	return ents[:len(first)], nil
}

// A firstPlace says where an entity was first seen: the place of the record above
// the place in the record, or behind all these, how manieth it was given.
type firstPlace struct {
	key int64
	ent int32
}

// givenPlace is from where on entities without record have their places.
const givenPlace int64 = 1 << 62

// fewFound is up to how many entities their sightings are looked up, and not all
// sightings read.
const fewFound = 1 << 12

// firstPlaces returns where each of some entities was first seen. Those of other
// types are not there.
func (s *Store) firstPlaces(ctx context.Context, t *typeTable, found bitset, ents []int32) ([]firstPlace, error) {
	place, err := s.recordPlaces(ctx)
	if err != nil {
		return nil, err
	}
	query, args := "SELECT ent, coalesce(rec, -1), slot FROM "+t.seenIn().table+" WHERE true", []any(nil)
	if before := s.before(); before > 0 {
		query += fmt.Sprintf(" AND (rec IS NULL OR rec < %d)", before)
	}
	if len(ents) <= fewFound {
		query += " AND ent IN (SELECT unnest($1::BIGINT[]))"
		list := make([]int64, len(ents))
		for i, e := range ents {
			list[i] = int64(e)
		}
		args = append(args, list)
	}
	res, err := s.db.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer res.Close()
	rank := found.ranks()
	first := make([]firstPlace, len(ents))
	for res.NextChunk() {
		recs, slots := res.Int64s(1), res.Int32s(2)
		for i, e := range res.Int32s(0) {
			if !found.has(e) {
				continue
			}
			key := givenPlace + int64(slots[i])
			if recs[i] >= 0 {
				key = int64(place[counted(recs[i])])<<32 + int64(slots[i])
			}
			if f := &first[rank.of(e)]; f.key == 0 || key < f.key {
				*f = firstPlace{key, e}
			}
		}
	}
	return slices.DeleteFunc(first, func(f firstPlace) bool { return f.key == 0 }), nil
}
