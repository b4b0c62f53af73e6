// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/display"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/config"
	"github.com/kestrelhunt/kestrel/internal/engine"
	"github.com/kestrelhunt/kestrel/internal/match"
	"github.com/kestrelhunt/kestrel/internal/store"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// A shelf is a driver whose sources hold a few records, and write down what they
// are asked.
type shelf struct {
	records []entity.Record
	knows   bool   // its sources are completers
	stamp   string // of the content
	fail    int    // the ask, counted from one, that fails after its second record
	asked   []string
	life    []string // openings and closings
}

func (s *shelf) Name() string      { return "shelf" }
func (s *shelf) Schemes() []string { return []string{"shelf"} }

func (s *shelf) Open(context.Context, []string, datasource.Env) (datasource.Source, error) {
	s.life = append(s.life, "open")
	if s.knows {
		return &knowingShelf{s}, nil
	}
	return s, nil
}

func (s *shelf) Close() error {
	s.life = append(s.life, "close")
	return nil
}

// Plan takes on conditions.
func (s *shelf) Plan(_ context.Context, want plan.Node) (datasource.Task, plan.Node, error) {
	f := want.(*plan.Filter)
	scan := f.Input.(*plan.Scan)
	m, err := match.Compile(f.Where, scan.Entity)
	if err != nil {
		return nil, nil, err
	}
	return &shelfTask{shelf: s, ask: stix.ExprString(f.Where, scan.Entity) + windowText(scan.Window), find: func(r *entity.Record) []int {
		if !match.Overlaps(r, scan.Window.Start, scan.Window.Stop) {
			return nil
		}
		return m.Match(r, nil)
	}}, nil, nil
}

func windowText(w plan.Window) string {
	if w.IsZero() {
		return ""
	}
	return " " + w.Start.UTC().Format("15:04") + "-" + w.Stop.UTC().Format("15:04")
}

type knowingShelf struct{ *shelf }

func (s *knowingShelf) Keep() bool { return true }

// Complete looks at ids and process ids.
func (s *knowingShelf) Complete(_ context.Context, want datasource.Wanted) (datasource.Task, error) {
	ask := fmt.Sprintf("complete %s: %d ids, pids %v%s", want.Entity, len(want.IDs), want.PIDs, windowText(want.Window))
	return &shelfTask{shelf: s.shelf, ask: ask, find: func(r *entity.Record) []int {
		var out []int
		for i, o := range r.Objects {
			pid := o.Attr("pid")
			known := slices.Contains(want.IDs, o.ID) || !pid.IsNull() && slices.Contains(want.PIDs, pid.Int())
			if o.Type == want.Entity && known && match.Overlaps(r, want.Window.Start, want.Window.Stop) {
				out = append(out, i)
			}
		}
		return out
	}}, nil
}

type shelfTask struct {
	*shelf
	ask     string
	find    func(*entity.Record) []int
	matched int64
}

func (t *shelfTask) Native() []datasource.NativeQuery      { return nil }
func (t *shelfTask) Stamp(context.Context) (string, error) { return t.stamp, nil }
func (t *shelfTask) Counts() []datasource.Count {
	return []datasource.Count{{Source: "shelf", Scanned: int64(len(t.records)), Matched: t.matched}}
}

// Run yields a batch for each record, from memory that it uses again.
func (t *shelfTask) Run(context.Context, datasource.Progress) iter.Seq2[*entity.Batch, error] {
	t.asked = append(t.asked, t.ask)
	ask := len(t.asked)
	return func(yield func(*entity.Batch, error) bool) {
		b := &entity.Batch{Records: make([]entity.Record, 1), Hits: make([][]entity.Hit, 1)}
		for i := range t.records {
			found := t.find(&t.records[i])
			if len(found) == 0 {
				continue
			}
			if t.matched == 2 && ask == t.fail {
				yield(nil, fmt.Errorf("shelf: read on: %w", errors.Join(datasource.ErrUnavailable)))
				return
			}
			t.matched++
			b.Records[0], b.Hits[0] = t.records[i].Clone(), b.Hits[0][:0]
			for _, o := range found {
				b.Hits[0] = append(b.Hits[0], entity.Hit{Object: o})
			}
			more := yield(b, nil)
			b.Records[0] = entity.Record{ID: "overwritten"}
			if !more {
				return
			}
		}
	}
}

