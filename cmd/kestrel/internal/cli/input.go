// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/kestrelhunt/kestrel/diag"
)

// maxHunt is the size of the largest hunt that is read. A text beyond it is
// data that was taken for a hunt.
const maxHunt = 16 << 20

// stdinName is the argument that means standard input.
const stdinName = "-"

// readHunt reads the hunt in a file, or in standard input for "-".
func (a *app) readHunt(name string) (*diag.File, error) {
	if name == stdinName {
		text, err := readText(a.stdin)
		if err != nil {
			return nil, fmt.Errorf("cannot read standard input: %w", err)
		}
		return &diag.File{Name: "<stdin>", Text: text}, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", name, cause(err))
	}
	defer f.Close()
	text, err := readText(f)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", name, cause(err))
	}
	return &diag.File{Name: name, Text: text}, nil
}

func readText(r io.Reader) (string, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxHunt+1))
	if err != nil {
		return "", err
	}
	if len(text) > maxHunt {
		return "", fmt.Errorf("larger than %d MiB, so it is no hunt", maxHunt>>20)
	}
	return string(text), nil
}

// cause returns what is wrong with a file, without its name.
func cause(err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return pathErr.Err
	}
	return err
}

// fileFailed returns the diagnostic for a file that cannot be read or written.
func fileFailed(err error) diag.Diagnostic {
	return diag.Diagnostic{Code: diag.FileFailed, Message: err.Error(), Cause: err}
}
