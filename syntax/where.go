// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/stix"
)

// parseWhere parses the condition behind WHERE, which is next:
//
//	where := WHERE ( or | "[" or "]" )
func (p *parser) parseWhere() *WhereClause {
	start := p.pos
	p.take(kwWhere)
	w := &WhereClause{}
	p.parens = nil
	if open := p.pos; p.nextIs('[') {
		p.take(signOpenBracket)
		w.Bracketed = true
		p.depth++
		w.Expr = p.parseOr()
		p.depth--
		p.expectClosing(signCloseBracket, open)
	} else {
		w.Expr = p.parseOr()
	}
	w.Parens, p.parens = p.parens, nil
	w.At = p.since(start)
	return w
}

// optionalWhere parses a condition if WHERE is next.
func (p *parser) optionalWhere() *WhereClause {
	if !p.atClause(kwWhere) {
		return nil
	}
	return p.parseWhere()
}

// parseOr parses comparisons that AND and OR join; AND binds tighter:
//
//	or  := and { OR and }
//	and := term { AND term }
func (p *parser) parseOr() stix.Expr {
	x := p.parseAnd()
	for p.acceptLogic(kwOr) {
		x = combine(stix.Or, x, p.parseAnd())
	}
	return x
}

func (p *parser) parseAnd() stix.Expr {
	x := p.parseTerm()
	for p.acceptLogic(kwAnd) {
		x = combine(stix.And, x, p.parseTerm())
	}
	return x
}

// acceptLogic reads AND or OR. Within brackets or parentheses the step cannot be
// complete, so the word cannot be a variable.
func (p *parser) acceptLogic(w want) bool {
	if p.depth > 0 {
		return p.accept(w)
	}
	return p.acceptClause(w)
}

// combine returns X op Y; a side that failed is left out.
func combine(op stix.LogicOp, x, y stix.Expr) stix.Expr {
	switch {
	case x == nil:
		return y
	case y == nil:
		return x
	}
	return &stix.Logic{Op: op, X: x, Y: y}
}

// parseTerm parses one comparison, or an expression in parentheses:
//
//	term := comparison | "(" or ")"
func (p *parser) parseTerm() stix.Expr {
	if !p.nextIs('(') {
		return p.parseComparison()
	}
	open := p.pos
	p.deeper()
	p.accept(signOpen)
	x := p.parseOr()
	p.expectClosing(signClose, open)
	p.depth--
	if n := len(p.parens); x != nil && (n == 0 || p.parens[n-1] != x) {
		p.parens = append(p.parens, x)
	}
	return x
}

// parseComparison parses a test of one attribute:
//
//	comparison := [ type ":" ] attr op value | [ type ":" ] attr IS [ NOT ] NULL
func (p *parser) parseComparison() stix.Expr {
	start := p.pos
	path, ok := p.parsePath()
	if !ok {
		return nil
	}
	c := &stix.Comparison{Path: path}
	opStart := p.pos
	p.parseOp(c)
	if p.failed {
		return nil
	}
	c.OpAt = p.since(opStart)
	if c.Op != stix.IsNull {
		c.Value = p.parseOperand()
	}
	c.At = p.since(start)
	if p.failed {
		return nil
	}
	return c
}

// parsePath parses the left side of a comparison.
func (p *parser) parsePath() (path stix.Path, ok bool) {
	p.wants.add(anAttribute)
	if p.failed || p.word == "" || p.atPlainCommand() {
		p.unexpected()
		return path, false
	}
	start := p.pos
	if p.typedAttr() {
		path.Type = p.advance(EntityType, nameEnd(p.text, p.pos)+1).Text()
		path.Type = strings.TrimSuffix(path.Type, ":")
		p.wants.add(anAttribute)
		if p.word == "" {
			p.unexpected()
			return path, false
		}
	}
	attr := p.attr()
	if attr == nil {
		return path, false
	}
	path.Steps, path.At = attr.Path.Steps, p.since(start)
	return path, true
}

// comparisons are the operators that one token writes.
var comparisons = []struct {
	want want
	op   stix.Op
	word bool // a word, before which NOT may stand
}{
	{signEqual, stix.Equal, false},
	{signNotEqual, stix.NotEqual, false},
	{signLess, stix.Less, false},
	{signLessEqual, stix.LessEqual, false},
	{signGreater, stix.Greater, false},
	{signGreaterEqual, stix.GreaterEqual, false},
	{kwIn, stix.In, true},
	{kwLike, stix.Like, true},
	{kwMatches, stix.Matches, true},
	{kwIsSubset, stix.IsSubset, true},
	{kwIsSuperset, stix.IsSuperset, true},
}

