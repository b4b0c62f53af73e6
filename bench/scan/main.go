// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Command scan reads a STIX bundle as strictly as JSON can be read, a record at
// a time, and keeps nothing. It is the yardstick for a filtered GET: what is
// faster has not looked at every byte.
//
//	go run ./bench/scan bench/data/100000.json
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/go-json-experiment/json/jsontext"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: scan BUNDLE")
		os.Exit(2)
	}
	n, err := scan(os.Args[1])
	if err != nil {
		fmt.Fprintf(os.Stderr, "scan: %v\n", err)
		os.Exit(1)
	}
	fmt.Println(n)
}

// scan returns the number of values in the array named objects.
func scan(path string) (int, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	dec := jsontext.NewDecoder(f) // strict: grammar, UTF-8, distinct names
	if _, err := dec.ReadToken(); err != nil {
		return 0, err
	}
	n := 0
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return n, err
		}
		if name.String() != "objects" || dec.PeekKind() != '[' {
			if err := dec.SkipValue(); err != nil {
				return n, err
			}
			continue
		}
		if _, err := dec.ReadToken(); err != nil {
			return n, err
		}
		for dec.PeekKind() != ']' {
			if _, err := dec.ReadValue(); err != nil {
				return n, err
			}
			n++
		}
		if _, err := dec.ReadToken(); err != nil {
			return n, err
		}
	}
	if _, err := dec.ReadToken(); err != nil {
		return n, err
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return n, fmt.Errorf("%s: text after the bundle", path)
	}
	return n, nil
}
