// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/hex"
	"hash/fnv"
	"math/rand/v2"
	"time"
)

// A dice gives numbers that depend on its seed and name only. It takes nothing
// but raw 64-bit numbers from the standard library, so the bytes that follow
// from a seed are the same with every release of Go.
type dice struct{ src *rand.PCG }

// newDice returns a sequence of its own for each name: a change in one part of
// the day does not reshuffle the others.
func newDice(seed uint64, name string) *dice {
	h := fnv.New64a()
	h.Write([]byte(name))
	return &dice{rand.NewPCG(seed, h.Sum64())}
}

// n returns a number from 0 up to, not including, limit.
func (d *dice) n(limit int) int { return int(d.src.Uint64() % uint64(limit)) }

// in returns a number from lo to hi, both included.
func (d *dice) in(lo, hi int) int { return lo + d.n(hi-lo+1) }

// span returns a duration of up to limit, in whole milliseconds.
func (d *dice) span(limit time.Duration) time.Duration {
	return time.Duration(d.n(int(limit/time.Millisecond))) * time.Millisecond
}

// uuid returns a random UUID (RFC 9562, version 4).
func (d *dice) uuid() string {
	var b [16]byte
	for i := range 2 {
		word := d.src.Uint64()
		for j := range 8 {
			b[8*i+j] = byte(word >> (8 * j))
		}
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	s := hex.EncodeToString(b[:])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

// pick returns one of items.
func pick[T any](d *dice, items []T) T { return items[d.n(len(items))] }
