// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
)

// maxKept bounds the bytes of lines that a Late keeps.
const maxKept = 256 << 10

// A Late is where lines go before there is a file: it keeps the last of them,
// and hands them over when the file comes, each masked. Without a file, what it
// keeps is lost with it. The zero Late is ready to use; its methods may be called
// concurrently.
type Late struct {
	// Mask is applied to what goes to the file; nil means that nothing is masked.
	// It is called once for all that was kept, then for each line.
	Mask func(string) string

	mu   sync.Mutex
	kept bytes.Buffer
	lost int // lines that were too many
	file io.WriteCloser
	err  error // the first of the file
}

// Write takes one line. It fails only with the file.
func (l *Late) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		return len(line), l.put(line)
	}
	l.kept.Write(line)
	for l.kept.Len() > maxKept {
		if _, err := l.kept.ReadBytes('\n'); err != nil {
			break
		}
		l.lost++
	}
	return len(line), nil
}

// put writes to the file and remembers its first error.
func (l *Late) put(text []byte) error {
	if l.Mask != nil {
		text = []byte(l.Mask(string(text)))
	}
	_, err := l.file.Write(text)
	if l.err == nil {
		l.err = err
	}
	return err
}

// Open hands over what was kept, and all that comes, to a file, which the Late
// closes. A second file is not taken.
func (l *Late) Open(file io.WriteCloser) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		return errors.New("journal: there is a file already")
	}
	l.file = file
	text := l.kept.Bytes()
	if l.lost > 0 {
		text = append(fmt.Appendf(nil, "(%d lines before this one were not kept)\n", l.lost), text...)
	}
	l.kept = bytes.Buffer{}
	if len(text) == 0 {
		return nil
	}
	return l.put(text)
}

// Close closes the file, if there is one, and returns the first error that it
// ever had. It is idempotent.
func (l *Late) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return errors.Join(l.err, err)
}
