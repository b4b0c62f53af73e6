// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
)

// A program is a toTable ready to run: a tree over the names in the paths of
// fields, with rules at its nodes.
type program struct {
	root  *node
	slots int
}

// A node stands for one path of a native record.
type node struct {
	kids   map[string]*node
	values []valueRule
	refs   []refRule
}

// A valueRule is a rule that gives an object or the record a value.
type valueRule struct {
	observed observedProp // of the record; noProp for an object
	slot     int
	typ      string
	attr     string // of the object
	conv     converter
	check    func(value) bool // what the property may be; nil accepts all
	constant *entity.Value
	collect  bool
	spread   bool
	fallback bool
}

// A refRule is a rule that lets an object refer to others.
type refRule struct {
	slot     int
	typ      string
	attr     string
	targets  []int
	many     bool
	fallback bool
}

// observedProp is a property of the record.
type observedProp uint8

const (
	noProp observedProp = iota
	firstObserved
	lastObserved
	numberObserved
	ignoredProp
)

// compile makes a program of rules.
func compile(rules []Rule) *program {
	p := &program{root: &node{}}
	ids := make(map[string]int)
	slot := func(name string) int {
		id, ok := ids[name]
		if !ok {
			id = len(ids)
			ids[name] = id
		}
		return id
	}
	for i := range rules {
		r := &rules[i]
		n := p.root.at(r.Field)
		if r.Refs != nil {
			ref := refRule{
				slot: slot(r.Slot), typ: r.Type, attr: entity.CurrentAttr(r.Type, attrOf(r.Prop)),
				many: r.Many, fallback: r.Fallback,
			}
			for _, target := range r.Refs {
				ref.targets = append(ref.targets, slot(target))
			}
			n.refs = append(n.refs, ref)
			continue
		}
		n.values = append(n.values, compileValue(r, slot))
	}
	p.slots = len(ids)
	return p
}

// at returns the node of a dotted path, and makes it if need be.
func (n *node) at(path string) *node {
	for piece := range strings.SplitSeq(path, ".") {
		kid := n.kids[piece]
		if kid == nil {
			if n.kids == nil {
				n.kids = make(map[string]*node)
			}
			kid = &node{}
			n.kids[piece] = kid
		}
		n = kid
	}
	return n
}

func compileValue(r *Rule, slot func(string) int) valueRule {
	v := valueRule{conv: converters[r.Conv], constant: r.Const, collect: r.Collect, spread: r.Spread, fallback: r.Fallback}
	switch r.Observed {
	case "":
	case "first_observed":
		v.observed = firstObserved
	case "last_observed":
		v.observed = lastObserved
	case "number_observed":
		v.observed = numberObserved
	default:
		v.observed = ignoredProp
	}
	if r.Observed != "" {
		return v
	}
	v.slot, v.typ = slot(r.Slot), r.Type
	v.attr = entity.CurrentAttr(r.Type, attrOf(r.Prop))
	v.check = checkOf(r.Type, r.Prop)
	return v
}

// attrOf returns the name of the attribute that a table calls prop.
func attrOf(prop string) string { return entity.AttrName(strings.Split(prop, ".")...) }