// shelved makes a record of a minute after noon. Objects are written as "type
// name=value", with other_ref=>0 for a link.
func shelved(minute int, objects ...string) entity.Record {
	at := entity.TimeOf(time.Date(2024, 5, 6, 12, minute, 0, 0, time.UTC), 3)
	r := entity.Record{ID: fmt.Sprintf("observed-data--%d %v", minute, objects), First: at, Last: at, Count: 1}
	for i, text := range objects {
		o := entity.Object{Key: fmt.Sprint(i)}
		for j, field := range strings.Fields(text) {
			name, value, _ := strings.Cut(field, "=")
			var n int64
			switch _, err := fmt.Sscanf(strings.TrimPrefix(value, ">"), "%d", &n); {
			case j == 0:
				o.Type = name
			case strings.HasPrefix(value, ">"):
				o.Links = append(o.Links, entity.Link{Name: name, Target: int(n)})
			case err == nil && fmt.Sprint(n) == value:
				o.Attrs = append(o.Attrs, entity.Attr{Name: name, Value: entity.IntValue(n)})
			default:
				o.Attrs = append(o.Attrs, entity.Attr{Name: name, Value: entity.StringValue(value)})
			}
		}
		r.Objects = append(r.Objects, o)
	}
	entity.Identify(&r)
	return r
}

// openShelf returns an engine that knows the shelf alone, and completes as the
// shipped program does unless change says otherwise.
func openShelf(t *testing.T, s *shelf, change func(*config.Completion)) *engine.Engine {
	t.Helper()
	registry := new(datasource.Registry)
	if err := registry.Add(s); err != nil {
		t.Fatal(err)
	}
	db := store.Open(store.Options{})
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	completion := config.Defaults().Completion
	if change != nil {
		change(&completion)
	}
	return engine.New(engine.Config{
		Store: db, Registry: registry, Env: datasource.Env{Now: now},
		Log: slog.New(slog.DiscardHandler), DefaultVariable: "_", DefaultScheme: "shelf", Summary: true,
		StartOffset: -5 * time.Minute, StopOffset: 5 * time.Minute, Completion: completion,
	})
}

// guids are records of processes with unique ids, one of them seen three times.
func guids() []entity.Record {
	return []entity.Record{
		shelved(0, "process x_unique_id=u pid=7 name=sh", "user-account user_id=ann"),
		shelved(2, "process x_unique_id=u pid=7 command_line=ls"),
		shelved(4, "process x_unique_id=w pid=7 name=curl parent_ref=>1", "process x_unique_id=u pid=7", "file name=f"),
		shelved(40, "process x_unique_id=u pid=7 cwd=/late"),
	}
}

