// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stixbundle

import (
	"encoding/binary"
	"hash/maphash"
	"math"
	"slices"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/match"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// An index says in which records of a source an entity may stand. It keeps 40
// bytes for each record, 8 for each object and 8 for each process id, and of
// STIX 2.1, whose objects lie beside their records, 4 for each reference and 16
// for each object more. It never changes once it is built.
type index struct {
	stamp    string // of the files
	seed     maphash.Seed
	bundles  []*bundleIndex
	tooLarge bool // it would have been, and is empty
}

// maxIndex is how many bytes an index may have: those of some two million
// records of eight objects.
const maxIndex = 256 << 20

// A bundleIndex is the index of one bundle.
type bundleIndex struct {
	portion
	entries []entry
	sums    []uint64
	beside  []uint32 // indexes into objects
	objects []spot   // of STIX 2.1
}

// An entry is what is known of one record.
type entry struct {
	first, last int64 // observed, in nanoseconds; noTime if unknown
	spot
	sums   uint32 // end of its hashes in sums
	beside uint32 // end of its objects in beside
}

// A spot is where an object lies in the text of its bundle.
type spot struct {
	offset          int64
	length, element uint32
}

func spotOf(p stix.RawPart) spot {
	return spot{p.Offset, uint32(p.Length), uint32(p.Element)} //nolint:gosec // the reader's limits are lower
}

func (p spot) part() stix.RawPart {
	return stix.RawPart{Offset: p.offset, Length: int64(p.length), Element: int64(p.element)}
}

const noTime = math.MinInt64

func nanosOf(t entity.Time) int64 {
	if t.IsZero() {
		return noTime
	}
	return t.Nanos
}

func timeOf(nanos int64) entity.Time {
	if nanos == noTime {
		return entity.Time{}
	}
	return entity.Time{Nanos: nanos, Digits: 1}
}

// sumOfID returns the hash of an id, never 0.
func sumOfID(seed maphash.Seed, id entity.ID) uint64 {
	if uuid, ok := id.UUID(); ok {
		return notZero(maphash.Bytes(seed, uuid[:]))
	}
	return notZero(maphash.String(seed, id.String()))
}

// sumOfPID returns the hash of a process id, never 0.
func sumOfPID(seed maphash.Seed, pid int64) uint64 {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(pid)) //nolint:gosec // the bits count
	return notZero(maphash.Bytes(seed, b[:]))
}

func notZero(sum uint64) uint64 { return max(sum, 1) }

// A builder makes an index of what comes over a belt.
type builder struct {
	seed    maphash.Seed
	limit   int64
	size    int64
	bundles []*bundleIndex
	portion *portion         // that the last of bundles is of
	known   map[int64]uint32 // objects of that bundle, by offset
}

// decode decodes the records of a chunk and keeps what the index needs of them.
func (b *builder) decode(d *stix.RecordDecoder, c *chunk) {
	c.sums, c.entries = c.sums[:0], c.entries[:0]
	c.batch.Records = grow(c.batch.Records[:0])
	rec := &c.batch.Records[0]
	for i := range c.raws {
		e := entry{first: noTime, last: noTime, spot: spotOf(c.raws[i].Parts[0])}
		if d.Decode(&c.raws[i], rec) {
			entity.Identify(rec)
			e.first, e.last = nanosOf(rec.First), nanosOf(rec.Last)
			c.sums = b.sums(rec, c.sums)
		}
		e.sums = uint32(len(c.sums)) //nolint:gosec // a chunk is small
		c.entries = append(c.entries, e)
	}
	c.remarks = d.Remarks()
	d.Reset()
}

// sums appends the hashes of what stands in a record.
func (b *builder) sums(rec *entity.Record, dst []uint64) []uint64 {
	for i := range rec.Objects {
		o := &rec.Objects[i]
		dst = append(dst, sumOfID(b.seed, o.ID))
		if o.Type != "process" {
			continue
		}
		if pid, ok := pidOf(o); ok {
			dst = append(dst, sumOfPID(b.seed, pid))
		}
	}
	return dst
}

