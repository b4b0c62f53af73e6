// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package diag

import "strings"

// Nearest returns the candidate that a misspelt name most likely means: the one
// with the fewest insertions, deletions, replacements and swaps of neighbours
// between it and name, letter case aside. A name is misspelt by at most one
// such change in three characters, and by three in all; ok is false if no
// candidate is that near, or if name is a candidate already. Among equals the
// one that begins like name wins, then the longer, then the first.
func Nearest(name string, candidates []string) (near string, ok bool) {
	from := []rune(strings.ToLower(name))
	var best score
	for _, c := range candidates {
		to := []rune(strings.ToLower(c))
		most := min(3, max(1, max(len(from), len(to))/3))
		if len(from) == 0 || len(to) == 0 || max(len(from)-len(to), len(to)-len(from)) > most {
			continue
		}
		s := score{distance(from, to), from[0] == to[0], len(to)}
		switch {
		case s.changes == 0:
			return "", false
		case s.changes > most || s.changes >= min(len(from), len(to)):
			continue
		case !ok || s.beats(best):
			near, ok, best = c, true, s
		}
	}
	return near, ok
}

// A score says how near a candidate is to a name.
type score struct {
	changes int
	begins  bool // both begin with the same character
	length  int
}

func (s score) beats(t score) bool {
	switch {
	case s.changes != t.changes:
		return s.changes < t.changes
	case s.begins != t.begins:
		return s.begins
	}
	return s.length > t.length
}

// distance returns the Damerau-Levenshtein distance of a and b in the variant
// that changes no place twice (optimal string alignment).
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row[0] = i + 1
		for j := range b {
			change := 1
			if a[i] == b[j] {
				change = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+change)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
