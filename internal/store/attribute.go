// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/sqlgen"
	"github.com/kestrelhunt/kestrel/stix"
)

// An Attribute is one column that rows may be shown with.
type Attribute struct {
	Name string
	Kind entity.Kind // of its first value
}

// Types returns the entity types that the store holds, sorted.
func (s *Store) Types() []string {
	s.cat.RLock()
	defer s.cat.RUnlock()
	var out []string
	for _, t := range s.typesSeen() {
		out = append(out, t.name)
	}
	return out
}

// Attributes returns the attributes of a snapshot in the order of display:
// its own, with "id", and those that references lead to. Names of references
// themselves (parent_ref) are in neither.
func (s *Store) Attributes(id plan.SnapshotID) (direct, indirect []Attribute) {
	s.cat.RLock()
	defer s.cat.RUnlock()
	snap, ok := s.snapshots[id]
	if !ok {
		return nil, nil
	}
	return apart(s.columns(snap.Shape))
}

// TypeAttributes is Attributes for the entities of a type.
func (s *Store) TypeAttributes(typ string) (direct, indirect []Attribute) {
	s.cat.RLock()
	defer s.cat.RUnlock()
	return apart(s.columns(ofType(typ).Shape))
}

// apart tells attributes from those that references lead to.
func apart(all []Attribute) (direct, indirect []Attribute) {
	for _, a := range all {
		if strings.Contains(a.Name, "_ref.") {
			indirect = append(indirect, a)
		} else {
			direct = append(direct, a)
		}
	}
	return direct, indirect
}

// columns lists the attributes that rows are shown with, in order: those of the
// first part, then what the others have besides.
func (s *Store) columns(shape sqlgen.Shape) []Attribute {
	var all [][]Attribute
	for i, p := range shape.Parts() {
		columns := s.partColumns(p)
		if i > 0 {
			columns = slices.DeleteFunc(columns, func(a Attribute) bool { return a.Name == "id" })
		}
		all = append(all, columns)
	}
	stored := make(map[string]Attribute)
	for _, a := range slices.Concat(all...) {
		name := entity.CanonicalAttr(a.Name)
		if _, ok := stored[name]; !ok {
			stored[name] = a
		}
	}
	for i, p := range shape.Parts() {
		all[i] = projected(p, all[i], stored)
	}
	shown := make(map[string]bool)
	return slices.DeleteFunc(slices.Concat(all...), func(a Attribute) bool {
		name := entity.CanonicalAttr(a.Name)
		again := shown[name]
		shown[name] = true
		return again
	})
}

// projected returns what the projection of a part leaves of its columns, in the
// order in which it names them, behind those of the record. One that is not
// stored is there too.
func projected(p sqlgen.Part, columns []Attribute, stored map[string]Attribute) []Attribute {
	if p.Attrs == nil {
		return columns
	}
	var out []Attribute
	for _, name := range p.Added {
		out = append(out, Attribute{name, addedKind(name)})
	}
	for _, p := range p.Attrs {
		a, ok := stored[p.Attr()]
		if !ok {
			a.Name = p.Attr()
		}
		out = append(out, a)
	}
	return out
}

// partColumns lists the attributes of a part without its projection.
func (s *Store) partColumns(p sqlgen.Part) []Attribute {
	var out []Attribute
	for _, c := range p.Columns {
		out = append(out, Attribute{c.Name, c.Kind})
	}
	if p.Columns != nil {
		return out
	}
	for _, name := range p.Added {
		out = append(out, Attribute{name, addedKind(name)})
	}
	own, below := s.typeAttributes(p.Entity)
	return slices.Concat(out, own, below)
}

func addedKind(name string) entity.Kind {
	if name == "number_observed" {
		return entity.Int
	}
	return entity.String
}

// typeAttributes returns the attributes of a type, and those behind references.
func (s *Store) typeAttributes(typ string) (own, below []Attribute) {
	t := s.catalog.types[typ]
	if t == nil || !s.sees(t.step) {
		return nil, nil
	}
	w := walker{s: s, names: make(map[string]bool)}
	own = s.ownAttributes(t)
	w.walk(t, "", []string{typ})
	return own, w.out
}

