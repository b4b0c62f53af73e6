// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import "fmt"

// parseHunt parses a whole text: { stmt }.
func (p *parser) parseHunt() *Hunt {
	hunt := &Hunt{File: p.file}
	for p.pos < len(p.text) {
		p.last = p.parseStmt()
		hunt.Stmts = append(hunt.Stmts, p.last)
	}
	p.finish = p.fault
	if p.fault.pos < len(p.text) || p.fault.wants == (wantSet{}) {
		p.wantStep()
		p.finish = place{pos: p.pos, wants: p.wants}
	}
	return hunt
}

// wantStep records that a step may begin here.
func (p *parser) wantStep() {
	p.wants.add(aTarget)
	for _, w := range commands {
		p.wants.add(w)
	}
}

// parseStmt parses one hunt step. A step that departs from the grammar costs
// one diagnostic and becomes a BadStmt; the steps after it are still checked.
// parseStmt always consumes at least one token, so Parse terminates.
func (p *parser) parseStmt() Stmt {
	start := p.pos
	stmt := p.parseStep()
	if !p.failed {
		return stmt
	}
	p.recover(start, stmt != nil)
	bad := &BadStmt{Part: stmt, At: p.since(start)}
	if stmt != nil {
		bad.Var = Target(stmt)
	}
	return bad
}

// parseStep parses a step, or fails and returns what it understood:
//
//	stmt := VAR "=" ( expression | merge | producer ) | command
func (p *parser) parseStep() Stmt {
	before := p.wants
	p.wantStep()
	if p.atTarget() {
		if before != (wantSet{}) && !p.atAssign() && !p.startsLine() {
			p.failStep(before)
			return nil
		}
		return p.parseAssign()
	}
	for _, w := range commands {
		if p.atWord(w.text()) {
			if w == kwSort && p.sortsBy() {
				break
			}
			return p.parseCommand(nil, p.pos, w)
		}
	}
	p.failStep(before)
	return nil
}

// parseAssign parses a step that begins with a variable and an equals sign.
func (p *parser) parseAssign() Stmt {
	start := p.pos
	v := p.ident(Variable, p.pos+len(p.word))
	p.expect(signAssign)
	if w, ok := p.oneOf(producers...); ok {
		return p.parseCommand(v, start, w)
	}
	return p.parseExpression(v, start)
}

// parseCommand parses the command whose word is next; the step began at start
// and assigns v if that is not nil.
func (p *parser) parseCommand(v *Ident, start int, w want) Stmt {
	p.take(w)
	switch w {
	case kwGet:
		return p.parseGet(v, start)
	case kwFind:
		return p.parseFind(v, start)
	case kwNew:
		return p.parseNew(v, start)
	case kwLoad:
		return p.parseLoad(v, start)
	case kwSave:
		return p.parseSave(start)
	case kwSort:
		return p.parseSort(v, start)
	case kwGroup:
		return p.parseGroup(v, start)
	case kwJoin:
		return p.parseJoin(v, start)
	case kwApply:
		return p.parseApply(start)
	case kwDisp:
		return p.parseDisp(start)
	case kwInfo:
		return p.parseInfo(start)
	case kwDescribe:
		return p.parseDescribe(start)
	case kwExplain:
		return p.parseExplain(start)
	case kwWhy:
		return p.parseWhy(start)
	}
	panic("syntax: " + w.text() + " is no command")
}

// failStep fails because no step begins at pos. What the step before it might
// have gone on with was wanted before.
func (p *parser) failStep(before wantSet) {
	d := p.unexpectedToken(p.wants.String())
	starts := before == (wantSet{}) || p.startsLine()
	if starts && p.word != "" && len(d.Fixes) == 0 && !p.atClauseWord() {
		p.failTarget()
		return
	}
	if d.Hint == "" {
		d.Hint = p.stepHint(before)
	}
	p.fail(d)
}

// failTarget fails because the word at pos is no command and no equals sign
// follows it.
func (p *parser) failTarget() {
	name := p.ident(Variable, p.pos+len(p.word)).Name
	p.wants.add(signAssign)
	d := p.unexpectedToken("=")
	d.Message = fmt.Sprintf("expected = after %s, found %s", name, p.found())
	d.Hint, d.Fixes = "a step begins with a command, or with a variable and =", nil
	if p.pos == p.end && p.nextIs('-') {
		d.Hint = "the name of a variable has no hyphen"
	}
	p.fail(d)
}

// clauses are the words that begin a clause or join parts of one.
var clauses = []want{
	kwFrom, kwWithin, kwWhere, kwStart, kwLast, kwAttr, kwSort, kwLimit, kwOffset,
	kwBy, kwWith, kwAs, kwOn, kwTo, kwStop, kwAnd, kwOr,
}

func (p *parser) atClauseWord() bool {
	for _, w := range clauses {
		if p.atWord(w.text()) {
			return true
		}
	}
	return false
}

// stepHint says what may be wrong at pos, where the step before it could have
// ended.
func (p *parser) stepHint(before wantSet) string {
	clause := p.atClauseWord()
	switch {
	case p.last == nil || before == (wantSet{}) && !clause:
		return "a step begins with a command, or with a variable and ="
	case p.atWord(kwAnd.text()) || p.atWord(kwOr.text()):
		return "one pair of brackets holds the whole condition"
	case clause:
		return clauseOrder(p.last)
	case before.has(kwAnd) && p.word != "":
		return "AND or OR joins two comparisons"
	case before.has(signComma):
		return "a comma separates the items of a list"
	}
	return ""
}

// clauseOrder says which clauses a step has, and in which order.
func clauseOrder(s Stmt) string {
	switch s.(type) {
	case *AssignStmt, *DispStmt:
		return "the order is WHERE, ATTR, SORT BY, LIMIT, OFFSET, each at most once"
	case *GetStmt:
		return "the order is FROM, WHERE, START or LAST, LIMIT, each at most once"
	case *FindStmt:
		return "the order is BY, WITHIN, WHERE, START or LAST, LIMIT, each at most once"
	case *MergeStmt:
		return "a merge has no clauses: assign it first"
	default: // nothing to do for the others
	}
	return ""
}

// Target returns the variable that a step assigns, and nil if it names none.
func Target(s Stmt) *Ident {
	switch s := s.(type) {
	case *AssignStmt:
		return s.Var
	case *MergeStmt:
		return s.Var
	case *GetStmt:
		return s.Var
	case *FindStmt:
		return s.Var
	case *NewStmt:
		return s.Var
	case *LoadStmt:
		return s.Var
	case *SortStmt:
		return s.Var
	case *GroupStmt:
		return s.Var
	case *JoinStmt:
		return s.Var
	case *BadStmt:
		return s.Var
	case *SaveStmt, *ApplyStmt, *DispStmt, *InfoStmt, *DescribeStmt, *ExplainStmt, *WhyStmt:
		return nil
	}
	return nil
}
