// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package sema

import (
	"fmt"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/syntax"
)

// unsupported checks what can be checked of a statement that the runtime does
// not execute, and says that it does not.
func (s *Scope) unsupported(stmt syntax.Stmt) {
	word := ""
	switch st := stmt.(type) {
	case *syntax.BadStmt: // reported by the parser
		s.report(diag.Diagnostic{Code: diag.UnexpectedToken, Span: st.At})
		return
	case *syntax.ApplyStmt:
		word = "APPLY"
		for _, id := range st.Inputs {
			s.resolve(id)
		}
	default: // nothing to do for the others
	}
	if s.diags.Err() != nil {
		return
	}
	s.report(diag.Diagnostic{
		Code:    diag.NotSupported,
		Span:    stmt.Span(),
		Message: fmt.Sprintf("%s is part of the language, and this version does not run it", word),
		Hint:    "see the README for the commands that run",
	})
}
