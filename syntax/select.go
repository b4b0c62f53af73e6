// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import "github.com/kestrelhunt/kestrel/diag"

// A SelectExpr takes entities of a variable: transformed, filtered, projected,
// sorted and cut, in this order.
//
//	expression := operand [ where ] [ ATTR attr { "," attr } ]
//	              [ SORT BY attr [ ASC | DESC ] ] [ LIMIT n ] [ OFFSET n ]
//	operand    := VAR | ( TIMESTAMPED | ADDOBSID | RECORDS ) "(" VAR ")"
type SelectExpr struct {
	Transform Transform
	Var       *Ident
	Where     *WhereClause // nil: all
	Attrs     *AttrClause  // nil: every attribute
	Sort      *SortClause  // nil: in the variable's order
	Limit     *IntLit      // nil: no limit
	Offset    *IntLit      // nil: from the first
	At        diag.Span
}

// Span returns the place of the expression.
func (e *SelectExpr) Span() diag.Span { return e.At }

// Transform is a function over a variable's records. The zero Transform is none.
type Transform uint8

// The transformers.
const (
	NoTransform Transform = iota
	Timestamped
	AddObsID
	Records
)

// String returns the word for t, and the empty string for NoTransform.
func (t Transform) String() string {
	return [...]string{"", "TIMESTAMPED", "ADDOBSID", "RECORDS"}[t]
}

// An AttrClause names the attributes wanted:
//
//	ATTR name, pid
type AttrClause struct {
	Attrs []*Attr
	At    diag.Span
}

// Span returns the place of the clause.
func (c *AttrClause) Span() diag.Span { return c.At }

// A SortClause orders entities:
//
//	SORT BY pid DESC
type SortClause struct {
	By    *Attr
	Order Order
	At    diag.Span
}

// Span returns the place of the clause.
func (c *SortClause) Span() diag.Span { return c.At }

// Order is a direction of sorting. The zero Order was not written, so the
// session's configuration decides.
type Order uint8

// The orders.
const (
	DefaultOrder Order = iota
	Ascending
	Descending
)

// String returns "ASC", "DESC" or, for DefaultOrder, the empty string.
func (o Order) String() string { return [...]string{"", "ASC", "DESC"}[o] }
