// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kestrelhunt/kestrel/plan"
)

// BenchmarkBesideSQL runs steps over the tables of 100,000 records, and beside
// each the same question as someone would write it by hand over these tables. Both
// make the table of the result and count its rows, entities and records, with the
// time that they cover: what a step tells of a variable.
func BenchmarkBesideSQL(b *testing.B) {
	s := openStore(b)
	v := simulate(b, s, 100_000)
	traffic := keep(b, s, &plan.Transform{Input: of(b, s, "network-traffic"), Func: plan.Timestamped})
	conns := of(b, s, "network-traffic")
	few := keep(b, s, &plan.Limit{Input: &plan.Sort{Input: v, Attr: path(b, "pid")}, Count: 6497})
	count := []plan.Aggregate{{Func: plan.Rows, Name: "n"}, {Func: plan.NUnique, Attr: path(b, "src_port"), Name: "ports"}}
	steps := []struct {
		name string
		plan plan.Node
		sql  string
	}{
		{"GROUP by an attribute", group(v, []plan.Aggregate{{Func: plan.Rows, Name: "n"}}, key(b, "name")),
			"SELECT name, count(*) FROM {v} JOIN {latest process name} p USING (ent) GROUP BY name ORDER BY name"},
		{"GROUP by a reference", group(conns, count, key(b, "dst_ref.value")),
			"SELECT a.value, count(*), count(DISTINCT c.src_port) FROM {conns} JOIN {latest network-traffic dst_ref src_port} c USING (ent) LEFT JOIN (SELECT ent, {col ipv4-addr value} AS value FROM {objects ipv4-addr}) a ON a.ent = c.dst_ref GROUP BY a.value ORDER BY a.value"},
		{"GROUP by a parent", group(v, []plan.Aggregate{{Func: plan.Rows, Name: "n"}}, key(b, "parent_ref.name")),
			"SELECT q.name, count(*) FROM {v} JOIN {latest process parent_ref} p USING (ent) LEFT JOIN {latest process name} q ON q.ent = p.parent_ref GROUP BY q.name ORDER BY q.name"},
		{"GROUP by time", group(traffic, []plan.Aggregate{{Func: plan.Rows, Name: "n"}}, plan.GroupKey{Attr: path(b, "first_observed"), Size: 5, Unit: 60e9, Name: "bin"}),
			"SELECT strftime(make_timestamp(r.first // 300000000000 * 300000000), '%Y-%m-%dT%H:%M:%SZ') AS bin, count(*) FROM {traffic} v JOIN record r USING (rec) GROUP BY bin ORDER BY bin"},
		{"JOIN", &plan.Join{Left: few, Right: v, LeftAttr: path(b, "parent_ref"), RightAttr: path(b, "id")},
			"SELECT row_number() OVER (ORDER BY v.seq, w.seq) AS seq, v.ent, w.ent AS ent1 FROM {few} v JOIN {latest process parent_ref} p USING (ent) JOIN {v} w ON w.ent = p.parent_ref"},
		{"JOIN by text", &plan.Join{Left: few, Right: few, LeftAttr: path(b, "command_line"), RightAttr: path(b, "command_line")},
			"SELECT row_number() OVER (ORDER BY v.seq, w.seq) AS seq, v.ent, w.ent AS ent1 FROM {few} v JOIN {latest process command_line} p USING (ent) JOIN {latest process command_line} q ON q.command_line = p.command_line JOIN {few} w ON w.ent = q.ent"},
		{"SORT", &plan.Sort{Input: v, Attr: path(b, "pid")},
			"SELECT row_number() OVER (ORDER BY p.pid, v.seq) AS seq, v.ent FROM {v} v JOIN {latest process pid} p USING (ent)"},
		{"TIMESTAMPED", &plan.Transform{Input: v, Func: plan.Timestamped},
			"SELECT row_number() OVER (ORDER BY r.first, v.seq, r.rec) AS seq, v.ent, r.rec FROM {v} v JOIN (SELECT DISTINCT ent, rec FROM {objects process}) o USING (ent) JOIN record r ON r.rec = o.rec"},
	}
	tables := map[string]*plan.Variable{"v": v, "conns": conns, "traffic": traffic, "few": few}
	for _, step := range steps {
		sql := handwritten(s, step.sql, tables)
		b.Run(step.name, func(b *testing.B) {
			beside(b, func() { keep(b, s, step.plan) }, func() { byHand(b, s, sql, step.plan) })
		})
	}
	shown := &plan.Limit{Input: &plan.Transform{Input: v, Func: plan.Timestamped}, Count: 20}
	sql := handwritten(s, "SELECT * FROM (SELECT r.first, v.ent FROM {v} v JOIN (SELECT DISTINCT ent, rec FROM {objects process}) o USING (ent) JOIN record r ON r.rec = o.rec ORDER BY r.first, v.seq LIMIT 20) x JOIN {latest process name pid command_line x_unique_id created binary_ref parent_ref creator_user_ref} p USING (ent) LEFT JOIN {latest process name pid command_line} q ON q.ent = p.parent_ref", tables)
	b.Run("DISP TIMESTAMPED LIMIT 20", func(b *testing.B) {
		beside(b, func() {
			if t, err := s.Table(b.Context(), shown, Display); err != nil || len(t.Rows) != 20 {
				b.Fatalf("Table: %v", err)
			}
		}, func() { run(b, s, sql) })
	})
}

