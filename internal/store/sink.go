// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/kestrelhunt/kestrel/internal/duck"
)

// A field is a column of a table of the database.
type field struct {
	name string
	typ  duck.Type
}

// A sink collects rows for one table of the database. It belongs to whoever
// holds the store; what stands under "database" belongs to the writer, which may
// run at the same time.
type sink struct {
	table  string
	fields []field     // only ever grows, until rolled back
	chunk  *duck.Chunk // being filled; nil: none yet
	rows   int         // in chunk

	// database
	made      int // fields that the table has; 0: there is no table
	committed int // fields that it has whatever happens
	app       *duck.Appender
	spare     []*duck.Chunk
}

func newSink(table string, fields ...field) *sink { return &sink{table: table, fields: fields} }

// addField adds a column to the table and returns its number.
func (k *sink) addField(name string, typ duck.Type) int {
	k.fields = append(k.fields, field{name, typ})
	if k.chunk != nil {
		k.chunk.Columns = append(k.chunk.Columns, duck.NewColumn(typ))
	}
	return len(k.fields) - 1
}

// column returns column i of the chunk, ready for the value of the current row.
func (k *sink) column(i int) *duck.Column {
	c := k.chunk.Columns[i]
	c.Fill(k.rows)
	return c
}

// begin starts a row and returns the chunk's columns.
func (k *sink) begin(w *writer) []*duck.Column {
	if k.chunk == nil {
		k.chunk = w.chunk(k)
	}
	return k.chunk.Columns
}

// end ends a row: columns without a value get NULL. A full chunk goes to the
// writer.
func (k *sink) end(w *writer) {
	k.rows++
	if k.rows == duck.ChunkRows || k.rows%64 == 0 && k.chunk.Heavy() {
		k.flush(w)
	}
}

// flush sends the rows collected so far to the writer.
func (k *sink) flush(w *writer) {
	if k.rows == 0 {
		return
	}
	for _, c := range k.chunk.Columns {
		c.Fill(k.rows)
	}
	chunk := k.chunk
	k.chunk, k.rows = nil, 0
	w.send(job{k, chunk, k.fields})
}

// rollback forgets rows that were not written, and columns that the database
// has forgotten.
func (k *sink) rollback() {
	k.fields = k.fields[:k.committed:k.committed]
	k.made = k.committed
	k.chunk, k.rows, k.spare = nil, 0, nil
}

// exists reports whether the database has the table.
func (k *sink) exists() bool { return k.made > 0 }

// A job is a chunk to append to the table of a sink.
type job struct {
	sink   *sink
	chunk  *duck.Chunk
	fields []field // of the chunk
}

// A writer appends chunks to the database in a goroutine of its own, so that
// the next chunk fills while one is written. Everything happens in one
// transaction, tables included.
type writer struct {
	db     *duck.DB
	ctx    context.Context // ends when nothing more is to be written
	cancel context.CancelFunc
	jobs   chan job
	free   chan freed
	sinks  []*sink       // that this writer wrote to
	err    error         // of the goroutine; read after done
	bad    chan struct{} // closed with the first error
	ended  bool          // jobs is closed
	done   chan struct{} // the goroutine has ended
}

// A freed chunk was written and can be filled again.
type freed struct {
	sink  *sink
	chunk *duck.Chunk
}

// depth is how many chunks may wait to be written.
const depth = 16

// startWriter begins a transaction. It ends with commit or abandon.
func startWriter(ctx context.Context, db *duck.DB) (*writer, error) {
	if err := db.Exec(ctx, "BEGIN"); err != nil {
		return nil, err
	}
	w := &writer{
		db:   db,
		jobs: make(chan job, depth),
		free: make(chan freed, 4*depth),
		done: make(chan struct{}),
		bad:  make(chan struct{}),
	}
	// The writer outlives the call that starts it, and what its context was for.
	w.ctx, w.cancel = context.WithCancel(context.WithoutCancel(ctx))
	go w.run()
	return w, nil
}

// send hands a chunk over. After a failure it drops the chunk.
func (w *writer) send(j job) {
	select {
	case w.jobs <- j:
	case <-w.bad:
	}
}

