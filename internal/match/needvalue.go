// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package match

import (
	"bytes"
	"math"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// valueNeeds returns what a record needs so that some value in it satisfies the
// operator of c.
func valueNeeds(c *stix.Comparison) need {
	values, err := constants(c.Value)
	if err != nil || isMade(c.Path) {
		return nil
	}
	switch c.Op {
	case stix.Equal, stix.In:
		if len(values) > fewValues {
			return nil
		}
		var needs []need
		for _, v := range values {
			needs = append(needs, equalNeed(c.Path, v))
		}
		return anyOf(needs...)
	case stix.Like:
		return textNeeds(c.Path, strings.FieldsFunc(values[0].String(), func(r rune) bool { return r == '%' || r == '_' }))
	case stix.Matches:
		re, err := syntax.Parse(values[0].String(), syntax.Perl)
		if err != nil {
			return nil
		}
		return textNeeds(c.Path, requiredText(nil, re))
	}
	return nil
}

// isMade reports whether a path ends in an id, which Kestrel makes.
func isMade(p stix.Path) bool {
	name := lastName(p)
	return name == "id" || strings.HasSuffix(name, "_ref") || strings.HasSuffix(name, "_refs")
}

// lastName returns the last name in a path.
func lastName(p stix.Path) string {
	for _, s := range slices.Backward(p.Steps) {
		if s.Kind == stix.Key {
			return s.Name
		}
	}
	return ""
}

// equalNeed returns what a record needs to have a value at a path equal to v.
func equalNeed(p stix.Path, v entity.Value) need {
	switch v.Kind() {
	case entity.Int, entity.Float:
		return numberNeed(p, v.Float())
	case entity.String:
		if f, ok := textNumber(v.Text()); ok {
			return numberNeed(p, f)
		}
		if _, ok := textBool(v.Text()); !ok {
			return wholeNeed(v.Text())
		}
	}
	return nil
}

// numberNeed returns what a record needs to have a number equal to f at a path.
// Zero and one are booleans too.
func numberNeed(p stix.Path, f float64) need {
	name := lastName(p)
	f = math.Abs(f)
	if f < 2 || f > maxInteger || f != math.Trunc(f) || aliases(name) != nil || strings.HasPrefix(name, "x_") {
		return nil
	}
	quoted, err := jsontext.AppendQuote(nil, name)
	if err != nil || bytes.ContainsAny(quoted, "/\uFFFD") {
		return nil // the name is written in several ways
	}
	return needNumber{name: quoted[1:], digits: strconv.AppendInt(nil, int64(f), 10)}
}

// wholeNeed returns what a record needs to have a text as a value. Text that
// begins like a list or an object may be equal to one, which has other white
// space in the record.
func wholeNeed(text string) need {
	if strings.HasPrefix(text, "[") || strings.HasPrefix(text, "{") {
		return nil
	}
	return nameNeed(text)
}

// textNeeds returns what a record needs so that some value at a path, as normal
// text, has each of the pieces in it.
//
// Such a text may be that of a number, which is written in another way: then
// there is no need, unless a piece cannot be part of a number. It may be that of
// a list, and then only pieces without marks of JSON are written as they are.
func textNeeds(p stix.Path, pieces []string) need {
	if isPayload(p) {
		return nil
	}
	var needs []need
	inNumber := true
	for _, piece := range pieces {
		inNumber = inNumber && strings.Trim(piece, "0123456789.+-eE") == ""
		needs = append(needs, longest(bytes.FieldsFunc([]byte(piece), isChanged)))
	}
	if inNumber {
		return nil
	}
	return all(needs...)
}

// isChanged reports whether a character may be written in another way in a
// record than it is in a text of it: marks of JSON, control characters, and what
// is or can become something else by normalization, which three ASCII
// characters are (Unicode, UAX 15: K from the Kelvin sign, the grave accent from
// Greek varia, the semicolon from the Greek question mark).
func isChanged(r rune) bool {
	return r < ' ' || r > '~' || strings.ContainsRune("\"\\/,:[]{}K`;", r)
}

// requiredText appends the texts that must occur wherever re is found.
func requiredText(texts []string, re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase == 0 {
			texts = append(texts, string(re.Rune))
		}
	case syntax.OpCapture, syntax.OpPlus:
		return requiredText(texts, re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return requiredText(texts, re.Sub[0])
		}
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			texts = requiredText(texts, sub)
		}
	}
	return texts
}
