// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stixbundle

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/entity"
)

// benchFile returns the path and the size of a bundle: the one that
// KESTREL_BENCH_BUNDLE names, or one of many records made here.
func benchFile(b *testing.B) (string, int64) {
	b.Helper()
	path := os.Getenv("KESTREL_BENCH_BUNDLE")
	if path == "" {
		path = filepath.Join(b.TempDir(), "bundle.json")
		if err := os.WriteFile(path, []byte(fleetOf(100_000)), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	return path, info.Size()
}

// fleetOf writes a bundle of n records of seven objects: on 50 hosts, processes
// with their parents, images and users open connections.
func fleetOf(n int) string {
	var s strings.Builder
	s.WriteString(`{"type": "bundle", "id": "bundle--1", "objects": [`)
	for i := range n {
		if i > 0 {
			s.WriteString(",\n")
		}
		host, process, program := i%50, i/7*31%9001, i/7%97
		at := fmt.Sprintf("2026-02-%02dT%02d:%02d:%02d.%03dZ", 1+i/50_000, i/3000%24, i/60%60, i%60, i%1000)
		fmt.Fprintf(&s, `{"type": "observed-data", "id": "observed-data--00000000-0000-4000-8000-%012d", "created": %q, "first_observed": %[2]q, "last_observed": %[2]q, `+
			`"number_observed": 1, "objects": {"0": {"type": "directory", "path": "C:\\Windows\\System32"}, `+
			`"1": {"type": "file", "name": "program%d.exe", "parent_directory_ref": "0", "hashes": {"SHA-256": "%064x"}}, `, i, at, program, program)
		fmt.Fprintf(&s, `"2": {"type": "ipv4-addr", "value": "10.1.0.%d"}, "3": {"type": "ipv4-addr", "value": "198.18.%d.%d"}, `+
			`"4": {"type": "network-traffic", "src_ref": "2", "dst_ref": "3", "src_port": %d, "dst_port": 443, "protocols": ["tcp"]}, `, host, i%8, i%251, 49152+i%16384)
		fmt.Fprintf(&s, `"5": {"type": "process", "name": "program%d.exe", "pid": %d, "command_line": "\"C:\\Windows\\System32\\program%[1]d.exe\" -k %[3]d", `+
			`"binary_ref": "1", "x_unique_id": "00000000-0000-4000-9000-%012[3]d", "opened_connection_refs": ["4"], "creator_user_ref": "6"}, `+
			`"6": {"type": "user-account", "user_id": "S-1-5-21-%d", "account_login": "user%[4]d"}, "7": {"type": "x-oca-asset", "hostname": "WIN-%[5]d"}}}`,
			program, 4*(process+1), process, i%100, host)
	}
	s.WriteString("]}")
	return s.String()
}

// BenchmarkIndexBuild makes the index of a bundle.
func BenchmarkIndexBuild(b *testing.B) {
	path, size := benchFile(b)
	b.SetBytes(size)
	var kept int64
	for b.Loop() {
		src := benchSource(b, path)
		complete(b, src, datasource.Wanted{Entity: "process", PIDs: []int64{-1}})
		ix := <-src.index
		src.index <- ix
		kept = ix.bundles[0].size()
	}
	b.ReportMetric(float64(kept), "index-bytes")
}

// BenchmarkComplete asks an index for records of processes by their ids.
func BenchmarkComplete(b *testing.B) {
	path, _ := benchFile(b)
	src := benchSource(b, path)
	complete(b, src, datasource.Wanted{Entity: "process", PIDs: []int64{-1}})
	for _, n := range []int{1, 100, 1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			want := datasource.Wanted{Entity: "process", IDs: someIDs(b, src, n)}
			records := 0
			for b.Loop() {
				records = complete(b, src, want)
			}
			b.ReportMetric(float64(records), "records")
		})
	}
}

func benchSource(b *testing.B, path string) *source {
	b.Helper()
	src, err := new(Driver).Open(b.Context(), []string{"file://" + path}, datasource.Env{})
	if err != nil {
		b.Fatal(err)
	}
	return src.(*source) //nolint:forcetypeassert // of this package
}

// complete returns how many records an answer has.
func complete(b *testing.B, src *source, want datasource.Wanted) int {
	b.Helper()
	task, err := src.Complete(b.Context(), want)
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for batch, err := range task.Run(b.Context(), nil) {
		if err != nil {
			b.Fatal(err)
		}
		n += len(batch.Records)
	}
	return n
}

// someIDs returns the ids of n processes.
func someIDs(b *testing.B, src *source, n int) []entity.ID {
	b.Helper()
	all := scan("file://" + src.places[0].path)
	all.Entity = "process"
	task, _, err := src.Plan(b.Context(), all)
	if err != nil {
		b.Fatal(err)
	}
	seen := make(map[entity.ID]bool)
	var ids []entity.ID
	for batch, err := range task.Run(b.Context(), nil) {
		if err != nil {
			b.Fatal(err)
		}
		for _, h := range batch.Hits[0] {
			if id := batch.Records[h.Record].Objects[h.Object].ID; !seen[id] && len(ids) < n {
				seen[id] = true
				ids = append(ids, id)
			}
		}
		if len(ids) == n {
			break
		}
	}
	return ids
}
