// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/duck"
	"github.com/kestrelhunt/kestrel/sqlgen"
	"github.com/kestrelhunt/kestrel/stix"
)

// A Trace says why an entity has the value of one attribute: which record has
// the latest, and which values lost against it.
type Trace struct {
	ID, Type string // of the entity
	Attr     string // of the entity; a reference if another Trace goes on from there
	Values   []Traced
	Total    int64 // of values; Values may be fewer
}

// A Traced is one value that records, or a hunt, gave an attribute. The latest of
// a Trace counts; it is the first.
type Traced struct {
	Value   entity.Value // of a reference, the id of the entity it leads to
	Records int64        // that have it
	From    Evidence     // the latest that has it
}

// Trace finds out why an entity of a row has its value at path: reference by reference, and
// then the attribute. It ends where no record has a value. Of each attribute at
// most limit values are returned. A path through a list is an *AttributeError.
func (s *Store) Trace(ctx context.Context, part RowPart, path stix.Path, limit int) ([]Trace, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	db, err := s.start()
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(path.Steps, func(step stix.Step) bool { return step.Kind != stix.Key }) {
		return nil, &AttributeError{Type: part.Type, Attr: path.Attr()}
	}
	if part.ID == "" {
		return nil, nil
	}
	t := tracer{s: s, db: db, limit: limit}
	if err := t.follow(ctx, s.catalog.types[part.Type], part.ent, path.Steps); err != nil {
		return nil, err
	}
	return t.out, nil
}

// A tracer follows one path. It names things in the order of package sqlgen: what
// a longer beginning of the path names comes first, and references before
// attributes; the first that the entity has counts.
type tracer struct {
	s     *Store
	db    *duck.DB
	limit int
	out   []Trace
}

func (t *tracer) follow(ctx context.Context, typ *typeTable, ent int32, steps []stix.Step) error {
	if typ == nil || !t.s.sees(typ.step) {
		return nil
	}
	for n := len(steps); n > 0; n-- {
		name := entity.CurrentAttr(typ.name, stix.AttrName(steps[:n]))
		if c := typ.refs[name]; c != nil && t.s.sees(c.step) {
			target, ok, err := t.reference(ctx, typ, ent, c)
			if err != nil {
				return err
			}
			if ok && n < len(steps) {
				return t.follow(ctx, t.s.typeOf(target), target.ent, steps[n:])
			}
			if ok {
				return nil
			}
		}
		if n < len(steps) {
			continue
		}
		if c := typ.named(name); c != nil && t.s.sees(c.step) {
			ok, err := t.attribute(ctx, typ, ent, c)
			if ok || err != nil {
				return err
			}
		}
	}
	return nil
}

// named returns the column of an attribute, or of the attribute of an extension
// whose short form is name; nil if there is none.
func (t *typeTable) named(name string) *column {
	if c, ok := t.plain[name]; ok {
		return c
	}
	for _, c := range t.cols {
		if short, ok := entity.ShortAttr(c.name); ok && short == name && !c.ref {
			return c
		}
	}
	return nil
}

// typeOf returns the table of an entity's type.
func (s *Store) typeOf(e known) *typeTable {
	for _, t := range s.catalog.types {
		if t.n == e.typ {
			return t
		}
	}
	return nil
}

// attribute adds the values that an entity has of an attribute, and reports
// whether there is one.
func (t *tracer) attribute(ctx context.Context, typ *typeTable, ent int32, c *column) (bool, error) {
	other := "NULL"
	if c.other != "" {
		other = "o." + c.other
	}
	field := sqlgen.Field{Cells: []sqlgen.Cell{{Column: 0, Kind: c.kind}, {Column: 1, Tagged: true}}}
	var values []entity.Value
	return t.add(ctx, typ, ent, c.name, "o."+c.ident, other, func(res *duck.Result) {
		values = append(values, read(res, field))
	}, func() ([]entity.Value, error) { return values, nil })
}

// reference adds the entities that a reference of an entity leads to, and
// returns the latest of them.
func (t *tracer) reference(ctx context.Context, typ *typeTable, ent int32, c *column) (known, bool, error) {
	var targets []known
	var ents []int64
	ok, err := t.add(ctx, typ, ent, c.name, "o."+c.ident, "NULL", func(res *duck.Result) {
		ents = append(ents, res.Int(0))
	}, func() ([]entity.Value, error) {
		found, err := t.s.knownOf(ctx, ents)
		if err != nil {
			return nil, err
		}
		values := make([]entity.Value, len(ents))
		for i, n := range ents {
			e := found[int32(n)]
			targets = append(targets, e)
			values[i] = entity.StringValue(e.id)
		}
		return values, nil
	})
	if !ok || err != nil {
		return known{}, false, err
	}
	return targets[0], true, nil
}

// add adds the distinct values of an attribute of an entity, the latest first.
// The query's first two columns are passed to value row by row; values then
// returns what they stand for.
func (t *tracer) add(ctx context.Context, typ *typeTable, ent int32, attr, main, other string,
	value func(*duck.Result), values func() ([]entity.Value, error),
) (bool, error) {
	res, err := t.db.Query(ctx, t.s.valuesQuery(typ, main, other, t.limit), int64(ent))
	if err != nil {
		return false, err
	}
	defer res.Close()
	var total int64
	var counts []int64
	var at []spot
	for res.Next() {
		value(res)
		counts = append(counts, res.Int(2))
		at = append(at, spotOf(res, 3, 4))
		total = res.Int(5)
	}
	if total == 0 {
		return false, nil
	}
	list, err := values()
	if err != nil {
		return false, err
	}
	from, err := t.s.evidenceAt(ctx, at)
	if err != nil {
		return false, err
	}
	owner, err := t.s.knownOf(ctx, []int64{int64(ent)})
	if err != nil {
		return false, err
	}
	trace := Trace{ID: owner[ent].id, Type: typ.name, Attr: attr, Total: total}
	for i, v := range list {
		trace.Values = append(trace.Values, Traced{Value: v, Records: counts[i], From: from[i]})
	}
	t.out = append(t.out, trace)
	return true, nil
}

// valuesQuery asks for the distinct values of an entity's attribute, the latest
// first: main, other, number of records, record and slot of the latest, number of
// values.
func (s *Store) valuesQuery(typ *typeTable, main, other string, limit int) string {
	from, sight := "o.rec, o.slot, o.key FROM "+typ.objects.table+" o", "o"
	if !typ.wide {
		sight = "s"
		from = "s.rec, s.slot, " + sqlgen.SightingKey + " AS key FROM " + typ.sightings.table +
			" s LEFT JOIN record r ON r.rec = s.rec JOIN " + typ.objects.table + " o ON o.obj = s.obj"
	}
	return fmt.Sprintf(`WITH c AS (SELECT %[1]s AS m, %[2]s AS x, %[3]s WHERE %[4]s.ent = $1::INTEGER AND (%[1]s IS NOT NULL OR %[2]s IS NOT NULL) AND %[5]s)
SELECT m, x, count(DISTINCT rec), arg_max({r: rec, s: slot}, key).r, arg_max({r: rec, s: slot}, key).s::BIGINT, count(*) OVER ()
FROM c GROUP BY m, x ORDER BY max(key) DESC LIMIT %[6]d`,
		main, other, from, sight, s.visible(sight), limit)
}
