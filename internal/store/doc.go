// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package store keeps the tables of one session: the records that sources
// yielded, the objects in them, the entities that objects stand for, and the
// snapshots that variables are. It runs the part of a plan that no source ran,
// as SQL (package sqlgen) in DuckDB (package duck).
//
// # Layout
//
// Tables are only appended to. Everything has a number; texts and UUIDs are
// columns, never keys of joins.
//
//	record   a version of a record: its id with its bytes, once in a session
//	entity   the id of an entity
//	t<n>_*   objects of one type: a column for each attribute and reference
//	s<n>_*   which record saw which object, of types that are kept by content
//	l<n>_*   lists of references of one type
//	brought  which question brought which record, and as which of its records
//	completed which entities a question completed
//	located  hashes of records whose bytes lie in several places: of the first
//	completed which entities a question completed
//	v<n>     a snapshot: entities in order, in records, or joined; or groups
//	h<n>     which record of an answer hit which entity
//
// Objects of types that repeat (entity.Repeats: files, accounts, addresses) are
// kept once for each content and tied to records by a table of sightings; of the
// others each sighting has a row with the record's number and times. Measured
// with 100,000 records of eight objects (BenchmarkAppend, BenchmarkQueries, 2
// cores, ms), against one row for each sighting of all types, and against all
// types by content:
//
//	                       mixed   rows   contents
//	append, objects/s      1.06M   0.61M  0.89M
//	filter by name         29      30     58
//	filter by parent       39      230    108
//	filter by other type   27      101    95
//	sort                   41      82     151
//	all attributes of all  353     644    684
//	memory of tables, MB   93      122    94
//
// What a step costs beside the same question as someone would write it over these
// tables by hand, with the counts that a variable has (BenchmarkBesideSQL, 100,000
// records, 2 cores shared with others, least of 12):
//
//	GROUP by an attribute, a reference, a parent, time   1.25  0.54  1.09  0.44
//	JOIN by reference, by text                           1.10  0.60
//	SORT, TIMESTAMPED, DISP TIMESTAMPED LIMIT 20         1.06  0.71  1.03
//
// A column has the type of its first value; values of other kinds stand beside
// it in a second column, with their kind. An entity's attributes are the latest
// values by last_observed, record id and place in the record, which is one number
// in each row, so that they are a maximum; where every entity has one row, that
// row is it. Names of types and attributes come from data: the tables' own names
// are made here, and the catalog in memory knows which is which.
//
// # Steps
//
// A pass may answer questions of several steps at once, but a step sees what it
// would have seen had the passes run one by one. The high bits of a record's
// number are the first step that sees the record, so that this is a comparison,
// and it is made only while something is hidden.
//
// # Use
//
// The engine holds one Store for each session. A pass that fails leaves nothing
// behind, neither rows nor columns: it is one transaction, and the catalog is put
// back with it.
package store

import (
	"errors"
	"fmt"

	"github.com/kestrelhunt/kestrel/internal/duck"
)

var (
	errClosed     = errors.New("store: closed")
	errNoSnapshot = errors.New("store: no such snapshot")
	errAbandoned  = errors.New("store: pass abandoned")
)

// Errors that callers tell apart.
var (
	// ErrMissingType: rows of a file have no type, and none was given.
	ErrMissingType = errors.New("entity type missing")

	// ErrMixedTypes: rows of a file have several types. The error is a
	// *TypesError.
	ErrMixedTypes = errors.New("several entity types")

	// ErrUnknownFormat: a file is neither CSV, JSON nor Parquet.
	ErrUnknownFormat = errors.New("unknown file format")

	// ErrOutOfMemory: what was asked needs more memory than Options allow.
	ErrOutOfMemory = duck.ErrOutOfMemory
)

// An AttributeError names an attribute that rows cannot be shown with or
// ordered by, because it has several values in each.
type AttributeError struct{ Type, Attr string }

// Error names the attribute.
func (e *AttributeError) Error() string {
	return "store: attribute " + e.Attr + " of type " + e.Type + " has several values"
}

// A ContentError says what is wrong with the content of a file. It wraps
// nothing: its text is complete, and meant for people.
type ContentError struct{ Text string }

// Error returns the text.
func (e *ContentError) Error() string { return e.Text }

// A TooManyError means that a JOIN has more rows than it may have.
type TooManyError struct{ Max int64 }

// Error says how many it may have.
func (e *TooManyError) Error() string {
	return fmt.Sprintf("store: a join has more than %d rows", e.Max)
}

// A TypesError names the types that the rows of one file have.
type TypesError struct{ Types []string }

// Error says that there are several.
func (e *TypesError) Error() string { return "store: rows have several types" }

// Unwrap returns ErrMixedTypes.
func (e *TypesError) Unwrap() error { return ErrMixedTypes }
