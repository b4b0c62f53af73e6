// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Command generate makes the records of the sample incident: a day on two
// hosts, most of it ordinary, in which an intruder takes over a web server,
// reaches a workstation through it, and carries files away.
//
//	go run ./examples/incident/generate -out examples/incident/bundle.json
//
// It first lets the day happen, as typed events in memory, and then writes the
// events in a format of records. Equal seeds give equal bytes, on every machine
// and with every release of Go. The story stands in the README.md one folder
// up; it is the same with every seed, the ordinary work around it is not.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	out := flag.String("out", "", "file to write; standard output if empty")
	seed := flag.Uint64("seed", defaultSeed, "what the ordinary work of the day follows from")
	format := flag.String("format", "stix20", "format of the records: stix20, or ecs")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "generate: unexpected argument %q\n", flag.Arg(0))
		os.Exit(2)
	}
	write := writer(*format)
	if write == nil {
		fmt.Fprintf(os.Stderr, "generate: unknown format %q; known: stix20, ecs\n", *format)
		os.Exit(2)
	}
	if err := generate(*out, write, *seed); err != nil {
		fmt.Fprintf(os.Stderr, "generate: %v\n", err)
		os.Exit(1)
	}
}

// defaultSeed is that of the bundle beside the hunt.
const defaultSeed = 20260317

// writer returns the function that writes a format, nil for an unknown one.
func writer(format string) func(io.Writer, *incident) error {
	switch format {
	case "stix20":
		return writeSTIX20
	case "ecs":
		return writeECS
	}
	return nil
}

// generate writes the incident that follows from a seed to a file.
func generate(path string, write func(io.Writer, *incident) error, seed uint64) error {
	in := newIncident(seed)
	if path == "" {
		return write(os.Stdout, in)
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := write(f, in); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", path, err), f.Close())
	}
	return f.Close()
}
