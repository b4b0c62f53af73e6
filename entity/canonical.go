// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package entity

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// begin starts the JSON object of an id; end closes it and returns the id of
// that type. Between them come calls of key and value, in the order of keys.
func (x *identifier) begin() {
	x.buf = append(x.buf[:0], namespace[:]...)
	x.buf = append(x.buf, '{')
}

func (x *identifier) end(typ string) ID {
	x.buf = append(x.buf, '}')
	return ID{typ: typ, uuid: hashUUID(x.buf)}
}

// key writes a key that is followed by a value.
func (x *identifier) key(key string) {
	if last := x.buf[len(x.buf)-1]; last != '{' {
		x.buf = append(x.buf, ',')
	}
	x.buf = appendQuoted(x.buf, key)
	x.buf = append(x.buf, ':')
}

// value writes a key and a value in canonical form (RFC 8785).
func (x *identifier) value(key string, v Value) {
	x.key(key)
	switch v.kind {
	case Bool:
		x.buf = strconv.AppendBool(x.buf, v.bits != 0)
	case Int:
		x.buf = strconv.AppendInt(x.buf, int64(v.bits), 10)
	case Float:
		x.buf = appendCanonical(x.buf, strconv.FormatFloat(v.Float(), 'g', -1, 64))
	case JSON:
		x.buf = appendCanonical(x.buf, v.text)
	default:
		x.buf = appendQuoted(x.buf, v.text)
	}
}

// appendQuoted appends a JSON string. Nearly all need no escapes.
func appendQuoted(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x80 {
			// The error says that s is not UTF-8; it is then written with U+FFFD.
			dst, _ = jsontext.AppendQuote(dst, s)
			return dst
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}

// appendQuotedID appends an id as a JSON string.
func appendQuotedID(dst []byte, id ID) []byte {
	if id.text != "" {
		return appendQuoted(dst, id.text)
	}
	dst = append(dst, '"')
	dst = id.AppendText(dst)
	return append(dst, '"')
}

// appendCanonical appends JSON text in canonical form; text that is not JSON,
// which no reader gives, as it is.
func appendCanonical(dst []byte, text string) []byte {
	if isPlainList(text) {
		return append(dst, text...)
	}
	v := jsontext.Value(text)
	if err := v.Canonicalize(); err != nil {
		return appendQuoted(dst, text)
	}
	return append(dst, v...)
}

// isPlainList reports whether compact JSON text is a list of strings without
// escapes, such as ["ipv4","tcp"], which is canonical as it is.
func isPlainList(text string) bool {
	if len(text) < 4 || text[0] != '[' || text[1] != '"' {
		return false
	}
	inside := false
	for i := 1; i < len(text)-1; i++ {
		switch c := text[i]; {
		case c == '"':
			inside = !inside
		case c == '\\', c >= 0x80, !inside && c != ',':
			return false
		}
	}
	return !inside && text[len(text)-1] == ']'
}

// extensions writes the attributes below extensions as the nested object that
// they come from.
func (x *identifier) extensions(o *Object) {
	var leaves []leaf
	for i := range o.Attrs {
		if strings.HasPrefix(o.Attrs[i].Name, "extensions.") {
			leaves = append(leaves, leaf{SplitAttr(o.Attrs[i].Name)[1:], o.Attrs[i].Value})
		}
	}
	if leaves == nil {
		return
	}
	slices.SortFunc(leaves, func(a, b leaf) int { return slices.Compare(a.path, b.path) })
	x.key("extensions")
	start := len(x.buf)
	x.nest(leaves, 0)
	x.buf = appendCanonical(x.buf[:start], string(x.buf[start:]))
}

// A leaf is a value and the names that lead to it.
type leaf struct {
	path  []string
	value Value
}

// nest writes sorted leaves that agree in their first depth names as an object.
func (x *identifier) nest(leaves []leaf, depth int) {
	x.buf = append(x.buf, '{')
	for len(leaves) > 0 {
		name := leaves[0].path[depth]
		if len(leaves[0].path) == depth+1 {
			x.value(name, leaves[0].value)
			leaves = leaves[1:]
			continue
		}
		n := 1
		for n < len(leaves) && leaves[n].path[depth] == name {
			n++
		}
		x.key(name)
		x.nest(leaves[:n], depth+1)
		leaves = leaves[n:]
	}
	x.buf = append(x.buf, '}')
}
