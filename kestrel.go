// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package kestrel runs hunts written in the Kestrel threat hunting language,
// inside other programs.
//
// A [Session] is what a hunter works in: it executes blocks of statements,
// keeps the variables that they bind, and is closed at the end. A program may
// have several sessions at once; they share nothing.
//
//	session, err := kestrel.New(kestrel.Config{Drivers: standard.Drivers()})
//	...
//	defer session.Close()
//	result, err := session.Execute(ctx, "p = NEW process ['cmd.exe']  DISP p")
//
// Problems of a hunt are values of package diag, with their place in the text;
// what steps show are values of package display.
package kestrel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"sync"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/display"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/config"
	"github.com/kestrelhunt/kestrel/internal/engine"
	"github.com/kestrelhunt/kestrel/internal/folder"
	"github.com/kestrelhunt/kestrel/internal/journal"
	"github.com/kestrelhunt/kestrel/internal/sema"
	"github.com/kestrelhunt/kestrel/internal/store"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/syntax"
)

// A Session executes hunts. Its methods may be called concurrently; blocks run
// one after the other.
type Session struct {
	cfg    Config
	mu     sync.Mutex
	store  *store.Store
	engine *engine.Engine
	closed bool

	log     *slog.Logger
	late    *journal.Late // the log until there is a file, and the file
	masks   masks
	place   sync.Mutex // guards what follows; drivers may ask for it at once
	folder  *folder.Folder
	logging bool // there is a file
}

// A Result is what a block did: also of a block that failed, up to the failure.
type Result struct {
	Displays    []display.Display
	Variables   []Variable // bound by the block, in the order of last binding
	Sources     []datasource.Count
	Diagnostics diag.List
}

// Partial reports whether the answer of a source may lack something that was
// asked for: something was skipped or failed, or a source was cut. What the
// engine says about it is among the diagnostics.
func (r *Result) Partial() bool {
	return slices.ContainsFunc(r.Sources, datasource.Count.Partial)
}

// A Variable is what is known of a variable since it was bound.
type Variable struct {
	Name       string   `json:"name"`
	Type       string   `json:"type"`
	Entities   int64    `json:"entities"`
	Records    int64    `json:"records"`
	Groups     bool     `json:"groups,omitempty"` // Entities and Records count the groups of a GROUP
	Birth      string   `json:"birth"`            // the command that made it
	Source     string   `json:"source,omitempty"`
	DependsOn  []string `json:"depends_on,omitempty"`
	Attributes []string `json:"attributes"`
}

// ErrClosed is returned by the methods of a closed Session.
var ErrClosed = errors.New("kestrel: session is closed")

// ErrNoVariable is wrapped by Entities for a name that is not bound.
var ErrNoVariable = errors.New("no such variable")

// New returns a session without variables. It makes no file and starts no
// database before they are needed, but in debug mode and in a folder that
// Config.Folder.Path names. If the link of debug mode cannot be made since its
// name is taken, the error wraps a diag.Diagnostic of code
// diag.DebugLinkOccupied.
func New(cfg Config) (*Session, error) {
	if cfg.Dir == "" {
		dir, err := os.Getwd()
		if err != nil {
			return nil, fmt.Errorf("kestrel: find working directory: %w", err)
		}
		cfg.Dir = dir
	}
	cfg.fill()
	s := &Session{cfg: cfg}
	if err := s.settle(); err != nil {
		return nil, err
	}
	s.store = store.Open(store.Options{Spill: cfg.TempDir, MemoryLimit: cfg.MemoryLimit})
	s.engine = engine.New(engine.Config{
		Store:           s.store,
		Registry:        cfg.Drivers,
		Env:             s.env(),
		Log:             s.log.With(journal.Module, "engine"),
		Home:            config.EnvironmentOf(cfg.Environ).Home,
		DefaultVariable: cfg.DefaultVariable,
		DefaultScheme:   cfg.DefaultScheme,
		SortAscending:   cfg.SortAscending,
		Summary:         !cfg.NoSummary,
		StartOffset:     cfg.Widen.Begin,
		StopOffset:      cfg.Widen.End,
		Completion:      *cfg.Completion,
	})
	return s, nil
}

// env returns what the session lends drivers.
func (s *Session) env() datasource.Env {
	env := datasource.Env{
		Dir: s.cfg.Dir, HuntDir: s.cfg.HuntDir, Cache: s.downloads,
		Now: s.cfg.Now, Clock: s.cfg.Clock, Environ: s.cfg.Environ,
	}
	env.Getenv = func(name string) string {
		v, _ := env.Lookup(name)
		return v
	}
	return env
}

// Execute runs a block of statements. The result holds what the block did, also
// if it failed; the error joins the diagnostics that are errors, and wraps
// context.Canceled if ctx ended the block.
func (s *Session) Execute(ctx context.Context, text string) (*Result, error) {
	return s.ExecuteFile(ctx, &diag.File{Name: "<hunt>", Text: text})
}

