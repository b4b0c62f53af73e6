// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package datasourcetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/match"
	"github.com/kestrelhunt/kestrel/plan"
)

// A hit is an object of a record: indexes into Records and into its Objects.
type hit struct{ Record, Object int }

// An answer is what a task gave to one question.
type answer struct {
	hits    []hit
	records []int // those with hits, in the order in which they came
	counts  []datasource.Count
	err     error
}

// textOf writes all that a record says but for where it lies.
func textOf(r *entity.Record) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s..%s x%d", r.ID, r.First, r.Last, r.Count)
	for i := range r.Objects {
		o := &r.Objects[i]
		fmt.Fprintf(&b, "\n %d %s %s", i, o.Type, o.ID)
		for _, a := range o.Attrs {
			fmt.Fprintf(&b, "\n  %s = %v %q", a.Name, a.Value.Kind(), a.Value.String())
		}
		for _, l := range o.Links {
			fmt.Fprintf(&b, "\n  %s -> %d (%t)", l.Name, l.Target, l.Many)
		}
	}
	return b.String()
}

// nearest returns what the record of that id should say.
func (s *suite) nearest(id string) string {
	i := slices.IndexFunc(s.Records, func(r entity.Record) bool { return r.ID == id })
	if i < 0 {
		return ""
	}
	return textOf(&s.Records[i])
}

// collect runs a task that answers n questions.
func (s *suite) collect(ctx context.Context, t testing.TB, task datasource.Task, n int) []answer {
	t.Helper()
	out := make([]answer, n)
	came := int64(0)
	var failed error
	for b, err := range task.Run(ctx, nil) {
		if failed != nil {
			t.Errorf("Run goes on after its error %v", failed)
			break
		}
		if err != nil {
			failed = err
			continue
		}
		came += int64(len(b.Records))
		s.batch(t, b, out)
	}
	counts := task.Counts()
	s.counted(t, counts, came)
	for q := range out {
		out[q].counts, out[q].err = counts, failed
	}
	s.secrets(t, task, failed)
	return out
}

// batch takes over the hits of a batch.
func (s *suite) batch(t testing.TB, b *entity.Batch, out []answer) {
	t.Helper()
	if len(b.Hits) != len(out) {
		t.Errorf("a batch answers %d questions, not %d", len(b.Hits), len(out))
		return
	}
	known := make([]int, len(b.Records))
	for i := range b.Records {
		r := &b.Records[i]
		index, ok := s.named[textOf(r)]
		if !ok {
			t.Errorf("a record that the source does not hold (-held +got):\n%s", cmp.Diff(s.nearest(r.ID), textOf(r)))
			return
		}
		known[i] = index
	}
	used := make([]bool, len(b.Records))
	for q, hits := range b.Hits {
		last := entity.Hit{Record: -1}
		for _, h := range hits {
			if h.Record < last.Record || h.Record == last.Record && h.Object <= last.Object {
				t.Errorf("hit %v comes behind %v", h, last)
			}
			last = h
			used[h.Record] = true
			a := &out[q]
			a.hits = append(a.hits, hit{known[h.Record], h.Object})
			if n := len(a.records); n == 0 || a.records[n-1] != known[h.Record] {
				a.records = append(a.records, known[h.Record])
			}
		}
	}
	if i := slices.Index(used, false); i >= 0 {
		t.Errorf("record %s answers no question", b.Records[i].ID)
	}
}

// counted holds the accounting against what came.
func (s *suite) counted(t testing.TB, counts []datasource.Count, came int64) {
	t.Helper()
	matched := int64(0)
	for _, c := range counts {
		matched += c.Matched
		if c.Source == "" || c.Scanned < c.Matched || c.Skipped < 0 || c.Failed < 0 {
			t.Errorf("counts %+v do not add up", c)
		}
		for _, n := range c.Notes {
			if n.Code == "" || n.Message == "" {
				t.Errorf("note %+v says nothing", n)
			}
		}
	}
	if matched != came {
		t.Errorf("counts say that %d records matched; %d came", matched, came)
	}
}

// secrets holds that nothing shows what must not be shown.
func (s *suite) secrets(t testing.TB, task datasource.Task, err error) {
	t.Helper()
	shown := fmt.Sprint(task.Native(), task.Counts(), err)
	for _, secret := range s.Secrets {
		if strings.Contains(shown, secret) {
			t.Errorf("a secret is shown: %s", strings.ReplaceAll(shown, secret, "[HERE]"))
		}
	}
}

// ask puts a question to a source, evaluates what it leaves, and returns all
// that was found.
func (s *suite) ask(ctx context.Context, t testing.TB, src datasource.Source, want plan.Node) answer {
	t.Helper()
	task, rest, err := src.Plan(ctx, want)
	if err != nil {
		s.idle(t)
		return answer{err: err}
	}
	a := s.collect(ctx, t, task, 1)[0]
	s.idle(t)
	if rest != nil {
		if got := leaf(rest).Entity; got != leaf(want).Entity {
			t.Errorf("Plan leaves a scan of %s, not %s", got, leaf(want).Entity)
		}
		a.hits = s.eval(t, rest, a.hits)
	}
	return a
}