// failed reports whether a chunk could not be written.
func (w *writer) failed() bool {
	select {
	case <-w.bad:
		return true
	default:
		return false
	}
}

// chunk returns an empty chunk for k.
func (w *writer) chunk(k *sink) *duck.Chunk {
	for more := true; more; {
		select {
		case f := <-w.free:
			f.sink.spare = append(f.sink.spare, f.chunk)
		default:
			more = false
		}
	}
	c := new(duck.Chunk)
	if n := len(k.spare); n > 0 {
		c, k.spare = k.spare[n-1], k.spare[:n-1]
		c.Reset()
	}
	for _, f := range k.fields[len(c.Columns):] {
		c.Columns = append(c.Columns, duck.NewColumn(f.typ))
	}
	return c
}

func (w *writer) run() {
	defer close(w.done)
	for j := range w.jobs {
		if w.err != nil || w.ctx.Err() != nil {
			continue
		}
		if w.err = w.write(j); w.err != nil {
			close(w.bad)
			continue
		}
		select {
		case w.free <- freed{j.sink, j.chunk}:
		default:
		}
	}
}

func (w *writer) write(j job) error {
	k := j.sink
	if k.made < len(j.fields) {
		if err := w.extend(k, j.fields); err != nil {
			return err
		}
	}
	if k.app == nil {
		types := make([]duck.Type, len(j.fields))
		for i, f := range j.fields {
			types[i] = f.typ
		}
		app, err := w.db.Appender(k.table, types...)
		if err != nil {
			return err
		}
		k.app = app
		w.sinks = append(w.sinks, k)
	}
	return k.app.Append(w.ctx, j.chunk)
}

// extend makes the table of k, or adds to it the columns that it lacks.
func (w *writer) extend(k *sink, fields []field) error {
	if k.app != nil {
		app := k.app
		k.app = nil
		if err := app.Close(); err != nil {
			return err
		}
	}
	query := createTable(k.table, fields)
	if k.made > 0 {
		var b strings.Builder
		for _, f := range fields[k.made:] {
			fmt.Fprintf(&b, "ALTER TABLE %s ADD COLUMN %s %s;", k.table, f.name, f.typ)
		}
		query = b.String()
	}
	k.made = len(fields)
	return w.db.Exec(w.ctx, query)
}

func createTable(name string, fields []field) string {
	columns := make([]string, len(fields))
	for i, f := range fields {
		columns[i] = f.name + " " + f.typ.String()
	}
	return "CREATE TABLE " + name + " (" + strings.Join(columns, ", ") + ")"
}

// settle writes what the sinks hold and waits until it is written. Statements of
// the caller then run in the transaction, which commit or abandon ends.
func (w *writer) settle(ctx context.Context, sinks []*sink) error {
	defer context.AfterFunc(ctx, w.cancel)()
	for _, k := range sinks {
		k.flush(w)
	}
	w.end()
	for _, k := range w.sinks {
		if k.app != nil && w.err == nil {
			app := k.app
			k.app = nil
			w.err = app.Close()
		}
	}
	// A column whose first value was in no chunk yet.
	for _, k := range sinks {
		if w.err == nil && k.made > 0 && k.made < len(k.fields) {
			w.sinks = append(w.sinks, k)
			w.err = w.extend(k, k.fields)
		}
	}
	return cmp.Or(w.err, w.ctx.Err())
}

// end waits for the goroutine.
func (w *writer) end() {
	if !w.ended {
		w.ended = true
		close(w.jobs)
	}
	<-w.done
}

// commit ends the transaction.
func (w *writer) commit(ctx context.Context) error {
	if err := w.db.Exec(ctx, "COMMIT"); err != nil {
		return err
	}
	w.cancel()
	for _, k := range w.sinks {
		k.committed = k.made
	}
	return nil
}

// abandon stops writing and undoes the transaction.
func (w *writer) abandon() {
	w.cancel()
	w.end()
	for _, k := range w.sinks {
		if k.app != nil {
			k.app.Discard()
			k.app = nil
		}
	}
	// The transaction may be gone already: DuckDB ends it after some failures.
	_ = w.db.Exec(context.Background(), "ROLLBACK")
}
