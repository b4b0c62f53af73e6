// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package engine runs hunts. It takes a block of statements, gives each its
// meaning (package sema) when the statements before it have run, asks data
// sources (package datasource) for what they take on and the store (package
// store) for the rest, binds variables, and collects what is to be shown and
// said.
//
// Results are as if the statements ran one by one in the order of the text. The
// engine uses its freedom within that: GETs of one block over the same source
// share one pass, and a GET that was answered before is answered again from the
// store if its source has not changed. A statement that fails binds nothing, and
// what the statements before it did stays.
package engine

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/display"
	"github.com/kestrelhunt/kestrel/internal/config"
	"github.com/kestrelhunt/kestrel/internal/sema"
	"github.com/kestrelhunt/kestrel/internal/store"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
	"github.com/kestrelhunt/kestrel/syntax"
)

// A Config says with what an Engine works. All fields must be set, but for Home.
type Config struct {
	Store    *store.Store
	Registry *datasource.Registry
	Env      datasource.Env // its Now is the engine's clock
	Log      *slog.Logger
	Home     string // what ~ in paths stands for; "" leaves ~ as it is

	DefaultVariable string
	DefaultScheme   string
	SortAscending   bool
	Summary         bool          // end each block with a summary
	StartOffset     time.Duration // widens windows derived from variables; usually negative
	StopOffset      time.Duration
	Completion      config.Completion // when to ask for further records of found entities
}

// An Engine holds the variables of one session. It runs one block at a time;
// the caller sees to that.
type Engine struct {
	cfg       Config
	symbols   map[string]*Symbol
	answers   map[plan.Key]answer
	completed map[completionKey]completed
	kept      map[string]datasource.Source // keepers, by URIs
	made      map[int64]*origin            // by step
	source    []string                     // what a GET without FROM asks
	step      int64                        // steps of the session so far
}

// A Symbol is a bound variable.
type Symbol struct {
	Name     string
	Type     string
	Birth    string // the command that made it, in lower case
	Snapshot plan.SnapshotID
	Source   string   // data source it comes from, "" if none
	Depends  []string // variables it was made from
	Info     store.Info
	fetched  bool // by GET from a data source or FIND, so that records related to it count
	origin   *origin
}

// New returns an engine without variables.
func New(cfg Config) *Engine {
	return &Engine{
		cfg: cfg, symbols: make(map[string]*Symbol),
		answers: make(map[plan.Key]answer), completed: make(map[completionKey]completed),
		kept: make(map[string]datasource.Source), made: make(map[int64]*origin),
	}
}

// An Outcome is what a block did. It holds whatever the steps before a failure
// did, and Diagnostics says whether there was one.
type Outcome struct {
	Displays    []display.Display
	Bound       []*Symbol // variables the block bound, in the order of last binding
	Sources     []datasource.Count
	Diagnostics diag.List
}

// Symbol returns the variable of a name.
func (e *Engine) Symbol(name string) (*Symbol, bool) {
	s, ok := e.symbols[name]
	return s, ok
}

