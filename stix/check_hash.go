// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
)

// hashDigits says how many hexadecimal digits the values of an algorithm have
// (STIX 2.1, 10.7 hashing algorithm vocabulary; RFC 1321, 3174, 6234; FIPS 202).
// Names are in capitals and without hyphens.
var hashDigits = map[string][]int{
	"MD5":       {32},
	"MD6":       {32, 40, 56, 64, 96, 128},
	"RIPEMD160": {40},
	"SHA1":      {40},
	"SHA224":    {56},
	"SHA256":    {64},
	"SHA384":    {96},
	"SHA512":    {128},
	"SHA3224":   {56},
	"SHA3256":   {64},
	"SHA3384":   {96},
	"SHA3512":   {128},
	"WHIRLPOOL": {128},
}

// hash reports a value that is no hash, where a hash is compared with it as a
// whole. OASIS's validator does the same, for all operators.
func (c *patternChecker) hash(e *Comparison, l *Literal) {
	if c.run || l.Kind != StringLit || e.Op != Equal && e.Op != NotEqual && e.Op != In {
		return
	}
	steps := e.Path.Steps
	if len(steps) == 0 {
		return
	}
	last := steps[len(steps)-1]
	if last.Kind != Key || !slices.ContainsFunc(steps, func(s Step) bool { return s.Kind == Key && s.Name == "hashes" }) {
		return
	}
	lengths, ok := hashDigits[strings.ToUpper(strings.ReplaceAll(last.Name, "-", ""))]
	text := l.Value.Text()
	if !ok || slices.Contains(lengths, len(text)) && isHex(text) {
		return
	}
	c.report(diag.Error, diag.InvalidPattern, l.At,
		fmt.Sprintf("%s is no %s hash", Quote(clip(text, 80)), last.Name),
		fmt.Sprintf("it has %s hexadecimal digits", alternativeCounts(lengths)))
}

func isHex(s string) bool {
	for i := range len(s) {
		if !isHexDigit(s[i]) {
			return false
		}
	}
	return true
}

func alternativeCounts(counts []int) string {
	words := make([]string, len(counts))
	for i, n := range counts {
		words[i] = fmt.Sprint(n)
	}
	return strings.Join(words, " or ")
}
