// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/entity"
)

func TestMap(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		doc     string
		objects []string
		links   []string
	}{
		{"empty", `{}`, nil, nil},
		{"flattened names", `{"process.parent.pid":1,"process":{"parent.name":"init"}}`, []string{"process{name=init pid=1}"}, nil},
		{"escaped names and values", `{"\u0070rocess":{"name":"a\"b\\c\u00e9\n"}}`, []string{"process{name=a\"b\\cé\n}"}, nil},
		{"null and empty values", `{"process":{"name":null,"command_line":"","executable":[],"args":[""]}}`, nil, nil},
		{"wrong kinds", `{"process":"x","file":{"name":{"a":{"b":1}},"size":"big"},"user":[1,[2]],"host":true}`,
			[]string{"file{name.a.b=1}"}, nil},
		{"exact numbers", `{"event":{"duration":9007199254740993,"sequence":18446744073709551616,"risk_score":0.1},"process":{"pid":"77","exit_code":-1}}`,
			[]string{"process{pid=77 x_exit_code=-1}", "x-oca-event{duration=9007199254740993 risk_score=0.1 sequence=18446744073709551616}"},
			[]string{"x-oca-event{duration=9007199254740993 risk_score=0.1 sequence=18446744073709551616} process_ref process{pid=77 x_exit_code=-1}"}},
		{"a list of one, of several, and one that is always a list", `{"process":{"name":["a"],"command_line":["b","c"],"pid":4},"tags":"t"}`,
			[]string{"process{command_line=b,c name=a pid=4 x_tags=t}"}, nil},
		{"both families in one list", `{"host":{"name":"h","ip":["10.0.0.1","::1","no address"]}}`,
			[]string{"ipv4-addr{value=10.0.0.1}", "ipv6-addr{value=::1}", "x-oca-asset{hostname=h name=h}"},
			[]string{"x-oca-asset{hostname=h name=h} ip_refs ipv4-addr{value=10.0.0.1}", "x-oca-asset{hostname=h name=h} ip_refs ipv6-addr{value=::1}"}},
		{"what is no address or domain", `{"source":{"ip":"10.0.0.0/8","domain":"-"},"destination":{"ip":"1.2.3","domain":"A.Example."}}`,
			[]string{"domain-name{value=A.Example.}"}, nil},
		{"user_id is the id wherever it stands", `{"user":{"name":"dana","id":1107}}`, []string{"user-account{account_login=dana user_id=1107}"}, nil},
		{"user_id is the name for want of an id", `{"user":{"name":"dana"}}`, []string{"user-account{account_login=dana user_id=dana}"}, nil},
		{"references in any order", `{"process":{"parent":{"executable":"/sbin/init"},"executable":"/bin/sh","ppid":1,"pid":9}}`,
			[]string{"directory{path=/bin}", "directory{path=/sbin}", "file{name=init}", "file{name=sh}", "process{pid=1}", "process{pid=9}"},
			[]string{
				"file{name=init} parent_directory_ref directory{path=/sbin}", "file{name=sh} parent_directory_ref directory{path=/bin}",
				"process{pid=1} binary_ref file{name=init}", "process{pid=9} binary_ref file{name=sh}", "process{pid=9} parent_ref process{pid=1}",
			}},
		{"a file known by its path", `{"file":{"path":"C:\\a\\b.txt"}}`,
			[]string{"directory{path=C:\\a}", "file{name=b.txt x_path=C:\\a\\b.txt}"},
			[]string{"file{name=b.txt x_path=C:\\a\\b.txt} parent_directory_ref directory{path=C:\\a}"}},
		{"objects in lists stay together", `{"email":{"subject":"s","attachments":[{"file":{"name":"a","hash":{"md5":"1"}}},{"file":{"name":"b","hash":{"md5":"2"}}}]}}`,
			[]string{"email-message{subject=s}", "file{hashes.MD5=1 name=a}", "file{hashes.MD5=2 name=b}"}, nil},
		{"objects that are a value, and the fields in them", `{"dns":{"answers":[{"data":"a","ttl":1},{"data":"b"}]}}`,
			[]string{
				"network-traffic{extensions.'dns-ext'.answers=map[data:a ttl:1],map[data:b]}", "x-ecs-dns{answers_data=a,b answers_ttl=1}",
			}, nil},
		{"a key of the registry", `{"registry":{"path":"HKLM\\Software\\Acme\\Run"}}`,
			[]string{"windows-registry-key{key=HKEY_LOCAL_MACHINE\\Software\\Acme values=map[name:Run]}", "x-ecs-registry{path=HKLM\\Software\\Acme\\Run}"}, nil},
		{"no UTF-8", "{\"process\":{\"name\":\"a\xffb\",\"command_line\":\"\\ud800\"}}", []string{"process{command_line=\uFFFD name=a\uFFFDb}"}, nil},
		{"names that repeat", `{"process":{"name":"a","name":"b"}}`, []string{"process{name=a}"}, nil},
		{"too deep to look at", strings.Repeat(`{"process":`, 200) + "{}" + strings.Repeat("}", 200), nil, nil},
	}
	table := open(t, Options{})
	m := table.NewMapper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { //nolint:paralleltest // one mapper for all, as a source has
			var rec entity.Record
			if err := m.Map([]byte(tt.doc), &rec); err != nil {
				t.Fatal(err)
			}
			objects, links := describeAll(&rec)
			if diff := cmp.Diff(tt.objects, objects); diff != "" {
				t.Errorf("objects (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.links, links); diff != "" {
				t.Errorf("links (-want +got):\n%s", diff)
			}
		})
	}
}

