// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/display"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// explain shows how a variable was made, back to its sources.
func (b *block) explain(ctx context.Context, s *plan.Explain) error {
	x := &explainer{Engine: b.Engine, analyze: s.Analyze, left: maxExplained, seen: make(map[*origin]bool)}
	root, err := x.statement(ctx, b.symbols[s.Of.Name].origin)
	if err != nil {
		return err
	}
	b.show(&display.Tree{Roots: []*display.Branch{root}})
	return nil
}

// maxExplained is how many statements one EXPLAIN or WHY shows.
const maxExplained = 200

// An explainer draws plans as trees.
type explainer struct {
	*Engine
	analyze bool             // with what it took when it ran
	alone   bool             // variables are named, and not explained in their turn
	left    int              // statements that may still be shown
	failed  diag.List        // sources that could not say what they would be asked
	seen    map[*origin]bool // shown before
}

// statement draws the statement that made a variable, and all before it that it
// builds on. What is built on twice is drawn once.
func (x *explainer) statement(ctx context.Context, o *origin) (*display.Branch, error) {
	out := &display.Branch{Text: o.text, Note: placeText(o.at)}
	switch {
	case x.seen[o]:
		out.Note += ", see above"
		return out, nil
	case x.left == 0:
		out.Note += ", and what it builds on is not shown: explain it by itself"
		return out, nil
	}
	x.seen[o] = true
	x.left--
	if x.analyze && o.step > 0 {
		out.Facts = []display.Pair{
			number("rows", o.info.Rows),
			number("records", o.info.Records),
			text("time", durationText(o.took)),
		}
	}
	var err error
	if out.Parts, err = x.value(ctx, o); err != nil {
		return nil, err
	}
	if more := x.completion(o); more != nil {
		out.Parts = append(out.Parts, more)
	}
	return out, nil
}

// value draws what a statement computes; nothing for a variable under another
// name, but the variable itself.
func (x *explainer) value(ctx context.Context, o *origin) ([]*display.Branch, error) {
	d := &drawing{explainer: x, origin: o}
	if scanOf(o.value) != nil {
		var err error
		if d.asked, err = x.asked(ctx, o); err != nil {
			return nil, err
		}
	}
	root, err := d.node(ctx, o.value, 0)
	if err != nil {
		return nil, err
	}
	return []*display.Branch{root}, nil
}

// asked returns what the source of a GET was asked, or if one pass answered
// several GETs, what it is asked for this one. A source that cannot say so, for
// want of its configuration perhaps, is no reason to show nothing.
func (x *explainer) asked(ctx context.Context, o *origin) ([]*inquiry, error) {
	if o.read != nil && o.read.asked != nil {
		return o.read.asked, nil
	}
	if o.cut {
		why := fmt.Sprintf("the query is not shown: its condition has a list of more than %d values", maxKeptValues)
		return []*inquiry{{sources: scanOf(o.value).Sources, notes: []string{why}}}, nil
	}
	asked, err := x.inquire(ctx, o)
	if err == nil || ctx.Err() != nil {
		return asked, err
	}
	d := failure(scanOf(o.value).Span(), err)
	x.failed = append(x.failed, d)
	return append(asked, &inquiry{sources: scanOf(o.value).Sources, notes: []string{"the query is not known: " + d.Message}}), nil
}

// maxNodeText is how much of an operation is shown, in bytes.
const maxNodeText = 1000

// A drawing is the plan of one statement being drawn.
type drawing struct {
	*explainer
	*origin
	asked []*inquiry
}

// node draws n, which stands at a depth below the top of the plan.
func (d *drawing) node(ctx context.Context, n plan.Node, depth int) (*display.Branch, error) {
	if v, ok := n.(*plan.Variable); ok {
		return d.variable(ctx, v.Name)
	}
	out := &display.Branch{Text: clip(plan.Line(n), maxNodeText), Note: d.runs(n, depth)}
	if _, ok := n.(*plan.Filter); ok && d.cut {
		out.Text += fmt.Sprintf(" (of very long lists only %d values)", keptValues)
	}
	if s, ok := n.(*plan.Scan); ok {
		out.Text = "Scan " + s.Entity + " of " + listed(s.Sources)
		d.scan(out, s)
	}
	if err := d.count(ctx, out, n, depth); err != nil {
		return nil, err
	}
	for _, in := range n.Inputs() {
		part, err := d.node(ctx, in, depth+1)
		if err != nil {
			return nil, err
		}
		out.Parts = append(out.Parts, part)
	}
	if f, ok := n.(*plan.Filter); ok {
		return out, d.references(ctx, out, f.Where)
	}
	return out, nil
}

// variable draws a variable that the statement reads.
func (d *drawing) variable(ctx context.Context, name string) (*display.Branch, error) {
	in := d.inputs[name]
	if in == nil || d.alone {
		out := &display.Branch{Text: "Variable " + name}
		if in != nil {
			out.Note = placeText(in.at)
		}
		return out, nil
	}
	return d.statement(ctx, in)
}

// references draws the variables that a condition refers to.
func (d *drawing) references(ctx context.Context, out *display.Branch, where stix.Expr) error {
	for _, name := range referencesOf(where) {
		part, err := d.variable(ctx, name.variable)
		if err != nil {
			return err
		}
		out.Parts = append(out.Parts, &display.Branch{
			Text:  "Values of " + strings.Join(name.attrs, ", "),
			Parts: []*display.Branch{part},
		})
	}
	return nil
}

