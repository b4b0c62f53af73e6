// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package oracle

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// Values returns the values that a path leads to from a row: none if it leads
// nowhere, several only through a step over lists.
func (w *World) Values(r Row, p stix.Path) []entity.Value {
	if vs := w.own(r, p); len(vs) > 0 || w.leads(r, p) {
		return vs
	}
	for _, right := range r.Joined {
		right.Joined = nil
		if vs := w.own(right, p); len(vs) > 0 || w.leads(right, p) {
			return vs
		}
	}
	return nil
}

// leads reports whether a path from a row follows a reference of that very row:
// then what it leads to is that of no other row that this one is paired with.
func (w *World) leads(r Row, p stix.Path) bool {
	if r.Cells != nil || !shows(r, p) {
		return false
	}
	for n := len(p.Steps); n > 0; n-- {
		star := p.Steps[n-1].Kind == stix.Star
		if len(w.targets(r.Entity, today(r.Entity.Type(), stix.AttrName(keysOnly(p.Steps[:n]))), star)) > 0 {
			return true
		}
	}
	return false
}

// shows reports whether a projection left a row an attribute.
func shows(r Row, p stix.Path) bool {
	return r.Only == nil || slices.ContainsFunc(r.Only, func(o stix.Path) bool { return o.Attr() == p.Attr() })
}

// own returns the values of a row as such, without those that it is paired with.
func (w *World) own(r Row, p stix.Path) []entity.Value {
	if !shows(r, p) {
		return nil
	}
	if r.Cells != nil {
		return cellValues(r, p)
	}
	if r.Record >= 0 && len(p.Steps) == 1 {
		if v := w.recordValue(r.Record, p.Steps[0].Name); !v.IsNull() {
			return []entity.Value{v}
		}
	}
	return w.follow(r.Entity, p.Steps)
}

// cellValues returns the value of a group's column.
func cellValues(r Row, p stix.Path) []entity.Value {
	for _, c := range r.Cells {
		if c.Name == p.Attr() && !c.Value.IsNull() {
			return []entity.Value{c.Value}
		}
	}
	return nil
}

// follow walks steps from an entity. The longest run of keys that names an
// attribute or a reference is taken as one.
func (w *World) follow(id entity.ID, steps []stix.Step) []entity.Value {
	if len(steps) == 1 && steps[0].Name == "id" {
		return []entity.Value{entity.StringValue(id.String())}
	}
	for n := len(steps); n > 0; n-- {
		name := today(id.Type(), stix.AttrName(keysOnly(steps[:n])))
		star := steps[n-1].Kind == stix.Star
		if targets := w.targets(id, name, star); len(targets) > 0 {
			if n == len(steps) {
				return idsOf(targets)
			}
			var out []entity.Value
			for _, t := range targets {
				out = append(out, w.follow(t, steps[n:])...)
			}
			return out
		}
		if n < len(steps) {
			continue
		}
		v := w.attr(id, name)
		switch {
		case v.IsNull():
		case star:
			return elements(v)
		default:
			return []entity.Value{v}
		}
	}
	return nil
}

func keysOnly(steps []stix.Step) []stix.Step {
	return slices.DeleteFunc(slices.Clone(steps), func(s stix.Step) bool { return s.Kind == stix.Star })
}

func idsOf(ids []entity.ID) []entity.Value {
	out := make([]entity.Value, len(ids))
	for i, id := range ids {
		out[i] = entity.StringValue(id.String())
	}
	return out
}

// today returns the name that an attribute of a process goes by, of the two that
// versions of STIX have given it.
func today(typ, name string) string {
	now := map[string]string{"image_ref": "binary_ref", "created_time": "created"}
	if to, ok := now[name]; ok && typ == "process" {
		return to
	}
	return name
}

// latest orders sightings of one entity: by last observed, then by the id of the
// record, then by position. The last one that has a value says it.
func (w *World) latest(id entity.ID) []seen {
	all := w.sightings(id)
	slices.SortStableFunc(all, func(a, b seen) int {
		ra, rb := &w.Records[a.record], &w.Records[b.record]
		return cmp.Or(
			cmp.Compare(ra.Last.Nanos, rb.Last.Nanos),
			cmp.Compare(ra.ID, rb.ID),
			cmp.Compare(a.object, b.object),
		)
	})
	slices.Reverse(all)
	return all
}

// attr returns the latest value of an attribute.
func (w *World) attr(id entity.ID, name string) entity.Value {
	for _, s := range w.latest(id) {
		for _, a := range w.Records[s.record].Objects[s.object].Attrs {
			if today(id.Type(), a.Name) == name && !a.Value.IsNull() {
				return a.Value
			}
		}
	}
	return entity.Value{}
}

// targets returns where a reference leads: the latest one, or for a list all
// that any record names.
func (w *World) targets(id entity.ID, name string, many bool) []entity.ID {
	var out []entity.ID
	for _, s := range w.latest(id) {
		rec := &w.Records[s.record]
		for _, l := range rec.Objects[s.object].Links {
			if today(id.Type(), l.Name) != name || l.Many != many {
				continue
			}
			target := rec.Objects[l.Target].ID
			if !many {
				return []entity.ID{target}
			}
			if !slices.Contains(out, target) {
				out = append(out, target)
			}
		}
	}
	return out
}

// elements returns the elements of a JSON list as values.
func elements(v entity.Value) []entity.Value {
	var raw []json.RawMessage
	if v.Kind() != entity.JSON || json.Unmarshal([]byte(v.Text()), &raw) != nil {
		return nil
	}
	var out []entity.Value
	for _, r := range raw {
		out = append(out, jsonValue(r))
	}
	return out
}

func jsonValue(raw json.RawMessage) entity.Value {
	var (
		text string
		n    int64
		f    float64
		b    bool
	)
	switch {
	case string(raw) == "null":
		return entity.Value{}
	case json.Unmarshal(raw, &text) == nil:
		return entity.StringValue(text)
	case json.Unmarshal(raw, &n) == nil:
		return entity.IntValue(n)
	case json.Unmarshal(raw, &f) == nil:
		return entity.FloatValue(f)
	case json.Unmarshal(raw, &b) == nil:
		return entity.BoolValue(b)
	}
	return entity.JSONValue(string(raw))
}