// beside runs two functions in turn and reports the least time that each took, in
// milliseconds, and the quotient of the two.
func beside(b *testing.B, step, byHand func()) {
	var times [2]time.Duration
	for b.Loop() {
		for i, f := range []func(){step, byHand} {
			start := time.Now()
			f()
			if took := time.Since(start); times[i] == 0 || took < times[i] {
				times[i] = took
			}
		}
	}
	b.ReportMetric(float64(times[0].Microseconds())/1000, "ms")
	b.ReportMetric(float64(times[1].Microseconds())/1000, "ms-by-hand")
	b.ReportMetric(times[0].Seconds()/times[1].Seconds(), "ratio")
}

func group(in plan.Node, aggs []plan.Aggregate, keys ...plan.GroupKey) plan.Node {
	return &plan.Group{Input: in, Keys: keys, Aggs: aggs}
}

func key(t testing.TB, attr string) plan.GroupKey {
	return plan.GroupKey{Attr: path(t, attr), Name: attr}
}

// of returns all entities of a type.
func of(t testing.TB, s *Store, typ string) *plan.Variable {
	t.Helper()
	objects := s.catalog.types[typ].objects.table
	id, table := s.nextSnapshot()
	if err := s.db.Exec(t.Context(), "CREATE TABLE "+table+" AS SELECT row_number() OVER () - 1 AS seq, ent FROM (SELECT DISTINCT ent FROM "+objects+" ORDER BY ent)"); err != nil {
		t.Fatal(err)
	}
	snap := &snapshot{Snapshot: ofType(typ)}
	snap.Table = table
	if err := s.keep(t.Context(), id, snap, 1); err != nil {
		t.Fatal(err)
	}
	return &plan.Variable{Name: typ, Entity: typ, Snapshot: id}
}

// handwritten puts the names of tables and columns into a statement.
func handwritten(s *Store, sql string, tables map[string]*plan.Variable) string {
	return braces.ReplaceAllStringFunc(sql, func(text string) string {
		words := strings.Fields(strings.Trim(text, "{}"))
		column := func(typ, name string) string {
			t := s.catalog.types[typ]
			if c, ok := t.refs[name]; ok {
				return c.ident
			}
			return t.plain[name].ident
		}
		switch words[0] {
		case "objects":
			return s.catalog.types[words[1]].objects.table
		case "col":
			return column(words[1], words[2])
		case "latest":
			var columns []string
			for _, name := range words[2:] {
				columns = append(columns, fmt.Sprintf("arg_max(%s, key) AS %s", column(words[1], name), name))
			}
			return "(SELECT ent, " + strings.Join(columns, ", ") + " FROM " + s.catalog.types[words[1]].objects.table + " GROUP BY ent)"
		}
		return s.snapshots[tables[words[0]].Snapshot].Table
	})
}

// byHand makes the table of a statement, and counts what there is to count.
func byHand(b *testing.B, s *Store, sql string, n plan.Node) {
	run(b, s, "CREATE OR REPLACE TABLE byhand AS "+sql)
	if _, groups := n.(*plan.Group); groups {
		run(b, s, "SELECT count(*) FROM byhand")
		return
	}
	run(b, s, fmt.Sprintf("SELECT (SELECT count(*) FROM byhand), sum(r.number), min(r.first), max(r.last) FROM (SELECT DISTINCT ent, rec FROM %s WHERE ent IN (SELECT ent FROM byhand)) p JOIN record r USING (rec)", s.catalog.types["process"].objects.table))
}

func run(b *testing.B, s *Store, sql string) {
	b.Helper()
	res, err := s.db.Query(b.Context(), sql)
	if err != nil {
		b.Fatalf("%v\n%s", err, sql)
	}
	for res.Next() {
	}
	res.Close()
}

var braces = regexp.MustCompile(`\{[^}]*\}`)
