// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package duck is Kestrel's view of DuckDB, and the only package that knows it:
// an in-memory database, statements with bound values, bulk appends, functions
// written in Go, and Parquet files.
//
// It uses the C interface that the driver exports as package mapping rather
// than database/sql, because appends and results then move whole vectors
// instead of single values. Nothing here knows entities or hunts: package store
// does.
//
// Statements are written by programs. Values always travel as arguments; the
// only text from outside that ever stands in a statement is a file name, and
// that is quoted here. A [DB] cannot reach files at all; [ReadParquet] and
// [WriteParquet] start a second database that reaches the one file that they are
// about. Neither ever looks for extensions, on disk or in the network.
package duck

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// Options configure a DB. The zero Options are good for small data.
type Options struct {
	// Threads is the number of threads of a query; 0 means one, which starts
	// faster than more. SetThreads raises it when data grow.
	Threads int

	// MemoryLimit bounds DuckDB's own memory in bytes; 0 leaves it to DuckDB.
	MemoryLimit int64

	// Spill is the folder that DuckDB makes, when memory is short, and removes
	// at the end. "" means that nothing is spilled: a query that needs more
	// memory fails.
	Spill string

	// Functions can be called in statements by their names.
	Functions []Function
}

// A DB is an in-memory database with one connection. Its methods may be called
// from several goroutines, one at a time.
type DB struct {
	db   mapping.Database
	conn mapping.Connection

	mu     sync.Mutex // guards closed against a late interrupt
	closed bool
}

// Open starts a database. Its tables are kept as they are written, which is
// fast, until Compress is called.
func Open(opts Options) (*DB, error) {
	db, err := open(opts, setting{"checkpoint_threshold", "1000TB"}, setting{"enable_external_access", "false"})
	if err != nil {
		return nil, err
	}
	// Of databases in memory, only an attached one can be compressed.
	if err := db.Exec(context.Background(), "ATTACH ':memory:' AS session (COMPRESS); USE session"); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// Compress compresses what the tables hold: they then take about a quarter of
// the memory, and queries half as much time again.
func (db *DB) Compress(ctx context.Context) error { return db.Exec(ctx, "CHECKPOINT") }

// A setting is a configuration value of DuckDB.
type setting struct{ name, value string }

// open starts a database with the last settings set last: once files are out of
// reach, the folder for spilling cannot be set any more.
func open(opts Options, last ...setting) (*DB, error) {
	settings := []setting{
		{"threads", strconv.Itoa(max(opts.Threads, 1))},
		{"autoinstall_known_extensions", "false"},
		{"autoload_known_extensions", "false"},
		{"temp_directory", opts.Spill},
	}
	if opts.MemoryLimit > 0 {
		settings = append(settings, setting{"memory_limit", strconv.FormatInt(opts.MemoryLimit, 10) + "B"})
	}
	db := new(DB)
	if err := db.start(append(settings, last...)); err != nil {
		return nil, err
	}
	for _, f := range opts.Functions {
		if err := f.register(db.conn); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	return db, nil
}

func (db *DB) start(settings []setting) error {
	var config mapping.Config
	if mapping.CreateConfig(&config) == mapping.StateError {
		return errors.New("duck: create configuration")
	}
	defer mapping.DestroyConfig(&config)
	for _, s := range settings {
		if mapping.SetConfig(config, s.name, s.value) == mapping.StateError {
			return fmt.Errorf("duck: set %s to %q", s.name, s.value)
		}
	}
	var message string
	if mapping.OpenExt("", &db.db, config, &message) == mapping.StateError {
		mapping.Close(&db.db)
		return fmt.Errorf("duck: open: %s", message)
	}
	if mapping.Connect(db.db, &db.conn) == mapping.StateError {
		mapping.Close(&db.db)
		return errors.New("duck: connect")
	}
	return nil
}

// Close ends the database and frees its memory. It is idempotent.
func (db *DB) Close() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.closed {
		return nil
	}
	db.closed = true
	mapping.Disconnect(&db.conn)
	mapping.Close(&db.db)
	return nil
}

// Version returns the version of DuckDB.
func Version() string { return mapping.LibraryVersion() }
