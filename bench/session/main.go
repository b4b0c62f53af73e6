// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Command session measures what a command line cannot: blocks that follow one
// another in one session. It prints one line for each, with milliseconds of
// wall time.
//
//	go run ./bench/session BUNDLE NAME
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/kestrelhunt/kestrel"
	"github.com/kestrelhunt/kestrel/standard"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: session BUNDLE NAME")
		os.Exit(2)
	}
	if err := measure(context.Background(), os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintf(os.Stderr, "session: %v\n", err)
		os.Exit(1)
	}
}

// A block is a hunt to be timed.
type block struct{ label, hunt string }

// measure runs a GET twice in one session, another GET over the same file in a
// second, and both in one block of a third.
func measure(ctx context.Context, bundle, name string) error {
	one := fmt.Sprintf("p = GET process FROM 'file://%s' WHERE name = '%s'\n", bundle, name)
	other := fmt.Sprintf("n = GET network-traffic FROM 'file://%s' WHERE dst_port = 4444\n", bundle)
	for _, blocks := range [][]block{
		{{"first", one}, {"again", one}},
		{{"other", other}},
		{{"both", one + other}},
	} {
		if err := inSession(ctx, blocks); err != nil {
			return err
		}
	}
	return nil
}

// inSession runs blocks in a session of their own and prints how long each took.
func inSession(ctx context.Context, blocks []block) (err error) {
	s, err := kestrel.New(kestrel.Config{Drivers: standard.Drivers(), NoSummary: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for _, b := range blocks {
		start := time.Now()
		if _, err := s.Execute(ctx, b.hunt); err != nil {
			return err
		}
		fmt.Printf("%s\t%.3f\n", b.label, float64(time.Since(start))/float64(time.Millisecond))
	}
	return nil
}
