// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// sniffSize is how many bytes of a file may be looked at to learn its form.
const sniffSize = 64 << 10

// lax checks the grammar of JSON alone.
var lax = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}

// A bundleInput counts what it hands on, and hands on no more than its budget.
type bundleInput struct {
	r      *bufio.Reader
	read   int64
	lines  int // newlines read
	budget int64
	err    error // what r failed with
}

func (in *bundleInput) Read(p []byte) (int, error) {
	if in.budget <= 0 {
		return 0, ErrRecordTooLarge
	}
	n, err := in.r.Read(p[:min(int64(len(p)), in.budget)])
	in.read += int64(n)
	in.budget -= int64(n)
	in.lines += bytes.Count(p[:n], newline)
	if err != nil && !errors.Is(err, io.EOF) {
		in.err = err
	}
	return n, err
}

var newline = []byte{'\n'}

// open learns the form of the file and makes the decoder.
func (b *BundleReader) open() error {
	head, err := b.in.r.Peek(sniffSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return b.fail(err)
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")):
		_, _ = b.in.r.Discard(3) // cannot fail: the bytes are there
		b.bom, b.in.read = 3, 3
		head = head[3:]
	case bytes.HasPrefix(head, []byte("\xFF\xFE")), bytes.HasPrefix(head, []byte("\xFE\xFF")):
		return b.fail(ErrUTF16)
	}
	form, ok := sniff(head)
	if !ok {
		return b.fail(ErrNotBundle)
	}
	b.form = form
	b.in.budget = b.opts.MaxRecord
	b.dec = jsontext.NewDecoder(b.in, lax...)
	if form == InLines {
		return nil
	}
	b.inList = form == InArray
	if _, err := b.dec.ReadToken(); err != nil {
		return b.fail(err)
	}
	return nil
}

// sniff tells the form of a file from its beginning. It reports false if no
// file that can be read begins like that.
func sniff(head []byte) (BundleForm, bool) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(head), lax...)
	switch dec.PeekKind() {
	case '[':
		return InArray, true
	case '{':
	default:
		return 0, false
	}
	_, _ = dec.ReadToken() // cannot fail after PeekKind
	for dec.PeekKind() == '"' {
		name, err := dec.ReadValue()
		if err != nil {
			break
		}
		switch kind := dec.PeekKind(); {
		case string(name) == `"objects"` && kind == '{', string(name) == `"object_refs"`:
			return InLines, true
		case string(name) == `"objects"`:
			return InBundle, true
		case string(name) == `"type"` && kind == '"':
			if typ, err := dec.ReadValue(); err == nil && string(typ) != `"bundle"` {
				return InLines, true
			}
			return InBundle, true
		}
		if dec.SkipValue() != nil {
			break
		}
	}
	return InBundle, true
}

// element reads the next object of the file, and returns io.EOF behind the last.
func (b *BundleReader) element() (jsontext.Value, error) {
	for {
		b.in.budget = b.opts.MaxRecord
		switch kind := b.dec.PeekKind(); {
		case b.inList && kind == ']':
			if _, err := b.dec.ReadToken(); err != nil {
				return nil, b.fail(err)
			}
			b.inList = false
			if b.form == InArray {
				return nil, b.end()
			}
		case b.inList || b.form == InLines:
			return b.value()
		case kind == '}':
			if _, err := b.dec.ReadToken(); err != nil {
				return nil, b.fail(err)
			}
			return nil, b.end()
		default:
			if err := b.member(); err != nil {
				return nil, b.fail(err)
			}
		}
	}
}

// value reads one object of the file whole.
func (b *BundleReader) value() (jsontext.Value, error) {
	raw, err := b.dec.ReadValue()
	switch {
	case b.form == InLines && errors.Is(err, io.EOF): // between two values
		return nil, io.EOF
	case err != nil:
		return nil, b.fail(err)
	case int64(len(raw)) > b.opts.MaxRecord:
		return nil, b.fail(ErrRecordTooLarge)
	}
	b.index++
	return raw, nil
}

// member reads one member of the bundle, or the beginning of its objects.
func (b *BundleReader) member() error {
	name, err := b.dec.ReadValue()
	if err != nil {
		return err
	}
	objects, typ := string(name) == `"objects"`, string(name) == `"type"`
	if objects && b.dec.PeekKind() == '[' {
		b.inList, b.isBundle = true, true
		_, err := b.dec.ReadToken()
		return err
	}
	raw, err := b.dec.ReadValue()
	if typ && string(raw) == `"bundle"` {
		b.isBundle = true
	}
	return err
}

// end checks that nothing follows the bundle, and returns io.EOF.
func (b *BundleReader) end() error {
	_, err := b.dec.ReadToken()
	switch {
	case err == nil:
		return b.fail(ErrTrailingData)
	case !errors.Is(err, io.EOF):
		return b.fail(err)
	case b.form == InBundle && !b.isBundle:
		return b.fail(ErrNotBundle)
	}
	return io.EOF
}

// start returns the offset at which raw, which was read last, begins.
func (b *BundleReader) start(raw []byte) int64 {
	return b.bom + b.dec.InputOffset() - int64(len(raw))
}

// part returns the place of raw, which was read last.
func (b *BundleReader) part(raw []byte) RawPart {
	return RawPart{b.start(raw), int64(len(raw)), b.index - 1}
}

// place returns the place of raw, which was read last.
func (b *BundleReader) place(raw []byte) Place { return b.form.place(b.part(raw)) }

// fail makes the error that ends the reading.
func (b *BundleReader) fail(err error) error {
	e := &BundleError{Name: b.opts.Name, Place: Place{Offset: b.in.read}, Err: err}
	var unread []byte // behind the place
	if b.dec != nil {
		e.Place = Place{b.bom + b.dec.InputOffset(), string(b.dec.StackPointer())}
		unread = b.dec.UnreadBuffer()
	}
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, ErrRecordTooLarge):
		e.Place.Path = b.form.path(b.index)
		e.Err = fmt.Errorf("%w (%d bytes)", ErrRecordTooLarge, b.opts.MaxRecord)
	case errors.As(err, &syntax):
		skip := b.bom + syntax.ByteOffset - e.Place.Offset
		e.Place = Place{b.bom + syntax.ByteOffset, string(syntax.JSONPointer)}
		e.Err = syntax.Err
		unread = unread[min(max(skip, 0), int64(len(unread))):]
	}
	if b.in.err != nil {
		e.Err = b.in.err
	}
	e.Line = b.in.lines - bytes.Count(unread, newline) + 1
	return e
}
