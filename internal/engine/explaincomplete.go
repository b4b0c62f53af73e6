// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/display"
	"github.com/kestrelhunt/kestrel/plan"
)

// A furtherReading is what a completion asked for, and brought, as EXPLAIN shows
// it.
type furtherReading struct {
	source  string
	ids     int64    // entities that were asked for by id
	similar int64    // sightings of processes whose like was asked for
	attrs   []string // by which a source was asked that keeps no index
	window  plan.Window
	records int64 // brought
	failed  bool
}

// explained returns what EXPLAIN shows of c.
func (c *completion) explained() *furtherReading {
	f := &furtherReading{source: c.source, ids: int64(len(c.ids)), similar: int64(len(c.own)), window: c.window}
	for _, i := range c.identifying {
		f.attrs = append(f.attrs, i.Attr.Attr())
	}
	return f
}

// completion draws the completion that followed a statement, or that will if it
// finds something; nil if there is none.
func (x *explainer) completion(o *origin) *display.Branch {
	if o.step == 0 {
		return x.completionAhead(o)
	}
	f := o.further
	if f == nil {
		return nil
	}
	out := &display.Branch{Text: "Further records of what was found", Note: "completion", Facts: []display.Pair{
		text("source", f.source),
		number("entities", f.ids),
	}}
	if len(f.attrs) > 0 {
		out.Facts = append(out.Facts, text("known by", strings.Join(f.attrs, ", ")))
	}
	if f.similar > 0 {
		out.Facts = append(out.Facts, number("sightings without a unique id", f.similar))
	}
	if !f.window.IsZero() {
		out.Facts = append(out.Facts, text("time range", strings.TrimSpace(f.window.String())))
	}
	if x.analyze {
		out.Facts = append(out.Facts, number("records with them", f.records))
	}
	if f.failed {
		out.Note = "completion, which failed"
	}
	return out
}

// completionAhead draws the completion of a statement that has not run.
func (x *explainer) completionAhead(o *origin) *display.Branch {
	on := x.cfg.Completion.Get
	if scanOf(o.value) == nil {
		on = x.cfg.Completion.Find && findOf(o.value) != nil
	}
	if !on || o.source == "" || slices.Contains(x.cfg.Completion.Excluded, strings.ToLower(o.value.Type())) {
		return nil
	}
	span := "around the records of what is found"
	if w := givenWindow(o.value); !w.IsZero() {
		span = strings.TrimSpace(w.String()) + " (given)"
	}
	return &display.Branch{Text: "Further records of what is found", Note: "completion", Facts: []display.Pair{
		text("source", o.source),
		text("time range", span),
	}}
}
