// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package sema

import (
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/syntax"
)

// maxPairs bounds the rows of a JOIN. They take some 30 bytes each; a hunter who
// meets the bound joins by something that tells nothing apart.
const maxPairs = 10_000_000

// join gives "x = JOIN a, b BY c, d" its meaning.
func (s *Scope) join(st *syntax.JoinStmt) (plan.Step, string, Attributes) {
	left, okLeft := s.resolve(st.Left)
	right, okRight := s.resolve(st.Right)
	if st.LeftBy == nil {
		s.report(diag.Diagnostic{
			Code:    diag.MissingJoinKeys,
			Span:    st.At,
			Message: "JOIN does not say which attributes must be equal",
			Hint:    "add BY and an attribute of each variable, as in BY pid, pid",
		})
	}
	if st.LeftBy == nil || !okLeft || !okRight {
		return nil, left.Type, nil
	}
	node := &plan.Join{
		Left: variable(left, st.Left), Right: variable(right, st.Right),
		LeftAttr: s.single(left, st.LeftBy.Path), RightAttr: s.single(right, st.RightBy.Path),
		Max: maxPairs, At: st.At,
	}
	var attrs Attributes
	if left.Attrs != nil && right.Attrs != nil {
		attrs = union([]Attributes{left.Attrs, right.Attrs})
	}
	return &plan.Bind{Name: name(st.Var), Birth: "join", Value: node, At: st.At}, left.Type, attrs
}
