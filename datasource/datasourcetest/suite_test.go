// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package datasourcetest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/match"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// A memory is a source that holds its records here, and that errs as it is told.
type memory struct {
	records []entity.Record
	env     datasource.Env
	fault   string
	open    *atomic.Int64
	asked   int
}

// span is how far back it looks without a time range.
const span = 5 * time.Minute

func (m *memory) Plan(ctx context.Context, want plan.Node) (datasource.Task, plan.Node, error) {
	tasks, rests, err := m.PlanAll(ctx, []plan.Node{want})
	return tasks, rests[0], err
}

func (m *memory) PlanAll(ctx context.Context, wants []plan.Node) (datasource.Task, []plan.Node, error) {
	t := &recall{memory: m}
	rests := make([]plan.Node, len(wants))
	if m.fault == "dials" && m.env.Dial != nil {
		_, _ = m.env.Dial(ctx, "tcp", "siem.example:9200")
	}
	for i, want := range wants {
		q, rest := m.take(want)
		var err error
		if q.matcher, err = match.Compile(q.where, q.scan.Entity); err != nil {
			return nil, nil, err
		}
		if q.window = q.scan.Window; q.window.IsZero() {
			q.window = plan.Window{Start: m.env.Now().Add(-span), Stop: m.env.Now()}
			if m.fault != "silent window" && len(t.count.Notes) == 0 {
				t.count.Notes = append(t.count.Notes, datasource.DefaultedNote(span))
			}
		}
		t.questions, rests[i] = append(t.questions, q), rest
	}
	t.count.Source = "memory"
	return t, rests, nil
}

func (m *memory) Complete(_ context.Context, want datasource.Wanted) (datasource.Task, error) {
	q := inquiry{scan: &plan.Scan{Entity: want.Entity}, window: want.Window, limit: -1}
	q.known = func(o *entity.Object) bool {
		pid, ok := pidOf(o)
		return slices.Contains(want.IDs, o.ID) || ok && slices.Contains(want.PIDs, pid) && m.fault != "ids alone"
	}
	return &recall{memory: m, questions: []inquiry{q}, count: datasource.Count{Source: "memory"}}, nil
}

// An inquiry is what the source takes on.
type inquiry struct {
	scan    *plan.Scan
	where   stix.Expr
	limit   int64
	window  plan.Window
	matcher *match.Matcher
	known   func(*entity.Object) bool
	came    int64
}

func (m *memory) take(n plan.Node) (inquiry, plan.Node) {
	if scan, ok := n.(*plan.Scan); ok {
		return inquiry{scan: scan, limit: -1}, nil
	}
	in := n.Inputs()[0]
	q, rest := m.take(in)
	if rest == nil {
		switch n := n.(type) {
		case *plan.Filter:
			if q.limit < 0 || m.fault == "filters below limits" {
				if q.where == nil {
					q.where = n.Where
				} else {
					q.where = &stix.Logic{Op: stix.And, X: q.where, Y: n.Where}
				}
				return q, nil
			}
		case *plan.Limit:
			if q.limit < 0 && n.Count >= 0 && (n.ByRecord || m.fault == "rows are records") && (n.Offset == 0 || m.fault == "no offset") {
				q.limit = n.Count
				return q, nil
			}
		default:
		}
		rest = q.scan
	}
	left, _ := plan.Map(n, func(x plan.Node) (plan.Node, error) {
		if x == in {
			return rest, nil
		}
		return x, nil
	})
	if m.fault == "forgets" {
		left = nil
	}
	return q, left
}

// A recall is a task of a memory.
type recall struct {
	*memory
	questions []inquiry
	count     datasource.Count
}

func (r *recall) Counts() []datasource.Count { return []datasource.Count{r.count} }

func (r *recall) Native() []datasource.NativeQuery {
	q := datasource.NativeQuery{Source: "memory", Language: "none", Text: "all"}
	switch r.fault {
	case "says nothing":
		q.Text = ""
	case "shows":
		q.Text = "password=s3cr3t"
	}
	return []datasource.NativeQuery{q}
}

func (r *recall) Stamp(context.Context) (string, error) {
	r.asked++
	if r.fault == "new stamps" {
		return fmt.Sprint(r.asked), nil
	}
	return "same", nil
}

func (r *recall) Run(ctx context.Context, _ datasource.Progress) iter.Seq2[*entity.Batch, error] {
	return func(yield func(*entity.Batch, error) bool) {
		r.open.Add(1)
		defer r.open.Add(-1)
		r.asked++
		for i := range r.records {
			if r.fault == "turns" && r.asked%2 == 0 {
				i = len(r.records) - 1 - i
			}
			if err := ctx.Err(); err != nil && r.fault != "deaf" {
				yield(nil, err)
				if r.fault == "goes on" {
					yield(nil, err)
				}
				return
			}
			b := r.batch(i)
			if b == nil {
				continue
			}
			r.count.Matched++
			if !yield(b, nil) {
				if r.fault == "leaks" {
					r.open.Add(1)
				}
				return
			}
		}
		if r.fault == "counts" {
			r.count.Matched++
		}
		if r.fault == "fails quietly" {
			r.count.Failed++
		}
	}
}

