// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package sqlgen writes plans as SQL. A [Catalog] says in which tables the
// entities, records and snapshots lie; [Rows] makes the statement that yields
// the rows of a plan, and [Select] the one that yields them with attributes.
//
// What a comparison means is what package internal/match documents, whatever
// the database thinks: a comparison is true or false and never unknown, kinds of
// values are told apart, and text compares by code point. No value is pasted
// into a statement: values travel as arguments, and the identifiers of tables
// and columns are those of the Catalog, which makes them itself.
//
// The dialect is that of DuckDB. The session's store runs it; the package does
// not know the store.
package sqlgen

import (
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
)

// A Catalog describes the tables that a plan is about.
//
// Two tables are the same for all types. Table record has a row for each record:
// rec (its number), uuid and id (of id <observed-data--uuid> only the uuid, of
// any other only the id), first and last (nanoseconds, NULL if unknown),
// first_digits and last_digits (how many fraction digits the source wrote),
// number (number observed), key (orders records, see Type). Table entity has ent
// (the entity's number), uuid and id in the same manner, type (the number of its
// type, see Type) and kind.
type Catalog interface {
	// Snapshot describes a snapshot; false if there is none of that id.
	Snapshot(id plan.SnapshotID) (Snapshot, bool)

	// Type describes an entity type; nil if nothing of it is stored.
	Type(name string) *Type

	// Places is a table (rec, place) that numbers the records in the order of
	// their sources. It is "" if the records' own numbers have that order, and the
	// entities' numbers the order in which they are first seen there; then no
	// entity is without a record.
	Places() string
}

// A Snapshot is a table with the column seq, which orders the rows, and those of
// their parts: as [Rows] yields them.
type Snapshot struct {
	Shape
	Table string
	Hits  string // table (ord, ent): which of the records that were hit, counted from 0, hit which entities; "" if unknown
}

// A Type says how entities of one type are stored. Objects has a row for each
// object, with ent and the columns of attributes. If Sightings is the same
// table, each row is also a sighting: it has rec, slot and key. Else Sightings
// is a table of rec, slot, ent and obj, and Objects has obj.
//
// What an entity is follows from its objects: each attribute has the latest
// value that is not NULL, by key. The key of a sighting in a table of its own is
// that of its record plus slot, at most 65535, and that of a sighting without
// record is below all others.
type Type struct {
	Name      string
	Number    int64
	Objects   string
	Sightings string
	Once      bool  // no record has two objects of one entity
	Single    bool  // every entity has exactly one row in Objects, and all rows may be seen
	Before    int64 // if not 0, only sightings with rec below it, or NULL, may be seen
	Columns   []Column
	Lists     []List
}

// A Column keeps an attribute, or with Ref a reference, whose values are
// numbers of entities. A value of another kind than Kind is in Other, if that is
// not "", as text: its first character says the kind (b, i, f, s, j), what
// follows is the value as text. At most one of the two columns has a value.
type Column struct {
	Name    string
	Ident   string
	Kind    entity.Kind
	Other   string
	Ref     bool
	Targets []string // types that the reference leads to
}

// A List is a table of references: src, ord, dst, and the owner of the row, rec
// or obj, as in the type's tables.
type List struct {
	Name    string
	Table   string
	Targets []string
}

// wide reports whether each sighting has a row of its own.
func (t *Type) wide() bool { return t.Objects == t.Sightings }

// column returns the column of an attribute or reference, nil if there is none.
func (t *Type) column(name string, ref bool) *Column {
	for i := range t.Columns {
		if t.Columns[i].Name == name && t.Columns[i].Ref == ref {
			return &t.Columns[i]
		}
	}
	return nil
}

// short returns the attribute of an extension whose short form is name.
func (t *Type) short(name string) *Column {
	for i := range t.Columns {
		if short, ok := entity.ShortAttr(t.Columns[i].Name); ok && short == name && !t.Columns[i].Ref {
			return &t.Columns[i]
		}
	}
	return nil
}

func (t *Type) list(name string) *List {
	for i := range t.Lists {
		if t.Lists[i].Name == name {
			return &t.Lists[i]
		}
	}
	return nil
}
