// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stixbundle

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
)

func TestFailures(t *testing.T) {
	t.Parallel()
	good := record("a", "x", 1)
	gz := pack(t, "gzip", bundleOf(good, good, good))
	dir := folderOf(t, map[string]string{
		"broken.json":      bundleOf(good, `{"type": "observed-data", "id": nope}`),
		"truncated.json":   bundleOf(good)[:200],
		"truncated.gz":     gz[:len(gz)-12],
		"garbage.gz":       gz[:20] + "garbage" + gz[27:],
		"table.csv":        "name,pid\ncmd.exe,4\n",
		"other.json":       `{"name": "x"}`,
		"wide.json":        "\xFF\xFE{\x00}\x00",
		"empty.json":       "",
		"none/readme.txt":  "x",
		"json/config.json": `{"a": 1}`,
		"json/list.json":   `[1, 2]`,
		"zips/none.zip":    archive(t, map[string]string{"a.txt": "x", "b.txt": "y"}),
		"zips/broken.zip":  archive(t, map[string]string{"a.json": bundleOf(good)})[:100],
		"huge.xz":          xzMagic + "\x00\x04\xe6\xd6\xb4\x46" + "\x02\x00\x21\x01\x28\x00\x00\x00" + strings.Repeat("\x00", 50),
	})
	if err := os.Mkdir(filepath.Join(dir, "closed"), 0); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		uri   string
		is    error  // nil: any
		text  string // of the error
		root  bool   // cannot be tried by the superuser
		place string // of a DataError
	}{
		{uri: "file://nosuch.json", is: datasource.ErrNotFound, text: "nosuch.json: no such file or folder"},
		{uri: "file://nosuch*.json", is: datasource.ErrNotFound, text: "nosuch*.json: no file matches this pattern"},
		{uri: "file://none", is: datasource.ErrNotFound, text: "none: this folder has no STIX bundle"},
		{uri: "file://json", is: datasource.ErrNotFound, text: "json: none of the files here is a STIX bundle"},
		{uri: "file://zips/none.zip", is: datasource.ErrNotFound, text: "zips/none.zip: this archive has no STIX bundle"},
		{uri: "file://zips/broken.zip", is: datasource.ErrInvalidData, text: "zips/broken.zip: the zip data are damaged"},
		{uri: "file://closed/a.json", is: datasource.ErrUnavailable, text: "closed/a.json: permission denied", root: true},
		{uri: "file:///dev/null", is: datasource.ErrUnavailable, text: "/dev/null: cannot be read: it is no regular file"},
		{uri: "file://broken.json", is: datasource.ErrInvalidData, text: "broken.json line 2 (byte ", place: "/objects/1/id"},
		{uri: "file://truncated.json", is: datasource.ErrInvalidData, text: "the text ends in the middle of a value"},
		{uri: "file://truncated.gz", is: datasource.ErrInvalidData, text: "the gzip data end too early"},
		{uri: "file://garbage.gz", is: datasource.ErrInvalidData, text: "the gzip data are damaged"},
		{uri: "file://table.csv", is: datasource.ErrInvalidData, text: "this is neither a STIX bundle nor observed-data objects"},
		{uri: "file://other.json", is: datasource.ErrInvalidData, text: "this is neither a STIX bundle nor observed-data objects"},
		{uri: "file://empty.json", is: datasource.ErrInvalidData, text: "this is neither a STIX bundle nor observed-data objects"},
		{uri: "file://wide.json", is: datasource.ErrInvalidData, text: "UTF-16"},
		{uri: "file://huge.xz", is: datasource.ErrInvalidData, text: "the xz data are damaged: they need a dictionary of 4096 MiB"},
		{uri: "file://", text: "the path is empty"},
		{uri: "https://", text: "this is no URL with a host"},
	}
	for _, tt := range tests {
		t.Run(tt.uri, func(t *testing.T) {
			t.Parallel()
			if tt.root && os.Geteuid() == 0 {
				t.Skip("the superuser may read everything")
			}
			_, err := ask(t.Context(), datasource.Env{Dir: dir}, scan(tt.uri))
			if err == nil || !strings.Contains(err.Error(), tt.text) || tt.is != nil && !errors.Is(err, tt.is) {
				t.Fatalf("reading fails with %v, want %q and %v", err, tt.text, tt.is)
			}
			var f *datasource.Failure
			var d *datasource.DataError
			switch {
			case errors.As(err, &d):
				if d.Hint == "" || tt.place != "" && d.Path != tt.place {
					t.Errorf("failure at %q with hint %q, want one at %q", d.Path, d.Hint, tt.place)
				}
			case errors.As(err, &f):
				if f.Remedy() == "" {
					t.Errorf("failure %v has no hint", f)
				}
			default:
				t.Errorf("failure is a %T, want one of the contract", err)
			}
		})
	}
}

// TestFailureKeepsNothing reads records before the broken one: the task yields
// none of them after its error.
func TestFailureEnds(t *testing.T) {
	t.Parallel()
	dir := folderOf(t, map[string]string{"a.json": bundleOf(record("a", "x", 1), "{]")})
	src, err := new(Driver).Open(t.Context(), []string{"file://a.json"}, datasource.Env{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	task, _, err := src.Plan(t.Context(), scan("file://a.json"))
	if err != nil {
		t.Fatal(err)
	}
	failed := 0
	for batch, err := range task.Run(t.Context(), nil) {
		if failed > 0 {
			t.Errorf("after its error the task yields %v, %v", batch, err)
		}
		if err != nil {
			failed++
		}
	}
	if failed != 1 {
		t.Errorf("the task fails %d times, want once", failed)
	}
}

func TestFolderPassesOthersOver(t *testing.T) {
	t.Parallel()
	dir := folderOf(t, map[string]string{"d/a.json": `{"a": 1}`, "d/b.json": bundleOf(record("b", "x", 1)), "d/.c.json": "{", "d/d.txt": "{"})
	got, err := ask(t.Context(), datasource.Env{Dir: dir}, scan("file://d"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"d/b.json:b=x"}, got.hits[0]); diff != "" {
		t.Errorf("hits differ (-want +got):\n%s", diff)
	}
	if len(got.counts) != 2 || got.counts[0].Skipped != 1 || got.counts[0].Notes[0].Code != diag.SkippedObjects {
		t.Errorf("counts are %+v, want the first with a note", got.counts)
	}
}
