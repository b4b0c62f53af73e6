// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stixbundle

import (
	"context"
	"errors"
	"hash/maphash"
	"iter"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/entity"
)

// Complete returns a task that yields the records in which something wanted
// stands. The first such task reads all files and makes an index of them, which
// the source keeps in memory (see index) until it is closed or the stamp of the
// files is another; then records are read where the index says that they are,
// those of compressed files by reading these to the last one needed, and checked
// again. If the index would be larger than maxIndex, each task reads all files.
//
// Counts has each bundle of the source. Scanned are the records that the task
// has read: all of them if it made the index, else those that it looked at.
// A kind of fault that a task of this source has told of before, for the same
// content of the bundle, is not told again. Beside that, notes are about all
// records if the whole bundle was read and the fault has cost some of it, else
// about the records that may hold something wanted.
func (s *source) Complete(_ context.Context, want datasource.Wanted) (datasource.Task, error) {
	return &completion{task: newTask(s), want: newWanted(want)}, nil
}

// A completion is the task of Complete.
type completion struct {
	*task
	want *wanted
}

// Native says what is looked up.
func (t *completion) Native() []datasource.NativeQuery {
	var out []datasource.NativeQuery
	for _, p := range t.source.places {
		out = append(out, datasource.NativeQuery{Source: p.name(), Language: "lookup of ids", Text: t.want.text()})
	}
	return out
}

// Run yields the records, in the order of the source. The error is that of an
// ordinary task.
func (t *completion) Run(ctx context.Context, p datasource.Progress) iter.Seq2[*entity.Batch, error] {
	return func(yield func(*entity.Batch, error) bool) {
		yieldAll(yield, func(yield func(*entity.Batch) error) error { return t.run(ctx, p, yield) })
	}
}

func (t *completion) run(ctx context.Context, p datasource.Progress, yield func(*entity.Batch) error) error {
	if t.want.none() {
		return nil
	}
	files, err := t.locate(ctx)
	if err != nil {
		return err
	}
	defer t.tell(false)
	ix, built, err := t.index(ctx, files, p)
	switch {
	case err != nil:
		return err
	case ix.tooLarge:
		return t.scan(ctx, files, p, yield)
	}
	return t.lookUp(ctx, ix, built, p, yield)
}

// index returns the index of the files: that of the source, or one made now.
func (t *completion) index(ctx context.Context, files []file, p datasource.Progress) (ix *index, built bool, err error) {
	s := t.source
	select {
	case ix = <-s.index:
	case <-ctx.Done():
		return nil, false, ctx.Err()
	}
	defer func() { s.index <- ix }()
	stamp := stampOf(files)
	if ix != nil && ix.stamp == stamp {
		return ix, false, nil
	}
	ix = nil // so that no more than one is in memory, and none after a panic
	made, err := t.build(ctx, files, p)
	if err != nil {
		return nil, false, err
	}
	made.stamp = stamp
	ix = made
	return ix, true, nil
}

// errTooLarge ends the making of an index.
var errTooLarge = errors.New("the index gets too large")

// build makes the index of files.
func (t *completion) build(ctx context.Context, files []file, p datasource.Progress) (*index, error) {
	b := &builder{seed: maphash.MakeSeed(), limit: t.source.maxIndex}
	err := convey(ctx, reading(files, nil, p), b.decode, func(c *chunk) error {
		t.chunk(c, costs)
		if !b.add(c) {
			return errTooLarge
		}
		return nil
	})
	switch {
	case errors.Is(err, errTooLarge):
		return &index{tooLarge: true}, nil
	case err != nil:
		return nil, err
	}
	return &index{seed: b.seed, bundles: b.bundles}, nil
}

// scan reads all files for what is wanted.
func (t *completion) scan(ctx context.Context, files []file, p datasource.Progress, yield func(*entity.Batch) error) error {
	t.forget()
	return convey(ctx, reading(files, nil, p), t.want.decode, func(c *chunk) error {
		t.chunk(c, all)
		t.matched(c.portion, len(c.batch.Records))
		return yield(&c.batch)
	})
}

// lookUp reads the records that the index names.
func (t *completion) lookUp(ctx context.Context, ix *index, built bool, p datasource.Progress, yield func(*entity.Batch) error) error {
	found, total := make([][]uint32, len(ix.bundles)), 0
	set := setOf(ix.seed, t.want)
	for i, x := range ix.bundles {
		found[i] = x.find(set, t.want.Window)
		total += len(found[i])
		t.begin(&x.portion)
	}
	m := &meter{progress: p, unit: "records", total: int64(total)}
	read := func(b *belt) error {
		for i, x := range ix.bundles {
			if len(found[i]) == 0 {
				continue
			}
			if err := x.read(b, found[i], m); err != nil {
				return err
			}
		}
		return nil
	}
	return convey(ctx, read, t.want.decode, func(c *chunk) error {
		t.faulty(c.portion, c.remarks, mends)
		if c.last && !built {
			t.passed(c.portion)
		}
		t.matched(c.portion, len(c.batch.Records))
		return yield(&c.batch)
	})
}
