// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package mapping knows how the fields of a product's records relate to the
// attributes of entities. Connectors use it in both directions: [Table.Lookup]
// tells which native fields can give an attribute its value, and a [Mapper]
// turns native records into entity.Record.
//
// The tables are data. Those that ship are embedded; a profile may put a file
// or its own tables in their place. A table is checked when it is loaded, and
// every fault has its line. Corrections of a shipped table stand in a file of
// their own, each with its reason.
//
// The question which fields to ask is answered from the rules that make the
// records: an attribute is known if, and only if, some field can give it a
// value. So what a source is asked for and what its records hold never differ.
package mapping

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/kestrelhunt/kestrel/entity"
)

// A Table relates the fields of one product to the attributes of entities. It
// may be used concurrently.
type Table struct {
	// Connector is the name under which profiles choose the product.
	Connector string

	// Dialects are the names of its dialects, in the order of the table; those
	// that are used unless a profile names others come first.
	Dialects []Dialect

	from  *fromTable
	to    *toTable
	reach *reach
	prog  *program

	looked  sync.Map          // by path: []Target
	aliases map[string]string // type:attr as written to type:attr of the rules
}

// A Dialect is one way of naming fields or asking for them.
type Dialect struct {
	Name   string
	Active bool // used unless a profile names dialects
}

// Options say which tables to open. The zero value opens those that ship.
type Options struct {
	// STIX21 takes the attributes that results of STIX 2.1 have. Corrections
	// are left out. Hunts never need it: names of STIX 2.1 are understood anyway.
	STIX21 bool

	// Plain leaves out the corrections: the tables are then those of stix-shifter.
	Plain bool

	// From and To replace a shipped table as a whole.
	From, To *File

	// TimeField is the native field that says when a record was seen, in the
	// place of that of the table; "" leaves that.
	TimeField string
}

// A File is the text of a table and the name under which faults report it.
type File struct {
	Name string
	Text []byte
}

// Open returns the table of a connector. The error is a *[TableError], or
// several joined, if a table cannot be used.
func Open(connector string, opts Options) (*Table, error) {
	from, err := openFrom(connector, opts)
	if err != nil {
		return nil, err
	}
	to, err := openTo(connector, opts)
	if err != nil {
		return nil, err
	}
	t := &Table{Connector: connector, Dialects: from.dialects, from: from, to: to}
	if !opts.Plain && !opts.STIX21 {
		if err := t.correct(connector, opts); err != nil {
			return nil, err
		}
	}
	if err := t.checkSlots(); err != nil {
		return nil, err
	}
	if opts.TimeField != "" {
		t.to.setTime(opts.TimeField)
	}
	t.reach = newReach(t.to.rules)
	if opts.From != nil {
		if err := t.carry(); err != nil {
			return nil, err
		}
	}
	t.prog = compile(t.to.rules)
	return t, nil
}

// DialectNames returns the dialects that names choose, in the order of names;
// those that are active by themselves if names is empty. The error says which
// name is none, and which there are.
func (t *Table) DialectNames(names []string) ([]string, error) {
	var out, all []string
	for _, d := range t.Dialects {
		all = append(all, d.Name)
		if d.Active {
			out = append(out, d.Name)
		}
	}
	if len(names) == 0 {
		return out, nil
	}
	out = nil
	for _, n := range names {
		n = strings.ToLower(n)
		if !slices.Contains(all, n) {
			return nil, fmt.Errorf("mapping: %s has no dialect %q, only %s", t.Connector, n, strings.Join(all, " and "))
		}
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out, nil
}

// Attributes returns the attributes of a type that a pattern may name, sorted;
// those of all types, with their type before a colon, if typ is "".
func (t *Table) Attributes(typ string) []string {
	var out []string
	for _, name := range t.names() {
		if typ == "" {
			out = append(out, name)
		} else if attr, ok := strings.CutPrefix(name, typ+":"); ok {
			out = append(out, attr)
		}
	}
	return slices.Compact(out)
}

// canonical returns type:attr with the attribute in its one spelling.
func canonical(name string) string {
	typ, attr, ok := strings.Cut(name, ":")
	if !ok {
		return name
	}
	return typ + ":" + entity.CanonicalAttr(attr)
}
