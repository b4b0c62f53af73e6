// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
)

func loadFile(t testing.TB, s *Store, file, typ string) *plan.Variable {
	t.Helper()
	id, err := s.Load(t.Context(), file, typ, "load "+filepath.Base(file))
	if err != nil {
		t.Fatal(err)
	}
	info, _ := s.Info(id)
	return &plan.Variable{Name: "l", Entity: info.Type, Snapshot: id}
}

func writeFile(t testing.TB, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestSaveAndLoad(t *testing.T) {
	t.Parallel()
	s, v := incident(t)
	mixed := record("m", 9, "process x_unique_id=9 name=\"007\" pid=\"x\" x_f=0.5 x_list=[\"a\",{\"b\":1}]", "process x_unique_id=8 name=7 x_b=true")
	mixed.Objects[0].Attrs = append(mixed.Objects[0].Attrs, entity.Attr{Name: "command_line", Value: entity.StringValue("a \"b\",\r\n\tc;é")})
	w := keep(t, s, &plan.Merge{Sources: []plan.Node{v, get(t, s, "process", mixed)}})
	want := lines(t, s, w, Export)
	magic := map[string][]byte{".csv": []byte(`"`), ".json": []byte("["), ".parquet": parquetMagic, ".gz": gzipMagic, ".zip": zipMagic, ".xz": xzMagic, ".zst": zstdMagic}
	for _, name := range []string{
		"p.csv", "p.json", "p.parquet", "p.csv.gz", "p.json.gz", "p.parquet.gz", "p.csv.zip", "p.json.xz", "p.csv.zst", "deep/er/P.CSV",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			file := filepath.Join(dir, filepath.FromSlash(name))
			if err := s.Save(t.Context(), w, file); err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			ext := strings.ToLower(filepath.Ext(name))
			if strings.Contains(name, ".parquet") {
				ext = ".parquet"
			}
			if !bytes.HasPrefix(data, magic[ext]) {
				t.Errorf("the file begins with %q", data[:6])
			}
			entries, err := os.ReadDir(filepath.Dir(file))
			if err != nil || len(entries) != 1 {
				t.Errorf("the folder holds %v", entries)
			}
			// A name does not matter when a file is read.
			other := filepath.Join(dir, "other.txt")
			if err := os.Rename(file, other); err != nil {
				t.Fatal(err)
			}
			back := openStore(t)
			got := lines(t, back, loadFile(t, back, other, ""), Export)
			wanted := want
			if ext != ".json" && !strings.Contains(name, ".json") {
				// These have one type for a column.
				wanted = textColumns(want)
				got = textColumns(got)
			}
			equal(t, "rows", wanted, got)
		})
	}
}

// textColumns takes away what a column of text does not tell: that a number or a
// boolean was none.
func textColumns(rows []string) []string {
	out := make([]string, len(rows))
	for i, row := range rows {
		out[i] = strings.ReplaceAll(row, `"`, "")
	}
	return out
}

func TestSavedText(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	v := given(t, s, "x-thing", "new 1", `name=a n=1 f=0.5 b=true`, `name="7" l=["x"] b=false`)
	tests := []struct{ name, want string }{
		{"x.csv", `"name","n","f","b","l","id","type"` + "\n" +
			`"a",1,0.5,true,,"ID0","x-thing"` + "\n" + `"7",,,false,"[""x""]","ID1","x-thing"` + "\n"},
		{"x.json", "[\n" + `{"name":"a","n":1,"f":0.5,"b":true,"l":null,"id":"ID0","type":"x-thing"},` + "\n" +
			`{"name":"7","n":null,"f":null,"b":false,"l":["x"],"id":"ID1","type":"x-thing"}` + "\n]\n"},
	}
	ids := rows(t, s, v, "id")
	for _, tt := range tests {
		file := filepath.Join(t.TempDir(), tt.name)
		if err := s.Save(t.Context(), v, file); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, tt.name, strings.NewReplacer("ID0", ids[0], "ID1", ids[1]).Replace(tt.want), string(got))
	}
}

func TestSaveEmpty(t *testing.T) {
	t.Parallel()
	s, v := incident(t)
	none := keep(t, s, &plan.Limit{Input: v, Count: 0})
	for _, name := range []string{"x.csv", "x.json", "x.parquet"} {
		file := filepath.Join(t.TempDir(), name)
		if err := s.Save(t.Context(), none, file); err != nil {
			t.Fatal(err)
		}
		back := openStore(t)
		equal(t, name, []string{}, lines(t, back, loadFile(t, back, file, "process"), Export))
	}
}

