// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/entity"
)

const (
	fromHead = "format: kestrel-map-from/1\nconnector: elastic_ecs\ndialects:\n  default: {active_by_default: true}\n"
	toHead   = "format: kestrel-map-to/1\nconnector: elastic_ecs\nfields:\n"
)

func TestFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		from, to string // behind the head; "" takes the shipped table
		want     []string
	}{
		{"no YAML", ":\n- [", "", []string{
			"mapping: table own.from.yaml: no YAML: line 4: did not find expected key",
		}},
		{"no such key", "attribute: {}\n", "", []string{
			"mapping: table own.from.yaml line 5: the table has no key attribute; did you mean attributes?",
		}},
		{"no attribute", "attributes:\n  name: [process.name]\n", "", []string{
			`mapping: table own.from.yaml line 6: "name" is no attribute, expected type:property`,
		}},
		{"no such dialect", "attributes:\n  \"process:name\": {beat: [process.name]}\n", "", []string{
			`mapping: table own.from.yaml line 6: process:name has fields for "beat", which is no dialect of this table`,
		}},
		{"no list", "attributes:\n  \"process:name\": {default: {a: b}}\n", "", []string{
			"mapping: table own.from.yaml line 6: process:name is keys and values, expected a list of names",
		}},
		{"an attribute of another object without a rule", "attributes:\n  \"process:parent_ref.x_foo\": [process.foo]\n", "", []string{
			"mapping: table own.from.yaml line 6: process:parent_ref.x_foo may be asked for, but no rule gives a record that attribute",
		}},
		{"unknown converter", "", "  a:\n    - {slot: s, type: file, prop: name, conv: basenam}\n", []string{
			"mapping: table own.to.yaml line 5: rule of a has an unknown converter basenam; did you mean basename?",
		}},
		{"several at once", "", "  a: 7\n  b:\n    - {slot: s}\n    - {slot: s, type: file, prop: name, spread: maybe}\n    - {observed: first_seen}\n", []string{
			`mapping: table own.to.yaml line 4: a is "7", expected a list of rules`,
			"mapping: table own.to.yaml line 6: rule of b needs slot, type and prop",
			`mapping: table own.to.yaml line 7: spread is "maybe", expected true or false`,
			"mapping: table own.to.yaml line 8: a record has no property first_seen, only first_observed, last_observed, number_observed, created, modified",
		}},
		{"twice", "", "  a:\n    - {slot: s, slot: s, type: file, prop: name}\n", []string{
			"mapping: table own.to.yaml line 5: slot stands twice in rule of a",
		}},
		{"a reference to nothing", "", "  a:\n    - {slot: host, type: file, prop: name}\n    - {slot: host, type: file, prop: x_ref, ref: hosts}\n", []string{
			"mapping: table own.to.yaml line 6: file.x_ref of a refers to hosts, which no rule fills; did you mean host?",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var opts Options
			if tt.from != "" {
				opts.From = &File{"own.from.yaml", []byte(fromHead + tt.from)}
			}
			if tt.to != "" {
				opts.To = &File{"own.to.yaml", []byte(toHead + tt.to)}
			}
			_, err := Open("elastic_ecs", opts)
			if diff := cmp.Diff(strings.Join(tt.want, "\n"), errorText(err)); diff != "" {
				t.Errorf("Open (-want +got):\n%s", diff)
			}
			if _, ok := errors.AsType[*TableError](err); !ok {
				t.Errorf("Open error is a %T, want a *TableError", err)
			}
		})
	}
}

