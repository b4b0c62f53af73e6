// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import "github.com/kestrelhunt/kestrel/diag"

// An ExplainStmt shows how a variable is computed, without computing it unless
// ANALYZE asks for that:
//
//	explain := EXPLAIN [ ANALYZE ] VAR
type ExplainStmt struct {
	Analyze bool
	Input   *Ident
	At      diag.Span
}

// Span returns the place of the step.
func (s *ExplainStmt) Span() diag.Span { return s.At }
func (*ExplainStmt) stmtNode()         {}
