// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/kestrelhunt/kestrel/entity"
)

// BundleOptions says how a BundleReader reads. The zero value works.
type BundleOptions struct {
	// Name stands in the locator of each record and in errors.
	Name string

	// Keep is asked about the bytes of each record before it is decoded; a
	// record for which it is false is passed over. Nil keeps all. Any escape
	// (\u) may hide what Keep looks for, even a name of the standard: it must be
	// true for bytes with such. Of a record of STIX 2.1 it sees the bytes of all
	// its objects, one after the other.
	Keep func(raw []byte) bool

	// MaxRecord is how many bytes a record may have; 0 means 64 MiB.
	MaxRecord int64

	// MaxHeld is how many bytes of objects the reader may hold for records of
	// STIX 2.1, whose objects lie beside them; 0 means 1 GiB.
	MaxHeld int64
}

// A BundleReader reads the records of one file of STIX, one after the other and
// in the order of the file. The file is a bundle of STIX 2.0 or 2.1, an array
// of its objects, or such objects one after the other (NDJSON); observed-data
// objects are the records (STIX 2.0 part 2, 2.5; STIX 2.1, 4.14), the others
// are passed over.
//
// An observed-data of STIX 2.0 holds its objects, and memory is bounded by the
// largest record. One of STIX 2.1 refers to objects beside it, before or after
// it: these are held to the end, and a record is read once all objects are
// known that it refers to, or that those refer to in turn, at the latest at
// the end of the file.
//
// Nested values become attributes with dotted names (see entity.AttrName), but
// for objects of custom types (x-...), whose nested objects stay JSON; lists
// are compact JSON; what ends in _ref and _refs and names another object is a
// link. A process has binary_ref and created, also where STIX 2.1 says
// image_ref and created_time. A property "id" of an object of STIX 2.0 that is
// no STIX id becomes x_id. Integers too big for 64 bits are text.
//
// What is wrong with a file either ends the reading, with a [BundleError]:
//   - text that is no JSON, or ends too early, or is no bundle,
//   - an input that fails, a record or objects held over the limit,
//
// or costs no more than a part, which is passed over or mended, and counted as
// a [Remark]; the [RemarkKind] says which. Of records that Keep rejects it is
// checked that they are JSON, Unicode, and have objects. A byte order mark is no
// fault.
type BundleReader struct {
	opts BundleOptions
	in   *bundleInput
	dec  *jsontext.Decoder // of the file; grammar only
	form BundleForm

	bom      int64 // bytes of a byte order mark, which the decoder does not see
	inList   bool  // inside the list of objects
	isBundle bool  // there was a list of objects, or the type of a bundle
	sawType  bool  // an object had a type

	decoder *RecordDecoder
	raw     RawRecord     // that Read decodes
	beside  besideObjects // of STIX 2.1
	index   int64         // of the next element
	scanned int64
	err     error // sticky
}

// NewBundleReader returns a reader of r. Nothing is read before the first Read.
func NewBundleReader(r io.Reader, opts BundleOptions) *BundleReader {
	if opts.MaxRecord <= 0 {
		opts.MaxRecord = 64 << 20
	}
	if opts.MaxHeld <= 0 {
		opts.MaxHeld = 1 << 30
	}
	return &BundleReader{
		opts:    opts,
		in:      &bundleInput{r: bufio.NewReaderSize(r, sniffSize)},
		decoder: NewRecordDecoder(),
	}
}

// Read reads the next record into rec, whose slices it reuses; its texts stay
// valid. It does not set the ids of objects. It returns io.EOF after the last
// record, and a *BundleError if the rest of the file cannot be read.
func (b *BundleReader) Read(rec *entity.Record) error {
	return b.each(func(raw []byte, w *waitingRecord) (bool, error) {
		if w != nil {
			return b.assembled(w, rec)
		}
		return b.observed(raw, rec)
	})
}

// each calls take with one observed-data after another until it has what it
// wants, or reports an error: with the bytes of one as it stands in the file, or
// with one that has waited for its objects.
func (b *BundleReader) each(take func(raw []byte, w *waitingRecord) (bool, error)) error {
	if b.err == nil && b.dec == nil {
		b.err = b.open()
	}
	for done := false; b.err == nil && !done; {
		var raw []byte
		var w *waitingRecord
		if raw, w, b.err = b.step(); b.err == nil && (raw != nil || w != nil) {
			done, b.err = take(raw, w)
		}
	}
	return b.err
}

