// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
)

// A SelectExpr takes entities of a variable: transformed, filtered, projected,
// sorted and cut, in this order.
//
//	expression := operand [ where ] [ ATTR attr { "," attr } ]
//	              [ SORT BY attr [ ASC | DESC ] ] [ LIMIT n ] [ OFFSET n ]
//	operand    := VAR | ( TIMESTAMPED | ADDOBSID | RECORDS ) "(" VAR ")"
type SelectExpr struct {
	Transform Transform
	Var       *Ident
	Where     *WhereClause // nil: all
	Attrs     *AttrClause  // nil: every attribute
	Sort      *SortClause  // nil: in the variable's order
	Limit     *IntLit      // nil: no limit
	Offset    *IntLit      // nil: from the first
	At        diag.Span
}

// Span returns the place of the expression.
func (e *SelectExpr) Span() diag.Span { return e.At }

// Transform is a function over a variable's records. The zero Transform is none.
type Transform uint8

// The transformers.
const (
	NoTransform Transform = iota
	Timestamped
	AddObsID
	Records
)

// String returns the word for t, and the empty string for NoTransform.
func (t Transform) String() string {
	return [...]string{"", "TIMESTAMPED", "ADDOBSID", "RECORDS"}[t]
}

// An AttrClause names the attributes wanted:
//
//	ATTR name, pid
type AttrClause struct {
	Attrs []*Attr
	At    diag.Span
}

// Span returns the place of the clause.
func (c *AttrClause) Span() diag.Span { return c.At }

// A SortClause orders entities:
//
//	SORT BY pid DESC
type SortClause struct {
	By    *Attr
	Order Order
	At    diag.Span
}

// Span returns the place of the clause.
func (c *SortClause) Span() diag.Span { return c.At }

// Order is a direction of sorting. The zero Order was not written, so the
// session's configuration decides.
type Order uint8

// The orders.
const (
	DefaultOrder Order = iota
	Ascending
	Descending
)

// String returns "ASC", "DESC" or, for DefaultOrder, the empty string.
func (o Order) String() string { return [...]string{"", "ASC", "DESC"}[o] }

var transforms = map[want]Transform{
	kwTimestamped: Timestamped, kwAddObsID: AddObsID, kwRecords: Records,
}

// parseExpression parses the right side of an assignment to v that is no
// command: an expression, or a merge. The step began at start.
func (p *parser) parseExpression(v *Ident, start int) Stmt {
	e := p.parseOperandVar()
	if !p.failed && e.Transform == NoTransform && p.at(signPlus) {
		return p.parseMerge(v, e.Var, start)
	}
	p.parseClauses(e)
	p.checkCommand(e)
	return &AssignStmt{Var: v, Expr: e, At: p.since(start)}
}

// parseSelect parses an expression.
func (p *parser) parseSelect() *SelectExpr {
	e := p.parseOperandVar()
	p.parseClauses(e)
	return e
}

// parseOperandVar parses the operand of an expression.
func (p *parser) parseOperandVar() *SelectExpr {
	e := &SelectExpr{}
	start := p.pos
	if w, ok := p.oneOf(kwTimestamped, kwAddObsID, kwRecords); ok && byteAt(p.text, p.after()) == '(' {
		p.take(w)
		e.Transform = transforms[w]
		p.expect(signOpen)
		e.Var = p.parseVariable()
		p.expect(signClose)
	} else {
		e.Var = p.parseVariable()
	}
	e.At = p.since(start)
	return e
}

// parseClauses parses the clauses of an expression behind its operand.
func (p *parser) parseClauses(e *SelectExpr) {
	start := e.At.Start
	e.Where = p.optionalWhere()
	e.Attrs = p.optionalAttrs()
	e.Sort = p.optionalSort()
	e.Limit = p.optionalLimit(kwLimit)
	e.Offset = p.optionalLimit(kwOffset)
	e.At = p.since(start)
}

// checkCommand fails if the operand of e looks like the misspelt word of a
// command, and what follows it is no step.
func (p *parser) checkCommand(e *SelectExpr) {
	if p.failed || e.At.End != e.Var.At.End || e.Transform != NoTransform || p.pos == len(p.text) ||
		p.atTarget() || p.atCommand() {
		return
	}
	words := make([]string, len(producers))
	for i, w := range producers {
		words[i] = w.text()
	}
	d := diag.Diagnostic{Code: diag.UnexpectedToken, Span: e.Var.At}
	if near, ok := diag.Nearest(e.Var.Name, words); ok {
		d.Message = e.Var.Name + " is no command"
		p.suggest(&d, e.Var.At, near)
		p.fail(d)
		return
	}
	for _, w := range commands[len(producers):] {
		if strings.EqualFold(e.Var.Name, w.text()) {
			d.Message = w.text() + " has no result to assign"
			d.Hint = "write it as a step of its own"
			p.fail(d)
		}
	}
}

// optionalAttrs parses the clause ATTR attr { "," attr } if it is next.
func (p *parser) optionalAttrs() *AttrClause {
	start := p.pos
	if !p.acceptClause(kwAttr) {
		return nil
	}
	c := &AttrClause{Attrs: p.parseAttrs()}
	c.At = p.since(start)
	return c
}

// optionalSort parses the clause SORT BY attr [ ASC | DESC ] if it is next. SORT
// before any other word than BY begins a step.
func (p *parser) optionalSort() *SortClause {
	if !p.atClause(kwSort) || !p.sortsBy() && p.after() < len(p.text) {
		return nil
	}
	start := p.pos
	p.take(kwSort)
	p.expect(kwBy)
	c := &SortClause{By: p.parseAttr(), Order: p.optionalOrder()}
	c.At = p.since(start)
	return c
}

// optionalOrder parses a direction of sorting if one is next.
func (p *parser) optionalOrder() Order {
	switch {
	case p.acceptClause(kwAsc):
		return Ascending
	case p.acceptClause(kwDesc):
		return Descending
	}
	return DefaultOrder
}

// selection adds an expression to a step.
func (d *stepDoc) selection(e *SelectExpr) {
	if e.Transform == NoTransform {
		d.add(e.Var.Name, e.Var.At)
	} else {
		d.add(e.Transform.String()+"("+e.Var.Name+")", e.Var.At)
	}
	d.where(e.Where)
	if c := e.Attrs; c != nil {
		d.clause(c.At, func() *doc { return concat(text("ATTR "), d.f.attrs(c.Attrs)) })
	}
	if c := e.Sort; c != nil {
		d.clause(c.At, func() *doc { return text("SORT BY " + c.By.String() + orderSuffix(c.Order)) })
	}
	d.limit("LIMIT", e.Limit)
	if e.Offset != nil && e.Limit != nil {
		d.tail(e.Offset.At, func() *doc { return text("OFFSET " + e.Offset.String()) })
		return
	}
	d.limit("OFFSET", e.Offset)
}

// limit adds LIMIT or OFFSET to a step if n is not nil.
func (d *stepDoc) limit(word string, n *IntLit) {
	if n != nil {
		d.clause(n.At, func() *doc { return text(word + " " + n.String()) })
	}
}

func orderSuffix(o Order) string {
	if o == DefaultOrder {
		return ""
	}
	return " " + o.String()
}
