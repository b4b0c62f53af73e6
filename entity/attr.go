// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package entity

import "strings"

// AttrName joins the names on the way to a nested value into the name of an
// attribute: with dots, and with single quotes around a piece that is no
// identifier ([A-Za-z_][A-Za-z0-9_]*), in which a backslash stands before each
// quote and each backslash. Different ways have different names.
func AttrName(pieces ...string) string {
	if len(pieces) == 1 && isIdent(pieces[0]) {
		return pieces[0]
	}
	var dst []byte
	for _, piece := range pieces {
		dst = AppendAttrName(dst, piece)
	}
	return string(dst)
}

// AppendAttrName appends one more piece to the name in dst, with the dot if it
// is not the first, and returns the longer name.
func AppendAttrName(dst []byte, piece string) []byte {
	if len(dst) > 0 {
		dst = append(dst, '.')
	}
	if isIdent(piece) {
		return append(dst, piece...)
	}
	dst = append(dst, '\'')
	for i := range len(piece) {
		if piece[i] == '\'' || piece[i] == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, piece[i])
	}
	return append(dst, '\'')
}

// SplitAttr is the inverse of AttrName: it returns the pieces of a name. It
// takes whatever a hunter may write: a piece without quotes may hold any
// character but a dot, and a quote that is not closed ends with the name.
func SplitAttr(name string) []string {
	var pieces []string
	for {
		var piece string
		piece, name = cutPiece(name)
		pieces = append(pieces, piece)
		if name == "" {
			return pieces
		}
		name = name[1:] // the dot
	}
}

// cutPiece returns the first piece of name without its quotes, and what follows,
// from the dot on.
func cutPiece(name string) (piece, rest string) {
	if !strings.HasPrefix(name, "'") {
		if i := strings.IndexByte(name, '.'); i >= 0 {
			return name[:i], name[i:]
		}
		return name, ""
	}
	var b strings.Builder
	for i := 1; i < len(name); i++ {
		switch c := name[i]; {
		case c == '\\' && i+1 < len(name):
			i++
			b.WriteByte(name[i])
		case c == '\'':
			rest = name[i+1:]
			if rest != "" && rest[0] != '.' {
				rest = "." + rest
			}
			return b.String(), rest
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), ""
}

// CanonicalAttr returns the one spelling of an attribute name: hashes.SHA-256
// and hashes.'SHA-256' are the same, and so are hashes.MD5 and hashes.'MD5'.
// A list step ([*]) stays behind its piece.
func CanonicalAttr(name string) string {
	if isIdent(name) {
		return name
	}
	var dst []byte
	for _, piece := range SplitAttr(name) {
		piece, star := strings.CutSuffix(piece, "[*]")
		dst = AppendAttrName(dst, piece)
		if star {
			dst = append(dst, "[*]"...)
		}
	}
	return string(dst)
}

// CurrentAttr returns the name under which a process keeps what another
// version of STIX calls differently: binary_ref for image_ref, created for
// created_time (STIX 2.1 has the latter, STIX 2.0 and hunts the former). Other
// types and names are returned as they are.
func CurrentAttr(typ, name string) string {
	if typ != "process" {
		return name
	}
	switch name {
	case "image_ref":
		return "binary_ref"
	case "created_time":
		return "created"
	}
	return name
}

// ShortAttr returns the short form of an attribute of an extension, which leaves
// the extension's name out: x_bar for extensions.'x-foo'.bar. It reports false
// for an attribute of no extension.
func ShortAttr(name string) (string, bool) {
	rest, ok := strings.CutPrefix(name, "extensions.")
	if !ok {
		return "", false
	}
	_, rest = cutPiece(rest)
	if len(rest) < 2 {
		return "", false
	}
	return "x_" + rest[1:], true
}

// isIdent reports whether s stands in an attribute name without quotes.
func isIdent(s string) bool {
	if s == "" || '0' <= s[0] && s[0] <= '9' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}
