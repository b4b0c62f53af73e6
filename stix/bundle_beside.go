// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
)

// besideObjects holds the objects of STIX 2.1 that stand beside records, and
// the records that wait for some of them.
type besideObjects struct {
	objects map[string]*besideObject
	waiting []*waitingRecord // in the order of the file
	held    int64            // bytes
}

// A besideObject is one object of STIX 2.1.
type besideObject struct {
	raw   []byte
	at    int64 // offset
	index int64 // among the elements of the file
	refs  []string
}

// part returns the place of the object.
func (o *besideObject) part() RawPart { return RawPart{o.at, int64(len(o.raw)), o.index} }

// A waitingRecord is an observed-data that refers to objects. These, and those
// that they refer to in turn, are listed step by step as they come.
type waitingRecord struct {
	besideObject
	ids  []string // of all objects found so far, each once
	seen map[string]bool
	next int // the first of ids whose object was not looked at
}

// wait keeps an observed-data until its objects are there.
func (b *BundleReader) wait(raw []byte) error {
	b.decoder.body.notes = b.decoder.body.notes[:0] // they count when it is complete
	w := &waitingRecord{besideObject: b.keep(raw)}
	w.refs = b.decoder.body.objectRefs(raw)
	b.beside.waiting = append(b.beside.waiting, w)
	return b.checkHeld()
}

// hold keeps an object for the records that refer to it.
func (b *BundleReader) hold(raw []byte) error {
	id := b.decoder.body.idOf(raw)
	if id == "" {
		b.decoder.note(UnusableObject, b.place(raw))
		return nil
	}
	if old := b.beside.objects[id]; old != nil {
		if !bytes.Equal(old.raw, raw) {
			b.decoder.note(RepeatedObject, b.place(raw))
		}
		return nil
	}
	refs, err := b.decoder.body.references(raw)
	if err != nil {
		b.decoder.reject(b.decoder.body, b.place(raw))
		return nil
	}
	o := b.keep(raw)
	o.refs = refs
	if b.beside.objects == nil {
		b.beside.objects = make(map[string]*besideObject)
	}
	b.beside.objects[id] = &o
	return b.checkHeld()
}

func (b *BundleReader) keep(raw []byte) besideObject {
	b.beside.held += int64(len(raw))
	return besideObject{raw: bytes.Clone(raw), at: b.start(raw), index: b.index - 1}
}

func (b *BundleReader) checkHeld() error {
	if b.beside.held > b.opts.MaxHeld {
		return b.fail(fmt.Errorf("%w (%d bytes)", ErrTooMuchHeld, b.opts.MaxHeld))
	}
	return nil
}

// take takes the first waiting record if all its objects are there, or if no
// more will come. These records keep their order.
func (s *besideObjects) take(final bool) *waitingRecord {
	if len(s.waiting) == 0 {
		return nil
	}
	w := s.waiting[0]
	if !s.collect(w, final) {
		return nil
	}
	s.waiting[0] = nil
	s.waiting = s.waiting[1:]
	s.held -= int64(len(w.raw))
	return w
}

// collect lists the objects of w, and reports false if one is not there and may
// still come.
func (s *besideObjects) collect(w *waitingRecord, final bool) bool {
	if w.seen == nil {
		w.seen = make(map[string]bool)
		w.add(w.refs)
	}
	for ; w.next < len(w.ids); w.next++ {
		id := w.ids[w.next]
		if o := s.objects[id]; o != nil {
			w.add(o.refs)
		} else if !final && isObservableID(id) {
			return false
		}
	}
	return true
}

func (w *waitingRecord) add(refs []string) {
	for _, id := range refs {
		if !w.seen[id] {
			w.seen[id] = true
			w.ids = append(w.ids, id)
		}
	}
}

// isObservableID reports whether an id may be that of an observable.
func isObservableID(id string) bool {
	typ, _, _ := strings.Cut(id, "--")
	return !isMetaType(typ)
}

// gather puts a record together: the observed-data, and the objects that it and
// they refer to as far as they are there.
func (b *BundleReader) gather(w *waitingRecord, raw *RawRecord) error {
	raw.Raw = appendRaw(raw.Raw, w.raw)
	raw.Parts = append(raw.Parts[:0], w.part())
	for _, id := range w.ids {
		if o := b.beside.objects[id]; o != nil {
			raw.Raw = append(raw.Raw, o.raw...)
			raw.Parts = append(raw.Parts, o.part())
		}
		if int64(len(raw.Raw)) > b.opts.MaxRecord {
			return b.fail(ErrRecordTooLarge)
		}
	}
	return nil
}

// recordBeside decodes an observed-data whose objects stand beside it. The error
// is errRepeated.
func (d *recordDecoder) recordBeside(raw []byte, rec *entity.Record) error {
	d.over(raw)
	d.begin(rec)
	return d.members(d.header)
}

// objectBeside decodes an object of STIX 2.1 and adds it to the record. The
// error is errRepeated; then nothing is added.
func (d *recordDecoder) objectBeside(raw []byte, id string) error {
	objects, links := len(d.rec.Objects), len(d.links)
	d.over(raw)
	err := d.decodeObject(id, true)
	if err != nil {
		d.rec.Objects, d.links = d.rec.Objects[:objects], d.links[:links]
	}
	return err
}

// references returns the keys of the objects that an object of STIX 2.1 refers
// to. The error is errRepeated.
func (d *recordDecoder) references(raw []byte) ([]string, error) {
	d.begin(&d.spare)
	if err := d.objectBeside(raw, ""); err != nil {
		return nil, err
	}
	d.notes = d.notes[:0] // they count when a record has the object
	refs := make([]string, len(d.links))
	for i := range d.links {
		refs[i] = d.links[i].key
	}
	return refs, nil
}
