// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package duck

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// Exec runs statements that take no arguments and return nothing, separated by
// semicolons.
func (db *DB) Exec(ctx context.Context, statements string) error {
	var res mapping.Result
	defer mapping.DestroyResult(&res)
	return db.watch(ctx, func() error {
		if mapping.Query(db.conn, statements, &res) == mapping.StateError {
			return failed(statements, mapping.ResultError(&res))
		}
		return nil
	})
}

// Query runs one statement. An argument stands for a question mark with its
// number: ?1, ?2. It is an int64, a float64, a bool, a string, nil, or a slice
// of int64, float64 or string, which is a list of the statement. The result,
// which is all in memory, must be closed.
func (db *DB) Query(ctx context.Context, statement string, args ...any) (*Result, error) {
	res := new(Result)
	err := db.watch(ctx, func() error { return db.run(statement, args, &res.res) })
	if err != nil {
		res.Close()
		return nil, err
	}
	res.describe()
	return res, nil
}

// Run is Query for a statement whose result does not matter.
func (db *DB) Run(ctx context.Context, statement string, args ...any) error {
	res, err := db.Query(ctx, statement, args...)
	if err != nil {
		return err
	}
	res.Close()
	return nil
}

// SetThreads sets the number of threads of a query.
func (db *DB) SetThreads(ctx context.Context, n int) error {
	return db.Exec(ctx, "SET threads = "+strconv.Itoa(max(n, 1)))
}

func (db *DB) run(statement string, args []any, out *mapping.Result) error {
	var stmt mapping.PreparedStatement
	defer mapping.DestroyPrepare(&stmt)
	if mapping.Prepare(db.conn, statement, &stmt) == mapping.StateError {
		return failed(statement, mapping.PrepareError(stmt))
	}
	if n := int(mapping.NParams(stmt)); n != len(args) {
		return fmt.Errorf("duck: %d arguments for %d parameters of %s", len(args), n, clip(statement))
	}
	for i, arg := range args {
		if err := bind(stmt, mapping.IdxT(i+1), arg); err != nil {
			return fmt.Errorf("duck: bind argument %d of %s: %w", i+1, clip(statement), err)
		}
	}
	if mapping.ExecutePrepared(stmt, out) == mapping.StateError {
		return failed(statement, mapping.ResultError(out))
	}
	return nil
}

func bind(stmt mapping.PreparedStatement, i mapping.IdxT, arg any) error {
	var state mapping.State
	switch arg := arg.(type) {
	case nil:
		state = mapping.BindNull(stmt, i)
	case int64:
		state = mapping.BindInt64(stmt, i, arg)
	case float64:
		state = mapping.BindDouble(stmt, i, arg)
	case bool:
		state = mapping.BindBoolean(stmt, i, arg)
	case string:
		state = mapping.BindVarchar(stmt, i, strings.ToValidUTF8(arg, "\uFFFD"))
	case []int64:
		state = bindList(stmt, i, mapping.TypeBigInt, arg, mapping.CreateInt64)
	case []float64:
		state = bindList(stmt, i, mapping.TypeDouble, arg, mapping.CreateDouble)
	case []string:
		state = bindList(stmt, i, mapping.TypeVarchar, arg, func(s string) mapping.Value {
			s = strings.ToValidUTF8(s, "\uFFFD")
			return mapping.CreateVarcharLength(s, mapping.IdxT(len(s)))
		})
	default:
		return fmt.Errorf("type %T is none of a value", arg)
	}
	if state == mapping.StateError {
		return errors.New("refused")
	}
	return nil
}

func bindList[T any](stmt mapping.PreparedStatement, i mapping.IdxT, typ mapping.Type, items []T, value func(T) mapping.Value) mapping.State {
	elem := mapping.CreateLogicalType(typ)
	defer mapping.DestroyLogicalType(&elem)
	values := make([]mapping.Value, len(items))
	for j, item := range items {
		values[j] = value(item)
	}
	list := mapping.CreateListValue(elem, values)
	for j := range values {
		mapping.DestroyValue(&values[j])
	}
	defer mapping.DestroyValue(&list)
	return mapping.BindValue(stmt, i, list)
}

// watch runs f, which calls DuckDB, and interrupts it when ctx ends. A statement
// may begin just after an interrupt, which then is lost; so it is repeated until
// f returns.
func (db *DB) watch(ctx context.Context, f func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	returned := make(chan struct{})
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		for {
			mapping.Interrupt(db.conn)
			select {
			case <-returned:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	})
	err := f()
	close(returned)
	if !stop() {
		<-ended
		if err != nil {
			return ctx.Err()
		}
	}
	return err
}

// ErrOutOfMemory means that a statement needs more memory than it may have.
var ErrOutOfMemory = errors.New("out of memory")

// failed makes the error of a statement. The message of DuckDB may quote values;
// callers show it only as a cause.
func failed(statement, message string) error {
	return fmt.Errorf("duck: run %s: %w", clip(statement), failure(message))
}

// failure makes an error of a message of DuckDB, of which the first line says
// what is wrong, and the others how to configure DuckDB.
func failure(message string) error {
	first, _, _ := strings.Cut(message, "\n")
	if strings.HasPrefix(message, "Out of Memory Error") || strings.Contains(first, "could not allocate block") {
		return fmt.Errorf("%w: %s", ErrOutOfMemory, first)
	}
	return errors.New(first)
}

func clip(statement string) string {
	const limit = 200
	if len(statement) > limit {
		statement = strings.ToValidUTF8(statement[:limit], "") + "..."
	}
	return strconv.Quote(statement)
}
