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

// parseNew parses a NEW behind its word.
func (p *parser) parseNew(v *Ident, start int) *NewStmt {
	s := &NewStmt{Var: v}
	p.wants.add(aType)
	if !p.failed && p.word != "" && !p.atTarget() {
		s.Type = p.ident(EntityType, nameEnd(p.text, p.pos))
	}
	data := p.pos
	p.expect(signOpenBracket)
	p.parseData(s)
	p.expectData(signCloseBracket)
	s.Data = p.since(data)
	s.At = p.since(start)
	return s
}

// parseData parses the strings or the objects of a NEW.
func (p *parser) parseData(s *NewStmt) {
	objects := p.at(signOpenBrace)
	for !p.failed {
		switch {
		case objects:
			s.Objects = append(s.Objects, p.parseObject())
		case p.atString():
			s.Strings = append(s.Strings, p.parseDataString())
		case len(s.Strings) == 0:
			p.wants = wantSet{}
			p.failData(someData)
		default:
			p.failData(aString)
		}
		if !p.accept(signComma) {
			return
		}
	}
}

func (p *parser) parseDataString() *NewValue {
	start := p.pos
	value := entity.StringValue(p.parseText(jsonString))
	return &NewValue{Value: value, At: p.since(start)}
}

// parseObject parses one object of a NEW.
func (p *parser) parseObject() *NewObject {
	start := p.pos
	o := &NewObject{}
	p.expectData(signOpenBrace)
	for !p.failed {
		if pair := p.parsePair(o); pair != nil {
			o.Pairs = append(o.Pairs, pair)
		}
		if !p.accept(signComma) {
			break
		}
	}
	p.expectData(signCloseBrace)
	o.At = p.since(start)
	return o
}

// parsePair parses one attribute of o, and returns nil if o has it already.
func (p *parser) parsePair(o *NewObject) *NewPair {
	if !p.atString() {
		p.failData(aString)
		return nil
	}
	start := p.pos
	pair := &NewPair{Key: p.parseText(plainString)}
	pair.KeyAt = p.since(start)
	p.expectData(signColon)
	pair.Value = p.parseDataValue()
	for _, old := range o.Pairs {
		if old.Key == pair.Key {
			p.reportDuplicate(pair.Key, pair.KeyAt, old.KeyAt)
			return nil
		}
	}
	return pair
}

// parseDataValue parses the value of an attribute.
func (p *parser) parseDataValue() *NewValue {
	start := p.pos
	v := &NewValue{}
	switch {
	case p.atString():
		v.Value = entity.StringValue(p.parseText(plainString))
	case p.at(signOpenBracket), p.at(signOpenBrace):
		v.Value = entity.JSONValue(p.parseJSON())
	default:
		v.Value = p.parseScalar()
	}
	v.At = p.since(start)
	return v
}
