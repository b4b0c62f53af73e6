// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import "github.com/kestrelhunt/kestrel/diag"

// A FindStmt selects the entities that stand in a relation to those of a
// variable:
//
//	find := [ VAR "=" ] FIND type relation [ BY ] VAR [ WITHIN n HOPS ]
//	        [ where ] [ timespan ] [ LIMIT n ]
//
// Without BY the entities wanted are the subject of the relation; with BY they
// are its object. WITHIN follows the relation up to n times.
type FindStmt struct {
	Var      *Ident // nil: the default variable
	Type     *Ident // entity type wanted
	Relation *Ident // as written; relations are compared without regard to case
	By       bool
	Input    *Ident
	Hops     *IntLit      // nil: one step; at least 1
	Where    *WhereClause // nil: no condition
	Time     *TimeRange   // nil: no START or LAST clause
	Limit    *IntLit      // nil: no limit
	At       diag.Span
}

// Span returns the place of the step.
func (s *FindStmt) Span() diag.Span { return s.At }
func (*FindStmt) stmtNode()         {}
