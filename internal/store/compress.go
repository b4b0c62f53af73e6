// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// The first bytes of compressed files and of Parquet.
var (
	gzipMagic    = []byte{0x1f, 0x8b}
	bzip2Magic   = []byte("BZh")
	xzMagic      = []byte{0xfd, '7', 'z', 'X', 'Z', 0}
	zstdMagic    = []byte{0x28, 0xb5, 0x2f, 0xfd}
	zipMagic     = []byte("PK\x03\x04")
	parquetMagic = []byte("PAR1")
	utf8Mark     = []byte("\xef\xbb\xbf")
)

// A content is the content of a file, decompressed.
type content struct {
	*bufio.Reader
	plain   bool // the file itself is not compressed
	closers []func() error
}

// openContent opens a file and takes off its compression, which its first bytes
// tell.
func openContent(name string) (*content, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	c := &content{Reader: bufio.NewReaderSize(f, 1<<16), plain: true, closers: []func() error{f.Close}}
	if err := c.decompress(f); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// Close closes the file.
func (c *content) Close() error {
	var errs []error
	for i := range c.closers {
		errs = append(errs, c.closers[len(c.closers)-1-i]())
	}
	return errors.Join(errs...)
}

func (c *content) decompress(f *os.File) error {
	head, err := c.Peek(6)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	var r io.Reader
	switch {
	case bytes.HasPrefix(head, gzipMagic):
		r, err = gzip.NewReader(c.Reader)
	case bytes.HasPrefix(head, bzip2Magic):
		r, err = bzip2.NewReader(c.Reader), nil
	case bytes.HasPrefix(head, xzMagic):
		r, err = xz.NewReader(c.Reader)
	case bytes.HasPrefix(head, zstdMagic):
		var d *zstd.Decoder
		if d, err = zstd.NewReader(c.Reader, zstd.WithDecoderConcurrency(1)); err == nil {
			c.closers = append(c.closers, func() error { d.Close(); return nil })
		}
		r = d
	case bytes.HasPrefix(head, zipMagic):
		r, err = c.unzip(f)
	default:
		return nil
	}
	if err != nil {
		return err
	}
	c.plain = false
	c.Reader = bufio.NewReaderSize(r, 1<<16)
	return nil
}

// unzip opens the first file of an archive whose name says a known format.
func (c *content) unzip(f *os.File) (io.Reader, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(f, info.Size())
	if err != nil {
		return nil, err
	}
	for _, entry := range archive.File {
		switch strings.ToLower(filepath.Ext(entry.Name)) {
		case ".csv", ".json", ".parquet":
			r, err := entry.Open()
			if err != nil {
				return nil, err
			}
			c.closers = append(c.closers, r.Close)
			return r, nil
		}
	}
	return nil, fmt.Errorf("archive without a .csv, .json or .parquet file: %w", ErrUnknownFormat)
}

// A format is how rows are written.
type format uint8

const (
	csvFormat format = iota
	jsonFormat
	parquetFormat
)

// formatOf returns what the name of a file to be written says: the format, and
// the suffix of the compression.
func formatOf(name string) (f format, compression string, err error) {
	base := strings.ToLower(filepath.Base(name))
	for _, c := range []string{".gz", ".bz2", ".zip", ".xz", ".zst"} {
		if rest, ok := strings.CutSuffix(base, c); ok {
			base, compression = rest, c
			break
		}
	}
	switch filepath.Ext(base) {
	case ".csv":
		return csvFormat, compression, nil
	case ".json":
		return jsonFormat, compression, nil
	case ".parquet":
		return parquetFormat, compression, nil
	}
	return 0, "", fmt.Errorf("name %s says no format: %w", filepath.Base(name), ErrUnknownFormat)
}

// compress returns a writer that compresses into w; name is that of the file.
func compress(w io.Writer, compression, name string) (io.WriteCloser, error) {
	switch compression {
	case "":
		return nopCloser{w}, nil
	case ".gz":
		return gzip.NewWriter(w), nil
	case ".zst":
		return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
	case ".xz":
		return xz.NewWriter(w)
	case ".zip":
		archive := zip.NewWriter(w)
		entry, err := archive.Create(strings.TrimSuffix(filepath.Base(name), filepath.Ext(name)))
		return zipEntry{entry, archive}, err
	}
	return nil, fmt.Errorf("%s files can be read but not written: %w", compression, ErrUnknownFormat)
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

// A zipEntry is the only file of an archive.
type zipEntry struct {
	io.Writer
	archive *zip.Writer
}

func (z zipEntry) Close() error { return z.archive.Close() }
