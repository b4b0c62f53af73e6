// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package sema gives a statement its meaning: it resolves names, types,
// attributes, sources and time ranges, and turns a node of the syntax tree into
// a step of a plan, or says why it cannot.
//
// It is used in two ways. The engine analyses each statement just before it
// runs, when all variables are bound and their attributes known. `kestrel
// check` analyses a whole hunt without running it: what a step would bind is
// declared with what can be known without data, and questions that only data
// can answer are left open. Package sema reads no data and asks no source.
package sema

import (
	"maps"
	"slices"
	"time"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
	"github.com/kestrelhunt/kestrel/syntax"
)

// Settings are the parts of a session's configuration that give statements
// their meaning.
type Settings struct {
	DefaultVariable string    // receives every result as well; "_"
	DefaultScheme   string    // of a source without one; "stixshifter"
	Schemes         []string  // that data sources have, sorted
	SortAscending   bool      // what SORT means without ASC or DESC
	Now             time.Time // what LAST counts back from
}

// A Variable is what is known of a variable.
type Variable struct {
	Name     string
	Type     string // "" if only data can tell
	Snapshot plan.SnapshotID
	Attrs    Attributes // nil if only data can tell
	Groups   bool       // its rows are those of a GROUP, and no entities
	bad      bool       // its step had an error: whatever builds on it stays quiet
}

// Attributes answers which attributes the rows of a variable have.
type Attributes interface {
	// Has reports whether some row may have a value at path, which has no type.
	Has(path stix.Path) bool

	// Names lists canonical attribute names for suggestions, sorted.
	Names() []string
}

// A Scope knows the variables and the source that a statement may refer to. It
// is not safe for concurrent use.
type Scope struct {
	Settings

	vars       map[string]Variable
	lastSource []string
	diags      diag.List
}

// NewScope returns a scope without variables.
func NewScope(s Settings) *Scope {
	return &Scope{Settings: s, vars: make(map[string]Variable)}
}

// Clone returns a copy whose declarations do not touch s.
func (s *Scope) Clone() *Scope {
	c := NewScope(s.Settings)
	maps.Copy(c.vars, s.vars)
	c.lastSource = s.lastSource
	return c
}

// Declare adds a variable, or replaces the one of that name.
func (s *Scope) Declare(v Variable) { s.vars[v.Name] = v }

// UseSource notes the source that a GET without FROM asks.
func (s *Scope) UseSource(uris []string) { s.lastSource = uris }

// LastSource returns the source that a GET without FROM asks; nil if none.
func (s *Scope) LastSource() []string { return s.lastSource }

// Analyze returns the step that stmt means. If its diagnostics have an error,
// the step is nil. What the step binds is declared in s in both cases, so that
// an error is reported once.
func (s *Scope) Analyze(stmt syntax.Stmt) (plan.Step, diag.List) {
	s.diags = nil
	step, typ, attrs := s.analyze(stmt)
	bad := s.diags.Err() != nil
	if bad {
		step = nil
	}
	if binds(stmt) {
		bind, _ := step.(*plan.Bind)
		groups := bind != nil && s.groups(bind.Value)
		for _, name := range []string{s.DefaultVariable, name(syntax.Target(stmt))} {
			if name != "" {
				s.Declare(Variable{Name: name, Type: typ, Attrs: attrs, Groups: groups, bad: bad})
			}
		}
	}
	return step, s.diags
}

// binds reports whether a statement produces rows: those that assign a variable,
// or without a name only the default one.
func binds(stmt syntax.Stmt) bool {
	switch stmt.(type) {
	case *syntax.SaveStmt, *syntax.ApplyStmt, *syntax.DispStmt, *syntax.InfoStmt, *syntax.DescribeStmt, *syntax.ExplainStmt, *syntax.WhyStmt:
		return false
	default:
		return true
	}
}

func (s *Scope) analyze(stmt syntax.Stmt) (step plan.Step, typ string, attrs Attributes) {
	switch st := stmt.(type) {
	case *syntax.AssignStmt:
		return s.assign(st)
	case *syntax.MergeStmt:
		return s.merge(st)
	case *syntax.GetStmt:
		return s.get(st)
	case *syntax.FindStmt:
		return s.find(st)
	case *syntax.NewStmt:
		return s.new(st)
	case *syntax.LoadStmt:
		return s.load(st)
	case *syntax.SortStmt:
		return s.sort(st)
	case *syntax.GroupStmt:
		return s.group(st)
	case *syntax.JoinStmt:
		return s.join(st)
	case *syntax.DispStmt:
		return s.disp(st), "", nil
	case *syntax.InfoStmt:
		return s.info(st), "", nil
	case *syntax.DescribeStmt:
		return s.describe(st), "", nil
	case *syntax.SaveStmt:
		return s.save(st), "", nil
	case *syntax.ExplainStmt:
		return s.explain(st), "", nil
	case *syntax.WhyStmt:
		return s.why(st), "", nil
	default:
		s.unsupported(stmt)
		return nil, "", nil
	}
}

// resolve returns the variable that id names. An unknown name is reported once
// and then declared as bad, so the steps that build on it stay quiet.
func (s *Scope) resolve(id *syntax.Ident) (Variable, bool) {
	if v, ok := s.vars[id.Name]; ok {
		if v.bad {
			s.quiet(id)
		}
		return v, !v.bad
	}
	s.undefined(id.Name, id.Span())
	return Variable{}, false
}

// quiet stops a step that builds on a step which was already reported. The
// diagnostic has no message: Report drops it.
func (s *Scope) quiet(id *syntax.Ident) {
	s.report(diag.Diagnostic{Code: diag.UndefinedVariable, Span: id.Span()})
}

// undefined reports a variable that no step has assigned, once.
func (s *Scope) undefined(name string, at diag.Span) {
	d := diag.Diagnostic{
		Code:    diag.UndefinedVariable,
		Span:    at,
		Message: "variable " + name + " is not defined",
	}
	names := s.names()
	if near, ok := diag.Nearest(name, names); ok {
		d.Hint = "did you mean " + near + "?"
		d.Fixes = []diag.Fix{{Title: "use " + near, Edits: []diag.Edit{{Span: at, New: near}}}}
	} else if len(names) > 0 {
		d.Hint = "defined are " + list(names)
	} else {
		d.Hint = "no variable is defined yet: assign one first, as in " + name + " = GET ..."
	}
	s.report(d)
	s.Declare(Variable{Name: name, bad: true})
}

// names returns the names of the variables that a hunter may mean, sorted.
func (s *Scope) names() []string {
	var out []string
	for name, v := range s.vars {
		if !v.bad && name != s.DefaultVariable {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func (s *Scope) report(d diag.Diagnostic) { s.diags = append(s.diags, d) }

// Report returns the diagnostics of ds that have something to say: those of
// steps that merely build on a reported one have no message.
func Report(ds diag.List) diag.List {
	return slices.DeleteFunc(slices.Clone(ds), func(d diag.Diagnostic) bool { return d.Message == "" })
}
