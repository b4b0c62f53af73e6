// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/stix"
)

// parseAttr parses the name of an attribute, or fails and returns nil:
//
//	attr := name { "[*]" | "." piece }
//
// A piece is letters, digits, underscores and hyphens, or any text in single
// quotes.
func (p *parser) parseAttr() *Attr {
	if p.failed {
		return nil
	}
	p.wants.add(anAttribute)
	if p.word == "" || p.atOtherStep() {
		p.unexpected()
		return nil
	}
	if p.typedAttr() {
		p.failTypedAttr()
		return nil
	}
	return p.attr()
}

// attr reads the attribute at pos.
func (p *parser) attr() *Attr {
	start := p.pos
	steps, end := p.attrSteps(start)
	if p.failed {
		return nil
	}
	at := p.advance(Attribute, end)
	return &Attr{
		Name: stix.AttrName(steps),
		Path: stix.Path{Steps: steps, At: at},
		At:   at,
	}
}

// attrSteps reads the steps of the attribute at i and returns where it ends.
func (p *parser) attrSteps(i int) (steps []stix.Step, end int) {
	end = nameEnd(p.text, i)
	steps = append(steps, stix.Step{Kind: stix.Key, Name: p.text[i:end]})
	for !p.failed {
		switch {
		case strings.HasPrefix(p.text[end:], "[*]"):
			steps = append(steps, stix.Step{Kind: stix.Star})
			end += len("[*]")
		case byteAt(p.text, end) == '[':
			p.failIndex(end)
		case strings.HasPrefix(p.text[end:], ".'"):
			name, next := p.quotedPiece(end + 1)
			steps = append(steps, stix.Step{Kind: stix.Key, Name: name})
			end = next
		case byteAt(p.text, end) == '.' && isNameByte(byteAt(p.text, end+1)):
			next := run(p.text, end+1, isNameByte)
			steps = append(steps, stix.Step{Kind: stix.Key, Name: p.text[end+1 : next]})
			end = next
		case byteAt(p.text, end) == '.':
			p.failDot(i, end)
		default:
			return steps, end
		}
	}
	return steps, end
}

// failDot fails because no name follows the dot at end of the attribute that
// begins at start.
func (p *parser) failDot(start, end int) {
	p.fail(diag.Diagnostic{
		Code:    diag.UnexpectedToken,
		Span:    p.span(end, end+1),
		Message: "expected a name after " + shorten(p.text[start:end+1]),
	})
}

// quotedPiece reads the piece of an attribute whose quote stands at i. A
// backslash may stand before a quote and a backslash.
func (p *parser) quotedPiece(i int) (name string, end int) {
	end, closed := stringEnd(p.text, i)
	if !closed {
		p.fail(diag.Diagnostic{
			Code:    diag.UnterminatedString,
			Span:    p.span(i, end),
			Message: "the line ends inside this name",
			Hint:    "close it with '",
		})
		return "", end
	}
	return unquotePiece.Replace(p.text[i+1 : end-1]), end
}

var unquotePiece = strings.NewReplacer(`\\`, `\`, `\'`, `'`)

// failIndex fails because of a bracket that is no [*].
func (p *parser) failIndex(i int) {
	end := i + 1
	if n := strings.IndexAny(p.text[i:], "]\n"); n > 0 && p.text[i+n] == ']' {
		end = i + n + 1
	}
	p.fail(diag.Diagnostic{
		Code:    diag.UnexpectedToken,
		Span:    p.span(i, end),
		Message: "only [*] may follow the name of a list, found " + shorten(p.text[i:end]),
	})
}

// typedAttr reports whether a type with its colon is next, as in process:name.
func (p *parser) typedAttr() bool {
	end := nameEnd(p.text, p.pos)
	return end > p.pos && byteAt(p.text, end) == ':' &&
		(isWordStart(byteAt(p.text, end+1)) || end+1 == len(p.text))
}

func (p *parser) failTypedAttr() {
	span := p.span(p.pos, nameEnd(p.text, p.pos)+1)
	p.fail(diag.Diagnostic{
		Code:    diag.UnexpectedToken,
		Span:    span,
		Message: "an attribute has a type before it only after WHERE, found " + shorten(span.Text()),
		Fixes: []diag.Fix{{
			Title: "remove the type",
			Edits: []diag.Edit{{Span: span}},
		}},
	})
}

// parseAttrs parses a list of attributes: attr { "," attr }.
func (p *parser) parseAttrs() []*Attr {
	var attrs []*Attr
	for !p.failed {
		if a := p.parseAttr(); a != nil {
			attrs = append(attrs, a)
		}
		if !p.accept(signComma) {
			break
		}
	}
	return attrs
}

// parseVariable parses the name of a variable that is read, or fails and
// returns nil. A name that an equals sign follows belongs to the next step.
func (p *parser) parseVariable() *Ident {
	p.wants.add(aVariable)
	if p.failed || p.word == "" || p.atOtherStep() {
		p.unexpected()
		return nil
	}
	return p.ident(Variable, p.pos+len(p.word))
}

// parseType parses the name of an entity type, or fails and returns nil.
func (p *parser) parseType() *Ident { return p.parseName(EntityType, aType) }

// parseName parses a name that may hold hyphens.
func (p *parser) parseName(kind TokenKind, w want) *Ident {
	p.wants.add(w)
	if p.failed || p.word == "" || p.atOtherStep() {
		p.unexpected()
		return nil
	}
	return p.ident(kind, nameEnd(p.text, p.pos))
}

// ident reads the name from pos to end.
func (p *parser) ident(kind TokenKind, end int) *Ident {
	at := p.advance(kind, end)
	return &Ident{Name: at.Text(), At: at}
}

// String returns the attribute as it was written.
func (a *Attr) String() string { return written(a.At, a.Name) }

// attrs returns the doc of a list of attributes.
func (f *formatter) attrs(attrs []*Attr) *doc {
	return f.list(spansOf(attrs), func(i int) *doc { return text(attrs[i].String()) })
}

// spansOf returns the spans of nodes.
func spansOf[N Node](nodes []N) []diag.Span {
	spans := make([]diag.Span, len(nodes))
	for i, n := range nodes {
		spans[i] = n.Span()
	}
	return spans
}

// written returns the text at a span, or else if there is no span because a
// program made the tree.
func written(at diag.Span, otherwise string) string {
	if at.IsZero() {
		return otherwise
	}
	return at.Text()
}
