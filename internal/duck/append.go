// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package duck

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"runtime"
	"unicode/utf8"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// ChunkRows is how many rows a Chunk holds: one vector of DuckDB.
const ChunkRows = 2048

// A Chunk collects rows for an Appender, column by column. The caller appends
// one value to every column, then the next row.
type Chunk struct {
	Columns []*Column
}

// NewChunk returns an empty chunk with columns of these types.
func NewChunk(types ...Type) *Chunk {
	c := new(Chunk)
	for _, t := range types {
		c.Columns = append(c.Columns, NewColumn(t))
	}
	return c
}

// Rows returns how many rows the first column has.
func (c *Chunk) Rows() int {
	if len(c.Columns) == 0 {
		return 0
	}
	return c.Columns[0].n
}

// Heavy reports whether the chunk holds so much text that it should be appended
// although it has room for more rows.
func (c *Chunk) Heavy() bool {
	for _, col := range c.Columns {
		if len(col.arena) > 4<<20 {
			return true
		}
	}
	return false
}

// Reset empties the chunk.
func (c *Chunk) Reset() {
	for _, col := range c.Columns {
		col.reset()
	}
}

// A Column collects up to ChunkRows values of one type.
type Column struct {
	typ   Type
	n     int
	nulls bool
	valid [ChunkRows / 64]uint64
	words []uint64    // integers, floats, booleans
	wide  [][2]uint64 // Int128 and UUID: low half, high half
	spans [][2]uint32 // Text and Blob: start and end in arena
	arena []byte
}

// NewColumn returns an empty column. It takes memory for its values when the
// first one comes: data with thousands of attributes has few in each chunk.
func NewColumn(t Type) *Column { return &Column{typ: t} }

// Type returns the type of the column.
func (c *Column) Type() Type { return c.typ }

// Len returns how many values were appended.
func (c *Column) Len() int { return c.n }

// Fill appends NULLs until the column has n values.
func (c *Column) Fill(n int) {
	if c.n < n {
		c.nulls = true
		c.n = n
	}
}

// Null appends NULL.
func (c *Column) Null() {
	c.nulls = true
	c.n++
}

// Int appends a value of Int8, Int32 or Int64.
func (c *Column) Int(v int64) { c.word(uint64(v)) }

// Float appends a Float64.
func (c *Column) Float(v float64) { c.word(math.Float64bits(v)) }

// Bool appends a Bool.
func (c *Column) Bool(v bool) {
	if v {
		c.word(1)
	} else {
		c.word(0)
	}
}

func (c *Column) word(v uint64) {
	if c.words == nil {
		c.words = make([]uint64, ChunkRows)
	}
	c.words[c.n] = v
	c.present()
}

// Wide appends an Int128, the signed number hi·2⁶⁴ + lo.
func (c *Column) Wide(hi int64, lo uint64) {
	if c.wide == nil {
		c.wide = make([][2]uint64, ChunkRows)
	}
	c.wide[c.n] = [2]uint64{lo, uint64(hi)}
	c.present()
}

// UUID appends a UUID. DuckDB keeps it as a number whose highest bit is
// inverted, so that it sorts as its text does.
func (c *Column) UUID(v [16]byte) {
	c.Wide(int64(binary.BigEndian.Uint64(v[:8])^1<<63), binary.BigEndian.Uint64(v[8:]))
}

// Text appends a Text. What is not UTF-8 in it becomes U+FFFD.
func (c *Column) Text(s string) {
	start := len(c.arena)
	if utf8.ValidString(s) {
		c.arena = append(c.arena, s...)
	} else {
		for _, r := range s {
			c.arena = utf8.AppendRune(c.arena, r)
		}
	}
	c.span(start)
}

// Bytes appends a Blob.
func (c *Column) Bytes(b []byte) {
	start := len(c.arena)
	c.arena = append(c.arena, b...)
	c.span(start)
}

// span notes the text that begins at start in the arena and ends with it.
func (c *Column) span(start int) {
	if c.spans == nil {
		c.spans = make([][2]uint32, ChunkRows)
	}
	c.spans[c.n] = [2]uint32{uint32(start), uint32(len(c.arena))}
	c.present()
}

func (c *Column) present() {
	c.valid[c.n/64] |= 1 << (c.n % 64)
	c.n++
}

func (c *Column) reset() {
	c.n = 0
	c.nulls = false
	clear(c.valid[:])
	if cap(c.arena) > 4<<20 {
		c.arena = nil
	}
	c.arena = c.arena[:0]
}

// fill copies the column into a vector. The vector then points into the arena,
// which p pins.
func (c *Column) fill(v mapping.Vector, p *runtime.Pinner) {
	c.fillData(mapping.VectorGetData(v), p)
	if c.nulls {
		mapping.VectorEnsureValidityWritable(v)
		copy(unsafe.Slice((*uint64)(mapping.VectorGetValidity(v)), (c.n+63)/64), c.valid[:])
	}
}