// add adds a decoded chunk. It reports false if the index gets too large.
func (b *builder) add(c *chunk) bool {
	x := b.bundle(c.portion)
	before := len(x.sums)
	x.sums = append(x.sums, c.sums...)
	for i, e := range c.entries {
		for _, p := range c.raws[i].Parts[1:] {
			x.beside = append(x.beside, b.object(x, p))
		}
		e.sums += uint32(before)         //nolint:gosec // limited by the size
		e.beside = uint32(len(x.beside)) //nolint:gosec // limited by the size
		x.entries = append(x.entries, e)
	}
	if c.last {
		x.portion = *c.portion
		x.trim()
		b.size += x.size()
		if x.passedOver {
			b.bundles = b.bundles[:len(b.bundles)-1]
		}
		return b.size <= b.limit
	}
	return b.size+x.size() <= b.limit
}

// bundle returns the index of a portion, which is the last or a new one.
func (b *builder) bundle(p *portion) *bundleIndex {
	if b.portion != p {
		b.portion, b.known = p, make(map[int64]uint32)
		b.bundles = append(b.bundles, new(bundleIndex))
	}
	return b.bundles[len(b.bundles)-1]
}

// object returns the index of an object of STIX 2.1, which many records may have.
func (b *builder) object(x *bundleIndex, p stix.RawPart) uint32 {
	n, ok := b.known[p.Offset]
	if !ok {
		n = uint32(len(x.objects)) //nolint:gosec // limited by the size
		x.objects = append(x.objects, spotOf(p))
		b.known[p.Offset] = n
	}
	return n
}

// size returns how many bytes an index has.
func (x *bundleIndex) size() int64 {
	return int64(40*len(x.entries) + 8*len(x.sums) + 4*len(x.beside) + 16*len(x.objects))
}

// trim gives back the memory that was kept for growth.
func (x *bundleIndex) trim() {
	x.entries, x.sums = slices.Clone(x.entries), slices.Clone(x.sums)
	x.beside, x.objects = slices.Clone(x.beside), slices.Clone(x.objects)
}

// find returns the records, in order, in which something wanted may stand.
func (x *bundleIndex) find(set hashSet, w plan.Window) []uint32 {
	var out []uint32
	at := uint32(0)
	for i := range x.entries {
		e := &x.entries[i]
		sums := x.sums[at:e.sums]
		at = e.sums
		if set.hasAny(sums) && e.overlaps(w) {
			out = append(out, uint32(i)) //nolint:gosec // limited by the size
		}
	}
	return out
}

// overlaps reports whether a record was seen in a window.
func (e *entry) overlaps(w plan.Window) bool {
	return match.Overlaps(&entity.Record{First: timeOf(e.first), Last: timeOf(e.last)}, w.Start, w.Stop)
}

// parts appends the places of a record.
func (x *bundleIndex) parts(record uint32, dst []stix.RawPart) []stix.RawPart {
	e := &x.entries[record]
	dst = append(dst, e.part())
	from := uint32(0)
	if record > 0 {
		from = x.entries[record-1].beside
	}
	for _, n := range x.beside[from:e.beside] {
		dst = append(dst, x.objects[n].part())
	}
	return dst
}

// A hashSet is a set of hashes, none of which is 0, with open addressing.
type hashSet []uint64

// setOf returns the hashes of what is wanted.
func setOf(seed maphash.Seed, w *wanted) hashSet {
	size := 16
	for size < 4*(len(w.ids)+len(w.pids)) {
		size *= 2
	}
	set := make(hashSet, size)
	for id := range w.ids {
		set.add(sumOfID(seed, id))
	}
	for pid := range w.pids {
		set.add(sumOfPID(seed, pid))
	}
	return set
}

func (s hashSet) add(sum uint64) {
	mask := uint64(len(s) - 1)
	at := sum & mask
	for s[at] != 0 {
		at = (at + 1) & mask
	}
	s[at] = sum
}

// hasAny reports whether one of several hashes is in the set.
func (s hashSet) hasAny(sums []uint64) bool {
	mask := uint64(len(s) - 1)
	for _, sum := range sums {
		for at := sum & mask; s[at] != 0; at = (at + 1) & mask {
			if s[at] == sum {
				return true
			}
		}
	}
	return false
}
