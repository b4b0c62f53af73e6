// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kestrelhunt/kestrel/display"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/store"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// whyGroups shows the first groups of a variable, and the first records that all
// of its groups come from.
func (b *block) whyGroups(ctx context.Context, sym *Symbol) error {
	rows, total, err := b.cfg.Store.Rows(ctx, sym.Snapshot, 0, whyRows)
	if err != nil {
		return err
	}
	shown, err := b.cfg.Store.Table(ctx, &plan.Limit{Input: variableOf(sym), Count: whyRows}, store.Display)
	if err != nil {
		return err
	}
	t := &display.Table{Columns: append([]string{"row"}, shown.Columns...), Cut: total > int64(len(rows)), Total: total}
	for i, r := range rows {
		t.Rows = append(t.Rows, append([]entity.Value{entity.IntValue(r.Number)}, shown.Rows[i]...))
	}
	b.show(t)
	group, o := groupOf(sym.origin)
	if group == nil {
		return nil
	}
	input, err := b.known(ctx, o, group.Input)
	if err != nil {
		return err
	}
	return b.showEvidence(ctx, input)
}

// showEvidence shows the records in which the entities of a plan's rows were
// seen; nothing if it has no entities.
func (b *block) showEvidence(ctx context.Context, n plan.Node) error {
	list, tally, err := b.cfg.Store.Evidence(ctx, n, whyRecords)
	if err != nil {
		return err
	}
	if tally.Total() > 0 {
		b.show(b.evidenceTable(list, tally.Total()))
	}
	return nil
}

// whyGroup shows what a group is made of: the rows that have its keys, and their
// records. A value of it is made of the same rows.
func (b *block) whyGroup(ctx context.Context, s *plan.Why, sym *Symbol) error {
	row, total, err := b.row(ctx, s, sym)
	if err != nil {
		return err
	}
	facts := rowFacts(sym, row, total, store.RowPart{Type: sym.Type})
	shown, err := b.cfg.Store.Table(ctx, &plan.Limit{Input: variableOf(sym), Count: 1, Offset: row.Number - 1}, store.Display)
	if err != nil {
		return err
	}
	values := make(map[string]entity.Value)
	for i, name := range shown.Columns {
		values[name] = shown.Rows[0][i]
	}
	group, o := groupOf(sym.origin)
	input, missing, err := b.contributors(ctx, group, o, values)
	if err != nil {
		return err
	}
	if attr := s.Attr.Attr(); len(s.Attr.Steps) > 0 {
		facts.Pairs = append(facts.Pairs, text("Attribute", attr), display.Pair{Key: "Value", Value: values[attr]})
		if made := computedAs(group, attr); made != "" {
			facts.Pairs = append(facts.Pairs, text("Computed As", made))
		}
	} else {
		b.show(&display.Table{Columns: shown.Columns, Rows: shown.Rows})
	}
	if input == nil {
		facts.Pairs = append(facts.Pairs, text("Contributing Rows", "not known: "+missing))
		b.show(facts)
		return nil
	}
	return b.showContributors(ctx, facts, input, group)
}

// showContributors shows the rows that a group is made of, and their records.
func (b *block) showContributors(ctx context.Context, facts *display.Dict, input plan.Node, group *plan.Group) error {
	count, err := b.cfg.Store.Count(ctx, input)
	if err != nil {
		return err
	}
	facts.Pairs = append(facts.Pairs, number("Contributing Rows", count))
	b.show(facts)
	shown, err := b.cfg.Store.Table(ctx, &plan.Limit{Input: input, Count: whyRows}, store.Display)
	if err != nil {
		return err
	}
	t := ownColumns(shown, group)
	t.Cut, t.Total = count > int64(len(t.Rows)), count
	b.show(t)
	return b.showEvidence(ctx, input)
}

// ownColumns returns a table with the attributes that rows have of their own, not
// behind references, and with those that a GROUP groups by.
func ownColumns(shown *store.Table, group *plan.Group) *display.Table {
	t := &display.Table{Rows: make([][]entity.Value, len(shown.Rows))}
	for i, name := range shown.Columns {
		key := slices.ContainsFunc(group.Keys, func(k plan.GroupKey) bool { return k.Attr.Attr() == name })
		if strings.Contains(name, "_ref.") && !key {
			continue
		}
		t.Columns = append(t.Columns, name)
		for j, row := range shown.Rows {
			t.Rows[j] = append(t.Rows[j], row[i])
		}
	}
	return t
}