func TestSaveFailures(t *testing.T) {
	t.Parallel()
	s, v := incident(t)
	dir := t.TempDir()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	tests := []struct {
		name string
		ctx  context.Context
		file string
		want error
	}{
		{"unknown format", t.Context(), "x.docx", ErrUnknownFormat},
		{"no format", t.Context(), "x", ErrUnknownFormat},
		{"compression that cannot be written", t.Context(), "x.csv.bz2", ErrUnknownFormat},
		{"canceled", canceled, "x.csv", context.Canceled},
		{"canceled", canceled, "x.parquet", context.Canceled},
	}
	for _, tt := range tests {
		if err := s.Save(tt.ctx, v, filepath.Join(dir, tt.file)); !errors.Is(err, tt.want) {
			t.Errorf("%s: error = %v, want %v", tt.name, err, tt.want)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v", entries)
	}
	old := filepath.Join(dir, "old.csv")
	if err := os.WriteFile(old, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Save(canceled, v, old); err == nil {
		t.Error("no error")
	}
	if data, _ := os.ReadFile(old); string(data) != "precious" {
		t.Errorf("a save that failed left %q", data)
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, typ string
		attrs           []string
		want            []string
	}{
		{"kinds of CSV columns", "type,name,pid,code,flag,f\nprocess,a,1,007,true,1\nprocess,b,,12,FALSE,2.5\n", "",
			[]string{"name", "pid", "code", "flag", "f"}, []string{`a 1 007 true 1`, `b - "12" false 2.5`}},
		{"CSV with a mark and semicolons", "\ufeffname;pid\r\nx;1\r\n", "process", []string{"name", "pid"}, []string{"x 1"}},
		{"CSV with quotes", "name,pid\n\"a,\"\"b\"\"\nc\",1\n", "process", []string{"name", "pid"}, []string{"a,\"b\"\nc 1"}},
		{"the type column wins", "type,name\nfile,x\n", "process", []string{"name"}, []string{"x"}},
		{"JSON keeps kinds", `[{"type":"process","name":"a","pid":1},{"type":"process","name":7,"pid":"1","x":null}]`, "", []string{"name", "pid"}, []string{"a 1", `7 "1"`}},
		{"JSON texts", `["a","b"]`, "user-account", []string{"user_id"}, []string{"a", "b"}},
		{"JSON lines", "{\"name\":\"a\"}\n{\"name\":\"b\"}\n", "process", []string{"name"}, []string{"a", "b"}},
		{"nested JSON", `[{"name":"a","hashes":{"SHA-256":"h"},"protocols":["x", "y"]}]`, "file", []string{"name", "hashes.'SHA-256'", "protocols"}, []string{`a h ["x","y"]`}},
		{"nested JSON of a custom type", `[{"data":{"a": 1}}]`, "x-thing", []string{"data"}, []string{`{"a":1}`}},
		{"references", `[{"name":"a","parent_ref.name":"b","parent_ref.id":"process--p"}]`, "process", []string{"name", "parent_ref.name", "parent_ref.id"}, []string{"a b process--p"}},
		{"empty array", "[]", "process", []string{"name"}, []string{}},
		{"empty file", "", "process", []string{"name"}, []string{}},
		{"header only", "name,pid\n", "process", []string{"name"}, []string{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := openStore(t)
			v := loadFile(t, s, writeFile(t, "data", tt.text), tt.typ)
			equal(t, "rows", tt.want, rows(t, s, v, tt.attrs...))
		})
	}
}

func TestLoadFailures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, typ string
		want            error // nil: any
	}{
		{"no type", "name\na\n", "", ErrMissingType},
		{"no type for texts", `["a"]`, "", ErrMissingType},
		{"no type and no rows", "[]", "", ErrMissingType},
		{"several types", `[{"type":"process","name":"a"},{"type":"file","name":"a"}]`, "", ErrMixedTypes},
		{"binary", "\x00\x01\x02", "process", ErrUnknownFormat},
		{"HTML", "<html></html>", "process", ErrUnknownFormat},
		{"archive of something else", "PK\x03\x04nonsense", "process", nil},
		{"broken JSON", `[{"name":"a"},{"name":`, "process", nil},
		{"no rows in JSON", `[1,2]`, "process", nil},
		{"broken CSV", "a,b\n1\n", "process", nil},
		{"broken gzip", "\x1f\x8b\x08\x00\x00\x00", "process", nil},
		{"broken Parquet", "PAR1xxxx", "process", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := openStore(t)
			_, err := s.Load(t.Context(), writeFile(t, "data", tt.text), tt.typ, "load")
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("error = %v, want %v", err, tt.want)
			}
			equal(t, "types", nil, s.Types())
			equal(t, "the store works on", []string{"x"}, rows(t, s, given(t, s, "process", "new", "name=x"), "name"))
		})
	}
	s := openStore(t)
	if _, err := s.Load(t.Context(), filepath.Join(t.TempDir(), "missing"), "process", "load"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error of a missing file = %v", err)
	}
	var types *TypesError
	_, err := s.Load(t.Context(), writeFile(t, "d", `[{"type":"b","x":1},{"type":"a","x":1}]`), "", "load")
	if !errors.As(err, &types) {
		t.Fatalf("error = %v, want a TypesError", err)
	}
	equal(t, "types", []string{"a", "b"}, types.Types)
}

func TestLoadMany(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("name,pid\n")
	for i := range 3*batchRows + 1 {
		fmt.Fprintf(&b, "n%d,%d\n", i, i)
	}
	s := openStore(t)
	v := loadFile(t, s, writeFile(t, "many.csv", b.String()), "process")
	got := rows(t, s, v, "name", "pid")
	equal(t, "rows", 3*batchRows+1, len(got))
	equal(t, "last", fmt.Sprintf("n%d %d", 3*batchRows, 3*batchRows), got[len(got)-1])
}
