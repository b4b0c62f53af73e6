// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import "github.com/kestrelhunt/kestrel/entity"

// A RecordDecoder decodes records that were read raw. It is for one goroutine
// at a time; several decode the records of one file at once.
type RecordDecoder struct {
	body *recordDecoder
	remarks
}

// NewRecordDecoder returns a decoder.
func NewRecordDecoder() *RecordDecoder { return &RecordDecoder{body: newRecordDecoder()} }

// Decode decodes raw, whose bytes have the grammar of JSON, into rec, whose
// slices it reuses; its texts stay valid, and its Raw is that of raw. It does not
// set the ids of objects. It reports false if the record cannot be used, and
// counts that and other faults as remarks.
func (d *RecordDecoder) Decode(raw *RawRecord, rec *entity.Record) bool {
	if len(raw.Parts) > 1 {
		return d.beside(raw, rec)
	}
	refers, err := d.body.record(raw.Raw, rec)
	if err == nil && refers && len(rec.Objects) == 0 {
		d.body.notes = d.body.notes[:0] // they are met again
		return d.beside(raw, rec)
	}
	return d.whole(raw, rec, err)
}

// whole completes a record of STIX 2.0 that was decoded, with err.
func (d *RecordDecoder) whole(raw *RawRecord, rec *entity.Record, err error) bool {
	if err != nil {
		d.reject(d.body, raw.Form.place(raw.Parts[0]))
		return false
	}
	if len(d.body.notes) > 0 {
		d.report(d.body, raw.Form.place(raw.Parts[0]))
	}
	return d.finish(raw, rec)
}

// finish completes a record, or counts it as one without objects.
func (d *RecordDecoder) finish(raw *RawRecord, rec *entity.Record) bool {
	first := raw.Parts[0]
	if len(rec.Objects) == 0 {
		d.note(RecordWithoutObjects, raw.Form.place(first))
		return false
	}
	rec.Raw = raw.Raw
	rec.Locator = entity.Locator{File: raw.File, Offset: first.Offset, Length: first.Length}
	if rec.ID == "" {
		rec.ID = idOfRaw(raw.Raw[:first.Length])
	}
	return true
}

// beside decodes a record of STIX 2.1.
func (d *RecordDecoder) beside(raw *RawRecord, rec *entity.Record) bool {
	first := raw.Parts[0]
	own, rest := raw.Raw[:first.Length], raw.Raw[first.Length:]
	if err := d.body.recordBeside(own, rec); err != nil {
		d.reject(d.body, raw.Form.place(first))
		return false
	}
	d.report(d.body, raw.Form.place(first))
	known := make(map[string]bool, len(raw.Parts))
	var from []int64 // the element that each object of rec is
	for _, p := range raw.Parts[1:] {
		text := rest[:p.Length]
		rest = rest[p.Length:]
		id := d.body.idOf(text)
		known[id] = true
		if err := d.body.objectBeside(text, id); err != nil {
			d.reject(d.body, raw.Form.place(p))
			continue
		}
		d.report(d.body, raw.Form.place(p))
		if len(rec.Objects) > len(from) {
			from = append(from, p.Element)
		}
	}
	d.missing(raw, own, known)
	d.body.resolve(func(object int) string { return raw.Form.path(from[object]) })
	d.report(d.body, Place{Offset: first.Offset})
	return d.finish(raw, rec)
}

// missing counts the observables that an observed-data of STIX 2.1 refers to
// itself and which are not there.
func (d *RecordDecoder) missing(raw *RawRecord, own []byte, known map[string]bool) {
	for _, id := range d.body.objectRefs(own) {
		if known[id] || !isObservableID(id) {
			continue
		}
		known[id] = true
		at := raw.Form.place(raw.Parts[0])
		at.Path += "/object_refs"
		d.note(MissingObject, at)
	}
}

// Reset forgets the remarks.
func (d *RecordDecoder) Reset() { d.remarks = remarks{} }