// pids are records of processes without unique ids.
func pids() []entity.Record {
	return []entity.Record{
		shelved(0, "process pid=7 name=sh x_n=1"),
		shelved(1, "process pid=7 name=sh x_n=2", "file name=f"),
		shelved(2, "process pid=7 name=other x_n=3", "url value=u"),
		shelved(3, "process pid=8 name=sh x_n=4"),
		shelved(4, "process pid=7 name=sh x_n=5", "x-oca-asset hostname=g"),
		shelved(4, "process pid=7 name=sh x_n=6", "x-oca-asset hostname=h"),
	}
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		records []entity.Record
		hunt    string
		change  func(*config.Completion)
		asked   []string // of a source that is no completer, after the first ask
		knowing []string // of one that is
		row     string   // entities, records, and the related ones of the last variable
	}{
		{
			"a unique id, in the time around", guids(), "p = GET process FROM shelf://x WHERE name = 'sh'", nil,
			[]string{"x_unique_id = 'u' 11:55-12:05"},
			[]string{"complete process: 1 ids, pids [] 11:55-12:05"},
			"1 3 file=1 process=3 user-account=1",
		},
		{
			"in the time that the step gives", guids(), "p = GET process FROM shelf://x WHERE name = 'sh' START 2024-05-06T12:00:00Z STOP 2024-05-06T12:03:00Z", nil,
			[]string{"x_unique_id = 'u' 12:00-12:03"},
			[]string{"complete process: 1 ids, pids [] 12:00-12:03"},
			"1 2 process=1 user-account=1",
		},
		{
			"by process id, as far as sightings are similar", pids(), "p = GET process FROM shelf://x WHERE x_n = 1", nil,
			[]string{"pid = 7 11:55-12:05"},
			[]string{"complete process: 0 ids, pids [7] 11:55-12:05"},
			"1 1 file=1 process=3 x-oca-asset=2",
		},
		{
			"on one host", pids(), "p = GET process FROM shelf://x WHERE x_n = 5", nil,
			[]string{"pid = 7 11:59-12:09"},
			[]string{"complete process: 0 ids, pids [7] 11:59-12:09"},
			"1 1 file=1 process=2 x-oca-asset=1",
		},
		{
			"several values", pids(), "p = GET process FROM shelf://x WHERE name = 'sh'", nil,
			[]string{"pid IN (7, 8) 11:55-12:09"},
			[]string{"complete process: 0 ids, pids [7 8] 11:55-12:09"},
			"5 5 file=1 process=0 x-oca-asset=2",
		},
		{
			"the attribute that was asked for already", pids(), "p = GET process FROM shelf://x WHERE pid > 7 AND url:value LIKE '%' OR pid = 8", nil,
			nil, nil, "1 1 process=0",
		},
		{
			"pid where there are unique ids", guids(), "p = GET process FROM shelf://x WHERE pid = 7", nil,
			[]string{"x_unique_id IN ('u', 'w') 11:55-12:45"},
			[]string{"complete process: 2 ids, pids [] 11:55-12:45"},
			"2 5 file=1 process=3 user-account=1",
		},
		{
			"switched off", guids(), "p = GET process FROM shelf://x WHERE name = 'sh'", func(c *config.Completion) { c.Get = false },
			nil, nil, "1 1 process=0 user-account=1",
		},
		{
			"an excluded type", guids(), "p = GET file FROM shelf://x WHERE size IS NULL", nil,
			nil, nil, "1 1 file=0 process=2",
		},
		{
			"a type without identity", guids(), "p = GET x-thing FROM shelf://x WHERE a LIKE '%'", nil,
			nil, nil, "0 0 x-thing=0",
		},
		{
			"nothing but the id", []entity.Record{shelved(0, "network-traffic dst_port=22", "url value=u"), shelved(1, "network-traffic dst_port=22")},
			"p = GET network-traffic FROM shelf://x WHERE url:value = 'u'", nil,
			nil, nil, "1 1 network-traffic=0 url=1",
		},
		{
			"by id", []entity.Record{shelved(0, "network-traffic dst_port=22", "url value=u"), shelved(1, "network-traffic dst_port=22")},
			"p = GET network-traffic FROM shelf://x WHERE url:value = 'u'", func(c *config.Completion) { c.ByID = true },
			[]string{"id = 'network-traffic--c9374988-3358-5c9e-9c45-4498947e54b0' 11:55-12:05"},
			[]string{"complete network-traffic: 1 ids, pids [] 11:55-12:05"},
			"1 2 network-traffic=1 url=1",
		},
		{
			"by id, of what has none in other records", []entity.Record{shelved(0, "x-thing a=1"), shelved(1, "x-thing a=2")},
			"p = GET x-thing FROM shelf://x WHERE a = 1", func(c *config.Completion) { c.ByID = true },
			nil, nil, "1 1 x-thing=0",
		},
		{
			"addresses", []entity.Record{
				shelved(0, "ipv4-addr value=10.0.0.1", "network-traffic dst_port=22 src_ref=>0"),
				shelved(1, "ipv4-addr value=10.0.0.1", "url value=u"), shelved(2, "ipv4-addr value=10.0.0.2"),
			},
			"p = GET ipv4-addr FROM shelf://x WHERE network-traffic:dst_port = 22", nil,
			[]string{"value = '10.0.0.1' 11:55-12:05"},
			[]string{"complete ipv4-addr: 1 ids, pids [] 11:55-12:05"},
			"1 2 ipv4-addr=1 network-traffic=1 url=1",
		},
	}
	for _, tt := range tests {
		for _, knows := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%t", tt.name, knows), func(t *testing.T) {
				t.Parallel()
				s := &shelf{records: tt.records, knows: knows, stamp: "1"}
				e := openShelf(t, s, tt.change)
				out := execute(t, e, tt.hunt)
				if len(out.Diagnostics) > 0 {
					t.Fatalf("diagnostics: %v", out.Diagnostics)
				}
				want := tt.asked
				if knows {
					want = tt.knowing
				}
				if diff := cmp.Diff(want, slices.Clone(s.asked[1:]), equateEmpty); diff != "" {
					t.Errorf("asked after the GET (-want +got):\n%s", diff)
				}
				if got := rowOf(t, out); got != tt.row {
					t.Errorf("summary is %q, want %q", got, tt.row)
				}
				if len(out.Sources) != len(s.asked) {
					t.Errorf("%d counts of sources for %d asks", len(out.Sources), len(s.asked))
				}
			})
		}
	}
}

