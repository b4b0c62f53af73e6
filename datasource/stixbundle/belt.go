// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stixbundle

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// How much a chunk holds. One that had a large record gives up its memory, so that
// a file cannot make each of its places large in turn. More goroutines than
// mostDecoders would wait for the one that reads.
const (
	chunkRecords = 128
	chunkBytes   = 1 << 20
	largeRecord  = 64 << 10
	mostDecoders = 3
)

// A portion is one bundle on its way over a belt.
type portion struct {
	number int // among the bundles of the files, from 0
	file   file
	seq    int // which bundle of its file, from 0
	name   string
	plain  bool // its text lies in the file as it is

	// Known when its last chunk has passed.
	form       stix.BundleForm
	passedOver bool          // it is no bundle, and was not named
	scanned    int64         // records read
	bytes      int64         // read
	remarks    []stix.Remark // of the reader
}

// A chunk is a run of records of one portion.
type chunk struct {
	portion *portion
	last    bool // of its portion
	raws    []stix.RawRecord
	bytes   int
	large   bool          // it had a large record
	decoded chan struct{} // holds one element when the records are decoded

	// What the decoding makes.
	batch   entity.Batch
	sums    []uint64
	entries []entry
	remarks []stix.Remark
}

// A belt carries chunks from one goroutine that reads raw records to several
// that decode them, and on, in order, to the one that takes them.
type belt struct {
	ctx   context.Context //nolint:containedctx // a belt lives as long as the call that makes it
	free  chan *chunk
	todo  chan *chunk
	order chan *chunk
	chunk *chunk // being filled
}

// convey runs read, which fills a belt; decode, several times at once, each time
// with a decoder that no other call uses; and here, in the order of reading,
// take. It returns the first error, and when all have ended.
func convey(ctx context.Context, read func(*belt) error, decode func(*stix.RecordDecoder, *chunk), take func(*chunk) error) error {
	ctx, cancel := context.WithCancel(ctx)
	decoders := min(runtime.GOMAXPROCS(0), mostDecoders)
	chunks := decoders + 3
	b := &belt{ctx: ctx, free: make(chan *chunk, chunks), todo: make(chan *chunk, chunks), order: make(chan *chunk, chunks)}
	for range chunks {
		b.free <- &chunk{decoded: make(chan struct{}, 1), batch: entity.Batch{Hits: make([][]entity.Hit, 1)}}
	}
	var crew sync.WaitGroup
	defer crew.Wait()
	defer func() {
		cancel()
		for range b.order { // until the reader has ended
		}
	}()
	var fault faults
	var readErr error
	crew.Go(func() {
		defer close(b.order)
		defer close(b.todo)
		fault.guard(func() {
			if readErr = read(b); readErr == nil {
				readErr = b.send()
			}
		})
	})
	for range decoders {
		crew.Go(func() {
			d := stix.NewRecordDecoder()
			for c := range b.todo {
				fault.guard(func() { decode(d, c) })
				c.decoded <- struct{}{}
			}
		})
	}
	for c := range b.order {
		<-c.decoded
		fault.raise()
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := take(c); err != nil {
			return err
		}
		b.free <- c
	}
	fault.raise()
	return readErr
}

// begin says that the records that follow are those of another bundle.
func (b *belt) begin(p *portion) error {
	if err := b.send(); err != nil {
		return err
	}
	return b.take(p)
}

// take takes an empty chunk for a portion.
func (b *belt) take(p *portion) error {
	select {
	case b.chunk = <-b.free:
	case <-b.ctx.Done():
		return b.ctx.Err()
	}
	c := b.chunk
	if c.large {
		c.raws, c.batch.Records = nil, nil
	}
	c.portion, c.last, c.raws, c.bytes, c.large = p, false, c.raws[:0], 0, false
	return nil
}

// slot returns a raw record to be filled, for which there is room in the chunk;
// add counts it.
func (b *belt) slot() (*stix.RawRecord, error) {
	if c := b.chunk; len(c.raws) >= chunkRecords || c.bytes >= chunkBytes {
		if err := b.begin(c.portion); err != nil {
			return nil, err
		}
	}
	c := b.chunk
	if len(c.raws) == cap(c.raws) {
		c.raws = append(c.raws, stix.RawRecord{})[:len(c.raws)]
	}
	return &c.raws[:len(c.raws)+1][len(c.raws)], nil
}

// add adds the record of the slot to the chunk.
func (b *belt) add() {
	c := b.chunk
	c.raws = c.raws[:len(c.raws)+1]
	size := len(c.raws[len(c.raws)-1].Raw)
	c.bytes += size
	c.large = c.large || size > largeRecord
}

// end says that the portion has no more records.
func (b *belt) end() error {
	b.chunk.last = true
	return b.send()
}

// send hands the chunk over, if there is one. It never waits: there is room for
// all chunks.
func (b *belt) send() error {
	if c := b.chunk; c != nil {
		b.chunk = nil
		b.todo <- c
		b.order <- c
	}
	return b.ctx.Err()
}

// faults keeps the first panic of a crew, to be raised where the session catches
// it.
type faults struct {
	mu    sync.Mutex
	first string
}

// guard runs f and keeps its panic.
func (f *faults) guard(run func()) {
	defer func() {
		if r := recover(); r != nil {
			f.mu.Lock()
			defer f.mu.Unlock()
			if f.first == "" {
				f.first = fmt.Sprintf("%v\n%s", r, debug.Stack())
			}
		}
	}()
	run()
}

// raise panics if one of those guarded did.
func (f *faults) raise() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.first != "" {
		panic(f.first)
	}
}
