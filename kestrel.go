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
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/display"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/config"
	"github.com/kestrelhunt/kestrel/internal/engine"
	"github.com/kestrelhunt/kestrel/internal/sema"
	"github.com/kestrelhunt/kestrel/internal/store"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/syntax"
)

// Config configures a Session. The zero Config works: it knows no data sources.
type Config struct {
	// Drivers are the data sources the session can ask; package standard has
	// those that the command knows.
	Drivers *datasource.Registry

	// Dir is where relative paths start; "" means the process's working
	// directory when the session is made.
	Dir string

	// HuntDir is where a file that is missing in Dir is looked for: the folder
	// of the hunt. It may be "".
	HuntDir string

	// TempDir is where the session makes its folder, if it needs one; "" means
	// the system's folder for temporary files.
	TempDir string

	// Now is the clock of hunts: LAST and default time ranges count back from
	// it. It may stand still, and on another day; nil means the system's.
	Now func() time.Time

	// Clock is the clock of the world: it measures how long blocks take and how
	// long servers are left alone. nil means Now, so that a session with a clock
	// that stands still says the same at each run.
	Clock func() time.Time

	// Environ are the variables of the environment, each as NAME=value; nil
	// means those of the process when the session is made. Of one whose name
	// begins with KESTREL or kestrel, a value that is a path of something in Dir
	// is taken as its absolute path. The process's own are never changed.
	Environ []string

	// DefaultVariable receives every result as well; "" means "_".
	DefaultVariable string

	// DefaultScheme is that of data sources named without one; "" means
	// "stixshifter".
	DefaultScheme string

	// SortAscending makes SORT without ASC or DESC ascending.
	SortAscending bool

	// Widen widens the time ranges that are derived from variables; nil means by
	// five minutes at both ends.
	Widen *Offsets

	// Completion says when further records of what a step found are asked for;
	// nil means what DefaultCompletion returns.
	Completion *Completion

	// NoSummary leaves out the summary at the end of each block.
	NoSummary bool

	// MemoryLimit bounds the memory of the session's tables, in bytes; 0 means
	// a limit that suits the machine. Larger tables are spilled to TempDir.
	MemoryLimit int64

	// Progress is told how far a long reading is; nil is fine.
	Progress datasource.Progress

	// Log receives what the session does, for debugging; nil means nowhere.
	Log *slog.Logger
}

// Completion says when further records of found entities are asked for.
type Completion = config.Completion

// Similarity holds the windows in which two sightings of a process id may be the
// same process.
type Similarity = entity.Similarity

// Offsets widen a range of time at both ends. Begin is usually negative.
type Offsets = entity.Offsets

// DefaultCompletion returns what a Session does without Config.Completion: after
// GET and FIND, except for files, accounts and assets.
func DefaultCompletion() Completion { return config.Defaults().Completion }

// A Session executes hunts. Its methods may be called concurrently; blocks run
// one after the other.
type Session struct {
	cfg    Config
	mu     sync.Mutex
	store  *store.Store
	engine *engine.Engine
	cache  string // the session's folder, "" until it is needed
	closed bool
}

// A Result is what a block did: also of a block that failed, up to the failure.
type Result struct {
	Displays    []display.Display
	Variables   []Variable // bound by the block, in the order of last binding
	Sources     []datasource.Count
	Diagnostics diag.List
}

// A Variable is what is known of a variable since it was bound.
type Variable struct {
	Name       string   `json:"name"`
	Type       string   `json:"type"`
	Entities   int64    `json:"entities"`
	Records    int64    `json:"records"`
	Birth      string   `json:"birth"` // the command that made it
	Source     string   `json:"source,omitempty"`
	DependsOn  []string `json:"depends_on,omitempty"`
	Attributes []string `json:"attributes"`
}

// ErrClosed is returned by the methods of a closed Session.
var ErrClosed = errors.New("kestrel: session is closed")

// ErrNoVariable is wrapped by Entities for a name that is not bound.
var ErrNoVariable = errors.New("no such variable")

// New returns a session without variables. It touches no disk and starts no
// database before they are needed.
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
	s.store = store.Open(store.Options{Spill: cfg.TempDir, MemoryLimit: cfg.MemoryLimit})
	s.engine = engine.New(engine.Config{
		Store:           s.store,
		Registry:        cfg.Drivers,
		Env:             s.env(),
		Log:             cfg.Log,
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

// fill puts defaults in the place of what is not set.
func (c *Config) fill() {
	preset := config.Defaults()
	if c.Drivers == nil {
		c.Drivers = new(datasource.Registry)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Clock == nil {
		c.Clock = c.Now
	}
	if c.Environ == nil {
		c.Environ = os.Environ()
	}
	c.Environ = config.Absolute(c.Environ, c.Dir)
	if c.Widen == nil {
		c.Widen = &Offsets{Begin: preset.StartOffset, End: preset.StopOffset}
	}
	if c.Completion == nil {
		c.Completion = &preset.Completion
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.TempDir = cmp.Or(c.TempDir, os.TempDir())
	c.DefaultVariable = cmp.Or(c.DefaultVariable, preset.DefaultVariable)
	c.DefaultScheme = cmp.Or(c.DefaultScheme, preset.DefaultSourceScheme)
}

// env returns what the session lends drivers.
func (s *Session) env() datasource.Env {
	env := datasource.Env{
		Dir: s.cfg.Dir, HuntDir: s.cfg.HuntDir, Cache: s.folder,
		Now: s.cfg.Now, Clock: s.cfg.Clock, Environ: s.cfg.Environ,
	}
	env.Getenv = func(name string) string {
		v, _ := env.Lookup(name)
		return v
	}
	return env
}

// folder returns the session's folder and makes it if there is none yet. It is
// called while a block runs.
func (s *Session) folder() (string, error) {
	if s.cache == "" {
		dir, err := os.MkdirTemp(s.cfg.TempDir, "kestrel-session-")
		if err != nil {
			return "", fmt.Errorf("kestrel: make session folder: %w", err)
		}
		s.cache = dir
	}
	return s.cache, nil
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
	hunt, ds := syntax.Parse(file)
	if err := ds.Err(); err != nil {
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
		Entities:   sym.Info.Entities,
		Records:    sym.Info.Records,
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

// Close ends the session and removes its files. It is idempotent.
func (s *Session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	err := s.store.Close()
	if s.cache != "" {
		err = errors.Join(err, os.RemoveAll(s.cache))
	}
	if err != nil {
		return fmt.Errorf("kestrel: close session: %w", err)
	}
	return nil
}

var _ io.Closer = (*Session)(nil)
