// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package duck

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func start(t testing.TB, opts Options) *DB {
	t.Helper()
	db, err := Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// texts runs a query and returns its first column.
func texts(t testing.TB, db *DB, query string, args ...any) []string {
	t.Helper()
	res, err := db.Query(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Close()
	var out []string
	for res.Next() {
		if res.Null(0) {
			out = append(out, "NULL")
			continue
		}
		out = append(out, res.Text(0))
	}
	return out
}

func TestArguments(t *testing.T) {
	t.Parallel()
	db := start(t, Options{})
	tests := []struct {
		name string
		arg  any
		want string
	}{
		{"integer", int64(math.MinInt64), "-9223372036854775808"},
		{"float", 1.5, "1.5"},
		{"boolean", true, "true"},
		{"text with quotes", `a'b"c;--`, `a'b"c;--`},
		{"text with NUL", "a\x00b", "a\x00b"},
		{"invalid UTF-8", "a\xffb", "a\uFFFDb"},
		{"null", nil, "NULL"},
		{"integers", []int64{1, 2}, "[1, 2]"},
		{"floats", []float64{1.5}, "[1.5]"},
		{"texts", []string{"a", ""}, "[a, '']"},
		{"no texts", []string{}, "[]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := texts(t, db, "SELECT (?1)::VARCHAR", tt.arg)
			if diff := cmp.Diff([]string{tt.want}, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestAppend(t *testing.T) {
	t.Parallel()
	db := start(t, Options{})
	if err := db.Exec(t.Context(), "CREATE TABLE t (b BOOLEAN, i TINYINT, j INTEGER, k BIGINT, f DOUBLE, h HUGEINT, u UUID, s VARCHAR, x BLOB)"); err != nil {
		t.Fatal(err)
	}
	types := []Type{Bool, Int8, Int32, Int64, Float64, Int128, UUID, Text, Blob}
	app, err := db.Appender("t", types...)
	if err != nil {
		t.Fatal(err)
	}
	chunk := NewChunk(types...)
	const rows = 3*ChunkRows + 7
	for i := range rows {
		c := chunk.Columns
		if i%3 == 0 {
			for _, col := range c {
				col.Null()
			}
		} else {
			c[0].Bool(i%2 == 0)
			c[1].Int(int64(-i % 100))
			c[2].Int(int64(-i))
			c[3].Int(int64(i) << 40)
			c[4].Float(float64(i) / 2)
			c[5].Wide(int64(-i), uint64(i))
			c[6].UUID([16]byte{0xab, 15: byte(i)})
			c[7].Text(strings.Repeat("é", i%9))
			c[8].Bytes([]byte{0xff, byte(i)})
		}
		if chunk.Rows() == ChunkRows {
			if err := app.Append(t.Context(), chunk); err != nil {
				t.Fatal(err)
			}
			chunk.Reset()
		}
	}
	if err := app.Append(t.Context(), chunk); err != nil {
		t.Fatal(err)
	}
	if err := app.Close(); err != nil {
		t.Fatal(err)
	}
	got := texts(t, db, "SELECT concat_ws('|', b, i, j, k, f, h, u, s, x) FROM t")
	var want []string
	for i := range rows {
		if i%3 == 0 {
			want = append(want, "")
			continue
		}
		h := texts(t, db, "SELECT ((-?1)::HUGEINT * 18446744073709551616 + ?1)::VARCHAR", int64(i))[0]
		want = append(want, fmt.Sprintf("%v|%d|%d|%d|%s|%s|ab000000-0000-0000-0000-0000000000%02x|%s|\\xFF%s",
			i%2 == 0, -i%100, -i, int64(i)<<40, strings.TrimSuffix(fmt.Sprintf("%.1f", float64(i)/2), ""), h, byte(i),
			strings.Repeat("é", i%9), blobByte(byte(i))))
		if i == 300 {
			break
		}
	}
	if diff := cmp.Diff(want, got[:len(want)]); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if len(got) != rows {
		t.Errorf("%d rows, want %d", len(got), rows)
	}
}

// blobByte writes a byte as DuckDB shows it in a BLOB.
func blobByte(b byte) string {
	if b >= ' ' && b <= '~' && b != '\\' && b != '\'' && b != '"' {
		return string(rune(b))
	}
	return fmt.Sprintf("\\x%02X", b)
}

func TestAlterBetweenAppends(t *testing.T) {
	t.Parallel()
	db := start(t, Options{})
	ctx := t.Context()
	appendOne := func(text string, types ...Type) {
		app, err := db.Appender("t", types...)
		if err != nil {
			t.Fatal(err)
		}
		chunk := NewChunk(types...)
		for _, c := range chunk.Columns {
			c.Text(text)
		}
		if err := app.Append(ctx, chunk); err != nil {
			t.Fatal(err)
		}
		if err := app.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, end := range []string{"ROLLBACK", "COMMIT"} {
		if err := db.Exec(ctx, "BEGIN; CREATE TABLE t (a VARCHAR)"); err != nil {
			t.Fatal(err)
		}
		appendOne("one", Text)
		if err := db.Exec(ctx, "ALTER TABLE t ADD COLUMN b VARCHAR"); err != nil {
			t.Fatal(err)
		}
		appendOne("two", Text, Text)
		if err := db.Exec(ctx, end); err != nil {
			t.Fatal(err)
		}
	}
	got := texts(t, db, "SELECT concat(a, '/', b) FROM t")
	if diff := cmp.Diff([]string{"one/", "two/two"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestFunction(t *testing.T) {
	t.Parallel()
	db := start(t, Options{Threads: 2, Functions: []Function{
		{"has_prefix", strings.HasPrefix},
		{"fails", func(a, b string) bool { panic("no " + a) }},
	}})
	got := texts(t, db, `SELECT has_prefix(x, 'a long prefix')::VARCHAR FROM (VALUES (1, 'a long prefix and more'), (2, NULL), (3, 'b')) t(i, x) ORDER BY i`)
	if diff := cmp.Diff([]string{"true", "NULL", "false"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	got = texts(t, db, `SELECT count(*)::VARCHAR FROM range(200000) t(i) WHERE has_prefix(i::VARCHAR, '19')`)
	if diff := cmp.Diff([]string{"11111"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if _, err := db.Query(t.Context(), "SELECT fails('a', 'b')"); err == nil || !strings.Contains(err.Error(), "no a") {
		t.Errorf("error of a panicking function = %v", err)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	db := start(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(30*time.Millisecond, cancel)
	began := time.Now()
	_, err := db.Query(ctx, "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range = 7")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want canceled", err)
	}
	if d := time.Since(began); d > time.Second {
		t.Errorf("canceled after %v", d)
	}
	if got := texts(t, db, "SELECT 'ok'"); got[0] != "ok" {
		t.Errorf("after a cancel: %v", got)
	}
}

func TestNoFiles(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.csv")
	if err := os.WriteFile(path, []byte("a\n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	db := start(t, Options{})
	for _, statement := range []string{
		"SELECT * FROM read_csv(?1)",
		"ATTACH '" + path + ".db' AS x",
		"COPY (SELECT 1) TO '" + path + "'",
		"SET enable_external_access = true",
		"LOAD httpfs",
	} {
		var args []any
		if strings.Contains(statement, "?1") {
			args = []any{path}
		}
		if err := db.Run(t.Context(), statement, args...); err == nil {
			t.Errorf("%s: no error", statement)
		}
	}
}

func TestSpill(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "spill")
	db := start(t, Options{MemoryLimit: 60 << 20, Spill: dir})
	if err := db.Exec(t.Context(), "CREATE TABLE small AS SELECT 1"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("folder made before it is needed")
	}
	if err := db.Exec(t.Context(), "CREATE TABLE big AS SELECT md5(i::VARCHAR) || md5((i+1)::VARCHAR) || md5((i+2)::VARCHAR) AS s FROM range(1000000) t(i)"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Errorf("no folder although memory is short: %v", err)
	}
	db.Close()
	if _, err := os.Stat(dir); err == nil {
		t.Error("folder left behind")
	}
}

func TestOutOfMemory(t *testing.T) {
	t.Parallel()
	db := start(t, Options{MemoryLimit: 30 << 20})
	err := db.Exec(t.Context(), "CREATE TABLE big AS SELECT md5(i::VARCHAR) || md5((i+1)::VARCHAR) AS s FROM range(1000000) t(i)")
	if !errors.Is(err, ErrOutOfMemory) {
		t.Errorf("error = %v, want out of memory", err)
	}
}

func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		db, err := Open(Options{})
		if err != nil {
			b.Fatal(err)
		}
		db.Close()
	}
}

func BenchmarkAppend(b *testing.B) {
	db := start(b, Options{})
	if err := db.Exec(b.Context(), "CREATE TABLE t (a BIGINT, s VARCHAR, u VARCHAR)"); err != nil {
		b.Fatal(err)
	}
	app, err := db.Appender("t", Int64, Text, Text)
	if err != nil {
		b.Fatal(err)
	}
	chunk := NewChunk(Int64, Text, Text)
	for b.Loop() {
		chunk.Reset()
		for i := range ChunkRows {
			chunk.Columns[0].Int(int64(i))
			chunk.Columns[1].Text("svchost.exe")
			chunk.Columns[2].Text(`"C:\Windows\System32\svchost.exe" -k netsvcs`)
		}
		if err := app.Append(b.Context(), chunk); err != nil {
			b.Fatal(err)
		}
	}
	app.Discard()
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/ChunkRows, "ns/row")
}
