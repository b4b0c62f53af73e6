// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/internal/sema"
	"github.com/kestrelhunt/kestrel/internal/store"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
	"github.com/kestrelhunt/kestrel/syntax"
)

// An origin says how a variable was made: by which statement, from which
// variables as they were then, and what that took. Origins never change, and
// outlive the names that they were bound to; each holds those it was made from,
// so that EXPLAIN and WHY can go back to the sources in any later block.
type origin struct {
	name     string // "" if the statement named none
	text     string // of the statement, in one line
	at       diag.Span
	step     int64              // of the session; 0: it has not run
	value    plan.Node          // its conditions refer to variables; its scan has the window that was asked for
	inputs   map[string]*origin // the variables that value reads or refers to
	source   string             // data source that the rows come from, "" if none
	snapshot plan.SnapshotID
	info     store.Info
	took     time.Duration // by the session's clock
	read     *reading      // nil: no source was asked
	further  *furtherReading
	cut      bool // value lacks most of what a very long list in the hunt has
}

// A reading is one pass over a source. It answers one GET or several.
type reading struct {
	at     diag.Span // of the statement that needed it first
	step   int64
	gets   int        // how many it answers
	asked  []*inquiry // of the one GET; nil if there are several
	counts []datasource.Count
}

// trace returns the origin of what statement stmt binds, given the plan as it
// was written and, in its place, the window that its scan had when it ran.
func (e *Engine) trace(stmt syntax.Stmt, s *plan.Bind, window plan.Window) *origin {
	o := &origin{
		name:   s.Name,
		text:   stmtText(stmt),
		at:     s.At,
		inputs: make(map[string]*origin),
	}
	o.value, o.cut = brief(within(s.Value, window))
	for _, name := range append(depends(s.Value), referred(s.Value)...) {
		if sym := e.symbols[name]; sym != nil && sym.origin != nil {
			o.inputs[name] = sym.origin
		}
	}
	return o
}

// observed lists the variables that o refers to and that come from a data source:
// their records decide the time range of a GET that gives none.
func (o *origin) observed() []string {
	var out []string
	for _, name := range referred(o.value) {
		if in := o.inputs[name]; in != nil && in.source != "" {
			out = append(out, name)
		}
	}
	return out
}

// within returns n with a window for its scan, if it has none.
func within(n plan.Node, w plan.Window) plan.Node {
	out, _ := plan.Map(n, func(n plan.Node) (plan.Node, error) { // never fails
		s, ok := n.(*plan.Scan)
		if !ok || !s.Window.IsZero() || w.IsZero() {
			return n, nil
		}
		t := *s
		t.Window = w
		return &t, nil
	})
	return out
}

// What an origin keeps of rows and lists that stand in a hunt: a session has many
// origins, and of a list that is this long a hunter wants to see the beginning.
const (
	maxKeptRows   = 20
	maxKeptValues = 10_000
	keptValues    = 50 // of a list that has more than maxKeptValues
)

// brief returns n without most rows of a NEW, which are in the store, and of
// lists that are very long. It reports whether it cut a list.
func brief(n plan.Node) (plan.Node, bool) {
	cut := false
	out, _ := plan.Map(n, func(n plan.Node) (plan.Node, error) { // never fails
		switch n := n.(type) {
		case *plan.New:
			c := *n
			c.Rows = slices.Clone(c.Rows[:min(len(c.Rows), maxKeptRows)])
			return &c, nil
		case *plan.Filter:
			where := briefExpr(n.Where)
			if where == n.Where {
				return n, nil
			}
			cut = true
			c := *n
			c.Where = where
			return &c, nil
		default: // the others are short
		}
		return n, nil
	})
	return out, cut
}

// briefExpr returns e with the beginning of each list that is very long; e
// itself if there is none.
func briefExpr(e stix.Expr) stix.Expr {
	switch e := e.(type) {
	case *stix.Logic:
		x, y := briefExpr(e.X), briefExpr(e.Y)
		if x == e.X && y == e.Y {
			return e
		}
		return &stix.Logic{Op: e.Op, X: x, Y: y}
	case *stix.Comparison:
		l, ok := e.Value.(*stix.List)
		if !ok || len(l.Items) <= maxKeptValues {
			return e
		}
		c := *e
		c.Value = &stix.List{Items: slices.Clone(l.Items[:keptValues]), At: l.At}
		return &c
	default: // it has no list
	}
	return e
}

// referred lists the variables that the conditions of n refer to, each once.
func referred(n plan.Node) []string {
	var out []string
	if f, ok := n.(*plan.Filter); ok {
		out = sema.References(f.Where)
	}
	for _, in := range n.Inputs() {
		out = append(out, referred(in)...)
	}
	return out
}

// maxStmtText is how much of a statement is shown, in bytes.
const maxStmtText = 400

// stmtText returns a statement in one line; of a very long one the beginning, as
// it was written.
func stmtText(stmt syntax.Stmt) string {
	written := stmt.Span().Text()
	if len(written) > 10*maxStmtText {
		return clip(oneLine(written[:2*maxStmtText]), maxStmtText)
	}
	return clip(oneLine(syntax.FormatStmt(stmt)), maxStmtText)
}

// oneLine joins lines by blanks. No text of a hunt has a line end inside.
func oneLine(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, " ")
}

// clip returns at most limit bytes of a text, and says how many are missing.
func clip(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	head := strings.ToValidUTF8(text[:limit], "")
	return fmt.Sprintf("%s... (%d bytes more)", head, len(text)-len(head))
}

// placeText names the line of a statement.
func placeText(at diag.Span) string {
	if at.File == nil {
		return ""
	}
	return fmt.Sprintf("%s:%d", at.File.Name, at.File.Position(at.Start).Line)
}
