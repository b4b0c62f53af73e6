// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import "github.com/kestrelhunt/kestrel/diag"

// A GroupStmt groups a variable's entities by keys and computes aggregates:
//
//	group := [ VAR "=" ] GROUP VAR BY key { "," key } [ WITH agg { "," agg } ]
//	key   := attr | BIN "(" attr "," n [ unit ] ")"
//	agg   := ( MIN | MAX | SUM | AVG | COUNT | NUNIQUE ) "(" attr ")" [ AS alias ]
//
// COUNT also accepts an asterisk in place of the attribute.
type GroupStmt struct {
	Var   *Ident // nil: the default variable
	Input *Ident
	Keys  []*GroupKey
	Aggs  []*Aggregate // none: no WITH clause
	At    diag.Span
}

// Span returns the place of the step.
func (s *GroupStmt) Span() diag.Span { return s.At }
func (*GroupStmt) stmtNode()         {}

// A GroupKey is an attribute to group by, as it is or in bins of a size.
type GroupKey struct {
	Attr *Attr
	Bin  *IntLit // nil: no bins; at least 1
	Unit Unit    // NoUnit: bins of a number
	At   diag.Span
}

// Span returns the place of the key.
func (k *GroupKey) Span() diag.Span { return k.At }

// An Aggregate is one computed column of a GROUP.
type Aggregate struct {
	Func  AggFunc
	Attr  *Attr  // nil: COUNT(*)
	Alias *Ident // nil: the default name
	At    diag.Span
}

// Span returns the place of the aggregate.
func (a *Aggregate) Span() diag.Span { return a.At }

// AggFunc is an aggregate function.
type AggFunc uint8

// The aggregate functions.
const (
	Min AggFunc = iota
	Max
	Sum
	Avg
	Count
	NUnique
)

// String returns the function's word, such as COUNT.
func (f AggFunc) String() string {
	return [...]string{"MIN", "MAX", "SUM", "AVG", "COUNT", "NUNIQUE"}[f]
}