func (c *Column) fillData(data unsafe.Pointer, p *runtime.Pinner) {
	if c.words == nil && c.wide == nil && c.spans == nil {
		return // all NULL: the data are never looked at
	}
	switch c.typ {
	case Bool, Int8:
		narrow(unsafe.Slice((*uint8)(data), c.n), c.words)
	case Int32:
		narrow(unsafe.Slice((*uint32)(data), c.n), c.words)
	case Int64, Float64:
		copy(unsafe.Slice((*uint64)(data), c.n), c.words)
	case Int128, UUID:
		copy(unsafe.Slice((*[2]uint64)(data), c.n), c.wide)
	case Text, Blob:
		c.fillTexts(unsafe.Slice((*stringT)(data), c.n), p)
	}
}

func narrow[T uint8 | uint32](dst []T, src []uint64) {
	for i := range dst {
		dst[i] = T(src[i])
	}
}

func (c *Column) fillTexts(dst []stringT, p *runtime.Pinner) {
	var base uint64
	if len(c.arena) > 0 {
		p.Pin(&c.arena[0])
		base = uint64(uintptr(unsafe.Pointer(&c.arena[0])))
	}
	for i := range dst {
		if c.valid[i/64]&(1<<(i%64)) == 0 {
			dst[i] = stringT{}
			continue
		}
		start, end := c.spans[i][0], c.spans[i][1]
		s := stringT{length: end - start}
		text := c.arena[start:end]
		if s.length <= inlined {
			var b [inlined]byte
			copy(b[:], text)
			copy(s.head[:], b[:4])
			s.addr = binary.NativeEndian.Uint64(b[4:])
		} else {
			copy(s.head[:], text)
			s.addr = base + uint64(start)
		}
		dst[i] = s
	}
}

// An Appender adds rows to one table. It must be closed, and the table must not
// be altered before.
type Appender struct {
	db    *DB
	table string
	app   mapping.Appender
	chunk mapping.DataChunk
	types []Type
}

// Appender returns an appender for a table with columns of these types.
func (db *DB) Appender(table string, types ...Type) (*Appender, error) {
	a := &Appender{db: db, table: table, types: types}
	if mapping.AppenderCreateExt(db.conn, "", "", table, &a.app) == mapping.StateError {
		err := a.failed("open")
		mapping.AppenderDestroy(&a.app)
		return nil, err
	}
	logical := make([]mapping.LogicalType, len(types))
	for i, t := range types {
		logical[i] = mapping.CreateLogicalType(driverTypes[t])
	}
	a.chunk = mapping.CreateDataChunk(logical)
	for i := range logical {
		mapping.DestroyLogicalType(&logical[i])
	}
	return a, nil
}

// Append adds the rows of c and leaves c as it is.
func (a *Appender) Append(ctx context.Context, c *Chunk) error {
	n := c.Rows()
	if n == 0 {
		return nil
	}
	if len(c.Columns) != len(a.types) {
		return fmt.Errorf("duck: append %d columns to %s, which has %d", len(c.Columns), a.table, len(a.types))
	}
	var pins runtime.Pinner
	defer pins.Unpin()
	mapping.DataChunkReset(a.chunk)
	for i, col := range c.Columns {
		if col.typ != a.types[i] || col.n != n {
			return fmt.Errorf("duck: append to %s: column %d has %d values of type %s, want %d of %s",
				a.table, i, col.n, col.typ, n, a.types[i])
		}
		col.fill(mapping.DataChunkGetVector(a.chunk, mapping.IdxT(i)), &pins)
	}
	mapping.DataChunkSetSize(a.chunk, mapping.IdxT(n))
	return a.db.watch(ctx, func() error {
		if mapping.AppendDataChunk(a.app, a.chunk) == mapping.StateError {
			return a.failed("append to")
		}
		return nil
	})
}

// Flush makes the rows visible to statements.
func (a *Appender) Flush(ctx context.Context) error {
	return a.db.watch(ctx, func() error {
		if mapping.AppenderFlush(a.app) == mapping.StateError {
			return a.failed("flush")
		}
		return nil
	})
}

// Close flushes the rows and frees the appender.
func (a *Appender) Close() error {
	var err error
	if mapping.AppenderClose(a.app) == mapping.StateError {
		err = a.failed("close")
	}
	mapping.AppenderDestroy(&a.app)
	mapping.DestroyDataChunk(&a.chunk)
	return err
}

// Discard frees the appender without its last rows.
func (a *Appender) Discard() {
	mapping.AppenderClear(a.app)
	mapping.AppenderDestroy(&a.app)
	mapping.DestroyDataChunk(&a.chunk)
}

func (a *Appender) failed(verb string) error {
	data := mapping.AppenderErrorData(a.app)
	defer mapping.DestroyErrorData(&data)
	return fmt.Errorf("duck: %s table %s: %w", verb, a.table, failure(mapping.ErrorDataMessage(data)))
}
