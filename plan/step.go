// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"time"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/stix"
)

// A Step is one statement of a hunt, ready to run. The set is closed: *Bind,
// *Display, *Info, *Describe, *Save, *Explain, *Why.
//
//sumtype:decl
type Step interface {
	Span() diag.Span
	stepNode()
}

// Bind computes rows and binds them to a variable.
type Bind struct {
	Name  string // "" binds only the default variable
	Birth string // the command's word in lower case: get, find, new, load, assign, merge, sort
	Value Node
	At    diag.Span
}

// Display shows the rows of Value.
type Display struct {
	Value Node
	At    diag.Span
}

// Info shows what is known of a variable.
type Info struct {
	Of *Variable
	At diag.Span
}

// Describe shows statistics of one attribute of a variable.
type Describe struct {
	Of   *Variable
	Attr stix.Path
	At   diag.Span
}

// Save writes all rows of a variable, with all their attributes, to a file.
type Save struct {
	Of   *Variable
	Path string
	At   diag.Span
}

// Explain shows how a variable is computed: with Analyze, also what that took.
type Explain struct {
	Of      *Variable
	Analyze bool
	At      diag.Span
}

// Why shows which records a variable comes from, or one of its rows, or one
// value of a row.
type Why struct {
	Of    *Variable
	Row   int64     // counted from 1 in the order of DISP; 0: all rows
	Attr  stix.Path // without steps: all attributes
	RowAt diag.Span
	At    diag.Span
}

func (s *Bind) Span() diag.Span     { return s.At }
func (s *Display) Span() diag.Span  { return s.At }
func (s *Info) Span() diag.Span     { return s.At }
func (s *Describe) Span() diag.Span { return s.At }
func (s *Save) Span() diag.Span     { return s.At }
func (s *Explain) Span() diag.Span  { return s.At }
func (s *Why) Span() diag.Span      { return s.At }

func (*Bind) stepNode()     {}
func (*Display) stepNode()  {}
func (*Info) stepNode()     {}
func (*Describe) stepNode() {}
func (*Save) stepNode()     {}
func (*Explain) stepNode()  {}
func (*Why) stepNode()      {}

// A Window is a range of time. The zero Window is no restriction. A record with
// first and last observed passes [Start, Stop) if the closed interval of the
// record touches it: first < Stop and last >= Start.
type Window struct {
	Start, Stop time.Time
	Origin      Origin
}

// Origin says where a Window came from.
type Origin uint8

// The origins of a window.
const (
	Unbounded Origin = iota // the zero Window
	Given                   // START ... STOP, or LAST, in the hunt
	Derived                 // from the variables that the pattern refers to
	Defaulted               // filled in by the source's profile
)

// IsZero reports whether w restricts nothing.
func (w Window) IsZero() bool { return w.Start.IsZero() && w.Stop.IsZero() }
