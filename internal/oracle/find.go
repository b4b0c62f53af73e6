// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package oracle

import (
	"fmt"
	"slices"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
)

// find returns the entities that stand in the relation to an entity of the rows,
// or to one that does, as often as may be hopped. They come in the order in which
// any record first held them.
func (w *World) find(n *plan.Find, rows []Row) ([]Row, error) {
	typ := n.Input.Type()
	subject, object := n.Entity, typ
	if n.By {
		subject, object = object, subject
	}
	rel, ok := entity.FindRelation(subject, n.Relation, object)
	if !ok {
		return nil, fmt.Errorf("oracle: %s %s %s is no relation", subject, n.Relation, object)
	}
	found := make(map[entity.ID]bool)
	var from []entity.ID
	for _, r := range rows {
		from = append(from, r.Entity)
	}
	all := w.scan(&plan.Scan{Entity: n.Entity})
	for range n.Hops {
		var next []entity.ID
		for _, r := range all {
			x := r.Entity
			if !found[x] && slices.ContainsFunc(from, func(y entity.ID) bool { return w.related(rel, x, y, n.By) }) {
				found[x] = true
				next = append(next, x)
			}
		}
		if from = next; len(next) == 0 {
			break
		}
	}
	return slices.DeleteFunc(all, func(r Row) bool { return !found[r.Entity] }), nil
}

// related reports whether x stands in a relation to y, or with by, y to x: one
// refers to the other by one of the relation's references, or, for the relation
// between any two, both are in one record.
func (w *World) related(rel entity.Relation, x, y entity.ID, by bool) bool {
	if rel.Name == entity.Linked {
		return slices.ContainsFunc(w.sightings(x), func(s seen) bool {
			return slices.ContainsFunc(w.Records[s.record].Objects, func(o entity.Object) bool { return o.ID == y })
		})
	}
	if by {
		x, y = y, x
	}
	return w.refers(x, rel.SubjectRefs, y) || w.refers(y, rel.ObjectRefs, x)
}

// refers reports whether any object of an entity refers to another entity by one
// of some references.
func (w *World) refers(from entity.ID, refs []string, to entity.ID) bool {
	return slices.ContainsFunc(w.sightings(from), func(s seen) bool {
		rec := &w.Records[s.record]
		return slices.ContainsFunc(rec.Objects[s.object].Links, func(l entity.Link) bool {
			isRelation := slices.ContainsFunc(refs, func(name string) bool { return today(from.Type(), name) == today(from.Type(), l.Name) })
			return isRelation && rec.Objects[l.Target].ID == to
		})
	})
}
