// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package secret keeps credentials out of what people and files get to see.
//
// A credential is a [String] from the moment it is read until a connector puts
// it on the wire: however it is printed, logged or encoded, it shows as ***.
// Where a text comes from elsewhere, such as an error of a server, [Mask] takes
// credentials out of it.
package secret

import (
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"slices"
	"strings"
)

// Hidden stands in the place of a credential.
const Hidden = "***"

// A String is a text that nobody may see. Its zero value is the empty text. It
// has no comparison with ==; see Equal.
//
// The text lies behind a pointer, so that a package that prints the unexported
// fields of a struct by reflection finds an address and not the text.
type String struct {
	_    [0]func() // not comparable
	text *string
}

// New returns text as a String.
func New(text string) String {
	if text == "" {
		return String{}
	}
	return String{text: &text}
}

// Reveal returns the text. Call it where the text leaves for the product that
// it is meant for, and nowhere else.
func (s String) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsZero reports whether the text is empty.
func (s String) IsZero() bool { return s.text == nil }

// Equal reports whether s and t are the same text.
func (s String) Equal(t String) bool { return s.Reveal() == t.Reveal() }

// String returns *** for every text, also the empty one.
func (s String) String() string { return Hidden }

// GoString returns *** too.
func (s String) GoString() string { return Hidden }

// Format writes *** whatever the verb.
func (s String) Format(f fmt.State, _ rune) { io.WriteString(f, Hidden) } //nolint:errcheck // fmt.State keeps errors

// MarshalText writes ***. JSON and YAML use it.
func (s String) MarshalText() ([]byte, error) { return []byte(Hidden), nil }

// LogValue makes log lines show ***.
func (s String) LogValue() slog.Value { return slog.StringValue(Hidden) }

// userinfo finds the credentials of URLs (RFC 3986, 3.2.1).
var userinfo = regexp.MustCompile(`://[^\s/?#@'"]+@`)

// MaskURLs returns text with *** for what stands before the host in its URLs: a
// user name, and perhaps a password.
func MaskURLs(text string) string {
	if !strings.Contains(text, "://") {
		return text
	}
	return userinfo.ReplaceAllLiteralString(text, "://"+Hidden+"@")
}

// Mask returns text with *** for every one of the secrets in it. A secret of
// fewer than four bytes is left alone: it would be found in ordinary words.
func Mask(text string, secrets ...String) string {
	var known []string
	for _, s := range secrets {
		if t := s.Reveal(); len(t) >= 4 {
			known = append(known, t)
		}
	}
	// A secret may hold another one: the longer goes first.
	slices.SortFunc(known, func(a, b string) int { return len(b) - len(a) })
	for _, k := range known {
		text = strings.ReplaceAll(text, k, Hidden)
	}
	return text
}
