// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
)

// open returns the source that uris, which have one scheme, name together. A
// block opens a source once, so that connections and what a driver learned of
// its source serve all steps; the next block opens it anew and so sees a
// configuration that was edited. A datasource.Keeper is kept for the session, with
// the index that it may have.
func (b *block) open(ctx context.Context, uris []string) (datasource.Source, error) {
	key := strings.Join(uris, "\n")
	if src, ok := b.opened[key]; ok {
		return src, nil
	}
	if src, ok := b.kept[key]; ok {
		return src, nil
	}
	driver, ok := b.cfg.Registry.Driver(schemeOf(uris[0]))
	if !ok {
		return nil, fmt.Errorf("engine: no driver for %s", uris[0])
	}
	src, err := driver.Open(ctx, uris, b.cfg.Env)
	if err != nil {
		return nil, err
	}
	if k, ok := src.(datasource.Keeper); ok && k.Keep() {
		b.kept[key] = src
	} else {
		b.opened[key] = src
	}
	return src, nil
}

// release closes the sources that the block opened and that hold something open.
func (b *block) release() {
	for _, err := range closeAll(b.opened) {
		b.report(diag.Diagnostic{Code: diag.SourceFailed, Severity: diag.Warning, Message: err.Error(), Cause: err})
	}
}

// Close closes the sources that the engine kept for the session.
func (e *Engine) Close() error { return errors.Join(closeAll(e.kept)...) }

// closeAll closes the sources that hold something open, and forgets all.
func closeAll(sources map[string]datasource.Source) []error {
	var failed []error
	for _, key := range slices.Sorted(maps.Keys(sources)) {
		c, ok := sources[key].(io.Closer)
		if !ok {
			continue
		}
		if err := c.Close(); err != nil {
			failed = append(failed, fmt.Errorf("cannot close %s: %w", strings.ReplaceAll(key, "\n", ","), err))
		}
	}
	clear(sources)
	return failed
}

// account keeps what a source counted, and says what it noted.
func (b *block) account(at diag.Span, counts []datasource.Count) {
	b.out.Sources = append(b.out.Sources, counts...)
	for _, c := range counts {
		b.cfg.Log.Info(c.String(), "bytes", c.Bytes)
		for _, note := range c.Notes {
			b.report(diag.Diagnostic{
				Code:     note.Code,
				Severity: diag.Warning,
				Span:     at,
				Message:  fmt.Sprintf("%s: %s", c.Source, note.Message),
				Hint:     note.Hint,
			})
		}
	}
}

// partial returns those of counts whose answer may lack something.
func partial(counts []datasource.Count) []datasource.Count {
	return slices.DeleteFunc(slices.Clone(counts), func(c datasource.Count) bool { return !c.Partial() })
}
