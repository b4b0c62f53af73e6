// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/display"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/rewrite"
	"github.com/kestrelhunt/kestrel/internal/store"
	"github.com/kestrelhunt/kestrel/plan"
)

// display shows the rows of a step as a table.
func (b *block) display(ctx context.Context, s *plan.Display) error {
	value, err := b.expand(ctx, s.Value)
	if err != nil {
		return err
	}
	t, err := b.cfg.Store.Table(ctx, rewrite.Apply(value), store.Display)
	if err != nil {
		return err
	}
	b.show(&display.Table{Columns: t.Columns, Rows: t.Rows})
	return nil
}

func (b *block) show(d display.Display) { b.out.Displays = append(b.out.Displays, d) }

// info shows what is known of a variable.
func (b *block) info(s *plan.Info) {
	sym := b.symbols[s.Of.Name]
	direct, indirect := b.cfg.Store.Attributes(sym.Snapshot)
	var own, custom []string
	for _, a := range direct {
		if strings.HasPrefix(a.Name, "x_") {
			custom = append(custom, a.Name)
			continue
		}
		own = append(own, a.Name)
	}
	d := &display.Dict{}
	text := func(key, value string) {
		d.Pairs = append(d.Pairs, display.Pair{Key: key, Value: entity.StringValue(value)})
	}
	number := func(key string, value int64) {
		d.Pairs = append(d.Pairs, display.Pair{Key: key, Value: entity.IntValue(value)})
	}
	text("Entity Type", sym.Type)
	if keys := sym.Info.Keys; len(keys) > 0 {
		text("Identified By", strings.Join(keys, ", "))
	}
	number("Number of Entities", sym.Info.Rows)
	number("Number of Records", sym.Info.Records)
	text("Entity Attributes", strings.Join(own, ", "))
	text("Indirect Attributes", "["+strings.Join(groupsOf(nearest(indirect)), ", ")+"]")
	text("Customized Attributes", strings.Join(custom, ", "))
	text("Birth Command", sym.Birth)
	text("Associated Datasource", cmp.Or(sym.Source, "None"))
	text("Dependent Variables", strings.Join(sym.Depends, ", "))
	b.show(d)
}

// nearest leaves out attributes behind more than one reference: with them the
// line would be longer than anyone reads.
func nearest(attrs []store.Attribute) []store.Attribute {
	return slices.DeleteFunc(slices.Clone(attrs), func(a store.Attribute) bool {
		return strings.Count(a.Name, "_ref.") > 1
	})
}

// groupsOf prints attributes behind references, those of one reference together
// in brackets.
func groupsOf(attrs []store.Attribute) []string {
	var out []string
	for i := 0; i < len(attrs); {
		prefix := referenceOf(attrs[i].Name)
		j := i
		var names []string
		for j < len(attrs) && referenceOf(attrs[j].Name) == prefix {
			names = append(names, attrs[j].Name)
			j++
		}
		out = append(out, "["+strings.Join(names, ", ")+"]")
		i = j
	}
	return out
}

// referenceOf returns the part of an attribute's name up to its last reference.
func referenceOf(name string) string {
	if i := strings.LastIndex(name, "_ref."); i >= 0 {
		return name[:i+len("_ref")]
	}
	return name
}

// describe shows statistics of an attribute.
func (b *block) describe(ctx context.Context, s *plan.Describe) error {
	sum, err := b.cfg.Store.Describe(ctx, s.Of.Snapshot, s.Attr)
	if err != nil {
		return err
	}
	d := &display.Dict{Pairs: []display.Pair{{Key: "count", Value: entity.IntValue(sum.Count)}}}
	if sum.Numeric {
		d.Pairs = append(d.Pairs,
			display.Pair{Key: "mean", Value: entity.FloatValue(sum.Mean)},
			display.Pair{Key: "min", Value: sum.Min},
			display.Pair{Key: "max", Value: sum.Max})
	} else {
		d.Pairs = append(d.Pairs,
			display.Pair{Key: "unique", Value: entity.IntValue(sum.Unique)},
			display.Pair{Key: "top", Value: sum.Top},
			display.Pair{Key: "freq", Value: entity.IntValue(sum.Freq)})
	}
	b.show(d)
	return nil
}

// summarize ends the block with what it bound. The related records are those of
// the types of the block's variables, and of any type that has some.
func (b *block) summarize(ctx context.Context) {
	if !b.cfg.Summary || len(b.out.Bound) == 0 {
		return
	}
	related := make([]map[string]int64, len(b.out.Bound))
	columns := make(map[string]bool)
	for i, sym := range b.out.Bound {
		columns[sym.Type] = true
		if !sym.fetched {
			continue
		}
		counts, err := b.cfg.Store.Related(context.WithoutCancel(ctx), sym.Snapshot)
		if err != nil {
			b.report(failure(b.stmts[len(b.stmts)-1].Span(), err))
			return
		}
		related[i] = counts
		for typ, n := range counts {
			if n != 0 {
				columns[typ] = true
			}
		}
	}
	sum := &display.Summary{
		Elapsed: b.cfg.Env.WorldTime()().Sub(b.began),
		Related: slices.Sorted(maps.Keys(columns)),
	}
	for i, sym := range b.out.Bound {
		row := display.SummaryRow{
			Variable: sym.Name,
			Type:     sym.Type,
			Entities: sym.Info.Rows,
			Records:  sym.Info.Records,
			Groups:   sym.Info.Groups,
		}
		for _, typ := range sum.Related {
			row.Related = append(row.Related, related[i][typ])
		}
		sum.Rows = append(sum.Rows, row)
	}
	b.show(sum)
}
