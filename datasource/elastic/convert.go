// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package elastic

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"github.com/kestrelhunt/kestrel/datasource/mapping"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// What converters do to a field, undone: each function asks for the values of
// the field that a converter may turn into one that satisfies the comparison.

// exprMost bounds an expression made of several values.
const exprMost = 800

// baseName is about the last part of a path.
func (c *comparison) baseName(f field) *clause {
	switch c.op {
	case stix.Equal, stix.In:
		return c.baseNameEqual(f)
	case stix.Like, stix.Matches:
		return c.keywordText(f, "*", "")
	case stix.IsSubset, stix.IsSuperset:
		return present(f)
	}
	return present(f)
}

func (c *comparison) baseNameEqual(f field) *clause {
	const anyDirectory = `(.*[\\\/])?(`
	var parts []*clause
	expr := ""
	flush := func() {
		if expr != "" {
			parts = append(parts, anyOf(regexpLeaf(f, anyDirectory+expr+")"), hiddenLeaf(f)))
		}
		expr = ""
	}
	for _, v := range c.values {
		text := v.Text()
		switch {
		case v.Kind() != entity.String:
			return present(f) // a name that is a number is equal to it however it is written
		case text == "" || strings.ContainsAny(text, `\/`):
			continue // no last part is that
		case len(text) > exprMost/2:
			return present(f)
		}
		if next := escapeRegexp(text); expr == "" {
			expr = next
		} else {
			expr += "|" + next
		}
		if len(expr) > exprMost/2 {
			flush()
		}
	}
	flush()
	return anyOf(parts...)
}

// dirName is about the directory of a path, with which the path begins.
func (c *comparison) dirName(f field) *clause {
	switch c.op {
	case stix.Equal, stix.In:
		var parts []*clause
		for _, v := range c.values {
			if v.Kind() != entity.String {
				return present(f)
			}
			parts = append(parts, prefixLeaf(f, v.Text()))
		}
		return anyOf(append(parts, hiddenLeaf(f))...)
	case stix.Like, stix.Matches:
		return c.keywordText(f, "", "*")
	}
	return present(f)
}

// lowered is about a list of words in lower case.
func (c *comparison) lowered(f field) *clause {
	if c.op != stix.Equal && c.op != stix.In {
		return present(f)
	}
	var parts []*clause
	for _, v := range c.values {
		text := v.Text()
		switch {
		case v.Kind() != entity.String || strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0:
			return present(f)
		case text == "" || strings.ToLower(text) != text:
			continue // no word is that
		}
		parts = append(parts, wildcardFold(f, "*"+escapeWildcard(text)+"*"))
	}
	return anyOf(append(parts, hiddenLeaf(f))...)
}

// encoded is about base64 of a text.
func (c *comparison) encoded(f field) *clause {
	switch c.op {
	case stix.Equal, stix.In:
		var terms []entity.Value
		for _, v := range c.values {
			text, err := base64.StdEncoding.DecodeString(v.Text())
			if v.Kind() != entity.String || err != nil {
				return present(f) // digits may be base64, and equal to a number
			}
			terms = append(terms, entity.StringValue(string(text)))
		}
		return anyOf(termsLeaf(f, terms), hiddenLeaf(f))
	case stix.Like, stix.Matches:
		if c.payload {
			return c.keywordText(f, "", "")
		}
	}
	return present(f)
}

// host is about the host of a URL.
func (c *comparison) host(f field) *clause {
	if c.op != stix.Equal && c.op != stix.In {
		return present(f)
	}
	var parts []*clause
	for _, v := range c.values {
		if v.Kind() != entity.String || v.Text() == "" || strings.IndexFunc(v.Text(), func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
			return present(f)
		}
		parts = append(parts, wildcardFold(f, "*"+escapeWildcard(v.Text())+"*"))
	}
	return anyOf(append(parts, hiddenLeaf(f))...)
}

// registryKey is about the key of a registry path, whose root may be written
// short.
func (c *comparison) registryKey(f field) *clause {
	switch c.op {
	case stix.Equal, stix.In:
		var parts []*clause
		for _, v := range c.values {
			if v.Kind() != entity.String {
				return present(f)
			}
			parts = append(parts, prefixLeaf(f, v.Text()))
			if short, ok := mapping.ShortHive(v.Text()); ok {
				parts = append(parts, prefixFold(f, short))
			}
		}
		return anyOf(append(parts, hiddenLeaf(f))...)
	case stix.Like:
		return c.registryLike(f)
	}
	return present(f)
}

// registryLike asks for the pieces of a pattern that cannot stand in the long
// name of a root.
func (c *comparison) registryLike(f field) *clause {
	var parts []*clause
	for _, piece := range c.glob.pieces {
		if i := strings.IndexByte(piece, '\\'); i >= 0 {
			piece = piece[i:]
		} else if mapping.InHive(piece) {
			continue
		}
		parts = append(parts, wildcardLeaf(f, "*"+escapeWildcard(piece)+"*"))
	}
	if len(parts) == 0 {
		return present(f)
	}
	return anyOf(allOf(parts...), hiddenLeaf(f))
}
