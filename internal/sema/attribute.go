// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package sema

import (
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// path checks that the rows of v may have the attribute at p, and returns p in
// its current spelling: image_ref, which STIX 2.1 has for binary_ref, and its
// like are read as the name that records are stored under.
//
// An attribute that neither the data nor the standard knows is an error. One
// that the standard defines, and that these rows happen to lack, is a warning:
// a hunt is written before its data is seen.
func (s *Scope) path(v Variable, p stix.Path) stix.Path {
	if v.Groups && v.Attrs != nil && v.Attrs.Has(p) {
		return p // a name that the hunt gave
	}
	p = current(v.Type, p)
	if v.Attrs == nil || v.Attrs.Has(p) || hasStep(p, stix.Star) {
		return p
	}
	attr := p.Attr()
	rows := "entities"
	if v.Groups {
		rows = "groups"
	}
	d := diag.Diagnostic{
		Code:    diag.UndefinedAttribute,
		Span:    p.At,
		Message: "the " + rows + " of " + v.Name + " have no attribute " + attr,
	}
	names := v.Attrs.Names()
	near, ok := diag.Nearest(attr, names)
	switch {
	case !v.Groups && standard(v.Type, p) && isListed(v.Type):
		d.Severity = diag.Warning
		d.Message = "no entity of " + v.Name + " has a value of " + attr
		d.Hint = lackHint(p, near)
	case ok:
		d.Hint = "did you mean " + near + "?"
		d.Fixes = []diag.Fix{{Title: "use " + near, Edits: []diag.Edit{{Span: p.At, New: near}}}}
	case len(names) > 0:
		d.Hint = "it has " + list(names)
	default:
		d.Hint = v.Name + " is empty"
		d.Severity = diag.Warning
	}
	s.report(d)
	return p
}

// lackHint says why an attribute may be missing from data. A custom one may also
// be a misspelling of one that is there, if near names such.
func lackHint(p stix.Path, near string) string {
	last := p.Steps[len(p.Steps)-1].Name
	switch custom := strings.HasPrefix(last, "x_"); {
	case custom && near != "":
		return "did you mean " + near + "?"
	case custom:
		return last + " is an attribute of no standard, and this data lacks it"
	}
	return "the standard defines " + p.Attr() + ", but this data lacks it"
}

// sourcePath checks an attribute that a source will be asked for: a name that
// the standard does not define for its type is worth a warning, since a source
// may have properties of its own.
func (s *Scope) sourcePath(typ string, p stix.Path) stix.Path {
	p = current(typ, p)
	if standard(typ, p) {
		return p
	}
	first := p.Steps[0].Name
	d := diag.Diagnostic{
		Code:     diag.UndefinedAttribute,
		Severity: diag.Warning,
		Span:     p.At,
		Message:  typ + " has no standard attribute " + first,
		Hint:     "only a source's own property can match",
	}
	if near, ok := diag.Nearest(first, entity.Properties(typ)); ok {
		d.Hint = "did you mean " + near + "?"
	}
	s.report(d)
	return p
}

// current returns p with names that a later version of the standard changed in
// the spelling that records are stored under, reference by reference.
func current(typ string, p stix.Path) stix.Path {
	steps := slices.Clone(p.Steps)
	for i, step := range steps {
		if step.Kind != stix.Key {
			continue
		}
		steps[i].Name = entity.CurrentAttr(typ, step.Name)
		targets := entity.RefTargets(typ, steps[i].Name)
		if len(targets) == 0 {
			typ = ""
			continue
		}
		typ = targets[0]
	}
	p.Steps = steps
	return p
}

// standard reports whether the standard knows the attribute at p for a type, as
// far as that can be told: below a structured property, and of types that are
// not the standard's, anything goes.
func standard(typ string, p stix.Path) bool {
	types := []string{typ}
	for _, step := range p.Steps {
		if step.Kind != stix.Key {
			continue
		}
		if !slices.ContainsFunc(types, func(t string) bool { return entity.HasProperty(t, step.Name) }) {
			return false
		}
		var next []string
		for _, t := range types {
			next = append(next, entity.RefTargets(t, step.Name)...)
		}
		if len(next) == 0 {
			return true
		}
		types = next
	}
	return true
}

// isListed reports whether the standard lists the properties of a type.
func isListed(typ string) bool { return entity.Properties(typ) != nil }

func hasStep(p stix.Path, kind stix.StepKind) bool {
	return slices.ContainsFunc(p.Steps, func(s stix.Step) bool { return s.Kind == kind })
}

// list joins names for a message, and cuts a long list.
func list(names []string) string {
	const most = 12
	if len(names) > most {
		return strings.Join(names[:most], ", ") + ", ..."
	}
	return strings.Join(names, ", ")
}

// A nameSet is a set of attributes known without data.
type nameSet map[string]bool

// Has reports whether the set names path, or something below or above it: a
// key such as parent_ref.name makes parent_ref known as well.
func (n nameSet) Has(path stix.Path) bool {
	attr := path.Attr()
	if n[attr] || attr == "id" {
		return true
	}
	for name := range n {
		if strings.HasPrefix(name, attr+".") {
			return true
		}
	}
	return false
}

// Names returns the names of the set, sorted.
func (n nameSet) Names() []string {
	out := make([]string, 0, len(n))
	for name := range n {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func onlyPaths(paths []stix.Path) Attributes {
	set := make(nameSet)
	for _, p := range paths {
		set[p.Attr()] = true
	}
	return set
}

// extended is a set of attributes with some more on top.
type extended struct {
	Attributes
	more nameSet
}

// with adds names to what is known; nil stays nil.
func with(a Attributes, names []string) Attributes {
	if a == nil {
		return nil
	}
	set := make(nameSet)
	for _, n := range names {
		set[n] = true
	}
	return extended{a, set}
}

func (e extended) Has(path stix.Path) bool { return e.more.Has(path) || e.Attributes.Has(path) }

func (e extended) Names() []string {
	out := append(e.more.Names(), e.Attributes.Names()...)
	slices.Sort(out)
	return slices.Compact(out)
}

// anyOf is the union of several sets.
type anyOf []Attributes

func union(all []Attributes) Attributes { return anyOf(all) }

func (u anyOf) Has(path stix.Path) bool {
	return slices.ContainsFunc(u, func(a Attributes) bool { return a.Has(path) })
}

func (u anyOf) Names() []string {
	var out []string
	for _, a := range u {
		out = append(out, a.Names()...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
