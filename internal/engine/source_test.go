// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/display"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/engine"
	"github.com/kestrelhunt/kestrel/internal/store"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/syntax"
)

// A ledger is a driver whose sources write down what is done with them. Each
// answer holds records processes, and skips one.
type ledger struct {
	lines   []string
	records int
}

func (l *ledger) Name() string      { return "ledger" }
func (l *ledger) Schemes() []string { return []string{"ledger"} }

func (l *ledger) Open(_ context.Context, uris []string, _ datasource.Env) (datasource.Source, error) {
	l.lines = append(l.lines, "open "+strings.Join(uris, ","))
	return &ledgerSource{l, uris}, nil
}

type ledgerSource struct {
	*ledger
	uris []string
}

func (s *ledgerSource) Close() error {
	s.lines = append(s.lines, "close "+strings.Join(s.uris, ","))
	return nil
}

// Plan takes the scan alone.
func (s *ledgerSource) Plan(_ context.Context, want plan.Node) (datasource.Task, plan.Node, error) {
	for len(want.Inputs()) > 0 {
		if f, ok := want.(*plan.Filter); ok {
			return &ledgerTask{s.ledger}, f, nil
		}
		want = want.Inputs()[0]
	}
	return &ledgerTask{s.ledger}, nil, nil
}

type ledgerTask struct{ *ledger }

func (t *ledgerTask) Native() []datasource.NativeQuery      { return nil }
func (t *ledgerTask) Stamp(context.Context) (string, error) { return "the same", nil }

func (t *ledgerTask) Counts() []datasource.Count {
	return []datasource.Count{{
		Source: "ledger", Scanned: 2, Matched: 1, Skipped: 1,
		Notes: []datasource.Note{{Code: diag.SkippedObjects, Message: "one was passed over"}},
	}}
}

func (t *ledgerTask) Run(context.Context, datasource.Progress) iter.Seq2[*entity.Batch, error] {
	return func(yield func(*entity.Batch, error) bool) {
		const size = 1000
		for from := 0; from < t.records; from += size {
			b := &entity.Batch{Hits: make([][]entity.Hit, 1)}
			for i := from; i < min(from+size, t.records); i++ {
				rec := entity.Record{
					ID:      fmt.Sprintf("observed-data--%d", i),
					Objects: []entity.Object{{Type: "process", Attrs: []entity.Attr{{Name: "name", Value: entity.StringValue(fmt.Sprintf("%d %s", i, strings.Repeat("x", 300)))}}}},
				}
				entity.Identify(&rec)
				b.Records = append(b.Records, rec)
			}
			if !yield(b, nil) {
				return
			}
		}
	}
}

// openLedger returns an engine that knows the ledger alone. change may change
// how it works.
func openLedger(t *testing.T, l *ledger, memory int64, change func(*engine.Config)) *engine.Engine {
	t.Helper()
	registry := new(datasource.Registry)
	if err := registry.Add(l); err != nil {
		t.Fatal(err)
	}
	s := store.Open(store.Options{MemoryLimit: memory})
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	cfg := engine.Config{
		Store: s, Registry: registry, Env: datasource.Env{Now: now},
		Log: slog.New(slog.DiscardHandler), DefaultVariable: "_", DefaultScheme: "ledger", Summary: true,
	}
	if change != nil {
		change(&cfg)
	}
	return engine.New(cfg)
}

func execute(t *testing.T, e *engine.Engine, text string) engine.Outcome {
	t.Helper()
	hunt, ds := syntax.Parse(&diag.File{Name: "hunt.hf", Text: text})
	if err := ds.Err(); err != nil {
		t.Fatal(err)
	}
	return e.Execute(t.Context(), hunt.Stmts, nil)
}

func TestSourcesAreClosedWithTheBlock(t *testing.T) {
	t.Parallel()
	l := &ledger{records: 1}
	e := openLedger(t, l, 0, nil)
	execute(t, e, "a = GET process FROM ledger://x WHERE name LIKE '0%' b = GET process FROM ledger://y WHERE name LIKE '0%'\nc = GET process FROM ledger://x WHERE name LIKE '1%'\nDISP nosuch")
	execute(t, e, "d = GET process FROM ledger://x WHERE name LIKE '1%'")
	want := []string{
		"open ledger://x", "open ledger://y", "close ledger://x", "close ledger://y",
		"open ledger://x", "close ledger://x",
	}
	if diff := cmp.Diff(want, l.lines); diff != "" {
		t.Errorf("what is done with sources (-want +got):\n%s", diff)
	}
}

func TestPartialAnswersAreSaidWhenReused(t *testing.T) {
	t.Parallel()
	e := openLedger(t, &ledger{records: 1}, 0, nil)
	const get = "a = GET process FROM ledger://x WHERE name LIKE '0%' "
	for _, block := range []string{get, get + get} {
		out := execute(t, e, block)
		if len(out.Sources) != 1 || !out.Sources[0].Partial() {
			t.Errorf("%s: sources %v, want the one that skipped something", block, out.Sources)
		}
		if len(out.Diagnostics) != 1 || out.Diagnostics[0].Code != diag.SkippedObjects {
			t.Errorf("%s: diagnostics %v, want what was passed over", block, out.Diagnostics)
		}
	}
}

func TestOutOfMemory(t *testing.T) {
	t.Parallel()
	e := openLedger(t, &ledger{records: 200_000}, 24<<20, nil)
	out := execute(t, e, "a = GET process FROM ledger://x WHERE name LIKE '%'")
	var codes []diag.Code
	for _, d := range out.Diagnostics {
		codes = append(codes, d.Code)
		if d.Code == diag.OutOfMemory && (!strings.Contains(d.Hint, "LIMIT") || strings.Contains(d.Message+d.Hint, "duck")) {
			t.Errorf("diagnostic %q, %q: want a remedy, and nothing of the database", d.Message, d.Hint)
		}
	}
	if diff := cmp.Diff([]diag.Code{diag.SkippedObjects, diag.OutOfMemory}, codes); diff != "" {
		t.Errorf("codes (-want +got):\n%s", diff)
	}
}

// TestElapsed sets the clock of the hunt to another day: the summary is about
// the time that passes in the world.
func TestElapsed(t *testing.T) {
	t.Parallel()
	ticks := 0
	clock := func() time.Time {
		ticks++
		return time.Date(2026, 1, 1, 0, 0, 7*ticks, 0, time.UTC)
	}
	for _, tt := range []struct {
		name  string
		clock func() time.Time
		want  time.Duration
	}{
		{"no clock of the world", nil, 0},
		{"a clock of the world", clock, 7 * time.Second},
	} {
		e := openLedger(t, &ledger{records: 1}, 0, func(c *engine.Config) { c.Env.Clock = tt.clock })
		out := execute(t, e, "a = NEW process ['x']")
		if got := out.Displays[0].(*display.Summary).Elapsed; got != tt.want {
			t.Errorf("%s: elapsed %s, want %s", tt.name, got, tt.want)
		}
	}
}
