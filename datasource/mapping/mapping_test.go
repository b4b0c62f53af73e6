// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

var update = flag.Bool("update", false, "rewrite golden files")

// golden compares got with a file of testdata.
func golden(t *testing.T, file, got string) {
	t.Helper()
	path := "testdata/" + file
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func open(t testing.TB, opts Options) *Table {
	t.Helper()
	table, err := Open("elastic_ecs", opts)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// attrPath reads type:attribute.
func attrPath(t testing.TB, name string) stix.Path {
	t.Helper()
	path, list := stix.ParsePath(name)
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestRecords pins the records of our own sample documents.
func TestRecords(t *testing.T) {
	t.Parallel()
	m := open(t, Options{}).NewMapper()
	for _, name := range []string{"sysmon", "sysflow"} {
		text, err := os.ReadFile("testdata/" + name + ".ndjson")
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		var rec entity.Record
		for doc := range bytes.Lines(text) {
			if err := m.Map(doc, &rec); err != nil {
				t.Fatal(err)
			}
			writeRecord(&b, &rec)
		}
		golden(t, name+".golden", b.String())
	}
}

func writeRecord(b *strings.Builder, rec *entity.Record) {
	fmt.Fprintf(b, "%s .. %s\n", rec.First, rec.Last)
	for _, o := range rec.Objects {
		fmt.Fprintf(b, "  %s %s\n", o.Key, o.Type)
		for _, a := range o.Attrs {
			fmt.Fprintf(b, "     %s = %s\n", a.Name, a.Value)
		}
		for _, l := range o.Links {
			fmt.Fprintf(b, "     %s -> %d\n", l.Name, l.Target)
		}
	}
}

// TestDifferences pins, for each attribute that stix-shifter can search, which
// fields it looks at and which we do: the corrections say why.
func TestDifferences(t *testing.T) {
	t.Parallel()
	table := open(t, Options{})
	var b strings.Builder
	for _, name := range sortedKeys(table.from.attributes) {
		path := attrPath(t, name)
		theirs, known := table.Fields("default", path)
		if !known {
			continue
		}
		var ours []string
		for _, target := range table.Lookup(table.Resolve(path)) {
			if !slices.Contains(ours, target.Field) {
				ours = append(ours, target.Field)
			}
		}
		if len(ours) == 0 {
			t.Errorf("%s is mapped by stix-shifter, but not here", name)
		}
		if len(only(theirs, ours))+len(only(ours, theirs)) > 0 {
			fmt.Fprintf(&b, "%s\n", name)
			for _, f := range only(theirs, ours) {
				fmt.Fprintf(&b, "  - %s\n", f)
			}
			for _, f := range only(ours, theirs) {
				fmt.Fprintf(&b, "  + %s\n", f)
			}
		}
	}
	golden(t, "differences.golden", b.String())
}

// only returns the elements of a that b lacks.
func only(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

func TestLookup(t *testing.T) {
	t.Parallel()
	table := open(t, Options{})
	tests := []struct {
		name string
		attr string
		want []Target
	}{
		{"plain", "process:command_line", []Target{
			{Slot: "process", Type: "process", Field: "process.command_line"},
			{Slot: "process_parent", Type: "process", Field: "process.parent.command_line"},
		}},
		{"through a reference", "process:parent_ref.name", []Target{
			{Slot: "process", Type: "process", Field: "process.parent.name"},
		}},
		{"under the name of STIX 2.1", "process:image_ref.name", []Target{
			{Slot: "process", Type: "file", Field: "process.executable", Conv: "basename"},
			{Slot: "process_parent", Type: "file", Field: "process.parent.executable", Conv: "basename"},
		}},
		{"of either type", "network-traffic:dst_ref.value", []Target{
			{Slot: "nt", Type: "ipv4-addr", Field: "destination.ip", Conv: "keep_ipv4"},
			{Slot: "nt", Type: "ipv6-addr", Field: "destination.ip", Conv: "keep_ipv6"},
			{Slot: "nt", Type: "ipv4-addr", Field: "server.ip", Conv: "keep_ipv4"},
			{Slot: "nt", Type: "ipv6-addr", Field: "server.ip", Conv: "keep_ipv6"},
		}},
		{"a hash in quotes", "file:hashes.'SHA-512'", []Target{
			{Slot: "process_executable", Type: "file", Field: "process.hash.sha512"},
			{Slot: "process_parent_executable", Type: "file", Field: "process.parent.hash.sha512"},
			{Slot: "file_dll", Type: "file", Field: "dll.hash.sha512"},
			{Slot: "file", Type: "file", Field: "file.hash.sha512"},
			{Slot: "attachment", Type: "file", Field: "email.attachments.file.hash.sha512", Conv: "first_of_list"},
		}},
		{"a list", "x-oca-event:category[*]", []Target{
			{Slot: "event", Type: "x-oca-event", Field: "event.category", List: true, Elements: true},
			{Slot: "event", Type: "x-oca-event", Field: "event.kind", Conv: "wrap_list", List: true, Elements: true},
			{Slot: "event", Type: "x-oca-event", Field: "event.type", List: true, Elements: true},
		}},
		{"a list as a whole", "network-traffic:protocols", []Target{
			{Slot: "nt", Type: "network-traffic", Field: "network.transport", Conv: "lower_list", List: true},
			{Slot: "nt", Type: "network-traffic", Field: "network.type", Conv: "lower_list", List: true},
			{Slot: "nt", Type: "network-traffic", Field: "network.protocol", Conv: "lower_list", List: true},
		}},
		{"inside a list of objects", "windows-registry-key:values[*].name", nil},
		{"an element by number", "network-traffic:protocols[0]", nil},
		{"a list of references that is not entered", "x-oca-asset:ip_refs.value", nil},
		{"under its short name", "network-traffic:x_question.type", []Target{
			{Slot: "nt", Type: "network-traffic", Field: "dns.question.type"},
		}},
		{"inside a native object", "x-oca-geo:location.lat", []Target{
			{Slot: "source_geo", Type: "x-oca-geo", Field: "source.geo.location.lat"},
			{Slot: "client_geo", Type: "x-oca-geo", Field: "client.geo.location.lat"},
			{Slot: "destination_geo", Type: "x-oca-geo", Field: "destination.geo.location.lat"},
			{Slot: "server_geo", Type: "x-oca-geo", Field: "server.geo.location.lat"},
			{Slot: "host_geo", Type: "x-oca-geo", Field: "host.geo.location.lat"},
			{Slot: "observer_geo", Type: "x-oca-geo", Field: "observer.geo.location.lat"},
		}},
		{"a name of stix-shifter", "x-oca-asset:ip", []Target{
			{Slot: "host", Type: "ipv4-addr", Field: "host.ip", Conv: "filter_ipv4"},
			{Slot: "host", Type: "ipv6-addr", Field: "host.ip", Conv: "filter_ipv6"},
			{Slot: "observer", Type: "ipv4-addr", Field: "observer.ip", Conv: "filter_ipv4"},
			{Slot: "observer", Type: "ipv6-addr", Field: "observer.ip", Conv: "filter_ipv6"},
		}},
		{"unknown attribute", "process:nosuch", nil},
		{"unknown type", "nosuch:name", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := table.Lookup(table.Resolve(attrPath(t, tt.attr)))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Lookup(%s) (-want +got):\n%s", tt.attr, diff)
			}
		})
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	table := open(t, Options{})
	tests := []struct{ attr, want string }{
		{"process:comand_line", "process:command_line"},
		{"process:parent_name", "process:parent_ref.name"},
		{"file:value", "autonomous-system:value"},
		{"proces:name", "process:name"},
	}
	for _, tt := range tests {
		if got := table.Nearest(attrPath(t, tt.attr)); !slices.Contains(got, tt.want) {
			t.Errorf("Nearest(%s) = %q, want %s among them", tt.attr, got, tt.want)
		}
	}
}

func TestDialects(t *testing.T) {
	t.Parallel()
	table := open(t, Options{})
	for _, tt := range []struct {
		names, want []string
		err         string
	}{
		{nil, []string{"default"}, ""},
		{[]string{"Beats", "default", "beats"}, []string{"beats", "default"}, ""},
		{[]string{"sysmon"}, nil, `mapping: elastic_ecs has no dialect "sysmon", only default and beats`},
	} {
		got, err := table.DialectNames(tt.names)
		if diff := cmp.Diff(tt.want, got); diff != "" || errorText(err) != tt.err {
			t.Errorf("DialectNames(%q) = %q, %v; want %q, %s", tt.names, got, err, tt.want, tt.err)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestIsIdentity(t *testing.T) {
	t.Parallel()
	table := open(t, Options{})
	for attr, want := range map[string]bool{
		"process:id":                                true,
		"process:parent_ref":                        true,
		"process:parent_ref.id":                     true,
		"process:image_ref.parent_directory_ref":    true,
		"process:opened_connection_refs[*]":         true,
		"process:opened_connection_refs[*].src_ref": true,
		"process:opened_connection_refs.src_ref":    false,
		"process:name":                              false,
		"process:nosuch_ref":                        false,
		"nosuch:id":                                 false,
	} {
		if got := table.IsIdentity(attrPath(t, attr)); got != want {
			t.Errorf("IsIdentity(%s) = %v, want %v", attr, got, want)
		}
	}
}

func TestEntered(t *testing.T) {
	t.Parallel()
	table := open(t, Options{})
	for attr, want := range map[string]string{
		"x-oca-event:category":                         "x-oca-event:category[*]",
		"x-oca-asset:ip_refs.value":                    "x-oca-asset:ip_refs[*].value",
		"process:opened_connection_refs.dst_ref.value": "process:opened_connection_refs[*].dst_ref.value",
		"process:nosuch":                               "",
	} {
		path, ok := table.Entered(attrPath(t, attr))
		if got := path.String(); ok != (want != "") || ok && got != want {
			t.Errorf("Entered(%s) = %s, %v; want %q", attr, got, ok, want)
		}
	}
}

func TestTimeField(t *testing.T) {
	t.Parallel()
	table := open(t, Options{TimeField: "event.created"})
	var rec entity.Record
	if err := table.NewMapper().Map([]byte(`{"@timestamp":"2026-01-01T00:00:00Z","event":{"created":"2026-01-02T00:00:00Z"}}`), &rec); err != nil {
		t.Fatal(err)
	}
	if got := rec.First.String(); got != "2026-01-02T00:00:00Z" || len(table.TimeFields()) != 1 {
		t.Errorf("first observed %s by %v, want event.created", got, table.TimeFields())
	}
}
