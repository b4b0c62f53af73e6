// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package elastic

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/plan"
)

// BenchmarkRun reads documents of winlogbeat from a server that has its answers
// ready: fetching, reading, mapping, identity and matching.
func BenchmarkRun(b *testing.B) {
	const perPage, pages = 2000, 25
	s := httptest.NewUnstartedServer(cannedPages(b, perPage, pages))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	defer s.Close()
	p := datasource.Profile{Name: "lab", Connection: datasource.Settings{"host": s.URL}, BatchSize: perPage, Timeout: time.Minute}
	src, err := new(Connector).Open(b.Context(), p, datasource.Env{})
	if err != nil {
		b.Fatal(err)
	}
	where, _ := where(b, `process:name != 'nosuch'`)
	docs := 0
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		task, _, err := src.Plan(b.Context(), &plan.Filter{Input: &plan.Scan{Sources: []string{"x"}, Entity: "process", Window: allDay}, Where: where})
		if err != nil {
			b.Fatal(err)
		}
		for batch, err := range task.Run(b.Context(), nil) {
			if err != nil {
				b.Fatal(err)
			}
			docs += len(batch.Records)
		}
	}
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(docs)/b.Elapsed().Seconds(), "docs/s")
	b.ReportMetric(float64(after.HeapSys)/(1<<20), "MiB")
}

// cannedPages answers searches with the same documents again and again.
func cannedPages(b *testing.B, perPage, pages int) http.HandlerFunc {
	text, err := os.ReadFile(filepath.Join("..", "mapping", "testdata", "sysmon.ndjson"))
	if err != nil {
		b.Fatal(err)
	}
	var hits []string
	docs := strings.Split(strings.TrimSpace(string(text)), "\n")
	for i := range perPage {
		hits = append(hits, fmt.Sprintf(`{"_index":"logs-1","_id":"%d","_score":null,"_source":%s,"sort":[%d,%d]}`, i, docs[i%len(docs)], 1772442600000+i, i))
	}
	page := `{"pit_id":"p","took":1,"timed_out":false,"_shards":{"total":1,"failed":0},"hits":{"hits":[` + strings.Join(hits, ",") + `]}}`
	fields, err := json.Marshal(map[string]any{"indices": []string{"logs-1"}, "fields": map[string]any{
		"process.name": map[string]any{"keyword": map[string]any{"searchable": true}},
	}})
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		switch {
		case strings.HasSuffix(r.URL.Path, "_field_caps"):
			_, _ = w.Write(fields)
		case strings.HasSuffix(r.URL.Path, "_pit"):
			n = 0
			_, _ = io.WriteString(w, `{"id":"p"}`)
		case strings.HasSuffix(r.URL.Path, "_search"):
			_, _ = io.Copy(io.Discard, r.Body)
			if n++; n > pages {
				_, _ = io.WriteString(w, `{"hits":{"hits":[]}}`)
				return
			}
			_, _ = bytes.NewReader([]byte(page)).WriteTo(w)
		default:
			_, _ = io.WriteString(w, `{"version":{"number":"8.15.0"}}`)
		}
	}
}
