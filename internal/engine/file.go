// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/internal/store"
	"github.com/kestrelhunt/kestrel/plan"
)

// load reads entities from a file.
func (b *block) load(ctx context.Context, n *plan.Load) (plan.SnapshotID, error) {
	path := b.existing(b.path(n.Path))
	id, err := b.cfg.Store.Load(ctx, path, n.Entity, fmt.Sprintf("load %d", b.step))
	var types *store.TypesError
	switch {
	case err == nil:
		return id, nil
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return 0, err
	case errors.Is(err, store.ErrMissingType):
		return 0, diag.Diagnostic{
			Code: diag.MissingType, Span: n.At, Cause: err,
			Message: "the file has no column type",
			Hint:    "name the type in the command, as in LOAD " + n.Path + " AS process",
		}
	case errors.As(err, &types):
		return 0, diag.Diagnostic{
			Code: diag.MixedTypes, Span: n.At, Cause: err,
			Message: "the rows of the file have several types: " + strings.Join(types.Types, ", "),
			Hint:    "keep the entities of one type in one file",
		}
	case errors.Is(err, store.ErrUnknownFormat):
		return 0, diag.Diagnostic{
			Code: diag.UnknownFormat, Span: n.At, Cause: err,
			Message: "the content of the file is neither CSV, JSON nor Parquet",
			Hint:    "save it as one of these",
		}
	}
	return 0, b.fileError(n.At, "read", n.Path, err)
}

// save writes all rows of a variable to a file.
func (b *block) save(ctx context.Context, s *plan.Save) error {
	err := b.cfg.Store.Save(ctx, s.Of, b.path(s.Path))
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return b.fileError(s.At, "write", s.Path, err)
}

// fileError says in a hunter's words why a file failed.
func (b *block) fileError(at diag.Span, verb, name string, err error) error {
	d := diag.Diagnostic{Code: diag.FileFailed, Span: at, Cause: err, Message: fmt.Sprintf("cannot %s %s: %v", verb, name, root(err))}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.Message = fmt.Sprintf("cannot %s %s: no such file or folder", verb, name)
		d.Hint = "relative paths start at the working directory"
	case errors.Is(err, fs.ErrPermission):
		d.Message = fmt.Sprintf("cannot %s %s: permission denied", verb, name)
		d.Hint = "check the permissions of the file and its folder"
	}
	return d
}

// root returns the innermost error that err wraps, the first where several were
// joined.
func root(err error) error {
	for {
		next := errors.Unwrap(err)
		if several, ok := err.(interface{ Unwrap() []error }); ok {
			next = several.Unwrap()[0]
		}
		if next == nil {
			return err
		}
		err = next
	}
}

// path expands variables of the environment and ~ in a path and makes it
// absolute against the session's folder.
func (b *block) path(text string) string {
	text = os.Expand(text, func(name string) string {
		if v, ok := b.cfg.Env.Lookup(name); ok {
			return v
		}
		return "$" + name
	})
	if rest, ok := strings.CutPrefix(text, "~/"); ok && b.cfg.Home != "" {
		text = filepath.Join(b.cfg.Home, rest)
	}
	if filepath.IsAbs(text) {
		return filepath.Clean(text)
	}
	return filepath.Join(b.cfg.Env.Dir, text)
}

// existing returns path, or the same file beside the hunt if only that exists.
func (b *block) existing(path string) string {
	if b.cfg.Env.HuntDir == "" {
		return path
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return path
	}
	rel, err := filepath.Rel(b.cfg.Env.Dir, path)
	if err != nil {
		return path
	}
	beside := filepath.Join(b.cfg.Env.HuntDir, rel)
	if _, err := os.Stat(beside); err == nil {
		return beside
	}
	return path
}
