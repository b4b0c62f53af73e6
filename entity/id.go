// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package entity

import (
	"cmp"
	"crypto/sha1"
	"encoding/hex"
)

// An ID names an entity: its type and, nearly always, a UUID. An id that a hunt
// or a file gives in another form is kept as text. IDs are comparable and make
// cheap keys of a map. The zero ID names nothing.
type ID struct {
	typ  string
	uuid [16]byte
	text string // of an id that is not <typ>--<uuid>
}

// NewID returns the id <typ>--<uuid>.
func NewID(typ string, uuid [16]byte) ID { return ID{typ: typ, uuid: uuid} }

// GivenID returns the id that a hunt, a file or a STIX 2.1 object gives an
// entity of a type, whatever its form; its String is text again. The empty text
// gives the zero ID.
func GivenID(typ, text string) ID {
	if text == "" {
		return ID{}
	}
	if uuid, ok := parseUUID(typ, text); ok {
		return ID{typ: typ, uuid: uuid}
	}
	return ID{typ: typ, text: text}
}

// Type returns the entity's type.
func (id ID) Type() string { return id.typ }

// IsZero reports whether id names nothing.
func (id ID) IsZero() bool { return id == ID{} }

// UUID returns the id's UUID; false for one that is text only.
func (id ID) UUID() ([16]byte, bool) { return id.uuid, id.text == "" && id.typ != "" }

// String returns <type>--<uuid>, or the text that was given.
func (id ID) String() string {
	if id.text != "" || id.typ == "" {
		return id.text
	}
	var buf [96]byte
	return string(id.AppendText(buf[:0]))
}

// AppendText appends what String returns to dst.
func (id ID) AppendText(dst []byte) []byte {
	if id.text != "" || id.typ == "" {
		return append(dst, id.text...)
	}
	dst = append(dst, id.typ...)
	dst = append(dst, "--"...)
	for i, end := range uuidGroups {
		if i > 0 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, id.uuid[end[0]:end[1]])
	}
	return dst
}

// Compare orders ids by type, then by UUID, those that are text last.
func (id ID) Compare(other ID) int {
	return cmp.Or(
		cmp.Compare(id.typ, other.typ),
		cmp.Compare(id.text, other.text),
		cmp.Compare(string(id.uuid[:]), string(other.uuid[:])),
	)
}

// uuidGroups are the byte ranges between the hyphens of a UUID (RFC 9562, 4).
var uuidGroups = [5][2]int{{0, 4}, {4, 6}, {6, 8}, {8, 10}, {10, 16}}

// parseUUID reads <typ>--<uuid> in the form that String writes, and no other,
// so that nothing of a given id is lost.
func parseUUID(typ, text string) (uuid [16]byte, ok bool) {
	if len(text) != len(typ)+2+36 || text[:len(typ)] != typ || text[len(typ):len(typ)+2] != "--" {
		return uuid, false
	}
	digits := text[len(typ)+2:]
	for i := range len(digits) {
		c := digits[i]
		hyphen := i == 8 || i == 13 || i == 18 || i == 23
		if hyphen != (c == '-') || !hyphen && (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return uuid, false
		}
	}
	at := 0
	for _, group := range uuidGroups {
		n := 2 * (group[1] - group[0])
		if _, err := hex.Decode(uuid[group[0]:group[1]], []byte(digits[at:at+n])); err != nil {
			return uuid, false
		}
		at += n + 1
	}
	return uuid, true
}

// namespace is the UUID namespace of deterministic ids of cyber-observable
// objects, 00abedb4-aa42-466c-9c01-fed23315a9b7 (STIX 2.1, 2.9).
var namespace = [16]byte{0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7}

// hashUUID returns the UUID version 5 (RFC 9562, 5.5) of data, which begins
// with the namespace.
func hashUUID(data []byte) (uuid [16]byte) {
	sum := sha1.Sum(data)
	copy(uuid[:], sum[:])
	uuid[6] = uuid[6]&0x0f | 0x50
	uuid[8] = uuid[8]&0x3f | 0x80
	return uuid
}

// An IDKind says from what an object's id was made.
type IDKind uint8

// The kinds of keys, best first. NoKey is that of an object without id.
const (
	NoKey       IDKind = iota
	UniqueKey          // a unique id or GUID that the source gave a process
	ProcessKey         // the host, process id and start time of a process
	PropertyKey        // the identifying properties of its type
	GivenKey           // an id that the source, a hunt or a file gave
	RecordKey          // the record and the object's key in it
)

// String returns the kind as INFO shows it.
func (k IDKind) String() string {
	return [...]string{
		"none",
		"unique id",
		"host, pid and start time",
		"identifying properties",
		"given id",
		"record and position",
	}[min(k, RecordKey)]
}
