// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"encoding/hex"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
)

// A conjunction is an AND of atoms of one type: their keys, sorted, each once.
type conjunction struct {
	typ  string
	keys []string
}

// test returns the normal form of a test's expression: an OR of conjunctions,
// none of which implies another.
func (n *normalizer) test(e Expr) string {
	var keys []string
	for _, c := range n.alternatives(e) {
		keys = append(keys, quoteAll(append([]string{c.typ}, c.keys...)))
	}
	slices.Sort(keys)
	return quoteAll(keys)
}

// alternatives returns the conjunctions whose OR is e. There are none if e is
// never true.
func (n *normalizer) alternatives(e Expr) []conjunction {
	switch e := e.(type) {
	case *Logic:
		a, b := n.alternatives(e.X), n.alternatives(e.Y)
		if e.Op == Or {
			return n.absorb(append(a, b...))
		}
		return n.crossAnd(a, b)
	case *Exists:
		key := "EXISTS " + e.Path.Attr()
		if e.Not {
			key = "NOT " + key
		}
		return []conjunction{{e.Path.Type, []string{key}}}
	case *Comparison:
		return n.absorb(comparisonAtoms(e))
	}
	return nil
}

func (n *normalizer) crossAnd(a, b []conjunction) []conjunction {
	if n.tooComplex = n.tooComplex || len(a)*len(b) > maxAlternatives; n.tooComplex {
		return nil
	}
	var all []conjunction
	for _, x := range a {
		for _, y := range b {
			if x.typ != y.typ { // no object has two types
				continue
			}
			keys := slices.Concat(x.keys, y.keys)
			slices.Sort(keys)
			all = append(all, conjunction{x.typ, slices.Compact(keys)})
		}
	}
	return n.absorb(all)
}

// absorb drops what implies another conjunction: has all of its atoms.
func (n *normalizer) absorb(all []conjunction) []conjunction {
	if n.tooComplex = n.tooComplex || len(all) > maxAlternatives; n.tooComplex {
		return nil
	}
	slices.SortStableFunc(all, func(a, b conjunction) int { return len(a.keys) - len(b.keys) })
	var kept []conjunction
	for _, c := range all {
		if !slices.ContainsFunc(kept, func(k conjunction) bool { return k.typ == c.typ && subset(k.keys, c.keys) }) {
			kept = append(kept, c)
		}
	}
	return kept
}

// subset reports whether sorted b has all of sorted a.
func subset(a, b []string) bool {
	for _, s := range a {
		i, ok := slices.BinarySearch(b, s)
		if !ok {
			return false
		}
		b = b[i+1:]
	}
	return true
}

// comparisonAtoms returns the alternatives of a comparison: one, or one for each
// value of an IN.
func comparisonAtoms(c *Comparison) []conjunction {
	attr := c.Path.Attr()
	one := func(not bool, op Op, value string) conjunction {
		key := attr + " " + op.String() + " " + value
		if not {
			key = "NOT " + key
		}
		return conjunction{c.Path.Type, []string{key}}
	}
	list, ok := c.Value.(*List)
	switch {
	case ok && !c.Not:
		var all []conjunction
		for _, item := range list.Items {
			all = append(all, one(false, Equal, operandKey(c, item)))
		}
		return all
	case ok:
		keys := make([]string, len(list.Items))
		for i, item := range list.Items {
			keys[i] = operandKey(c, item)
		}
		slices.Sort(keys)
		return []conjunction{one(true, In, quoteAll(slices.Compact(keys)))}
	case c.Op == NotEqual: // != is NOT =
		return []conjunction{one(!c.Not, Equal, operandKey(c, c.Value))}
	}
	return []conjunction{one(c.Not, c.Op, operandKey(c, c.Value))}
}

// operandKey is the same for constants that say the same at the path of c.
func operandKey(c *Comparison, o Operand) string {
	l, ok := o.(*Literal)
	if !ok {
		return FormatOperand(o)
	}
	if l.Kind == StringLit {
		if text, ok := specialText(c, l.Value.Text()); ok {
			return "s:" + text
		}
	}
	return literalKey(l)
}

func literalKey(l *Literal) string {
	switch l.Kind {
	case HexLit, BinaryLit:
		return "x:" + hex.EncodeToString(l.Bytes)
	case TimeLit:
		if l.Time.IsZero() {
			return "t:" + l.Value.Text()
		}
		return "t:" + FormatTime(l.Time)
	}
	switch v := l.Value; v.Kind() {
	case entity.String, entity.JSON:
		return "s:" + v.Text()
	case entity.Float:
		if f := v.Float(); f == math.Trunc(f) && math.Abs(f) < 1<<53 {
			return "n:" + strconv.FormatInt(int64(f), 10)
		}
		return "n:" + v.String()
	case entity.Int:
		return "n:" + v.String()
	}
	return "b:" + l.Value.String()
}

// specialText returns the one spelling of text at paths where texts that differ
// say the same.
func specialText(c *Comparison, text string) (string, bool) {
	switch c.Op {
	case Equal, NotEqual, In:
		switch attr := c.Path.Attr(); c.Path.Type {
		case "ipv4-addr", "ipv6-addr":
			if attr == "value" {
				return networkText(text)
			}
		case "windows-registry-key":
			if attr == "key" || strings.HasPrefix(attr, "values[") && strings.HasSuffix(attr, "].name") {
				return strings.ToLower(text), true
			}
		}
	case IsSubset, IsSuperset:
		return networkText(text)
	}
	return "", false
}

func networkText(text string) (string, bool) {
	network, ok := ParseNetwork(unpadOctets(text))
	return network.String(), ok
}

// unpadOctets removes leading zeros from the octets of an IPv4 address, if the
// address is the same for those who read such octets as octal.
func unpadOctets(text string) string {
	address, length, isNetwork := strings.Cut(text, "/")
	octets := strings.Split(address, ".")
	if len(octets) != 4 {
		return text
	}
	for i, o := range octets {
		if short := strings.TrimLeft(o, "0"); short != o && len(short) <= 1 && short < "8" {
			octets[i] = "0"[len(short):] + short
		}
	}
	address = strings.Join(octets, ".")
	if isNetwork {
		return address + "/" + length
	}
	return address
}
