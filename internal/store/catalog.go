// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/internal/duck"
)

// A catalog is what a Store knows of its tables.
type catalog struct {
	types    map[string]*typeTable
	clock    *int64               // of firsts
	tables   int                  // numbers of types given
	entities int32                // numbers of entities given
	records  int64                // numbers of records given
	given    int64                // rows that belong to no record
	objects  int64                // stored, each as often as it was met
	lastStep int64                // the last step that has records
	known    map[contentKey]int64 // numbers of records by id and bytes
	order    ordering
	arrivals arrivals
	sources  []string
	files    map[string]int32
	gifts    []gift // in the order in which they were given

	record  *sink // of records
	entity  *sink // of entities: their ids
	brought *sink // which question brought which record
	located *sink // hashes of those bytes of a record that lie at its place, if it has more
	seeds   seeds
}

func newCatalog() catalog {
	return catalog{
		types: make(map[string]*typeTable),
		clock: new(int64),
		known: make(map[contentKey]int64),
		files: make(map[string]int32),
		record: newSink("record",
			field{"rec", duck.Int64}, field{"uuid", duck.UUID}, field{"id", duck.Text},
			field{"first", duck.Int64}, field{"first_digits", duck.Int8},
			field{"last", duck.Int64}, field{"last_digits", duck.Int8},
			field{"number", duck.Int64}, field{"key", duck.Int128}, field{"source", duck.Int32},
			field{"file", duck.Int32}, field{"doc", duck.Text}, field{"pos", duck.Int64}, field{"len", duck.Int64},
			field{"hash_high", duck.Int128}, field{"hash_low", duck.Int128}),
		entity: newSink("entity",
			field{"ent", duck.Int32}, field{"uuid", duck.UUID}, field{"id", duck.Text}, field{"kind", duck.Int8}, field{"type", duck.Int32}),
		brought: newSink("brought", field{"question", duck.Int64}, field{"rec", duck.Int64}, field{"ord", duck.Int64}),
		located: newSink("located", field{"rec", duck.Int64}, field{"hash_high", duck.Int128}, field{"hash_low", duck.Int128}),
		seeds:   newSeeds(),
	}
}

// sinks returns the sinks of all tables that are not snapshots.
func (c *catalog) sinks() []*sink {
	out := []*sink{c.record, c.entity, c.brought, c.located}
	for _, t := range c.sorted() {
		out = append(out, t.sinks()...)
	}
	return out
}

// sorted returns the types in the order in which they came.
func (c *catalog) sorted() []*typeTable {
	return slices.SortedFunc(maps.Values(c.types), func(a, b *typeTable) int { return cmp.Compare(a.n, b.n) })
}

// A mark remembers the catalog before a pass, to put it back if the pass fails.
type mark struct {
	catalog catalog // numbers; its maps are the live ones
	types   []typeMark
}

type typeMark struct {
	typ   *typeTable
	state typeTable
	cols  []column
	links []linkTable
}

// mark copies what a pass may change, except the maps of entities, contents and
// records: what a pass adds to these can be told by its numbers.
func (c *catalog) mark() mark {
	m := mark{catalog: *c}
	for _, t := range c.sorted() {
		tm := typeMark{typ: t, state: *t}
		for _, col := range t.cols {
			tm.cols = append(tm.cols, *col)
		}
		for _, l := range t.lists {
			tm.links = append(tm.links, *l)
		}
		m.types = append(m.types, tm)
	}
	return m
}

// restore puts the catalog back to m, after the database was rolled back.
func (c *catalog) restore(m mark) {
	maps.DeleteFunc(c.known, func(_ contentKey, rec int64) bool { return rec&(1<<stepBits-1) >= m.catalog.records })
	clear(c.types)
	for _, tm := range m.types {
		tm.restore(m.catalog.entities)
		c.types[tm.typ.name] = tm.typ
	}
	types := c.types
	*c = m.catalog
	c.types = types
	for _, k := range c.sinks() {
		k.rollback()
	}
}

func (tm *typeMark) restore(entities int32) {
	t := tm.typ
	*t = tm.state
	t.shape = nil
	for i := range tm.cols {
		*t.cols[i] = tm.cols[i]
	}
	for i := range tm.links {
		*t.lists[i] = tm.links[i]
	}
	dropColumn := func(_ string, c *column) bool { return !slices.Contains(t.cols, c) }
	maps.DeleteFunc(t.plain, dropColumn)
	maps.DeleteFunc(t.refs, dropColumn)
	maps.DeleteFunc(t.links, func(_ string, l *linkTable) bool { return !slices.Contains(t.lists, l) })
	maps.DeleteFunc(t.byUUID, func(_ [16]byte, e int32) bool { return e >= entities })
	maps.DeleteFunc(t.byText, func(_ string, e int32) bool { return e >= entities })
	maps.DeleteFunc(t.contents, func(_ contentKey, o int32) bool { return int64(o) >= t.rows })
}

// typesSeen returns the types that the current step sees, sorted by name.
func (s *Store) typesSeen() []*typeTable {
	var out []*typeTable
	for _, t := range s.catalog.types {
		if s.sees(t.step) {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(a, b *typeTable) int { return strings.Compare(a.name, b.name) })
	return out
}
