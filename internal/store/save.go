// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/duck"
	"github.com/kestrelhunt/kestrel/plan"
)

// Save writes the rows of a plan to a file as Export shows them. The suffix
// says the format, .csv, .json or .parquet, and behind it the compression, .gz,
// .zip, .xz or .zst; a Parquet file is compressed inside, with gzip if .gz says
// so. Missing folders are made. The file appears whole or not at all. Errors wrap
// ErrUnknownFormat if the name says no format that can be written.
func (s *Store) Save(ctx context.Context, n plan.Node, path string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.save(ctx, n, path); err != nil {
		return fmt.Errorf("store: save %s: %w", path, err)
	}
	return nil
}

func (s *Store) save(ctx context.Context, n plan.Node, path string) error {
	f, compression, err := formatOf(path)
	if err != nil {
		return err
	}
	path, err = filepath.Abs(path)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	temp, err := createBeside(path)
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) // when all went well it has another name
	if f == parquetFormat {
		err = errors.Join(temp.Close(), s.saveParquet(ctx, n, temp.Name(), compression == ".gz"))
	} else {
		err = errors.Join(s.saveText(ctx, n, f, temp, compression, path), temp.Close())
	}
	if err != nil {
		return err
	}
	if old, err := os.Stat(path); err == nil {
		if err := os.Chmod(temp.Name(), old.Mode().Perm()); err != nil {
			return err
		}
	}
	return os.Rename(temp.Name(), path)
}

// createBeside makes a file in the folder of path, to be given that name once it
// is whole.
func createBeside(path string) (*os.File, error) {
	for {
		name := filepath.Join(filepath.Dir(path), fmt.Sprintf(".kestrel-%08x", rand.Uint32()))
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

// A rowWriter writes rows to a file.
type rowWriter interface {
	head(columns []Attribute) error
	row(row []entity.Value) error
	end() error
}

func (s *Store) saveText(ctx context.Context, n plan.Node, f format, file io.Writer, compression, path string) error {
	packed, err := compress(file, compression, path)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(packed, 1<<16)
	var w rowWriter = &csvWriter{w: buffered}
	if f == jsonFormat {
		w = &jsonWriter{w: buffered}
	}
	err = s.view(ctx, n, Export, w.head, w.row)
	if err == nil {
		err = w.end()
	}
	return errors.Join(err, buffered.Flush(), packed.Close())
}

// saveParquet writes a Parquet file. A column has the type of all its values, or
// text if they are of several.
func (s *Store) saveParquet(ctx context.Context, n plan.Node, path string, gzip bool) error {
	var p parquetWriter
	err := s.view(ctx, n, Export, func(columns []Attribute) error { return p.begin(ctx, path, columns) }, p.row)
	if p.w == nil {
		return err
	}
	if err == nil {
		err = p.flush()
	}
	if err != nil {
		p.w.Discard()
		return err
	}
	types := make([]duck.Type, len(p.kinds))
	for i, k := range p.kinds {
		types[i] = parquetType(k)
	}
	return p.w.Finish(ctx, types, gzip)
}

type parquetWriter struct {
	ctx   context.Context
	w     *duck.Writer
	chunk *duck.Chunk
	kinds []uint8 // a bit for each kind of value met
}

func (p *parquetWriter) begin(ctx context.Context, path string, columns []Attribute) error {
	names := make([]string, len(columns))
	types := make([]duck.Type, len(columns))
	for i, c := range columns {
		names[i], types[i] = c.Name, duck.Text
	}
	p.ctx, p.chunk, p.kinds = ctx, duck.NewChunk(types...), make([]uint8, len(columns))
	var err error
	p.w, err = duck.WriteParquet(ctx, path, names)
	return err
}

func (p *parquetWriter) row(row []entity.Value) error {
	for i, v := range row {
		if v.IsNull() {
			p.chunk.Columns[i].Null()
			continue
		}
		p.kinds[i] |= 1 << v.Kind()
		p.chunk.Columns[i].Text(v.String())
	}
	if p.chunk.Rows() == duck.ChunkRows || p.chunk.Heavy() {
		return p.flush()
	}
	return nil
}

func (p *parquetWriter) flush() error {
	err := p.w.Append(p.ctx, p.chunk)
	p.chunk.Reset()
	return err
}

func parquetType(kinds uint8) duck.Type {
	switch kinds {
	case 1 << entity.Bool:
		return duck.Bool
	case 1 << entity.Int:
		return duck.Int64
	case 1 << entity.Float, 1<<entity.Float | 1<<entity.Int:
		return duck.Float64
	}
	return duck.Text
}
