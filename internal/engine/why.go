// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/display"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/store"
	"github.com/kestrelhunt/kestrel/plan"
)

// How much one WHY shows; what is more is counted.
const (
	whyRows    = 10
	whyRecords = 20
	whyValues  = 20
)

// why shows which records a variable, a row of it or one value comes from, and
// the steps that led there.
func (b *block) why(ctx context.Context, s *plan.Why) error {
	sym := b.symbols[s.Of.Name]
	var err error
	switch {
	case s.Row == 0:
		err = b.whyAll(ctx, s, sym)
	case sym.Info.Groups:
		err = b.whyGroup(ctx, s, sym)
	case len(s.Attr.Steps) == 0:
		err = b.whyRow(ctx, s, sym)
	default:
		err = b.whyValue(ctx, s, sym)
	}
	if err != nil {
		return err
	}
	x := &explainer{Engine: b.Engine, left: maxExplained, seen: make(map[*origin]bool)}
	b.show(&display.Tree{Roots: []*display.Branch{x.steps(sym.origin)}})
	return nil
}

// whyAll shows the first rows of a variable, and the first records in which its
// entities were seen.
func (b *block) whyAll(ctx context.Context, s *plan.Why, sym *Symbol) error {
	if sym.Info.Rows == 0 {
		b.report(diag.Diagnostic{
			Code: diag.UndefinedRow, Severity: diag.Warning, Span: s.Of.Span(),
			Message: "variable " + s.Of.Name + " is empty, so no record tells of it",
			Hint:    "EXPLAIN ANALYZE " + s.Of.Name + " says what each of its steps found",
		})
		return nil
	}
	if sym.Info.Groups {
		return b.whyGroups(ctx, sym)
	}
	rows, total, err := b.cfg.Store.Rows(ctx, sym.Snapshot, 0, whyRows)
	if err != nil {
		return err
	}
	t, err := b.rowTable(ctx, sym, rows)
	if err != nil {
		return err
	}
	t.Cut, t.Total = total > int64(len(rows)), total
	b.show(t)
	list, tally, err := b.cfg.Store.Evidence(ctx, variableOf(sym), whyRecords)
	if err != nil {
		return err
	}
	b.show(b.evidenceTable(list, tally.Total()))
	return nil
}

// rowTable shows rows by what tells their entities apart, with the number of
// records of each.
func (b *block) rowTable(ctx context.Context, sym *Symbol, rows []store.Row) (*display.Table, error) {
	shown, err := b.cfg.Store.Table(ctx, &plan.Limit{Input: variableOf(sym), Count: int64(len(rows))}, store.Display)
	if err != nil {
		return nil, err
	}
	t := &display.Table{Columns: []string{"row"}}
	picked := telling(sym.Type, shown)
	for _, c := range picked {
		t.Columns = append(t.Columns, shown.Columns[c])
	}
	t.Columns = append(t.Columns, "id", "records")
	for i, r := range rows {
		_, tally, err := b.cfg.Store.PartEvidence(ctx, r.Parts[0], 1)
		if err != nil {
			return nil, err
		}
		row := []entity.Value{entity.IntValue(r.Number)}
		for _, c := range picked {
			row = append(row, shown.Rows[i][c])
		}
		t.Rows = append(t.Rows, append(row, some(r.Parts[0].ID), entity.IntValue(tally.Records)))
	}
	return t, nil
}

// telling returns the columns that tell a hunter which entity a row is, as far as
// they have values.
func telling(typ string, t *store.Table) []int {
	var out []int
	for i, name := range t.Columns {
		if name != "name" && name != "value" && !slices.Contains(entity.IdentityAttrs(typ), name) {
			continue
		}
		if slices.ContainsFunc(t.Rows, func(row []entity.Value) bool { return !row[i].IsNull() }) {
			out = append(out, i)
		}
	}
	return out
}

func variableOf(sym *Symbol) *plan.Variable {
	return &plan.Variable{Name: sym.Name, Entity: sym.Type, Snapshot: sym.Snapshot}
}

// row returns the row that a WHY asks for. That there is none is a
// diag.Diagnostic.
func (b *block) row(ctx context.Context, s *plan.Why, sym *Symbol) (store.Row, int64, error) {
	rows, total, err := b.cfg.Store.Rows(ctx, sym.Snapshot, s.Row-1, 1)
	if err != nil || len(rows) == 1 {
		return append(rows, store.Row{})[0], total, err
	}
	d := diag.Diagnostic{
		Code: diag.UndefinedRow, Span: s.RowAt,
		Message: fmt.Sprintf("variable %s has %s, and no row %d", s.Of.Name, counted(total, "row"), s.Row),
		Hint:    "rows count from 1 in the order of DISP " + s.Of.Name,
	}
	switch {
	case total == 0 && sym.Info.Rows > 0:
		d.Message = fmt.Sprintf("no row of variable %s has a value, so there is no row %d", s.Of.Name, s.Row)
		d.Hint = "ask WHY of the variable that it was made from"
	case total == 0:
		d.Message = fmt.Sprintf("variable %s is empty: it has no row %d", s.Of.Name, s.Row)
		d.Hint = "EXPLAIN ANALYZE " + s.Of.Name + " says what each of its steps found"
	}
	return store.Row{}, 0, d
}

