// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import "github.com/kestrelhunt/kestrel/diag"

// Similar yields the rows of Input, processes, and behind them the processes of
// the session that may be the same ones although nothing proves it: those with
// sightings similar to theirs (entity.Similarity), in the order in which they
// were first seen. It merges nothing. A FIND starts from it.
type Similar struct {
	Input Node
	At    diag.Span
}

func (n *Similar) Span() diag.Span { return n.At }
func (n *Similar) Inputs() []Node  { return []Node{n.Input} }
func (n *Similar) Type() string    { return n.Input.Type() }
func (*Similar) planNode()         {}
