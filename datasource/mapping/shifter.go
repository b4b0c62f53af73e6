// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ShifterTables makes tables of those that a profile of stix-shifter has under
// options.mapping: from_stix_map, <dialect>_from_stix_map and to_stix_map, or
// the same under the name of a dialect as from_stix and to_stix. A table that is
// not given is nil. The error is a *[TableError].
func ShifterTables(tables map[string]any) (from, to *File, err error) {
	s := &shifter{faults: faults{file: shifterFile}, dialects: make(map[string]any), attributes: make(map[string]map[string]any), fields: make(map[string]any)}
	for _, name := range sortedKeys(tables) {
		s.table(name, tables[name])
	}
	if err := s.faults.err(); err != nil {
		return nil, nil, err
	}
	if len(s.dialects) > 0 {
		from = s.write("kestrel-map-from/1", map[string]any{"dialects": s.dialects, "attributes": s.attributes})
	}
	if len(s.fields) > 0 {
		to = s.write("kestrel-map-to/1", map[string]any{"fields": s.fields})
	}
	return from, to, s.faults.err()
}

// shifterFile is what faults call such tables.
const shifterFile = "options.mapping"

// A shifter gathers tables in our form.
type shifter struct {
	faults     faults
	dialects   map[string]any
	attributes map[string]map[string]any // by attribute, then dialect
	fields     map[string]any            // by native field
}

func (s *shifter) write(format string, table map[string]any) *File {
	table["format"] = format
	text, err := yaml.Marshal(table)
	if err != nil {
		s.faults.add(0, "%v", err)
	}
	return &File{Name: shifterFile, Text: text}
}

// table takes one of the tables.
func (s *shifter) table(name string, v any) {
	m, ok := v.(map[string]any)
	dialect, isFrom := strings.CutSuffix(name, "from_stix_map")
	switch {
	case !ok:
		s.faults.add(0, "%s is no object", name)
	case isFrom:
		s.from(strings.TrimSuffix(dialect, "_"), m)
	case name == "to_stix_map":
		s.to(nil, m)
	case name == "operators":
		// ours are not text, and cannot be given
	case m["from_stix"] != nil || m["to_stix"] != nil:
		if inner, ok := m["from_stix"].(map[string]any); ok {
			s.from(name, inner)
		}
		if inner, ok := m["to_stix"].(map[string]any); ok {
			s.to(nil, inner)
		}
	default:
		s.faults.add(0, "there is no table %s, only from_stix_map, <dialect>_from_stix_map and to_stix_map", name)
	}
}

// from takes a table of attributes: type, then fields, then attributes.
func (s *shifter) from(dialect string, table map[string]any) {
	if dialect == "" {
		dialect = "default"
	}
	s.dialects[dialect] = map[string]any{"active_by_default": dialect == "default"}
	for _, typ := range sortedKeys(table) {
		object, _ := table[typ].(map[string]any)
		fields, ok := object["fields"].(map[string]any)
		if !ok {
			s.faults.add(0, "%s has no fields", typ)
			continue
		}
		for attr, native := range fields {
			name := typ + ":" + attr
			if s.attributes[name] == nil {
				s.attributes[name] = make(map[string]any)
			}
			s.attributes[name][dialect] = native
		}
	}
}

// to takes a tree of native fields.
func (s *shifter) to(path []string, table map[string]any) {
	for _, name := range sortedKeys(table) {
		here := append(slices.Clip(path), name)
		switch v := table[name].(type) {
		case map[string]any:
			if _, isRule := v["key"].(string); isRule {
				s.rules(here, []any{v})
			} else {
				s.to(here, v)
			}
		case []any:
			s.rules(here, v)
		default:
			s.faults.add(0, "%s is neither rules nor an object", strings.Join(here, "."))
		}
	}
}

func (s *shifter) rules(path []string, list []any) {
	field := strings.Join(path, ".")
	var out []any
	for _, item := range list {
		rule, _ := item.(map[string]any)
		key, ok := rule["key"].(string)
		if !ok {
			s.faults.add(0, "a rule of %s has no key", field)
			continue
		}
		out = append(out, shifterRule(field, key, rule))
	}
	s.fields[field] = out
}

// shifterRule writes one rule in our form.
func shifterRule(field, key string, rule map[string]any) map[string]any {
	typ, prop, isObject := strings.Cut(key, ".")
	if !isObject || rule["cybox"] == false {
		return map[string]any{"observed": key}
	}
	slot, ok := rule["object"].(string)
	if !ok {
		slot = field
	}
	out := map[string]any{"slot": slot, "type": typ, "prop": prop}
	for theirs, ours := range map[string]string{"references": "refs", "value": "const", "unwrap": "spread", "group": "collect"} {
		if v, ok := rule[theirs]; ok {
			out[ours] = v
		}
	}
	if name, ok := rule["transformer"].(string); ok {
		out["conv"] = name
		if ours, ok := transformers[name]; ok {
			out["conv"] = ours
		}
	}
	return out
}

// transformers are the names that stix-shifter has for our converters.
var transformers = map[string]string{
	"CheckIPv4":        "keep_ipv4",
	"CheckIPv6":        "keep_ipv6",
	"FilterIPv4List":   "filter_ipv4",
	"FilterIPv6List":   "filter_ipv6",
	"ToInteger":        "int",
	"ToString":         "str",
	"ToLowercaseArray": "lower_list",
	"ValueToList":      "wrap_list",
	"UnlistIfList":     "first_of_list",
	"ToBase64":         "base64",
	"ToFileName":       "basename",
	"ToDirectoryPath":  "dirname",
	"ToDomainName":     "domain_of",
}
