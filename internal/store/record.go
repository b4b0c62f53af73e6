// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/duck"
)

// sourceNumber returns the number of a source.
func (c *catalog) sourceNumber(name string) int32 {
	i := slices.Index(c.sources, name)
	if i < 0 {
		i = len(c.sources)
		c.sources = append(c.sources, name)
	}
	return int32(i)
}

// fileNumber returns the number of the file or index that records lie in.
func (c *catalog) fileNumber(name string) int32 {
	n, ok := c.files[name]
	if !ok {
		n = int32(len(c.files))
		c.files[strings.Clone(name)] = n
	}
	return n
}

// recordNumber returns a new number for a record that a step is the first to
// see.
func (c *catalog) recordNumber(step int64) int64 {
	n := step<<stepBits | c.records
	c.records++
	return n
}

// hash returns the hash of a record: of its bytes, or if it comes without, of
// what it says.
func (a *appender) hash(r *entity.Record) [32]byte {
	if r.Raw != nil {
		return sha256.Sum256(r.Raw)
	}
	a.buf = appendTime(appendTime(a.buf[:0], r.First), r.Last)
	a.buf = binary.AppendVarint(a.buf, r.Count)
	for i := range r.Objects {
		o := &r.Objects[i]
		a.buf = appendText(appendText(a.buf, o.Type), o.Key)
		for j := range o.Attrs {
			a.buf = appendValue(appendText(a.buf, o.Attrs[j].Name), o.Attrs[j].Value)
		}
		for _, l := range o.Links {
			a.buf = binary.AppendVarint(appendText(a.buf, l.Name), int64(l.Target))
		}
	}
	return sha256.Sum256(a.buf)
}

// recordKey returns the key under which a version of a record is known.
func (a *appender) recordKey(r *entity.Record, hash [32]byte) contentKey {
	a.buf = append(append(a.buf[:0], hash[:]...), r.ID...)
	return a.catalog.seeds.key(a.buf)
}

// record stores a new record and its objects.
func (a *appender) record(r *entity.Record, rec int64, hash [32]byte, step int64) error {
	if err := a.entities(r, step); err != nil {
		return err
	}
	key := a.catalog.order.key(r)
	a.recordRow(r, rec, hash, key)
	for i := range r.Objects {
		if err := a.object(r, i, place{rec: rec, slot: i, key: key.at(i), step: step}); err != nil {
			return err
		}
	}
	return nil
}

func (a *appender) recordRow(r *entity.Record, rec int64, hash [32]byte, key sortKey) {
	k := a.catalog.record
	c := k.begin(a.w)
	c[0].Int(rec)
	if uuid, ok := uuidOf(r.ID); ok {
		c[1].UUID(uuid)
		c[2].Null()
	} else {
		c[1].Null()
		c[2].Text(r.ID)
	}
	timeColumns(c[3], c[4], r.First)
	timeColumns(c[5], c[6], r.Last)
	c[7].Int(max(r.Count, 1))
	c[8].Wide(key.high, key.low)
	file := a.catalog.fileNumber(r.Locator.File)
	a.catalog.arrivals.add(rec, a.source, file, r.Locator.Offset)
	c[9].Int(int64(a.source))
	c[10].Int(int64(file))
	if r.Locator.Doc != "" {
		c[11].Text(r.Locator.Doc)
	} else {
		c[11].Null()
	}
	c[12].Int(r.Locator.Offset)
	c[13].Int(r.Locator.Length)
	high, low := split(hash)
	c[14].Wide(int64(high[0]), high[1])
	c[15].Wide(int64(low[0]), low[1])
	k.end(a.w)
	if n := r.Locator.Length; n > 0 && n < int64(len(r.Raw)) {
		a.locatedRow(rec, sha256.Sum256(r.Raw[:n]))
	}
}

// locatedRow keeps the hash of the bytes at the place of a record whose other
// bytes lie elsewhere, as in STIX 2.1, where objects stand beside the record.
func (a *appender) locatedRow(rec int64, hash [32]byte) {
	k := a.catalog.located
	c := k.begin(a.w)
	high, low := split(hash)
	c[0].Int(rec)
	c[1].Wide(int64(high[0]), high[1])
	c[2].Wide(int64(low[0]), low[1])
	k.end(a.w)
}

func timeColumns(nanos, digits *duck.Column, t entity.Time) {
	if t.IsZero() {
		nanos.Null()
		digits.Null()
		return
	}
	nanos.Int(t.Nanos)
	digits.Int(int64(min(t.Digits-1, 9)))
}

// appendText appends a text so that it can be told from what follows.
func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

func appendValue(dst []byte, v entity.Value) []byte {
	dst = append(dst, byte(v.Kind()))
	switch v.Kind() {
	case entity.Bool:
		return append(dst, strconv.FormatBool(v.Bool())...)
	case entity.Int:
		return binary.AppendVarint(dst, v.Int())
	case entity.Float:
		return binary.LittleEndian.AppendUint64(dst, math.Float64bits(v.Float()))
	}
	return appendText(dst, v.Text())
}

func appendTime(dst []byte, t entity.Time) []byte {
	return append(binary.LittleEndian.AppendUint64(dst, uint64(t.Nanos)), byte(t.Digits))
}
