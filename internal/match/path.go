// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package match

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// A path is a path made ready: for each beginning of it that may name something,
// longest first, what to look for and what follows.
type path struct {
	beginnings []beginning
	stars      int // lists entered on the way
}

// A beginning is a name and, behind it, perhaps a step into the list.
type beginning struct {
	name  string
	alias []string // of a process: the names that count as this one
	short bool     // an attribute of an extension may have this as its short name
	star  bool
	rest  *path // nil: the path ends here
}

// compilePath makes steps ready. A path with a step that no attribute can
// answer, such as an index, has no beginning there and leads nowhere.
func compilePath(steps []stix.Step) *path {
	p := &path{}
	keys := 0
	for keys < len(steps) && steps[keys].Kind == stix.Key {
		keys++
	}
	for n := keys; n > 0; n-- {
		rest := steps[n:]
		star := len(rest) > 0 && rest[0].Kind == stix.Star
		if star {
			rest = rest[1:]
		}
		if len(rest) > 0 && rest[0].Kind != stix.Key {
			continue
		}
		b := beginning{name: stix.AttrName(steps[:n]), star: star}
		b.alias = aliases(b.name)
		b.short = strings.HasPrefix(b.name, "x_")
		if len(rest) > 0 {
			b.rest = compilePath(rest)
			p.stars = max(p.stars, b.rest.stars)
		}
		if star {
			p.stars++
		}
		p.beginnings = append(p.beginnings, b)
	}
	return p
}

// aliases returns the names that a process's attribute has had in STIX, the
// usual one first; nil if there is only one.
func aliases(name string) []string {
	switch name {
	case "binary_ref", "image_ref":
		return []string{"binary_ref", "image_ref"}
	case "created", "created_time":
		return []string{"created", "created_time"}
	}
	return nil
}

// some reports whether some value at the path, from object i on, satisfies test.
func (p *path) some(rec *entity.Record, i int, test func(entity.Value) bool) bool {
	w := walk{rec: rec, test: test}
	if p.stars > 1 {
		w.seen = make(map[visit]bool)
	}
	return w.from(p, i)
}

// A walk looks for a value.
type walk struct {
	rec  *entity.Record
	test func(entity.Value) bool
	seen map[visit]bool // nil: no object can be met twice
}

// A visit is an object from which a rest of the path was followed. Once is
// enough, which bounds the work by the size of the record.
type visit struct {
	path   *path
	object int
}

func (w *walk) from(p *path, i int) bool {
	if w.seen != nil {
		if w.seen[visit{p, i}] {
			return false
		}
		w.seen[visit{p, i}] = true
	}
	o := &w.rec.Objects[i]
	for n := range p.beginnings {
		b := &p.beginnings[n]
		if met, ok := w.links(b, o); met {
			return ok
		}
		if b.rest != nil {
			continue
		}
		if v := b.value(o); !v.IsNull() {
			return w.at(b, v)
		}
	}
	return false
}

// links follows the references that b names, and reports whether o has any.
func (w *walk) links(b *beginning, o *entity.Object) (met, ok bool) {
	for i := range o.Links {
		l := &o.Links[i]
		if l.Many != b.star || !b.isName(o, l.Name) {
			continue
		}
		met = true
		if b.rest != nil {
			ok = w.from(b.rest, l.Target)
		} else {
			ok = w.test(entity.StringValue(w.rec.Objects[l.Target].ID.String()))
		}
		if ok || !l.Many {
			break
		}
	}
	return met, ok
}

// at tests the value where the path ends, or the elements of the list.
func (w *walk) at(b *beginning, v entity.Value) bool {
	if !b.star {
		return w.test(v)
	}
	return slices.ContainsFunc(elements(v), w.test)
}

// value returns the value of o that b names, or Null.
func (b *beginning) value(o *entity.Object) entity.Value {
	if !b.star {
		switch b.name {
		case "id":
			return entity.StringValue(o.ID.String())
		case "type":
			return entity.StringValue(o.Type)
		}
	}
	if v := o.Attr(b.name); !v.IsNull() {
		return v
	}
	if b.alias == nil && !b.short {
		return entity.Value{}
	}
	for i := range o.Attrs {
		if b.isName(o, o.Attrs[i].Name) {
			return o.Attrs[i].Value
		}
	}
	return entity.Value{}
}

// isName reports whether b names the attribute or link of o with that name.
func (b *beginning) isName(o *entity.Object, name string) bool {
	switch {
	case name == b.name:
		return true
	case b.alias != nil:
		return o.Type == "process" && slices.Contains(b.alias, name)
	case !b.short:
		return false
	}
	short, ok := entity.ShortAttr(name)
	return ok && short == b.name
}

// elements returns the elements of a list that are not null; none of a value
// that is no list.
func elements(v entity.Value) []entity.Value {
	if v.Kind() != entity.JSON || !strings.HasPrefix(v.Text(), "[") {
		return nil
	}
	var out []entity.Value
	dec := jsontext.NewDecoder(strings.NewReader(v.Text()), jsontext.AllowDuplicateNames(true))
	_, _ = dec.ReadToken() // the text is JSON
	for dec.PeekKind() != ']' {
		raw, err := dec.ReadValue()
		if err != nil {
			return out
		}
		if element := elementValue(raw); !element.IsNull() {
			out = append(out, element)
		}
	}
	return out
}

func elementValue(raw jsontext.Value) entity.Value {
	switch raw.Kind() {
	case '"':
		text, err := jsontext.AppendUnquote(nil, raw)
		if err != nil {
			return entity.Value{}
		}
		return entity.StringValue(string(text))
	case 't', 'f':
		return entity.BoolValue(raw.Kind() == 't')
	case '0':
		if n, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
			return entity.IntValue(n)
		}
		f, _ := strconv.ParseFloat(string(raw), 64) // an infinity becomes Null
		return entity.FloatValue(f)
	case '[', '{':
		return entity.JSONValue(string(raw))
	}
	return entity.Value{}
}
