// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"hash/maphash"
	"strings"
	"unicode/utf8"
)

// A textCache makes strings of bytes, and the same string again for bytes that
// it still remembers: many values repeat from record to record.
type textCache struct {
	seed  maphash.Seed
	slots []string
}

const (
	cachedTexts  = 4096
	maxCachedLen = 64
)

func newTextCache() textCache {
	return textCache{seed: maphash.MakeSeed(), slots: make([]string, cachedTexts)}
}

func (c *textCache) text(b []byte) string {
	if len(b) > maxCachedLen {
		return string(b)
	}
	slot := &c.slots[maphash.Bytes(c.seed, b)%cachedTexts]
	if *slot != string(b) {
		*slot = string(b)
	}
	return *slot
}

// valid is text for bytes that may be no UTF-8; U+FFFD stands for such.
func (c *textCache) valid(b []byte) string {
	if utf8.Valid(b) {
		return c.text(b)
	}
	return strings.ToValidUTF8(string(b), "\uFFFD")
}
