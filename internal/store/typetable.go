// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/duck"
)

// maxColumns bounds the attributes of one type. Telemetry of the widest kind
// has hundreds; more than this is an attack or a broken reader.
const maxColumns = 4096

// maxTypes bounds the entity types of a session, for the same reason.
const maxTypes = 1024

// A typeTable is what the store keeps of one entity type.
type typeTable struct {
	name  string
	n     int
	wide  bool // each sighting has a row of its own
	host  int  // of processes: the column of objects with the entity of the host; else 0
	step  int64
	cols  []*column
	plain map[string]*column // attributes by name
	refs  map[string]*column // single references by name
	links map[string]*linkTable
	lists []*linkTable
	id    first // when id was first seen, to show it in its place

	objects   *sink // rows of objects
	sightings *sink // if not wide: which record saw which object

	rows     int64 // of objects
	entities int64
	kinds    uint64 // a bit for each entity.IDKind of its entities
	seen     bool   // some sighting has a record
	twice    bool   // some record has two objects of one entity

	byUUID   map[[16]byte]int32 // entity numbers
	byText   map[string]int32
	contents map[contentKey]int32 // if not wide: object numbers by content
	shape    []*column            // columns of the attributes of the last object
}

// A first says which step is the first that sees something, and in which order
// such things were first seen.
type first struct {
	clock *int64
	step  int64
	order int64
}

// see notes that a step sees it.
func (f *first) see(step int64) {
	if step < f.step {
		f.step = step
		*f.clock++
		f.order = *f.clock
	}
}

// compare orders things as they would have appeared if steps had run one by one.
func (f *first) compare(g *first) int {
	return cmp.Or(cmp.Compare(f.step, g.step), cmp.Compare(f.order, g.order))
}

// A column keeps one attribute, or one single reference, of a type.
type column struct {
	first
	name  string
	ident string
	kind  entity.Kind // of its first value; of a reference, Null
	ref   bool
	leads     // of a reference
	pos   int // in chunks of objects

	other    string // name of the column for values of other kinds, "" if there is none
	otherPos int
}

// A linkTable keeps one list of references of a type.
type linkTable struct {
	first
	name string
	leads
	sink *sink
}

// leads are the types that a reference led to.
type leads struct{ targets []target }

type target struct {
	typ  string
	step int64 // the first that sees it
}

// meet notes a type that a reference led to.
func (l *leads) meet(typ string, step int64) {
	for i := range l.targets {
		if l.targets[i].typ == typ {
			l.targets[i].step = min(l.targets[i].step, step)
			return
		}
	}
	l.targets = append(l.targets, target{strings.Clone(typ), step})
}

// sanitize makes a part of an identifier of a name from data: it helps who
// reads a statement, and is never needed to tell columns apart.
func sanitize(name string) string {
	var b strings.Builder
	for i := 0; i < len(name) && b.Len() < 24; i++ {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			b.WriteByte(c)
		case 'A' <= c && c <= 'Z':
			b.WriteByte(c + 'a' - 'A')
		default:
			b.WriteByte('_')
		}
	}
	return b.String()
}

// typeTable returns the table of a type and makes one if there is none.
func (c *catalog) typeTable(name string, step int64) (*typeTable, error) {
	t, ok := c.types[name]
	if ok {
		t.step = min(t.step, step)
		return t, nil
	}
	if len(c.types) >= maxTypes {
		return nil, fmt.Errorf("store: more than %d entity types", maxTypes)
	}
	c.tables++
	t = &typeTable{
		name: strings.Clone(name), n: c.tables, step: step,
		wide:   !entity.Repeats(name),
		plain:  make(map[string]*column),
		refs:   make(map[string]*column),
		links:  make(map[string]*linkTable),
		id:     first{clock: c.clock, step: never},
		byUUID: make(map[[16]byte]int32),
		byText: make(map[string]int32),
	}
	part := fmt.Sprintf("%d_%s", t.n, sanitize(name))
	if t.wide {
		t.objects = newSink("t"+part,
			field{"rec", duck.Int64}, field{"slot", duck.Int32}, field{"ent", duck.Int32}, field{"key", duck.Int128})
		if t.name == "process" {
			t.host = t.objects.addField("host", duck.Int32)
		}
	} else {
		t.contents = make(map[contentKey]int32)
		t.objects = newSink("t"+part,
			field{"obj", duck.Int32}, field{"ent", duck.Int32})
		t.sightings = newSink("s"+part,
			field{"rec", duck.Int64}, field{"slot", duck.Int32}, field{"ent", duck.Int32}, field{"obj", duck.Int32})
	}
	c.types[t.name] = t
	return t, nil
}

