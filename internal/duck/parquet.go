// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package duck

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// A Parquet is a Parquet file being read, row by row: see Result.
type Parquet struct {
	*Result
	Names []string // of the columns
	JSON  []bool   // of the columns: the text is JSON, of a list or a structure
	db    *DB
}

// ReadParquet opens a Parquet file, named by an absolute path. Columns are Bool,
// Int64, Float64 or Text: numbers that do not fit become floats, times become
// RFC 3339, nested values become JSON. The file must be closed.
func ReadParquet(ctx context.Context, path string) (*Parquet, error) {
	db, err := openFor(ctx, path, Options{})
	if err != nil {
		return nil, err
	}
	p := &Parquet{db: db}
	if err := p.open(ctx, path); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return p, nil
}

func (p *Parquet) open(ctx context.Context, path string) error {
	res, err := p.db.Query(ctx, "DESCRIBE SELECT * FROM read_parquet("+quote(path)+")")
	if err != nil {
		return err
	}
	var aliases, columns []string
	for res.Next() {
		alias := fmt.Sprintf("c%d", len(aliases))
		column, isJSON := parquetColumn(alias, res.Text(1))
		p.Names, p.JSON = append(p.Names, res.Text(0)), append(p.JSON, isJSON)
		aliases, columns = append(aliases, alias), append(columns, column)
	}
	res.Close()
	p.Result, err = p.db.Query(ctx, fmt.Sprintf("SELECT %s FROM read_parquet(%s) t(%s)",
		strings.Join(columns, ", "), quote(path), strings.Join(aliases, ", ")))
	return err
}

// Close closes the file.
func (p *Parquet) Close() error {
	p.Result.Close()
	return p.db.Close()
}

// parquetColumn returns the expression that brings a column of a type of DuckDB
// to one of the types that are read, and whether it gives JSON.
func parquetColumn(column, typ string) (expr string, isJSON bool) {
	base, _, _ := strings.Cut(typ, "(")
	switch {
	case strings.HasSuffix(typ, "]") || base == "STRUCT" || base == "MAP" || base == "UNION" || base == "JSON":
		return "to_json(" + column + ")::VARCHAR", true
	case base == "BOOLEAN" || base == "VARCHAR":
		return column, false
	case base == "TINYINT" || base == "SMALLINT" || base == "INTEGER" || base == "BIGINT" ||
		base == "UTINYINT" || base == "USMALLINT" || base == "UINTEGER":
		return column + "::BIGINT", false
	case base == "FLOAT" || base == "DOUBLE" || base == "DECIMAL" || strings.HasSuffix(base, "HUGEINT") || base == "UBIGINT":
		return column + "::DOUBLE", false
	case strings.HasPrefix(base, "TIMESTAMP"):
		return fmt.Sprintf("regexp_replace(strftime(%s::TIMESTAMP_NS, '%%Y-%%m-%%dT%%H:%%M:%%S.%%n'), '[.]?0*$', '') || 'Z'", column), false
	case base == "BLOB":
		return "coalesce(TRY(decode(" + column + ")), hex(" + column + "))", false
	}
	return column + "::VARCHAR", false
}

// writerMemory is how much of a file to be written is kept in memory; the rest
// waits on disk beside the file.
const writerMemory = 512 << 20

// A Writer collects the rows of a file to be written.
type Writer struct {
	db    *DB
	app   *Appender
	path  string
	names []string
}

// WriteParquet begins a Parquet file, named by an absolute path, with columns of
// text, named in order. It must be finished or discarded.
func WriteParquet(ctx context.Context, path string, names []string) (*Writer, error) {
	db, err := openFor(ctx, path, Options{MemoryLimit: writerMemory, Spill: path + ".spill"})
	if err != nil {
		return nil, err
	}
	columns := make([]string, len(names))
	types := make([]Type, len(names))
	for i := range names {
		columns[i], types[i] = fmt.Sprintf("c%d VARCHAR", i), Text
	}
	w := &Writer{db: db, path: path, names: names}
	if err = db.Exec(ctx, "CREATE TABLE file ("+strings.Join(columns, ", ")+")"); err == nil {
		w.app, err = db.Appender("file", types...)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return w, nil
}

// Append adds rows.
func (w *Writer) Append(ctx context.Context, c *Chunk) error { return w.app.Append(ctx, c) }

// Finish writes the file, with column i as type types[i]: Bool, Int64, Float64
// or Text. Its compression is gzip, or else snappy.
func (w *Writer) Finish(ctx context.Context, types []Type, gzip bool) error {
	app := w.app
	w.app = nil
	if err := app.Close(); err != nil {
		return errors.Join(err, w.db.Close())
	}
	columns := make([]string, len(w.names))
	for i, name := range w.names {
		columns[i] = fmt.Sprintf(`c%d::%s AS "%s"`, i, types[i], strings.ReplaceAll(name, `"`, `""`))
	}
	codec := "snappy"
	if gzip {
		codec = "gzip"
	}
	err := w.db.Exec(ctx, fmt.Sprintf("COPY (SELECT %s FROM file) TO %s (FORMAT parquet, COMPRESSION %s, USE_TMP_FILE false)",
		strings.Join(columns, ", "), quote(w.path), codec))
	return errors.Join(err, w.db.Close())
}

// Discard ends a file that is not to be written.
func (w *Writer) Discard() {
	if w.app != nil {
		w.app.Discard()
		w.app = nil
	}
	_ = w.db.Close() // nothing is lost with it
}

// openFor starts a database that can reach one file, and nothing else.
func openFor(ctx context.Context, path string, opts Options) (*DB, error) {
	db, err := open(opts)
	if err != nil {
		return nil, err
	}
	err = db.Exec(ctx, "SET allowed_paths = ["+quote(path)+"]; SET enable_external_access = false; SET lock_configuration = true")
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// quote returns a text as a literal of SQL. It is for file names, which cannot
// always be arguments; values are arguments.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
