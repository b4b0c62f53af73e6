// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
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
// configuration that was edited.
func (b *block) open(ctx context.Context, uris []string) (datasource.Source, error) {
	key := strings.Join(uris, "\n")
	if src, ok := b.opened[key]; ok {
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
	b.opened[key] = src
	return src, nil
}

// release closes the sources that the block opened and that hold something open.
func (b *block) release() {
	for _, key := range slices.Sorted(maps.Keys(b.opened)) {
		c, ok := b.opened[key].(io.Closer)
		if !ok {
			continue
		}
		if err := c.Close(); err != nil {
			b.report(diag.Diagnostic{
				Code:     diag.SourceFailed,
				Severity: diag.Warning,
				Message:  fmt.Sprintf("cannot close %s: %v", strings.ReplaceAll(key, "\n", ","), err),
				Cause:    err,
			})
		}
	}
	clear(b.opened)
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