// TestOwnTable lets patterns name an attribute that the shipped tables lack.
func TestOwnTable(t *testing.T) {
	t.Parallel()
	table := open(t, Options{From: &File{"own.from.yaml", []byte(fromHead +
		"attributes:\n  \"process:x_session\": [process.session.id]\n  \"x-acme:zone\": [acme.zone]\n")}})
	for attr, want := range map[string]string{"process:x_session": "process.session.id", "x-acme:zone": "acme.zone"} {
		targets := table.Lookup(attrPath(t, attr))
		if len(targets) != 1 || targets[0].Field != want {
			t.Errorf("Lookup(%s) = %v, want the field %s", attr, targets, want)
		}
	}
	var rec entity.Record
	if err := table.NewMapper().Map([]byte(`{"process":{"pid":7,"session":{"id":3}},"acme":{"zone":"dmz"}}`), &rec); err != nil {
		t.Fatal(err)
	}
	objects, _ := describe(&rec)
	if diff := cmp.Diff([]string{"process{pid=7 x_session=3}", "x-acme{zone=dmz}"}, objects); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
}

func TestUnknownConnector(t *testing.T) {
	t.Parallel()
	if _, err := Open("nosuch", Options{}); err == nil || !strings.Contains(err.Error(), "no table nosuch.from.yaml") {
		t.Errorf("Open(nosuch) = %v, want an error that names the table", err)
	}
}

func TestShifterTables(t *testing.T) {
	t.Parallel()
	object := func(kv ...any) map[string]any {
		out := make(map[string]any)
		for i := 0; i < len(kv); i += 2 {
			out[kv[i].(string)] = kv[i+1]
		}
		return out
	}
	from, to, err := ShifterTables(object(
		"from_stix_map", object("file", object("fields", object("name", []any{"doc.path"}))),
		"beats_from_stix_map", object("file", object("fields", object("name", "doc.path.keyword"))),
		"to_stix_map", object("when", object("key", "first_observed"), "doc", object("path", []any{
			object("key", "file.name", "object", "f", "transformer", "ToFileName"),
			object("key", "directory.path", "object", "d", "transformer", "ToDirectoryPath"),
			object("key", "file.parent_directory_ref", "object", "f", "references", "d"),
		})),
	))
	if err != nil {
		t.Fatal(err)
	}
	table := open(t, Options{From: from, To: to})
	var rec entity.Record
	if err := table.NewMapper().Map([]byte(`{"when":"2026-01-01T00:00:00Z","doc":{"path":"/etc/passwd"}}`), &rec); err != nil {
		t.Fatal(err)
	}
	objects, links := describe(&rec)
	want := []string{"directory{path=/etc}", "file{name=passwd}"}
	if diff := cmp.Diff(want, objects); diff != "" || len(links) != 1 || rec.First.IsZero() {
		t.Errorf("objects (-want +got):\n%s\nlinks %v, time %s", diff, links, rec.First)
	}
	if fields, ok := table.Fields("beats", attrPath(t, "file:name")); !ok || fields[0] != "doc.path.keyword" {
		t.Errorf("file:name is %v in beats", fields)
	}
}

func TestShifterFaults(t *testing.T) {
	t.Parallel()
	for want, tables := range map[string]map[string]any{
		"mapping: table options.mapping: to_stix_map is no object":                                                              {"to_stix_map": 7},
		"mapping: table options.mapping: there is no table tostix, only from_stix_map, <dialect>_from_stix_map and to_stix_map": {"tostix": map[string]any{"a": "b"}},
		"mapping: table options.mapping: file has no fields":                                                                    {"from_stix_map": map[string]any{"file": map[string]any{}}},
		"mapping: table options.mapping: a.b is neither rules nor an object":                                                    {"to_stix_map": map[string]any{"a": map[string]any{"b": true}}},
		"mapping: table options.mapping: a rule of a has no key":                                                                {"to_stix_map": map[string]any{"a": []any{map[string]any{}}}},
	} {
		if _, _, err := ShifterTables(tables); errorText(err) != want {
			t.Errorf("ShifterTables = %v, want %s", err, want)
		}
	}
	_, to, err := ShifterTables(map[string]any{"to_stix_map": map[string]any{"a": map[string]any{"key": "file.name", "transformer": "ToNothing"}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open("elastic_ecs", Options{To: to}); err == nil || !strings.Contains(err.Error(), "unknown converter ToNothing") {
		t.Errorf("Open = %v, want an error that names the converter", err)
	}
}
