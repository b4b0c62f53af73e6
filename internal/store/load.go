// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/duck"
	"github.com/kestrelhunt/kestrel/plan"
)

// Load is AppendRows with the rows of a file: CSV, JSON (an array of objects, or
// of texts) or Parquet, plain or compressed, recognised by content. The type is
// what the file's type column says, else typ. Errors wrap fs.ErrNotExist,
// ErrUnknownFormat, ErrMissingType or ErrMixedTypes where these are the cause.
func (s *Store) Load(ctx context.Context, path, typ, seed string) (plan.SnapshotID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := &loader{s: s, ctx: ctx, typ: typ, seed: seed}
	err := l.read(path)
	if err == nil {
		err = l.flush()
	}
	if err == nil && l.to == nil {
		err = l.begin(typ)
	}
	if err != nil {
		if l.to != nil {
			l.to.abort()
		}
		return 0, fmt.Errorf("store: load %s: %w", path, err)
	}
	return l.to.finish(ctx)
}

// A loader turns the rows of a file into entities.
type loader struct {
	s    *Store
	ctx  context.Context
	typ  string // "" if the command names none
	seed string
	to   *giver // nil before the type is known
	rows [][]entity.Attr
}

// batchRows is how many rows are stored at once.
const batchRows = 4096

// row takes one row: its attributes, the type among them if the file says it.
func (l *loader) row(attrs []entity.Attr) error {
	typ := l.typ
	if i := slices.IndexFunc(attrs, func(a entity.Attr) bool { return a.Name == "type" }); i >= 0 {
		if said := attrs[i].Value; !said.IsNull() {
			typ = said.String()
		}
		attrs = slices.Delete(attrs, i, i+1)
	}
	switch {
	case l.to != nil && typ != l.to.typ:
		return &TypesError{Types: slices.Sorted(slices.Values([]string{l.to.typ, typ}))}
	case typ == "":
		return ErrMissingType
	case l.to == nil:
		if err := l.begin(typ); err != nil {
			return err
		}
	}
	l.rows = append(l.rows, attrs)
	if len(l.rows) == batchRows {
		return l.flush()
	}
	return nil
}

// text takes a row that is a single text.
func (l *loader) text(v entity.Value) error {
	if l.typ == "" {
		return ErrMissingType
	}
	return l.row([]entity.Attr{{Name: entity.SingleAttr(l.typ), Value: v}})
}

func (l *loader) begin(typ string) error {
	if typ == "" {
		return ErrMissingType
	}
	var err error
	l.to, err = l.s.give(l.ctx, typ, l.seed)
	return err
}

func (l *loader) flush() error {
	if err := l.ctx.Err(); err != nil {
		return err
	}
	if len(l.rows) == 0 {
		return nil
	}
	rows := l.rows
	l.rows = nil
	return l.to.add(rows)
}

// read finds out the format of a file and reads it.
func (l *loader) read(path string) error {
	c, err := openContent(path)
	if err != nil {
		return err
	}
	return errors.Join(l.content(c, path), c.Close())
}

func (l *loader) content(c *content, path string) error {
	if head, _ := c.Peek(len(utf8Mark)); bytes.Equal(head, utf8Mark) {
		if _, err := c.Discard(len(utf8Mark)); err != nil {
			return err
		}
	}
	head, err := c.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	switch first := firstByte(head); {
	case bytes.HasPrefix(head, parquetMagic):
		return l.parquet(c, path)
	case first == '[' || first == '{':
		return l.json(c)
	case first == '<' || !isText(head):
		return ErrUnknownFormat
	}
	return l.csv(c)
}

// firstByte returns the first byte that is no white space, 0 if there is none.
func firstByte(b []byte) byte {
	b = bytes.TrimLeft(b, " \t\r\n")
	if len(b) == 0 {
		return 0
	}
	return b[0]
}

// isText reports whether the beginning of a file is text: UTF-8 that may be cut
// at the end, without control characters that text does not have.
func isText(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && n == 1 && (len(b) >= utf8.UTFMax || utf8.FullRune(b)):
			return false
		case r < ' ' && r != '\t' && r != '\n' && r != '\r' && r != '\f' && r != 0x1b:
			return false
		}
		b = b[n:]
	}
	return true
}

// parquet reads a Parquet file. One that was compressed as a whole is written to
// a temporary file first: its end must be read before its beginning.
func (l *loader) parquet(c *content, path string) error {
	if !c.plain {
		f, err := os.CreateTemp("", "kestrel-*.parquet")
		if err != nil {
			return err
		}
		defer os.Remove(f.Name())
		if _, err := io.Copy(f, c); err != nil {
			return errors.Join(err, f.Close())
		}
		if err := f.Close(); err != nil {
			return err
		}
		path = f.Name()
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	p, err := duck.ReadParquet(l.ctx, path)
	if err != nil {
		return invalidParquet(l.ctx, err)
	}
	return errors.Join(l.parquetRows(p), p.Close())
}

// invalidParquet says what DuckDB found, without what it was asked.
func invalidParquet(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, duck.ErrOutOfMemory) {
		return err
	}
	_, reason, _ := strings.Cut(err.Error(), "Error: ")
	return &ContentError{"invalid Parquet: " + cmp.Or(reason, err.Error())}
}

func (l *loader) parquetRows(p *duck.Parquet) error {
	names := make([]string, len(p.Names))
	for i, name := range p.Names {
		names[i] = entity.CanonicalAttr(name)
	}
	for p.Next() {
		row := make([]entity.Attr, len(names))
		for i, name := range names {
			row[i] = entity.Attr{Name: name, Value: parquetValue(p, i)}
		}
		if err := l.row(row); err != nil {
			return err
		}
	}
	return nil
}

func parquetValue(p *duck.Parquet, i int) entity.Value {
	switch {
	case p.Null(i):
		return entity.Value{}
	case p.JSON[i]:
		return entity.JSONValue(p.Text(i))
	}
	switch p.Type(i) {
	case duck.Bool:
		return entity.BoolValue(p.Bool(i))
	case duck.Int64:
		return entity.IntValue(p.Int(i))
	case duck.Float64:
		return entity.FloatValue(p.Float(i))
	}
	text := p.Text(i)
	if strings.HasPrefix(text, "[") && json.Valid([]byte(text)) {
		return entity.JSONValue(text) // a list, as Save writes it
	}
	return entity.StringValue(text)
}
