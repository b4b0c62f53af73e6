// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package plan is the hunt as a graph: what each step computes, from which
// inputs, without saying where or how. It is pure data with a printer and keys.
//
// Package sema builds plans from syntax trees; package rewrite makes better
// ones; sources and the store take parts of them on; the oracle evaluates them
// naively to check the others. Nodes are immutable: whoever changes a plan
// builds new nodes.
//
// Every node yields an ordered list of rows of one entity type. A row is an
// entity, or, above a [Transform], an entity in one of its records; above a
// [Group] it is no entity and has only the columns of the group, and above a
// [Join] it is an entity of the left side with attributes of one of the right. A
// row's attributes are those of its entity unless a [Project] names fewer.
package plan

import (
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// A Node is one vertex of the hunt graph. The set is closed.
//
//sumtype:decl
type Node interface {
	// Span is where the step, or the clause, stands in the hunt.
	Span() diag.Span

	// Inputs are the nodes whose rows this one reads, in order.
	Inputs() []Node

	// Type is the entity type of the rows.
	Type() string

	planNode()
}

// Scan yields the entities of one type in the records of a data source, in the
// order of the source: record by record, and within a record by position.
type Scan struct {
	Sources []string // URIs, each with its scheme; records come in this order
	Entity  string
	Window  Window // records that overlap it; the zero Window asks for no limit
	At      diag.Span
}

// Variable yields the rows of a snapshot that an earlier step bound to a name.
type Variable struct {
	Name     string
	Entity   string
	Snapshot SnapshotID
	At       diag.Span
}

// SnapshotID names a snapshot in a session's store. Snapshots never change, so
// the id is also their version. Zero is none: a plan made without data (by
// check) has only such.
type SnapshotID int64

// New yields entities written in the hunt, in the order written.
type New struct {
	Entity string
	Rows   [][]entity.Attr // a row may have an "id"; it never has a "type"
	At     diag.Span
}

// Load yields entities read from a file, in the order of the file.
type Load struct {
	Path   string // as written in the hunt, variables and ~ expanded
	Entity string // "" means: the file's type column says
	At     diag.Span
}

// Filter keeps the rows for which Where is true, in order. A comparison whose
// path has the type of the rows is about the row's entity; one of another type
// is about the records in which that entity was seen: there must be one record,
// and one object of each such type in it, for which the whole tree is true.
type Filter struct {
	Input Node
	Where stix.Expr
	At    diag.Span
}

// Within keeps the rows whose entity was seen in a record that overlaps Range.
type Within struct {
	Input Node
	Range Window
	At    diag.Span
}

// Limit skips Offset rows and keeps the next Count. With ByRecord it counts
// records instead of rows, as LIMIT does in GET from a data source and in FIND:
// it keeps the entities in the first records, in the order of their source, that
// have an entity of the rows.
type Limit struct {
	Input    Node
	Count    int64 // negative: no bound
	Offset   int64
	ByRecord bool
	At       diag.Span
}

// Sort orders rows by the value of an attribute; rows without one come first
// in ascending order and last in descending, and equal rows keep their order.
// Numbers come before text, and text compares by code point.
type Sort struct {
	Input Node
	Attr  stix.Path
	Desc  bool
	At    diag.Span
}

// Project names the attributes that the rows have from here on, in order.
type Project struct {
	Input Node
	Attrs []stix.Path
	At    diag.Span
}

// Merge yields the rows of all inputs, input by input, equal ones once: those of
// one entity, in one record if they are in any, with the same that joins gave
// them. Groups are equal if their columns are.
type Merge struct {
	Sources []Node
	At      diag.Span
}

// Transform turns entities into their sightings: one row for each entity and
// record, with attributes of the record put first, ordered by them.
type Transform struct {
	Input Node
	Func  Transformer
	At    diag.Span
}

// A Transformer is a function of the language over a variable.
type Transformer uint8

// The transformers and the record attributes that they add.
const (
	Timestamped Transformer = iota // first_observed
	AddObsID                       // observation_id
	Records                        // number_observed, first_observed, last_observed, observation_id
)

// String returns the function's name in the language.
func (t Transformer) String() string {
	return [...]string{"TIMESTAMPED", "ADDOBSID", "RECORDS"}[t]
}

// Attrs returns the names of the attributes that t adds, in their order.
func (t Transformer) Attrs() []string {
	switch t {
	case Timestamped:
		return []string{"first_observed"}
	case AddObsID:
		return []string{"observation_id"}
	}
	return []string{"number_observed", "first_observed", "last_observed", "observation_id"}
}

// Span, Inputs and Type of each node.

func (n *Scan) Span() diag.Span      { return n.At }
func (n *Variable) Span() diag.Span  { return n.At }
func (n *New) Span() diag.Span       { return n.At }
func (n *Load) Span() diag.Span      { return n.At }
func (n *Filter) Span() diag.Span    { return n.At }
func (n *Within) Span() diag.Span    { return n.At }
func (n *Limit) Span() diag.Span     { return n.At }
func (n *Sort) Span() diag.Span      { return n.At }
func (n *Project) Span() diag.Span   { return n.At }
func (n *Merge) Span() diag.Span     { return n.At }
func (n *Transform) Span() diag.Span { return n.At }

func (*Scan) Inputs() []Node        { return nil }
func (*Variable) Inputs() []Node    { return nil }
func (*New) Inputs() []Node         { return nil }
func (*Load) Inputs() []Node        { return nil }
func (n *Filter) Inputs() []Node    { return []Node{n.Input} }
func (n *Within) Inputs() []Node    { return []Node{n.Input} }
func (n *Limit) Inputs() []Node     { return []Node{n.Input} }
func (n *Sort) Inputs() []Node      { return []Node{n.Input} }
func (n *Project) Inputs() []Node   { return []Node{n.Input} }
func (n *Merge) Inputs() []Node     { return n.Sources }
func (n *Transform) Inputs() []Node { return []Node{n.Input} }

func (n *Scan) Type() string      { return n.Entity }
func (n *Variable) Type() string  { return n.Entity }
func (n *New) Type() string       { return n.Entity }
func (n *Load) Type() string      { return n.Entity }
func (n *Filter) Type() string    { return n.Input.Type() }
func (n *Within) Type() string    { return n.Input.Type() }
func (n *Limit) Type() string     { return n.Input.Type() }
func (n *Sort) Type() string      { return n.Input.Type() }
func (n *Project) Type() string   { return n.Input.Type() }
func (n *Transform) Type() string { return n.Input.Type() }
func (n *Merge) Type() string {
	if len(n.Sources) == 0 {
		return ""
	}
	return n.Sources[0].Type()
}

func (*Scan) planNode()      {}
func (*Variable) planNode()  {}
func (*New) planNode()       {}
func (*Load) planNode()      {}
func (*Filter) planNode()    {}
func (*Within) planNode()    {}
func (*Limit) planNode()     {}
func (*Sort) planNode()      {}
func (*Project) planNode()   {}
func (*Merge) planNode()     {}
func (*Transform) planNode() {}
