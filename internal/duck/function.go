// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package duck

/*
#include <stdlib.h>
extern void kestrelCall(void*, void*, void*);
extern void kestrelRelease(void*);
*/
import "C"

import (
	"fmt"
	"runtime/cgo"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// A Function is a predicate over two texts that statements may call. It is NULL
// if an argument is. It may be called from several threads at once and must not
// keep its arguments.
type Function struct {
	Name string
	Call func(a, b string) bool
}

// register makes f known to the database of conn. DuckDB calls kestrelCall with
// the handle of f and, when the database ends, kestrelRelease.
func (f Function) register(conn mapping.Connection) error {
	fn := mapping.CreateScalarFunction()
	defer mapping.DestroyScalarFunction(&fn)
	text := mapping.CreateLogicalType(mapping.TypeVarchar)
	defer mapping.DestroyLogicalType(&text)
	boolean := mapping.CreateLogicalType(mapping.TypeBoolean)
	defer mapping.DestroyLogicalType(&boolean)

	box := C.malloc(C.size_t(unsafe.Sizeof(cgo.Handle(0))))
	*(*cgo.Handle)(box) = cgo.NewHandle(f.Call)
	mapping.ScalarFunctionSetName(fn, f.Name)
	mapping.ScalarFunctionAddParameter(fn, text)
	mapping.ScalarFunctionAddParameter(fn, text)
	mapping.ScalarFunctionSetReturnType(fn, boolean)
	mapping.ScalarFunctionSetExtraInfo(fn, box, C.kestrelRelease)
	mapping.ScalarFunctionSetFunction(fn, C.kestrelCall)
	if mapping.RegisterScalarFunction(conn, fn) == mapping.StateError {
		return fmt.Errorf("duck: register function %s", f.Name)
	}
	return nil
}

// kestrelRelease frees the handle of a function.
//
//export kestrelRelease
func kestrelRelease(box unsafe.Pointer) {
	(*(*cgo.Handle)(box)).Delete()
	C.free(box)
}

// kestrelCall evaluates a function over one chunk. A panic becomes an error of
// the statement: it must not cross into C.
//
//export kestrelCall
func kestrelCall(info, input, output unsafe.Pointer) {
	fi := mapping.FunctionInfo{Ptr: info}
	defer func() {
		if p := recover(); p != nil {
			mapping.ScalarFunctionSetError(fi, fmt.Sprint(p))
		}
	}()
	call := (*(*cgo.Handle)(mapping.ScalarFunctionGetExtraInfo(fi))).Value().(func(a, b string) bool)
	chunk := mapping.DataChunk{Ptr: input}
	n := int(mapping.DataChunkGetSize(chunk))
	a, b := argument(chunk, 0), argument(chunk, 1)
	result := mapping.Vector{Ptr: output}
	out := unsafe.Slice((*bool)(mapping.VectorGetData(result)), n)
	for i := range out {
		if a.null(i) || b.null(i) {
			mapping.VectorEnsureValidityWritable(result)
			mapping.ValiditySetRowInvalid(mapping.VectorGetValidity(result), mapping.IdxT(i))
			continue
		}
		out[i] = call(a.text(i), b.text(i))
	}
}

func argument(chunk mapping.DataChunk, i int) vector {
	v := mapping.DataChunkGetVector(chunk, mapping.IdxT(i))
	return vector{mapping.VectorGetData(v), mapping.VectorGetValidity(v)}
}

func (v vector) null(row int) bool {
	if v.valid == nil {
		return false
	}
	return *(*uint64)(unsafe.Add(v.valid, row/64*8))&(1<<(row%64)) == 0
}

func (v vector) text(row int) string {
	return (*stringT)(unsafe.Add(v.data, row*int(stringSize))).text()
}
