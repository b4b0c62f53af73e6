// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package store keeps the tables of one session: the records that sources
// yielded, the objects in them, the entities that objects stand for, and the
// snapshots that variables are. It runs the part of a plan that no source ran,
// as SQL (package sqlgen) in DuckDB (package duck).
package store

import "errors"

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
)

// An AttributeError names an attribute that rows cannot be shown with or
// ordered by, because it has several values in each.
type AttributeError struct{ Type, Attr string }

// Error names the attribute.
func (e *AttributeError) Error() string {
	return "store: attribute " + e.Attr + " of type " + e.Type + " has several values"
}

// A TypesError names the types that the rows of one file have.
type TypesError struct{ Types []string }

// Error says that there are several.
func (e *TypesError) Error() string { return "store: rows have several types" }

// Unwrap returns ErrMixedTypes.
func (e *TypesError) Unwrap() error { return ErrMixedTypes }
