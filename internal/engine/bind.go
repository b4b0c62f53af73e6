// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/rewrite"
	"github.com/kestrelhunt/kestrel/internal/sema"
	"github.com/kestrelhunt/kestrel/internal/store"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// bind computes the rows of a step and binds them to its variable and to the
// default one.
func (b *block) bind(ctx context.Context, i int, s *plan.Bind) error {
	began := b.cfg.Env.Now()
	b.reading, b.further = nil, nil
	value, err := b.expand(ctx, s.Value)
	if err != nil {
		return err
	}
	if value, err = b.hops(ctx, i, s, value); err != nil {
		return err
	}
	snapshot, err := b.evaluate(ctx, i, value)
	if err != nil {
		return err
	}
	if snapshot, err = b.complete(ctx, s, value, snapshot); err != nil {
		return err
	}
	info, ok := b.cfg.Store.Info(snapshot)
	if !ok {
		return fmt.Errorf("engine: bind %s: snapshot %d is missing", s.Name, snapshot)
	}
	fetched := s.Birth == "find" || scanOf(s.Value) != nil
	if info.Rows > 0 && fetched {
		b.withdraw(diag.UnknownType, s.At)
	}
	sym := Symbol{
		Type:     info.Type,
		Birth:    s.Birth,
		Snapshot: snapshot,
		Source:   b.sourceOf(s.Value),
		Depends:  depends(s.Value),
		Info:     info,
		fetched:  fetched,
		origin:   b.trace(b.stmts[i], s, windowOf(value)),
	}
	o := sym.origin
	o.step, o.snapshot, o.info, o.source, o.read = b.step, snapshot, info, sym.Source, b.reading
	o.further = b.further
	o.took = b.cfg.Env.Now().Sub(began)
	b.made[o.step] = o
	for _, name := range []string{b.cfg.DefaultVariable, s.Name} {
		if name != "" {
			b.assign(name, sym)
		}
	}
	return nil
}

// assign binds a name. Of the default variable the summary says nothing.
func (b *block) assign(name string, sym Symbol) {
	sym.Name = name
	b.symbols[name] = &sym
	if name == b.cfg.DefaultVariable {
		return
	}
	b.out.Bound = slices.DeleteFunc(b.out.Bound, func(s *Symbol) bool { return s.Name == name })
	b.out.Bound = append(b.out.Bound, &sym)
}

// withdraw takes back a warning of the current step that its result refutes.
func (b *block) withdraw(code diag.Code, at diag.Span) {
	b.out.Diagnostics = slices.DeleteFunc(b.out.Diagnostics, func(d diag.Diagnostic) bool {
		return d.Code == code && d.Severity == diag.Warning && d.Span.File == at.File &&
			d.Span.Start >= at.Start && d.Span.End <= at.End
	})
}

// evaluate computes the rows of n and returns them as a snapshot.
func (b *block) evaluate(ctx context.Context, i int, n plan.Node) (plan.SnapshotID, error) {
	switch n := n.(type) {
	case *plan.New:
		return b.cfg.Store.AppendRows(ctx, n.Entity, n.Rows, fmt.Sprintf("new %d", b.step))
	case *plan.Load:
		return b.load(ctx, n)
	case *plan.Group:
		return b.group(ctx, n)
	default: // nothing to do for the others
	}
	if scanOf(n) != nil {
		return b.read(ctx, i, n)
	}
	n, err := b.similar(ctx, n)
	if err != nil {
		return 0, err
	}
	return b.cfg.Store.Materialize(ctx, rewrite.Apply(n))
}

// scanOf returns the scan of a data source that n reads, nil if it reads none.
func scanOf(n plan.Node) *plan.Scan {
	if s, ok := n.(*plan.Scan); ok {
		return s
	}
	for _, in := range n.Inputs() {
		if s := scanOf(in); s != nil {
			return s
		}
	}
	return nil
}

// windowOf returns the window of the scan in n; the zero one if there is none.
func windowOf(n plan.Node) plan.Window {
	if s := scanOf(n); s != nil {
		return s.Window
	}
	return plan.Window{}
}

