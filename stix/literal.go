// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"

	"github.com/kestrelhunt/kestrel/diag"
)

// hex reads h'...' (STIX 2.1, 9.2): pairs of hexadecimal digits.
func (l *lexer) hex(start int) token {
	t := l.quoted(tHex, start)
	if l.open {
		return t
	}
	if _, err := hex.DecodeString(t.value); err != nil {
		l.report(t.start, t.end, diag.UnexpectedToken, "a hexadecimal literal holds pairs of hexadecimal digits",
			"as in h'4fa2'")
	}
	return t
}

// binary reads b'...' (STIX 2.1, 9.2): base64 of RFC 4648 with padding, of at
// least one byte. Line feeds in it are ignored.
func (l *lexer) binary(start int) token {
	t := l.quoted(tBinary, start)
	if l.open {
		return t
	}
	data, err := base64.StdEncoding.DecodeString(t.value)
	if err != nil || len(data) == 0 {
		l.report(t.start, t.end, diag.UnexpectedToken, "a binary literal holds base64 text",
			"with padding, as in b'dGVzdA=='")
	}
	return t
}

// timestamp reads t'...' (STIX 2.1, 9.2).
func (l *lexer) timestamp(start int) token {
	t := l.quoted(tTime, start)
	if l.open {
		return t
	}
	l.checkTime(t.value, start+2, t.end-1)
	return t
}

// checkTime reports a timestamp that departs from the grammar. The grammar
// knows how many days the longest month has, not which month that is: a 30th of
// February passes here, and is warned of by Check.
func (l *lexer) checkTime(text string, start, end int) {
	message := timeFault(text)
	if message == "" {
		return
	}
	l.report(start, end, diag.InvalidTime, message, "a timestamp looks like 2006-01-02T15:04:05.000Z, in UTC")
}

func timeFault(text string) string {
	if !timeShape(text) {
		return "malformed timestamp"
	}
	for _, f := range timeFields {
		if n := int(digits(text, f.from, f.from+2)); n < f.min || n > f.max {
			return fmt.Sprintf("there is no %s %02d", f.name, n)
		}
	}
	return ""
}

var timeFields = []struct {
	name           string
	from, min, max int
}{
	{"month", 5, 1, 12}, {"day", 8, 1, 31}, {"hour", 11, 0, 23}, {"minute", 14, 0, 59}, {"second", 17, 0, 60},
}
