// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stixbundle

import (
	"context"
	"errors"
	"io"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// A pass reads the files of a task, one record after the other and none after
// those that a limit wants, and fills batches.
type pass struct {
	task  *task
	ctx   context.Context //nolint:containedctx // a pass lives as long as the call that makes it
	meter meter
	full  chan *entity.Batch
	free  chan *entity.Batch

	batch *entity.Batch
	bytes int     // of records in batch
	taken []int64 // records of each question
	found []int   // reused

	portion *portion // being read
	bundles int      // read so far
}

// errEnough ends a pass whose questions have all the records they want.
var errEnough = errors.New("enough records")

// run reads file after file.
func (p *pass) run() error {
	files, err := p.task.locate(p.ctx)
	if err != nil {
		return err
	}
	p.taken = make([]int64, len(p.task.questions))
	for _, f := range files {
		p.meter.total += f.size
	}
	for _, f := range files {
		if p.enough() {
			break
		}
		before := p.meter.done
		err := p.file(f)
		switch {
		case p.ctx.Err() != nil:
			return p.ctx.Err()
		case errors.Is(err, errEnough):
		case err != nil:
			return err
		}
		p.meter.advance(before + f.size - p.meter.done)
	}
	if p.bundles == 0 && len(files) > 0 && !p.enough() {
		return notThere(files[0].place.name(), "none of the files here is a STIX bundle", nil)
	}
	return p.flush()
}

// enough reports whether all questions have the records they want.
func (p *pass) enough() bool {
	for i := range p.task.questions {
		if !p.answered(i) {
			return false
		}
	}
	return true
}

// file reads one file, or the files in an archive.
func (p *pass) file(f file) error {
	return f.open(p.ctx, p.meter.advance, func(b bundle) error {
		q := &portion{file: f, name: b.name}
		if p.portion != nil {
			q.number = p.portion.number + 1
		}
		p.portion = q
		p.task.begin(q)
		reader := stix.NewBundleReader(b.text, stix.BundleOptions{Name: b.name, Keep: p.keep})
		var err error
		for err == nil {
			err = p.record(reader)
		}
		if errors.Is(err, stix.ErrNotBundle) && !b.named {
			q.passedOver = true
			p.task.passed(q)
			return nil
		}
		p.bundles++
		q.scanned, q.bytes = reader.Scanned(), reader.Offset()
		p.task.passed(q)
		p.task.faulty(q, reader.Remarks(), all)
		if errors.Is(err, io.EOF) {
			return nil
		}
		return failure(b.name, err)
	})
}

// keep reports whether the bytes of a record may hold an answer.
func (p *pass) keep(raw []byte) bool {
	for i := range p.task.questions {
		if !p.answered(i) && p.task.questions[i].matcher.Prefilter(raw) {
			return true
		}
	}
	return false
}

// answered reports whether a question has all the records it wants.
func (p *pass) answered(i int) bool {
	limit := p.task.questions[i].limit
	return limit >= 0 && p.taken[i] >= limit
}

// record reads the next record into the batch, and leaves it there if it answers
// a question.
func (p *pass) record(reader *stix.BundleReader) error {
	if err := p.room(); err != nil {
		return err
	}
	b := p.batch
	n := len(b.Records)
	b.Records = grow(b.Records)
	rec := &b.Records[n]
	if err := reader.Read(rec); err != nil {
		b.Records = b.Records[:n]
		return err
	}
	if p.task.needIDs {
		entity.Identify(rec)
	}
	if !p.answer(rec, n) {
		b.Records = b.Records[:n]
		return nil
	}
	entity.Identify(rec)
	p.bytes += len(rec.Raw)
	p.task.matched(p.portion, 1)
	if p.enough() {
		return errEnough
	}
	return nil
}

// answer notes the hits in record n of the batch, and reports whether there are
// any.
func (p *pass) answer(rec *entity.Record, n int) bool {
	some := false
	for i := range p.task.questions {
		if p.answered(i) {
			continue
		}
		p.found = p.task.questions[i].hits(rec, p.found[:0])
		for _, object := range p.found {
			p.batch.Hits[i] = append(p.batch.Hits[i], entity.Hit{Record: n, Object: object})
		}
		if len(p.found) > 0 {
			p.taken[i]++
			some = true
		}
	}
	return some
}

// grow makes room for one more record, with the memory of one that was there
// before if there was one.
func grow(records []entity.Record) []entity.Record {
	if n := len(records); n < cap(records) {
		return records[:n+1]
	}
	return append(records, entity.Record{})
}

// room sees to it that there is a batch with room for a record.
func (p *pass) room() error {
	if p.batch != nil && (len(p.batch.Records) >= batchRecords || p.bytes >= batchBytes) {
		if err := p.flush(); err != nil {
			return err
		}
	}
	if p.batch != nil {
		return nil
	}
	select {
	case p.batch = <-p.free:
	case <-p.ctx.Done():
		return p.ctx.Err()
	}
	p.bytes = 0
	p.batch.Records = p.batch.Records[:0]
	for i := range p.batch.Hits {
		p.batch.Hits[i] = p.batch.Hits[i][:0]
	}
	return nil
}

// flush hands the batch over, unless it is empty.
func (p *pass) flush() error {
	if p.batch == nil || len(p.batch.Records) == 0 {
		return nil
	}
	select {
	case p.full <- p.batch:
	case <-p.ctx.Done():
		return p.ctx.Err()
	}
	p.batch = nil
	return nil
}
