// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A bundle20 is as much of a bundle as the tests below look at.
type bundle20 struct {
	Type    string
	Version string `json:"spec_version"`
	Objects []struct {
		Type    string
		ID      string
		First   time.Time `json:"first_observed"`
		Last    time.Time `json:"last_observed"`
		Count   int       `json:"number_observed"`
		Objects map[string]map[string]any
	}
}

func readBundle(t *testing.T) bundle20 {
	t.Helper()
	var text bytes.Buffer
	if err := writeSTIX20(&text, newIncident(defaultSeed)); err != nil {
		t.Fatal(err)
	}
	var b bundle20
	if err := json.Unmarshal(text.Bytes(), &b); err != nil {
		t.Fatal(err)
	}
	return b
}

// TestRecords holds every record against the rules of STIX 2.0 for
// observed-data (part 2, 2.9): distinct ids, times in order, a count, objects,
// and references that lead to an object of the same record.
func TestRecords(t *testing.T) {
	t.Parallel()
	b := readBundle(t)
	if b.Type != "bundle" || b.Version != "2.0" || len(b.Objects) < 2000 {
		t.Fatalf("type %q, version %q, %d objects", b.Type, b.Version, len(b.Objects))
	}
	ids := map[string]bool{}
	for _, r := range b.Objects[1:] {
		if r.Type != "observed-data" || ids[r.ID] || r.Last.Before(r.First) || r.Count < 1 || len(r.Objects) == 0 {
			t.Errorf("record %s: type %q, known %v, %v to %v, count %d, %d objects",
				r.ID, r.Type, ids[r.ID], r.First, r.Last, r.Count, len(r.Objects))
		}
		ids[r.ID] = true
		for key, object := range r.Objects {
			for _, target := range references(object) {
				if _, ok := r.Objects[target]; !ok {
					t.Errorf("record %s: object %s refers to %s, which is not there", r.ID, key, target)
				}
			}
		}
	}
}

func references(object map[string]any) []string {
	var refs []string
	for name, value := range object {
		switch {
		case strings.HasSuffix(name, "_ref"):
			refs = append(refs, value.(string))
		case strings.HasSuffix(name, "_refs"):
			for _, v := range value.([]any) {
				refs = append(refs, v.(string))
			}
		}
	}
	return refs
}

// TestTypes shows that the bundle has what hunts ask for, and that every
// record names its host.
func TestTypes(t *testing.T) {
	t.Parallel()
	types, hosts := map[string]bool{}, map[string]bool{}
	for _, r := range readBundle(t).Objects[1:] {
		var assets int
		for _, object := range r.Objects {
			types[object["type"].(string)] = true
			if object["type"] == "x-oca-asset" {
				hosts[object["hostname"].(string)] = true
				assets++
			}
		}
		if assets != 1 {
			t.Errorf("record %s names %d assets, want 1", r.ID, assets)
		}
	}
	want := []string{"directory", "domain-name", "file", "ipv4-addr", "network-traffic", "process",
		"user-account", "windows-registry-key", "x-oca-asset", "x-oca-event"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(types))); diff != "" {
		t.Errorf("types: -want +got\n%s", diff)
	}
	if diff := cmp.Diff([]string{"FIN-WS07", "web01"}, slices.Sorted(maps.Keys(hosts))); diff != "" {
		t.Errorf("hosts: -want +got\n%s", diff)
	}
}

// TestProcessIDs shows that process ids are used again, the terminal's among
// them, that no two processes have one at the same time, and that most but not
// all process objects carry a unique id.
func TestProcessIDs(t *testing.T) {
	t.Parallel()
	in := newIncident(defaultSeed)
	type key struct {
		host string
		pid  int
	}
	users := map[key][]*process{}
	for _, e := range in.events {
		if start, ok := e.(*processStart); ok {
			k := key{start.process.host.name, start.process.pid}
			users[k] = append(users[k], start.process)
		}
	}
	var again int
	for k, list := range users {
		if len(list) > 1 {
			again++
		}
		for i := 1; i < len(list); i++ {
			if list[i-1].end.After(list[i].start) {
				t.Errorf("%v: %q still runs when %q starts", k, list[i-1].commandLine, list[i].commandLine)
			}
		}
	}
	if again < 10 {
		t.Errorf("%d process ids are used again, want 10 or more", again)
	}
	terminal := findProcess(in, func(p *process) bool { return p.commandLine == "bash -i" })
	if list := users[key{"web01", terminal.pid}]; len(list) != 2 || list[0].parent.name != "cron" {
		t.Errorf("the terminal's process id was used by %d processes, want a cron job before it", len(list))
	}
	var all, unique int
	for _, r := range readBundle(t).Objects[1:] {
		for _, object := range r.Objects {
			if object["type"] == "process" {
				all++
				if _, ok := object["x_unique_id"]; ok {
					unique++
				}
			}
		}
	}
	if share := 100 * unique / all; share < 60 || share > 95 {
		t.Errorf("%d of %d process objects have a unique id, want most but not all", unique, all)
	}
}

// TestAddresses shows that no address outside of documentation and private use
// occurs (RFC 5737, RFC 1918).
func TestAddresses(t *testing.T) {
	t.Parallel()
	var allowed []netip.Prefix
	for _, p := range []string{"10.0.0.0/8", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"} {
		allowed = append(allowed, netip.MustParsePrefix(p))
	}
	for _, r := range readBundle(t).Objects[1:] {
		for _, object := range r.Objects {
			if object["type"] != "ipv4-addr" {
				continue
			}
			a := netip.MustParseAddr(object["value"].(string))
			if !slices.ContainsFunc(allowed, func(p netip.Prefix) bool { return p.Contains(a) }) {
				t.Errorf("record %s has the address %v", r.ID, a)
			}
		}
	}
}

// TestWriter covers the names of formats.
func TestWriter(t *testing.T) {
	t.Parallel()
	if writer("stix20") == nil || writer("csv") != nil {
		t.Errorf("writer: stix20 known %v, csv known %v", writer("stix20") != nil, writer("csv") != nil)
	}
}
