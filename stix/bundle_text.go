// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"bytes"
	"errors"
	"hash/maphash"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/kestrelhunt/kestrel/entity"
)

// A textCache makes strings of bytes, and the same string again for bytes that
// it still remembers. Names and many values repeat in every record.
type textCache struct {
	seed  maphash.Seed
	slots [4096]string
}

// maxCached is the length of the longest text that is remembered.
const maxCached = 64

func (c *textCache) text(b []byte) string {
	if len(b) > maxCached {
		return string(b)
	}
	slot := &c.slots[maphash.Bytes(c.seed, b)%uint64(len(c.slots))]
	if *slot != string(b) {
		*slot = string(b)
	}
	return *slot
}

// text returns what a JSON string of the record means.
func (d *recordDecoder) text(raw []byte, escaped bool) string {
	if escaped || !d.utf8 {
		return d.unquote(raw)
	}
	return d.texts.text(raw[1 : len(raw)-1])
}

// plain returns the text that stands for itself in a JSON string.
func (d *recordDecoder) plain(inside []byte) string {
	if utf8.Valid(inside) {
		return d.texts.text(inside)
	}
	return d.texts.text(bytes.ToValidUTF8(inside, []byte("\uFFFD")))
}

// unquote is text for JSON strings of any form. Where one is no Unicode, U+FFFD
// stands, and the record counts as mended.
func (d *recordDecoder) unquote(raw []byte) string {
	var err error
	d.scratch, err = jsontext.AppendUnquote(d.scratch[:0], raw)
	if err != nil && !d.mended {
		d.mended = true
		d.note(InvalidText)
	}
	return d.texts.text(d.scratch)
}

// number returns the value of a JSON number: an integer if it is written as one
// and fits, else the nearest float; the text if it fits neither.
func (d *recordDecoder) number(raw []byte) entity.Value {
	if n, ok := smallInt(raw); ok {
		return entity.IntValue(n)
	}
	if bytes.ContainsAny(raw, ".eE") {
		if f, err := strconv.ParseFloat(string(raw), 64); err == nil {
			return entity.FloatValue(f)
		}
	} else if n, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
		return entity.IntValue(n)
	}
	return entity.StringValue(d.texts.text(raw))
}

// smallInt reads an integer of up to 18 digits.
func smallInt(raw []byte) (n int64, ok bool) {
	number := bytes.TrimPrefix(raw, []byte{'-'})
	if len(number) > 18 {
		return 0, false
	}
	for _, c := range number {
		if !isDigit(c) {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if len(number) < len(raw) {
		n = -n
	}
	return n, true
}

// jsonText returns a list or an object as compact JSON with each text in its
// shortest form. The error is errRepeated.
func (d *recordDecoder) jsonText(raw []byte) (string, error) {
	if d.utf8 && !bytes.ContainsAny(raw, "\\{ \t\r\n") {
		return d.texts.text(raw), nil
	}
	var err error
	d.scratch, err = jsontext.AppendFormat(d.scratch[:0], raw, jsontext.AllowInvalidUTF8(true))
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return "", errRepeated
	}
	return d.texts.text(d.scratch), nil
}
