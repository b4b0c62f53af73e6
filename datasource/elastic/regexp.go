// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package elastic

import (
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kestrelhunt/kestrel/stix"
)

// A lucene is the right side of MATCHES for Lucene, which compares an expression
// with the whole of a text as it came. It accepts every text whose normal form
// the original finds itself in, and few more: what Lucene cannot say, or what
// normalization may change, becomes ".*".
type lucene struct {
	expr     string   // of a whole text
	start    bool     // only at the beginning of a text
	end      bool     // only at its end
	bracket  bool     // a match may begin with an opening bracket
	required []string // texts that stand in every match, in order, stable ones
}

// The bounds of an expression: indices take up to 1000 characters, and
// repetitions are unrolled when they are compiled.
const (
	maxExpr   = 900
	maxRepeat = 64
)

// newLucene reads an expression of RE2 that compiles.
func newLucene(expr string) (lucene, error) {
	re, err := syntax.Parse("(?s:"+stix.NFC(expr)+")", syntax.Perl)
	if err != nil {
		return lucene{}, err
	}
	var out lucene
	parts := []*syntax.Regexp{flat(re)}
	if parts[0].Op == syntax.OpAlternate {
		parts = parts[0].Sub
	}
	var alternatives []string
	out.start, out.end = true, true
	for _, part := range parts {
		var w luceneWriter
		start, end := w.anchored(flat(part))
		text := w.String()
		if text == "" {
			text = "()" // Lucene wants the empty text spelt out
		}
		if !start {
			text = ".*" + text
		}
		if !end {
			text += ".*"
		}
		alternatives = append(alternatives, text)
		out.start, out.end = out.start && start, out.end && end
		if len(parts) == 1 {
			out.required = w.required
		}
		out.bracket = out.bracket || mayBegin(part, '[')
	}
	out.expr = simplify(strings.Join(alternatives, "|"))
	if utf8.RuneCountInString(out.expr) > maxExpr {
		out.expr = ".*"
	}
	return out, nil
}

// flat takes groups away that only capture.
func flat(re *syntax.Regexp) *syntax.Regexp {
	for re.Op == syntax.OpCapture {
		re = re.Sub[0]
	}
	return re
}

// simplify joins what accepts anything.
func simplify(expr string) string {
	for strings.Contains(expr, ".*.*") {
		expr = strings.ReplaceAll(expr, ".*.*", ".*")
	}
	return expr
}

// A luceneWriter writes one alternative.
type luceneWriter struct {
	strings.Builder
	required []string
	nested   int // inside something that need not match, or not once
}

// anchored writes re and reports whether it stands at the beginning and at the
// end of a text only.
func (w *luceneWriter) anchored(re *syntax.Regexp) (start, end bool) {
	parts := []*syntax.Regexp{re}
	if re.Op == syntax.OpConcat {
		parts = re.Sub
	}
	for len(parts) > 0 && flat(parts[0]).Op == syntax.OpBeginText {
		start, parts = true, parts[1:]
	}
	for len(parts) > 0 && flat(parts[len(parts)-1]).Op == syntax.OpEndText {
		end, parts = true, parts[:len(parts)-1]
	}
	for _, part := range parts {
		w.write(flat(part))
	}
	return start, end
}

// write writes re so that it accepts at least what re does.
func (w *luceneWriter) write(re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpLiteral:
		w.literal(re)
	case syntax.OpCharClass:
		w.class(re.Rune)
	case syntax.OpCapture:
		w.write(re.Sub[0])
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			w.write(sub)
		}
	case syntax.OpAlternate:
		w.group(func() {
			for i, sub := range re.Sub {
				if i > 0 {
					w.WriteByte('|')
				}
				before := w.Len()
				if w.write(sub); w.Len() == before {
					w.WriteString("()")
				}
			}
		})
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest:
		w.repeat(re.Sub[0], map[syntax.Op]string{syntax.OpStar: "*", syntax.OpPlus: "+", syntax.OpQuest: "?"}[re.Op])
	case syntax.OpRepeat:
		w.repeat(re.Sub[0], counted(re.Min, re.Max))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL, syntax.OpNoMatch:
		w.WriteString(".*")
	}
	// The rest is about a place and not about text: to leave it out accepts more.
}

// group writes something in parentheses, of which no text is required.
func (w *luceneWriter) group(body func()) {
	w.nested++
	w.WriteByte('(')
	body()
	w.WriteByte(')')
	w.nested--
}

// counted returns a repetition from least to most times; most is negative for
// any number.
func counted(least, most int) string {
	switch {
	case least > maxRepeat || most > maxRepeat:
		return "*"
	case most < 0:
		return "{" + strconv.Itoa(least) + ",}"
	case least == most:
		return "{" + strconv.Itoa(least) + "}"
	}
	return "{" + strconv.Itoa(least) + "," + strconv.Itoa(most) + "}"
}

