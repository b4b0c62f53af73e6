// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stixbundle

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/bzip2"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// A packedError says that compressed data are damaged.
type packedError struct {
	format string
	err    error
}

func (e *packedError) Error() string {
	if errors.Is(e.err, io.ErrUnexpectedEOF) {
		return "the " + e.format + " data end too early"
	}
	return fmt.Sprintf("the %s data are damaged: %v", e.format, e.err)
}

func (e *packedError) Unwrap() error { return e.err }

// A bundle is the text of a file, or of a file in an archive.
type bundle struct {
	name  string
	text  io.Reader
	named bool // it has to be a bundle
	plain bool // its text lies in the file as it is
}

// open calls read with the text of the file, or of each bundle in it if it is an
// archive. Bytes of the file are reported to advance. The error is a
// *datasource.Failure, a *datasource.DataError, or what read fails with.
func (f file) open(ctx context.Context, advance func(int64), read func(bundle) error) error {
	in, err := os.Open(f.path)
	if err != nil {
		return unreadable(f.name, err)
	}
	defer in.Close()
	head := make([]byte, headSize)
	n, _ := in.ReadAt(head, 0) // which reading meets again
	if head = head[:n]; bytes.HasPrefix(head, []byte(zipMagic)) {
		return f.archive(ctx, in, advance, read)
	}
	_, packing := formatOf(head)
	return unpack(&input{ctx: ctx, r: in, advance: advance}, 0, func(r io.Reader) error {
		return read(bundle{f.name, r, f.named, packing == nil})
	})
}

// zipMagic begins a zip archive that is not empty.
const zipMagic = "PK\x03\x04"

// archive reads the bundles in a zip archive, in its order: the files whose
// names are those of bundles, or the one file in it whatever its name.
func (f file) archive(ctx context.Context, in *os.File, advance func(int64), read func(bundle) error) error {
	z, err := zip.NewReader(in, f.size)
	if err != nil {
		return damaged(f.name, &packedError{"zip", err})
	}
	var entries []*zip.File
	for _, e := range z.File {
		if !e.FileInfo().IsDir() {
			entries = append(entries, e)
		}
	}
	alone := len(entries) == 1
	found := false
	for _, e := range entries {
		if !alone && !mayBeBundle(e.FileInfo().Name()) {
			continue
		}
		found = true
		err := f.entry(ctx, e, func(r io.Reader) error {
			return read(bundle{f.name + "/" + e.Name, r, f.named && alone, false})
		})
		if err != nil {
			return err
		}
		advance(int64(min(e.CompressedSize64, uint64(f.size)))) //nolint:gosec // not above the file's size
	}
	if !found {
		return notThere(f.name, "this archive has no STIX bundle", nil)
	}
	return nil
}

// entry reads one file of an archive.
func (f file) entry(ctx context.Context, e *zip.File, read func(io.Reader) error) error {
	r, err := e.Open()
	if err != nil {
		return damaged(f.name+"/"+e.Name, &packedError{"zip", err})
	}
	defer r.Close()
	in := &input{ctx: ctx, r: &packed{"zip", r}, advance: func(int64) {}}
	return unpack(in, 1, read)
}

// maxPacked is how many compressions may lie around each other.
const maxPacked = 2

// Dictionaries larger than this are refused: a file of a few bytes can ask for
// gigabytes of memory. The strongest settings of the usual programs need half.
const maxDictionary = 128 << 20

// unpack calls read with the text of r, whose beginning says how it is
// compressed.
func unpack(r io.Reader, depth int, read func(io.Reader) error) error {
	buffered := bufio.NewReaderSize(r, 64<<10)
	head, err := buffered.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) || depth >= maxPacked {
		return read(buffered) // which meets the error again
	}
	format, open := formatOf(head)
	if open == nil {
		return read(buffered)
	}
	inner, err := open(buffered)
	if err != nil {
		// Read as it is, it fails with the right place and name.
		return read(&failing{&packedError{format, eofIsEarly(err)}})
	}
	defer inner.Close()
	return unpack(&packed{format, inner}, depth+1, read)
}

// headSize is how many bytes tell the compression, and what it needs.
const headSize = 64

// formatOf returns the name of the compression that data begin with, and what
// opens it; nil if there is none.
func formatOf(head []byte) (string, func(io.Reader) (io.ReadCloser, error)) {
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return "gzip", func(r io.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) }
	case bytes.HasPrefix(head, []byte("BZh")):
		return "bzip2", func(r io.Reader) (io.ReadCloser, error) { return io.NopCloser(bzip2.NewReader(r)), nil }
	case bytes.HasPrefix(head, []byte(xzMagic)):
		return "xz", func(r io.Reader) (io.ReadCloser, error) { return openXZ(r, head) }
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return "zstd", openZstd
	}
	return "", nil
}

func openZstd(r io.Reader) (io.ReadCloser, error) {
	d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxDictionary))
	if err != nil {
		return nil, err
	}
	return d.IOReadCloser(), nil
}

func openXZ(r io.Reader, head []byte) (io.ReadCloser, error) {
	if size, ok := xzDictionary(head); ok && size > maxDictionary {
		return nil, fmt.Errorf("they need a dictionary of %d MiB, more than %d", size>>20, maxDictionary>>20)
	}
	x, err := xz.NewReader(r)
	if err != nil {
		return nil, err
	}
	return io.NopCloser(x), nil
}

// xzMagic begins an xz file (The .xz File Format, 2.1.1.1).
const xzMagic = "\xFD7zXZ\x00"

// xzDictionary returns the size of the dictionary that the first block of an xz
// file wants (The .xz File Format, 3.1 and 5.3.1). It reports false if LZMA2 is
// not its only filter, which the reader refuses by itself.
func xzDictionary(head []byte) (int64, bool) {
	const streamHeader = 12
	if len(head) < streamHeader+2 {
		return 0, false
	}
	flags, rest := head[streamHeader+1], head[streamHeader+2:]
	for _, sized := range []byte{0x40, 0x80} { // compressed, uncompressed size
		if flags&sized != 0 {
			for len(rest) > 0 && rest[0]&0x80 != 0 {
				rest = rest[1:]
			}
			rest = rest[min(1, len(rest)):]
		}
	}
	const lzma2 = 0x21
	if flags&3 != 0 || len(rest) < 3 || rest[0] != lzma2 || rest[1] != 1 || rest[2] > 40 {
		return 0, false
	}
	bits := int64(rest[2])
	return (2 | bits&1) << (bits/2 + 11), true
}

// An input is what a file holds, as it is. It ends with its context.
type input struct {
	ctx     context.Context //nolint:containedctx // an input lives as long as the call that makes it
	r       io.Reader
	advance func(int64)
}

func (in *input) Read(p []byte) (int, error) {
	if err := in.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := in.r.Read(p)
	in.advance(int64(n))
	return n, err
}

// packed marks the errors of a decompression.
type packed struct {
	format string
	r      io.Reader
}

func (p *packed) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	var known *packedError
	switch {
	case err == nil, errors.Is(err, io.EOF), errors.As(err, &known),
		errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return n, err
	}
	return n, &packedError{p.format, err}
}

// failing fails with err.
type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

// eofIsEarly turns an end of input, where there must be more, into its error.
func eofIsEarly(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
