// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"strings"
	"time"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/stix"
)

// Find yields the entities of a type that stand in a relation to some row of
// Input: x such that x Relation y holds for an input row y, or with By, y
// Relation x. They come in the order in which they were first seen; without
// By the relation leads from what is found to the input.
type Find struct {
	Input    Node
	Entity   string
	Relation string // in lower case; entity.Linked is one
	By       bool
	Hops     int64 // how often the relation may be followed; at least 1
	At       diag.Span
}

// Group yields one row for each combination of values of Keys, ordered by them,
// with the aggregates over the rows that have it. Its rows are no entities.
type Group struct {
	Input Node
	Keys  []GroupKey
	Aggs  []Aggregate // nil: the default ones, for each attribute of the rows
	At    diag.Span
}

// A GroupKey is an attribute to group by, perhaps in bins: of Size if Unit is
// zero, else of Size times Unit of time.
type GroupKey struct {
	Attr stix.Path
	Size int64 // 0: the values themselves
	Unit time.Duration
	Name string // of the column
}

// An Aggregate computes one value for each group.
type Aggregate struct {
	Func AggFunc
	Attr stix.Path // without steps for COUNT(*)
	Name string    // of the column
}

// AggFunc is the function of an Aggregate.
type AggFunc uint8

// The functions. Nulls take part in none; Rows, written COUNT(*), counts rows.
const (
	Min AggFunc = iota
	Max
	Sum
	Avg
	Count
	NUnique
	Rows
)

// String returns the function's name in the language.
func (f AggFunc) String() string {
	return [...]string{"MIN", "MAX", "SUM", "AVG", "COUNT", "NUNIQUE", "COUNT"}[f]
}

// Join yields a row for each pair of rows of Left and Right whose attributes are
// equal, in the order of Left, then Right. Its attributes are those of Left, then
// those of Right that Left does not have; where both have one, the value is
// Left's, or Right's if that is null. What lies behind a reference is of the side
// whose reference it is. The row's entity is Left's.
//
// Where many rows of both sides have one value the pairs are as many as their
// product: a Join that would yield more than Max rows fails, unless that is 0.
type Join struct {
	Left, Right         Node
	LeftAttr, RightAttr stix.Path
	Max                 int64
	At                  diag.Span
}

func (n *Find) Span() diag.Span  { return n.At }
func (n *Group) Span() diag.Span { return n.At }
func (n *Join) Span() diag.Span  { return n.At }

func (n *Find) Inputs() []Node  { return []Node{n.Input} }
func (n *Group) Inputs() []Node { return []Node{n.Input} }
func (n *Join) Inputs() []Node  { return []Node{n.Left, n.Right} }

func (n *Find) Type() string  { return n.Entity }
func (n *Group) Type() string { return n.Input.Type() }
func (n *Join) Type() string  { return n.Left.Type() }

func (*Find) planNode()  {}
func (*Group) planNode() {}
func (*Join) planNode()  {}

// line prints a Find without its input.
func (n *Find) line() string {
	by := ""
	if n.By {
		by = " by"
	}
	line := fmt.Sprintf("Find %s %s%s", n.Entity, n.Relation, by)
	if n.Hops != 1 {
		line += fmt.Sprintf(" within %d hops", n.Hops)
	}
	return line
}

// line prints a Group without its input.
func (n *Group) line() string {
	var keys, aggs []string
	for _, k := range n.Keys {
		text := k.Attr.Attr()
		if k.Size > 0 {
			text = fmt.Sprintf("BIN(%s, %d)", text, k.Size)
			if k.Unit > 0 {
				text = fmt.Sprintf("BIN(%s, %d x %v)", k.Attr.Attr(), k.Size, k.Unit)
			}
		}
		keys = append(keys, text+" AS "+k.Name)
	}
	for _, a := range n.Aggs {
		of := "*"
		if a.Func != Rows {
			of = a.Attr.Attr()
		}
		aggs = append(aggs, fmt.Sprintf("%s(%s) AS %s", a.Func, of, a.Name))
	}
	line := "Group by " + strings.Join(keys, ", ")
	if len(aggs) > 0 {
		line += " with " + strings.Join(aggs, ", ")
	}
	return line
}

// line prints a Join without its inputs.
func (n *Join) line() string {
	return fmt.Sprintf("Join by %s, %s", n.LeftAttr.Attr(), n.RightAttr.Attr())
}
