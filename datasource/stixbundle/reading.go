// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stixbundle

import (
	"errors"
	"io"
	"os"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/stix"
)

// A meter tells how far a task is.
type meter struct {
	progress    datasource.Progress // may be nil
	unit        string
	done, total int64
}

func (m *meter) advance(n int64) {
	m.done += n
	if m.progress != nil && n > 0 {
		m.progress(m.done, m.total, m.unit)
	}
}

// reading returns what puts the records of files on a belt that keep does not
// reject by their bytes; nil rejects none.
func reading(files []file, keep func([]byte) bool, progress datasource.Progress) func(*belt) error {
	return func(b *belt) error {
		m := &meter{progress: progress, unit: "bytes"}
		for _, f := range files {
			m.total += f.size
		}
		number, bundles := 0, 0
		for _, f := range files {
			before, seq := m.done, 0
			err := f.open(b.ctx, m.advance, func(text bundle) error {
				p := &portion{number: number, file: f, seq: seq, name: text.name, plain: text.plain}
				number++
				seq++
				err := b.readAll(p, text, keep)
				if !p.passedOver {
					bundles++
				}
				return err
			})
			if err != nil {
				return err
			}
			m.advance(before + f.size - m.done)
		}
		if bundles == 0 && len(files) > 0 {
			return notThere(files[0].place.name(), "none of the files here is a STIX bundle", nil)
		}
		return nil
	}
}

// readAll puts the records of a bundle on the belt.
func (b *belt) readAll(p *portion, text bundle, keep func([]byte) bool) error {
	if err := b.begin(p); err != nil {
		return err
	}
	reader := stix.NewBundleReader(text.text, stix.BundleOptions{Name: p.name, Keep: keep})
	var err error
	for err == nil {
		raw, stopped := b.slot()
		if stopped != nil {
			return stopped
		}
		if err = reader.Next(raw); err == nil {
			p.form = raw.Form
			b.add()
		}
	}
	switch {
	case b.ctx.Err() != nil:
		return b.ctx.Err()
	case errors.Is(err, stix.ErrNotBundle) && !text.named:
		p.passedOver = true
		return b.end()
	}
	p.scanned, p.bytes, p.remarks = reader.Scanned(), reader.Offset(), reader.Remarks()
	if sent := b.end(); sent != nil || errors.Is(err, io.EOF) {
		return sent
	}
	return failure(p.name, err)
}

// read puts records of the bundle on the belt again, given in order.
func (x *bundleIndex) read(b *belt, records []uint32, m *meter) error {
	p := x.portion
	p.scanned, p.bytes, p.remarks = 0, 0, nil
	if err := b.begin(&p); err != nil {
		return err
	}
	read := x.readThrough
	if x.plain {
		read = x.readAt
	}
	if err := read(b, &p, records, m); err != nil {
		return err
	}
	return b.end()
}

// readAt reads records where they lie in a file.
func (x *bundleIndex) readAt(b *belt, p *portion, records []uint32, m *meter) error {
	in, err := os.Open(p.file.path)
	if err != nil {
		return unreadable(p.name, err)
	}
	defer in.Close()
	if info, err := in.Stat(); err != nil || !p.file.is(info) {
		return changed(p.name, err)
	}
	for _, n := range records {
		raw, err := b.slot()
		if err != nil {
			return err
		}
		raw.File, raw.Form = p.name, p.form
		raw.Parts = x.parts(n, raw.Parts[:0])
		if err := raw.ReadAt(in); errors.Is(err, stix.ErrNotBundle) {
			return changed(p.name, err)
		} else if err != nil {
			return unreadable(p.name, err)
		}
		b.add()
		p.scanned++
		p.bytes += int64(len(raw.Raw))
		m.advance(1)
	}
	return nil
}

// readThrough reads a bundle from its beginning to the last of records.
func (x *bundleIndex) readThrough(b *belt, p *portion, records []uint32, m *meter) error {
	seq := 0
	return p.file.open(b.ctx, func(int64) {}, func(text bundle) error {
		seq++
		if seq-1 != p.seq {
			return nil
		}
		reader := stix.NewBundleReader(text.text, stix.BundleOptions{Name: p.name})
		for n := uint32(0); len(records) > 0; n++ {
			raw, err := b.slot()
			if err != nil {
				return err
			}
			switch err := reader.Next(raw); {
			case b.ctx.Err() != nil:
				return b.ctx.Err()
			case errors.Is(err, io.EOF):
				return changed(p.name, err)
			case err != nil:
				return failure(p.name, err)
			}
			if n == records[0] {
				records = records[1:]
				b.add()
				m.advance(1)
			}
		}
		p.scanned, p.bytes = reader.Scanned(), reader.Offset()
		return nil
	})
}
