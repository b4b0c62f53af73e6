// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"math"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
)

// AppendRows stores entities that a hunt gives, a row each, which belong to no
// record, and returns them, each once, in the order of rows. The row's
// attributes are named as in hunts; "id" is the entity's id; one below a
// reference, such as parent_ref.name, makes the entity referred to. Entities
// without identifying properties get ids made from seed and the row's number:
// a seed names one statement of the session.
func (s *Store) AppendRows(ctx context.Context, typ string, rows [][]entity.Attr, seed string) (plan.SnapshotID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.give(ctx, typ, seed)
	if err != nil {
		return 0, err
	}
	if err := g.add(rows); err != nil {
		g.abort()
		return 0, err
	}
	return g.finish(ctx)
}

// A giver stores rows that belong to no record.
type giver struct {
	s        *Store
	typ      string
	seed     string
	rows     int
	mark     mark
	w        *writer
	appender appender
	ents     []int32
	seen     bitset
	gift     gift
}

// give begins to store rows. The caller holds s.mu until finish or abort.
func (s *Store) give(ctx context.Context, typ, seed string) (*giver, error) {
	db, err := s.start()
	if err != nil {
		return nil, err
	}
	w, err := startWriter(ctx, db)
	if err != nil {
		return nil, err
	}
	return &giver{
		s: s, typ: typ, seed: seed, w: w,
		mark:     s.catalog.mark(),
		appender: appender{catalog: &s.catalog, w: w},
	}, nil
}

// add stores some rows.
func (g *giver) add(rows [][]entity.Attr) error {
	g.s.cat.Lock()
	defer g.s.cat.Unlock()
	if err := g.columns(rows); err != nil {
		return err
	}
	for _, row := range rows {
		b := builder{rec: entity.Record{ID: fmt.Sprintf("%s/%d", g.seed, g.rows)}}
		g.rows++
		b.object(g.typ, row)
		entity.Identify(&b.rec)
		if err := g.record(&b.rec); err != nil {
			return err
		}
	}
	return nil
}

// columns makes the columns of attributes in the order in which the rows name
// them, with the kind of the first value. An id that is given has its place
// there too.
func (g *giver) columns(rows [][]entity.Attr) error {
	t, err := g.s.catalog.typeTable(g.typ, g.s.step)
	if err != nil {
		return err
	}
	var names []string
	kinds := make(map[string]entity.Kind)
	for _, row := range rows {
		for _, a := range row {
			name := storedName(g.typ, a.Name)
			k, ok := kinds[name]
			if !ok {
				names = append(names, name)
			}
			if k == entity.Null {
				kinds[name] = a.Value.Kind()
			}
		}
	}
	for _, name := range names {
		if name == "id" {
			t.id.see(g.s.step)
			continue
		}
		if ref, _, _ := splitRef(name); ref != "" {
			continue
		}
		if _, err := t.attr(name, kinds[name], g.s.step); err != nil {
			return err
		}
	}
	return nil
}

// storedName returns the name under which an attribute is stored.
func storedName(typ, name string) string {
	return entity.CurrentAttr(typ, entity.CanonicalAttr(name))
}

func (g *giver) record(r *entity.Record) error {
	if err := g.appender.entities(r, g.s.step); err != nil {
		return err
	}
	g.gift.rows = append(g.gift.rows, int32(min(g.s.catalog.given, math.MaxInt32)))
	for i := range r.Objects {
		n := g.s.catalog.given
		g.s.catalog.given++
		at := place{given: true, slot: int(n), key: sortKey{givenHigh, uint64(n)}, step: g.s.step}
		if err := g.appender.object(r, i, at); err != nil {
			return err
		}
	}
	if ent := g.appender.ents[0]; g.seen.add(ent) {
		g.ents = append(g.ents, ent)
	}
	return nil
}

// finish writes what is left and returns the entities.
func (g *giver) finish(ctx context.Context) (plan.SnapshotID, error) {
	if err := g.flush(ctx); err != nil {
		g.abort()
		return 0, err
	}
	return g.s.keepEntities(ctx, &snapshot{Snapshot: ofType(g.typ)}, g.ents)
}

func (g *giver) flush(ctx context.Context) error {
	g.s.cat.Lock()
	defer g.s.cat.Unlock()
	for _, t := range g.appender.fresh {
		t.id.see(g.s.step)
	}
	if err := g.w.settle(ctx, g.s.catalog.sinks()); err != nil {
		return err
	}
	if err := g.w.commit(ctx); err != nil {
		return err
	}
	if len(g.gift.rows) > 0 {
		g.gift.step = g.s.step
		g.s.catalog.gifts = append(g.s.catalog.gifts, g.gift)
	}
	return nil
}

