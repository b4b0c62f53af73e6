// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package plan

// Map rebuilds the tree of n from its leaves up: f is given each node with its
// inputs already mapped, and returns the node to stand in its place. Parts that
// f leaves alone are shared with n, which is not changed. It stops at the first
// error.
func Map(n Node, f func(Node) (Node, error)) (Node, error) {
	inputs := n.Inputs()
	changed := false
	mapped := make([]Node, len(inputs))
	for i, in := range inputs {
		m, err := Map(in, f)
		if err != nil {
			return nil, err
		}
		mapped[i] = m
		changed = changed || m != in
	}
	if changed {
		n = withInputs(n, mapped)
	}
	return f(n)
}

// withInputs returns a copy of n that reads in instead.
func withInputs(n Node, in []Node) Node {
	switch n := n.(type) {
	case *Filter:
		c := *n
		c.Input = in[0]
		return &c
	case *Within:
		c := *n
		c.Input = in[0]
		return &c
	case *Limit:
		c := *n
		c.Input = in[0]
		return &c
	case *Sort:
		c := *n
		c.Input = in[0]
		return &c
	case *Project:
		c := *n
		c.Input = in[0]
		return &c
	case *Transform:
		c := *n
		c.Input = in[0]
		return &c
	case *Merge:
		c := *n
		c.Sources = in
		return &c
	case *Similar:
		c := *n
		c.Input = in[0]
		return &c
	case *Find:
		c := *n
		c.Input = in[0]
		return &c
	case *Group:
		c := *n
		c.Input = in[0]
		return &c
	case *Join:
		c := *n
		c.Left, c.Right = in[0], in[1]
		return &c
	default: // nothing to do for the others
	}
	return n
}
