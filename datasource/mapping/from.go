// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// A fromTable says which native fields the connectors of stix-shifter search
// for an attribute. Here it names attributes, and it knows how dialects spell
// fields; what to search is decided by the rules of the toTable.
type fromTable struct {
	file       string
	dialects   []Dialect
	operators  map[string]bool
	attributes map[string]fromEntry // by canonical type:attr
}

// A fromEntry lists native fields by dialect.
type fromEntry struct {
	fields map[string][]string // "*" stands for all dialects
	line   int
}

// in returns the fields of a dialect.
func (e fromEntry) in(dialect string) []string {
	if f, ok := e.fields[dialect]; ok {
		return f
	}
	return e.fields["*"]
}

// operatorNames are the keys of the table of operators.
var operatorNames = []string{
	"eq", "ne", "gt", "ge", "lt", "le", "in", "like", "matches", "issubset", "issuperset",
	"and", "or", "obs_and", "obs_or", "obs_followedby",
}

// parseFrom reads a table of the format kestrel-map-from/1.
func parseFrom(file File, stix21 bool) (*fromTable, error) {
	f := &faults{file: file.Name}
	t := &fromTable{file: file.Name, operators: make(map[string]bool), attributes: make(map[string]fromEntry)}
	root := f.parse(file.Text)
	if root == nil {
		return nil, f.err()
	}
	var changes *yaml.Node
	f.pairs(root, "the table", func(key, value *yaml.Node) {
		switch key.Value {
		case "format":
			f.format(value, "kestrel-map-from/1")
		case "connector":
			f.text(value, "connector")
		case "dialects":
			t.readDialects(f, value)
		case "operators":
			f.pairs(value, "operators", func(key, value *yaml.Node) {
				if !contains(operatorNames, key.Value) {
					f.unknown(key, "operators", operatorNames...)
				}
				t.operators[key.Value] = true
			})
		case "attributes":
			t.readAttributes(f, value)
		case "stix21_changes":
			changes = value
		default:
			f.unknown(key, "the table", "format", "connector", "dialects", "operators", "attributes", "stix21_changes")
		}
	})
	if changes != nil && stix21 {
		t.readAttributes(f, changes)
	}
	if len(t.dialects) == 0 {
		f.add(root.Line, "the table names no dialects")
	}
	t.checkDialects(f)
	return t, f.err()
}

func (t *fromTable) readDialects(f *faults, n *yaml.Node) {
	f.pairs(n, "dialects", func(key, value *yaml.Node) {
		d := Dialect{Name: strings.ToLower(key.Value)}
		f.pairs(value, "dialect "+key.Value, func(key, value *yaml.Node) {
			if key.Value != "active_by_default" {
				f.unknown(key, "a dialect", "active_by_default")
				return
			}
			d.Active = f.truth(value, key.Value)
		})
		t.dialects = append(t.dialects, d)
	})
}

// readAttributes reads attributes into the table, over what stands there; null
// removes one.
func (t *fromTable) readAttributes(f *faults, n *yaml.Node) {
	f.pairs(n, "attributes", func(key, value *yaml.Node) {
		typ, attr, ok := strings.Cut(key.Value, ":")
		if !ok || typ == "" || attr == "" {
			f.add(key.Line, "%q is no attribute, expected type:property", key.Value)
			return
		}
		name := canonical(key.Value)
		if isNull(value) {
			delete(t.attributes, name)
			return
		}
		e := fromEntry{fields: make(map[string][]string), line: key.Line}
		if value.Kind == yaml.MappingNode {
			f.pairs(value, key.Value, func(dialect, fields *yaml.Node) {
				e.fields[strings.ToLower(dialect.Value)] = f.texts(fields, key.Value)
			})
		} else {
			e.fields["*"] = f.texts(value, key.Value)
		}
		t.attributes[name] = e
	})
}

// checkDialects reports entries for dialects that the table does not have.
func (t *fromTable) checkDialects(f *faults) {
	known := []string{"*"}
	for _, d := range t.dialects {
		known = append(known, d.Name)
	}
	for _, name := range sortedKeys(t.attributes) {
		e := t.attributes[name]
		for _, dialect := range sortedKeys(e.fields) {
			if !contains(known, dialect) {
				f.add(e.line, "%s has fields for %q, which is no dialect of this table", name, dialect)
			}
		}
	}
}
