// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTruth holds the table of README.md against what really happened.
func TestTruth(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	row := regexp.MustCompile("(?m)^\\| `([a-z]+)` \\| `[a-z0-9-]+` \\| ([0-9]+) \\|")
	for _, m := range row.FindAllStringSubmatch(string(readme), -1) {
		got[m[1]], err = strconv.Atoi(m[2])
		if err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(truth(newIncident(defaultSeed)), got); diff != "" {
		t.Errorf("README.md and the incident differ: -incident +README.md\n%s", diff)
	}
}

// TestStoryIsFixed shows that the seed changes the ordinary work only.
func TestStoryIsFixed(t *testing.T) {
	t.Parallel()
	want := truth(newIncident(defaultSeed))
	for _, seed := range []uint64{1, 2, 3} {
		if diff := cmp.Diff(want, truth(newIncident(seed))); diff != "" {
			t.Errorf("seed %d: -want +got\n%s", seed, diff)
		}
	}
}

// truth returns how many entities each variable of the hunt should hold. It
// looks at the events, not at records, and asks in its own way.
func truth(in *incident) map[string]int {
	found := sets{}
	terminal := findProcess(in, func(p *process) bool { return p.act == exploit && p.commandLine == "bash -i" })
	remote := findProcess(in, func(p *process) bool { return p.act == lateral && p.name == "wsmprovhost.exe" })
	proxy := findProcess(in, func(p *process) bool { return p.name == "ntpd-sync" })
	for _, e := range in.events {
		switch e := e.(type) {
		case *processStart:
			found.processes(e.process, terminal, remote)
		case *connection:
			found.connections(e, proxy)
		case *fileAccess:
			found.files(e)
		case *logon:
			found.logons(e)
		case *registrySet:
			found.add("keys", e, e.act == persist)
		case *lookup: // names are not asked for
		}
	}
	found.add("terminal", terminal, true)
	found.add("helper", proxy, true)
	counts := map[string]int{}
	for name, set := range found {
		counts[name] = len(set)
	}
	counts["timeline"] = counts["intruder"]
	return counts
}

// sets are the things found, by variable.
type sets map[string]map[any]bool

func (s sets) add(variable string, thing any, is bool) {
	if !is {
		return
	}
	if s[variable] == nil {
		s[variable] = map[any]bool{}
	}
	s[variable][thing] = true
}

func findProcess(in *incident, is func(*process) bool) *process {
	for _, e := range in.events {
		if start, ok := e.(*processStart); ok && is(start.process) {
			return start.process
		}
	}
	panic("the incident lacks a process of the story")
}

// processes sorts a started process into the variables that should hold it.
func (s sets) processes(p, terminal, remote *process) {
	injected := p.act == exploit && p.parent.name == "node"
	typed := p.parent == terminal
	ordered := p.parent == remote
	below := p.parent.parent == remote
	returning := p.act == persist
	s.add("shells", p, injected)
	s.add("typed", p, typed)
	s.add("unseen", p, typed && p.guid == "")
	s.add("remote", p, ordered)
	s.add("deeper", p, below)
	s.add("jobs", p, returning)
	s.add("intruder", p, injected || typed || ordered || below || returning)
}

func (s sets) connections(e *connection, proxy *process) {
	desk := netip.MustParsePrefix("10.20.5.0/24")
	calls := e.target.Addr() == netip.MustParseAddr("198.51.100.77")
	s.add("callbacks", e, calls && e.host.system == linux)
	s.add("callers", e.process, calls && e.host.system == linux)
	s.add("intruder", e.process, calls && e.host.system == linux)
	s.add("beacons", e, calls && e.host.system == windows)
	s.add("requests", e, e.source.Addr() == netip.MustParseAddr("198.51.100.23"))
	s.add("scanned", e, e.process == proxy && desk.Contains(e.target.Addr()))
	s.add("answered", e, e.process == proxy && desk.Contains(e.target.Addr()) && e.received > 0)
	s.add("uploads", e, e.act == exfiltrate)
}

func (s sets) files(e *fileAccess) {
	path := e.file.dir + "/" + e.file.name
	s.add("secrets", path, e.act == credential)
	s.add("archives", path, e.act == collect && strings.HasSuffix(e.file.name, ".7z"))
}

func (s sets) logons(e *logon) {
	s.add("logons", e, e.act == lateral)
	s.add("accounts", e.user.login, e.act == lateral && !e.failed)
}

// TestBundle shows that the bundle beside the hunt is what the program makes,
// to the byte, and small enough to be kept.
func TestBundle(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile("../bundle.json")
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := writeSTIX20(&got, newIncident(defaultSeed)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("bundle.json is not what this program makes (%d bytes, want %d): %s",
			got.Len(), len(want), firstDifference(got.Bytes(), want))
	}
	if limit := 6 << 20; got.Len() > limit {
		t.Errorf("the bundle has %d bytes, more than %d", got.Len(), limit)
	}
}

func firstDifference(got, want []byte) string {
	lines := bytes.Split(want, []byte("\n"))
	for i, line := range bytes.Split(got, []byte("\n")) {
		if i >= len(lines) || !bytes.Equal(line, lines[i]) {
			return fmt.Sprintf("line %d is\n%.300s", i+1, line)
		}
	}
	return "lines are missing at the end"
}
