// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"strconv"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
)

// AttrName returns the canonical name of the attribute that steps lead to: the
// names joined by dots, each list step appended to the name before it. A name
// that is no identifier ([A-Za-z_][A-Za-z0-9_]*) stands in single quotes, with
// a backslash before a quote or a backslash:
//
//	hashes.'SHA-256'
//	opened_connection_refs[*].dst_port
//
// Two paths are the same attribute if and only if their names are equal.
func AttrName(steps []Step) string {
	if len(steps) == 1 && steps[0].Kind == Key {
		return entity.AttrName(steps[0].Name)
	}
	var dst []byte
	for _, s := range steps {
		dst = appendStep(dst, s)
	}
	return string(dst)
}

func appendStep(dst []byte, s Step) []byte {
	switch s.Kind {
	case Index:
		return append(strconv.AppendInt(append(dst, '['), int64(s.Index), 10), ']')
	case Star:
		return append(dst, "[*]"...)
	}
	return entity.AppendAttrName(dst, s.Name)
}

// Attr returns the canonical name of the attribute that p leads to, without the
// type of the object it starts from.
func (p Path) Attr() string { return AttrName(p.Steps) }

// String returns p as STIX writes it (STIX 2.1, 9.7): type:attribute, or the
// attribute alone if p has no type. It differs from the canonical name where a
// name is a word that patterns reserve: that stands in quotes.
func (p Path) String() string {
	var dst []byte
	for _, s := range p.Steps {
		if _, reserved := keywords[s.Name]; reserved && s.Kind == Key {
			if len(dst) > 0 {
				dst = append(dst, '.')
			}
			dst = append(dst, Quote(s.Name)...)
			continue
		}
		dst = appendStep(dst, s)
	}
	if p.Type == "" {
		return string(dst)
	}
	return p.Type + ":" + string(dst)
}

// Quote returns text as a string literal of STIX (STIX 2.1, 9.2): in single
// quotes, with a backslash before each quote and each backslash.
func Quote(text string) string {
	if !strings.ContainsAny(text, `'\`) {
		return "'" + text + "'"
	}
	return "'" + quoter.Replace(text) + "'"
}

var quoter = strings.NewReplacer(`\`, `\\`, `'`, `\'`)

func isIdentStart(c byte) bool { return c == '_' || isLetter(c) }

func isIdentByte(c byte) bool { return c == '_' || isLetter(c) || isDigit(c) }

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHexDigit(c byte) bool { return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' }
