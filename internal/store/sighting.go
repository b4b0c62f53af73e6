// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/duck"
	"github.com/kestrelhunt/kestrel/plan"
)

// A sighting is one of a process that is stored.
type sighting struct {
	entity.Sighting
	ent int32
	own bool // its entity is in the snapshot, and the source gave it no unique id
}

// Sightings returns the sightings of the processes in a snapshot to which their
// source gave no unique id, as far as a process id is known. Names of sources
// are those of the passes that brought the records; hosts and unique ids are named by the
// ids of their entities.
func (s *Store) Sightings(ctx context.Context, id plan.SnapshotID) ([]entity.Sighting, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	snap, ok := s.snapshots[id]
	if !ok {
		return nil, errNoSnapshot
	}
	var out []entity.Sighting
	err := s.sightings(ctx, snap, false, func(x sighting) { out = append(out, x.Sighting) })
	return out, err
}

// sightings calls yield with the sightings of the processes in a snapshot that
// have no unique id, or with others with all that have a process id in common
// with one of these.
func (s *Store) sightings(ctx context.Context, snap *snapshot, others bool, yield func(sighting)) error {
	query := s.sightingQuery(snap, others)
	if query == "" {
		return nil
	}
	res, err := s.db.Query(ctx, query)
	if err != nil {
		return err
	}
	defer res.Close()
	read := sightingReader{res: res, sources: s.catalog.sources, texts: make(map[string]string)}
	for res.Next() {
		yield(read.row())
	}
	return nil
}

// sightingQuery is the query for sightings; "" if there can be none.
func (s *Store) sightingQuery(snap *snapshot, others bool) string {
	t := s.catalog.types["process"]
	if t == nil || snap.Entity != t.name || !t.objects.exists() || !onlyWeak(snap.info.Keys) {
		return ""
	}
	pid := s.integer(t, "pid", "o")
	if pid == "" {
		return ""
	}
	parent, join := "NULL::BIGINT", ""
	if c := t.refs["parent_ref"]; c != nil && s.sees(c.step) {
		parent = s.integer(t, "pid", "p")
		join = fmt.Sprintf(" LEFT JOIN %s p ON p.rec = o.rec AND p.ent = o.%s", t.objects.table, c.ident)
	}
	visible := "true"
	if before := s.before(); before > 0 {
		visible = fmt.Sprintf("o.rec < %d", before)
	}
	of := "own"
	if others {
		of = "pid IN (SELECT pid FROM sighting WHERE own)"
	}
	return fmt.Sprintf(`WITH mine AS (SELECT DISTINCT ent FROM %[1]s),
sighting AS (SELECT o.ent, e.kind <> %[2]d AND o.ent IN (SELECT ent FROM mine) AS own,
 %[3]s AS pid, %[4]s AS parent, %[5]s AS name, CASE WHEN e.kind = %[2]d THEN coalesce(e.id, 'process--' || e.uuid::VARCHAR) END AS uniq, o.host, r.source, r.first, r.last
 FROM %[6]s o JOIN record r ON r.rec = o.rec JOIN entity e ON e.ent = o.ent%[7]s WHERE %[8]s AND pid IS NOT NULL)
SELECT s.ent, own, pid, parent, name, coalesce(h.id, 'x-oca-asset--' || h.uuid::VARCHAR), uniq, s.source, s.first, s.last
 FROM sighting s LEFT JOIN entity h ON h.ent = s.host WHERE %[9]s`,
		snap.Table, entity.UniqueKey, pid, parent, s.text(t, "name", "o"), t.objects.table, join, visible, of)
}

// onlyWeak reports whether some entity may have no unique id, given the kinds of
// keys of all.
func onlyWeak(keys []string) bool {
	return len(keys) != 1 || keys[0] != entity.UniqueKey.String()
}

// integer is an attribute of the objects under an alias as a whole number, NULL
// if it is neither one nor the text of one; "" if there is no such attribute.
// Which kind of values has the attribute's own column makes no difference.
func (s *Store) integer(t *typeTable, name, alias string) string {
	c := t.plain[name]
	if c == nil || !s.sees(c.step) {
		return ""
	}
	var parts []string
	for _, text := range []string{c.as(alias, entity.String), c.otherAs(alias, entity.String)} {
		if text != "" {
			parts = append(parts, fmt.Sprintf("CASE WHEN regexp_full_match(%[1]s, '[+-]?[0-9]+') THEN try_cast(%[1]s AS BIGINT) END", text))
		}
	}
	if main := c.as(alias, entity.Int); main != "" {
		parts = append(parts, main)
	}
	if other := c.otherAs(alias, entity.Int); other != "" {
		parts = append(parts, fmt.Sprintf("try_cast(%s AS BIGINT)", other))
	}
	return coalesce(parts, "BIGINT")
}

// coalesce is the first of some expressions that is not NULL.
func coalesce(parts []string, typ string) string {
	return "coalesce(" + strings.Join(append(parts, "NULL::"+typ), ", ") + ")"
}

// text is an attribute of the objects under an alias as text, NULL if it is none.
func (s *Store) text(t *typeTable, name, alias string) string {
	c := t.plain[name]
	if c == nil || !s.sees(c.step) {
		return "NULL::VARCHAR"
	}
	parts := []string{c.as(alias, entity.String), c.otherAs(alias, entity.String)}
	return coalesce(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), "VARCHAR")
}

// as is the own column of c, if it has values of a kind; else "".
func (c *column) as(alias string, kind entity.Kind) string {
	if c.kind == kind {
		return alias + "." + c.ident
	}
	return ""
}

// otherAs is the text of the values of a kind in the second column of c, "" if it
// has none.
func (c *column) otherAs(alias string, kind entity.Kind) string {
	tag := map[entity.Kind]string{entity.Int: "i", entity.String: "s"}[kind]
	if c.other == "" || tag == "" {
		return ""
	}
	return fmt.Sprintf("CASE WHEN starts_with(%[1]s.%[2]s, '%[3]s') THEN substr(%[1]s.%[2]s, 2) END", alias, c.other, tag)
}

// A sightingReader reads the rows of a sightingQuery. Texts repeat, and each is
// kept once.
type sightingReader struct {
	res     *duck.Result
	sources []string
	texts   map[string]string
}

func (r *sightingReader) row() sighting {
	x := sighting{ent: int32(r.res.Int(0)), own: r.res.Bool(1)}
	x.PID = r.res.Int(2)
	if !r.res.Null(3) {
		x.ParentPID, x.HasParent = r.res.Int(3), true
	}
	x.Name, x.Host, x.Unique = r.text(4), r.text(5), r.text(6)
	x.Source = r.sources[r.res.Int(7)]
	x.First, x.Last = r.time(8), r.time(9)
	return x
}

func (r *sightingReader) text(col int) string {
	if r.res.Null(col) {
		return ""
	}
	peek := r.res.Peek(col)
	if old, ok := r.texts[peek]; ok {
		return old
	}
	text := r.res.Text(col)
	r.texts[text] = text
	return text
}

func (r *sightingReader) time(col int) entity.Time {
	if r.res.Null(col) {
		return entity.Time{}
	}
	return entity.Time{Nanos: r.res.Int(col), Digits: 1}
}
