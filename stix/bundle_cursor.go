// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

// A cursor walks over JSON text whose grammar has been checked, which makes it
// short and fast: decoding all records with it takes two thirds of the time that
// it takes with a second checking decoder.
type cursor struct {
	data []byte
	pos  int
}

// kind skips white space and the marks between values and returns the byte with
// which the next value begins, or with which the list or object ends.
func (c *cursor) kind() byte {
	for {
		switch b := c.data[c.pos]; b {
		case ' ', '\t', '\r', '\n', ',', ':':
			c.pos++
		default:
			return b
		}
	}
}

// enter goes behind the bracket or brace that kind has found, or out of it.
func (c *cursor) enter() { c.pos++ }

// value reads the next value whole. It reports whether the value is a string
// with escapes.
func (c *cursor) value() (raw []byte, escaped bool) {
	kind := c.kind()
	start := c.pos
	switch kind {
	case '"':
		escaped = c.skipString()
	case '{', '[':
		c.skipNested()
	default:
		for c.pos < len(c.data) && !endsScalar(c.data[c.pos]) {
			c.pos++
		}
	}
	return c.data[start:c.pos], escaped
}

// skipString goes behind the string at the cursor, and reports whether it has
// escapes.
func (c *cursor) skipString() (escaped bool) {
	for i := c.pos + 1; ; i++ {
		switch c.data[i] {
		case '"':
			c.pos = i + 1
			return escaped
		case '\\':
			escaped = true
			i++
		}
	}
}

// skipNested goes behind the object or list at the cursor.
func (c *cursor) skipNested() {
	for depth := 0; ; {
		switch c.data[c.pos] {
		case '"':
			c.skipString()
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		c.pos++
		if depth == 0 {
			return
		}
	}
}

// endsScalar reports whether b ends a number, a boolean or null.
func endsScalar(b byte) bool {
	switch b {
	case ' ', '\t', '\r', '\n', ',', '}', ']':
		return true
	}
	return false
}

// find goes to the value of a member of the object that the data begin with, and
// reports whether the object has it. The name is given as JSON quotes it in the
// shortest way.
func (c *cursor) find(quoted string) bool {
	if c.kind() != '{' {
		return false
	}
	c.enter()
	for c.kind() != '}' {
		name, escaped := c.value()
		if isQuoted(name, escaped, quoted) {
			return true
		}
		c.value()
	}
	return false
}