// ownAttributes returns the attributes of a type in the order in which they
// appeared, with id where the first object ended.
func (s *Store) ownAttributes(t *typeTable) []Attribute {
	cols := s.columnsSeen(t, false)
	at := len(cols)
	if s.sees(t.id.step) {
		at, _ = slices.BinarySearchFunc(cols, &t.id, func(c *column, id *first) int { return c.compare(id) })
	}
	var out []Attribute
	for i, c := range cols {
		if i == at {
			out = append(out, Attribute{"id", entity.String})
		}
		out = append(out, Attribute{c.name, c.kind})
	}
	if at == len(cols) {
		out = append(out, Attribute{"id", entity.String})
	}
	return out
}

// columnsSeen returns the columns of attributes, or of references, that the
// current step sees, in the order in which they appeared.
func (s *Store) columnsSeen(t *typeTable, refs bool) []*column {
	var out []*column
	for _, c := range t.cols {
		if c.ref == refs && s.sees(c.step) {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b *column) int { return a.compare(&b.first) })
	return out
}

// A walker collects the attributes behind references, depth first. A reference
// to a type that the way already passed is not followed, except parent_ref of
// processes: from the process itself and once more, and then only to what the
// grandparent has of its own.
type walker struct {
	s     *Store
	out   []Attribute
	names map[string]bool
}

// Limits of a walk: types that all refer to each other have endlessly many ways.
const (
	maxWay   = 6
	maxNames = 4096
)

func (w *walker) walk(t *typeTable, prefix string, way []string) {
	if len(way) > maxWay {
		return
	}
	refs := w.s.columnsSeen(t, true)
	if len(way) > 1 {
		// Behind parent_ref, the next parent_ref comes first.
		slices.SortStableFunc(refs, func(a, b *column) int {
			return isParent(t, b) - isParent(t, a)
		})
	}
	for _, c := range refs {
		for _, typ := range w.s.targets(&c.leads) {
			to := w.s.catalog.types[typ]
			if to == nil || len(w.out) > maxNames || !follows(t, c, typ, way) {
				continue
			}
			for _, a := range w.s.ownAttributes(to) {
				a.Name = prefix + c.name + "." + a.Name
				if !w.names[a.Name] {
					w.names[a.Name] = true
					w.out = append(w.out, a)
				}
			}
			if len(way) < 2 || isParent(t, c) == 0 {
				w.walk(to, prefix+c.name+".", append(slices.Clip(way), typ))
			}
		}
	}
}

func isParent(t *typeTable, c *column) int {
	if t.name == "process" && c.name == "parent_ref" {
		return 1
	}
	return 0
}

func follows(t *typeTable, c *column, typ string, way []string) bool {
	switch {
	case t.name == "x-oca-asset" && c.name == "parent_process_ref":
		return false
	case isParent(t, c) == 1 && typ == "process":
		return way[0] == "process" && len(way) <= 2
	}
	return !slices.Contains(way, typ)
}

// HasAttribute reports whether a path from entities of a snapshot leads to
// something that exists: an attribute, a reference, also ones that are not
// displayed, such as opened_connection_refs[*].dst_port.
func (s *Store) HasAttribute(id plan.SnapshotID, path stix.Path) bool {
	s.cat.RLock()
	defer s.cat.RUnlock()
	snap, ok := s.snapshots[id]
	if !ok {
		return false
	}
	return snap.Shape.Has(tables{s}, path.Steps)
}

// TypeHasAttribute is HasAttribute for the entities of a type.
func (s *Store) TypeHasAttribute(typ string, path stix.Path) bool {
	s.cat.RLock()
	defer s.cat.RUnlock()
	t := s.catalog.types[typ]
	return t != nil && s.sees(t.step) && sqlgen.Has(tables{s}, typ, path.Steps)
}

// pathOf returns the path of an attribute's name.
func pathOf(name string) stix.Path {
	var p stix.Path
	for _, piece := range entity.SplitAttr(name) {
		p.Steps = append(p.Steps, stix.Step{Kind: stix.Key, Name: piece})
	}
	return p
}
