// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import "github.com/kestrelhunt/kestrel/diag"

// A GroupStmt groups a variable's entities by keys and computes aggregates:
//
//	group := [ VAR "=" ] GROUP VAR BY key { "," key } [ WITH agg { "," agg } ]
//	key   := attr | BIN "(" attr "," n [ unit ] ")"
//	agg   := ( MIN | MAX | SUM | AVG | COUNT | NUNIQUE ) "(" attr ")" [ AS alias ]
//
// COUNT also accepts an asterisk in place of the attribute.
type GroupStmt struct {
	Var   *Ident // nil: the default variable
	Input *Ident
	Keys  []*GroupKey
	Aggs  []*Aggregate // none: no WITH clause
	At    diag.Span
}

// Span returns the place of the step.
func (s *GroupStmt) Span() diag.Span { return s.At }
func (*GroupStmt) stmtNode()         {}

// A GroupKey is an attribute to group by, as it is or in bins of a size.
type GroupKey struct {
	Attr *Attr
	Bin  *IntLit // nil: no bins; at least 1
	Unit Unit    // NoUnit: bins of a number
	At   diag.Span
}

// Span returns the place of the key.
func (k *GroupKey) Span() diag.Span { return k.At }

// An Aggregate is one computed column of a GROUP.
type Aggregate struct {
	Func  AggFunc
	Attr  *Attr  // nil: COUNT(*)
	Alias *Ident // nil: the default name
	At    diag.Span
}

// Span returns the place of the aggregate.
func (a *Aggregate) Span() diag.Span { return a.At }

// AggFunc is an aggregate function.
type AggFunc uint8

// The aggregate functions.
const (
	Min AggFunc = iota
	Max
	Sum
	Avg
	Count
	NUnique
)

// String returns the function's word, such as COUNT.
func (f AggFunc) String() string {
	return [...]string{"MIN", "MAX", "SUM", "AVG", "COUNT", "NUNIQUE"}[f]
}

// parseGroup parses a GROUP behind its word.
func (p *parser) parseGroup(v *Ident, start int) *GroupStmt {
	s := &GroupStmt{Var: v, Input: p.parseVariable()}
	p.expect(kwBy)
	for !p.failed {
		s.Keys = append(s.Keys, p.parseKey())
		if !p.accept(signComma) {
			break
		}
	}
	if p.acceptClause(kwWith) {
		for !p.failed {
			s.Aggs = append(s.Aggs, p.parseAggregate())
			if !p.accept(signComma) {
				break
			}
		}
	}
	s.At = p.since(start)
	return s
}

// parseKey parses one key of a GROUP. BIN without a parenthesis is an attribute.
func (p *parser) parseKey() *GroupKey {
	start := p.pos
	k := &GroupKey{}
	if p.at(kwBin) && byteAt(p.text, p.after()) == '(' {
		p.take(kwBin)
		p.expect(signOpen)
		k.Attr = p.parseAttr()
		p.expect(signComma)
		k.Bin = p.parseInt(1, true)
		k.Unit = p.optionalUnit()
		p.expect(signClose)
	} else {
		k.Attr = p.parseAttr()
	}
	k.At = p.since(start)
	return k
}

var aggregates = []want{kwMin, kwMax, kwSum, kwAvg, kwCount, kwNUnique}

// parseAggregate parses one aggregate of a GROUP.
func (p *parser) parseAggregate() *Aggregate {
	start := p.pos
	a := &Aggregate{}
	w, ok := p.oneOf(aggregates...)
	if !ok {
		p.unexpected()
		return a
	}
	p.take(w)
	a.Func = AggFunc(w - kwMin)
	p.expect(signOpen)
	if w != kwCount || !p.accept(signStar) {
		a.Attr = p.parseAttr()
	}
	p.expect(signClose)
	if p.acceptClause(kwAs) {
		a.Alias = p.parseName(Name, anAlias)
	}
	a.At = p.since(start)
	return a
}

func (f *formatter) group(s *GroupStmt) *doc {
	d := f.step(s.Var, "GROUP")
	d.add(s.Input.Name, s.Input.At)
	keys := spansOf(s.Keys)
	d.tail(keys[0], func() *doc {
		return concat(text("BY "), f.list(keys, func(i int) *doc { return text(s.Keys[i].String()) }))
	})
	d.prev = keys[len(keys)-1]
	if aggs := spansOf(s.Aggs); len(aggs) > 0 {
		d.clause(aggs[0], func() *doc {
			return concat(text("WITH "), f.list(aggs, func(i int) *doc { return text(s.Aggs[i].String()) }))
		})
	}
	return d.doc()
}

// String returns the key in canonical form.
func (k *GroupKey) String() string {
	if k.Bin == nil {
		return k.Attr.String()
	}
	return "BIN(" + k.Attr.String() + ", " + unitsText(k.Bin.Value, k.Unit) + ")"
}

// String returns the aggregate in canonical form.
func (a *Aggregate) String() string {
	attr := "*"
	if a.Attr != nil {
		attr = a.Attr.String()
	}
	text := a.Func.String() + "(" + attr + ")"
	if a.Alias != nil {
		text += " AS " + a.Alias.Name
	}
	return text
}
