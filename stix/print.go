// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"strconv"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
)

// String writes the pattern in its canonical form: one blank between words,
// "=" for "==", parentheses where they say something, numbers, names and
// strings in one spelling. What it writes parses to the same tree.
func (p *Pattern) String() string {
	var b strings.Builder
	writeObservation(&b, p.Root)
	return b.String()
}

// FormatObservation writes an observation expression as Pattern.String does.
func FormatObservation(x ObservationExpr) string {
	var b strings.Builder
	writeObservation(&b, x)
	return b.String()
}

func writeObservation(b *strings.Builder, x ObservationExpr) {
	switch x := x.(type) {
	case *Test:
		b.WriteByte('[')
		(&exprPrinter{b: b}).expr(x.Expr)
		b.WriteByte(']')
	case *Combination:
		writeSide(b, x.X, groupedBelow(x.X, x.Op, false))
		b.WriteByte(' ')
		b.WriteString(x.Op.String())
		b.WriteByte(' ')
		writeSide(b, x.Y, groupedBelow(x.Y, x.Op, true))
	case *Qualified:
		_, combined := x.X.(*Combination)
		writeSide(b, x.X, combined || x.Grouped)
		b.WriteByte(' ')
		b.WriteString(x.Qualifier.String())
	}
}

// groupedBelow reports whether x needs parentheses as a side of op: as the
// right side also if it has the same operator, for chains lean to the left.
func groupedBelow(x ObservationExpr, op ObservationOp, right bool) bool {
	c, ok := x.(*Combination)
	return ok && (c.Op > op || right && c.Op == op)
}

func writeSide(b *strings.Builder, x ObservationExpr, grouped bool) {
	if grouped {
		b.WriteByte('(')
		defer b.WriteByte(')')
	}
	writeObservation(b, x)
}

// String writes the qualifier as STIX does.
func (w *Within) String() string {
	return "WITHIN " + strconv.FormatFloat(w.Seconds, 'f', -1, 64) + " SECONDS"
}

// String writes the qualifier as STIX does.
func (r *Repeats) String() string { return "REPEATS " + strconv.FormatInt(r.Times, 10) + " TIMES" }

// String writes the qualifier as STIX 2.1 does, the times as they were given.
func (s *StartStop) String() string {
	return "START " + s.Start.String() + " STOP " + s.Stop.String()
}

// ExprString writes a tree of comparisons in the canonical form of patterns,
// without brackets. Paths that start at the type center are written without
// their type, as in a hunt; for center "" all types are written. What only hunts
// have is written as hunts do: a reference, IS NULL.
func ExprString(e Expr, center string) string {
	var b strings.Builder
	(&exprPrinter{b: &b, center: center}).expr(e)
	return b.String()
}

type exprPrinter struct {
	b      *strings.Builder
	center string
}

func (p *exprPrinter) expr(e Expr) {
	switch e := e.(type) {
	case *Logic:
		p.term(e.X, e.Op, false)
		p.b.WriteString(" " + e.Op.String() + " ")
		p.term(e.Y, e.Op, true)
	case *Exists:
		if e.Not {
			p.b.WriteString("NOT ")
		}
		p.b.WriteString("EXISTS ")
		p.path(e.Path)
	case *Comparison:
		p.comparison(e)
	}
}

// term writes a side of op, in parentheses if it needs them: as the right side
// also if it has the same operator, for chains lean to the left.
func (p *exprPrinter) term(e Expr, op LogicOp, right bool) {
	l, ok := e.(*Logic)
	if ok && (l.Op > op || right && l.Op == op) {
		p.b.WriteByte('(')
		defer p.b.WriteByte(')')
	}
	p.expr(e)
}

func (p *exprPrinter) path(path Path) {
	if path.Type == p.center {
		path.Type = ""
	}
	p.b.WriteString(path.String())
}

func (p *exprPrinter) comparison(c *Comparison) {
	p.path(c.Path)
	switch {
	case c.Op == IsNull && c.Not:
		p.b.WriteString(" IS NOT NULL")
		return
	case c.Op == IsNull:
		p.b.WriteString(" IS NULL")
		return
	case c.Not:
		p.b.WriteString(" NOT")
	}
	p.b.WriteString(" " + c.Op.String() + " " + FormatOperand(c.Value))
}

// String returns ExprString(e, "").
func (e *Logic) String() string { return ExprString(e, "") }

// String returns ExprString(e, "").
func (e *Comparison) String() string { return ExprString(e, "") }

// String returns ExprString(e, "").
func (e *Exists) String() string { return ExprString(e, "") }

// FormatOperand writes the right side of a comparison.
func FormatOperand(o Operand) string {
	switch o := o.(type) {
	case *Literal:
		return o.String()
	case *Reference:
		return o.String()
	case *List:
		return o.String()
	}
	return ""
}

// String writes the list in parentheses.
func (l *List) String() string {
	var b strings.Builder
	b.WriteByte('(')
	for i, item := range l.Items {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(FormatOperand(item))
	}
	b.WriteByte(')')
	return b.String()
}

// String writes the reference as hunts do.
func (r *Reference) String() string { return r.Variable + "." + r.Attr }

// String writes the literal in its canonical form: text in single quotes, a
// float with a point and without exponent, times and binary text as given.
func (l *Literal) String() string {
	switch l.Kind {
	case TimeLit:
		return "t" + Quote(l.Value.Text())
	case HexLit:
		return "h" + Quote(l.Value.Text())
	case BinaryLit:
		return "b" + Quote(l.Value.Text())
	}
	switch l.Value.Kind() {
	case entity.String, entity.JSON:
		return Quote(l.Value.Text())
	case entity.Float:
		text := strconv.FormatFloat(l.Value.Float(), 'f', -1, 64)
		if !strings.Contains(text, ".") {
			text += ".0"
		}
		return text
	}
	return l.Value.String()
}
