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
