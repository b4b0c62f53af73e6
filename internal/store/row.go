// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/duck"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/sqlgen"
)

// A Row is one row of a variable as DISP shows them: of rows that look the same
// it is the first.
type Row struct {
	Number int64 // counted from 1
	Same   int64 // further rows of the variable that look the same
	Parts  []RowPart
}

// A RowPart is an entity that a row shows: the only one, or after JOIN one of
// several. What GROUP computed is a part without an entity: its ID is "".
type RowPart struct {
	Type string
	ID   string
	Key  string // from what the id was made

	ent      int32
	rec      int64 // if inRecord
	inRecord bool  // the entity is in one record
	added    []string
}

// OfRecord reports whether the row has an attribute from its record and not from
// its entity, as after TIMESTAMPED.
func (p RowPart) OfRecord(attr string) bool { return slices.Contains(p.added, attr) }

// Rows returns rows of a variable in the order of DISP, at most limit behind the
// first offset ones, and how many there are in all.
func (s *Store) Rows(ctx context.Context, id plan.SnapshotID, offset, limit int64) ([]Row, int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	snap, ok := s.snapshots[id]
	if !ok {
		return nil, 0, errNoSnapshot
	}
	if snap.info.Rows == 0 {
		return nil, 0, nil
	}
	p := &picker{offset: offset, limit: limit}
	if snap.Attrs == nil && !snap.Records && snap.Columns == nil && len(snap.Joined) == 0 {
		// Each row has its own id.
		p.total = snap.info.Rows
		for n := offset; n < min(offset+limit, p.total); n++ {
			p.rows = append(p.rows, Row{Number: n + 1})
			p.seqs = append(p.seqs, n)
		}
	} else if err := s.pick(ctx, id, snap, p); err != nil {
		return nil, 0, err
	}
	return p.rows, p.total, s.identifyRows(ctx, snap, p)
}

// A picker collects the rows that DISP shows.
type picker struct {
	offset, limit int64
	total         int64
	rows          []Row
	seqs          []int64 // places of rows in the snapshot
}

// pick goes over all rows of a snapshot as DISP does.
func (s *Store) pick(ctx context.Context, id plan.SnapshotID, snap *snapshot, p *picker) error {
	n := &plan.Variable{Entity: snap.Entity, Snapshot: id}
	_, paths, err := s.viewed(peel(n, Display), Display)
	if err != nil {
		return err
	}
	st, fields, err := sqlgen.Select(tables{s}, n, paths)
	if err != nil {
		return attributeError(err, snap.Entity)
	}
	res, err := s.query(ctx, st)
	if err != nil {
		return err
	}
	defer res.Close()
	first := make(map[contentKey]int64) // numbers of rows by content
	var buf []byte
	for res.Next() {
		var null bool
		if buf, null = rowContent(buf[:0], res, fields); null {
			continue
		}
		key := s.catalog.seeds.key(buf)
		number, old := first[key]
		if !old {
			p.total++
			number = p.total
			first[key] = number
		}
		i := number - 1 - p.offset
		switch {
		case i < 0 || i >= p.limit:
		case old:
			p.rows[i].Same++
		default:
			p.rows = append(p.rows, Row{Number: number})
			p.seqs = append(p.seqs, res.Int(0))
		}
	}
	return nil
}

// rowContent appends the values of a row, and reports whether all are null.
func rowContent(dst []byte, res *duck.Result, fields []sqlgen.Field) ([]byte, bool) {
	null := true
	for _, f := range fields {
		v := read(res, f)
		null = null && v.IsNull()
		dst = appendValue(dst, v)
	}
	return dst, null
}

// identifyRows fills in the parts of rows.
func (s *Store) identifyRows(ctx context.Context, snap *snapshot, p *picker) error {
	if len(p.rows) == 0 {
		return nil
	}
	parts := snap.Parts()
	columns := []string{"seq"}
	for k := range parts {
		ent, rec := snap.EntityColumns(k)
		columns = append(columns, cmp.Or(ent, "NULL")+"::BIGINT", cmp.Or(rec, "NULL")+"::BIGINT")
	}
	places := make(map[int64]int, len(p.seqs))
	for i, seq := range p.seqs {
		places[seq] = i
	}
	res, err := s.db.Query(ctx, fmt.Sprintf("SELECT %s FROM %s WHERE seq IN (SELECT unnest($1::BIGINT[]))", strings.Join(columns, ", "), snap.Table), p.seqs)
	if err != nil {
		return err
	}
	defer res.Close()
	var ents []int64
	for res.Next() {
		r := &p.rows[places[res.Int(0)]]
		for k, part := range parts {
			of := RowPart{Type: part.Entity, added: part.Added, ent: -1}
			if !res.Null(2*k + 1) {
				of.ent = int32(res.Int(2*k + 1))
				ents = append(ents, int64(of.ent))
			}
			if of.inRecord = !res.Null(2*k + 2); of.inRecord {
				of.rec = res.Int(2*k + 2)
			}
			r.Parts = append(r.Parts, of)
		}
	}
	found, err := s.knownOf(ctx, ents)
	for i := range p.rows {
		for k := range p.rows[i].Parts {
			part := &p.rows[i].Parts[k]
			part.ID, part.Key = found[part.ent].id, found[part.ent].key
		}
	}
	return err
}

// A known is an entity as the table of entities has it.
type known struct {
	ent     int32
	typ     int // the number of its type
	id, key string
}

// knownOf describes entities by number.
func (s *Store) knownOf(ctx context.Context, ents []int64) (map[int32]known, error) {
	out := make(map[int32]known, len(ents))
	names := make(map[int]string)
	for _, t := range s.catalog.types {
		names[t.n] = t.name
	}
	res, err := s.db.Query(ctx, "SELECT ent::BIGINT, id, uuid::VARCHAR, kind::BIGINT, type::BIGINT FROM entity WHERE ent IN (SELECT unnest($1::BIGINT[]))", ents)
	if err != nil {
		return nil, err
	}
	defer res.Close()
	for res.Next() {
		e := known{ent: int32(res.Int(0)), typ: int(res.Int(4)), key: entity.IDKind(res.Int(3)).String()}
		if res.Null(1) {
			e.id = names[e.typ] + "--" + res.Text(2)
		} else {
			e.id = res.Text(1)
		}
		out[e.ent] = e
	}
	return out, nil
}
