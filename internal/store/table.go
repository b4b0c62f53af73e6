// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"slices"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/sqlgen"
	"github.com/kestrelhunt/kestrel/stix"
)

// A View says which rows and columns a Table has.
type View uint8

// The views.
const (
	// Display has the attributes that a hunter sees; of identical rows only the
	// first, no row that is all nulls. Limits apply to what is left.
	Display View = iota
	// Export has all rows, with the attributes of Display and "type".
	Export
)

// A Table holds rows as they are shown.
type Table struct {
	Columns []string
	Rows    [][]entity.Value
}

// Table runs a plan as Materialize does and returns its rows; it keeps nothing.
// An attribute that is not stored is a column of nulls; one with several values
// ([*]) is an *AttributeError.
func (s *Store) Table(ctx context.Context, n plan.Node, view View) (*Table, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out Table
	err := s.view(ctx, n, view, func(columns []Attribute) error {
		for _, c := range columns {
			out.Columns = append(out.Columns, c.Name)
		}
		return nil
	}, func(row []entity.Value) error {
		out.Rows = append(out.Rows, row)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &out, nil
}

// view calls head with the columns of a view and then yield with each row.
func (s *Store) view(ctx context.Context, n plan.Node, view View, head func([]Attribute) error, yield func([]entity.Value) error) error {
	if _, err := s.start(); err != nil {
		return err
	}
	n, walks, err := s.walked(ctx, n)
	defer func() { s.forget(ctx, walks) }()
	if err != nil {
		return err
	}
	top := peel(n, view)
	columns, paths, err := s.viewed(top, view)
	if err != nil {
		return err
	}
	if err := head(columns); err != nil {
		return err
	}
	if view == Export {
		return s.export(ctx, n, paths, yield)
	}
	return s.show(ctx, top, paths, yield)
}

// viewed returns the columns that a view of rows has, and their paths.
func (s *Store) viewed(top top, view View) ([]Attribute, []stix.Path, error) {
	shape, err := sqlgen.ShapeOf(tables{s}, top.node)
	if err != nil {
		return nil, nil, err
	}
	if top.attrs != nil {
		shape = shape.Project(top.attrs)
	}
	columns := s.columns(shape)
	if view == Export && !slices.ContainsFunc(columns, func(a Attribute) bool { return a.Name == "type" }) {
		columns = append(columns, Attribute{"type", entity.String})
	}
	paths := make([]stix.Path, len(columns))
	for i, c := range columns {
		paths[i] = pathOf(c.Name)
	}
	return columns, paths, nil
}

// exportRows is how many rows of a variable are looked at together when all are
// wanted: a result of very many rows takes more memory than their tables.
const exportRows = 1 << 15

func (s *Store) export(ctx context.Context, n plan.Node, paths []stix.Path, yield func([]entity.Value) error) error {
	v, ok := n.(*plan.Variable)
	if !ok || s.snapshots[v.Snapshot] == nil {
		return s.exportAll(ctx, n, paths, yield)
	}
	for offset := int64(0); offset < s.snapshots[v.Snapshot].info.Rows; offset += exportRows {
		window := &plan.Limit{Input: v, Count: exportRows, Offset: offset}
		if err := s.exportAll(ctx, window, paths, yield); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) exportAll(ctx context.Context, n plan.Node, paths []stix.Path, yield func([]entity.Value) error) error {
	var failed error
	err := s.each(ctx, n, paths, func(row []entity.Value) bool {
		failed = yield(row)
		return failed == nil
	})
	if failed != nil {
		return failed
	}
	return err
}

// A top is a plan without the projection and the limit that end it.
type top struct {
	node   plan.Node
	attrs  []stix.Path
	count  int64 // negative: no bound
	offset int64
}

// peel takes the projection and the limit from the end of a plan that is to be
// displayed: rows are projected and identical ones dropped before they are
// counted.
func peel(n plan.Node, view View) top {
	t := top{node: n, count: -1}
	if view == Export {
		return t
	}
	limited := false
	for {
		switch m := t.node.(type) {
		case *plan.Project:
			if t.attrs == nil {
				t.attrs = m.Attrs
			}
			t.node = m.Input
			continue
		case *plan.Limit:
			if !limited && !m.ByRecord {
				limited = true
				t.node, t.count, t.offset = m.Input, m.Count, m.Offset
				continue
			}
		default: // nothing to do for the others
		}
		return t
	}
}

// show calls yield with the rows of a display.
func (s *Store) show(ctx context.Context, t top, paths []stix.Path, yield func([]entity.Value) error) error {
	if t.count == 0 {
		return nil
	}
	if t.count > 0 {
		return s.showFirst(ctx, t, paths, yield)
	}
	_, err := s.showRows(ctx, t, t.node, paths, yield)
	return err
}

// showFirst looks up the attributes of the first rows only, while these give
// enough different ones. Rows that must be computed are not computed many times:
// if the first do not suffice, all are looked at.
func (s *Store) showFirst(ctx context.Context, t top, paths []stix.Path, yield func([]entity.Value) error) error {
	_, plain := t.node.(*plan.Variable)
	for window := 4*(t.count+t.offset) + 256; ; window *= 16 {
		var rows [][]entity.Value
		n := &plan.Limit{Input: t.node, Count: window}
		if !plain && window > 4*(t.count+t.offset)+256 {
			n.Count = -1
		}
		read, err := s.showRows(ctx, t, n, paths, func(row []entity.Value) error {
			rows = append(rows, row)
			return nil
		})
		if err != nil {
			return err
		}
		if int64(len(rows)) < t.count && read == n.Count {
			continue
		}
		for _, row := range rows {
			if err := yield(row); err != nil {
				return err
			}
		}
		return nil
	}
}

// showRows drops nulls and repetitions, then applies the limit. It returns how
// many rows it read.
func (s *Store) showRows(ctx context.Context, t top, n plan.Node, paths []stix.Path, yield func([]entity.Value) error) (read int64, err error) {
	seen := make(map[contentKey]struct{})
	var buf []byte
	var skipped, shown int64
	var failed error
	err = s.each(ctx, n, paths, func(row []entity.Value) bool {
		read++
		buf = buf[:0]
		null := true
		for _, v := range row {
			null = null && v.IsNull()
			buf = appendValue(buf, v)
		}
		key := s.catalog.seeds.key(buf)
		if _, old := seen[key]; old || null {
			return true
		}
		seen[key] = struct{}{}
		if skipped < t.offset {
			skipped++
			return true
		}
		shown++
		failed = yield(row)
		return failed == nil && (t.count < 0 || shown < t.count)
	})
	if failed != nil {
		err = failed
	}
	return read, err
}
