// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"fmt"
	"strings"
	"testing"
)

const benchPattern = `([process:name LIKE '%\\powershell.exe' AND (process:command_line MATCHES '-enc\\s+\\w+' OR ` +
	`process:parent_ref.name IN ('winword.exe', 'excel.exe', 'outlook.exe'))] FOLLOWEDBY ` +
	`[network-traffic:dst_ref.value NOT ISSUBSET '10.0.0.0/8' AND network-traffic:dst_port > 1024]) ` +
	`WITHIN 300 SECONDS START t'2024-05-01T00:00:00Z' STOP t'2024-05-02T00:00:00Z'`

func BenchmarkParse(b *testing.B) {
	b.SetBytes(int64(len(benchPattern)))
	b.ReportAllocs()
	for b.Loop() {
		if p, list := Parse(patternFile(benchPattern), V21); p == nil {
			b.Fatal(list)
		}
	}
}

// BenchmarkParseLong parses an OR of ten thousand comparisons.
func BenchmarkParseLong(b *testing.B) {
	text := "[process:pid = 0" + strings.Repeat(" OR process:pid = 1234", 9_999) + "]"
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if p, list := Parse(patternFile(text), V21); p == nil {
			b.Fatal(list)
		}
	}
}

func BenchmarkPrint(b *testing.B) {
	p := mustParse(b, benchPattern, V21)
	b.ReportAllocs()
	for b.Loop() {
		_ = p.String()
	}
}

// benchRecords returns n records of one process and one connection each.
func benchRecords(b *testing.B, n int) []Observed {
	b.Helper()
	var text strings.Builder
	text.WriteByte('[')
	for i := range n {
		if i > 0 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, `{"first_observed":"2024-05-01T%02d:%02d:%02dZ","last_observed":"2024-05-01T%02d:%02d:%02dZ",`+
			`"number_observed":1,"objects":{"0":{"type":"process","name":"p%d.exe","pid":%d,"command_line":"p%d.exe /c \"something\"",`+
			`"parent_ref":"1"},"1":{"type":"process","name":"explorer.exe"},"2":{"type":"network-traffic","dst_port":%d,"dst_ref":"3"},`+
			`"3":{"type":"ipv4-addr","value":"10.%d.%d.7"}}}`,
			i/3600%24, i/60%60, i%60, i/3600%24, i/60%60, i%60, i%40, i, i%40, i%65536, i/256%256, i%256)
	}
	text.WriteByte(']')
	records, err := ReadObserved([]byte(text.String()))
	if err != nil {
		b.Fatal(err)
	}
	return records
}

// BenchmarkMatch matches patterns against ten thousand records together.
func BenchmarkMatch(b *testing.B) {
	records := benchRecords(b, 10_000)
	for _, bm := range []struct {
		name, pattern string
		want          bool
	}{
		{"equal", "[process:pid = 9999]", true},
		{"like", "[process:command_line LIKE '%nothing%']", false},
		{"matches", "[process:command_line MATCHES '-enc\\\\s+\\\\w+']", false},
		{"reference", "[process:parent_ref.name = 'cmd.exe']", false},
		{"subset", "[network-traffic:dst_ref.value ISSUBSET '192.168.0.0/16']", false},
		{"repeats within", "[process:name = 'p7.exe'] REPEATS 20 TIMES WITHIN 700 SECONDS", false},
		{"followed by", "([process:name = 'p7.exe'] FOLLOWEDBY [process:name = 'p8.exe' AND process:pid > 9000]) WITHIN 5 SECONDS", true},
		{"all", benchPattern, false},
	} {
		b.Run(bm.name, func(b *testing.B) {
			m, list := Compile(mustParse(b, bm.pattern, V21))
			if m == nil {
				b.Fatal(list)
			}
			b.ReportAllocs()
			for b.Loop() {
				got, err := m.Match(b.Context(), records)
				if err != nil || got.Matched != bm.want {
					b.Fatalf("Match(%s) = %v, %v, want %v", bm.pattern, got.Matched, err, bm.want)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(records)), "ns/record")
		})
	}
}
