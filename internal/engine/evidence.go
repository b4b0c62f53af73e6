// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"slices"

	"github.com/kestrelhunt/kestrel/display"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/store"
	"github.com/kestrelhunt/kestrel/plan"
)

// evidenceColumns are what is shown of a record, or of a row that a hunt or a
// file gave.
var evidenceColumns = []struct{ name, long string }{
	{"record", "Record"},
	{"row", "Row"},
	{"first_observed", "First Observed"},
	{"last_observed", "Last Observed"},
	{"number_observed", "Number Observed"},
	{"source", "Data Source"},
	{"file", "File"},
	{"document", "Document"},
	{"offset", "Offset In The Uncompressed Text"},
	{"length", "Length"},
	{"sha256", "SHA-256"},
	{"step", "Step"},
}

// evidenceValues are the values of evidenceColumns.
func (b *block) evidenceValues(e store.Evidence) []entity.Value {
	step := entity.Value{}
	if place := b.stepPlace(e.Step); place != "" {
		step = entity.StringValue(place)
	}
	if e.Row > 0 {
		out := make([]entity.Value, len(evidenceColumns))
		out[1], out[5], out[11] = entity.IntValue(e.Row), b.giver(e.Step), step
		return out
	}
	offset, length := entity.Value{}, entity.Value{}
	if e.Length > 0 {
		length = entity.IntValue(e.Length)
		if e.Doc == "" {
			offset = entity.IntValue(e.Offset)
		}
	}
	return []entity.Value{
		some(e.Record), {}, some(e.First.String()), some(e.Last.String()), entity.IntValue(e.Count),
		some(e.Source), some(e.File), some(e.Doc), offset, length, some(e.Hash), step,
	}
}

// some returns a text, or null for an empty one.
func some(text string) entity.Value {
	if text == "" {
		return entity.Value{}
	}
	return entity.StringValue(text)
}

// stepPlace names the statement of a step.
func (e *Engine) stepPlace(step int64) string {
	if o := e.made[step]; o != nil {
		return placeText(o.at)
	}
	return ""
}

// giver says what a step that gave rows took them from.
func (e *Engine) giver(step int64) entity.Value {
	o := e.made[step]
	if o == nil {
		return entity.Value{}
	}
	if l, ok := o.value.(*plan.Load); ok {
		return entity.StringValue("LOAD " + l.Path)
	}
	return entity.StringValue("NEW")
}

// evidenceTable shows records and rows; columns without a value are left out.
// Total is how many there are.
func (b *block) evidenceTable(list []store.Evidence, total int64) *display.Table {
	t := &display.Table{Cut: total > int64(len(list)), Total: total}
	all := make([][]entity.Value, len(list))
	for i, e := range list {
		all[i] = b.evidenceValues(e)
	}
	t.Rows = make([][]entity.Value, len(list))
	for i, c := range evidenceColumns {
		if !slices.ContainsFunc(all, func(row []entity.Value) bool { return !row[i].IsNull() }) {
			continue
		}
		t.Columns = append(t.Columns, c.name)
		for j := range all {
			t.Rows[j] = append(t.Rows[j], all[j][i])
		}
	}
	return t
}

// evidenceFacts says the same of one record or row.
func (b *block) evidenceFacts(e store.Evidence) []display.Pair {
	var out []display.Pair
	for i, v := range b.evidenceValues(e) {
		if !v.IsNull() {
			out = append(out, display.Pair{Key: evidenceColumns[i].long, Value: v})
		}
	}
	return out
}

// steps draws the statements that led to a variable, back to their sources.
func (x *explainer) steps(o *origin) *display.Branch {
	out := &display.Branch{Text: o.text, Note: placeText(o.at)}
	switch {
	case x.seen[o]:
		out.Note += ", see above"
		return out
	case x.left == 0:
		out.Note += ", and what it builds on is not shown"
		return out
	}
	x.seen[o] = true
	x.left--
	if s := scanOf(o.value); s != nil {
		out.Parts = append(out.Parts, &display.Branch{Text: listed(s.Sources), Note: "data source"})
	}
	if l, ok := o.value.(*plan.Load); ok {
		out.Parts = append(out.Parts, &display.Branch{Text: l.Path, Note: "file"})
	}
	var names []string
	for _, name := range append(depends(o.value), referred(o.value)...) {
		if in := o.inputs[name]; in != nil && !slices.Contains(names, name) {
			names = append(names, name)
			out.Parts = append(out.Parts, x.steps(in))
		}
	}
	return out
}