func describeAll(rec *entity.Record) (objects, links []string) {
	objects, links = describe(rec)
	if len(objects) == 0 {
		objects = nil
	}
	if len(links) == 0 {
		links = nil
	}
	return objects, links
}

func TestMapFaults(t *testing.T) {
	t.Parallel()
	m := open(t, Options{}).NewMapper()
	for _, doc := range []string{``, `[]`, `7`, `null`, `{"process":{"name":"a"`, `{"process":{"name":"a"},}`, "\x00"} {
		var rec entity.Record
		if err := m.Map([]byte(doc), &rec); err == nil {
			t.Errorf("Map(%q) = nil, want an error", doc)
		}
	}
	var rec entity.Record
	_ = m.Map([]byte(`{"process":{"name":"a"`), &rec)
	if objects, _ := describe(&rec); len(objects) != 1 {
		t.Errorf("a cut document gives %v, want what came before the cut", objects)
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	m := open(t, Options{}).NewMapper()
	for doc, want := range map[string]string{
		`{"@timestamp":"2026-03-02T09:10:00.123456789Z"}`: "2026-03-02T09:10:00.123456789Z",
		`{"@timestamp":"2026-03-02T11:10:00+02:00"}`:      "2026-03-02T09:10:00Z",
		`{"@timestamp":1772442600123}`:                    "2026-03-02T09:10:00.123Z",
		`{"@timestamp":["2026-03-02T09:10:00Z"]}`:         "2026-03-02T09:10:00Z",
		`{"@timestamp":"yesterday"}`:                      "",
		`{"@timestamp":{"a":1}}`:                          "",
	} {
		var rec entity.Record
		if err := m.Map([]byte(doc), &rec); err != nil {
			t.Fatal(err)
		}
		if rec.First.String() != want || rec.Last.String() != want {
			t.Errorf("Map(%s) is of %s .. %s, want %s", doc, rec.First, rec.Last, want)
		}
	}
}

func TestConverters(t *testing.T) {
	t.Parallel()
	text, list := textValue, listValue
	num := func(s string) value { return value{kind: '0', text: s} }
	tests := []struct {
		conv string
		in   value
		want string // as JSON, "" for none
	}{
		{"int", num("7"), "7"},
		{"int", text(" 42 "), "42"},
		{"int", text("7.9"), "7"},
		{"int", num("-7.9"), "-7"},
		{"int", text("7e2"), ""},
		{"int", num("1e400"), ""},
		{"int", text("x"), ""},
		{"int", list(num("1"), num("2")), ""},
		{"str", num("4624"), `"4624"`},
		{"str", value{kind: 't'}, `"true"`},
		{"str", list(text("a"), text("b")), ""},
		{"basename", text(`C:\Windows\cmd.exe`), `"cmd.exe"`},
		{"basename", text("/usr/bin/"), ""},
		{"dirname", text(`C:\cmd.exe`), `"C:\\"`},
		{"dirname", text("/usr/bin/sh"), `"/usr/bin"`},
		{"dirname", text("/sh"), `"/"`},
		{"dirname", text("sh"), ""},
		{"base64", text("hello"), `"aGVsbG8="`},
		{"domain_of", text("https://User.Example:8443/a?b"), `"user.example"`},
		{"domain_of", text("/a"), ""},
		{"lower_list", text("TCP, HTTP"), `["tcp","http"]`},
		{"lower_list", list(text("IPv4"), num("6")), `["ipv4"]`},
		{"wrap_list", text("event"), `["event"]`},
		{"first_of_list", list(text("a"), text("b")), `"a"`},
		{"keep_ipv4", text("10.0.0.1"), `"10.0.0.1"`},
		{"keep_ipv4", text("::1"), ""},
		{"filter_ipv6", list(text("10.0.0.1"), text("::1")), `["::1"]`},
		{"regkey_from_path", text(`hku\S-1\Run\x`), `"HKEY_USERS\\S-1\\Run"`},
		{"regkey_expand_hive", text(`HKLM`), `"HKEY_LOCAL_MACHINE"`},
		{"regvalues_from_path", text(`HKLM\Run\a"b`), `[{"name":"a\"b"}]`},
	}
	for _, tt := range tests {
		got, ok := converters[tt.conv](tt.in)
		var out string
		if ok && !got.isBlank() {
			out = string(got.appendJSON(nil))
		}
		if out != tt.want {
			t.Errorf("%s(%s) = %s, want %s", tt.conv, tt.in.appendJSON(nil), out, tt.want)
		}
	}
}

func TestShortHive(t *testing.T) {
	t.Parallel()
	if got, ok := ShortHive(`HKEY_LOCAL_MACHINE\Software`); !ok || got != `HKLM\Software` {
		t.Errorf("ShortHive = %q, %v", got, ok)
	}
	if _, ok := ShortHive(`HKLM\Software`); ok {
		t.Error("ShortHive of a short name is none")
	}
}

// FuzzMap maps any text: it neither panics nor makes a record that contradicts
// itself.
func FuzzMap(f *testing.F) {
	for _, name := range []string{"sysmon", "sysflow"} {
		text, err := os.ReadFile("testdata/" + name + ".ndjson")
		if err != nil {
			f.Fatal(err)
		}
		for doc := range bytes.Lines(text) {
			f.Add(doc)
		}
	}
	f.Add([]byte(`{"host":{"ip":[[["10.0.0.1"]]],"mac":[{"a":1}]},"dns.answers.data":["x"],"dns":{"answers":{"data":{"a":1}}}}`))
	m := open(f, Options{}).NewMapper()
	f.Fuzz(func(t *testing.T, doc []byte) {
		var rec entity.Record
		_ = m.Map(doc, &rec)
		for i, o := range rec.Objects {
			if o.Type == "" || o.Key == "" || len(o.Attrs) == 0 {
				t.Errorf("object %d has type %q, key %q, %d attributes", i, o.Type, o.Key, len(o.Attrs))
			}
			names := make(map[string]bool)
			for _, a := range o.Attrs {
				if a.Value.IsNull() || names[a.Name] {
					t.Errorf("object %d has %s twice or without value", i, a.Name)
				}
				names[a.Name] = true
			}
			for _, l := range o.Links {
				if l.Target < 0 || l.Target >= len(rec.Objects) {
					t.Errorf("object %d refers to %d of %d", i, l.Target, len(rec.Objects))
				}
			}
		}
		rec.ID = "observed-data--1"
		entity.Identify(&rec)
	})
}
