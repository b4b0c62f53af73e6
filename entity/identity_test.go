// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package entity

import (
	"fmt"
	"testing"
)

// object makes an object of a record from names and values; a link is given as
// a name and a target.
func object(typ string, pairs ...any) Object {
	o := Object{Type: typ}
	for i := 0; i < len(pairs); i += 2 {
		name := pairs[i].(string)
		switch v := pairs[i+1].(type) {
		case string:
			o.Attrs = append(o.Attrs, Attr{name, StringValue(v)})
		case int:
			o.Attrs = append(o.Attrs, Attr{name, IntValue(int64(v))})
		case Value:
			o.Attrs = append(o.Attrs, Attr{name, v})
		case target:
			o.Links = append(o.Links, Link{Name: name, Target: int(v)})
		default:
			panic(fmt.Sprintf("object: value %v of %s", v, name))
		}
	}
	return o
}

type target int

// record makes a record of objects whose keys are their positions.
func record(objects ...Object) *Record {
	for i := range objects {
		if objects[i].Key == "" {
			objects[i].Key = fmt.Sprint(i)
		}
	}
	return &Record{ID: "observed-data--1", Count: 1, Objects: objects}
}

// The ids below come from hashing the JSON in the comment with another program.
func TestIdentify(t *testing.T) {
	t.Parallel()
	given := object("process", "name", "a.exe")
	given.Key = "process--f52a906a-0dfc-40bd-92f1-e7778ead38a9"
	tests := []struct {
		name string
		rec  *Record
		want string // of object 0
		kind IDKind
	}{
		{"address", record(object("ipv4-addr", "value", "1.1.1.1")),
			"ipv4-addr--cbd67181-b9f8-595b-8bc3-3971e34fa1cc", PropertyKey},
		{"domain", record(object("domain-name", "value", "z.com")),
			"domain-name--edff6913-45d9-510c-a927-f090d69a669f", PropertyKey},
		{"slash is not escaped", record(object("directory", "path", "/etc")),
			"directory--c11a3267-8e4e-5d97-9182-981a345fad09", PropertyKey},
		{"other attributes do not count", record(object("directory", "ctime", "2020-01-01T00:00:00Z", "path", "/etc")),
			"directory--c11a3267-8e4e-5d97-9182-981a345fad09", PropertyKey},
		{"escapes", // {"value":"a\"b\\c\u0001é"}
			record(object("url", "value", "a\"b\\c\x01é")),
			"url--a03ab634-a3cc-5a60-a0e1-4275d86905a0", PropertyKey},
		{"hash, name and directory", // {"hashes":{"MD5":"aa"},"name":"x","parent_directory_ref":"directory--c11a3267-8e4e-5d97-9182-981a345fad09"}
			record(object("file", "name", "x", "hashes.'SHA-256'", "bb", "hashes.MD5", "aa", "parent_directory_ref", target(1)),
				object("directory", "path", "/etc")),
			"file--5669e0ca-64ea-5378-a58f-e8ab6d7e233e", PropertyKey},
		{"best of unknown hashes", // {"hashes":{"SHA3-256":"aa"}}
			record(object("file", "hashes.TLSH", "bb", "hashes.'SHA3-256'", "aa")),
			"file--2065101d-b62f-5a94-a4c6-7ffc1bff9163", PropertyKey},
		{"extensions", // {"extensions":{"a-ext":{"l":[1,"x"],"z":1.5},"b":{"c":true}},"name":"x"}
			record(object("file", "name", "x", "extensions.b.c", BoolValue(true), "extensions.'a-ext'.z", FloatValue(1.5),
				"extensions.'a-ext'.l", JSONValue(`[1.0,"x"]`))),
			"file--ad9b4b30-06d6-5bf7-a8ca-bd8cdcf94539", PropertyKey},
		{"connection", // {"dst_port":80,"dst_ref":"ipv4-addr--cbd67181-b9f8-595b-8bc3-3971e34fa1cc","protocols":["ipv4","tcp"],"src_port":1024}
			record(object("network-traffic", "protocols", JSONValue(`["ipv4","tcp"]`), "src_port", 1024, "dst_port", 80, "dst_ref", target(1)),
				object("ipv4-addr", "value", "1.1.1.1")),
			"network-traffic--9d069aa7-9312-5c6b-ad57-8bf7f5c47594", PropertyKey},
		{"registry key", // {"key":"HKLM\\a","values":[{"data":"1","name":"b"}]}
			record(object("windows-registry-key", "key", `HKLM\a`, "values", JSONValue(`[{"name":"b","data":"1"}]`))),
			"windows-registry-key--f9b3db22-711a-55ae-b11e-9778ba2b650d", PropertyKey},
		{"unique id", // {"x_unique_id":"{G}"}
			record(object("process", "pid", 4, "created", "2020-01-01T00:00:00Z", "x_unique_id", "{G}"), object("x-oca-asset", "hostname", "h")),
			"process--43b757e4-1f28-58e0-a1a0-b1b98c6bf18b", UniqueKey},
		{"unique id of an extension", record(object("process", "extensions.'x-e'.process_guid", "{G}")),
			"process--43b757e4-1f28-58e0-a1a0-b1b98c6bf18b", UniqueKey},
		{"empty unique id", // {"key":"0","record":"observed-data--1"}
			record(object("process", "x_unique_id", "", "pid", 4)),
			"process--5135acc8-bb35-5f98-8832-a4273164b10e", RecordKey},
		{"only asset", // {"host":"x-oca-asset--c04f06c7-74f3-53cd-ad6a-8cb2847971ca","pid":4,"start":"2020-01-01T00:00:00.5Z"}
			record(object("process", "pid", 4, "created", "2020-01-01T01:00:00.500+01:00"), object("x-oca-asset", "hostname", "h")),
			"process--664bfd7d-960b-58b5-88d6-5ba049174f09", ProcessKey},
		{"asset of the event", record(object("process", "pid", 4, "created_time", "2020-01-01T00:00:00.5Z"),
			object("x-oca-asset", "hostname", "other"), object("x-oca-asset", "hostname", "h"),
			object("x-oca-event", "process_ref", target(0), "host_ref", target(2))),
			"process--664bfd7d-960b-58b5-88d6-5ba049174f09", ProcessKey},
		{"two assets and no event", record(object("process", "pid", 4, "created", "2020-01-01T00:00:00Z"),
			object("x-oca-asset", "hostname", "other"), object("x-oca-asset", "hostname", "h")),
			"process--5135acc8-bb35-5f98-8832-a4273164b10e", RecordKey},
		{"event of another process", record(object("process", "pid", 4, "created", "2020-01-01T00:00:00Z"),
			object("x-oca-asset", "hostname", "other"), object("x-oca-asset", "hostname", "h"),
			object("x-oca-event", "user_ref", target(0), "host_ref", target(2))),
			"process--5135acc8-bb35-5f98-8832-a4273164b10e", RecordKey},
		{"no start", record(object("process", "pid", 4), object("x-oca-asset", "hostname", "h")),
			"process--5135acc8-bb35-5f98-8832-a4273164b10e", RecordKey},
		{"id of STIX 2.1", record(given), "process--f52a906a-0dfc-40bd-92f1-e7778ead38a9", GivenKey},
		{"unknown type", record(object("x-foo", "value", "1")), "x-foo--5135acc8-bb35-5f98-8832-a4273164b10e", RecordKey},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			Identify(tt.rec)
			o := &tt.rec.Objects[0]
			if got := o.ID.String(); got != tt.want || o.IDKind != tt.kind {
				t.Errorf("Identify gives %s from %s, want %s from %s", got, o.IDKind, tt.want, tt.kind)
			}
			Identify(tt.rec)
			if got := o.ID.String(); got != tt.want || o.IDKind != tt.kind {
				t.Errorf("Identify again gives %s from %s, want %s from %s", got, o.IDKind, tt.want, tt.kind)
			}
		})
	}
}

