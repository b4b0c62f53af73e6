// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestElasticTruth holds the table of the example over a log store against what
// really happened.
func TestElasticTruth(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../elastic/README.md")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	row := regexp.MustCompile("(?m)^\\| `([a-z]+)` \\| `[a-z0-9-]+` \\| ([0-9]+) \\|")
	for _, m := range row.FindAllStringSubmatch(string(readme), -1) {
		if got[m[1]], err = strconv.Atoi(m[2]); err != nil {
			t.Fatal(err)
		}
	}
	in := newIncident(defaultSeed)
	all := truth(in)
	all["exploited"] = len(exploited(in))
	maps.Copy(all, walked(in))
	want := map[string]int{}
	for name := range got {
		want[name] = all[name]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("README.md and the incident differ: -incident +README.md\n%s", diff)
	}
}

// exploited returns the processes that the web service started and that are not
// its own.
func exploited(in *incident) map[*process]bool {
	own := map[string]bool{"node": true, "nginx": true}
	out := map[*process]bool{}
	for _, e := range in.events {
		start, ok := e.(*processStart)
		if !ok || start.process.parent == nil || start.process.image == nil {
			continue
		}
		if own[start.process.parent.name] && !own[start.process.image.name] {
			out[start.process] = true
		}
	}
	return out
}

// TestECS shows that each event becomes one document, in the index of its host.
func TestECS(t *testing.T) {
	t.Parallel()
	in := newIncident(defaultSeed)
	var buf bytes.Buffer
	if err := writeECS(&buf, in); err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if err := writeECS(&again, newIncident(defaultSeed)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(buf.Bytes(), again.Bytes()) {
		t.Error("equal seeds give other documents")
	}
	lines := bytes.Split(bytes.TrimSpace(buf.Bytes()), []byte("\n"))
	if len(lines) != 2*len(in.events) {
		t.Fatalf("%d lines for %d events, want two for each", len(lines), len(in.events))
	}
	for i, e := range in.events {
		var action struct {
			Create struct {
				Index string `json:"_index"`
				ID    string `json:"_id"`
			} `json:"create"`
		}
		var doc struct {
			Timestamp string         `json:"@timestamp"`
			Event     map[string]any `json:"event"`
			Process   map[string]any `json:"process"`
		}
		if err := json.Unmarshal(lines[2*i], &action); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(lines[2*i+1], &doc); err != nil {
			t.Fatal(err)
		}
		h := e.head()
		index := map[system]string{linux: webIndex, windows: deskIndex}[h.host.system]
		if action.Create.Index != index || action.Create.ID != h.id || doc.Timestamp != ecsTime(h.at) || doc.Event["action"] == nil || doc.Process["pid"] == nil {
			t.Fatalf("event %d is written as\n%s\n%s", i, lines[2*i], lines[2*i+1])
		}
	}
}
