// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package duck

import (
	"fmt"
	"strings"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// A Type is the type of a column.
type Type uint8

// The types of columns that can be appended and read.
const (
	Unsupported Type = iota
	Bool             // BOOLEAN
	Int8             // TINYINT
	Int32            // INTEGER
	Int64            // BIGINT
	Float64          // DOUBLE
	Int128           // HUGEINT
	UUID             // UUID
	Text             // VARCHAR
	Blob             // BLOB
)

var typeNames = [...]string{"", "BOOLEAN", "TINYINT", "INTEGER", "BIGINT", "DOUBLE", "HUGEINT", "UUID", "VARCHAR", "BLOB"}

// String returns the name of the type in SQL.
func (t Type) String() string { return typeNames[t] }

var driverTypes = [...]mapping.Type{
	Bool: mapping.TypeBoolean, Int8: mapping.TypeTinyInt, Int32: mapping.TypeInteger, Int64: mapping.TypeBigInt,
	Float64: mapping.TypeDouble, Int128: mapping.TypeHugeInt, UUID: mapping.TypeUUID,
	Text: mapping.TypeVarchar, Blob: mapping.TypeBlob,
}

func typeOf(t mapping.Type) Type {
	for i, d := range driverTypes {
		if d == t && i > 0 {
			return Type(i)
		}
	}
	return Unsupported
}

// A Result holds the rows of a statement. Next steps through them; the methods
// with a column look at the current row.
type Result struct {
	res   mapping.Result
	chunk mapping.DataChunk
	types []Type
	cols  []vector
	row   int
	rows  int
}

// A vector is one column of the current chunk.
type vector struct {
	data  unsafe.Pointer
	valid unsafe.Pointer // bits; nil: all valid
}

func (r *Result) describe() {
	n := int(mapping.ColumnCount(&r.res))
	r.types = make([]Type, n)
	r.cols = make([]vector, n)
	for i := range n {
		r.types[i] = typeOf(mapping.ColumnType(&r.res, mapping.IdxT(i)))
	}
}

// Columns returns how many columns there are.
func (r *Result) Columns() int { return len(r.types) }

// Name returns the name of a column.
func (r *Result) Name(col int) string { return mapping.ColumnName(&r.res, mapping.IdxT(col)) }

// Type returns the type of a column, Unsupported if its values cannot be read.
func (r *Result) Type(col int) Type { return r.types[col] }

// Next goes to the next row; false at the end.
func (r *Result) Next() bool {
	r.row++
	return r.row < r.rows || r.NextChunk()
}

// NextChunk goes to the first row of the next chunk; false at the end. Int32s and
// Int64s return what a chunk has, which is much faster than row by row.
func (r *Result) NextChunk() bool {
	mapping.DestroyDataChunk(&r.chunk)
	r.chunk = mapping.FetchChunk(r.res)
	r.row, r.rows = 0, 0
	if r.chunk.Ptr == nil {
		return false
	}
	r.rows = int(mapping.DataChunkGetSize(r.chunk))
	for i := range r.cols {
		v := mapping.DataChunkGetVector(r.chunk, mapping.IdxT(i))
		r.cols[i] = vector{mapping.VectorGetData(v), mapping.VectorGetValidity(v)}
	}
	return r.rows > 0
}

// Close frees the result.
func (r *Result) Close() {
	mapping.DestroyDataChunk(&r.chunk)
	mapping.DestroyResult(&r.res)
}

// Null reports whether the value of a column is NULL; the other methods are
// for values that are not.
func (r *Result) Null(col int) bool {
	valid := r.cols[col].valid
	if valid == nil {
		return false
	}
	word := *(*uint64)(unsafe.Add(valid, r.row/64*8))
	return word&(1<<(r.row%64)) == 0
}

// Int returns an Int8, Int32 or Int64.
func (r *Result) Int(col int) int64 {
	data := r.cols[col].data
	switch r.types[col] {
	case Int8:
		return int64(*(*int8)(unsafe.Add(data, r.row)))
	case Int32:
		return int64(*(*int32)(unsafe.Add(data, r.row*4)))
	case Int64:
		return *(*int64)(unsafe.Add(data, r.row*8))
	}
	panic(fmt.Sprintf("duck: Int of column %d, which is %s", col, r.types[col]))
}

// Int32s returns all values of an Int32 in the chunk, which are valid until the
// next. An element that is NULL has any value.
func (r *Result) Int32s(col int) []int32 {
	r.must(col, Int32)
	return unsafe.Slice((*int32)(r.cols[col].data), r.rows)
}

// Int64s is Int32s for an Int64.
func (r *Result) Int64s(col int) []int64 {
	r.must(col, Int64)
	return unsafe.Slice((*int64)(r.cols[col].data), r.rows)
}

// Float returns a Float64.
func (r *Result) Float(col int) float64 {
	r.must(col, Float64)
	return *(*float64)(unsafe.Add(r.cols[col].data, r.row*8))
}

// Bool returns a Bool.
func (r *Result) Bool(col int) bool {
	r.must(col, Bool)
	return *(*bool)(unsafe.Add(r.cols[col].data, r.row))
}

// Text returns a copy of a Text or Blob.
func (r *Result) Text(col int) string { return strings.Clone(r.Peek(col)) }

// Peek returns a Text or Blob that is valid until Next or Close.
func (r *Result) Peek(col int) string {
	if r.types[col] != Text && r.types[col] != Blob {
		panic(fmt.Sprintf("duck: Text of column %d, which is %s", col, r.types[col]))
	}
	return (*stringT)(unsafe.Add(r.cols[col].data, r.row*int(stringSize))).text()
}

func (r *Result) must(col int, t Type) {
	if r.types[col] != t {
		panic(fmt.Sprintf("duck: %s of column %d, which is %s", t, col, r.types[col]))
	}
}

// A stringT is DuckDB's duckdb_string_t (duckdb.h): a text of up to twelve bytes
// lies in it, of a longer one the first four and where the whole lies. The
// address is an integer here, because it may point to memory that the garbage
// collector does not know.
type stringT struct {
	length uint32
	head   [4]byte
	addr   uint64 // or bytes five to twelve
}

const (
	stringSize = unsafe.Sizeof(stringT{})
	inlined    = 12
)

func (s *stringT) text() string {
	if s.length <= inlined {
		return unsafe.String(&s.head[0], int(s.length))
	}
	return unsafe.String(*(**byte)(unsafe.Pointer(&s.addr)), int(s.length))
}
