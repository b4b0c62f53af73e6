// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"strconv"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/runenames"
)

// runesByName returns the characters by their Unicode names. It is made at the
// first use, because few hunts name a character.
var runesByName = sync.OnceValue(func() map[string]rune {
	names := make(map[string]rune, 40_000)
	for _, plane := range namedPlanes {
		for r := plane[0]; r <= plane[1]; r++ {
			if name := runenames.Name(r); name != "" && name[0] != '<' {
				names[name] = r
			}
		}
	}
	return names
})

// namedPlanes are the ranges with characters whose names follow no rule.
var namedPlanes = [...][2]rune{{0, 0x1FFFF}, {0xE0000, 0xE01FF}}

// runeNamed returns the character with a name of the Unicode standard (The
// Unicode Standard, 4.8). Letter case does not matter. Aliases, and the names
// of Hangul syllables, are not known.
func runeNamed(name string) (rune, bool) {
	name = strings.ToUpper(name)
	for _, prefix := range []string{"CJK UNIFIED IDEOGRAPH-", "CJK COMPATIBILITY IDEOGRAPH-"} {
		if hex, ok := strings.CutPrefix(name, prefix); ok {
			return ideograph(hex)
		}
	}
	r, ok := runesByName()[name]
	return r, ok
}

func ideograph(hex string) (rune, bool) {
	code, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || code > unicode.MaxRune || len(hex) < 4 {
		return 0, false
	}
	return rune(code), unicode.Is(unicode.Han, rune(code))
}