// abort undoes everything.
func (g *giver) abort() {
	g.s.cat.Lock()
	defer g.s.cat.Unlock()
	g.w.abandon()
	g.s.catalog.restore(g.mark)
}

// A builder makes the objects of one row.
type builder struct{ rec entity.Record }

// object adds an object with its attributes and what it refers to, and returns
// its place.
func (b *builder) object(typ string, attrs []entity.Attr) int {
	i := len(b.rec.Objects)
	b.rec.Objects = append(b.rec.Objects, entity.Object{Type: typ, Key: fmt.Sprint(i)})
	below := make(map[string][]entity.Attr)
	var refs []string
	for _, a := range attrs {
		a.Name = storedName(typ, a.Name)
		ref, rest, many := splitRef(a.Name)
		switch {
		case a.Value.IsNull() && (ref != "" || a.Name == "id"):
		case a.Name == "id":
			b.rec.Objects[i].ID = entity.GivenID(typ, a.Value.String())
		case ref != "" && !many:
			if _, ok := below[ref]; !ok {
				refs = append(refs, ref)
			}
			below[ref] = append(below[ref], entity.Attr{Name: rest, Value: a.Value})
		default:
			b.rec.Objects[i].Attrs = append(b.rec.Objects[i].Attrs, a)
		}
	}
	for _, ref := range refs {
		b.reference(i, ref, below[ref])
	}
	return i
}

// reference makes the entity that object i refers to. What cannot be one, for
// want of a type, stays an attribute.
func (b *builder) reference(i int, ref string, attrs []entity.Attr) {
	o := &b.rec.Objects[i]
	if len(attrs) == 1 && attrs[0].Name == "" {
		// The id alone, as in "parent_ref": "process--...".
		attrs[0].Name = "id"
		if !strings.Contains(attrs[0].Value.Text(), "--") {
			o.Attrs = append(o.Attrs, entity.Attr{Name: ref, Value: attrs[0].Value})
			return
		}
	}
	attrs = slices.DeleteFunc(attrs, func(a entity.Attr) bool { return a.Name == "" })
	typ := targetType(o.Type, ref, attrs)
	if typ == "" {
		for _, a := range attrs {
			o.Attrs = append(o.Attrs, entity.Attr{Name: ref + "." + a.Name, Value: a.Value})
		}
		return
	}
	attrs = slices.DeleteFunc(attrs, func(a entity.Attr) bool { return a.Name == "type" })
	if len(attrs) == 0 {
		return
	}
	target := b.object(typ, attrs)
	o = &b.rec.Objects[i] // the slice may have moved
	o.Links = append(o.Links, entity.Link{Name: ref, Target: target})
}

// splitRef splits an attribute at its first reference: parent_ref.name into
// parent_ref and name. The rest of the reference itself is empty. It returns an
// empty ref for an attribute without reference.
func splitRef(name string) (ref, rest string, many bool) {
	pieces := entity.SplitAttr(name)
	for i, p := range pieces {
		switch {
		case strings.HasSuffix(p, "_refs"):
			return entity.AttrName(pieces[:i+1]...), "", true
		case !strings.HasSuffix(p, "_ref"):
			continue
		case i == len(pieces)-1:
			return entity.AttrName(pieces...), "", false
		}
		return entity.AttrName(pieces[:i+1]...), entity.AttrName(pieces[i+1:]...), false
	}
	return "", "", false
}

// targetType finds out what a reference leads to: what the row says, else the
// type in the id, else what the standard says, and of several types the one that
// the value looks like.
func targetType(typ, ref string, attrs []entity.Attr) string {
	value := entity.Value{}
	for _, a := range attrs {
		switch a.Name {
		case "type":
			return a.Value.Text()
		case "value":
			value = a.Value
		}
	}
	for _, a := range attrs {
		if name, _, ok := strings.Cut(a.Value.Text(), "--"); ok && a.Name == "id" {
			return name
		}
	}
	targets := entity.RefTargets(typ, ref)
	if len(targets) == 0 {
		return ""
	}
	if slices.Contains(targets, "ipv4-addr") && value.Text() != "" {
		return addressType(value.Text())
	}
	return targets[0]
}

// addressType returns the entity type of the end of a connection (STIX 2.1,
// 6.12: an address of IP or of the link, or a domain name).
func addressType(text string) string {
	address, _, _ := strings.Cut(text, "/")
	if ip, err := netip.ParseAddr(address); err == nil {
		if ip.Is4() {
			return "ipv4-addr"
		}
		return "ipv6-addr"
	}
	if _, err := net.ParseMAC(text); err == nil {
		return "mac-addr"
	}
	return "domain-name"
}