// sinks returns the sinks of t.
func (t *typeTable) sinks() []*sink {
	out := []*sink{t.objects}
	if t.sightings != nil {
		out = append(out, t.sightings)
	}
	for _, l := range t.lists {
		out = append(out, l.sink)
	}
	return out
}

// attr returns the column of an attribute that a step sees, and makes one for
// values of a kind if there is none.
func (t *typeTable) attr(name string, kind entity.Kind, step int64) (*column, error) {
	if c, ok := t.plain[name]; ok {
		c.see(step)
		return c, nil
	}
	if kind == entity.Null {
		kind = entity.String
	}
	c, err := t.add(name, kind, false, step)
	if err != nil {
		return nil, err
	}
	t.plain[c.name] = c
	return c, nil
}

// ref returns the column of a single reference, and makes one if there is none.
func (t *typeTable) ref(name string, step int64) (*column, error) {
	if c, ok := t.refs[name]; ok {
		c.see(step)
		return c, nil
	}
	c, err := t.add(name, entity.Null, true, step)
	if err != nil {
		return nil, err
	}
	t.refs[c.name] = c
	return c, nil
}

func (t *typeTable) add(name string, kind entity.Kind, ref bool, step int64) (*column, error) {
	if len(t.cols) >= maxColumns {
		return nil, fmt.Errorf("store: objects of type %q have more than %d different attributes", t.name, maxColumns)
	}
	c := &column{first: first{clock: t.id.clock, step: never}, name: strings.Clone(name), kind: kind, ref: ref}
	c.see(step)
	c.ident = fmt.Sprintf("c%d_%s", len(t.cols), sanitize(name))
	c.pos = t.objects.addField(c.ident, columnType(kind, ref))
	t.cols = append(t.cols, c)
	return c, nil
}

// otherKinds gives c a second column, for values of other kinds than its own.
func (t *typeTable) otherKinds(c *column) {
	c.other = "x" + c.ident[1:]
	c.otherPos = t.objects.addField(c.other, duck.Text)
}

// link returns the table of a list of references, and makes one if there is
// none. Its rows belong to a record, or if objects are kept by content, to the
// object.
func (t *typeTable) link(name string, step int64) (*linkTable, error) {
	if l, ok := t.links[name]; ok {
		l.see(step)
		return l, nil
	}
	if len(t.links) >= maxColumns {
		return nil, fmt.Errorf("store: objects of type %q have more than %d different lists of references", t.name, maxColumns)
	}
	owner := field{"obj", duck.Int32}
	if t.wide {
		owner = field{"rec", duck.Int64}
	}
	l := &linkTable{
		first: first{clock: t.id.clock, step: never},
		name:  strings.Clone(name),
		sink: newSink(fmt.Sprintf("l%d_%d_%s", t.n, len(t.links), sanitize(name)),
			owner, field{"src", duck.Int32}, field{"ord", duck.Int32}, field{"dst", duck.Int32}),
	}
	l.see(step)
	t.links[l.name] = l
	t.lists = append(t.lists, l)
	return l, nil
}

func columnType(kind entity.Kind, ref bool) duck.Type {
	if ref {
		return duck.Int32
	}
	switch kind {
	case entity.Bool:
		return duck.Bool
	case entity.Int:
		return duck.Int64
	case entity.Float:
		return duck.Float64
	}
	return duck.Text
}
