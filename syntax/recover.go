// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import "slices"

import "strings"

// producers are the words of commands whose result can be assigned; commands
// are all of them.
var (
	producers = []want{kwGet, kwFind, kwNew, kwLoad, kwSort, kwGroup, kwJoin}
	commands  = append(slices.Clip(producers),
		kwSave, kwInfo, kwDisp, kwDescribe, kwApply, kwExplain, kwWhy)
)

// recover skips the rest of a faulty step that began at start. It reads at
// least one token, and stops where a step plainly begins: a guess too many
// would report a fault that is none. If something was understood of the step,
// the token at fault may begin the next.
func (p *parser) recover(start int, understood bool) {
	p.failed, p.depth = false, 0
	p.ref, p.parens = nil, nil
	p.word = p.text[p.pos:wordEnd(p.text, p.pos)]
	indent := p.indent(start)
	for first := understood; p.pos < len(p.text); first = false {
		if p.pos > start && p.atStep(indent, first) {
			return
		}
		p.advance(Skipped, tokenEnd(p.text, p.pos))
	}
}

// atStep reports whether a step plainly begins at pos: at the start of a line,
// or, with a word that only commands have, where the fault was found.
func (p *parser) atStep(indent int, first bool) bool {
	if p.word == "" {
		return false
	}
	starts := p.startsLine()
	if p.startsAssignment() {
		return p.assignsCommand() || starts && p.indent(p.pos) <= indent
	}
	return (starts || first) && p.atCommand()
}

// startsAssignment is atAssign for text that may be anything.
func (p *parser) startsAssignment() bool { return p.atAssign() && p.assigned() < len(p.text) }

func (p *parser) assignsCommand() bool {
	i := p.assigned()
	word := p.text[i:wordEnd(p.text, i)]
	for _, w := range producers {
		if strings.EqualFold(word, w.text()) {
			return true
		}
	}
	return false
}

// atCommand reports whether a command's word is next that is no sort clause.
func (p *parser) atCommand() bool {
	if p.atWord(kwSort.text()) {
		return !p.sortsBy()
	}
	for _, w := range commands {
		if p.atWord(w.text()) {
			return true
		}
	}
	return false
}

// sortsBy reports whether BY follows the word that is next, as in SORT BY pid.
func (p *parser) sortsBy() bool {
	i := p.after()
	return strings.EqualFold(p.text[i:wordEnd(p.text, i)], kwBy.text())
}

// startsLine reports whether only blanks stand before pos in its line.
func (p *parser) startsLine() bool {
	i := p.pos
	for i > 0 && p.text[i-1] != '\n' && isBlank(p.text[i-1]) {
		i--
	}
	return i == 0 || p.text[i-1] == '\n'
}

// indent returns how many bytes stand before an offset in its line.
func (p *parser) indent(offset int) int {
	return offset - strings.LastIndexByte(p.text[:offset], '\n') - 1
}
