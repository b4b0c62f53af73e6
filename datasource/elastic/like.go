// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package elastic

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kestrelhunt/kestrel/stix"
)

// A glob is a LIKE pattern taken apart: literal pieces, with anything between
// them.
//
// Both sides of LIKE are compared in Unicode Normalization Form C, documents
// are indexed as they came. So only what normalization never makes or takes is
// a literal here; all else is anything: a character beyond ASCII, and the three
// characters of ASCII that other characters are normalized to. "_" is anything
// too, for one character may have been several before.
type glob struct {
	pieces []string // at least one; "" at either end means anything there
}

// isStable reports whether a character of a normalized text stands for the same
// character in the text as it came, and for nothing else (Unicode, UAX #15:
// U+212A, U+037E and U+1FEF are normalized to K, ; and `).
func isStable(r rune) bool {
	return r < utf8.RuneSelf && r != 'K' && r != ';' && r != '`'
}

func newGlob(pattern string) glob {
	var g glob
	var b strings.Builder
	for _, r := range stix.NFC(pattern) {
		if r != '%' && r != '_' && isStable(r) {
			b.WriteRune(r)
			continue
		}
		if b.Len() > 0 || len(g.pieces) == 0 {
			g.pieces = append(g.pieces, b.String())
		}
		b.Reset()
	}
	g.pieces = append(g.pieces, b.String())
	return g
}

// literal returns the only text that g stands for, if it is one.
func (g glob) literal() (string, bool) { return g.pieces[0], len(g.pieces) == 1 }

// isAnything reports whether g accepts every text.
func (g glob) isAnything() bool {
	return len(g.pieces) > 1 && !slices.ContainsFunc(g.pieces, func(p string) bool { return p != "" })
}

// wildcard writes g for a wildcard query.
func (g glob) wildcard() string {
	escaped := make([]string, len(g.pieces))
	for i, p := range g.pieces {
		escaped[i] = escapeWildcard(p)
	}
	return strings.Join(escaped, "*")
}

// around writes g with more before and behind it, "*" or nothing.
func (g glob) around(before, behind string) string {
	if g.pieces[0] == "" && len(g.pieces) > 1 {
		before = ""
	}
	if last := len(g.pieces) - 1; g.pieces[last] == "" && last > 0 {
		behind = ""
	}
	return before + g.wildcard() + behind
}

func escapeWildcard(s string) string {
	if !strings.ContainsAny(s, `\*?`) {
		return s
	}
	return wildcardEscaper.Replace(s)
}

var wildcardEscaper = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`)

// isOpen reports whether a list, which is compared as its JSON text, can match:
// that text begins with a bracket and ends with one.
func (g glob) isOpen() bool {
	first, last := g.pieces[0], g.pieces[len(g.pieces)-1]
	if len(g.pieces) == 1 {
		return strings.HasPrefix(first, "[") && strings.HasSuffix(first, "]")
	}
	return (first == "" || first[0] == '[') && (last == "" || strings.HasSuffix(last, "]"))
}

// inElements returns the pieces of g that must each be inside one element of a
// list whose JSON text matches. A piece with a character that JSON writes
// between or around elements, or in another way, says nothing.
func (g glob) inElements() []string {
	return insideElements(g.pieces)
}

// insideElements returns the texts that, in the JSON text of a list, can only
// stand inside one element and as they are.
func insideElements(texts []string) []string {
	var out []string
	for _, p := range texts {
		if p != "" && !strings.ContainsAny(p, "[]{}\",:\\") && strings.IndexFunc(p, isControl) < 0 {
			out = append(out, p)
		}
	}
	return out
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// numberChars are all that a number is written with.
const numberChars = "0123456789+-.eE"

// acceptsNumbers reports whether g may accept the text of a number.
func (g glob) acceptsNumbers() bool {
	return !slices.ContainsFunc(g.pieces, func(p string) bool { return strings.Trim(p, numberChars) != "" })
}