var equateEmpty = cmp.Transformer("nil", func(in []string) string { return strings.Join(in, "\n") })

// rowOf returns the last row of the summary.
func rowOf(t *testing.T, out engine.Outcome) string {
	t.Helper()
	sum, ok := out.Displays[len(out.Displays)-1].(*display.Summary)
	if !ok {
		t.Fatalf("the last display is %T, no summary", out.Displays[len(out.Displays)-1])
	}
	row := sum.Rows[len(sum.Rows)-1]
	text := fmt.Sprint(row.Entities, " ", row.Records)
	for i, typ := range sum.Related {
		text += fmt.Sprintf(" %s=%d", typ, row.Related[i])
	}
	return text
}

// TestCompletionInChunks asks for 1201 values: in three lists, of which the last
// fails. What came before is kept, and the GET stands.
func TestCompletionInChunks(t *testing.T) {
	t.Parallel()
	s := &shelf{fail: 4, stamp: "1"}
	for i := range 1201 {
		id := fmt.Sprintf("process x_unique_id=u%d", i)
		s.records = append(s.records, shelved(0, id+" name=sh"), shelved(1, id, "file name=f"))
	}
	e := openShelf(t, s, nil)
	out := execute(t, e, "p = GET process FROM shelf://x WHERE name = 'sh'")
	if len(s.asked) != 4 || strings.Count(s.asked[3], ",") != 200 {
		t.Errorf("%d asks, want 4, the last for 201 values: %.60s", len(s.asked), s.asked[len(s.asked)-1])
	}
	if got, want := rowOf(t, out), "1201 2202 file=1001 process=1001"; got != want {
		t.Errorf("summary is %q, want %q", got, want)
	}
	if len(out.Diagnostics) != 1 || out.Diagnostics[0].Severity != diag.Warning || out.Diagnostics[0].Code != diag.SourceUnavailable {
		t.Errorf("diagnostics %v, want one warning that the source is unavailable", out.Diagnostics)
	}
	if !slices.ContainsFunc(out.Sources, datasource.Count.Partial) {
		t.Errorf("sources %v, want one that is partial", out.Sources)
	}
}

// TestCompletionIsNotRepeated completes the same entities in one block, in
// another, and when the source has changed.
func TestCompletionIsNotRepeated(t *testing.T) {
	t.Parallel()
	const get = "p = GET process FROM shelf://x WHERE name = 'sh' "
	for _, knows := range []bool{false, true} {
		s := &shelf{records: guids(), knows: knows, stamp: "1"}
		e := openShelf(t, s, nil)
		const want = "1 3 file=1 process=3 user-account=1"
		for _, step := range []struct {
			block, stamp string
			asks         int
		}{
			{get + get, "1", 2},
			{get, "1", 2},
			{"q = GET process FROM shelf://x WHERE command_line = 'ls' AND name IS NULL", "1", 4},
			{get, "2", 6},
			{get, "", 8},
			{get, "", 10},
		} {
			s.stamp = step.stamp
			out := execute(t, e, step.block)
			if len(s.asked) != step.asks {
				t.Errorf("knows %t: %d asks after %q, want %d: %q", knows, len(s.asked), step.block, step.asks, s.asked)
			}
			if got := rowOf(t, out); step.block != get && step.block != get+get {
				continue
			} else if got != want {
				t.Errorf("knows %t: summary is %q after %q, want %q", knows, got, step.block, want)
			}
		}
	}
}

