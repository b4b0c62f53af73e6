// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
)

// A NewStmt makes entities from data in the hunt, either from strings or from
// objects:
//
//	new     := [ VAR "=" ] NEW [ type ] "[" ( strings | objects ) "]"
//	strings := string { "," string }
//	objects := object { "," object }
//	object  := "{" pair { "," pair } "}"
//	pair    := string ":" value
type NewStmt struct {
	Var     *Ident // nil: the default variable
	Type    *Ident // nil: the data say
	Strings []*NewValue
	Objects []*NewObject
	Data    diag.Span // the list with its brackets
	At      diag.Span
}

// Span returns the place of the step.
func (s *NewStmt) Span() diag.Span { return s.At }
func (*NewStmt) stmtNode()         {}

// A NewObject is one object of NEW.
type NewObject struct {
	Pairs []*NewPair // in the order written, no key twice
	At    diag.Span
}

// Span returns the place of the object, with its braces.
func (o *NewObject) Span() diag.Span { return o.At }

// A NewPair is one attribute of an object of NEW.
type NewPair struct {
	Key   string
	KeyAt diag.Span
	Value *NewValue
}

// Span returns the place of key and value.
func (p *NewPair) Span() diag.Span { return p.KeyAt.Cover(p.Value.At) }

// A NewValue is one value of NEW: text, a number, a boolean, null, or a nested
// list or object as JSON.
type NewValue struct {
	Value entity.Value
	At    diag.Span
}

// Span returns the place of the value.
func (v *NewValue) Span() diag.Span { return v.At }
