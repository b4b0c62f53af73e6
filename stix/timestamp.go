// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"fmt"
	"time"
)

// ParseTime reads a timestamp of STIX (STIX 2.1, 2.16; RFC 3339): UTC, with
// capital T and Z, seconds, and any number of fraction digits of which
// nanoseconds are kept. Second 60 is the first of the next minute. The error
// says what is wrong; it does not repeat text.
func ParseTime(text string) (time.Time, error) {
	if !timeShape(text) {
		return time.Time{}, timeError("want the form 2006-01-02T15:04:05Z")
	}
	year, month, day := int(digits(text, 0, 4)), int(digits(text, 5, 7)), int(digits(text, 8, 10))
	hour, minute, second := int(digits(text, 11, 13)), int(digits(text, 14, 16)), int(digits(text, 17, 19))
	switch {
	case month < 1 || month > 12:
		return time.Time{}, timeError("there is no month %d", month)
	case day < 1 || day > daysIn(year, month):
		return time.Time{}, timeError("%s %d has no day %d", time.Month(month), year, day)
	case hour > 23:
		return time.Time{}, timeError("there is no hour %d", hour)
	case minute > 59:
		return time.Time{}, timeError("there is no minute %d", minute)
	case second > 60:
		return time.Time{}, timeError("there is no second %d", second)
	}
	return time.Date(year, time.Month(month), day, hour, minute, second, nanoseconds(text), time.UTC), nil
}

const timeErrorPrefix = "stix: parse timestamp: "

func timeError(format string, args ...any) error {
	return fmt.Errorf(timeErrorPrefix+format, args...)
}

// timeShape reports whether s is nnnn-nn-nnTnn:nn:nnZ, perhaps with a fraction.
func timeShape(s string) bool {
	const shape = "0000-00-00T00:00:00"
	if len(s) < len(shape)+1 || s[len(s)-1] != 'Z' {
		return false
	}
	for i := range len(shape) {
		if shape[i] == '0' && !isDigit(s[i]) || shape[i] != '0' && s[i] != shape[i] {
			return false
		}
	}
	fraction := s[len(shape) : len(s)-1]
	if fraction == "" {
		return true
	}
	if fraction[0] != '.' || len(fraction) == 1 {
		return false
	}
	for i := 1; i < len(fraction); i++ {
		if !isDigit(fraction[i]) {
			return false
		}
	}
	return true
}

func digits(s string, from, to int) (n int64) {
	for i := from; i < to; i++ {
		n = n*10 + int64(s[i]-'0')
	}
	return n
}

// nanoseconds reads the fraction of a text that has the shape of a timestamp,
// cut to nine digits.
func nanoseconds(s string) int {
	const point = len("2006-01-02T15:04:05")
	if s[point] != '.' {
		return 0
	}
	n := 0
	for i := point + 1; i <= point+9; i++ {
		n *= 10
		if i < len(s)-1 {
			n += int(s[i] - '0')
		}
	}
	return n
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// FormatTime writes t as a timestamp of STIX, in UTC, with three fraction digits
// or as many more as t needs.
func FormatTime(t time.Time) string {
	t = t.UTC()
	switch ns := t.Nanosecond(); {
	case ns%1_000_000 == 0:
		return t.Format("2006-01-02T15:04:05.000Z")
	case ns%1_000 == 0:
		return t.Format("2006-01-02T15:04:05.000000Z")
	}
	return t.Format("2006-01-02T15:04:05.000000000Z")
}
