// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stixbundle

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// TestBundlesOfOthers asks the bundles with which Kestrel (Python) is tested, and
// compares numbers of entities with what its tests, or a count by other means,
// say.
func TestBundlesOfOthers(t *testing.T) {
	t.Parallel()
	root := os.Getenv("KESTREL_TESTDATA")
	if root == "" {
		t.Skip("KESTREL_TESTDATA names no folder with third-party data")
	}
	dir := filepath.Join(root, "stix", "kestrel-v1-test-data")
	const (
		tb  = "test_bundle.json"
		tb4 = "test_bundle_4.json"
		tb5 = "test_bundle_5.json"
		dk  = "doctored-1k.json"
		ps  = "powershell_search_stix_result.json"
		nt1 = "test_bundle_nt_1.json"
	)
	tests := []struct {
		files, typ, where string
		entities, records int // records -1: not counted
	}{
		{tb4, "process", "process:name = 'compattelrunner.exe'", 2, -1},
		{tb4 + "," + tb5, "process", "process:name = 'compattelrunner.exe'", 5, -1},
		{dk, "process", "process:name = 'cmd.exe'", 14, -1},
		{dk, "process", "process:name = 'svchost.exe'", 704, -1},
		{tb4, "foo", "foo:name = 'x'", 0, 0},
		{tb, "ipv4-addr", "ipv4-addr:value = '192.168.121.121'", 1, -1},
		{tb, "network-traffic", "network-traffic:src_ref.value = '192.168.121.121'", 1, -1},
		{tb, "network-traffic", "network-traffic:dst_port = 22", 29, -1},
		{tb, "user-account", "user-account:account_login = 'henry'", 1, -1},
		{tb, "user-account", "user-account:account_login LIKE 'hen%'", 1, -1},
		{tb, "user-account", "user-account:account_login = 'zane'", 0, 0},
		{tb, "network-traffic", "network-traffic:dst_ref.value = '10.0.0.91' AND network-traffic:dst_port = 22", 3, -1},
		{tb, "network-traffic", "network-traffic:dst_ref.value = '10.0.0.91' OR network-traffic:dst_port = 22", 35, -1},
		{tb, "network-traffic", "network-traffic:dst_port < 10000", 100, -1},
		{tb, "network-traffic", "network-traffic:dst_port IN (22, 3128)", 43, -1},
		{tb, "network-traffic", "network-traffic:dst_port NOT IN (22, 3128)", 57, -1},
		{tb, "network-traffic", "network-traffic:dst_port != 22", 71, -1},
		{tb, "network-traffic", "network-traffic:dst_port >= 3128", 22, -1},
		{tb, "ipv4-addr", "ipv4-addr:value ISSUBSET '10.0.0.0/8'", 10, 100},
		{tb, "ipv4-addr", "ipv4-addr:value NOT ISSUBSET '10.0.0.0/8'", 60, 100},
		{tb, "user-account", "user-account:account_login MATCHES '^h.*y$'", 1, 2},
		{tb, "user-account", "user-account:account_login LIKE '%'", 14, 100},
		{tb, "url", "url:value LIKE '%'", 31, -1},
		{dk, "process", "process:pid > 0", 1000, -1},
		{dk, "network-traffic", "network-traffic:src_port > 0", 853, 948},
		{dk, "file", "file:name LIKE '%'", 24, 851},
		{dk, "directory", "directory:path LIKE '%'", 11, 840},
		{dk, "user-account", "user-account:user_id LIKE '%'", 4, 974},
		{dk, "ipv4-addr", "ipv4-addr:value LIKE '%'", 25, 802},
		{dk, "ipv6-addr", "ipv6-addr:value LIKE '%'", 35, 886},
		{dk, "process", "process:parent_ref.name = 'cmd.exe'", 7, -1},
		{dk, "process", "process:binary_ref.parent_directory_ref.path LIKE '%wbem'", 7, -1},
		{dk, "process", "process:opened_connection_refs[*].dst_port = 443", 17, -1},
		{dk, "process", "process:name LIKE 'CMD%'", 0, -1},
		{dk, "directory", `directory:path = 'C:\\Windows\\System32'`, 1, -1},
		{nt1, "directory", `directory:path MATCHES 'C:\\\\Windows.*'`, 1, -1},
		{dk, "network-traffic", "network-traffic:src_ref.value ISSUBSET '127.0.0.0/8'", 193, 203},
		{ps, "process", "process:parent_ref.pid = 1544", 1, -1},

		{dk, "process", "process:name = 'svchost.exe' AND ipv4-addr:value = '127.0.0.1'", 85, -1},
		{dk, "process", "process:name = 'svchost.exe' AND ipv4-addr:value = '192.168.1.1'", 166, -1},
		{dk, "process", "process:name = 'svchost.exe' AND ipv4-addr:value = '192.168.1.156'", 123, -1},
		{dk, "process", "process:name = 'svchost.exe' AND ipv4-addr:value = '239.255.255.250'", 128, -1},
		{tb, "network-traffic", "network-traffic:dst_port = 22 AND user-account:account_login = 'henry'", 1, -1},
		{tb, "network-traffic", "network-traffic:dst_port = 22 AND user-account:account_login = 'frank'", 5, -1},
		{tb, "network-traffic", "network-traffic:dst_port = 22 OR url:value LIKE '%'", 60, -1},
	}
	for _, tt := range tests {
		t.Run(tt.where, func(t *testing.T) {
			t.Parallel()
			var uris []string
			for name := range strings.SplitSeq(tt.files, ",") {
				uris = append(uris, "file://"+name)
			}
			want := filter(&plan.Scan{Sources: uris, Entity: tt.typ}, parseWhere(t, tt.where))
			entities, records := countHits(t, datasource.Env{Dir: dir}, want)
			if entities != tt.entities || tt.records >= 0 && records != tt.records {
				t.Errorf("%d entities in %d records of %s, want %d in %d", entities, records, tt.files, tt.entities, tt.records)
			}
		})
	}

	t.Run("limits", func(t *testing.T) {
		t.Parallel()
		where := parseWhere(t, "process:name = 'compattelrunner.exe'")
		all := filter(&plan.Scan{Sources: []string{"file://" + tb4, "file://" + tb5}, Entity: "process"}, where)
		for limit, want := range map[int64]int{3: 3, 4: 4, 8: 5} {
			if entities, _ := countHits(t, datasource.Env{Dir: dir}, first(all, limit)); entities != want {
				t.Errorf("%d entities with LIMIT %d, want %d", entities, limit, want)
			}
		}
	})

	t.Run("window", func(t *testing.T) {
		t.Parallel()
		s := &plan.Scan{Sources: []string{"file://" + tb}, Entity: "network-traffic"}
		s.Window = plan.Window{Start: time.Date(2020, 6, 30, 19, 25, 0, 0, time.UTC), Stop: time.Date(2020, 6, 30, 19, 26, 0, 0, time.UTC), Origin: plan.Given}
		entities, _ := countHits(t, datasource.Env{Dir: dir}, filter(s, parseWhere(t, "network-traffic:dst_port = 22")))
		if entities != 7 {
			t.Errorf("%d entities in the window, want 7", entities)
		}
	})
}

