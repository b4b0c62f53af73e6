// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/stix"
)

// An ApplyStmt runs an analytics over variables:
//
//	apply := APPLY analytics ON VAR { "," VAR } [ WITH arg { "," arg } ]
//	arg   := key "=" value
type ApplyStmt struct {
	Analytics *Locator
	Inputs    []*Ident
	Args      []*Argument // none: no WITH clause
	At        diag.Span
}

// Span returns the place of the step.
func (s *ApplyStmt) Span() diag.Span { return s.At }
func (*ApplyStmt) stmtNode()         {}

// An Argument is one parameter of an analytics.
type Argument struct {
	Key   *Ident
	Value stix.Operand
	At    diag.Span
}

// Span returns the place of the argument.
func (a *Argument) Span() diag.Span { return a.At }
