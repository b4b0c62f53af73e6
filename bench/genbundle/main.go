// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Command genbundle makes large STIX 2.0 bundles for benchmarks:
//
//	go run ./bench/genbundle -n 100000 -out bench/data/100000.json
//
// Each record has eight objects and some 1,340 bytes. A third of the records
// are starts of processes, with their parents; the others are connections. One
// process in a hundred is mimikatz.exe. Equal n and seed give equal bytes.
//
// With -format ecs it writes the events of such a fleet as documents for a bulk
// request to Elasticsearch or OpenSearch.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	n := flag.Int("n", 1000, "number of records")
	out := flag.String("out", "", "file to write; standard output if empty")
	seed := flag.Uint64("seed", 7, "seed")
	format := flag.String("format", "stix20", "stix20, or ecs")
	flag.Parse()
	writers := map[string]writer{"stix20": write, "ecs": writeECS}
	if writers[*format] == nil {
		fmt.Fprintf(os.Stderr, "genbundle: unknown format %q; known: stix20, ecs\n", *format)
		os.Exit(2)
	}
	if err := run(*out, writers[*format], *n, *seed); err != nil {
		fmt.Fprintf(os.Stderr, "genbundle: %v\n", err)
		os.Exit(1)
	}
}

// A writer writes n records made from a seed.
type writer func(w io.Writer, n int, seed uint64) error

func run(path string, write writer, n int, seed uint64) error {
	if path == "" {
		return write(os.Stdout, n, seed)
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(write(f, n, seed), f.Close())
}

// write writes a bundle of n records.
func write(w io.Writer, n int, seed uint64) error {
	out := bufio.NewWriterSize(w, 1<<20)
	f := newFleet(seed)
	identity := f.uuid()
	fmt.Fprintf(out, `{"type": "bundle", "id": "bundle--%s", "spec_version": "2.0", "objects": [`+"\n", f.uuid())
	fmt.Fprintf(out, `{"type": "identity", "id": "identity--%s", "name": "fleet", "identity_class": "events", "created": "2026-02-02T00:00:00.000Z", "modified": "2026-02-02T00:00:00.000Z"}`, identity)
	var line []byte
	for range n {
		line = f.record(append(line[:0], ",\n"...), identity)
		out.Write(line)
	}
	out.WriteString("\n]}\n")
	return out.Flush()
}
