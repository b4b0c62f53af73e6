// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package sema

import (
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/syntax"
)

// why gives "WHY x[n].attr" its meaning.
func (s *Scope) why(st *syntax.WhyStmt) plan.Step {
	v, ok := s.resolve(st.Input)
	if !ok {
		return nil
	}
	w := &plan.Why{Of: variable(v, st.Input), At: st.At}
	if st.Row != nil {
		w.Row, w.RowAt = st.Row.Value, st.Row.At
	}
	if st.Attr != nil {
		w.Attr = s.single(v, st.Attr.Path)
	}
	return w
}
