// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// grace is how long a command that was interrupted may take to stop.
const grace = 900 * time.Millisecond

// interruptible calls run and returns its exit code. The first interrupt of the
// process cancels the context of run; if run does not return within grace, or
// at a second interrupt, interruptible returns without it, and the caller must
// end the process.
func interruptible(ctx context.Context, run func(context.Context) int) int {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	return await(ctx, signals, grace, run)
}

// await is interruptible with the signals and the grace given.
func await(ctx context.Context, signals <-chan os.Signal, grace time.Duration, run func(context.Context) int) int {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan int, 1)
	go func() { done <- run(ctx) }()
	select {
	case code := <-done:
		return code
	case <-signals:
	}
	cancel()
	select {
	case code := <-done:
		return code
	case <-signals:
	case <-time.After(grace):
	}
	return exitCanceled
}
