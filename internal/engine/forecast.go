// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"maps"
	"slices"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/display"
	"github.com/kestrelhunt/kestrel/internal/sema"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/syntax"
)

// Explain shows what statements would do, without running any: for each that
// binds a variable its plan, or with a name the whole plan of that variable, back
// to the sources. Nothing is read and no source is asked. What only a run can
// tell, such as the values of a variable, stands there by its name.
func (e *Engine) Explain(ctx context.Context, stmts []syntax.Stmt, name string) Outcome {
	var out Outcome
	x := &explainer{Engine: e, alone: name == "", left: maxExplained, seen: make(map[*origin]bool)}
	origins := e.forecast(stmts, &out.Diagnostics)
	if name != "" {
		if origins = lastOf(origins, name); origins == nil {
			out.Diagnostics = append(out.Diagnostics, e.unassigned(stmts, name))
		}
	}
	for _, o := range origins {
		x.left = maxExplained
		root, err := x.statement(ctx, o)
		if err != nil {
			out.Diagnostics = append(out.Diagnostics, failure(o.at, err))
			break
		}
		out.Displays = append(out.Displays, &display.Tree{Roots: []*display.Branch{root}})
	}
	out.Diagnostics = append(out.Diagnostics, x.failed...)
	return out
}

// forecast returns the origins of what statements would bind, and reports what
// is wrong with them. Statements with errors have none.
func (e *Engine) forecast(stmts []syntax.Stmt, ds *diag.List) []*origin {
	var out []*origin
	scope := e.Scope(e.cfg.Env.Now())
	ahead := &Engine{cfg: e.cfg, symbols: maps.Clone(e.symbols)}
	for _, stmt := range stmts {
		step, more := scope.Analyze(stmt)
		*ds = append(*ds, sema.Report(more)...)
		bind, ok := step.(*plan.Bind)
		if !ok {
			continue
		}
		o := ahead.trace(stmt, bind, plan.Window{})
		o.value, o.cut = bind.Value, false // nothing is kept, so that it may be long
		o.source = ahead.sourceOf(bind.Value)
		out = append(out, o)
		for _, name := range []string{e.cfg.DefaultVariable, bind.Name} {
			if name != "" {
				ahead.symbols[name] = &Symbol{Name: name, Type: bind.Value.Type(), Source: o.source, origin: o}
			}
		}
	}
	return out
}

// lastOf returns the last origin of a name, nil if there is none.
func lastOf(origins []*origin, name string) []*origin {
	for _, o := range slices.Backward(origins) {
		if o.name == name {
			return []*origin{o}
		}
	}
	return nil
}

// unassigned says that no statement assigns a variable.
func (e *Engine) unassigned(stmts []syntax.Stmt, name string) diag.Diagnostic {
	d := diag.Diagnostic{Code: diag.UndefinedVariable, Message: "the hunt assigns no variable " + name}
	var names []string
	for _, stmt := range stmts {
		if id := syntax.Target(stmt); id != nil {
			names = append(names, id.Name)
		}
	}
	slices.Sort(names)
	if near, ok := diag.Nearest(name, names); ok {
		d.Hint = "did you mean " + near + "?"
	} else if len(names) > 0 {
		d.Hint = "it assigns " + listed(slices.Compact(names))
	}
	return d
}