// ExecuteFile is Execute for a text that has a name, which diagnostics show.
func (s *Session) ExecuteFile(ctx context.Context, file *diag.File) (*Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	s.masks.forget()
	s.log.InfoContext(ctx, "block begins", "file", file.Name)
	hunt, ds := syntax.Parse(file)
	if err := ds.Err(); err != nil {
		s.logged(ctx, ds)
		return &Result{Diagnostics: ds}, err
	}
	out := s.engine.Execute(ctx, hunt.Stmts, s.cfg.Progress)
	res := &Result{
		Displays:    out.Displays,
		Sources:     out.Sources,
		Diagnostics: append(ds, out.Diagnostics...),
	}
	for _, sym := range out.Bound {
		res.Variables = append(res.Variables, s.variable(sym))
	}
	s.logged(ctx, res.Diagnostics)
	return res, res.Diagnostics.Err()
}

// Check returns what can be said about a block without running it: problems of
// the text and, if there are none, of its meaning, given the variables that the
// session has. Nothing is bound.
func (s *Session) Check(text string) diag.List {
	return s.CheckFile(&diag.File{Name: "<hunt>", Text: text})
}

// CheckFile is Check for a text that has a name.
func (s *Session) CheckFile(file *diag.File) diag.List {
	s.mu.Lock()
	defer s.mu.Unlock()
	hunt, ds := syntax.Parse(file)
	scope := s.engine.Scope(s.cfg.Now())
	for _, stmt := range hunt.Stmts {
		_, more := scope.Analyze(stmt)
		ds = append(ds, sema.Report(more)...)
	}
	return ds
}

// Explain returns what the statements of a hunt would do, without running any of
// them: a display.Tree for each that binds a variable, with its plan, where each
// part of it would run, and the native queries. If name is not "", the result is
// the whole plan of that variable, back to the sources. Nothing is read, and no
// source is asked for anything; what only a run can tell, such as the values of a
// variable, stands there by its name. The error joins the diagnostics that are
// errors.
func (s *Session) Explain(ctx context.Context, file *diag.File, name string) (*Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	hunt, ds := syntax.Parse(file)
	if err := ds.Err(); err != nil {
		return &Result{Diagnostics: ds}, err
	}
	out := s.engine.Explain(ctx, hunt.Stmts, name)
	res := &Result{Displays: out.Displays, Diagnostics: append(ds, out.Diagnostics...)}
	return res, res.Diagnostics.Err()
}

// A Table holds the entities of a variable: one row each, with all attributes,
// those behind references, "id" and "type".
type Table struct {
	Columns []string
	Rows    [][]entity.Value
}

// Entities returns the entities of a variable, in its order. The error wraps
// ErrNoVariable if there is none of that name.
func (s *Session) Entities(ctx context.Context, name string) (*Table, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	sym, ok := s.engine.Symbol(name)
	if !ok {
		return nil, fmt.Errorf("kestrel: entities of %s: %w", name, ErrNoVariable)
	}
	t, err := s.store.Table(ctx, &plan.Variable{Name: name, Entity: sym.Type, Snapshot: sym.Snapshot}, store.Export)
	if err != nil {
		return nil, fmt.Errorf("kestrel: entities of %s: %w", name, err)
	}
	return &Table{Columns: t.Columns, Rows: t.Rows}, nil
}

// Variables returns the variables of the session, sorted by name, the default
// one included.
func (s *Session) Variables() []Variable {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Variable
	for _, sym := range s.engine.Symbols() {
		out = append(out, s.variable(sym))
	}
	return out
}

func (s *Session) variable(sym *engine.Symbol) Variable {
	v := Variable{
		Name:       sym.Name,
		Type:       sym.Type,
		Entities:   sym.Info.Rows,
		Records:    sym.Info.Records,
		Groups:     sym.Info.Groups,
		Birth:      sym.Birth,
		Source:     sym.Source,
		DependsOn:  sym.Depends,
		Attributes: []string{},
	}
	direct, indirect := s.store.Attributes(sym.Snapshot)
	for _, a := range append(direct, indirect...) {
		v.Attributes = append(v.Attributes, a.Name)
	}
	return v
}

// Close ends the session and removes its files, unless they are to stay (see
// Config.Folder and Config.Debug). It is idempotent.
func (s *Session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	s.log.Info("session ends", "id", s.cfg.ID)
	s.place.Lock()
	defer s.place.Unlock()
	if err := errors.Join(s.engine.Close(), s.store.Close(), s.late.Close(), s.folder.Close()); err != nil {
		return fmt.Errorf("kestrel: close session: %w", err)
	}
	return nil
}

var _ io.Closer = (*Session)(nil)
