// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package duck

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParquet(t *testing.T) {
	t.Parallel()
	for _, gzip := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "it's.parquet")
		w, err := WriteParquet(t.Context(), path, []string{"a b", `say "hi"`, "n", "Ünï"})
		if err != nil {
			t.Fatal(err)
		}
		chunk := NewChunk(Text, Text, Text, Text)
		for i := range 3 {
			chunk.Columns[0].Text(fmt.Sprint("text ", i))
			chunk.Columns[1].Text(fmt.Sprint(i == 1))
			chunk.Columns[2].Text(fmt.Sprint(i << 40))
			if i == 1 {
				chunk.Columns[3].Null()
			} else {
				chunk.Columns[3].Text("0.5")
			}
		}
		if err := w.Append(t.Context(), chunk); err != nil {
			t.Fatal(err)
		}
		if err := w.Finish(t.Context(), []Type{Text, Bool, Int64, Float64}, gzip); err != nil {
			t.Fatal(err)
		}
		want := []string{
			"[a b say \"hi\" n Ünï]",
			"text 0 false 0 0.5", "text 1 true 1099511627776 NULL", "text 2 false 2199023255552 0.5",
		}
		if diff := cmp.Diff(want, readParquet(t, path)); diff != "" {
			t.Errorf("gzip %v: (-want +got)\n%s", gzip, diff)
		}
	}
}

func readParquet(t *testing.T, path string) []string {
	t.Helper()
	p, err := ReadParquet(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	out := []string{fmt.Sprint(p.Names)}
	for p.Next() {
		row := ""
		for i := range p.Names {
			row += " "
			switch {
			case p.Null(i):
				row += "NULL"
			case p.Type(i) == Bool:
				row += fmt.Sprint(p.Bool(i))
			case p.Type(i) == Int64:
				row += fmt.Sprint(p.Int(i))
			case p.Type(i) == Float64:
				row += fmt.Sprint(p.Float(i))
			default:
				row += p.Text(i)
			}
		}
		out = append(out, row[1:])
	}
	return out
}

func TestParquetTypes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, err := open(Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	path := filepath.Join(dir, "x.parquet")
	err = db.Exec(t.Context(), `COPY (SELECT 7::UTINYINT, 18446744073709551615::UBIGINT, 1.25::DECIMAL(5,2),
		TIMESTAMP '2021-02-03 04:05:06.5', TIMESTAMP '2021-02-03 04:05:06', DATE '2021-02-03', ['a', 'b'], {'x': 1}, 'text'::BLOB, '\xFF'::BLOB, NULL::INTEGER) TO `+quote(path))
	if err != nil {
		t.Fatal(err)
	}
	got := readParquet(t, path)[1:]
	want := []string{`7 1.8446744073709552e+19 1.25 2021-02-03T04:05:06.5Z 2021-02-03T04:05:06Z 2021-02-03 ["a","b"] {"x":1} text FF NULL`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestParquetFailures(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.parquet")
	if err := os.WriteFile(broken, []byte("PAR1 and nothing more"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{broken, filepath.Join(dir, "missing.parquet")} {
		if _, err := ReadParquet(t.Context(), path); err == nil {
			t.Errorf("ReadParquet(%s): no error", path)
		}
	}
	db, err := openFor(t.Context(), broken, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	other := filepath.Join(dir, "other.csv")
	if err := os.WriteFile(other, []byte("a\n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := db.Run(t.Context(), "SELECT * FROM read_csv("+quote(other)+")"); err == nil {
		t.Error("a database for one file reads another")
	}
	w, err := WriteParquet(t.Context(), filepath.Join(dir, "no", "such", "folder"), []string{"a"})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Finish(t.Context(), []Type{Text}, false); err == nil {
		t.Error("no error for a folder that does not exist")
	}
}
