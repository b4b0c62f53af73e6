// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"bufio"
	"bytes"
	"os"
	"testing"

	"github.com/kestrelhunt/kestrel/entity"
)

// BenchmarkMap turns documents of winlogbeat into records with ids.
func BenchmarkMap(b *testing.B) {
	text, err := os.ReadFile("testdata/sysmon.ndjson")
	if err != nil {
		b.Fatal(err)
	}
	var docs [][]byte
	scanner := bufio.NewScanner(bytes.NewReader(text))
	for scanner.Scan() {
		docs = append(docs, bytes.Clone(scanner.Bytes()))
	}
	table, err := Open("elastic_ecs", Options{})
	if err != nil {
		b.Fatal(err)
	}
	m := table.NewMapper()
	var rec entity.Record
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		for _, doc := range docs {
			if err := m.Map(doc, &rec); err != nil {
				b.Fatal(err)
			}
			rec.ID = "x"
			entity.Identify(&rec)
		}
	}
	b.ReportMetric(float64(len(docs))*float64(b.N)/b.Elapsed().Seconds(), "docs/s")
}

func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		if _, err := Open("elastic_ecs", Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
