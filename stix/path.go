// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"strconv"
	"strings"
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
	if len(steps) == 1 && steps[0].Kind == Key && isIdent(steps[0].Name) {
		return steps[0].Name
	}
	var b strings.Builder
	for i, s := range steps {
		switch s.Kind {
		case Key:
			if i > 0 {
				b.WriteByte('.')
			}
			writeName(&b, s.Name)
		case Index:
			b.WriteByte('[')
			b.WriteString(strconv.Itoa(s.Index))
			b.WriteByte(']')
		case Star:
			b.WriteString("[*]")
		}
	}
	return b.String()
}

// Attr returns the canonical name of the attribute that p leads to, without the
// type of the object it starts from.
func (p Path) Attr() string { return AttrName(p.Steps) }

// String returns p as STIX writes it (STIX 2.1, 9.7): type:attribute, or the
// attribute alone if p has no type.
func (p Path) String() string {
	if p.Type == "" {
		return p.Attr()
	}
	return p.Type + ":" + p.Attr()
}

func writeName(b *strings.Builder, name string) {
	if isIdent(name) {
		b.WriteString(name)
		return
	}
	b.WriteString(Quote(name))
}

// Quote returns text as a string literal of STIX (STIX 2.1, 9.3): in single
// quotes, with a backslash before each quote and each backslash.
func Quote(text string) string {
	if !strings.ContainsAny(text, `'\`) {
		return "'" + text + "'"
	}
	return "'" + quoter.Replace(text) + "'"
}

var quoter = strings.NewReplacer(`\`, `\\`, `'`, `\'`)

// isIdent reports whether s may stand in a path without quotes.
func isIdent(s string) bool {
	if s == "" || !isIdentStart(s[0]) {
		return false
	}
	for i := 1; i < len(s); i++ {
		if !isIdentByte(s[i]) {
			return false
		}
	}
	return true
}

func isIdentStart(c byte) bool { return c == '_' || isLetter(c) }

func isIdentByte(c byte) bool { return c == '_' || isLetter(c) || isDigit(c) }

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHexDigit(c byte) bool { return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' }