// batch returns a record with what answers the questions, nil if nothing does.
func (r *recall) batch(i int) *entity.Batch {
	rec := r.records[i]
	r.count.Scanned++
	b := &entity.Batch{Records: []entity.Record{rec}, Hits: make([][]entity.Hit, len(r.questions))}
	some := false
	for q := range r.questions {
		found := r.questions[q].find(&rec, r.fault)
		for _, o := range found {
			b.Hits[q] = append(b.Hits[q], entity.Hit{Object: o})
		}
		some = some || len(found) > 0
	}
	if r.fault == "bare" {
		b.Records[0].Objects = b.Records[0].Objects[:1]
	}
	if r.fault == "drops" && some && i == 1 {
		return nil
	}
	if !some {
		return nil
	}
	return b
}

func (q *inquiry) find(rec *entity.Record, fault string) []int {
	stop := q.window.Stop
	if fault == "closed" {
		stop = stop.Add(1)
	}
	if !match.Overlaps(rec, q.window.Start, stop) || q.limit >= 0 && q.came >= q.limit {
		return nil
	}
	var out []int
	if q.known != nil {
		for i := range rec.Objects {
			if o := &rec.Objects[i]; o.Type == q.scan.Entity && q.known(o) {
				out = append(out, i)
			}
		}
		return out
	}
	if out = q.matcher.Match(rec, nil); len(out) > 0 {
		q.came++
	}
	if fault == "one hit" && len(out) > 1 {
		return out[:1]
	}
	return out
}

// memories are records with several things in each.
func memories() []entity.Record {
	at := time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	var out []entity.Record
	for i := range 24 {
		r := entity.Record{ID: fmt.Sprintf("record--%02d", i), Count: 1}
		r.First = entity.TimeOf(at.Add(time.Duration(i)*time.Minute), 3)
		r.Last = entity.TimeOf(r.First.Time().Add(time.Duration(i%3)*time.Second), 3)
		r.Objects = []entity.Object{
			{Type: "process", Key: "0", Attrs: []entity.Attr{
				{Name: "name", Value: entity.StringValue([]string{"cmd.exe", "Cmd.exe", `a"b\c*`, "日本"}[i%4])},
				{Name: "pid", Value: entity.IntValue(int64(i % 7))},
			}, Links: []entity.Link{{Name: "parent_ref", Target: 1}, {Name: "opened_connection_refs", Many: true, Target: 2}}},
			{Type: "process", Key: "1", Attrs: []entity.Attr{{Name: "pid", Value: entity.IntValue(int64(i % 5))}}},
			{Type: "network-traffic", Key: "2", Attrs: []entity.Attr{
				{Name: "dst_port", Value: entity.IntValue(int64(443 + i%2))},
				{Name: "protocols", Value: entity.JSONValue(`["tcp","tls"]`)},
			}, Links: []entity.Link{{Name: "dst_ref", Target: 3}}},
			{Type: "ipv4-addr", Key: "3", Attrs: []entity.Attr{{Name: "value", Value: entity.StringValue(fmt.Sprintf("10.0.%d.1", i%3))}}},
		}
		entity.Identify(&r)
		out = append(out, r)
	}
	return out
}

// faults are what a source may do wrong, and the test that finds it.
var faults = map[string]string{
	"filters below limits": "shapes",
	"rows are records":     "shapes",
	"no offset":            "shapes",
	"forgets":              "shapes",
	"drops":                "scans",
	"turns":                "scans",
	"one hit":              "scans",
	"bare":                 "scans",
	"counts":               "scans",
	"fails quietly":        "scans",
	"shows":                "scans",
	"closed":               "windows",
	"silent window":        "default_window",
	"deaf":                 "cancel",
	"goes on":              "cancel",
	"leaks":                "cancel",
	"new stamps":           "stamp",
	"dials":                "offline",
	"says nothing":         "offline",
	"ids alone":            "completion",
}

// TestMemory tests a source without a fault, or with the one that the
// environment names.
func TestMemory(t *testing.T) {
	fault := os.Getenv("DATASOURCETEST_FAULT")
	if fault == "" {
		t.Parallel()
	}
	records, open := memories(), new(atomic.Int64)
	Run(t, Fixture{
		Open: func(_ testing.TB, env datasource.Env) datasource.Source {
			return &memory{records: records, env: env, fault: fault, open: open}
		},
		Sources: []string{"memory://"}, Records: records, Patterns: 300,
		Now: records[20].First.Time().Add(time.Second), Default: span,
		Secrets: []string{"s3cr3t"},
		Idle: func(t testing.TB) {
			if n := open.Load(); n != 0 {
				t.Errorf("%d searches are open", n)
			}
		},
	})
}

// TestFaults holds that the suite finds what a source does wrong.
func TestFaults(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for fault, test := range faults {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestMemory$")
			cmd.Env = append(os.Environ(), "DATASOURCETEST_FAULT="+fault)
			out, err := cmd.CombinedOutput()
			if _, failed := errors.AsType[*exec.ExitError](err); !failed {
				t.Fatalf("the suite passes: %v\n%s", err, out)
			}
			if want := "--- FAIL: TestMemory/" + test; !strings.Contains(string(out), want) || strings.Contains(string(out), "panic:") {
				t.Errorf("the suite says not %q but:\n%.3000s", want, out)
			}
		})
	}
}
