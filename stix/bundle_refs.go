// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// metaTypes are the types of STIX objects that are no observables: domain and
// relationship objects and what speaks about objects (STIX 2.1, 4, 5 and 7),
// sorted.
var metaTypes = []string{
	"attack-pattern", "bundle", "campaign", "course-of-action", "extension-definition", "grouping", "identity",
	"incident", "indicator", "infrastructure", "intrusion-set", "language-content", "location", "malware",
	"malware-analysis", "marking-definition", "note", "observed-data", "opinion", "relationship", "report",
	"sighting", "threat-actor", "tool", "vulnerability",
}

func isMetaType(typ string) bool {
	_, ok := slices.BinarySearch(metaTypes, typ)
	return ok
}

// typeOf returns the property "type" of the JSON object that data begins with,
// or "" if it has none. Most objects begin with it.
func (d *recordDecoder) typeOf(data []byte) string {
	if rest, ok := bytes.CutPrefix(data, []byte(`{"type": "`)); ok {
		if end := bytes.IndexByte(rest, '"'); bytes.IndexByte(rest[:end], '\\') < 0 {
			return d.plain(rest[:end])
		}
	}
	return d.property(data, `"type"`)
}

// idOf returns the property "id" of the JSON object that data begins with, or "".
func (d *recordDecoder) idOf(data []byte) string { return d.property(data, `"id"`) }

// property returns a property that is text, or "".
func (d *recordDecoder) property(data []byte, quoted string) string {
	c := cursor{data: data}
	if !c.find(quoted) || c.kind() != '"' {
		return ""
	}
	raw, _ := c.value()
	return d.unquote(raw)
}

// objectRefs returns the ids that an observed-data of STIX 2.1 refers to.
func (d *recordDecoder) objectRefs(raw []byte) []string {
	c := cursor{data: raw}
	if !c.find(`"object_refs"`) || c.kind() != '[' {
		return nil
	}
	var ids []string
	c.enter()
	for c.kind() != ']' {
		if isText := c.kind() == '"'; !isText {
			c.value()
			continue
		}
		item, _ := c.value()
		ids = append(ids, d.unquote(item))
	}
	return ids
}

// isQuoted reports whether a JSON string means the same as another that is in
// its shortest form.
func isQuoted(raw []byte, escaped bool, shortest string) bool {
	if !escaped {
		return string(raw) == shortest
	}
	text, err := jsontext.AppendFormat(nil, raw, lax...)
	return err == nil && string(text) == shortest
}

// lacksObjects reports whether an observed-data of STIX 2.0, written without
// escapes, has no objects.
func lacksObjects(raw []byte) bool {
	name := []byte(`objects"`)
	for {
		i := bytes.Index(raw, name)
		if i < 0 {
			return true
		}
		raw = raw[i+len(name):]
		c := cursor{data: raw}
		if len(raw) > 0 && c.kind() == '{' {
			c.enter()
			if c.kind() != '}' {
				return false
			}
		}
	}
}

// invalidAt returns where the first byte lies that is no UTF-8.
func invalidAt(raw []byte) int {
	for i := 0; i < len(raw); {
		r, n := utf8.DecodeRune(raw[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(raw)
}
