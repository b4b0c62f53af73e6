// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package match

import (
	"bytes"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/kestrelhunt/kestrel/stix"
)

// Prefilter reports whether the bytes of a record, JSON as STIX has it, may
// hold a match. It is true for every record that Match finds something in; a
// false saves decoding the record.
//
// What a condition needs is looked for as JSON writes it. Where it can be
// written in several ways nothing is needed: text beyond ASCII in LIKE and
// MATCHES (normalization changes it), numbers written unusually, and, as any
// character can be escaped, records with an escape.
func (m *Matcher) Prefilter(raw []byte) bool {
	return m.needs == nil || m.needs.met(raw) || bytes.Contains(raw, escapeMark)
}

// escapeMark begins each escape that can stand for any character.
var escapeMark = []byte(`\u`)

// A need is what a record must have to match. The nil need is met by all.
type need interface {
	met(raw []byte) bool
}

// A needText is bytes that must occur.
type needText []byte

func (n needText) met(raw []byte) bool { return bytes.Contains(raw, n) }

// A needNumber is a name, with the quote behind it, that must occur with a number
// that has digits.
type needNumber struct{ name, digits []byte }

func (n needNumber) met(raw []byte) bool {
	for {
		i := bytes.Index(raw, n.name)
		if i < 0 {
			return false
		}
		isName := i > 0 && raw[i-1] == '"'
		raw = raw[i+len(n.name):]
		if value, ok := bytes.CutPrefix(trimSpace(raw), []byte{':'}); ok && isName && mayHaveDigits(value, n.digits) {
			return true
		}
	}
}

// A needAll is met if all of it are.
type needAll []need

func (n needAll) met(raw []byte) bool {
	for _, part := range n {
		if !part.met(raw) {
			return false
		}
	}
	return true
}

// A needAny is met if one of it is.
type needAny []need

func (n needAny) met(raw []byte) bool {
	for _, part := range n {
		if part.met(raw) {
			return true
		}
	}
	return false
}

// all returns the need of all that are not nil.
func all(needs ...need) need {
	needs = slices.DeleteFunc(needs, func(n need) bool { return n == nil })
	switch len(needs) {
	case 0:
		return nil
	case 1:
		return needs[0]
	}
	return needAll(needs)
}

// anyOf returns the need of one, which is none if one of them is nil.
func anyOf(needs ...need) need {
	if len(needs) == 0 || slices.Contains(needs, nil) {
		return nil
	}
	if len(needs) == 1 {
		return needs[0]
	}
	return needAny(needs)
}

// recordNeeds returns what a record needs for an object that satisfies e.
func (m *Matcher) recordNeeds(e stix.Expr) need {
	if e == nil {
		return nameNeed(m.centre)
	}
	return all(m.treeNeeds(e), nameNeed(m.centre))
}

func (m *Matcher) treeNeeds(e stix.Expr) need {
	switch e := e.(type) {
	case *stix.Logic:
		x, y := m.treeNeeds(e.X), m.treeNeeds(e.Y)
		if e.Op == stix.And {
			return all(x, y)
		}
		return anyOf(x, y)
	case *stix.Exists:
		return m.pathNeeds(e.Path, e.Not)
	case *stix.Comparison:
		if e.Op == stix.IsNull {
			return m.pathNeeds(e.Path, !e.Not)
		}
		path := m.pathNeeds(e.Path, false)
		if e.Not {
			return path
		}
		return all(valueNeeds(e), path)
	}
	return nil
}

// pathNeeds returns what an object needs to have a value at a path, or, if it
// may be absent, only an object of the path's type.
func (m *Matcher) pathNeeds(p stix.Path, absent bool) need {
	var needs []need
	if p.Type != "" && p.Type != m.centre {
		needs = append(needs, nameNeed(p.Type))
	}
	for _, s := range p.Steps {
		if !absent && s.Kind == stix.Key {
			needs = append(needs, attrNeed(s.Name))
		}
	}
	return all(needs...)
}

// attrNeed returns what a record needs to have an attribute of that name.
func attrNeed(name string) need {
	if name == "id" || name == "type" || strings.HasPrefix(name, "x_") {
		return nil // the first is made by Kestrel, the last may be a short name
	}
	names := aliases(name)
	if names == nil {
		return nameNeed(name)
	}
	var out []need
	for _, n := range names {
		out = append(out, nameNeed(n))
	}
	return anyOf(out...)
}

// nameNeed returns what a record needs to have a text as a name, or as a whole
// value. It may write a slash with a backslash, and what is no Unicode becomes
// U+FFFD.
func nameNeed(text string) need {
	quoted, _ := jsontext.AppendQuote(nil, text) // U+FFFD stands for what is no UTF-8
	// The quote before it would only slow the search down: records are full of
	// quotes.
	return longest(bytes.FieldsFunc(quoted[1:], func(r rune) bool { return r == '/' || r == '\uFFFD' }))
}

// longest returns the need of the longest piece.
func longest(pieces [][]byte) need {
	var best []byte
	for _, p := range pieces {
		if len(p) > len(best) {
			best = p
		}
	}
	if len(best) < 2 {
		return nil
	}
	return needText(best)
}

// trimSpace cuts off the white space that raw begins with.
func trimSpace(raw []byte) []byte {
	for len(raw) > 0 && (raw[0] == ' ' || raw[0] == '\t' || raw[0] == '\r' || raw[0] == '\n') {
		raw = raw[1:]
	}
	return raw
}

// mayHaveDigits reports whether the value that raw begins with may be equal to
// a small integer with these digits. In a number, or text that looks like one,
// they stand side by side, unless it has an exponent or is rounded. Of a list or
// an object nothing is known.
func mayHaveDigits(raw, digits []byte) bool {
	raw = trimSpace(raw)
	if len(raw) == 0 || raw[0] == '[' || raw[0] == '{' {
		return true
	}
	quote := raw[0] == '"'
	if quote {
		raw = raw[1:]
	}
	value := raw[:numberEnd(raw)]
	if quote && len(value) < len(raw) && raw[len(value)] != '"' {
		return false // text that is no number
	}
	if bytes.Contains(value, digits) || bytes.ContainsAny(value, "eE") {
		return true
	}
	point := bytes.IndexByte(value, '.')
	return point >= 0 && len(value)-point > longFraction
}

// longFraction is how many characters behind the point make a number unusual:
// with fewer, and below maxInteger, no number but the integer itself is rounded
// to it.
const (
	longFraction = 8
	maxInteger   = 1 << 27
)

// numberEnd returns where the characters of numbers end that raw begins with.
func numberEnd(raw []byte) int {
	for i, c := range raw {
		switch {
		case '0' <= c && c <= '9':
		case c == '.', c == '+', c == '-', c == 'e', c == 'E':
		default:
			return i
		}
	}
	return len(raw)
}