// counted writes a number with what it counts.
func counted(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// whyRow shows what a row is, and the records in which its entity was seen; of a
// joined row each entity, and of one that was found from where.
func (b *block) whyRow(ctx context.Context, s *plan.Why, sym *Symbol) error {
	row, total, err := b.row(ctx, s, sym)
	if err != nil {
		return err
	}
	for _, part := range row.Parts {
		list, tally, err := b.cfg.Store.PartEvidence(ctx, part, whyRecords)
		if err != nil {
			return err
		}
		d := rowFacts(sym, row, total, part)
		if part.ID == "" {
			b.show(d)
			continue
		}
		d.Pairs = append(d.Pairs, number("Records", tally.Records))
		b.show(d)
		b.show(b.evidenceTable(list, tally.Total()))
	}
	from, err := b.foundFrom(ctx, sym.origin, row.Parts[0])
	if from == nil || err != nil {
		return err
	}
	return b.showFoundFrom(ctx, from)
}

// rowFacts says which row and which of its entities a WHY is about.
func rowFacts(sym *Symbol, row store.Row, total int64, part store.RowPart) *display.Dict {
	d := &display.Dict{Pairs: []display.Pair{
		text("Variable", sym.Name),
		text("Row", fmt.Sprintf("%d of %d", row.Number, total)),
	}}
	if row.Same > 0 {
		d.Pairs = append(d.Pairs, number("Further Rows That Look The Same", row.Same))
	}
	if part.ID == "" {
		d.Pairs = append(d.Pairs, text("Groups Of", part.Type))
		return d
	}
	d.Pairs = append(d.Pairs,
		text("Entity Type", part.Type),
		text("Entity Id", part.ID),
		text("Id Made From", part.Key),
	)
	return d
}

// whyValue shows which records gave a row one value. After a JOIN it is that of
// the first entity that has one.
func (b *block) whyValue(ctx context.Context, s *plan.Why, sym *Symbol) error {
	row, total, err := b.row(ctx, s, sym)
	if err != nil {
		return err
	}
	for _, part := range row.Parts {
		if done, err := b.whyPart(ctx, s, rowFacts(sym, row, total, part), part); done || err != nil {
			return err
		}
	}
	part := row.Parts[0]
	list, tally, err := b.cfg.Store.PartEvidence(ctx, part, whyRecords)
	if err != nil {
		return err
	}
	b.showUntraced(s.Attr.Attr(), rowFacts(sym, row, total, part), part, list, tally)
	return nil
}

// whyPart shows which records gave an entity of a row a value, and reports
// whether it has one.
func (b *block) whyPart(ctx context.Context, s *plan.Why, facts *display.Dict, part store.RowPart) (bool, error) {
	attr := s.Attr.Attr()
	if part.OfRecord(attr) {
		list, _, err := b.cfg.Store.PartEvidence(ctx, part, 1)
		if v, ok := ofRecord(attr, list); ok {
			facts.Pairs = append(facts.Pairs, text("Attribute", attr), display.Pair{Key: "Value", Value: v})
			facts.Pairs = append(facts.Pairs, b.evidenceFacts(list[0])...)
			b.show(facts)
			return true, nil
		}
		return false, err
	}
	traces, err := b.cfg.Store.Trace(ctx, part, s.Attr, whyValues)
	if err != nil || len(traces) == 0 {
		return false, err
	}
	b.show(facts)
	for _, t := range traces {
		b.showTrace(t)
	}
	return true, nil
}

// ofRecord returns a value that a row has of its record, as TIMESTAMPED and its
// like put it there.
func ofRecord(attr string, list []store.Evidence) (entity.Value, bool) {
	if len(list) != 1 {
		return entity.Value{}, false
	}
	switch attr {
	case "first_observed":
		return entity.StringValue(list[0].First.String()), true
	case "last_observed":
		return entity.StringValue(list[0].Last.String()), true
	case "observation_id":
		return entity.StringValue(list[0].Record), true
	case "number_observed":
		return entity.IntValue(list[0].Count), true
	}
	return entity.Value{}, false
}

// showUntraced shows a value that no record gives: the id of an entity, its
// type, or none at all.
func (b *block) showUntraced(attr string, facts *display.Dict, part store.RowPart, list []store.Evidence, tally store.Tally) {
	var v entity.Value
	switch attr {
	case "id":
		v = entity.StringValue(part.ID)
	case "type":
		v = entity.StringValue(part.Type)
	}
	facts.Pairs = append(facts.Pairs, text("Attribute", attr), display.Pair{Key: "Value", Value: v}, number("Records", tally.Records))
	b.show(facts)
	b.show(b.evidenceTable(list, tally.Total()))
}

// showTrace shows the latest value of an attribute, with the record that has it,
// and the values that lost against it.
func (b *block) showTrace(t store.Trace) {
	latest := t.Values[0]
	d := &display.Dict{Pairs: []display.Pair{
		text("Entity", t.ID),
		text("Attribute", t.Attr),
		{Key: "Value", Value: latest.Value},
		number("Records With It", latest.Records),
		number("Other Values", t.Total-1),
	}}
	d.Pairs = append(d.Pairs, b.evidenceFacts(latest.From)...)
	b.show(d)
	if t.Total == 1 {
		return
	}
	var from []store.Evidence
	var values, counts []entity.Value
	for _, v := range t.Values {
		values, counts = append(values, v.Value), append(counts, entity.IntValue(v.Records))
		from = append(from, v.From)
	}
	table := b.evidenceTable(from, t.Total)
	table.Columns = append([]string{t.Attr, "records"}, table.Columns...)
	for i := range table.Rows {
		table.Rows[i] = append([]entity.Value{values[i], counts[i]}, table.Rows[i]...)
	}
	b.show(table)
}
