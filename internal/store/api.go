// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package store keeps the tables of one session: the records that sources
// yielded, the objects in them, the entities that objects stand for, and the
// snapshots that variables are. It runs the part of a plan that no source ran,
// as SQL.
package store

import (
	"context"
	"errors"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// Errors that callers tell apart.
var (
	// ErrNoAttribute: the entities of a snapshot have no such attribute. The
	// error is an *AttributeError.
	ErrNoAttribute = errors.New("no such attribute")

	// ErrMissingType: rows of a file have no type, and none was given.
	ErrMissingType = errors.New("entity type missing")

	// ErrMixedTypes: rows of a file have several types. The error is a
	// *TypesError.
	ErrMixedTypes = errors.New("several entity types")

	// ErrUnknownFormat: a file is neither CSV, JSON nor Parquet.
	ErrUnknownFormat = errors.New("unknown file format")
)

// An AttributeError names an attribute that the entities do not have.
type AttributeError struct {
	Type, Attr string
	Known      []string // what they have
}

// Error returns "no such attribute" with the names.
func (e *AttributeError) Error() string {
	return "store: entities of type " + e.Type + " have no attribute " + e.Attr
}

// Unwrap returns ErrNoAttribute.
func (e *AttributeError) Unwrap() error { return ErrNoAttribute }

// A TypesError names the types that the rows of one file have.
type TypesError struct{ Types []string }

// Error returns the types.
func (e *TypesError) Error() string { return "store: rows have several types" }

// Unwrap returns ErrMixedTypes.
func (e *TypesError) Unwrap() error { return ErrMixedTypes }

// Options configure a Store. The zero Options are good for a session that fits
// in memory.
type Options struct {
	// Spill is a folder, in an existing folder, that is made when data outgrow
	// the memory limit, and removed by Close. If it is "", nothing is spilled.
	Spill string

	// MemoryLimit bounds the memory of tables and queries, in bytes; 0 means
	// half of the machine's memory, but at most 1 GiB.
	MemoryLimit int64

	// Threads bounds the threads of a query over large tables; 0 means as many
	// as the machine has.
	Threads int
}

// A Store holds the tables of one session. Its methods may be called
// concurrently; they run one after the other.
type Store struct{}

var errNotBuilt = errors.New("store: not built")

// Open returns an empty store. It does no I/O; the database starts when
// something is stored.
func Open(opts Options) *Store { return &Store{} }

// Close ends the database and removes what it spilled. It is idempotent.
func (s *Store) Close() error { return nil }

// Advance says which step of the session runs from now on, counted up from one.
// What a Pass brought for a later step is not seen before: shared reading never
// changes what a step sees. A Store that is never advanced sees everything.
func (s *Store) Advance(step int64) {}

// A Question is what one step asks of a source.
type Question struct {
	Entity     string // the type of its hits
	Step       int64  // the step that asks; see Advance
	MaxRecords int64  // hits in later records are left out; 0 or less: no bound
}

// A Pass is one reading of a source that answers one question or several.
// Nothing of it is seen unless Finish succeeds.
type Pass struct{}

// Begin starts a pass over a source, named as variables show it. Passes of a
// store do not overlap: Begin waits for the one before to be finished or
// aborted.
func (s *Store) Begin(source string, questions ...Question) *Pass { return &Pass{} }

// Add stores the records of b, each version of a record (id and bytes) once in
// a session, and notes the hits: element q of b.Hits answers question q. It
// keeps nothing of b.
func (p *Pass) Add(ctx context.Context, b *entity.Batch) error { return errNotBuilt }

// Full reports whether every question has had its MaxRecords, so that reading
// may end.
func (p *Pass) Full() bool { return false }

// Finish completes the pass. After an error it is as if the pass had not been.
func (p *Pass) Finish(ctx context.Context) error { return errNotBuilt }

// Abort ends a pass that failed; after Finish it does nothing.
func (p *Pass) Abort() {}

// Snapshot returns the answer to question q of a finished pass: each entity
// that was hit, once, in the order of first hits. Counts are taken now, so it is
// called when the step that asked runs.
func (p *Pass) Snapshot(ctx context.Context, q int) (plan.SnapshotID, error) { return 0, errNotBuilt }

// AppendRows stores entities that a hunt gives, a row each, which belong to no
// record, and returns them, each once, in the order of rows. The row's
// attributes are named as in hunts; "id" is the entity's id; one below a
// reference, such as parent_ref.name, makes the entity referred to. Entities
// without identifying properties get ids made from seed and the row's number:
// a seed names one statement of the session.
func (s *Store) AppendRows(ctx context.Context, typ string, rows [][]entity.Attr, seed string) (plan.SnapshotID, error) {
	return 0, errNotBuilt
}

// Load is AppendRows with the rows of a file: CSV, JSON (an array of objects, or
// of texts) or Parquet, plain or compressed, recognised by content. The type is
// what the file's type column says, else typ. Errors wrap fs.ErrNotExist,
// ErrUnknownFormat, ErrMissingType or ErrMixedTypes where these are the cause.
func (s *Store) Load(ctx context.Context, path, typ, seed string) (plan.SnapshotID, error) {
	return 0, errNotBuilt
}

// Save writes the rows of a plan to a file as Export shows them. The suffix
// says the format: .csv, .json or .parquet, each with .gz behind it if wanted
// (a Parquet file is compressed inside); missing folders are made. The file
// appears whole or not at all.
func (s *Store) Save(ctx context.Context, n plan.Node, path string) error { return errNotBuilt }

// Materialize runs a plan over variables of this store (Variable, Filter,
// Within, Limit, Sort, Project, Merge, Transform) and keeps the rows as a new
// snapshot. A plan that is one Variable gives that variable's snapshot.
func (s *Store) Materialize(ctx context.Context, n plan.Node) (plan.SnapshotID, error) {
	return 0, errNotBuilt
}

// Info is what is known of a snapshot since it was made.
type Info struct {
	Type        string
	Attrs       []string    // the projection in force; nil: all attributes
	Rows        int64       // rows
	Entities    int64       // distinct entities; 0 if the projection leaves out what tells them apart
	Records     int64       // sum of number_observed over (entity, record) pairs; Rows if there is no record
	First, Last entity.Time // of the records of its entities; zero if there are none
	Source      string      // "" if it comes from no data source
}

// Info describes a snapshot; false if there is none of that id.
func (s *Store) Info(id plan.SnapshotID) (Info, bool) { return Info{}, false }

// An Attribute is one column that rows may be shown with.
type Attribute struct {
	Name string
	Kind entity.Kind // of its first value
}

// Attributes returns the attributes of a snapshot in the order of display:
// its own, with "id", and those that references lead to. Names of references
// themselves (parent_ref) are in neither.
func (s *Store) Attributes(id plan.SnapshotID) (direct, indirect []Attribute) { return nil, nil }

// HasAttribute reports whether a path from entities of a snapshot leads to
// something that exists: an attribute, a reference, also ones that are not
// displayed, such as opened_connection_refs[*].dst_port.
func (s *Store) HasAttribute(id plan.SnapshotID, path stix.Path) bool { return false }

// TypeHasAttribute is HasAttribute for the entities of a type.
func (s *Store) TypeHasAttribute(typ string, path stix.Path) bool { return false }

// TypeAttributes is Attributes for the entities of a type.
func (s *Store) TypeAttributes(typ string) (direct, indirect []Attribute) { return nil, nil }

// Types returns the entity types that the store holds, sorted.
func (s *Store) Types() []string { return nil }

// Values returns the distinct values of an attribute of a snapshot's rows, in
// the order of rows, without nulls. Errors wrap ErrNoAttribute.
func (s *Store) Values(ctx context.Context, id plan.SnapshotID, attr stix.Path) ([]entity.Value, error) {
	return nil, errNotBuilt
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
// if all its values are numbers.
func (s *Store) Describe(ctx context.Context, id plan.SnapshotID, attr stix.Path) (Summary, error) {
	return Summary{}, errNotBuilt
}

// Related counts, for each type of the store, the (entity, record) pairs in the
// records of all passes that brought an entity of the snapshot; of the
// snapshot's own type, less its entities, at least 0.
func (s *Store) Related(ctx context.Context, id plan.SnapshotID) (map[string]int64, error) {
	return nil, errNotBuilt
}

// A View says which rows and columns a Table has.
type View uint8

// The views.
const (
	// Display has the attributes that a hunter sees; of identical rows only the
	// first, no row that is all nulls. Limits apply to what is left.
	Display View = iota
	// Export has all rows, with the attributes of Display and "type".
	Export
)

// A Table holds rows as they are shown.
type Table struct {
	Columns []string
	Rows    [][]entity.Value
}

// Table runs a plan as Materialize does and returns its rows; it keeps nothing.
// Errors wrap ErrNoAttribute if the plan names an attribute that is not there.
func (s *Store) Table(ctx context.Context, n plan.Node, view View) (*Table, error) {
	return nil, errNotBuilt
}
