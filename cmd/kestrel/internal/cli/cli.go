// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package cli is the command line of Kestrel: its commands, flags, output and
// exit codes. It prints what a session says and decides nothing about hunts.
//
// What hunts display goes to standard output, in the form that is asked for;
// what is wrong with them, log lines and progress go to standard error. Nothing
// that comes from data reaches a terminal unescaped.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/datasource/profile"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/display"
	"github.com/kestrelhunt/kestrel/internal/config"
)

// The exit codes of the program.
const (
	exitOK       = 0
	exitFailed   = 1   // a hunt failed, a check found errors, a file was not readable
	exitUsage    = 2   // the arguments or the settings are wrong
	exitPartial  = 3   // with --strict: an answer may lack something
	exitCanceled = 130 // interrupted
)

// A Program is what main gives to the commands.
type Program struct {
	Version string

	// Open makes a session for one hunt.
	Open func(Options) (Session, error)

	// Check says what is wrong with a hunt, without running it.
	Check func(Options, *diag.File) diag.List

	// Profiles knows the sources that are configured; nil knows none of their
	// connectors.
	Profiles *profile.Driver

	// Now is the clock; nil means the system's.
	Now func() time.Time
}

// Options configure a session.
type Options struct {
	Settings *config.Session                      // never nil
	Environ  []string                             // variables of the environment, each as NAME=value
	Now      time.Time                            // the present; zero: let the clock run
	ID       string                               // of the session, "" for a new one
	Folder   string                               // for the session's files, "" for one that it makes
	HuntDir  string                               // the folder of the hunt, "" if it is in no file
	Debug    bool                                 // keep what helps to find a fault
	Log      *slog.Logger                         // nil is as good as one that nobody reads
	Progress func(done, total int64, unit string) // nil if nobody looks
}

// A Session runs hunts.
type Session interface {
	// Execute runs the hunt in file. The result holds what it did up to a
	// failure; the error is not nil if it failed.
	Execute(ctx context.Context, file *diag.File) (Result, error)

	// Explain says what the hunt in file would do, or only how it would compute
	// the variable of a name, without running it or asking any source.
	Explain(ctx context.Context, file *diag.File, name string) (Result, error)

	// Close ends the session and removes what it left on disk.
	Close() error
}

// A Result is what a hunt did.
type Result struct {
	Displays    []display.Display
	Diagnostics diag.List

	Sources []datasource.Count

	// Variables that the hunt bound. They are written as JSON and not looked at
	// otherwise.
	Variables any
}

// Main runs the command line of the process and returns its exit code.
func Main(p Program) int {
	a := &app{
		Program: p,
		stdin:   os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		environ: os.Environ(),
	}
	return interruptible(context.Background(), func(ctx context.Context) int {
		return a.run(ctx, os.Args[1:])
	})
}

// An app is one run of the program.
type app struct {
	Program
	stdin          io.Reader
	stdout, stderr io.Writer
	environ        []string // variables of the environment, each as NAME=value
}

// getenv returns a variable of the environment, "" if it is not set.
func (a *app) getenv(name string) string {
	v, _ := config.Environment{Vars: a.environ}.Get(name)
	return v
}

// errFailed says that a command failed and has said why.
var errFailed = errors.New("failed")

// errPartial says that --strict does not accept an answer.
var errPartial = errors.New("the answer is partial, which --strict does not accept")

// A usageError says that the arguments are wrong.
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message }

// usagef returns a usageError.
func usagef(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// run runs a command line and returns the exit code.
func (a *app) run(ctx context.Context, args []string) int {
	root := a.rootCommand()
	root.SetArgs(args)
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitOK
	}
	if _, ok := errors.AsType[*usageError](err); ok {
		fmt.Fprintf(a.stderr, "kestrel: %s\nusage: %s\nFor more, run: %s --help\n",
			diag.Escape(err.Error()), cmd.UseLine(), cmd.CommandPath())
		return exitUsage
	}
	if errors.Is(err, errMisconfigured) {
		return exitUsage
	}
	switch {
	case errors.Is(err, errFailed):
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(a.stderr, "kestrel: interrupted")
	default:
		fmt.Fprintf(a.stderr, "kestrel: %s\n", diag.Escape(err.Error()))
	}
	switch {
	case ctx.Err() != nil:
		return exitCanceled
	case errors.Is(err, errPartial):
		return exitPartial
	}
	return exitFailed
}

// files is the check of arguments that are one or more files.
func files(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usagef("name a file, or - for standard input")
	}
	return nil
}

// maxReported is how many diagnostics are written for people. A file that is no
// hunt at all can have very many.
const maxReported = 100

// report writes diagnostics to standard error.
func (a *app) report(l diag.List) error {
	if len(l) == 0 {
		return nil
	}
	o := diag.RenderOptions{Color: a.color(a.stderr), Width: terminalWidth(a.stderr)}
	if err := diag.Render(a.stderr, l[:min(len(l), maxReported)], o); err != nil {
		return fmt.Errorf("write diagnostics: %w", err)
	}
	if more := len(l) - maxReported; more > 0 {
		fmt.Fprintf(a.stderr, "\nand %d more\n", more)
	}
	return nil
}
