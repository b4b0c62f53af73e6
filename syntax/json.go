// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
)

// The data of NEW are JSON (RFC 8259) with some liberties: strings may stand in
// single quotes and have the escapes of hunts, numbers may have a plus sign and
// begin or end with the point, true, false and null may have any case, and
// comments may stand between tokens.

// atString reports whether a string without a prefix is next.
func (p *parser) atString() bool {
	return !p.failed && isQuote(byteAt(p.text, p.pos))
}

// expectData reads the sign w, or fails.
func (p *parser) expectData(w want) {
	if !p.accept(w) {
		p.failData(w)
	}
}

// closeData reads the sign w that closes the one at open, or fails.
func (p *parser) closeData(w want, open int) {
	if !p.accept(w) && !p.failed {
		p.failData(w, p.openedAt(open))
	}
}

// failData fails because the data depart from JSON at pos.
func (p *parser) failData(w want, related ...diag.Related) {
	if p.failed {
		return
	}
	p.wants.add(w)
	d := p.unexpectedToken(p.wants.String())
	if d.Code == diag.UnexpectedToken {
		d.Code = diag.InvalidJSON
	}
	d.Related = related
	if c := byteAt(p.text, p.pos); (c == ']' || c == '}') && p.text[p.end-1] == ',' {
		d.Hint = "a comma needs another value behind it"
		d.Fixes = []diag.Fix{{
			Title: "remove the comma",
			Edits: []diag.Edit{{Span: p.span(p.end-1, p.end)}},
		}}
	}
	p.fail(d)
}

// newKey adds a key that was read at a span to the keys of an object. If it is
// there already, newKey reports that and returns false.
func (p *parser) newKey(keys map[string]diag.Span, key string, at diag.Span) bool {
	first, known := keys[key]
	if !known {
		keys[key] = at
		return true
	}
	p.report(diag.Diagnostic{
		Code:    diag.InvalidJSON,
		Span:    at,
		Message: fmt.Sprintf("this object has %s twice", shorten(key)),
		Related: []diag.Related{{Span: first, Message: "it stands here first"}},
	})
	return false
}

// parseScalar parses a number, a boolean or null.
func (p *parser) parseScalar() entity.Value {
	if p.failed {
		return entity.Value{}
	}
	for _, word := range []struct {
		text  string
		value entity.Value
	}{
		{"true", entity.BoolValue(true)},
		{"false", entity.BoolValue(false)},
		{"null", entity.Value{}},
	} {
		if p.atWord(word.text) {
			p.advance(Keyword, p.pos+len(word.text))
			return word.value
		}
	}
	if end, float := numberEnd(p.text, p.pos); end > p.pos {
		value, _ := p.number(end, float)
		return value
	}
	p.wants = wantSet{}
	p.failData(aValue)
	return entity.Value{}
}

// parseJSON parses a list or an object that is a value of NEW, and returns it as
// compact JSON.
func (p *parser) parseJSON() string {
	var b strings.Builder
	p.writeJSON(&b)
	return b.String()
}

// writeJSON parses any value and writes it to b.
func (p *parser) writeJSON(b *strings.Builder) {
	switch {
	case p.atString():
		writeQuoted(b, p.parseText(jsonString))
	case p.at(signOpenBracket):
		p.writeJSONList(b)
	case p.at(signOpenBrace):
		p.writeJSONObject(b)
	default:
		p.writeJSONScalar(b)
	}
}

func (p *parser) writeJSONList(b *strings.Builder) {
	open := p.pos
	p.deeper()
	p.accept(signOpenBracket)
	b.WriteByte('[')
	for first := true; !p.failed; first = false {
		if first && p.at(signCloseBracket) {
			break
		}
		p.writeJSON(b)
		if !p.accept(signComma) {
			break
		}
		b.WriteByte(',')
	}
	p.closeData(signCloseBracket, open)
	b.WriteByte(']')
	p.depth--
}

