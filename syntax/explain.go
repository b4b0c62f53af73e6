// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
)

// An ExplainStmt shows how a variable is computed, without computing it unless
// ANALYZE asks for that:
//
//	explain := EXPLAIN [ ANALYZE ] VAR
type ExplainStmt struct {
	Analyze bool
	Input   *Ident
	At      diag.Span
}

// Span returns the place of the step.
func (s *ExplainStmt) Span() diag.Span { return s.At }
func (*ExplainStmt) stmtNode()         {}

// parseExplain parses an EXPLAIN behind its word.
func (p *parser) parseExplain(start int) *ExplainStmt {
	s := &ExplainStmt{Analyze: p.acceptAnalyze()}
	s.Input = p.parseVariable()
	if !s.Analyze && s.Input != nil && strings.EqualFold(s.Input.Name, kwAnalyze.text()) {
		p.wants.add(aVariable)
	}
	s.At = p.since(start)
	return s
}

// acceptAnalyze reads ANALYZE if a variable of this step follows it; else the
// word is the variable.
func (p *parser) acceptAnalyze() bool {
	if !p.at(kwAnalyze) {
		return false
	}
	ahead := *p
	ahead.tokens = nil
	ahead.take(kwAnalyze)
	if ahead.word == "" || ahead.atTarget() || ahead.atCommand() {
		return false
	}
	p.take(kwAnalyze)
	return true
}

func (f *formatter) explain(s *ExplainStmt) *doc {
	if s.Analyze {
		return text("EXPLAIN ANALYZE " + s.Input.Name)
	}
	return text("EXPLAIN " + s.Input.Name)
}