// parseWhere reads comparisons written as a STIX pattern, and gives them the
// meaning of hunts.
func parseWhere(t *testing.T, text string) stix.Expr {
	t.Helper()
	p, problems := stix.Parse(&diag.File{Name: "where", Text: "[" + text + "]"}, stix.V21)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	o, ok := p.Root.(*stix.Test)
	if !ok {
		t.Fatalf("%s is a %T", text, p.Root)
	}
	return o.Expr
}

// countHits returns how many entities a plan over a source yields, and how many
// times one was seen in a record.
func countHits(t *testing.T, env datasource.Env, want plan.Node) (entities, records int) {
	t.Helper()
	src, err := new(Driver).Open(t.Context(), sourcesOf(want), env)
	if err != nil {
		t.Fatal(err)
	}
	task, _, err := src.Plan(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	type sighting struct {
		id     entity.ID
		record string
	}
	ids, seen := make(map[entity.ID]bool), make(map[sighting]bool)
	for batch, err := range task.Run(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range batch.Hits[0] {
			rec := &batch.Records[h.Record]
			id := rec.Objects[h.Object].ID
			ids[id] = true
			seen[sighting{id, rec.ID}] = true
		}
	}
	return len(ids), len(seen)
}

// BenchmarkRun asks the file that KESTREL_BENCH_BUNDLE names, or a small one.
func BenchmarkRun(b *testing.B) {
	path := os.Getenv("KESTREL_BENCH_BUNDLE")
	if path == "" {
		var records []string
		for i := range 2000 {
			records = append(records, record(fmt.Sprint(i), "http://example.com/", i%60))
		}
		path = filepath.Join(b.TempDir(), "a.json")
		if err := os.WriteFile(path, []byte(bundleOf(records...)), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	all := &plan.Scan{Sources: []string{"file://" + path}, Entity: "process"}
	value := func(attr string, op stix.Op, v entity.Value) stix.Expr {
		return &stix.Comparison{Path: stix.Path{Steps: []stix.Step{{Name: attr}}}, Op: op, Value: &stix.Literal{Value: v}, Mode: stix.Mode{Coerce: true}}
	}
	for _, bm := range []struct {
		name string
		want plan.Node
	}{
		{"all", all},
		{"text", filter(all, value("name", stix.Equal, entity.StringValue("mimikatz.exe")))},
		{"number", filter(all, value("pid", stix.Equal, entity.IntValue(4444)))},
		{"order", filter(all, value("pid", stix.Greater, entity.IntValue(65000)))},
	} {
		b.Run(bm.name, func(b *testing.B) {
			b.SetBytes(info.Size())
			hits := 0
			for b.Loop() {
				hits = 0
				if err := drain(b.Context(), bm.want, &hits); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(hits), "hits")
		})
	}
}

func drain(ctx context.Context, want plan.Node, hits *int) error {
	src, err := new(Driver).Open(ctx, sourcesOf(want), datasource.Env{})
	if err != nil {
		return err
	}
	task, _, err := src.Plan(ctx, want)
	if err != nil {
		return err
	}
	for batch, err := range task.Run(ctx, nil) {
		if err != nil {
			return err
		}
		*hits += len(batch.Hits[0])
	}
	return nil
}
