// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package elastic

import (
	"bytes"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/kestrelhunt/kestrel/entity"
)

// A clause is a part of a query: a condition on one field, or several joined.
// Every clause is an upper bound: a document that it rejects cannot match.
type clause struct {
	op   clauseOp
	json []byte    // of a leaf: the query
	name string    // of a hidden leaf: the field
	kids []*clause // of and, or; of several hidden leaves together
}

// clauseOp is the kind of a clause.
type clauseOp uint8

const (
	leaf   clauseOp = iota
	hidden          // the document has a value in one of the fields that is not indexed
	and
	or
	all  // accepts every document
	none // accepts no document
)

var (
	everything = &clause{op: all}
	nothing    = &clause{op: none}
)

// allOf returns a clause that accepts what all of kids accept.
func allOf(kids ...*clause) *clause { return join(and, all, none, kids) }

// anyOf returns a clause that accepts what any of kids accepts.
func anyOf(kids ...*clause) *clause { return join(or, none, all, kids) }

// join joins clauses: neutral ones are left out, a final one decides. What
// stands twice is kept once, and documents with hidden values are asked for in
// one place.
func join(op, neutral, final clauseOp, kids []*clause) *clause {
	var only *clause
	count := 0
	for _, k := range kids {
		switch k.op {
		case final:
			return k
		case neutral:
		default:
			only = k
			count++
		}
	}
	switch count {
	case 0:
		if neutral == all {
			return everything
		}
		return nothing
	case 1:
		return only
	}
	out := &clause{op: op, kids: make([]*clause, 0, count+2)}
	for _, k := range kids {
		switch k.op {
		case neutral:
		case op:
			for _, kid := range k.kids {
				out.add(kid)
			}
		default:
			out.add(k)
		}
	}
	if len(out.kids) == 1 {
		return out.kids[0]
	}
	return out
}

// fewKids is up to how many kids are searched for one that is there already.
const fewKids = 64

// add adds a kid that is not of the kind of c.
func (c *clause) add(k *clause) {
	if k.op == hidden && c.op == or {
		c.hide(k)
		return
	}
	if len(c.kids) < fewKids {
		for _, kid := range c.kids {
			if kid.equal(k) {
				return
			}
		}
	}
	c.kids = append(c.kids, k)
}

// hide adds hidden leaves to the one kid that holds them.
func (c *clause) hide(k *clause) {
	at := -1
	for i, kid := range c.kids {
		if kid.op == hidden {
			at = i
		}
	}
	if at < 0 {
		c.kids = append(c.kids, k)
		return
	}
	old := c.kids[at]
	merged := &clause{op: hidden, kids: make([]*clause, 0, 4)}
	for _, leaf := range [2]*clause{old, k} {
		if leaf.kids == nil {
			merged.addHidden(leaf)
		}
		for _, kid := range leaf.kids {
			merged.addHidden(kid)
		}
	}
	if len(merged.kids) > 1 {
		c.kids[at] = merged
	}
}

func (c *clause) addHidden(leaf *clause) {
	for _, kid := range c.kids {
		if kid.name == leaf.name {
			return
		}
	}
	c.kids = append(c.kids, leaf)
}

func (c *clause) equal(k *clause) bool {
	if c == k {
		return true
	}
	if c.op != k.op || c.name != k.name || len(c.kids) != len(k.kids) || !bytes.Equal(c.json, k.json) {
		return false
	}
	for i := range c.kids {
		if !c.kids[i].equal(k.kids[i]) {
			return false
		}
	}
	return true
}

// append appends the query of c as JSON.
func (c *clause) append(dst []byte) []byte {
	switch c.op {
	case leaf:
		return append(dst, c.json...)
	case hidden:
		return c.appendHidden(dst)
	case all:
		return append(dst, `{"match_all":{}}`...)
	case none:
		return append(dst, `{"match_none":{}}`...)
	}
	name, end := `{"bool":{"filter":[`, `]}}`
	if c.op == or {
		name, end = `{"bool":{"should":[`, `],"minimum_should_match":1}}`
	}
	dst = append(dst, name...)
	for i, k := range c.kids {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = k.append(dst)
	}
	return append(dst, end...)
}

func (c *clause) appendHidden(dst []byte) []byte {
	dst = append(dst, `{"terms":{"_ignored":[`...)
	if c.kids == nil {
		dst = appendText(dst, c.name)
	}
	for i, k := range c.kids {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, k.name)
	}
	return append(dst, `]}}`...)
}

// appendText appends a JSON string. What is no UTF-8 becomes U+FFFD: no document
// has such a value.
func appendText(dst []byte, s string) []byte {
	plain := true
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			plain = false
			break
		}
	}
	if plain {
		dst = append(dst, '"')
		dst = append(dst, s...)
		return append(dst, '"')
	}
	dst, _ = jsontext.AppendQuote(dst, s) // the error only says that s was mended
	return dst
}

// appendValue appends a value that is no list as JSON.
func appendValue(dst []byte, v entity.Value) []byte {
	switch v.Kind() {
	case entity.Int:
		return strconv.AppendInt(dst, v.Int(), 10)
	case entity.Float:
		return strconv.AppendFloat(dst, v.Float(), 'g', -1, 64)
	case entity.Bool:
		return strconv.AppendBool(dst, v.Bool())
	}
	return appendText(dst, v.Text())
}