func (w *luceneWriter) repeat(re *syntax.Regexp, times string) {
	var inner luceneWriter
	inner.nested = 1
	inner.write(re)
	body := simplify(inner.String())
	switch {
	case body == "":
	case strings.Contains(body, ".*"):
		// A repetition of it is costly to compile, and says hardly more.
		w.WriteString(".*")
	default:
		w.WriteString("(" + body + ")" + times)
	}
}

// literal writes a literal. What normalization may change is anything.
func (w *luceneWriter) literal(re *syntax.Regexp) {
	var run strings.Builder
	end := func() {
		if run.Len() > 0 && w.nested == 0 {
			w.required = append(w.required, run.String())
		}
		run.Reset()
	}
	for _, r := range re.Rune {
		switch {
		case re.Flags&syntax.FoldCase != 0:
			end()
			w.fold(r)
		case isStable(r):
			run.WriteRune(r)
			w.char(r)
		default:
			end()
			w.WriteString(".*")
		}
	}
	end()
}

// fold writes a character in any letter case.
func (w *luceneWriter) fold(r rune) {
	switch {
	case r == 'k', r == 'K':
		w.WriteString("[kK\u212a]")
	case r == 's', r == 'S':
		w.WriteString("[sS\u017f]")
	case !isStable(r):
		w.WriteString(".*")
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
		w.WriteByte('[')
		w.WriteRune(r | 0x20)
		w.WriteRune(r &^ 0x20)
		w.WriteByte(']')
	default:
		w.char(r)
	}
}

// char writes a character of ASCII that stands for itself.
func (w *luceneWriter) char(r rune) {
	if r > ' ' && !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_') {
		w.WriteByte('\\')
	}
	w.WriteRune(r)
}

// class writes a class of characters, given as pairs of first and last. Of those
// beyond ASCII only two are sure to have been one character before
// normalization: they are k and s in another form, in classes without case.
func (w *luceneWriter) class(ranges []rune) {
	wide := ""
	for i := 0; i < len(ranges); i += 2 {
		first, last := ranges[i], ranges[i+1]
		switch {
		case first == 0x17f && last == 0x17f:
		case first == 0x212a && last == 0x212a:
			wide = "\u212a"
		case last >= utf8.RuneSelf:
			w.WriteString(".*")
			return
		}
		for r, also := range map[rune]string{'K': "\u212a", ';': "\u037e", '`': "\u1fef"} {
			if first <= r && r <= last && !strings.Contains(wide, also) {
				wide += also
			}
		}
	}
	if len(ranges) == 0 {
		w.WriteString(".*")
		return
	}
	w.WriteByte('[')
	for i := 0; i < len(ranges); i += 2 {
		if ranges[i] == 0x212a {
			continue // it is among the wide ones
		}
		w.char(ranges[i])
		if ranges[i+1] > ranges[i] {
			w.WriteByte('-')
			w.char(ranges[i+1])
		}
	}
	for _, r := range sortedRunes(wide) {
		w.WriteRune(r)
	}
	w.WriteByte(']')
}

func sortedRunes(s string) []rune {
	runes := []rune(s)
	slices.Sort(runes)
	return slices.Compact(runes)
}

// mayBegin reports whether a match of re may begin with a character of ASCII
// without letter case. In doubt it may.
func mayBegin(re *syntax.Regexp, r rune) bool {
	switch re.Op {
	case syntax.OpLiteral:
		return re.Rune[0] == r
	case syntax.OpCharClass:
		for i := 0; i < len(re.Rune); i += 2 {
			if re.Rune[i] <= r && r <= re.Rune[i+1] {
				return true
			}
		}
		return false
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			switch sub = flat(sub); sub.Op {
			case syntax.OpBeginText, syntax.OpBeginLine, syntax.OpWordBoundary, syntax.OpNoWordBoundary, syntax.OpEmptyMatch:
				continue
			case syntax.OpLiteral, syntax.OpCharClass, syntax.OpAlternate, syntax.OpConcat, syntax.OpPlus:
				return mayBegin(sub, r)
			}
			return true
		}
	case syntax.OpAlternate:
		return slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return mayBegin(sub, r) })
	case syntax.OpCapture, syntax.OpPlus:
		return mayBegin(re.Sub[0], r)
	}
	return true
}

// needsOther reports whether every text that re is found in has a character that
// no number has.
func needsOther(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral:
		return slices.ContainsFunc(re.Rune, func(r rune) bool { return !strings.ContainsRune(numberChars, r) })
	case syntax.OpCharClass:
		for i := 0; i < len(re.Rune); i += 2 {
			if strings.ContainsFunc(numberChars, func(r rune) bool { return re.Rune[i] <= r && r <= re.Rune[i+1] }) {
				return false
			}
		}
		return true
	case syntax.OpConcat:
		return slices.ContainsFunc(re.Sub, needsOther)
	case syntax.OpAlternate:
		return !slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return !needsOther(sub) })
	case syntax.OpCapture, syntax.OpPlus:
		return needsOther(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min > 0 && needsOther(re.Sub[0])
	}
	return false
}

// escapeRegexp returns text as an expression of Lucene for it alone.
func escapeRegexp(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r < utf8.RuneSelf && r > ' ' && !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_') {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
