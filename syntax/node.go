// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"time"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/stix"
)

// A Node is a part of a hunt's tree.
type Node interface {
	// Span returns the text that the node was read from.
	Span() diag.Span
}

// A Stmt is one hunt step. The set is closed: stmtNode keeps other packages
// from adding to it, so a linter can tell when a switch misses a case.
//
//sumtype:decl
type Stmt interface {
	Node
	stmtNode()
}

// A Hunt is the tree of one text.
type Hunt struct {
	File   *diag.File
	Stmts  []Stmt
	Tokens []Token // every byte of the text: words, comments and blanks, in order
}

// A BadStmt stands for a step that departs from the grammar. It was reported.
type BadStmt struct {
	Var  *Ident // the variable that the step would have assigned; nil if none
	Part Stmt   // what was understood of it, with gaps; nil if nothing was
	At   diag.Span
}

// Span returns the text that was skipped for the step.
func (s *BadStmt) Span() diag.Span { return s.At }
func (*BadStmt) stmtNode()         {}

// An Ident is a name: a variable, an entity type, a relation, an alias or the
// key of an argument.
type Ident struct {
	Name string
	At   diag.Span
}

// Span returns the name's place.
func (id *Ident) Span() diag.Span { return id.At }

// An Attr is the name of an attribute, perhaps reached through references:
//
//	parent_ref.name
//	binary_ref.hashes.'SHA-256'
//
// Name is the canonical name, as stix.AttrName writes it; At covers what was
// written.
type Attr struct {
	Name string
	Path stix.Path // without a type
	At   diag.Span
}

// Span returns the attribute's place.
func (a *Attr) Span() diag.Span { return a.At }

// A Locator is the text that names a data source, an analytics or a file. A
// list of sources is one text; splitting it is up to the reader.
type Locator struct {
	Text   string // without quotes, escapes decoded
	Quoted bool
	At     diag.Span
}

// Span returns the locator's place, with its quotes.
func (l *Locator) Span() diag.Span { return l.At }

// An IntLit is a whole number, zero or more.
type IntLit struct {
	Value int64
	At    diag.Span
}

// Span returns the number's place.
func (n *IntLit) Span() diag.Span { return n.At }

// A TimeRange limits a step to records of a time:
//
//	START 2022-07-01T00:00:00Z STOP 2022-08-01T00:00:00Z
//	LAST 5 MINUTES
type TimeRange struct {
	Start, Stop *Timestamp // both nil for LAST
	Last        *Duration  // nil for START and STOP
	At          diag.Span
}

// Span returns the place of the clause.
func (r *TimeRange) Span() diag.Span { return r.At }

// A Timestamp is a moment in UTC.
type Timestamp struct {
	Time time.Time
	At   diag.Span
}

// Span returns the timestamp's place, with its quotes.
func (t *Timestamp) Span() diag.Span { return t.At }

// A Duration is a span of time as it was written: a count of units.
type Duration struct {
	Count int64
	Unit  Unit
	At    diag.Span
}

// Span returns the duration's place.
func (d *Duration) Span() diag.Span { return d.At }

// Value returns the duration. Parse accepts none that overflows.
func (d *Duration) Value() time.Duration { return time.Duration(d.Count) * d.Unit.Duration() }

// A Unit is a unit of time. The zero Unit is none.
type Unit uint8

// The units of time.
const (
	NoUnit Unit = iota
	Second
	Minute
	Hour
	Day
)

// Duration returns the length of one unit, and 0 for NoUnit.
func (u Unit) Duration() time.Duration {
	return [...]time.Duration{0, time.Second, time.Minute, time.Hour, 24 * time.Hour}[u]
}

// String returns the canonical word for several of the unit, such as MINUTES,
// and the empty string for NoUnit.
func (u Unit) String() string {
	return [...]string{"", "SECONDS", "MINUTES", "HOURS", "DAYS"}[u]
}

// A WhereClause is a condition:
//
//	WHERE name = 'cmd.exe' AND pid > 4
//	WHERE [process:name = 'cmd.exe']
type WhereClause struct {
	Expr      stix.Expr
	Bracketed bool        // the whole condition stands in square brackets
	Parens    []stix.Expr // the parts that stand in parentheses, innermost first
	At        diag.Span
}

// Span returns the place of the clause.
func (w *WhereClause) Span() diag.Span { return w.At }
