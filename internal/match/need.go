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

// A needDigits is the digits of an integer that must occur, unless a number is
// written in a way that hides them.
type needDigits []byte

func (n needDigits) met(raw []byte) bool {
	return bytes.Contains(raw, n) || hasUnusualNumber(raw)
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
	return longest(bytes.FieldsFunc(quoted, func(r rune) bool { return r == '/' || r == '\uFFFD' }))
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

// hasUnusualNumber reports whether raw has a number, or text that looks like
// one, with an exponent or with many digits behind the point. In other numbers
// the digits of a small integer equal to it stand side by side.
func hasUnusualNumber(raw []byte) bool {
	for i := 1; i < len(raw)-1; i++ {
		switch raw[i] {
		case 'e', 'E':
			if isNumberByte(raw[i-1]) && isNumberByte(raw[i+1]) && isNumberEnd(raw, i) {
				return true
			}
		case '.':
			if digitsFrom(raw, i+1) >= longFraction {
				return true
			}
		}
	}
	return false
}

// longFraction is how many digits behind the point make a number unusual: with
// fewer, no number but the integer itself is rounded to one below maxDigits.
const (
	longFraction = 8
	maxDigits    = 1 << 27
)

func digitsFrom(raw []byte, i int) int {
	n := 0
	for i+n < len(raw) && '0' <= raw[i+n] && raw[i+n] <= '9' {
		n++
	}
	return n
}

// isNumberEnd reports whether the e at i stands in a number that is a whole
// value, or the whole text of one.
func isNumberEnd(raw []byte, i int) bool {
	left, right := i-1, i+1
	for left >= 0 && isNumberByte(raw[left]) {
		left--
	}
	for right < len(raw) && isNumberByte(raw[right]) {
		right++
	}
	return !isWordByte(raw, left) && !isWordByte(raw, right)
}

func isNumberByte(c byte) bool {
	return '0' <= c && c <= '9' || c == '.' || c == '+' || c == '-'
}

// isWordByte reports whether the byte at i goes on with what stands beside it.
func isWordByte(raw []byte, i int) bool {
	if i < 0 || i >= len(raw) {
		return false
	}
	switch raw[i] {
	case '"', ':', ',', '[', ']', '{', '}', ' ', '\t', '\r', '\n':
		return false
	}
	return true
}