// leaf returns the scan below a plan.
func leaf(n plan.Node) *plan.Scan {
	for {
		if scan, ok := n.(*plan.Scan); ok {
			return scan
		}
		n = n.Inputs()[0]
	}
}

// eval evaluates a plan over a scan whose hits are given.
func (s *suite) eval(t testing.TB, n plan.Node, scanned []hit) []hit {
	t.Helper()
	switch n := n.(type) {
	case *plan.Scan:
		return scanned
	case *plan.Filter:
		m, err := match.Compile(n.Where, n.Type())
		if err != nil {
			t.Fatal(err)
		}
		hits := s.eval(t, n.Input, scanned)
		return slices.DeleteFunc(slices.Clone(hits), func(h hit) bool {
			return !slices.Contains(m.Match(&s.Records[h.Record], nil), h.Object)
		})
	case *plan.Limit:
		return s.limited(n, s.eval(t, n.Input, scanned))
	case *plan.Sort:
		return s.eval(t, n.Input, scanned) // the order of rows is not compared
	default:
		t.Fatalf("the suite asks for no %T", n)
		return nil
	}
}

// limited keeps the hits in some records, or those of some entities.
func (s *suite) limited(n *plan.Limit, hits []hit) []hit {
	place := make(map[any]int64)
	var out []hit
	for _, h := range hits {
		var what any = s.Records[h.Record].Objects[h.Object].ID
		if n.ByRecord {
			what = h.Record
		}
		at, seen := place[what]
		if !seen {
			at = int64(len(place))
			place[what] = at
		}
		if at >= n.Offset && (n.Count < 0 || at-n.Offset < n.Count) {
			out = append(out, h)
		}
	}
	return out
}

// expected answers a question without the source, in its order.
func (s *suite) expected(t testing.TB, want plan.Node) []hit {
	t.Helper()
	scan := leaf(want)
	return s.eval(t, want, s.held(scan.Entity, scan.Window))
}

// held returns the objects of a type in the records of a window.
func (s *suite) held(typ string, w plan.Window) []hit {
	order, known := s.order[typ]
	if !known {
		for i := range s.Records {
			order = append(order, i)
		}
	}
	var out []hit
	for _, i := range order {
		if !match.Overlaps(&s.Records[i], w.Start, w.Stop) {
			continue
		}
		for j := range s.Records[i].Objects {
			if s.Records[i].Objects[j].Type == typ {
				out = append(out, hit{i, j})
			}
		}
	}
	return out
}

// check asks a question, and compares.
func (s *suite) check(t testing.TB, src datasource.Source, want plan.Node) answer {
	t.Helper()
	a := s.ask(t.Context(), t, src, want)
	s.compare(t, want, a)
	return a
}

func (s *suite) compare(t testing.TB, want plan.Node, a answer) {
	t.Helper()
	expected := s.expected(t, want)
	if a.err != nil {
		if isAboutWords(a.err) && (len(expected) == 0 || s.Narrow) {
			return // nothing is known to match, and it says why
		}
		t.Errorf("%s%v, want %d hits", plan.String(want), a.err, len(expected))
		return
	}
	narrowed := s.notes(t, want, a)
	if narrowed && !slices.ContainsFunc(a.hits, func(h hit) bool { return !slices.Contains(expected, h) }) {
		return
	}
	if !slices.Equal(expected, a.hits) {
		t.Errorf("%sgives other entities (-expected +got):\n%.3000s", plan.String(want), cmp.Diff(expected, a.hits))
	}
}

// notes holds notes against what they may be; narrowed reports one that says
// that records may be missing.
func (s *suite) notes(t testing.TB, want plan.Node, a answer) (narrowed bool) {
	t.Helper()
	for _, c := range a.counts {
		if c.Failed != 0 {
			t.Errorf("%s%d requests failed: %+v", plan.String(want), c.Failed, c)
		}
		for _, n := range c.Notes {
			switch {
			case slices.Contains(s.Notes, n.Code):
			case n.Code == diag.UnmappedAttribute:
				narrowed = s.Narrow
			case n.Code == diag.DefaultedWindow && leaf(want).Window.IsZero() && s.Default > 0:
			case n.Code == diag.SourceFailed && len(a.hits) == 0: // it was not asked, since nothing can match
			default:
				t.Errorf("%sunexpected note %s: %s", plan.String(want), n.Code, n.Message)
			}
		}
	}
	return narrowed
}

// isAboutWords reports a refusal because of names that the source does not know.
func isAboutWords(err error) bool {
	var f *datasource.Failure
	return errors.As(err, &f) && (f.Kind == datasource.MappingError || f.Kind == datasource.NotImplemented) && f.Remedy() != ""
}