func (p *parser) writeJSONObject(b *strings.Builder) {
	open := p.pos
	p.deeper()
	p.accept(signOpenBrace)
	b.WriteByte('{')
	keys := map[string]diag.Span{}
	for first := true; !p.failed; first = false {
		if first && p.at(signCloseBrace) {
			break
		}
		p.writeJSONKey(b, keys)
		p.expectData(signColon)
		b.WriteByte(':')
		p.writeJSON(b)
		if !p.accept(signComma) {
			break
		}
		b.WriteByte(',')
	}
	p.closeData(signCloseBrace, open)
	b.WriteByte('}')
	p.depth--
}

func (p *parser) writeJSONKey(b *strings.Builder, keys map[string]diag.Span) {
	if !p.atString() {
		p.failData(aString)
		return
	}
	start := p.pos
	key := p.parseText(jsonString)
	p.newKey(keys, key, p.since(start))
	writeQuoted(b, key)
}

// writeJSONScalar parses a number, a boolean or null, and writes it. A number
// stays as written if JSON allows that.
func (p *parser) writeJSONScalar(b *strings.Builder) {
	start := p.pos
	value := p.parseScalar()
	switch text := p.since(start).Text(); {
	case p.failed:
	case value.IsNull():
		b.WriteString("null")
	case json.Valid([]byte(text)):
		b.WriteString(text)
	default:
		b.WriteString(value.String())
	}
}

func writeQuoted(b *strings.Builder, text string) {
	var quoted strings.Builder
	enc := json.NewEncoder(&quoted)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(text); err != nil {
		panic("syntax: a string is no JSON: " + err.Error())
	}
	b.WriteString(strings.TrimSuffix(quoted.String(), "\n"))
}

// json returns the doc of the JSON value at an offset, and where it ends.
func (f *formatter) json(file *diag.File, i int) (d *doc, end int) {
	around := map[byte]string{'[': "[]", '{': "{}"}[file.Text[i]]
	if around == "" {
		return f.jsonScalar(file, i)
	}
	spans := jsonItems(file, i)
	end = spans[len(spans)-1].End
	spans = spans[:len(spans)-1]
	if len(spans) == 0 {
		return text(around), end
	}
	between := f.line
	if around == "[]" {
		between = f.fillLine
	}
	return f.enclosed(file.Span(i, end), spans, around, between, func(k int) *doc {
		item, behind := f.json(file, spans[k].Start)
		if behind == spans[k].End {
			return item
		}
		colon := afterTrivia(file.Text, behind)
		value, _ := f.json(file, afterTrivia(file.Text, colon+1))
		return concat(item, text(": "), value)
	}), end
}

// jsonScalar returns the doc of a string, a number, a boolean or null.
func (f *formatter) jsonScalar(file *diag.File, i int) (d *doc, end int) {
	if n, _ := numberEnd(file.Text, i); n > i {
		return text(file.Text[i:n]), n
	}
	end = tokenEnd(file.Text, i)
	if isWordStart(file.Text[i]) {
		return text(strings.ToLower(file.Text[i:end])), end
	}
	return text(file.Text[i:end]), end
}

// jsonItems returns the spans of the items of the list or object at an offset,
// keys with their values, and at last the span of its closing sign.
func jsonItems(file *diag.File, i int) []diag.Span {
	var spans []diag.Span
	start, end, depth := 0, i+1, 0
	for i = afterTrivia(file.Text, i+1); ; i = afterTrivia(file.Text, i) {
		c := file.Text[i]
		closes := c == ']' || c == '}'
		if depth == 0 && (closes || c == ',') {
			if start > 0 {
				spans = append(spans, file.Span(start, end))
			}
			start = 0
			if closes {
				return append(spans, file.Span(i, i+1))
			}
			i++
			continue
		}
		switch {
		case closes:
			depth--
		case c == '[' || c == '{':
			depth++
		}
		if start == 0 {
			start = i
		}
		i = max(i+1, jsonTokenEnd(file.Text, i))
		end = i
	}
}

func jsonTokenEnd(s string, i int) int {
	if n, _ := numberEnd(s, i); n > i {
		return n
	}
	return tokenEnd(s, i)
}
