// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
)

// What an entity's attributes are follows from the order of its objects: the
// later last_observed wins, then the greater record id, then the later place in
// the record. That order is kept as one number, so that finding the latest value
// is a maximum: nanoseconds in the high 64 bits, below them 48 bits of the
// record's id, below them 16 of the place. What a hunt gives comes before any
// record, and among itself in the order given.

// A sortKey is the number that orders objects.
type sortKey struct {
	high int64
	low  uint64
}

const (
	givenHigh   = math.MinInt64 + 1 // of rows that belong to no record
	unknownHigh = math.MinInt64 + 2 // of records without a time
	slotBits    = 16
	maxSlot     = 1<<slotBits - 1 // places from here on count as one
)

// recordKey returns the key of a record, which orders its objects once their
// place is added.
func recordKey(last entity.Time, tie uint64) sortKey {
	high := int64(unknownHigh)
	if !last.IsZero() {
		high = max(last.Nanos, unknownHigh)
	}
	return sortKey{high, tie << slotBits}
}

// at returns the key of the object at a place of the record.
func (k sortKey) at(slot int) sortKey {
	return sortKey{k.high, k.low + uint64(min(slot, maxSlot))}
}

// An idShape is a form of record ids. Within one form the bits that tieOf takes
// order ids, as far as they go.
type idShape uint8

const (
	noShape   idShape = iota
	uuidShape         // observed-data--<uuid>
	tailShape         // observed-data--<anything else>
	otherShape
)

const observedData = "observed-data--"

// tieOf returns 48 bits that order record ids of one shape as text does, as far
// as they go.
func tieOf(id string) (tie uint64, shape idShape) {
	rest, ok := strings.CutPrefix(id, observedData)
	shape = otherShape
	if ok {
		if uuid, ok := uuidOf(id); ok {
			return binary.BigEndian.Uint64(uuid[:8]) >> 16, uuidShape
		}
		shape = tailShape
	}
	var head [8]byte
	copy(head[:6], rest)
	return binary.BigEndian.Uint64(head[:]) >> 16, shape
}

// ordering finds out whether the bits that keys have of record ids order the
// records. They do not if ids of several shapes were met, or if two records have
// one key. From then on keys are ranks; see rekey.
type ordering struct {
	shape  idShape
	ranked bool
}

// key returns the key of a record.
func (o *ordering) key(r *entity.Record) sortKey {
	tie, shape := tieOf(r.ID)
	if o.shape == noShape {
		o.shape = shape
	}
	if o.shape != shape {
		o.ranked = true
	}
	return recordKey(r.Last, tie)
}

// sameKey is the query for whether two records have one key.
const sameKey = "SELECT 1 FROM record GROUP BY key HAVING count(*) > 1 LIMIT 1"

// rekey returns the statements that give all records keys which order them by
// their whole ids, and the versions of one record by their bytes.
func (c *catalog) rekey() string {
	var b strings.Builder
	b.WriteString(`UPDATE record SET key = coalesce(last, ` + unknownSQL + `)::HUGEINT * 18446744073709551616 + (r.rank << 16)
FROM (SELECT rec AS it, rank() OVER (ORDER BY coalesce(id, '` + observedData + `' || uuid::VARCHAR), hash_high, hash_low)::HUGEINT AS rank FROM record) r
WHERE rec = r.it;`)
	for _, t := range c.sorted() {
		if t.wide && t.objects.exists() {
			fmt.Fprintf(&b, "UPDATE %[1]s SET key = r.key + least(slot, %[2]d) FROM record r WHERE %[1]s.rec = r.rec;", t.objects.table, maxSlot)
		}
	}
	return b.String()
}

const unknownSQL = "-9223372036854775806" // unknownHigh

// uuidOf returns the UUID of a record id of the usual form.
func uuidOf(id string) ([16]byte, bool) { return entity.GivenID("observed-data", id).UUID() }

// split returns 32 bytes as two numbers.
func split(h [32]byte) (high, low [2]uint64) {
	be := binary.BigEndian.Uint64
	return [2]uint64{be(h[0:8]), be(h[8:16])}, [2]uint64{be(h[16:24]), be(h[24:32])}
}
