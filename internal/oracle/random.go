// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package oracle

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
)

// The words that random records and conditions are made of. They are few, so
// that things meet, and nasty.
var (
	texts = []string{
		"cmd.exe", "CMD.exe", "powershell.exe", "", "a'b", `C:\x`, "100%", "a_b", "12", "012", "1e1", "-3", "true", "FALSE",
		"10.0.0.1", "10.0.0.0/8", "fe80::1", "é", "e\u0301", "line\nbreak", "\u212a", "nan", "0x10", " 12",
	}
	patterns = []string{"%", "%.exe", "c%", "a_b", "_", "%'%", `C:\%`, "100%", "%\n%", "é", "K"}
	regexps  = []string{"^c", "exe$", "[0-9]+", "a.b", "line.break", "é", `\\`}
	networks = []string{"10.0.0.0/8", "10.0.0.1", "fe80::/10", "0.0.0.0/0"}
	base     = time.Date(2023, 3, 1, 0, 0, 0, 0, time.UTC)
)

// objectTypes are the types of random objects, the more frequent ones repeated.
var objectTypes = []string{
	"process", "process", "process", "file", "directory", "user-account", "ipv4-addr", "network-traffic", "network-traffic", "x-thing",
}

// RandomWorld draws a few records in which processes, files, folders, users,
// addresses, connections and custom things refer to each other, some of them
// several times, by references of every kind, also in circles.
func RandomWorld(t *rapid.T) *World {
	w := &World{Snapshots: make(map[plan.SnapshotID][]Row)}
	for i := range rapid.IntRange(1, 6).Draw(t, "records") {
		w.Records = append(w.Records, randomRecord(t, i))
	}
	return w
}

func randomRecord(t *rapid.T, i int) entity.Record {
	first := base.Add(time.Duration(rapid.IntRange(0, 5).Draw(t, "first")) * time.Minute)
	last := first.Add(time.Duration(rapid.IntRange(0, 2).Draw(t, "lasts")) * time.Minute)
	rec := entity.Record{
		ID:    fmt.Sprintf("observed-data--00000000-0000-4000-8000-%012d", rapid.IntRange(0, 99).Draw(t, "id")*10+i),
		First: entity.TimeOf(first, 3), Last: entity.TimeOf(last, 3),
		Count: int64(rapid.IntRange(1, 3).Draw(t, "count")),
	}
	rec.Raw = []byte(rec.ID)
	kinds := rapid.SliceOfN(rapid.SampledFrom(objectTypes), 1, 6).Draw(t, "types")
	for j, typ := range kinds {
		rec.Objects = append(rec.Objects, randomObject(t, typ, j))
	}
	for j := range rec.Objects {
		randomLinks(t, &rec, j)
	}
	entity.Identify(&rec)
	return rec
}

func randomObject(t *rapid.T, typ string, j int) entity.Object {
	o := entity.Object{Type: typ, Key: fmt.Sprint(j)}
	add := func(name string, v entity.Value) {
		if !v.IsNull() {
			o.Attrs = append(o.Attrs, entity.Attr{Name: name, Value: v})
		}
	}
	text := func(name string) entity.Value { return entity.StringValue(rapid.SampledFrom(texts).Draw(t, name)) }
	switch typ {
	case "process":
		if rapid.Bool().Draw(t, "unique") {
			add("x_unique_id", entity.StringValue(fmt.Sprint("u", rapid.IntRange(0, 2).Draw(t, "unique id"))))
		}
		add("name", text("name"))
		add("pid", RandomValue(t))
		add("x_any", RandomValue(t))
		add("'x-quoted key'", RandomValue(t))
		if rapid.Bool().Draw(t, "new name") {
			add("created_time", text("created"))
		} else {
			add("created", text("created"))
		}
	case "file":
		add("name", text("file"))
		add("hashes.'SHA-256'", text("hash"))
	case "directory":
		add("path", text("path"))
	case "user-account":
		add("user_id", text("user"))
		add("is_privileged", RandomValue(t))
	case "ipv4-addr":
		add("value", text("address"))
	case "network-traffic":
		add("start", timeText(t, "start"))
		add("dst_port", RandomValue(t))
		add("protocols", entity.JSONValue(rapid.SampledFrom([]string{`["ip","tcp"]`, `["udp"]`, `[]`, `[12,true]`}).Draw(t, "protocols")))
	default:
		add("x_any", RandomValue(t))
	}
	return o
}

// RandomValue draws a value of any kind, or none.
func RandomValue(t *rapid.T) entity.Value {
	switch rapid.IntRange(0, 4).Draw(t, "kind") {
	case 0:
		return entity.Value{}
	case 1:
		return entity.IntValue(rapid.SampledFrom([]int64{0, 1, 12, -3, 10, 9007199254740993}).Draw(t, "int"))
	case 2:
		return entity.FloatValue(rapid.SampledFrom([]float64{0.5, 12, 10, -3, 1e300}).Draw(t, "float"))
	case 3:
		return entity.BoolValue(rapid.Bool().Draw(t, "bool"))
	}
	return entity.StringValue(rapid.SampledFrom(texts).Draw(t, "text"))
}

// timeText draws a moment as sources write it, or a text that is none.
func timeText(t *rapid.T, label string) entity.Value {
	return entity.StringValue(rapid.SampledFrom([]string{
		"2023-03-01T00:00:00Z", "2023-03-01T00:00:59.5Z", "2023-03-01T00:01:00.000Z", "1969-12-31T23:59:59Z", "yesterday", "",
	}).Draw(t, label))
}

// A reference is one that random objects may have.
type reference struct {
	name, target string
	many         bool
}

// references are the references of each type.
var references = map[string][]reference{
	"process": {
		{"parent_ref", "process", false}, {"binary_ref", "file", false}, {"image_ref", "file", false},
		{"creator_user_ref", "user-account", false}, {"opened_connection_refs", "network-traffic", true}, {"child_refs", "process", true},
	},
	"file":      {{"parent_directory_ref", "directory", false}},
	"directory": {{"contains_refs", "file", true}, {"contains_refs", "directory", true}},
	"network-traffic": {
		{"src_ref", "ipv4-addr", false}, {"dst_ref", "ipv4-addr", false},
		{"encapsulated_by_ref", "network-traffic", false}, {"encapsulates_refs", "network-traffic", true},
	},
	"x-thing": {{"process_ref", "process", false}},
}

func randomLinks(t *rapid.T, rec *entity.Record, j int) {
	o := &rec.Objects[j]
	for _, r := range references[o.Type] {
		if r.name == "image_ref" && slices.ContainsFunc(o.Links, func(l entity.Link) bool { return l.Name == "binary_ref" }) {
			continue // no version of STIX has both
		}
		for k := range rec.Objects {
			if k == j || rec.Objects[k].Type != r.target || !rapid.Bool().Draw(t, r.name) {
				continue
			}
			o.Links = append(o.Links, entity.Link{Name: r.name, Many: r.many, Target: k})
			if !r.many {
				break
			}
		}
	}
}
