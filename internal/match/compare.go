// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package match

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
)

// LooksNumeric reports whether text may compare with numbers: it is, as a whole,
//
//	[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?
func LooksNumeric(text string) bool {
	rest := strings.TrimLeft(text, "+-")
	if len(text)-len(rest) > 1 {
		return false
	}
	whole := leadingDigits(rest)
	rest = rest[whole:]
	fraction := 0
	if strings.HasPrefix(rest, ".") {
		fraction = leadingDigits(rest[1:])
		rest = rest[1+fraction:]
	}
	if whole+fraction == 0 {
		return false
	}
	if rest == "" {
		return true
	}
	if rest[0] != 'e' && rest[0] != 'E' {
		return false
	}
	rest = rest[1:]
	if rest != "" && (rest[0] == '+' || rest[0] == '-') {
		rest = rest[1:]
	}
	return rest != "" && leadingDigits(rest) == len(rest)
}

// leadingDigits returns how many digits s begins with.
func leadingDigits(s string) int {
	n := 0
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n
}

// textNumber returns the number that text looks like.
func textNumber(text string) (float64, bool) {
	if !LooksNumeric(text) {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}

// textBool returns the boolean that a word stands for.
func textBool(text string) (value, ok bool) {
	switch {
	case strings.EqualFold(text, "true"):
		return true, true
	case strings.EqualFold(text, "false"):
		return false, true
	}
	return false, false
}

// Compare compares two values in the way of hunts. It reports false if there is
// no order between them: then they are different, and neither is less.
func Compare(a, b entity.Value) (int, bool) {
	switch textA, textB := isText(a), isText(b); {
	case a.IsNull() || b.IsNull():
		return 0, false
	case textA && textB:
		return strings.Compare(a.Text(), b.Text()), true
	case textA:
		c, ok := compareWithText(b, a)
		return -c, ok
	case textB:
		return compareWithText(a, b)
	case a.Kind() == entity.Int && b.Kind() == entity.Int:
		return cmp.Compare(a.Int(), b.Int()), true
	}
	return cmp.Compare(number(a), number(b)), true
}

func isText(v entity.Value) bool {
	return v.Kind() == entity.String || v.Kind() == entity.JSON
}

// number returns a number, or a boolean as 1 or 0.
func number(v entity.Value) float64 {
	if v.Kind() == entity.Bool {
		return float64(oneIf(v.Bool()))
	}
	return v.Float()
}

func oneIf(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// compareWithText compares a number or a boolean with text.
func compareWithText(v, text entity.Value) (int, bool) {
	switch {
	case text.Kind() != entity.String:
		return 0, false
	case v.Kind() == entity.Bool:
		b, ok := textBool(text.Text())
		return cmp.Compare(oneIf(v.Bool()), oneIf(b)), ok
	}
	f, ok := textNumber(text.Text())
	return cmp.Compare(v.Float(), f), ok
}
