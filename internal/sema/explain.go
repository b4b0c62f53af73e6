// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package sema

import (
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/syntax"
)

// explain gives "EXPLAIN x" its meaning.
func (s *Scope) explain(st *syntax.ExplainStmt) plan.Step {
	v, ok := s.resolve(st.Input)
	if !ok {
		return nil
	}
	return &plan.Explain{Of: variable(v, st.Input), Analyze: st.Analyze, At: st.At}
}
