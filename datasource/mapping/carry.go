// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/stix"
)

// carry gives records the attributes that a profile's own table lets patterns
// name, but that no rule gives a value: otherwise what the source found could
// not be checked, and would not be seen. An attribute of another object, behind
// a reference, needs rules of its own; without such it is a fault.
func (t *Table) carry() error {
	f := &faults{file: t.from.file}
	var added []Rule
	for _, name := range sortedKeys(t.from.attributes) {
		e := t.from.attributes[name]
		path := t.Resolve(pathOf(name, stix.Path{}))
		have := t.Lookup(path)
		for _, field := range e.all() {
			field = strings.TrimSuffix(field, ".keyword")
			if slices.ContainsFunc(have, func(x Target) bool { return x.Field == field }) {
				continue
			}
			typ, attr, _ := strings.Cut(name, ":")
			if strings.Contains(attr, "_ref.") || strings.Contains(attr, "_refs") {
				if len(have) == 0 && !slices.ContainsFunc(t.to.rules, func(r Rule) bool { return r.Field == field }) {
					f.add(e.line, "%s may be asked for, but no rule gives a record that attribute", name)
				}
				break
			}
			added = append(added, Rule{
				Field: field, Slot: t.mainSlot(typ), Type: typ,
				Prop: propOf(path.Steps), Fallback: true, line: e.line,
			})
		}
	}
	if err := f.err(); err != nil {
		return err
	}
	for _, r := range added {
		t.to.replace(r.Field, append(t.to.of(r.Field), r))
	}
	t.reach = newReach(t.to.rules)
	return nil
}

// propOf returns the attribute of a path as tables write it.
func propOf(steps []stix.Step) string {
	var names []string
	for _, s := range steps {
		if s.Kind == stix.Key {
			names = append(names, s.Name)
		}
	}
	return strings.Join(names, ".")
}

// all returns the fields of all dialects, each once, in the order of dialects.
func (e fromEntry) all() []string {
	var out []string
	for _, dialect := range sortedKeys(e.fields) {
		for _, field := range e.fields[dialect] {
			if !slices.Contains(out, field) {
				out = append(out, field)
			}
		}
	}
	return out
}

// mainSlot returns the object of a type that the rules fill first, or a new one.
func (t *Table) mainSlot(typ string) string {
	if slots := t.reach.types[typ]; len(slots) > 0 {
		return slots[0]
	}
	return typ
}