// Symbols returns all variables, sorted by name.
func (e *Engine) Symbols() []*Symbol {
	out := make([]*Symbol, 0, len(e.symbols))
	for _, s := range e.symbols {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b *Symbol) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// block is one run of Execute.
type block struct {
	*Engine
	stmts    []syntax.Stmt
	at       diag.Span // of the statement that runs
	reading  *reading  // that answered the GET which runs; nil if none did
	further  *furtherReading
	out      Outcome
	now      time.Time
	began    time.Time // by the clock of the world
	progress datasource.Progress
	opened   map[string]datasource.Source // by URIs
	told     map[*store.Pass]bool         // of which earlier passes it was said what they lack
}

// Execute runs the statements of a block that was parsed without errors. Sources
// that it opens are closed when it returns. A
// broken invariant of the program ends it as an internal error.
func (e *Engine) Execute(ctx context.Context, stmts []syntax.Stmt, p datasource.Progress) (out Outcome) {
	b := &block{
		Engine: e, stmts: stmts, progress: p,
		now: e.cfg.Env.Now(), began: e.cfg.Env.WorldTime()(),
		opened: make(map[string]datasource.Source), told: make(map[*store.Pass]bool),
	}
	var at diag.Span
	defer func() {
		if r := recover(); r != nil {
			b.report(internal(at, r, debug.Stack()))
		}
		b.release()
		out = b.out
	}()
	for i, stmt := range stmts {
		at = stmt.Span()
		if !b.run(ctx, i) {
			break
		}
	}
	b.summarize(ctx)
	return b.out // with what release adds
}

// run runs statement i and reports whether the block goes on.
func (b *block) run(ctx context.Context, i int) bool {
	stmt := b.stmts[i]
	if err := ctx.Err(); err != nil {
		b.report(failure(stmt.Span(), context.Cause(ctx)))
		return false
	}
	b.step++
	b.at = stmt.Span()
	b.cfg.Store.Advance(b.step)
	b.cfg.Log.InfoContext(ctx, "step", "number", b.step, "text", shorten(stmt.Span().Text()))
	scope := b.scope()
	step, ds := scope.Analyze(stmt)
	b.report(sema.Report(ds)...)
	if step == nil {
		return false
	}
	if err := b.do(ctx, i, step); err != nil {
		b.report(failure(placeOf(step, err), err))
		return false
	}
	b.cfg.Log.DebugContext(ctx, "step done", "number", b.step)
	return true
}

// shorten returns the beginning of a statement, for the log: NEW may hold
// megabytes.
func shorten(text string) string {
	const most = 300
	return datasource.Shorten(text[:min(len(text), 2*most)], most)
}

func (b *block) report(ds ...diag.Diagnostic) {
	b.out.Diagnostics = append(b.out.Diagnostics, ds...)
}

// do carries out one step.
func (b *block) do(ctx context.Context, i int, step plan.Step) error {
	switch s := step.(type) {
	case *plan.Bind:
		return b.bind(ctx, i, s)
	case *plan.Display:
		return b.display(ctx, s)
	case *plan.Info:
		b.info(s)
		return nil
	case *plan.Describe:
		return b.describe(ctx, s)
	case *plan.Save:
		return b.save(ctx, s)
	case *plan.Explain:
		return b.explain(ctx, s)
	case *plan.Why:
		return b.why(ctx, s)
	}
	panic(fmt.Sprintf("engine: unknown step %T", step))
}

func (b *block) scope() *sema.Scope { return b.Scope(b.now) }

// Scope returns what a statement may refer to that is analysed now.
func (e *Engine) Scope(now time.Time) *sema.Scope {
	s := sema.NewScope(sema.Settings{
		DefaultVariable: e.cfg.DefaultVariable,
		DefaultScheme:   e.cfg.DefaultScheme,
		Schemes:         e.cfg.Registry.Schemes(),
		SortAscending:   e.cfg.SortAscending,
		Now:             now,
	})
	for _, sym := range e.symbols {
		v := sema.Variable{Name: sym.Name, Type: sym.Type, Snapshot: sym.Snapshot, Groups: sym.Info.Groups}
		if sym.Info.Rows > 0 {
			v.Attrs = attributes{e.cfg.Store, sym.Snapshot}
		}
		s.Declare(v)
	}
	if e.source != nil {
		s.UseSource(e.source)
	}
	return s
}

// attributes answers for the rows of a snapshot.
type attributes struct {
	store    *store.Store
	snapshot plan.SnapshotID
}

// Has implements sema.Attributes.
func (a attributes) Has(path stix.Path) bool { return a.store.HasAttribute(a.snapshot, path) }

// Names implements sema.Attributes.
func (a attributes) Names() []string {
	direct, indirect := a.store.Attributes(a.snapshot)
	out := make([]string, 0, len(direct)+len(indirect))
	for _, attr := range slices.Concat(direct, indirect) {
		out = append(out, attr.Name)
	}
	slices.Sort(out)
	return out
}
