// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stixbundle

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"io"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"github.com/kestrelhunt/kestrel/datasource"
)

// pack compresses a text.
func pack(t *testing.T, format, text string) string {
	t.Helper()
	var buf bytes.Buffer
	var w io.WriteCloser
	var err error
	switch format {
	case "gzip":
		w = gzip.NewWriter(&buf)
	case "zstd":
		w, err = zstd.NewWriter(&buf)
	case "xz":
		w, err = xz.NewWriter(&buf)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

// archive makes a zip archive of files, sorted by name, behind a folder.
func archive(t *testing.T, files map[string]string) string {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	if _, err := z.Create("folder/"); err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, files[name])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

// bzip2Bundle is bundleOf(record("a", "x", 1)) as bzip2 packs it.
const bzip2Bundle = `QlpoOTFBWSZTWWX0CCgAAJIbgFAHeBAEGr8332owALiCVNBqah5Q2UYBA9IYZGBNMCZDE0YCU0oZNTE009QaNBjUPIZMySSSZsSeBL3dnTgGndpJAiJG2AzRBNv+xGgmlMMrpzhzCwrEWmA9l/QrB6mcIDgECoQiu/Y20jVTrjrsNAm6DUSWWZbuFHehIPybB3mxXWUpC89yvQeyzEWnAdHlbptVAh5JhyjBslE7EApWI4uDq3mGONmj3cJr/F3JFOFCQZfQIKA=`

func TestCompressions(t *testing.T) {
	t.Parallel()
	text := bundleOf(record("a", "x", 1))
	packed, err := base64.StdEncoding.DecodeString(bzip2Bundle)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{
		"plain":       text,
		"gzip":        pack(t, "gzip", text),
		"gzips":       pack(t, "gzip", text[:100]) + pack(t, "gzip", text[100:]),
		"zstd":        pack(t, "zstd", text),
		"xz":          pack(t, "xz", text),
		"bzip2":       string(packed),
		"twice":       pack(t, "xz", pack(t, "gzip", text)),
		"zip":         archive(t, map[string]string{"a.json": text, "b.json.gz": pack(t, "gzip", text), "c.txt": "x", "d.json": "{}"}),
		"alone.zip":   archive(t, map[string]string{"export": text}),
		"wrong.json":  pack(t, "gzip", text),
		"wrong.gz":    text,
		"bom":         "\xEF\xBB\xBF" + text,
		"packed bom":  pack(t, "zstd", "\xEF\xBB\xBF"+text),
		"d/a.json.xz": pack(t, "xz", text),
		"d/b.zip":     archive(t, map[string]string{"export": text}),
	}
	dir := folderOf(t, files)
	tests := map[string][]string{
		"plain": {"plain:a=x"}, "gzip": {"gzip:a=x"}, "gzips": {"gzips:a=x"}, "zstd": {"zstd:a=x"}, "xz": {"xz:a=x"}, "bzip2": {"bzip2:a=x"},
		"twice": {"twice:a=x"}, "zip": {"zip/a.json:a=x", "zip/b.json.gz:a=x"}, "alone.zip": {"alone.zip/export:a=x"},
		"wrong.json": {"wrong.json:a=x"}, "wrong.gz": {"wrong.gz:a=x"}, "bom": {"bom:a=x"}, "packed bom": {"packed bom:a=x"},
		"d": {"d/a.json.xz:a=x", "d/b.zip/export:a=x"},
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ask(t.Context(), datasource.Env{Dir: dir}, scan("file://"+name))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got.hits[0]); diff != "" {
				t.Errorf("hits differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestXZDictionary(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1 << 20, 64 << 20} {
		var buf bytes.Buffer
		w, err := xz.WriterConfig{DictCap: size}.NewWriter(&buf)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got, ok := xzDictionary(buf.Bytes()); got != int64(size) || !ok {
			t.Errorf("xzDictionary = %d, %v, want %d", got, ok, size)
		}
	}
	if _, ok := xzDictionary([]byte(xzMagic)); ok {
		t.Error("xzDictionary knows the dictionary of a magic number alone")
	}
}
