// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"testing"
)

func generated(t *testing.T, n int, seed uint64) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, n, seed); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestShape holds a bundle against what the benchmarks are told about it.
func TestShape(t *testing.T) {
	t.Parallel()
	const n = 2000
	text := generated(t, n, 7)
	var b struct {
		Objects []struct {
			Type    string
			Objects map[string]struct{ Type, Name string }
		}
	}
	if err := json.Unmarshal(text, &b); err != nil {
		t.Fatal(err)
	}
	if got := len(b.Objects); got != n+1 {
		t.Fatalf("%d objects in the bundle, want an identity and %d records", got, n)
	}
	rare := 0
	for i, r := range b.Objects[1:] {
		if r.Type != "observed-data" || len(r.Objects) != 8 {
			t.Errorf("record %d: type %q, %d objects, want 8", i, r.Type, len(r.Objects))
		}
		for _, o := range r.Objects {
			if o.Type == "process" && o.Name == "mimikatz.exe" {
				rare++
			}
		}
	}
	if rare == 0 || rare > n/20 {
		t.Errorf("%d processes are mimikatz.exe, want a few in a hundred", rare)
	}
	if size := len(text) / n; size < 1250 || size > 1450 {
		t.Errorf("%d bytes a record, want some 1340", size)
	}
}

// TestECS holds the documents against what the benchmarks are told about them.
func TestECS(t *testing.T) {
	t.Parallel()
	const n = 2000
	var b bytes.Buffer
	if err := writeECS(&b, n, 7); err != nil {
		t.Fatal(err)
	}
	size, lines := b.Len(), bytes.Split(bytes.TrimSpace(b.Bytes()), []byte("\n"))
	if len(lines) != 2*n {
		t.Fatalf("%d lines, want two for each of %d documents", len(lines), n)
	}
	starts := 0
	for i, line := range lines {
		var doc struct {
			Event   struct{ Code string }
			Process struct {
				ID     string `json:"entity_id"`
				PID    int
				Parent struct{ PID int }
			}
			User struct{ ID string }
		}
		if err := json.Unmarshal(line, &doc); err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		if i%2 == 0 {
			continue
		}
		if doc.Process.ID == "" || doc.Process.PID == 0 || doc.User.ID == "" || doc.Event.Code == "1" && doc.Process.Parent.PID == 0 {
			t.Errorf("line %d lacks something: %s", i+1, line)
		}
		if doc.Event.Code == "1" {
			starts++
		}
	}
	if starts < n/4 || starts > n/2 {
		t.Errorf("%d of %d documents are starts of processes, want a third", starts, n)
	}
	if size /= n; size < 1300 || size > 1500 {
		t.Errorf("%d bytes a document, want some 1400", size)
	}
}

// TestSeed shows that equal seeds give equal bytes and others do not.
func TestSeed(t *testing.T) {
	t.Parallel()
	first := generated(t, 100, 7)
	if !bytes.Equal(first, generated(t, 100, 7)) {
		t.Error("the same seed gave other bytes")
	}
	if bytes.Equal(first, generated(t, 100, 8)) {
		t.Error("another seed gave the same bytes")
	}
}
