// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package datasourcetest

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// A place is a path at which records have values, with some of them.
type place struct {
	path   string // type:attribute
	values []entity.Value
}

// mostValues bounds the values that a place keeps.
const mostValues = 200

// placesIn returns the paths at which records have values, sorted: attributes,
// and those behind one or two references.
func placesIn(records []entity.Record) []place {
	found := make(map[string]*place)
	add := func(path string, v entity.Value) {
		p := found[path]
		if p == nil {
			p = &place{path: path}
			found[path] = p
		}
		if len(p.values) < mostValues && !slices.Contains(p.values, v) {
			p.values = append(p.values, v)
		}
	}
	var walk func(r *entity.Record, i int, path string, depth int)
	walk = func(r *entity.Record, i int, path string, depth int) {
		o := &r.Objects[i]
		for _, a := range o.Attrs {
			add(path+a.Name, a.Value)
			for _, element := range elements(a.Value) {
				add(path+a.Name+"[*]", entity.StringValue(element))
			}
		}
		if depth == 2 {
			return
		}
		for _, l := range o.Links {
			name := l.Name
			if l.Many {
				name += "[*]"
			}
			walk(r, l.Target, path+name+".", depth+1)
		}
	}
	for r := range records {
		for i := range records[r].Objects {
			walk(&records[r], i, records[r].Objects[i].Type+":", 0)
		}
	}
	var out []place
	for _, path := range slices.Sorted(maps.Keys(found)) {
		out = append(out, *found[path])
	}
	return out
}

// elements returns the texts in a list.
func elements(v entity.Value) []string {
	var list []any
	if v.Kind() != entity.JSON || json.Unmarshal([]byte(v.Text()), &list) != nil {
		return nil
	}
	var out []string
	for _, e := range list {
		if text, ok := e.(string); ok {
			out = append(out, text)
		}
	}
	return out
}

// A maker draws conditions that ask for what records have.
type maker struct {
	*rand.Rand
	places []place
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// entity draws the type of an entity that records have.
func (m *maker) entity() string {
	typ, _, _ := strings.Cut(pick(m.Rand, m.places).path, ":")
	return typ
}

// expr draws a condition about a type, and perhaps about others.
func (m *maker) expr(typ string, depth int) stix.Expr {
	if depth > 0 && m.IntN(2) == 0 {
		op := pick(m.Rand, []stix.LogicOp{stix.And, stix.And, stix.Or})
		return &stix.Logic{Op: op, X: m.expr(typ, depth-1), Y: m.expr(typ, depth-1)}
	}
	places := m.places
	if m.IntN(4) > 0 {
		places = slices.DeleteFunc(slices.Clone(places), func(p place) bool { return !strings.HasPrefix(p.path, typ+":") })
	}
	return m.comparison(pick(m.Rand, places))
}

// pathOf reads a path that placesIn wrote.
func pathOf(text string) stix.Path {
	p, list := stix.ParsePath(text)
	if err := list.Err(); err != nil {
		panic(text + ": " + err.Error()) // attributes have names that paths may hold
	}
	return p
}

// inHunt is how hunts compare.
var inHunt = stix.Mode{Coerce: true}

func (m *maker) comparison(p place) stix.Expr {
	path, v := pathOf(p.path), pick(m.Rand, p.values)
	c := &stix.Comparison{Path: path, Not: m.IntN(8) == 0, Mode: inHunt}
	switch m.IntN(12) {
	case 0:
		return &stix.Exists{Path: path, Not: m.IntN(3) == 0}
	case 1, 2, 3:
		c.Op = stix.Equal
	case 4:
		c.Op = stix.NotEqual
	case 5:
		list := &stix.List{}
		for range 1 + m.IntN(5) {
			list.Items = append(list.Items, &stix.Literal{Value: pick(m.Rand, p.values)})
		}
		c.Op, c.Value = stix.In, list
		return c
	case 6, 7, 8:
		c.Op, v = stix.Like, entity.StringValue(m.glob(v.String()))
	case 9, 10:
		c.Op, v = stix.Matches, entity.StringValue(m.expression(v.String()))
	default:
		c.Op = pick(m.Rand, []stix.Op{stix.Less, stix.LessEqual, stix.Greater, stix.GreaterEqual, stix.IsSubset})
		if c.Op == stix.IsSubset {
			v = entity.StringValue(v.String() + pick(m.Rand, []string{"", "/8", "/17", "/24", "/64"}))
		}
	}
	c.Value = &stix.Literal{Value: v}
	return c
}

// part returns a part of a text, in whole characters.
func (m *maker) part(s string) string {
	runes := []rune(s)
	if len(runes) == 0 {
		return ""
	}
	from := m.IntN(len(runes))
	return string(runes[from : from+1+m.IntN(min(len(runes)-from, 12))])
}

// glob draws a pattern of LIKE that a text may satisfy.
func (m *maker) glob(s string) string {
	g, runes := m.part(s), []rune(s)
	switch half := len(runes) / 2; m.IntN(5) {
	case 0:
		return "%" + g + "%"
	case 1:
		return string(runes[:half]) + "%"
	case 2:
		return "%" + string(runes[half:])
	case 3:
		return "%" + g + "%" + m.part(s) + "%"
	}
	for range min(len(runes), 2) {
		runes[m.IntN(len(runes))] = '_'
	}
	return string(runes)
}

// expression draws one of MATCHES that a text may satisfy.
func (m *maker) expression(s string) string {
	q, runes := regexp.QuoteMeta(m.part(s)), []rune(s)
	switch half := len(runes) / 2; m.IntN(7) {
	case 0:
		return q
	case 1:
		return "^" + regexp.QuoteMeta(string(runes[:half]))
	case 2:
		return regexp.QuoteMeta(string(runes[half:])) + "$"
	case 3:
		return "(?i)" + strings.ToUpper(regexp.QuoteMeta(m.part(s)))
	case 4:
		return "(" + q + "|" + regexp.QuoteMeta(m.part(s)) + ")"
	case 5:
		return q + `\w*` + regexp.QuoteMeta(m.part(s)) + "?"
	}
	return `[^a-m]{1,3}` + q
}

// hostileTexts are values that would break out of a native query that does not
// write them safely, or mean something to one that pastes them.
var hostileTexts = []string{
	`'`, `"`, `\`, `\\`, `\'`, `\"`, "*", "?", "%", "_", "(", ")", "[", "]", "{", "}", "/", ":", "^", "$", "~", "#", "&", "@", "<", ">",
	"' OR '1'='1", `" OR "1"="1`, `*") OR (*`, `x"}}],"must_not":[]`, `"},"query":{"match_all":{}}`, "${jndi:ldap://x/y}", "{{7*7}}",
	"a\nb", "a\r\nb", "\t", "\x00", "\u2028", "ä", "a\u0308", "日本", "😀", "-1", "1e3", "0x10", "true", "null", "NaN", "",
	"AND", "OR NOT", "--", ";", "a AND b", "*:*", "name:*", `\*`, `.*`, `[a-z`, "2026-01-01T00:00:00Z", "10.0.0.0/8", strings.Repeat("long ", 300),
}
