// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package oracle

import (
	"slices"

	"pgregory.net/rapid"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// attrs are the attributes of each type that may be asked for, some of them
// seldom or never given.
var attrs = map[string][]string{
	"process":         {"name", "pid", "x_any", "'x-quoted key'", "created", "created_time", "x_unique_id", "command_line", "id"},
	"file":            {"name", "hashes.'SHA-256'", "id"},
	"directory":       {"path", "id"},
	"user-account":    {"user_id", "is_privileged"},
	"ipv4-addr":       {"value"},
	"network-traffic": {"dst_port", "protocols", "start", "id"},
	"x-thing":         {"x_any"},
}

// RandomPath draws a path of a type, over up to three references; over none that
// are lists if single.
func RandomPath(t *rapid.T, typ string, single bool) stix.Path {
	at, name := typ, ""
	for range rapid.IntRange(0, 3).Draw(t, "references") {
		refs := slices.DeleteFunc(slices.Clone(references[at]), func(r reference) bool { return single && r.many })
		if len(refs) == 0 {
			break
		}
		r := rapid.SampledFrom(refs).Draw(t, "reference")
		name += r.name
		if r.many {
			name += "[*]"
		}
		name += "."
		at = r.target
	}
	name += rapid.SampledFrom(attrs[at]).Draw(t, "attribute")
	if !single && at == "network-traffic" && rapid.IntRange(0, 3).Draw(t, "elements") == 0 {
		name += "[*]"
	}
	p := pathOf(name)
	p.Type = typ
	return p
}

// RandomExpr draws a condition over rows of a type. If wide, some comparisons
// are about other types.
func RandomExpr(t *rapid.T, typ string, wide bool, depth int) stix.Expr {
	if depth > 0 && rapid.IntRange(0, 2).Draw(t, "logic") == 0 {
		op := rapid.SampledFrom([]stix.LogicOp{stix.And, stix.Or}).Draw(t, "op")
		return &stix.Logic{Op: op, X: RandomExpr(t, typ, wide, depth-1), Y: RandomExpr(t, typ, wide, depth-1)}
	}
	of := typ
	if wide && rapid.IntRange(0, 2).Draw(t, "other") == 0 {
		of = rapid.SampledFrom([]string{"user-account", "ipv4-addr", "x-thing", "network-traffic", "process", "directory"}).Draw(t, "other type")
	}
	return randomComparison(t, of)
}

func randomComparison(t *rapid.T, typ string) *stix.Comparison {
	c := &stix.Comparison{Path: RandomPath(t, typ, false), Mode: stix.Mode{Coerce: true}, Not: rapid.IntRange(0, 3).Draw(t, "not") == 0}
	c.Op = rapid.SampledFrom([]stix.Op{
		stix.Equal, stix.NotEqual, stix.Less, stix.LessEqual, stix.Greater, stix.GreaterEqual,
		stix.In, stix.Like, stix.Matches, stix.IsSubset, stix.IsSuperset, stix.IsNull,
	}).Draw(t, "operator")
	literal := func(values []string) stix.Operand {
		return &stix.Literal{Value: entity.StringValue(rapid.SampledFrom(values).Draw(t, "literal"))}
	}
	switch c.Op {
	case stix.IsNull:
	case stix.Like:
		c.Value = literal(patterns)
	case stix.Matches:
		c.Value = literal(regexps)
	case stix.IsSubset, stix.IsSuperset:
		c.Value = literal(networks)
	case stix.In:
		list := &stix.List{}
		for range rapid.IntRange(1, 3).Draw(t, "items") {
			list.Items = append(list.Items, randomLiteral(t))
		}
		c.Value = list
	default:
		c.Not = c.Not && c.Op == stix.Equal
		c.Value = randomLiteral(t)
	}
	return c
}

func randomLiteral(t *rapid.T) stix.Operand {
	for {
		if v := RandomValue(t); !v.IsNull() {
			return &stix.Literal{Value: v}
		}
	}
}
