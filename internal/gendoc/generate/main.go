// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Command generate writes the generated pages of the manual.
package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/kestrelhunt/kestrel/internal/gendoc"
)

//go:generate go run . ../../../diag/code.go ../../../docs/diagnostics.md

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: generate CODE.go PAGE.md")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(source, page string) error {
	groups, err := gendoc.Codes(source)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := gendoc.WriteCodes(&b, groups); err != nil {
		return err
	}
	return os.WriteFile(page, b.Bytes(), 0o644)
}
