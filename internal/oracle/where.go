// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package oracle

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// holds reports whether a condition is true for a row. Comparisons of other
// types are about objects of one record of the entity; where there are several
// such types, every way to choose an object of each is tried, and none as well.
func (w *World) holds(e stix.Expr, r Row, typ string) bool {
	others := otherTypes(e, typ)
	if len(others) == 0 {
		return w.eval(e, r, typ, nil)
	}
	for _, record := range w.recordsOf(r) {
		if w.choose(e, r, typ, record, others, map[string]entity.ID{}) {
			return true
		}
	}
	return false
}

func (w *World) recordsOf(r Row) []int {
	if r.Record >= 0 {
		return []int{r.Record}
	}
	var out []int
	for _, s := range w.sightings(r.Entity) {
		if !slices.Contains(out, s.record) {
			out = append(out, s.record)
		}
	}
	return out
}

// choose assigns an object to each of the types, and evaluates when all are.
func (w *World) choose(e stix.Expr, r Row, typ string, record int, types []string, chosen map[string]entity.ID) bool {
	if len(types) == 0 {
		return w.eval(e, r, typ, chosen)
	}
	for _, o := range w.Records[record].Objects {
		if o.Type != types[0] {
			continue
		}
		chosen[types[0]] = o.ID
		if w.choose(e, r, typ, record, types[1:], chosen) {
			return true
		}
	}
	delete(chosen, types[0])
	return w.choose(e, r, typ, record, types[1:], chosen)
}

func otherTypes(e stix.Expr, typ string) []string {
	var out []string
	add := func(p stix.Path) {
		if p.Type != "" && p.Type != typ && !slices.Contains(out, p.Type) {
			out = append(out, p.Type)
		}
	}
	var walk func(stix.Expr)
	walk = func(e stix.Expr) {
		switch e := e.(type) {
		case *stix.Logic:
			walk(e.X)
			walk(e.Y)
		case *stix.Comparison:
			add(e.Path)
		case *stix.Exists:
			add(e.Path)
		}
	}
	walk(e)
	return out
}

func (w *World) eval(e stix.Expr, r Row, typ string, chosen map[string]entity.ID) bool {
	values := func(p stix.Path) []entity.Value {
		if p.Type == "" || p.Type == typ {
			return w.Values(r, p)
		}
		id, ok := chosen[p.Type]
		if !ok {
			return nil
		}
		return w.follow(id, p.Steps)
	}
	switch e := e.(type) {
	case *stix.Logic:
		if e.Op == stix.And {
			return w.eval(e.X, r, typ, chosen) && w.eval(e.Y, r, typ, chosen)
		}
		return w.eval(e.X, r, typ, chosen) || w.eval(e.Y, r, typ, chosen)
	case *stix.Exists:
		return (len(values(e.Path)) > 0) != e.Not
	case *stix.Comparison:
		if e.Op == stix.IsNull {
			if p := e.Path.Type; p != "" && p != typ {
				if _, ok := chosen[p]; !ok {
					return false
				}
			}
			return (len(values(e.Path)) == 0) != e.Not
		}
		return slices.ContainsFunc(values(e.Path), func(v entity.Value) bool {
			return !v.IsNull() && Test(v, e.Op, e.Value) != e.Not
		})
	}
	return false
}

// Test compares a value that is there with the right side of a comparison, as
// hunts do.
func Test(v entity.Value, op stix.Op, right stix.Operand) bool {
	if list, ok := right.(*stix.List); ok {
		return slices.ContainsFunc(list.Items, func(o stix.Operand) bool { return Test(v, stix.Equal, o) })
	}
	lit, ok := right.(*stix.Literal)
	if !ok {
		return false
	}
	want := lit.Value
	switch op {
	case stix.Like:
		return like(norm.NFC.String(want.String()), norm.NFC.String(v.String()))
	case stix.Matches:
		re, err := regexp.Compile("(?s:" + norm.NFC.String(want.String()) + ")")
		return err == nil && re.MatchString(norm.NFC.String(v.String()))
	case stix.IsSubset:
		return subset(v.String(), want.String())
	case stix.IsSuperset:
		return subset(want.String(), v.String())
	}
	c, ordered := compareTo(v, want)
	switch op {
	case stix.Equal, stix.In:
		return ordered && c == 0
	case stix.NotEqual:
		return !ordered || c != 0
	case stix.Less:
		return ordered && c < 0
	case stix.LessEqual:
		return ordered && c <= 0
	case stix.Greater:
		return ordered && c > 0
	case stix.GreaterEqual:
		return ordered && c >= 0
	}
	return false
}

var looksNumeric = regexp.MustCompile(`^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$`)

// compareTo compares two values across kinds; ordered is false for two that
// cannot be compared.
func compareTo(a, b entity.Value) (c int, ordered bool) {
	text := func(v entity.Value) bool { return v.Kind() == entity.String || v.Kind() == entity.JSON }
	switch {
	case text(a) && text(b):
		return strings.Compare(a.Text(), b.Text()), true
	case !text(a) && !text(b):
		return compareNumbers(a, b), true
	case text(a):
		c, ordered = compareTo(b, a)
		return -c, ordered
	}
	if a.Kind() == entity.Bool {
		switch strings.ToLower(b.Text()) {
		case "true":
			return compareNumbers(a, entity.BoolValue(true)), true
		case "false":
			return compareNumbers(a, entity.BoolValue(false)), true
		}
		return 0, false
	}
	if b.Kind() != entity.String || !looksNumeric.MatchString(b.Text()) {
		return 0, false
	}
	f, err := strconv.ParseFloat(b.Text(), 64)
	if err != nil {
		return 0, false
	}
	return compareNumbers(entity.FloatValue(number(a)), entity.FloatValue(f)), true
}

// like matches text against a pattern with % and _, by trying every way.
func like(pattern, text string) bool {
	p, t := []rune(pattern), []rune(text)
	var match func(i, j int) bool
	match = func(i, j int) bool {
		switch {
		case i == len(p):
			return j == len(t)
		case p[i] == '%':
			return match(i+1, j) || j < len(t) && match(i, j+1)
		case j == len(t):
			return false
		case p[i] == '_' || p[i] == t[j]:
			return match(i+1, j+1)
		}
		return false
	}
	return match(0, 0)
}

// subset reports whether network or address a lies inside b.
func subset(a, b string) bool {
	prefix := func(s string) (netip.Prefix, bool) {
		if p, err := netip.ParsePrefix(s); err == nil {
			return p.Masked(), true
		}
		addr, err := netip.ParseAddr(s)
		if err != nil || addr.Zone() != "" {
			return netip.Prefix{}, false
		}
		return netip.PrefixFrom(addr, addr.BitLen()), true
	}
	pa, okA := prefix(a)
	pb, okB := prefix(b)
	return okA && okB && pa.Bits() >= pb.Bits() && pb.Contains(pa.Addr())
}
