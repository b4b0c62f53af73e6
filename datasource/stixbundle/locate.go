// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stixbundle

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A file is one file of a place.
type file struct {
	place place
	name  string // as people are told of it
	path  string // where it lies
	size  int64
	stamp string // of its content
	named bool   // the hunt named it, or a pattern for it: it has to be a bundle
}

// locate lists the files of all places, and fetches those behind HTTP. The error
// is a *datasource.Failure, or that of ctx.
func (t *task) locate(ctx context.Context) ([]file, error) {
	var out []file
	for _, p := range t.source.places {
		var files []file
		var err error
		if p.url != nil {
			files, err = t.fetched(ctx, p)
		} else {
			files, err = t.source.files(p)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, files...)
	}
	return out, nil
}

// files lists the files of a path: the file itself, those that match its
// wildcards, or those in the folder. What is not found in the session's folder
// is looked for beside the hunt.
func (s *source) files(p place) ([]file, error) {
	out, err := s.filesIn(s.env.Dir, p)
	if errors.Is(err, fs.ErrNotExist) && s.env.HuntDir != "" && !filepath.IsAbs(p.path) {
		if beside, err := s.filesIn(s.env.HuntDir, p); !errors.Is(err, fs.ErrNotExist) {
			return beside, err
		}
	}
	return out, err
}

func (s *source) filesIn(dir string, p place) ([]file, error) {
	path := p.path
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return folder(p, path)
	case err == nil:
		f, err := newFile(p, p.path, path, info)
		f.named = true
		return []file{f}, err
	case errors.Is(err, fs.ErrNotExist) && strings.ContainsAny(p.path, "*?"):
		return wildcards(p, dir, path)
	}
	return nil, unreadable(p.name(), err)
}

// newFile describes a file. One that is no regular file, which might never end,
// is refused.
func newFile(p place, name, path string, info fs.FileInfo) (file, error) {
	if !info.Mode().IsRegular() {
		return file{}, unreadable(name, errors.New("it is no regular file"))
	}
	return file{place: p, name: name, path: path, size: info.Size(), stamp: stampOfFile(info)}, nil
}

func stampOfFile(info fs.FileInfo) string {
	return fmt.Sprintf("%d %d", info.Size(), info.ModTime().UnixNano())
}

// is reports whether what lies at the file's path now has the content of f. A
// page has: other content gets another name.
func (f file) is(info fs.FileInfo) bool {
	return f.place.url != nil || f.stamp == stampOfFile(info)
}

// wildcards lists the files that match a path with * and ?, sorted by name.
func wildcards(p place, dir, path string) ([]file, error) {
	// Brackets and backslashes are wildcards for filepath.Glob, but not here.
	pattern := path
	if filepath.Separator == '/' {
		pattern = strings.NewReplacer(`\`, `\\`, `[`, `\[`).Replace(path)
	}
	found, err := filepath.Glob(pattern)
	if err != nil {
		return nil, invalid(p.uri, "this pattern of file names cannot be read", "use * and ? alone")
	}
	slices.Sort(found)
	var out []file
	for _, path := range found {
		info, err := os.Stat(path)
		if err != nil {
			return nil, unreadable(path, err)
		}
		if info.IsDir() {
			continue
		}
		f, err := newFile(p, shown(p, dir, path), path, info)
		if err != nil {
			return nil, err
		}
		f.named = true
		out = append(out, f)
	}
	if len(out) == 0 {
		return nil, notThere(p.name(), "no file matches this pattern", fs.ErrNotExist)
	}
	return out, nil
}

// folder lists the files in a folder that may be bundles by their names, sorted.
func folder(p place, path string) ([]file, error) {
	entries, err := os.ReadDir(path) // sorted
	if err != nil {
		return nil, unreadable(p.name(), err)
	}
	var out []file
	for _, e := range entries {
		if e.IsDir() || !mayBeBundle(e.Name()) {
			continue
		}
		full := filepath.Join(path, e.Name())
		info, err := os.Stat(full)
		if err != nil {
			return nil, unreadable(full, err)
		}
		if !info.Mode().IsRegular() {
			continue
		}
		f, err := newFile(p, filepath.Join(p.path, e.Name()), full, info)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	if len(out) == 0 {
		return nil, notThere(p.name(), "this folder has no STIX bundle", nil)
	}
	return out, nil
}

// shown returns the name of a file that matched a pattern: relative to dir if
// the pattern is.
func shown(p place, dir, path string) string {
	if rel, err := filepath.Rel(dir, path); err == nil && !filepath.IsAbs(p.path) {
		return rel
	}
	return path
}

// mayBeBundle reports whether the name of a file in a folder is that of a
// bundle: it ends in .json, .jsonl, .ndjson or .stix, perhaps with that of a
// compression behind it, or in .zip.
func mayBeBundle(name string) bool {
	name = strings.ToLower(name)
	if strings.HasPrefix(name, ".") {
		return false
	}
	if strings.HasSuffix(name, ".zip") {
		return true
	}
	switch ext := filepath.Ext(name); ext {
	case ".gz", ".bz2", ".xz", ".zst":
		name = strings.TrimSuffix(name, ext)
	}
	switch filepath.Ext(name) {
	case ".json", ".jsonl", ".ndjson", ".stix":
		return true
	}
	return false
}
