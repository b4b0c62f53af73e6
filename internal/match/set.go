// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package match

import "github.com/kestrelhunt/kestrel/entity"

// fewValues is up to how many values IN compares with one by one.
const fewValues = 8

// compileIn makes the test of IN.
func compileIn(values []entity.Value) func(entity.Value) bool {
	if len(values) > fewValues {
		return newValueSet(values).has
	}
	return func(v entity.Value) bool {
		for i := range values {
			if equal(v, values[i]) {
				return true
			}
		}
		return false
	}
}

// A valueSet knows which values are equal to one of a list. It answers as equal
// would for each.
type valueSet struct {
	texts       map[string]bool  // text and JSON
	ints        map[int64]bool   // integers
	floats      map[float64]bool // floats
	numbers     map[float64]bool // integers and floats
	textNumbers map[float64]bool // text that looks like a number
	bools       [2]bool          // booleans
	words       [2]bool          // words for booleans
}

func newValueSet(values []entity.Value) *valueSet {
	s := &valueSet{
		texts:       make(map[string]bool),
		ints:        make(map[int64]bool),
		floats:      make(map[float64]bool),
		numbers:     make(map[float64]bool),
		textNumbers: make(map[float64]bool),
	}
	for _, v := range values {
		s.add(v)
	}
	return s
}

func (s *valueSet) add(v entity.Value) {
	switch v.Kind() {
	case entity.JSON:
		s.texts[v.Text()] = true
	case entity.String:
		s.texts[v.Text()] = true
		if f, ok := textNumber(v.Text()); ok {
			s.textNumbers[f] = true
		}
		if b, ok := textBool(v.Text()); ok {
			s.words[oneIf(b)] = true
		}
	case entity.Int:
		s.ints[v.Int()] = true
		s.numbers[v.Float()] = true
	case entity.Float:
		s.floats[v.Float()] = true
		s.numbers[v.Float()] = true
	case entity.Bool:
		s.bools[oneIf(v.Bool())] = true
	}
}

// has reports whether v is equal to one of the values.
func (s *valueSet) has(v entity.Value) bool {
	switch v.Kind() {
	case entity.JSON:
		return s.texts[v.Text()]
	case entity.String:
		return s.texts[v.Text()] || s.hasTextOf(v.Text())
	case entity.Int:
		return s.ints[v.Int()] || s.floats[v.Float()] || s.hasNumber(v.Float())
	case entity.Float:
		return s.numbers[v.Float()] || s.hasNumber(v.Float())
	case entity.Bool:
		return s.bools[oneIf(v.Bool())] || s.words[oneIf(v.Bool())] || s.numbers[number(v)]
	}
	return false
}

// hasTextOf reports whether a number or a boolean is equal to text.
func (s *valueSet) hasTextOf(text string) bool {
	if f, ok := textNumber(text); ok {
		return s.numbers[f]
	}
	b, ok := textBool(text)
	return ok && s.bools[oneIf(b)]
}

// hasNumber reports whether text or a boolean is equal to a number.
func (s *valueSet) hasNumber(f float64) bool {
	return s.textNumbers[f] || f == 0 && s.bools[0] || f == 1 && s.bools[1]
}