// TestSurveyIsBounded reads candidates twice that are too many to hold.
func TestSurveyIsBounded(t *testing.T) {
	t.Parallel()
	s := &shelf{records: pids(), stamp: "1"}
	for i := range 3 {
		big := shelved(1, fmt.Sprintf("process pid=7 name=sh x_more=%d", i), "file name=g")
		big.Raw = make([]byte, 15<<20)
		s.records = append(s.records, big)
	}
	e := openShelf(t, s, nil)
	out := execute(t, e, "p = GET process FROM shelf://x WHERE x_n = 1")
	if diff := cmp.Diff([]string{"x_n = 1", "pid = 7 11:55-12:05", "pid = 7 11:55-12:05"}, s.asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	if got, want := rowOf(t, out), "1 1 file=4 process=6 x-oca-asset=2"; got != want {
		t.Errorf("summary is %q, want %q", got, want)
	}
}

// TestKeepersAreKept opens a source once for the session if it may.
func TestKeepersAreKept(t *testing.T) {
	t.Parallel()
	for _, knows := range []bool{true, false} {
		s := &shelf{records: guids(), knows: knows}
		e := openShelf(t, s, nil)
		for range 2 {
			execute(t, e, "p = GET process FROM shelf://x WHERE name = 'sh'")
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		want := "open close open close"
		if knows {
			want = "open close"
		}
		if got := strings.Join(s.life, " "); got != want {
			t.Errorf("knows %t: life of sources is %q, want %q", knows, got, want)
		}
	}
}

// TestFindStartsFromSimilar finds the child of a process that was seen under its
// pid in two records. FIND asks for further records of the child in its turn.
func TestFindStartsFromSimilar(t *testing.T) {
	t.Parallel()
	records := []entity.Record{
		shelved(0, "process pid=7 name=sh x_n=1"),
		shelved(1, "process pid=9 name=curl x_n=2 parent_ref=>1", "process pid=7 name=sh"),
		shelved(2, "process pid=9 name=curl x_n=3", "url value=u"),
		shelved(50, "process pid=9 name=other x_n=4", "file name=f"),
	}
	tests := []struct {
		name   string
		change func(*config.Completion)
		find   string
		asked  []string
		row    string
	}{
		{
			"with completion", nil, "c = FIND process CREATED BY p",
			[]string{"x_n = 1", "pid = 7 11:55-12:05", "pid = 9 11:56-12:06"},
			"1 1 process=3 url=1",
		},
		{
			"in a time", nil, "c = FIND process CREATED BY p START 2024-05-06T11:00:00Z STOP 2024-05-06T13:00:00Z",
			[]string{"x_n = 1", "pid = 7 11:55-12:05", "pid = 9 11:00-13:00"},
			"1 1 process=3 url=1",
		},
		{
			"switched off for FIND", func(c *config.Completion) { c.Find = false }, "c = FIND process CREATED BY p",
			[]string{"x_n = 1", "pid = 7 11:55-12:05"},
			"1 1 process=2",
		},
		{
			"nothing is similar", func(c *config.Completion) { c.Process = entity.Similarity{} }, "c = FIND process CREATED BY p",
			[]string{"x_n = 1", "pid = 7 11:55-12:05"},
			"0 0 process=0",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := &shelf{records: records, stamp: "1"}
			e := openShelf(t, s, tt.change)
			out := execute(t, e, "p = GET process FROM shelf://x WHERE x_n = 1 "+tt.find)
			if len(out.Diagnostics) > 0 {
				t.Fatalf("diagnostics: %v", out.Diagnostics)
			}
			if diff := cmp.Diff(tt.asked, s.asked); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
			if got := rowOf(t, out); got != tt.row {
				t.Errorf("summary is %q, want %q", got, tt.row)
			}
			out = execute(t, e, "EXPLAIN ANALYZE c")
			var tree strings.Builder
			if err := display.WriteText(&tree, out.Displays, display.Style{}); err != nil || len(out.Diagnostics) > 0 {
				t.Fatalf("EXPLAIN: %v, %v", err, out.Diagnostics)
			}
			if !strings.Contains(tree.String(), "Similar") {
				t.Errorf("EXPLAIN shows no Similar: %s", tree.String())
			}
		})
	}
}

// TestLastSource asks without FROM after a FIND in another source.
func TestLastSource(t *testing.T) {
	t.Parallel()
	s := &shelf{records: guids(), stamp: "1"}
	e := openShelf(t, s, nil)
	execute(t, e, "p = GET process FROM shelf://x WHERE name = 'sh'")
	execute(t, e, `q = GET process FROM shelf://y WHERE name = 'curl'
c = FIND process CREATED BY p
r = GET process WHERE cwd LIKE '%'
u = GET process FROM shelf://y WHERE cwd LIKE '%'
INFO r`)
	for name, want := range map[string]string{"q": "shelf://y", "r": "shelf://x", "u": "shelf://y"} {
		if sym, ok := e.Symbol(name); !ok || sym.Source != want {
			t.Errorf("%s is from %q, want %q", name, sym.Source, want)
		}
	}
}
