// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// binary is a property value that stands for bytes: each byte is the code point
// of one character of the text, so that binary and text compare as the standard
// wants (STIX 2.1, 9.6.4), by code points.
type binary string

func binaryOf(data []byte) binary {
	runes := make([]rune, len(data))
	for i, b := range data {
		runes[i] = rune(b)
	}
	return binary(runes)
}

// isNarrow reports whether s may be compared with binary: no code point is
// above 255.
func isNarrow(s string) bool {
	for _, r := range s {
		if r > 0xFF {
			return false
		}
	}
	return true
}

// pathValues appends to dst the values at the end of steps from object (STIX
// 2.1, 9.7). A property whose name ends in _ref or _refs is followed to the
// object that it names if steps go on behind it. Many ways to one object count
// once, so the work is bounded by the length of the path times the size of the
// record.
func (o *Observed) pathValues(dst []any, object map[string]any, steps []Step) []any {
	w := pathWalk{record: o}
	frontier := append(dst[:0], object)
	for _, s := range steps {
		if frontier = w.step(frontier, s); len(frontier) == 0 {
			return frontier
		}
	}
	if strings.HasSuffix(w.name, "_hex") || strings.HasSuffix(w.name, "_bin") {
		for i, v := range frontier {
			frontier[i] = decodeBinary(w.name, v)
		}
	}
	return frontier
}

// A pathWalk takes the steps of one path.
type pathWalk struct {
	record *Observed
	name   string // of the property stepped to last
}

// step takes one step from each value, in place if it can.
func (w *pathWalk) step(from []any, s Step) []any {
	switch s.Kind {
	case Index:
		return filterMap(from, func(v any) (any, bool) {
			list, ok := v.([]any)
			if !ok || s.Index < 0 || s.Index >= len(list) {
				return nil, false
			}
			return list[s.Index], true
		})
	case Star:
		return elements(from)
	}
	from = w.follow(from)
	w.name = s.Name
	return filterMap(from, func(v any) (any, bool) {
		object, ok := v.(map[string]any)
		if !ok {
			return nil, false
		}
		property, ok := object[s.Name]
		return property, ok
	})
}

// follow replaces references by the objects they lead to, each object once.
func (w *pathWalk) follow(from []any) []any {
	if !strings.HasSuffix(w.name, "_ref") && !strings.HasSuffix(w.name, "_refs") {
		return from
	}
	var seen map[string]bool
	if len(from) > 1 {
		seen = make(map[string]bool, len(from))
	}
	return filterMap(from, func(v any) (any, bool) {
		key, ok := v.(string)
		if !ok {
			return v, true
		}
		object, ok := w.record.refs[key]
		if !ok || seen[key] {
			return nil, false
		}
		if seen != nil {
			seen[key] = true
		}
		return object, true
	})
}

func filterMap(values []any, f func(any) (any, bool)) []any {
	n := 0
	for _, v := range values {
		if v, ok := f(v); ok {
			values[n] = v
			n++
		}
	}
	return values[:n]
}

func elements(from []any) []any {
	var all []any
	for _, v := range from {
		if list, ok := v.([]any); ok {
			all = append(all, list...)
		}
	}
	return all
}

// decodeBinary decodes the text of a property that holds binary data by its
// name (STIX 2.1, 2.1 and 2.8). Text that does not decode stays text.
func decodeBinary(name string, v any) any {
	text, ok := v.(string)
	if !ok {
		return v
	}
	decode := base64.StdEncoding.DecodeString
	if strings.HasSuffix(name, "_hex") {
		decode = hex.DecodeString
	}
	data, err := decode(text)
	if err != nil {
		return v
	}
	return binaryOf(data)
}
