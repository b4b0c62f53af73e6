// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package entity

import (
	"encoding/json"
	"math"
	"strconv"
)

// Kind is the kind of a Value.
type Kind uint8

// The kinds of values that an attribute may have. The zero Kind is Null.
const (
	Null   Kind = iota // absent
	Bool               // true or false
	Int                // a 64-bit signed integer
	Float              // a 64-bit float, never NaN or infinite
	String             // text, valid UTF-8
	JSON               // a list, or an object of an x- type, as compact JSON text
)

// A Value is one attribute value as the source gave it: kinds are kept, never
// unified over a column. The zero Value is Null. Values are comparable with ==.
type Value struct {
	kind Kind
	bits uint64
	text string
}

// BoolValue returns b as a Value.
func BoolValue(b bool) Value {
	if b {
		return Value{kind: Bool, bits: 1}
	}
	return Value{kind: Bool}
}

// IntValue returns n as a Value.
func IntValue(n int64) Value { return Value{kind: Int, bits: uint64(n)} }

// FloatValue returns f as a Value; a NaN or an infinity is Null.
func FloatValue(f float64) Value {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return Value{}
	}
	return Value{kind: Float, bits: math.Float64bits(f)}
}

// StringValue returns s as a Value.
func StringValue(s string) Value { return Value{kind: String, text: s} }

// JSONValue returns compact JSON text, of a list or an object, as a Value.
func JSONValue(text string) Value { return Value{kind: JSON, text: text} }

// Kind returns the kind of v.
func (v Value) Kind() Kind { return v.kind }

// IsNull reports whether v is absent.
func (v Value) IsNull() bool { return v.kind == Null }

// Bool returns the value of a Bool, and false for other kinds.
func (v Value) Bool() bool { return v.kind == Bool && v.bits != 0 }

// Int returns the value of an Int, and 0 for other kinds.
func (v Value) Int() int64 {
	if v.kind != Int {
		return 0
	}
	return int64(v.bits)
}

// Float returns the value of a Float or an Int, and 0 for other kinds.
func (v Value) Float() float64 {
	switch v.kind {
	case Float:
		return math.Float64frombits(v.bits)
	case Int:
		return float64(int64(v.bits))
	}
	return 0
}

// Text returns the text of a String or of JSON, and "" for other kinds.
func (v Value) Text() string { return v.text }

// String returns v as people read it: text without quotes, numbers in decimal,
// nothing for Null.
func (v Value) String() string {
	switch v.kind {
	case Bool:
		return strconv.FormatBool(v.bits != 0)
	case Int:
		return strconv.FormatInt(int64(v.bits), 10)
	case Float:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	}
	return v.text
}

// MarshalJSON writes v as the JSON value it is; JSON kinds are written as they
// stand.
func (v Value) MarshalJSON() ([]byte, error) {
	switch v.kind {
	case Null:
		return []byte("null"), nil
	case String:
		return json.Marshal(v.text)
	case JSON:
		return []byte(v.text), nil
	}
	return []byte(v.String()), nil
}
