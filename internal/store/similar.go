// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
)

// Similar returns the processes of a snapshot with those of the store behind
// them that may be the same ones, as entity.Similarity.Belonging says of their
// sightings. Nothing is merged, and no unique id leads to another. If there is
// nothing to add it returns the snapshot itself.
func (s *Store) Similar(ctx context.Context, id plan.SnapshotID, windows entity.Similarity) (plan.SnapshotID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	snap, ok := s.snapshots[id]
	if !ok {
		return 0, errNoSnapshot
	}
	var all []sighting
	if err := s.sightings(ctx, snap, true, func(x sighting) { all = append(all, x) }); err != nil || len(all) == 0 {
		return id, err
	}
	mine, err := s.entitiesOf(ctx, snap)
	if err != nil {
		return 0, err
	}
	ents := slices.Clone(mine)
	var seen bitset
	for _, e := range mine {
		seen.add(e)
	}
	similar := similarTo(all, windows)
	slices.Sort(similar)
	for _, e := range similar {
		if seen.add(e) {
			ents = append(ents, e)
		}
	}
	if len(ents) == len(mine) {
		return id, nil
	}
	out := &snapshot{Snapshot: ofType(snap.Entity), asked: snap.asked}
	out.info.Source = snap.info.Source
	return s.keepEntities(ctx, out, ents)
}

// similarTo returns the entities of the sightings that belong to the snapshot's
// own.
func similarTo(all []sighting, windows entity.Similarity) []int32 {
	var own []entity.Sighting
	candidates := make([]entity.Sighting, len(all))
	for i := range all {
		candidates[i] = all[i].Sighting
		if all[i].own {
			own = append(own, all[i].Sighting)
		}
	}
	var out []int32
	set := windows.Belonging(own, candidates)
	for i := range all {
		if set.Has(candidates[i]) {
			out = append(out, all[i].ent)
		}
	}
	return out
}

// entitiesOf returns the entities of a snapshot in the order of its rows, each
// once.
func (s *Store) entitiesOf(ctx context.Context, snap *snapshot) ([]int32, error) {
	res, err := s.db.Query(ctx, fmt.Sprintf("SELECT ent FROM %s GROUP BY ent ORDER BY min(seq)", snap.Table))
	if err != nil {
		return nil, err
	}
	defer res.Close()
	var out []int32
	for res.Next() {
		out = append(out, int32(res.Int(0)))
	}
	return out, nil
}
