// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/kestrelhunt/kestrel/entity"
)

// benchBundle returns the text of a bundle: the file that KESTREL_BENCH_BUNDLE
// names, or one made here.
func benchBundle(b *testing.B) []byte {
	if name := os.Getenv("KESTREL_BENCH_BUNDLE"); name != "" {
		data, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		return data
	}
	var buf bytes.Buffer
	buf.WriteString(`{"type": "bundle", "id": "bundle--1", "spec_version": "2.0", "objects": [`)
	for i := range 2000 {
		if i > 0 {
			buf.WriteString(",\n")
		}
		buf.WriteString(benchRecord)
	}
	buf.WriteString("]}")
	return buf.Bytes()
}

const benchRecord = `{"type": "observed-data", "id": "observed-data--e0ca882d-d2ce-4d0e-9f5c-3c8a8bd4a5ff", ` +
	`"created": "2023-03-01T00:00:01.131Z", "first_observed": "2023-03-01T00:00:01.131Z", "last_observed": "2023-03-01T00:00:01.131Z", ` +
	`"number_observed": 1, "objects": {"0": {"type": "directory", "path": "C:\\Windows\\System32"}, ` +
	`"1": {"type": "file", "name": "svchost.exe", "parent_directory_ref": "0", "hashes": {"SHA-256": "d45a1f1c4b3f5b9e9d45a1f1c4b3f5b9e9d45a1f1c4b3f5b9e9d45a1f1c4b3f5"}}, ` +
	`"2": {"type": "ipv4-addr", "value": "10.1.0.7"}, "3": {"type": "ipv4-addr", "value": "203.0.1.17"}, ` +
	`"4": {"type": "network-traffic", "src_ref": "2", "dst_ref": "3", "src_port": 50123, "dst_port": 443, "protocols": ["tcp"]}, ` +
	`"5": {"type": "process", "name": "svchost.exe", "pid": 1380, "command_line": "\"C:\\Windows\\System32\\svchost.exe\" -k 714", ` +
	`"binary_ref": "1", "x_unique_id": "0f7b5f9e-45d9-410c-a927-f090d69a669f", "opened_connection_refs": ["4"], "creator_user_ref": "6"}, ` +
	`"6": {"type": "user-account", "user_id": "S-1-5-18", "account_login": "SYSTEM"}, "7": {"type": "x-oca-asset", "hostname": "WIN-007"}}}`

func benchRead(b *testing.B, opts BundleOptions, each func(*entity.Record)) {
	data := benchBundle(b)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	var rec entity.Record
	for b.Loop() {
		r := NewBundleReader(bytes.NewReader(data), opts)
		for {
			err := r.Read(&rec)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			if each != nil {
				each(&rec)
			}
		}
	}
}

// BenchmarkBundle decodes all records.
func BenchmarkBundle(b *testing.B) { benchRead(b, BundleOptions{}, nil) }

// BenchmarkBundleIdentify also gives all objects their ids.
func BenchmarkBundleIdentify(b *testing.B) { benchRead(b, BundleOptions{}, entity.Identify) }

// BenchmarkBundleFilter decodes the records that hold a text.
func BenchmarkBundleFilter(b *testing.B) {
	want := []byte("mimikatz.exe")
	benchRead(b, BundleOptions{Keep: func(raw []byte) bool { return bytes.Contains(raw, want) }}, nil)
}

// BenchmarkBundleScan is what the filter is measured against: the library's
// strict reading of each element, and nothing else.
func BenchmarkBundleScan(b *testing.B) {
	data := benchBundle(b)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		dec := jsontext.NewDecoder(struct{ io.Reader }{bytes.NewReader(data)})
		depth := 0
		for {
			kind := dec.PeekKind()
			if kind == 0 {
				break
			}
			var err error
			if kind == '{' && depth == 2 {
				_, err = dec.ReadValue()
			} else {
				_, err = dec.ReadToken()
			}
			if err != nil {
				b.Fatal(err)
			}
			depth = dec.StackDepth()
		}
	}
}
