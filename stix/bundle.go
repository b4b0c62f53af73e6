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
	form bundleForm

	bom      int64 // bytes of a byte order mark, which the decoder does not see
	inList   bool  // inside the list of objects
	isBundle bool  // there was a list of objects, or the type of a bundle
	sawType  bool  // an object had a type

	body    *recordDecoder
	beside  besideObjects // of STIX 2.1
	index   int64         // of the next element
	scanned int64
	remarks [remarkKinds]Remark
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
		opts: opts,
		in:   &bundleInput{r: bufio.NewReaderSize(r, sniffSize)},
		body: newRecordDecoder(),
	}
}

// Read reads the next record into rec, whose slices it reuses; its texts stay
// valid. It does not set the ids of objects. It returns io.EOF after the last
// record, and a *BundleError if the rest of the file cannot be read.
func (b *BundleReader) Read(rec *entity.Record) error {
	if b.err != nil {
		return b.err
	}
	if b.dec == nil {
		if b.err = b.open(); b.err != nil {
			return b.err
		}
	}
	for {
		ok, err := b.step(rec)
		if err != nil {
			b.err = err
			return err
		}
		if ok {
			return nil
		}
	}
}

// Scanned returns how many records were met, those not kept included.
func (b *BundleReader) Scanned() int64 { return b.scanned }

// Offset returns how many bytes of the file were read.
func (b *BundleReader) Offset() int64 { return b.in.read }

// Remarks returns what was passed over or mended so far, by kind.
func (b *BundleReader) Remarks() []Remark {
	var out []Remark
	for _, r := range b.remarks {
		if r.Count > 0 {
			out = append(out, r)
		}
	}
	return out
}

// step reads one element of the file, or a record that waited for its objects.
// It reports whether rec is a record.
func (b *BundleReader) step(rec *entity.Record) (bool, error) {
	if w := b.beside.take(false); w != nil {
		return b.gather(w, rec)
	}
	raw, err := b.element()
	if errors.Is(err, io.EOF) {
		if w := b.beside.take(true); w != nil {
			return b.gather(w, rec)
		}
		if b.index > 0 && !b.sawType {
			return false, b.fail(ErrNotBundle)
		}
		return false, io.EOF
	}
	if err != nil {
		return false, err
	}
	typ := b.body.typeOf(raw)
	b.sawType = b.sawType || typ != ""
	switch {
	case typ == "observed-data":
		b.scanned++
		return b.observed(raw, rec)
	case typ == "":
		b.note(UnusableObject, b.place(raw))
	case !isMetaType(typ):
		return false, b.hold(raw)
	}
	return false, nil
}

// observed decodes an observed-data object, unless it has to wait or is not
// wanted.
func (b *BundleReader) observed(raw []byte, rec *entity.Record) (bool, error) {
	if b.opts.Keep != nil && !b.opts.Keep(raw) && !bytes.Contains(raw, []byte(`"object_refs"`)) {
		b.glance(raw)
		return false, nil
	}
	refers, err := b.body.record(raw, rec)
	switch {
	case err != nil:
		b.reject(b.place(raw))
		return false, nil
	case refers && len(rec.Objects) == 0:
		return false, b.wait(raw)
	case len(b.body.notes) > 0:
		b.report(b.place(raw))
	}
	if len(rec.Objects) == 0 {
		b.note(RecordWithoutObjects, b.place(raw))
		return false, nil
	}
	rec.Raw = appendRaw(rec.Raw, raw)
	b.finish(rec, b.start(raw), raw)
	return true, nil
}

// glance counts the faults of a record that is not wanted which can be seen
// without decoding it.
func (b *BundleReader) glance(raw []byte) {
	if lacksObjects(raw) {
		b.note(RecordWithoutObjects, b.place(raw))
	}
	if !utf8.Valid(raw) {
		at := invalidAt(raw)
		b.body.over(raw)
		b.body.notes = append(b.body.notes[:0], decodeNote{kind: InvalidText, offset: at})
		b.report(b.place(raw))
	}
}

// finish completes a record that has its objects and its Raw. The observed-data
// itself is raw, at an offset of the file.
func (b *BundleReader) finish(rec *entity.Record, offset int64, raw []byte) {
	rec.Locator = entity.Locator{File: b.opts.Name, Offset: offset, Length: int64(len(raw))}
	if rec.ID == "" {
		rec.ID = idOfRaw(raw)
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
