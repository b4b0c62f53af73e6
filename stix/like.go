// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// CompileLike returns a function that reports whether a text matches a LIKE
// pattern (STIX 2.1, 9.6.1): "%" stands for any characters, also none, "_" for
// exactly one, everything else for itself; there is no escape. Characters are
// code points, newlines are ordinary, and both sides are taken as they are:
// who wants the normalization that STIX asks for passes both through NFC.
//
// A call takes time proportional to the product of both lengths at worst, and
// to the length of the text for patterns without "_".
func CompileLike(pattern string) func(string) bool {
	if strings.IndexByte(pattern, '_') >= 0 {
		return func(s string) bool { return likeGlob(pattern, s) }
	}
	parts := strings.Split(pattern, "%")
	if len(parts) == 1 {
		return func(s string) bool { return s == pattern }
	}
	return func(s string) bool { return likeParts(parts, s) }
}

// likeParts matches literal parts with "%" between them: the first is a prefix,
// the last a suffix, the others follow each other anywhere in between.
func likeParts(parts []string, s string) bool {
	last := len(parts) - 1
	s, ok := strings.CutPrefix(s, parts[0])
	if !ok {
		return false
	}
	s, ok = strings.CutSuffix(s, parts[last])
	if !ok {
		return false
	}
	for _, part := range parts[1:last] {
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s = s[i+len(part):]
	}
	return true
}

// likeGlob matches a pattern with "_". On a mismatch it returns to the last "%"
// and lets it take one character more: an earlier "%" never needs to.
func likeGlob(pattern, s string) bool {
	p, i := 0, 0
	star, mark := -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '%':
			star, mark = p, i
			p++
			continue
		case p < len(pattern) && pattern[p] == '_':
			p++
			i += runeLen(s[i:])
			continue
		case p < len(pattern) && pattern[p] == s[i]:
			p++
			i++
			continue
		case star < 0:
			return false
		}
		mark += runeLen(s[mark:])
		p, i = star+1, mark
	}
	for p < len(pattern) && pattern[p] == '%' {
		p++
	}
	return p == len(pattern)
}

func runeLen(s string) int {
	if s[0] < utf8.RuneSelf {
		return 1
	}
	_, n := utf8.DecodeRuneInString(s)
	return n
}

// NFC returns s in Unicode Normalization Form C, in which STIX compares both
// sides of LIKE and MATCHES (STIX 2.1, 9.6.2). Text that is normal already, as
// ASCII is, is returned as it is.
func NFC(s string) string {
	if isASCII(s) {
		return s
	}
	return norm.NFC.String(s)
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