func TestIdentifyKeepsGivenID(t *testing.T) {
	t.Parallel()
	o := object("ipv4-addr", "value", "1.1.1.1")
	o.ID = GivenID("ipv4-addr", "mine")
	rec := record(o)
	Identify(rec)
	if got := rec.Objects[0]; got.ID.String() != "mine" || got.IDKind != GivenKey {
		t.Errorf("Identify gives %s from %s, want the given id", got.ID, got.IDKind)
	}
}

func TestIdentifyCycles(t *testing.T) {
	t.Parallel()
	cycle := func() *Record {
		return record(
			object("file", "name", "a", "parent_directory_ref", target(1)),
			object("file", "name", "b", "parent_directory_ref", target(0)),
			object("file", "name", "c", "parent_directory_ref", target(2)),
		)
	}
	first, second := cycle(), cycle()
	Identify(first)
	Identify(second)
	seen := make(map[ID]bool)
	for i := range first.Objects {
		id := first.Objects[i].ID
		if id.IsZero() || seen[id] || id != second.Objects[i].ID {
			t.Errorf("object %d has id %s, then %s; want the same, and another than those before", i, id, second.Objects[i].ID)
		}
		seen[id] = true
	}
}

func TestIdentifyLongChain(t *testing.T) {
	t.Parallel()
	const n = 100_000
	objects := make([]Object, n)
	for i := range objects {
		objects[i] = object("file", "name", "x", "parent_directory_ref", target((i+1)%n))
	}
	rec := record(objects...)
	Identify(rec)
	for i := range rec.Objects {
		if rec.Objects[i].ID.IsZero() {
			t.Fatalf("object %d has no id", i)
		}
	}
}