// parseOp parses an operator, with its NOT, into c:
//
//	op := "=" | "==" | "!=" | "<" | "<=" | ">" | ">="
//	    | [ NOT ] ( IN | LIKE | MATCHES | ISSUBSET | ISSUPERSET )
//	    | IS [ NOT ] NULL
func (p *parser) parseOp(c *stix.Comparison) {
	if p.acceptEquals() {
		c.Op = stix.Equal
		return
	}
	c.Not = p.accept(kwNot)
	for _, o := range comparisons {
		if (o.word || !c.Not) && p.accept(o.want) {
			c.Op = o.op
			return
		}
	}
	if !c.Not && p.accept(kwIs) {
		c.Op = stix.IsNull
		p.parseNull(c)
		return
	}
	p.failOp(c)
}

// parseNull parses what follows IS: [ NOT ] NULL.
func (p *parser) parseNull(c *stix.Comparison) {
	c.Not = p.accept(kwNot)
	if !p.accept(kwNull) && !p.failed {
		p.fail(p.unexpectedToken("NULL or NOT NULL"))
	}
}

// acceptEquals reads the equals sign that is written twice.
func (p *parser) acceptEquals() bool {
	if p.failed || !p.atSign("==") {
		return false
	}
	p.advance(Operator, p.pos+len("=="))
	return true
}

// failOp fails because no operator is next.
func (p *parser) failOp(c *stix.Comparison) {
	if p.failed {
		return
	}
	d := p.unexpectedToken(p.wants.String())
	switch {
	case p.wrote("<>"):
		p.suggest(&d, p.span(p.pos, p.pos+len("<>")), "!=")
		d.Span, d.Message = p.span(p.pos, p.pos+len("<>")), "<> is no comparison operator"
	case c.Not:
		d.Hint, d.Fixes = "NOT stands only before IN, LIKE, MATCHES, ISSUBSET and ISSUPERSET", nil
	case strings.EqualFold(c.Path.At.Text(), kwNot.text()):
		d.Span, d.Message = c.Path.At, "NOT cannot stand before a comparison"
		d.Code = diag.UnexpectedToken
		d.Hint, d.Fixes = "write it before the operator: name NOT LIKE 'a%', or use !=", nil
	}
	p.fail(d)
}

// wrote reports whether the text at pos begins with s.
func (p *parser) wrote(s string) bool { return strings.HasPrefix(p.text[p.pos:], s) }

// where adds a condition to a step if w is not nil.
func (d *stepDoc) where(w *WhereClause) {
	if w == nil {
		return
	}
	d.clause(w.At, func() *doc {
		c := &condition{f: d.f, parens: map[stix.Expr]bool{}, lead: len("WHERE ")}
		for _, e := range w.Parens {
			c.parens[e] = true
		}
		if !w.Bracketed {
			return concat(text("WHERE "), c.term(w.Expr, false))
		}
		c.lead++
		return concat(text("WHERE ["), c.term(w.Expr, false), text("]"))
	})
}

// A condition formats the expression of one WHERE.
type condition struct {
	f      *formatter
	parens map[stix.Expr]bool
	lead   int // how deep terms stand in a line of their own
}

// term returns the doc of an expression, in parentheses if it has them or needs
// them.
func (c *condition) term(e stix.Expr, needs bool) *doc {
	var d *doc
	parens := needs || c.parens[e]
	lead := c.lead
	if parens {
		c.lead = 0
	}
	switch e := e.(type) {
	case *stix.Comparison:
		d = c.comparison(e)
	case *stix.Logic:
		d = c.chain(e)
	case *stix.Exists:
		panic("syntax: format of EXISTS, which no hunt has")
	}
	c.lead = lead
	if parens {
		return concat(text("("), align(d), text(")"))
	}
	return d
}

// chain returns the doc of terms that one operator joins.
func (c *condition) chain(e *stix.Logic) *doc {
	terms := []stix.Expr{e.Y}
	x := e.X
	for {
		l, ok := x.(*stix.Logic)
		if !ok || l.Op != e.Op || c.parens[l] {
			break
		}
		terms = append(terms, l.Y)
		x = l.X
	}
	slices.Reverse(terms)
	kids := []*doc{c.term(x, needsParens(x, e.Op, false))}
	word := e.Op.String() + " "
	prev := x.Span()
	for _, term := range terms {
		next := term.Span()
		kids = append(kids, nest(max(0, c.lead-len(word)), c.f.line(prev, next)), text(word),
			c.term(term, needsParens(term, e.Op, true)))
		prev = next
	}
	return group(kids...)
}

// needsParens reports whether an operand of op must stand in parentheses for the
// tree to be read back.
func needsParens(operand stix.Expr, op stix.LogicOp, right bool) bool {
	l, ok := operand.(*stix.Logic)
	return ok && (l.Op == op && right || l.Op == stix.Or && op == stix.And)
}

func (c *condition) comparison(e *stix.Comparison) *doc {
	head := written(e.Path.At, e.Path.String()) + " "
	if e.Op == stix.IsNull {
		if e.Not {
			return text(head + "IS NOT NULL")
		}
		return text(head + "IS NULL")
	}
	if e.Not {
		head += "NOT "
	}
	return concat(text(head+e.Op.String()+" "), c.f.operand(e.Value))
}
