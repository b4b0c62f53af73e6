// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"errors"
	"fmt"
	"strings"
)

// Errors that end the reading of a bundle, inside a BundleError. A text that
// ends too early has io.ErrUnexpectedEOF.
var (
	ErrNotBundle      = errors.New("neither a STIX bundle nor observed-data objects")
	ErrUTF16          = errors.New("text in UTF-16, where JSON wants UTF-8")
	ErrTrailingData   = errors.New("more text after the end of the bundle")
	ErrRecordTooLarge = errors.New("record over the limit of size")
	ErrTooMuchHeld    = errors.New("objects beside the records over the limit of size")
)

// A BundleError says why, and where, the reading of a bundle ended.
type BundleError struct {
	Name  string // of the bundle, as the options gave it
	Place Place
	Line  int // from 1; 0 if the place is not in the text
	Err   error
}

// Error names the bundle, the place and the cause. A path, which comes from the
// data, is quoted.
func (e *BundleError) Error() string {
	var b strings.Builder
	b.WriteString("stix: read bundle")
	if e.Name != "" {
		fmt.Fprintf(&b, " %s", e.Name)
	}
	fmt.Fprintf(&b, ": byte %d", e.Place.Offset)
	if e.Line > 0 {
		fmt.Fprintf(&b, ", line %d", e.Line)
	}
	if e.Place.Path != "" {
		fmt.Fprintf(&b, ", at %q", clip(e.Place.Path, 200))
	}
	fmt.Fprintf(&b, ": %v", e.Err)
	return b.String()
}

// Unwrap returns the cause.
func (e *BundleError) Unwrap() error { return e.Err }

// A Place is a place in a file of JSON.
type Place struct {
	Offset int64  // in bytes, of the uncompressed text
	Path   string // a JSON pointer (RFC 6901): /objects/17/objects/3/name
}

// A Remark counts what a BundleReader passed over or mended for one reason.
type Remark struct {
	Kind  RemarkKind
	Count int64
	First Place
}

// A RemarkKind is a fault that does not end the reading of a bundle.
type RemarkKind uint8

// The faults, and what becomes of them.
const (
	// RecordWithoutObjects: an observed-data has no object that can be used. It
	// is passed over.
	RecordWithoutObjects RemarkKind = iota

	// RepeatedName: a JSON object has a name twice, and it is not known which is
	// meant. The whole record, or object of STIX 2.1, is passed over.
	RepeatedName

	// UnusableObject: what should be an object of STIX is something else, or has
	// no type, or in STIX 2.1 no id. It is passed over.
	UnusableObject

	// RepeatedObject: an object of STIX 2.1 has the id of an earlier, different
	// one. It is passed over.
	RepeatedObject

	// MissingObject: a reference leads to an object that is not there. It is
	// passed over.
	MissingObject

	// InvalidText: a record has bytes that are not UTF-8, or half of a surrogate
	// pair. They become U+FFFD; the record is used.
	InvalidText

	// InvalidTime: first_observed or last_observed is no time. It is unknown
	// then; the record is used.
	InvalidTime

	remarkKinds
)

// String names what is counted, in the plural.
func (k RemarkKind) String() string {
	return [...]string{
		"records without objects",
		"records with a repeated name",
		"unusable objects",
		"objects with the id of an earlier one",
		"references to missing objects",
		"records with invalid text",
		"invalid times",
	}[min(k, remarkKinds-1)]
}

// remarks counts faults by kind. Its zero value is ready to use.
type remarks struct{ counts [remarkKinds]Remark }

// Remarks returns what was passed over or mended so far, by kind.
func (r *remarks) Remarks() []Remark {
	var out []Remark
	for _, c := range r.counts {
		if c.Count > 0 {
			out = append(out, c)
		}
	}
	return out
}

// note counts a fault.
func (r *remarks) note(kind RemarkKind, at Place) {
	c := &r.counts[kind]
	if c.Count == 0 {
		c.Kind, c.First = kind, at
	}
	c.Count++
}

// report counts the faults that a decoder met in what begins at base.
func (r *remarks) report(d *recordDecoder, base Place) {
	for _, n := range d.notes {
		at := base
		if r.counts[n.kind].Count == 0 {
			at.Offset += int64(n.offset)
			if n.path == "" {
				n.path = pointerAt(d.data, n.offset)
			}
			at.Path += n.path
		}
		r.note(n.kind, at)
	}
	d.notes = d.notes[:0]
}

// reject counts what begins at base and which a decoder refused where it stands.
func (r *remarks) reject(d *recordDecoder, base Place) {
	d.notes = append(d.notes[:0], decodeNote{kind: RepeatedName, offset: d.pos})
	r.report(d, base)
}
