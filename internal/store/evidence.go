// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/duck"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/sqlgen"
)

// An Evidence is a record in which an entity was seen, with the place of its raw
// form; or a row of a hunt or of a file, that gave the entity without a record.
type Evidence struct {
	Record      string // id; "" if it is no record
	First, Last entity.Time
	Count       int64  // number observed
	Source      string // the data source, as variables show it
	File        string // file or index, as the source names it
	Doc         string // document id, if the source has them

	// The record's first byte in the uncompressed text of File, its length, and
	// the SHA-256 of these bytes in hexadecimal. The hash is "" if the record
	// came without its bytes.
	Offset, Length int64
	Hash           string

	Step int64 // the step that brought the record, or gave the row
	Row  int64 // of what the step gave, counted from 1; 0 for a record
}

// A Tally says how much evidence there is.
type Tally struct {
	Records int64
	Rows    int64 // of hunts and files
}

// Total returns how many of both there are.
func (t Tally) Total() int64 { return t.Records + t.Rows }

// Evidence returns the rows and records in which the entities of a plan's rows
// were seen, at most limit, and how much there is. What hunts and files gave
// comes first, then records in the order of time. Rows that are no entities, as
// those of a GROUP, have none.
func (s *Store) Evidence(ctx context.Context, n plan.Node, limit int) ([]Evidence, Tally, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.start(); err != nil {
		return nil, Tally{}, err
	}
	n, walks, err := s.walked(ctx, n)
	defer func() { s.forget(ctx, walks) }()
	if err != nil {
		return nil, Tally{}, err
	}
	st, shape, err := sqlgen.Rows(tables{s}, n)
	if err != nil {
		return nil, Tally{}, err
	}
	var parts []string
	for k, part := range shape.Parts() {
		ent, rec := shape.EntityColumns(k)
		t := s.catalog.types[part.Entity]
		switch {
		case ent == "" || t == nil || !s.sees(t.step):
		case rec != "":
			parts = append(parts, "SELECT "+rec+" AS rec, NULL::INTEGER AS slot FROM them")
		default:
			parts = append(parts, s.seenQuery(t, "s.ent IN (SELECT "+ent+" FROM them)"))
		}
	}
	if len(parts) == 0 {
		return nil, Tally{}, nil
	}
	st.SQL = "WITH them AS (" + st.SQL + ") " + strings.Join(parts, " UNION ALL ")
	return s.evidence(ctx, st, limit)
}

// PartEvidence is Evidence for the entity of a part of a row: that of its record,
// if it is in one.
func (s *Store) PartEvidence(ctx context.Context, part RowPart, limit int) ([]Evidence, Tally, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.catalog.types[part.Type]
	if t == nil || !s.sees(t.step) || part.ID == "" {
		return nil, Tally{}, nil
	}
	if part.inRecord {
		return s.evidence(ctx, sqlgen.Statement{SQL: "SELECT $1::BIGINT AS rec, NULL::INTEGER AS slot", Args: []any{part.rec}}, limit)
	}
	return s.evidence(ctx, sqlgen.Statement{SQL: s.seenQuery(t, "s.ent = $1::INTEGER"), Args: []any{int64(part.ent)}}, limit)
}

// seenQuery asks in which records, or else in which given rows, entities of a
// type were seen.
func (s *Store) seenQuery(t *typeTable, cond string) string {
	return fmt.Sprintf("SELECT s.rec, CASE WHEN s.rec IS NULL THEN s.slot END AS slot FROM %s s WHERE %s AND %s", t.seenIn().table, cond, s.visible("s"))
}

// visible is the condition that the current step sees a row.
func (s *Store) visible(alias string) string {
	before := s.before()
	if before == 0 {
		return "true"
	}
	return fmt.Sprintf("(%[1]s.rec IS NULL OR %[1]s.rec < %[2]d)", alias, before)
}

// evidence returns what a statement that yields (rec, slot) names, each once.
func (s *Store) evidence(ctx context.Context, st sqlgen.Statement, limit int) ([]Evidence, Tally, error) {
	st.SQL = fmt.Sprintf(`WITH q AS (SELECT DISTINCT rec, slot FROM (%s))
SELECT q.rec, q.slot::BIGINT, count(q.rec) OVER (), count(*) OVER () FROM q LEFT JOIN record r ON r.rec = q.rec
ORDER BY q.rec IS NOT NULL, q.slot, coalesce(r.last, r.first) NULLS FIRST, %s, q.rec LIMIT %d`, st.SQL, recordID, limit)
	res, err := s.query(ctx, st)
	if err != nil {
		return nil, Tally{}, err
	}
	defer res.Close()
	var at []spot
	var tally Tally
	for res.Next() {
		at = append(at, spotOf(res, 0, 1))
		tally = Tally{Records: res.Int(2), Rows: res.Int(3) - res.Int(2)}
	}
	out, err := s.evidenceAt(ctx, at)
	return out, tally, err
}

