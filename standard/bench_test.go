// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package standard_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/kestrelhunt/kestrel"
	"github.com/kestrelhunt/kestrel/standard"
)

// BenchmarkGetECS turns 100,000 documents of a log store into entities of a
// session. The store answers with pages that lie ready, so that what is measured
// is ours: reading, mapping, identity, matching and storing. "none" are documents
// of which the last condition, which a server cannot check, leaves nothing: what
// the connector needs alone. MiB is what the Go heap holds at most, looked at
// with each page; what the tables of the session hold is not in it.
func BenchmarkGetECS(b *testing.B) {
	for _, bb := range []struct {
		name, where string
		docs        int
	}{
		{"all", "pid > 0", 100_000},
		{"none", "name NOT LIKE '%_xe%'", 100_000},
		{"none of half", "name NOT LIKE '%_xe%'", 50_000},
	} {
		b.Run(bb.name, func(b *testing.B) {
			pages := newPages(b, bb.docs)
			runtime.GC()
			for b.Loop() {
				pages.hunt(b, bb.where)
			}
			b.ReportMetric(float64(bb.docs)*float64(b.N)/b.Elapsed().Seconds(), "docs/s")
			b.ReportMetric(float64(pages.most.Load())/(1<<20), "MiB")
		})
	}
}

// perPage is how many documents a page has.
const perPage = 2000

// pages answer searches from a file.
type pages struct {
	*httptest.Server
	file    *os.File
	offsets []int64 // of the pages in the file, and its end
	served  atomic.Int64
	most    atomic.Uint64 // bytes on the heap
}

func newPages(b *testing.B, docs int) *pages {
	b.Helper()
	events := exec.Command("go", "run", "../bench/genbundle", "-format", "ecs", "-n", fmt.Sprint(docs))
	pipe, err := events.StdoutPipe()
	if err == nil {
		err = events.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	p := &pages{}
	if p.file, err = os.Create(filepath.Join(b.TempDir(), "pages")); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { p.file.Close() })
	out := bufio.NewWriter(p.file)
	n, at := 0, int64(0)
	lines := bufio.NewScanner(pipe)
	for lines.Scan() {
		line := lines.Bytes()
		if bytes.HasPrefix(line, []byte(`{"create"`)) {
			continue
		}
		separator := ","
		if n%perPage == 0 {
			p.offsets = append(p.offsets, at)
			separator = ""
		}
		wrote, _ := fmt.Fprintf(out, `%s{"_index":"logs","_id":"e%d","_score":null,"_source":%s,"sort":[%d,%d]}`, separator, n, line, n, n)
		at += int64(wrote)
		n++
	}
	p.offsets = append(p.offsets, at)
	if err := errors.Join(lines.Err(), events.Wait(), out.Flush()); err != nil {
		b.Fatal(err)
	}
	p.Server = httptest.NewUnstartedServer(p)
	p.Config.ErrorLog = log.New(io.Discard, "", 0)
	p.Start()
	b.Cleanup(p.Close)
	return p
}

func (p *pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	switch {
	case strings.HasSuffix(r.URL.Path, "_field_caps"):
		fmt.Fprint(w, `{"indices":["logs"],"fields":{"process.pid":{"long":{"type":"long","searchable":true}},"process.name":{"keyword":{"type":"keyword","searchable":true}}}}`)
	case strings.HasSuffix(r.URL.Path, "_pit"):
		fmt.Fprint(w, `{"id":"p"}`)
	case strings.HasSuffix(r.URL.Path, "_search"):
		p.look()
		fmt.Fprint(w, `{"pit_id":"p","timed_out":false,"_shards":{"total":1,"failed":0},"hits":{"hits":[`)
		if n := p.served.Add(1) - 1; int(n) < len(p.offsets)-1 {
			_, _ = io.Copy(w, io.NewSectionReader(p.file, p.offsets[n], p.offsets[n+1]-p.offsets[n]))
		}
		fmt.Fprint(w, `]}}`)
	default:
		fmt.Fprint(w, `{"version":{"number":"8.15.0"}}`)
	}
}

// look notes how much is on the heap.
func (p *pages) look() {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	p.most.Store(max(p.most.Load(), m.HeapAlloc))
}

// hunt asks for all documents.
func (p *pages) hunt(b *testing.B, where string) {
	p.served.Store(0)
	session, err := kestrel.New(kestrel.Config{
		Drivers: standard.Drivers(), TempDir: b.TempDir(),
		Environ: []string{
			"STIXSHIFTER_LOGS_CONNECTOR=elastic_ecs",
			`STIXSHIFTER_LOGS_CONNECTION={"host":"` + p.URL + `","indices":"logs","options":{"result_limit":1000000}}`,
			`STIXSHIFTER_LOGS_CONFIG={"auth":{}}`,
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	defer session.Close()
	result, err := session.Execute(b.Context(), "p = GET process FROM stixshifter://logs WHERE "+where+
		" START 2026-02-01T00:00:00Z STOP 2026-03-01T00:00:00Z")
	if err != nil {
		b.Fatal(err)
	}
	if got := result.Sources[0].Scanned; got != int64(len(p.offsets)-1)*perPage {
		b.Fatalf("%d documents were read", got)
	}
}