// groupOf returns the GROUP that the rows of a variable come from, and the
// statement that has it; nil if there is none, or several.
func groupOf(o *origin) (*plan.Group, *origin) {
	n, o := rootOf(o)
	group, _ := n.(*plan.Group)
	return group, o
}

// contributors returns the rows of a GROUP's input that have the keys of one
// group, whose columns have these values; nil and why if they cannot be told.
func (b *block) contributors(ctx context.Context, group *plan.Group, o *origin, values map[string]entity.Value) (n plan.Node, missing string, err error) {
	if group == nil {
		return nil, "the rows come from more than one GROUP", nil
	}
	var where stix.Expr
	for _, k := range group.Keys {
		v, ok := values[k.Name]
		if !ok {
			return nil, "the rows have no column " + k.Name + "; ask WHY of " + o.name, nil
		}
		e := ofKey(k, v)
		if where == nil {
			where = e
		} else {
			where = &stix.Logic{Op: stix.And, X: where, Y: e}
		}
	}
	input, err := b.known(ctx, o, group.Input)
	if err != nil {
		return nil, "", err
	}
	return &plan.Filter{Input: input, Where: typed(where, input.Type()), At: group.At}, "", nil
}

// typed returns a condition whose paths are of a type.
func typed(e stix.Expr, typ string) stix.Expr {
	switch e := e.(type) {
	case *stix.Logic:
		return &stix.Logic{Op: e.Op, X: typed(e.X, typ), Y: typed(e.Y, typ)}
	case *stix.Comparison:
		c := *e
		c.Path.Type = typ
		return &c
	default: // there are no others
	}
	return e
}

// ofKey is the condition that a row has a key of a group.
func ofKey(k plan.GroupKey, v entity.Value) stix.Expr {
	compare := func(op stix.Op, v entity.Value, mode stix.Mode) stix.Expr {
		return &stix.Comparison{Path: k.Attr, Op: op, Value: literal(v), Mode: mode}
	}
	from, to, binned := binOf(k, v)
	switch {
	case v.IsNull():
		return &stix.Comparison{Path: k.Attr, Op: stix.IsNull}
	case !binned:
		return compare(stix.Equal, v, stix.Mode{})
	}
	mode := stix.Mode{Coerce: k.Unit == 0}
	return &stix.Logic{Op: stix.And, X: compare(stix.GreaterEqual, from, mode), Y: compare(stix.Less, to, mode)}
}

// literal returns a value as an operand of a comparison.
func literal(v entity.Value) *stix.Literal {
	l := &stix.Literal{Kind: stix.StringLit, Value: v}
	switch v.Kind() {
	case entity.Bool:
		l.Kind = stix.BoolLit
	case entity.Int:
		l.Kind = stix.IntLit
	case entity.Float:
		l.Kind = stix.FloatLit
	}
	return l
}

// binOf returns the range of a bin, without its end. Ends of time lack their
// zone, so that they come before all moments of their second, also before those
// with a fraction.
func binOf(k plan.GroupKey, v entity.Value) (from, to entity.Value, ok bool) {
	switch {
	case k.Size <= 0:
		return v, v, false
	case k.Unit > 0:
		t, ok := entity.ParseTime(v.Text())
		end := t.Time().Add(time.Duration(k.Size) * k.Unit).Format("2006-01-02T15:04:05")
		return entity.StringValue(strings.TrimSuffix(v.Text(), "Z")), entity.StringValue(end), ok
	case v.Kind() == entity.Int:
		return v, entity.IntValue(v.Int() + k.Size), true
	case v.Kind() == entity.Float:
		return v, entity.FloatValue(v.Float() + float64(k.Size)), true
	}
	return v, v, false
}

// computedAs says how a column of a GROUP is made; "" if that is not known.
func computedAs(group *plan.Group, name string) string {
	if group == nil {
		return ""
	}
	if i := slices.IndexFunc(group.Aggs, func(a plan.Aggregate) bool { return a.Name == name }); i >= 0 {
		a := group.Aggs[i]
		if a.Func == plan.Rows {
			return "COUNT(*)"
		}
		return fmt.Sprintf("%s(%s)", a.Func, a.Attr.Attr())
	}
	if slices.ContainsFunc(group.Keys, func(k plan.GroupKey) bool { return k.Name == name }) {
		return "key of the groups"
	}
	return ""
}