// runs says where an operation is carried out.
func (d *drawing) runs(n plan.Node, depth int) string {
	switch n := n.(type) {
	case *plan.Scan:
		return "asks the source"
	case *plan.New:
		if len(n.Rows) == maxKeptRows && d.info.Rows > maxKeptRows {
			return fmt.Sprintf("the first of %d rows in the hunt", d.info.Rows)
		}
		return "written in the hunt"
	case *plan.Load:
		return "reads the file"
	default: // the others may run in both
	}
	if scanOf(n) == nil {
		return "in the session"
	}
	return whereRun(d.asked, depth)
}

// whereRun says where an operation over a scan is carried out.
func whereRun(asked []*inquiry, depth int) string {
	taken, left := 0, 0
	for _, q := range asked {
		switch {
		case q.driver == "": // not known
		case depth < q.left:
			left++
		default:
			taken++
		}
	}
	switch {
	case taken > 0 && left > 0:
		return "in some sources, else in the session over the records that come"
	case left > 0:
		return "in the session, over the records that come"
	case taken > 0:
		return "in the source"
	}
	return ""
}

// scan says how a source is read.
func (d *drawing) scan(out *display.Branch, s *plan.Scan) {
	out.Facts = append(out.Facts, text("time range", d.window(s.Window)))
	if r := d.read; r != nil && r.step != d.step {
		out.Facts = append(out.Facts, text("answered by", "the reading of "+placeText(r.at)))
	}
	if r := d.read; r != nil && r.gets > 1 {
		out.Facts = append(out.Facts, text("shared", fmt.Sprintf("one reading answers %d GETs", r.gets)))
	}
	if d.analyze && d.read != nil {
		out.Facts = append(out.Facts, countFacts(d.read.counts)...)
	}
	if len(d.asked) == 1 {
		facts, parts := d.asked[0].draw()
		out.Facts, out.Parts = append(out.Facts, facts...), parts
		return
	}
	for _, q := range d.asked {
		facts, parts := q.draw()
		out.Parts = append(out.Parts, &display.Branch{Text: listed(q.sources), Facts: facts, Parts: parts})
	}
}

// draw says what a source is asked.
func (q *inquiry) draw() (facts []display.Pair, parts []*display.Branch) {
	if q.driver != "" {
		facts = append(facts, text("driver", q.driver))
	}
	if len(q.notes) > 0 {
		facts = append(facts, text("note", strings.Join(q.notes, "\n")))
	}
	for _, native := range q.queries {
		part := &display.Branch{Text: native.language, Note: listed(native.sources), Facts: []display.Pair{text("query", native.text)}}
		if native.recheck != "" {
			part.Facts = append(part.Facts, text("checked again here", native.recheck))
		}
		parts = append(parts, part)
	}
	return facts, parts
}

// window says which time range a source is asked for, and why.
func (d *drawing) window(w plan.Window) string {
	span := strings.TrimSpace(w.String())
	from := d.observed()
	switch {
	case w.Origin == plan.Given:
		return span + " (given)"
	case w.Origin == plan.Derived:
		return span + " (around the records of " + listed(from) + ")"
	case !w.IsZero():
		return span
	case d.step == 0 && len(from) > 0:
		return startName + " to " + stopName + ": around the records of " + listed(from) + ", once they are known"
	}
	return "none given"
}

// count says how many rows an operation gives, if that is known, or found out
// without asking a source.
func (d *drawing) count(ctx context.Context, out *display.Branch, n plan.Node, depth int) error {
	if !d.analyze || d.step == 0 || d.cut || depth == 0 || scanOf(n) != nil || len(n.Inputs()) == 0 {
		return nil
	}
	value, err := d.known(ctx, d.origin, n)
	if err != nil {
		return err
	}
	rows, err := d.cfg.Store.Count(ctx, value)
	if err != nil {
		return err
	}
	out.Facts = append(out.Facts, number("rows", rows))
	return nil
}

// countFacts sums up what sources counted.
func countFacts(counts []datasource.Count) []display.Pair {
	var sum datasource.Count
	for _, c := range counts {
		sum.Scanned += c.Scanned
		sum.Matched += c.Matched
		sum.Skipped += c.Skipped
		sum.Failed += c.Failed
		sum.Bytes += c.Bytes
		sum.Cut = sum.Cut || c.Cut
	}
	facts := []display.Pair{number("scanned", sum.Scanned), number("matched", sum.Matched), number("bytes", sum.Bytes)}
	if sum.Skipped > 0 {
		facts = append(facts, number("skipped", sum.Skipped))
	}
	if sum.Failed > 0 {
		facts = append(facts, number("failed", sum.Failed))
	}
	if sum.Cut {
		facts = append(facts, display.Pair{Key: "cut", Value: entity.BoolValue(true)})
	}
	return facts
}

// maxListed is how many names a line has.
const maxListed = 5

// listed joins names, and says how many more there are.
func listed(names []string) string {
	if len(names) <= maxListed {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:maxListed], ", "), len(names)-maxListed)
}

func text(key, value string) display.Pair {
	return display.Pair{Key: key, Value: entity.StringValue(value)}
}

func number(key string, value int64) display.Pair {
	return display.Pair{Key: key, Value: entity.IntValue(value)}
}

// durationText writes how long something took, to three digits.
func durationText(d time.Duration) string {
	unit := time.Duration(1)
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(unit).String()
}
