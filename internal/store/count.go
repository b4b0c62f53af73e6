// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"

	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/sqlgen"
)

// Count runs a plan as Materialize does and returns how many rows it gives; it
// keeps nothing.
func (s *Store) Count(ctx context.Context, n plan.Node) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.start(); err != nil {
		return 0, err
	}
	n, walks, err := s.walked(ctx, n)
	defer func() { s.forget(ctx, walks) }()
	if err != nil {
		return 0, err
	}
	st, _, err := sqlgen.Rows(tables{s}, n)
	if err != nil {
		return 0, err
	}
	st.SQL = "SELECT count(*) FROM (" + st.SQL + ") counted"
	res, err := s.query(ctx, st)
	if err != nil {
		return 0, err
	}
	defer res.Close()
	var rows int64
	if res.Next() {
		rows = res.Int(0)
	}
	return rows, nil
}