func TestParseTime(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in, want string // want "" if it cannot be read
	}{
		{"2023-03-01T00:00:01.250Z", "2023-03-01T00:00:01.250Z"},
		{"2023-03-01T00:00:01Z", "2023-03-01T00:00:01Z"},
		{"2023-03-01T00:00:01", "2023-03-01T00:00:01Z"},
		{"2023-03-01T02:00:01.5+02:00", "2023-03-01T00:00:01.5Z"},
		{"2023-03-01T00:00:01.1234567891Z", "2023-03-01T00:00:01.123456789Z"},
		{"0001-01-01T00:00:00Z", ""},
		{"2023-13-01T00:00:00Z", ""},
		{"yesterday", ""},
		{"", ""},
	}
	for _, tt := range tests {
		got, ok := ParseTime(tt.in)
		if got.String() != tt.want || ok != (tt.want != "") {
			t.Errorf("ParseTime(%q) = %q, %v, want %q", tt.in, got, ok, tt.want)
		}
	}
}

// BenchmarkIdentify names the eight objects of a record as a log of process
// events has them.
func BenchmarkIdentify(b *testing.B) {
	rec := record(
		object("directory", "path", `C:\Windows\System32`),
		object("file", "name", "svchost.exe", "parent_directory_ref", target(0), "hashes.'SHA-256'", "d45a1f1c4b3f5b9e9d45a1f1c4b3f5b9e9d45a1f1c4b3f5b9e9d45a1f1c4b3f5"),
		object("process", "name", "svchost.exe", "pid", 1380, "binary_ref", target(1), "x_unique_id", "0f7b5f9e-45d9-410c-a927-f090d69a669f"),
		object("ipv4-addr", "value", "10.1.0.7"),
		object("ipv4-addr", "value", "203.0.1.17"),
		object("network-traffic", "src_ref", target(3), "dst_ref", target(4), "src_port", 50123, "dst_port", 443, "protocols", JSONValue(`["tcp"]`)),
		object("user-account", "user_id", "S-1-5-18", "account_login", "SYSTEM"),
		object("x-oca-asset", "hostname", "WIN-007"),
	)
	b.ReportAllocs()
	for b.Loop() {
		for i := range rec.Objects {
			rec.Objects[i].ID = ID{}
		}
		Identify(rec)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(rec.Objects)), "ns/object")
}