// Scanned returns how many records were met, those not kept included.
func (b *BundleReader) Scanned() int64 { return b.scanned }

// Offset returns how many bytes of the file were read.
func (b *BundleReader) Offset() int64 { return b.in.read }

// Remarks returns what was passed over or mended so far, by kind.
func (b *BundleReader) Remarks() []Remark { return b.decoder.Remarks() }

// step reads one element of the file, and returns the bytes of an observed-data,
// or one that waited for its objects, or nothing for what is neither.
func (b *BundleReader) step() ([]byte, *waitingRecord, error) {
	if w := b.beside.take(false); w != nil {
		return nil, w, nil
	}
	raw, err := b.element()
	if errors.Is(err, io.EOF) {
		if w := b.beside.take(true); w != nil {
			return nil, w, nil
		}
		if b.index > 0 && !b.sawType {
			return nil, nil, b.fail(ErrNotBundle)
		}
		return nil, nil, io.EOF
	}
	if err != nil {
		return nil, nil, err
	}
	typ := b.decoder.body.typeOf(raw)
	b.sawType = b.sawType || typ != ""
	switch {
	case typ == "observed-data":
		b.scanned++
		return raw, nil, nil
	case typ == "":
		b.decoder.note(UnusableObject, b.place(raw))
	case !isMetaType(typ):
		return nil, nil, b.hold(raw)
	}
	return nil, nil, nil
}

// observed decodes an observed-data object, unless it has to wait or is not
// wanted.
func (b *BundleReader) observed(raw []byte, rec *entity.Record) (bool, error) {
	if b.passOver(raw) {
		return false, nil
	}
	own := rec.Raw
	refers, err := b.decoder.body.record(raw, rec)
	if err == nil && refers && len(rec.Objects) == 0 {
		return false, b.wait(raw)
	}
	b.raw = RawRecord{File: b.opts.Name, Form: b.form, Parts: append(b.raw.Parts[:0], b.part(raw)), Raw: raw}
	if !b.decoder.whole(&b.raw, rec, err) {
		return false, nil
	}
	rec.Raw = appendRaw(own, raw)
	return true, nil
}

// assembled decodes a record of STIX 2.1 with the objects beside it, and reports
// false if it is not wanted or has none.
func (b *BundleReader) assembled(w *waitingRecord, rec *entity.Record) (bool, error) {
	b.raw = RawRecord{File: b.opts.Name, Form: b.form, Parts: b.raw.Parts, Raw: rec.Raw}
	if err := b.gather(w, &b.raw); err != nil {
		return false, err
	}
	rec.Raw = b.raw.Raw
	if !b.wanted(b.raw.Raw) {
		return false, nil
	}
	return b.decoder.beside(&b.raw, rec), nil
}

// wanted reports whether Keep keeps a record.
func (b *BundleReader) wanted(raw []byte) bool { return b.opts.Keep == nil || b.opts.Keep(raw) }

// passOver reports whether an observed-data with its objects in it is not wanted.
func (b *BundleReader) passOver(raw []byte) bool {
	if b.wanted(raw) || bytes.Contains(raw, []byte(`"object_refs"`)) {
		return false
	}
	b.glance(raw)
	return true
}

// glance counts the faults of a record that is not wanted which can be seen
// without decoding it.
func (b *BundleReader) glance(raw []byte) {
	if lacksObjects(raw) {
		b.decoder.note(RecordWithoutObjects, b.place(raw))
	}
	if !utf8.Valid(raw) {
		at := invalidAt(raw)
		body := b.decoder.body
		body.over(raw)
		body.notes = append(body.notes[:0], decodeNote{kind: InvalidText, offset: at})
		b.decoder.report(body, b.place(raw))
	}
}

// appendRaw copies raw over dst, whose memory it gives up if it is far larger.
func appendRaw(dst, raw []byte) []byte {
	const large = 1 << 20
	if cap(dst) > large && len(raw) < cap(dst)/4 {
		dst = nil
	}
	return append(dst[:0], raw...)
}