// recordID is the text of the id of a record under the alias r.
const recordID = "coalesce(r.id, '" + observedData + "' || r.uuid::VARCHAR)"

// A spot is where something was seen: in a record, or without one at a place
// among all that hunts and files gave.
type spot struct {
	rec   int64
	given bool
	slot  int64
}

// spotOf reads a spot from the columns rec and slot of a result.
func spotOf(res *duck.Result, rec, slot int) spot {
	if res.Null(rec) {
		return spot{given: true, slot: res.Int(slot)}
	}
	return spot{rec: res.Int(rec)}
}

// evidenceAt describes spots, in their order.
func (s *Store) evidenceAt(ctx context.Context, at []spot) ([]Evidence, error) {
	var recs []int64
	for _, p := range at {
		if !p.given {
			recs = append(recs, p.rec)
		}
	}
	records, err := s.recordsOf(ctx, recs)
	if err != nil {
		return nil, err
	}
	out := make([]Evidence, len(at))
	for i, p := range at {
		if p.given {
			out[i].Step, out[i].Row = s.catalog.giftOf(p.slot)
		} else {
			out[i] = records[p.rec]
		}
	}
	return out, nil
}

// recordsOf describes records by number.
func (s *Store) recordsOf(ctx context.Context, recs []int64) (map[int64]Evidence, error) {
	out := make(map[int64]Evidence, len(recs))
	if len(recs) == 0 {
		return out, nil
	}
	asked := "true"
	if s.step != 0 {
		asked = fmt.Sprintf("b.question < %d", (s.step+1)<<stepBits)
	}
	res, err := s.db.Query(ctx, fmt.Sprintf(`WITH q AS (SELECT DISTINCT unnest($1::BIGINT[]) AS rec),
b AS (SELECT b.rec, min(b.question) >> %d AS step FROM brought b JOIN q ON q.rec = b.rec WHERE %s GROUP BY b.rec)
SELECT r.rec, %s, r.first, r.first_digits, r.last, r.last_digits, r.number, r.source::BIGINT, r.file::BIGINT, r.doc, r.pos, r.len,
coalesce(l.hash_high, r.hash_high)::VARCHAR, coalesce(l.hash_low, r.hash_low)::VARCHAR, coalesce(b.step, 0)::BIGINT
FROM q JOIN record r ON r.rec = q.rec LEFT JOIN located l ON l.rec = r.rec LEFT JOIN b ON b.rec = r.rec`, stepBits, asked, recordID), recs)
	if err != nil {
		return nil, err
	}
	defer res.Close()
	files := s.catalog.fileNames()
	for res.Next() {
		d := Evidence{
			Record: res.Text(1), First: timeAt(res, 2), Last: timeAt(res, 4), Count: res.Int(6),
			Source: s.catalog.sources[res.Int(7)], File: files[res.Int(8)],
			Offset: res.Int(10), Length: res.Int(11), Step: res.Int(14),
		}
		if !res.Null(9) {
			d.Doc = res.Text(9)
		}
		if d.Length > 0 {
			d.Hash = hexOf(res.Text(12)) + hexOf(res.Text(13))
		}
		out[res.Int(0)] = d
	}
	return out, nil
}

// fileNames returns the names of files and indices by number.
func (c *catalog) fileNames() []string {
	out := make([]string, len(c.files))
	for name, n := range c.files {
		out[n] = name
	}
	return out
}

// timeAt reads a time from two columns.
func timeAt(res *duck.Result, col int) entity.Time {
	if res.Null(col) {
		return entity.Time{}
	}
	return entity.Time{Nanos: res.Int(col), Digits: int8(res.Int(col+1)) + 1}
}

// hexOf writes a signed number of 128 bits as the hexadecimal digits of its
// bytes.
func hexOf(decimal string) string {
	n, ok := new(big.Int).SetString(decimal, 10)
	if !ok {
		return ""
	}
	if n.Sign() < 0 {
		n.Add(n, new(big.Int).Lsh(big.NewInt(1), 128))
	}
	return hex.EncodeToString(n.FillBytes(make([]byte, 16)))
}

// A gift is what one step gave without records: rows, whose objects are numbered
// among all that was ever given.
type gift struct {
	step int64
	rows []int32 // the number of the first object of each row
}

// giftOf returns the step that gave an object, and its row, counted from 1; zeros
// if that is not known.
func (c *catalog) giftOf(slot int64) (step, row int64) {
	i, found := slices.BinarySearchFunc(c.gifts, slot, func(g gift, slot int64) int { return int(int64(g.rows[0]) - slot) })
	if !found {
		i--
	}
	if i < 0 {
		return 0, 0
	}
	g := c.gifts[i]
	j, found := slices.BinarySearchFunc(g.rows, slot, func(first int32, slot int64) int { return int(int64(first) - slot) })
	if !found {
		j--
	}
	return g.step, int64(j) + 1
}
