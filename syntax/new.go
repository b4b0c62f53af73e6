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
	if !p.failed && p.word != "" && !p.atOtherStep() {
		s.Type = p.ident(EntityType, nameEnd(p.text, p.pos))
	}
	data := p.pos
	p.expect(signOpenBracket)
	p.parseData(s)
	p.closeData(signCloseBracket, data)
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
	keys := map[string]diag.Span{}
	p.expectData(signOpenBrace)
	for !p.failed {
		pair := p.parsePair()
		if p.newKey(keys, pair.Key, pair.KeyAt) {
			o.Pairs = append(o.Pairs, pair)
		}
		if !p.accept(signComma) {
			break
		}
	}
	p.closeData(signCloseBrace, start)
	o.At = p.since(start)
	return o
}

// parsePair parses one attribute of an object.
func (p *parser) parsePair() *NewPair {
	pair := &NewPair{Value: &NewValue{}}
	if !p.atString() {
		p.failData(aString)
		return pair
	}
	start := p.pos
	pair.Key = p.parseText(plainString)
	pair.KeyAt = p.since(start)
	p.expectData(signColon)
	pair.Value = p.parseDataValue()
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

// dataIndent is how deep the data of NEW stand if they do not fit into a line.
const dataIndent = 4

func (f *formatter) new(s *NewStmt) *doc {
	d := f.step(s.Var, "NEW")
	if s.Type != nil {
		d.add(s.Type.Name, s.Type.At)
	}
	d.kids = append(d.kids, text(" "))
	if len(s.Objects) > 0 {
		d.kids = append(d.kids, f.enclosed(s.Data, spansOf(s.Objects), "[]", f.line,
			func(i int) *doc { return f.object(s.Objects[i]) }))
	} else {
		d.kids = append(d.kids, f.enclosed(s.Data, spansOf(s.Strings), "[]", f.fillLine,
			func(i int) *doc { return text(s.Strings[i].String()) }))
	}
	return d.doc()
}

// enclosed returns items between the two signs of around, which stand at the
// ends of whole. In between is the kind of line between items.
func (f *formatter) enclosed(whole diag.Span, spans []diag.Span, around string,
	between func(prev, next diag.Span) *doc, item func(i int) *doc) *doc {
	var kids []*doc
	prev := diag.Span{File: whole.File, Start: whole.Start, End: whole.Start + 1}
	for i, at := range spans {
		if i == 0 {
			kids = append(kids, f.softLine(prev, at))
		} else {
			kids = append(kids, text(","), between(prev, at))
		}
		kids = append(kids, item(i))
		prev = at
	}
	last := diag.Span{File: whole.File, Start: whole.End - 1, End: whole.End}
	end := f.softLine(prev, last)
	kids = append(kids, commentsIn(end)...)
	return group(text(around[:1]), nest(dataIndent, kids...), end, text(around[1:]))
}

// commentsIn takes the comments out of a line that ends data, so that they stand
// as deep as the data.
func commentsIn(end *doc) []*doc {
	n := len(end.before)
	if n == 0 {
		return nil
	}
	before := &doc{kind: lineDoc, hard: true, after: end.after, before: end.before[:n-1]}
	last := text(end.before[n-1])
	end.after, end.before = "", nil
	return []*doc{before, last}
}

func (f *formatter) object(o *NewObject) *doc {
	return f.enclosed(o.At, spansOf(o.Pairs), "{}", f.line, func(i int) *doc {
		pair := o.Pairs[i]
		return concat(text(written(pair.KeyAt, quote(pair.Key))+": "), f.value(pair.Value))
	})
}

// value returns the doc of a value of NEW.
func (f *formatter) value(v *NewValue) *doc {
	if v.Value.Kind() == entity.JSON && !v.At.IsZero() {
		d, _ := f.json(v.At.File, v.At.Start)
		return d
	}
	return text(v.String())
}

// String returns the value as it was written; booleans and null in small
// letters.
func (v *NewValue) String() string {
	switch v.Value.Kind() {
	case entity.Null:
		return "null"
	case entity.Bool:
		return v.Value.String()
	case entity.String:
		return written(v.At, quote(v.Value.Text()))
	}
	return written(v.At, v.Value.String())
}
