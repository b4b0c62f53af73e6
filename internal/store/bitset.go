// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import "math/bits"

// A bitset is a set of small numbers.
type bitset []uint64

// add adds n and reports whether it is new.
func (b *bitset) add(n int32) bool {
	word := int(n / 64)
	if word >= len(*b) {
		*b = append(*b, make([]uint64, word+1-len(*b))...)
	}
	bit := uint64(1) << (n % 64)
	if (*b)[word]&bit != 0 {
		return false
	}
	(*b)[word] |= bit
	return true
}

// has reports whether n is in b.
func (b bitset) has(n int32) bool {
	word := int(n / 64)
	return word < len(b) && b[word]&(1<<(n%64)) != 0
}

// list returns the numbers of b, ascending.
func (b bitset) list() []int32 {
	n := 0
	for _, word := range b {
		n += bits.OnesCount64(word)
	}
	out := make([]int32, 0, n)
	for i, word := range b {
		for ; word != 0; word &= word - 1 {
			out = append(out, int32(i*64+bits.TrailingZeros64(word)))
		}
	}
	return out
}

// ranks prepares to tell how many numbers of a bitset are smaller than one.
type ranks struct {
	set    bitset
	before []int32 // how many are in the words before each
}

func (b bitset) ranks() ranks {
	r := ranks{b, make([]int32, len(b))}
	n := 0
	for i, word := range b {
		r.before[i] = int32(n)
		n += bits.OnesCount64(word)
	}
	return r
}

// of returns the rank of n, which is in the set.
func (r ranks) of(n int32) int {
	word := n / 64
	return int(r.before[word]) + bits.OnesCount64(r.set[word]&(1<<(n%64)-1))
}