// expand replaces the references in the conditions of n by their values, and
// gives a scan without a window the one that the referenced variables suggest.
func (b *block) expand(ctx context.Context, n plan.Node) (plan.Node, error) {
	var window plan.Window
	out, err := plan.Map(n, func(n plan.Node) (plan.Node, error) {
		f, ok := n.(*plan.Filter)
		if !ok {
			return n, nil
		}
		window = cover(window, b.observed(sema.References(f.Where)))
		where, err := sema.Expand(f.Where, func(r *stix.Reference) ([]entity.Value, error) {
			return b.values(ctx, r)
		})
		if err != nil {
			return nil, err
		}
		g := *f
		g.Where = where
		return &g, nil
	})
	if err != nil || window.IsZero() {
		return out, err
	}
	return plan.Map(out, func(n plan.Node) (plan.Node, error) {
		s, ok := n.(*plan.Scan)
		if !ok || !s.Window.IsZero() {
			return n, nil
		}
		t := *s
		t.Window = window
		b.report(derived(s.At, window))
		return &t, nil
	})
}

// derived says which window a GET was given because its condition refers to
// variables: what lies outside is not found, and the hunter must know.
func derived(at diag.Span, w plan.Window) diag.Diagnostic {
	const layout = "2006-01-02T15:04:05.000Z"
	return diag.Diagnostic{
		Code:     diag.DefaultedWindow,
		Severity: diag.Info,
		Span:     at,
		Message: "only records from " + w.Start.UTC().Format(layout) + " to " + w.Stop.UTC().Format(layout) +
			" were searched: around those of the variables that the condition refers to",
		Hint: "give START and STOP, or LAST, to search another range",
	}
}

// values looks up what a reference stands for.
func (b *block) values(ctx context.Context, r *stix.Reference) ([]entity.Value, error) {
	sym, ok := b.symbols[r.Variable]
	if !ok {
		return nil, fmt.Errorf("engine: variable %s is missing", r.Variable)
	}
	return b.valuesAt(ctx, r, sym.Snapshot, sym.Info)
}

// valuesAt looks up what a reference stands for in a snapshot.
func (e *Engine) valuesAt(ctx context.Context, r *stix.Reference, id plan.SnapshotID, info store.Info) ([]entity.Value, error) {
	path, ds := stix.ParsePath(r.Attr)
	if err := ds.Err(); err != nil {
		return nil, err
	}
	if info.Rows == 0 {
		return nil, nil
	}
	return e.cfg.Store.Values(ctx, id, path)
}

// observed returns the time in which the entities of variables were observed,
// widened by the session's offsets; zero if none was. Variables that come from
// no data source do not count, even if their entities happen to be in records:
// a list of addresses is about all time.
func (b *block) observed(names []string) plan.Window {
	var w plan.Window
	for _, name := range names {
		sym := b.symbols[name]
		if sym == nil || sym.Source == "" || sym.Info.First.IsZero() || sym.Info.Last.IsZero() {
			continue
		}
		w = cover(w, plan.Window{
			Start:  sym.Info.First.Time().Add(b.cfg.StartOffset),
			Stop:   sym.Info.Last.Time().Add(b.cfg.StopOffset),
			Origin: plan.Derived,
		})
	}
	return w
}

// cover returns the smallest window that holds both; a zero one adds nothing.
func cover(a, b plan.Window) plan.Window {
	switch {
	case a.IsZero():
		return b
	case b.IsZero():
		return a
	}
	if b.Start.Before(a.Start) {
		a.Start = b.Start
	}
	if b.Stop.After(a.Stop) {
		a.Stop = b.Stop
	}
	return a
}

// sourceOf returns the data source that the rows of n come from: that of its
// scan, else of the first variable that has one.
func (e *Engine) sourceOf(n plan.Node) string {
	if s := scanOf(n); s != nil {
		return strings.Join(s.Sources, ",")
	}
	for _, name := range depends(n) {
		if sym := e.symbols[name]; sym != nil && sym.Source != "" {
			return sym.Source
		}
	}
	return ""
}

// depends lists the variables whose rows n reads, in order, each once. Those that
// its conditions refer to are not among them.
func depends(n plan.Node) []string {
	var out []string
	var walk func(plan.Node)
	walk = func(n plan.Node) {
		for _, in := range n.Inputs() {
			walk(in)
		}
		if v, ok := n.(*plan.Variable); ok && !slices.Contains(out, v.Name) {
			out = append(out, v.Name)
		}
	}
	walk(n)
	return out
}
