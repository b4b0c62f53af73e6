// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// A RawRecord is a record of a file that is not decoded yet. [BundleReader.Next]
// reads one, [RawRecord.ReadAt] reads it again by its Parts alone, and a
// [RecordDecoder] decodes it.
type RawRecord struct {
	File string // as BundleOptions.Name has it
	Form BundleForm

	// Parts says where the observed-data lies and, of STIX 2.1, the objects that
	// it refers to, in the order in which a record has them.
	Parts []RawPart

	Raw []byte // the bytes of all parts, one after the other
}

// A RawPart is the place of one STIX object in a file.
type RawPart struct {
	Offset  int64 // of the first byte in the uncompressed text
	Length  int64 // in bytes
	Element int64 // which element of the file it is, from 0
}

// A BundleForm is how the objects of a file stand in it.
type BundleForm uint8

// The forms that a BundleReader reads.
const (
	InBundle BundleForm = iota // in the list "objects" of one JSON object
	InArray                    // in a JSON array
	InLines                    // one after the other
)

// path returns the JSON pointer of an element.
func (f BundleForm) path(element int64) string {
	switch f {
	case InBundle:
		return "/objects/" + strconv.FormatInt(element, 10)
	case InArray:
		return "/" + strconv.FormatInt(element, 10)
	case InLines:
	}
	return ""
}

// place returns the place of a part.
func (f BundleForm) place(p RawPart) Place { return Place{p.Offset, f.path(p.Element)} }

// Next reads the next record into raw, whose slices it reuses, without decoding
// it. Records come as from Read, with those that turn out to
// be unusable when they are decoded. The errors are those of Read. Calls of Read
// and Next do not mix.
func (b *BundleReader) Next(raw *RawRecord) error {
	return b.each(func(single []byte, w *waitingRecord) (bool, error) {
		raw.File, raw.Form = b.opts.Name, b.form
		if w != nil {
			err := b.gather(w, raw)
			return err == nil && b.wanted(raw.Raw), err
		}
		if b.passOver(single) {
			return false, nil
		}
		if b.waits(single) {
			return false, b.wait(single)
		}
		raw.Parts = append(raw.Parts[:0], b.part(single))
		raw.Raw = appendRaw(raw.Raw, single)
		return true, nil
	})
}

// waits reports whether an observed-data refers to objects beside it.
func (b *BundleReader) waits(raw []byte) bool {
	if !bytes.Contains(raw, []byte("object_refs")) && !bytes.Contains(raw, []byte(`\u`)) {
		return false
	}
	spare := &b.decoder.body.spare
	refers, err := b.decoder.body.record(raw, spare)
	b.decoder.body.notes = b.decoder.body.notes[:0] // they count when it is decoded
	return err == nil && refers && len(spare.Objects) == 0
}

// ReadAt fills Raw with what lies in a file, which is not compressed, at the
// places that Parts says. The error says that it cannot be read, or that no
// objects stand at these places any more; then it wraps ErrNotBundle.
func (r *RawRecord) ReadAt(file io.ReaderAt) error {
	size := int64(0)
	for _, p := range r.Parts {
		size += p.Length
	}
	if int64(cap(r.Raw)) < size {
		r.Raw = make([]byte, size)
	}
	r.Raw = r.Raw[:size]
	at := int64(0)
	for _, p := range r.Parts {
		part := r.Raw[at : at+p.Length]
		at += p.Length
		if n, err := file.ReadAt(part, p.Offset); n < len(part) {
			if errors.Is(err, io.EOF) {
				err = ErrNotBundle
			}
			return fmt.Errorf("stix: read %s at byte %d: %w", r.File, p.Offset, err)
		}
		if !isObject(part) {
			return fmt.Errorf("stix: read %s at byte %d: %w", r.File, p.Offset, ErrNotBundle)
		}
	}
	return nil
}

// isObject reports whether a text is one JSON object, and nothing else.
func isObject(text []byte) bool {
	return len(text) > 0 && text[0] == '{' && text[len(text)-1] == '}' && jsontext.Value(text).IsValid(lax...)
}
