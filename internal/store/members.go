// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/kestrelhunt/kestrel/internal/duck"
	"github.com/kestrelhunt/kestrel/sqlgen"
)

// query runs a statement, with its long lists as tables. A million values bound
// one by one take three seconds, as a table a fifth of one.
func (s *Store) query(ctx context.Context, st sqlgen.Statement) (*duck.Result, error) {
	for _, m := range st.Members {
		defer s.drop(ctx, m.Table)
		if err := s.list(ctx, m); err != nil {
			return nil, err
		}
	}
	return s.db.Query(ctx, st.SQL, st.Args...)
}

// list makes the table of a long list.
func (s *Store) list(ctx context.Context, m sqlgen.Members) error {
	switch values := m.Values.(type) {
	case []int64:
		return fillList(ctx, s.db, m.Table, duck.Int64, values, (*duck.Column).Int)
	case []float64:
		return fillList(ctx, s.db, m.Table, duck.Float64, values, (*duck.Column).Float)
	case []string:
		return fillList(ctx, s.db, m.Table, duck.Text, values, func(c *duck.Column, v string) {
			c.Text(strings.ToValidUTF8(v, "\uFFFD"))
		})
	}
	return fmt.Errorf("store: a list of %T cannot be a table", m.Values)
}

func fillList[T any](ctx context.Context, db *duck.DB, table string, typ duck.Type, values []T, put func(*duck.Column, T)) error {
	if err := db.Exec(ctx, createTable(table, []field{{"v", typ}})); err != nil {
		return err
	}
	app, err := db.Appender(table, typ)
	if err != nil {
		return err
	}
	chunk := duck.NewChunk(typ)
	for i, v := range values {
		put(chunk.Columns[0], v)
		if chunk.Rows() < duck.ChunkRows && i < len(values)-1 {
			continue
		}
		if err := app.Append(ctx, chunk); err != nil {
			app.Discard()
			return err
		}
		chunk.Reset()
	}
	return app.Close()
}
