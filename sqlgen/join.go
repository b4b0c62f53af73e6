// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package sqlgen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// join makes a row for each pair of a left and a right row whose attributes are
// equal, as = in a condition has it. That is no equivalence: the number 12 equals
// the texts "12" and "012", which are different. So the pairs are those of several
// joins, one for each pair of kinds that can be equal; no pair is in two of them.
func (g *generator) join(n *plan.Join) relation {
	left := g.node(n.Left)
	right := g.node(n.Right)
	if g.err != nil {
		return left
	}
	out := relation{Shape: left.Shape}
	out.Joined = slices.Clip(left.Joined)
	var renamed []string
	for _, p := range right.Parts() {
		k := len(out.Joined) + 1
		moved := p.moved(k)
		old := p.table(k - 1 - len(left.Joined))
		for i, c := range moved.table(k) {
			renamed = append(renamed, "r."+old[i].ident+" AS "+c.ident)
		}
		out.Joined = append(out.Joined, moved)
	}
	columns := left.columns("l.") + ", " + strings.Join(renamed, ", ")
	l, r, equal := g.joinKeys(left, n.LeftAttr, right, n.RightAttr)
	if g.err != nil {
		return left
	}
	var joins []string
	for _, on := range equal {
		joins = append(joins, fmt.Sprintf("SELECT l.seq AS l_seq, r.seq AS r_seq, %s FROM %s l JOIN %s r ON %s", columns, l, r, on))
	}
	if len(joins) == 0 {
		joins = []string{fmt.Sprintf("SELECT l.seq AS l_seq, r.seq AS r_seq, %s FROM %s l, %s r WHERE false", columns, left.name, right.name)}
	}
	pairs := strings.Join(joins, " UNION ALL ")
	if n.Max > 0 { // one more shows that there are too many
		pairs += " LIMIT " + g.arg(n.Max+1)
	}
	return g.ordered(out, "l_seq, r_seq", out.columns(""), " FROM ("+pairs+")")
}

// joinKeys defines the rows of both sides with what they are joined by, and
// returns the conditions under which a pair of rows l and r belongs together.
func (g *generator) joinKeys(left relation, leftAttr stix.Path, right relation, rightAttr stix.Path) (l, r string, equal []string) {
	lroot, rroot := g.root(left), g.root(right)
	lnumber, lok := lroot.entity(leftAttr.Steps)
	rnumber, rok := rroot.entity(rightAttr.Steps)
	if lok && rok {
		l = g.keyed(lroot, left, map[string]string{"k_ent": lnumber})
		r = g.keyed(rroot, right, map[string]string{"k_ent": rnumber})
		return l, r, []string{"l.k_ent = r.k_ent"}
	}
	lkeys := read(g.cells(lroot, leftAttr)).keys()
	rkeys := read(g.cells(rroot, rightAttr)).keys()
	l, r = g.keyed(lroot, left, lkeys), g.keyed(rroot, right, rkeys)
	for _, pair := range equalKinds {
		if lkeys[pair[0]] != "" && rkeys[pair[1]] != "" {
			equal = append(equal, "l."+pair[0]+" = r."+pair[1])
		}
	}
	return l, r, equal
}

// keyed defines the rows of a relation with keys, by name.
func (g *generator) keyed(root *scope, in relation, keys map[string]string) string {
	out := []string{"i.seq", in.columns("i.")}
	for _, name := range keyNames {
		if sql := keys[name]; sql != "" {
			out = append(out, sql+" AS "+name)
		}
	}
	name := g.name("j")
	g.define(name, "SELECT "+strings.Join(out, ", ")+g.from(root))
	return name
}

// The keys that rows are joined by.
var keyNames = []string{"k_ent", "k_int", "k_int_float", "k_float", "k_bool", "k_bool_float", "k_text", "k_text_float", "k_text_bool"}

// keys returns the keys of rows with values of several kinds.
func (r reading) keys() map[string]string {
	out := map[string]string{
		"k_int": r.ints, "k_int_float": cast(r.ints, "DOUBLE"),
		"k_float": r.floats,
		"k_bool":  r.bools, "k_bool_float": cast(cast(r.bools, "INTEGER"), "DOUBLE"),
		"k_text": either(nonEmpty(r.texts, r.json)),
	}
	if r.texts != "" {
		out["k_text_float"] = numeric(r.texts)
		out["k_text_bool"] = fmt.Sprintf("CASE lower(%s) WHEN 'true' THEN true WHEN 'false' THEN false END", r.texts)
	}
	return out
}

// equalKinds are the pairs of keys that make values of two kinds equal: see
// package match.
var equalKinds = [][2]string{
	{"k_int", "k_int"}, {"k_text", "k_text"}, {"k_bool", "k_bool"}, {"k_float", "k_float"},
	{"k_int_float", "k_float"}, {"k_float", "k_int_float"},
	{"k_int_float", "k_bool_float"}, {"k_bool_float", "k_int_float"},
	{"k_float", "k_bool_float"}, {"k_bool_float", "k_float"},
	{"k_int_float", "k_text_float"}, {"k_text_float", "k_int_float"},
	{"k_float", "k_text_float"}, {"k_text_float", "k_float"},
	{"k_bool", "k_text_bool"}, {"k_text_bool", "k_bool"},
}
