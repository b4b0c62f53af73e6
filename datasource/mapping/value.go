// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/kestrelhunt/kestrel/entity"
)

// A value is a JSON value on its way from a field to an attribute.
type value struct {
	kind  jsontext.Kind // 'n', 't', 'f', '"', '0', '[' or '{'
	text  string        // what a text means, the digits of a number, the JSON of an object
	items []value       // of a list
}

func textValue(s string) value { return value{kind: '"', text: s} }

func intValue(n int64) value { return value{kind: '0', text: strconv.FormatInt(n, 10)} }

func listValue(items ...value) value { return value{kind: '[', items: items} }

// isBlank reports whether v says nothing, so that no rule is applied to it.
func (v *value) isBlank() bool {
	switch v.kind {
	case '"':
		return v.text == ""
	case '[':
		return len(v.items) == 0
	case '{':
		return v.text == "{}"
	}
	return v.kind == 'n'
}

// scalar returns v itself, or the only element of a list of one; ok is false for
// other lists and for objects.
func (v value) scalar() (value, bool) {
	if v.kind == '[' && len(v.items) == 1 {
		v = v.items[0]
	}
	return v, v.kind != '[' && v.kind != '{'
}

// str returns the text of a text, or of the only one in a list.
func (v value) str() (string, bool) {
	v, _ = v.scalar()
	return v.text, v.kind == '"'
}

// entity returns v as the value of an attribute. Integers beyond 64 bits are
// text, lists and objects JSON.
func (v *value) entity() entity.Value {
	switch v.kind {
	case '"':
		return entity.StringValue(v.text)
	case 't', 'f':
		return entity.BoolValue(v.kind == 't')
	case '0':
		return number(v.text)
	case '[':
		return entity.JSONValue(string(v.appendJSON(nil)))
	case '{':
		return entity.JSONValue(v.text)
	}
	return entity.Value{}
}

// appendJSON appends v as compact JSON.
func (v *value) appendJSON(dst []byte) []byte {
	switch v.kind {
	case '"':
		return appendQuoted(dst, v.text)
	case 't':
		return append(dst, "true"...)
	case 'f':
		return append(dst, "false"...)
	case 'n':
		return append(dst, "null"...)
	case '[':
		dst = append(dst, '[')
		for i := range v.items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = v.items[i].appendJSON(dst)
		}
		return append(dst, ']')
	}
	return append(dst, v.text...)
}

// appendQuoted appends a JSON string; what is no UTF-8 becomes U+FFFD.
func appendQuoted(dst []byte, s string) []byte {
	dst, _ = jsontext.AppendQuote(dst, s) // the error only says that s was mended
	return dst
}

// number returns what the digits of a JSON number mean: an integer if they are
// one that fits, else the nearest float; the text if they fit neither.
func number(digits string) entity.Value {
	if !strings.ContainsAny(digits, ".eE") {
		if n, err := strconv.ParseInt(digits, 10, 64); err == nil {
			return entity.IntValue(n)
		}
		return entity.StringValue(digits)
	}
	if f, err := strconv.ParseFloat(digits, 64); err == nil {
		return entity.FloatValue(f)
	}
	return entity.StringValue(digits)
}

// integer returns the integer that v holds: a number, or text that is one, with
// its fraction cut off.
func (v value) integer() (int64, bool) {
	v, ok := v.scalar()
	if !ok || v.kind != '0' && v.kind != '"' {
		return 0, false
	}
	text := strings.TrimSpace(v.text)
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || !strings.Contains(text, ".") && v.kind == '"' || math.Abs(f) >= 1<<63 {
		return 0, false
	}
	return int64(f), true
}

// compact returns JSON text without blanks and with each text in its shortest
// form.
func compact(dst, raw []byte) []byte {
	if !bytes.ContainsAny(raw, "\\ \t\r\n") {
		return append(dst, raw...)
	}
	out, err := jsontext.AppendFormat(dst, raw, lax...)
	if err != nil {
		return append(dst, raw...)
	}
	return out
}
