// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// Lookup returns all native fields that can give an object of path.Type a value
// at path; none if the attribute is not mapped. A path that [Table.Resolve]
// rewrites must be resolved first. The caller must not change the result.
func (t *Table) Lookup(path stix.Path) []Target {
	key := path.Type + ":" + stix.AttrName(path.Steps)
	if found, ok := t.looked.Load(key); ok {
		return found.([]Target) //nolint:forcetypeassert // Lookup alone stores here
	}
	found := t.reach.targets(path.Type, path.Steps)
	if len(found) > 0 {
		t.looked.Store(key, found)
	}
	return found
}

// Resolve returns the path under which records hold what path means: STIX 2.1
// and stix-shifter have names for attributes that records have under another.
func (t *Table) Resolve(path stix.Path) stix.Path {
	if len(t.aliases) == 0 {
		return path
	}
	attr := bareAttr(path.Steps)
	if to, ok := t.aliases[path.Type+":"+attr]; ok {
		return pathOf(to, path)
	}
	return path
}

// bareAttr returns the canonical name of a path, steps into lists left out.
func bareAttr(steps []stix.Step) string {
	var name []byte
	for _, s := range steps {
		if s.Kind == stix.Key {
			name = entity.AppendAttrName(name, s.Name)
		}
	}
	return string(name)
}

// pathOf returns type:attr as a path. List steps of refs stand behind them.
func pathOf(name string, like stix.Path) stix.Path {
	typ, attr, _ := strings.Cut(name, ":")
	p := stix.Path{Type: typ, At: like.At}
	for _, piece := range entity.SplitAttr(attr) {
		piece, star := strings.CutSuffix(piece, "[*]")
		p.Steps = append(p.Steps, stix.Step{Kind: stix.Key, Name: piece})
		if star {
			p.Steps = append(p.Steps, stix.Step{Kind: stix.Star})
		}
	}
	return p
}

// Fields returns what stix-shifter searches in a dialect for an attribute, and
// whether it knows the attribute in that dialect. What this package searches is
// what Lookup returns.
func (t *Table) Fields(dialect string, path stix.Path) ([]string, bool) {
	e, ok := t.from.attributes[path.Type+":"+attrWithStars(path.Steps)]
	if !ok {
		e, ok = t.from.attributes[path.Type+":"+bareAttr(path.Steps)]
	}
	fields := e.in(dialect)
	return fields, ok && len(fields) > 0
}

// attrWithStars returns the name of a path as tables write it: each step into a
// list as [*], and one behind protocols and *_refs even if it is left out.
func attrWithStars(steps []stix.Step) string {
	var b strings.Builder
	for i, s := range steps {
		if s.Kind != stix.Key {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(entity.AttrName(s.Name))
		indexed := i+1 < len(steps) && steps[i+1].Kind != stix.Key
		if indexed || s.Name == "protocols" || strings.HasSuffix(s.Name, "_refs") {
			b.WriteString("[*]")
		}
	}
	return b.String()
}

// names returns type:attr of all attributes that a pattern may name: those of
// objects themselves, those that stix-shifter lists, and other spellings.
func (t *Table) names() []string {
	var out []string
	for i := range t.to.rules {
		if r := &t.to.rules[i]; r.Observed == "" && r.Refs == nil {
			out = append(out, r.Type+":"+entity.CurrentAttr(r.Type, attrOf(r.Prop)))
		}
	}
	for name := range t.from.attributes {
		path := t.Resolve(pathOf(name, stix.Path{}))
		if len(t.Lookup(path)) > 0 {
			out = append(out, name)
		}
	}
	for name := range t.aliases {
		out = append(out, name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// nearAttributes is how many attributes Nearest returns.
const nearAttributes = 3

// Nearest returns the mapped attributes that a path which is not mapped most
// likely means, best first: those spelt nearly so, then those of its type that
// share a word with it, then those of other types with the same name.
func (t *Table) Nearest(path stix.Path) []string {
	attr := bareAttr(path.Steps)
	own := t.Attributes(path.Type)
	var out []string
	add := func(name string) {
		if name = path.Type + ":" + name; len(out) < nearAttributes && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	if near, ok := diag.Nearest(attr, own); ok {
		add(near)
	}
	for _, name := range sharing(attr, own) {
		add(name)
	}
	for _, name := range t.names() {
		if _, other, _ := strings.Cut(name, ":"); other == attr && len(out) < nearAttributes {
			out = append(out, name)
		}
	}
	if len(out) == 0 && len(own) == 0 {
		if near, ok := diag.Nearest(path.Type, t.Types()); ok {
			out = append(out, near+":"+attr)
		}
	}
	return out
}

// sharing returns the names that share a word with attr, those with most first.
func sharing(attr string, names []string) []string {
	words := wordsOf(attr)
	type scored struct {
		name  string
		score int
	}
	var list []scored
	for _, name := range names {
		score := 0
		for _, w := range wordsOf(name) {
			if slices.Contains(words, w) {
				score++
			}
		}
		if score > 0 {
			list = append(list, scored{name, score})
		}
	}
	slices.SortStableFunc(list, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(len(a.name), len(b.name)))
	})
	out := make([]string, len(list))
	for i := range list {
		out[i] = list[i].name
	}
	return out
}

// wordsOf returns the words of an attribute that say something.
func wordsOf(attr string) []string {
	words := strings.FieldsFunc(strings.ToLower(attr), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	return slices.DeleteFunc(words, func(w string) bool { return w == "ref" || w == "refs" || w == "x" })
}

// Types returns the types that records of the product can hold, sorted.
func (t *Table) Types() []string { return sortedKeys(t.reach.types) }
