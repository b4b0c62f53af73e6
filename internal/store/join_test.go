// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"errors"
	"testing"

	"github.com/kestrelhunt/kestrel/plan"
)

func TestJoinOfTooMany(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	v := given(t, s, "process", "new 1", "name=a pid=1", "name=a pid=2", "name=a pid=3", "name=b pid=4")
	join := &plan.Join{Left: v, Right: v, LeftAttr: path(t, "name"), RightAttr: path(t, "name"), Max: 10}
	info, _ := s.Info(keep(t, s, join).Snapshot)
	equal(t, "as many as there may be", 10, info.Rows)
	few := *join
	few.Max = 9
	_, err := s.Materialize(t.Context(), &few)
	if many, ok := errors.AsType[*TooManyError](err); !ok || many.Max != 9 {
		t.Fatalf("Materialize: error = %v, want a TooManyError", err)
	}
	res, err := s.db.Query(t.Context(), "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'v' || $1::BIGINT", int64(s.last))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Close()
	if !res.Next() || res.Int(0) != 0 {
		t.Error("the table of the join that failed is still there")
	}
}
