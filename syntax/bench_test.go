// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"strings"
	"testing"

	"github.com/kestrelhunt/kestrel/diag"
)

// hunt100 is a hunt of 100 steps as hunters write them.
var hunt100 = strings.Repeat(`# find the browsers of the host and what they did
procs = GET process FROM stixshifter://host101
        WHERE name IN ('firefox.exe', 'chrome.exe') AND parent_ref.name != 'explorer.exe'
        START 2022-07-01T00:00:00Z STOP 2022-08-01T00:00:00Z
conns = FIND network-traffic CREATED BY procs
local = conns WHERE dst_ref.value ISSUBSET '192.168.0.0/16' OR dst_port = procs.pid
DISP local ATTR src_ref.value, src_port, dst_ref.value, dst_port SORT BY dst_port LIMIT 10
grouped = GROUP conns BY dst_ref.value, BIN(first_observed, 5m) WITH COUNT(src_port) AS n, MAX(src_port)
`, 20)

func BenchmarkParse(b *testing.B) {
	b.SetBytes(int64(len(hunt100)))
	b.ReportAllocs()
	for b.Loop() {
		if hunt, diags := Parse(&diag.File{Text: hunt100}); len(hunt.Stmts) != 100 || len(diags) > 0 {
			b.Fatalf("%d steps, %v", len(hunt.Stmts), diags)
		}
	}
}

func BenchmarkFormat(b *testing.B) {
	hunt, _ := Parse(&diag.File{Text: hunt100})
	b.ReportAllocs()
	for b.Loop() {
		Format(hunt)
	}
}
