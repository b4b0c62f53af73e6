// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kestrelhunt/kestrel/diag"
)

// huntFlags are the flags of the command that runs a hunt.
type huntFlags struct {
	text    string
	hasText bool
	output  string
	verbose bool
	strict  bool
	session sessionFlags
}

// outputs are the values of --output.
var outputs = []string{"text", "json", "html"}

const rootLong = `Kestrel runs threat hunts: texts of short steps about processes, connections,
files, users and addresses, over records of many data sources.

  kestrel HUNT.hf      runs the hunt in a file
  kestrel -            runs the hunt in standard input
  kestrel -c TEXT      runs the hunt in the argument

What the hunt displays goes to standard output, what is wrong with it to
standard error. If sources skipped something, failed or were cut, their counts
are written there too. Exit codes: 0 the hunt ran, 1 it failed (what it had
displayed before is printed), 2 wrong usage or settings, 3 an answer is partial
and --strict is given, 130 interrupted.`

// rootCommand returns the command that runs a hunt, with all others below it.
func (a *app) rootCommand() *cobra.Command {
	var flags huntFlags
	cmd := &cobra.Command{
		Use:           "kestrel [flags] HUNT.hf",
		Short:         "Run a threat hunt",
		Long:          rootLong,
		Version:       a.Version,
		SilenceErrors: true,
		SilenceUsage:  true,

		SuggestionsMinimumDistance: 2,
	}
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		flags.hasText = cmd.Flags().Changed("command")
		return flags.check(cmd, args)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		file := &diag.File{Name: "<command>", Text: flags.text}
		dir := ""
		if !flags.hasText {
			var err error
			if file, err = a.readHunt(args[0]); err != nil {
				return a.fail(fileFailed(err))
			}
			if args[0] != stdinName {
				dir = filepath.Dir(args[0])
			}
		}
		return a.hunt(cmd.Context(), file, dir, flags)
	}
	cmd.SetVersionTemplate("kestrel {{.Version}}\n")
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usagef("%v", err) })
	f := cmd.Flags()
	f.StringVarP(&flags.text, "command", "c", "", "run this text instead of a file")
	f.StringVar(&flags.output, "output", "text", "form of the output: text, json or html")
	f.BoolVarP(&flags.verbose, "verbose", "v", false, "log to standard error what the hunt does")
	f.BoolVar(&flags.strict, "strict", false, "exit with 3 if an answer may lack something")
	flags.session.add(f)
	cmd.AddCommand(a.checkCommand(), a.configCommand(), a.explainCommand(), a.fmtCommand(), a.patternCommand(), a.sourceCommand())
	return cmd
}

// check returns a usageError if flags and arguments do not go together.
func (f *huntFlags) check(cmd *cobra.Command, args []string) error {
	switch {
	case !slices.Contains(outputs, f.output):
		return usagef("--output is one of %s, not %q", strings.Join(outputs, ", "), f.output)
	case f.hasText && len(args) > 0:
		return usagef("give a hunt either with -c or in a file")
	case f.hasText:
		return nil
	case len(args) == 0:
		return usagef("name a hunt, or - for standard input")
	case len(args) > 1:
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			return usagef("there is no command %s; did you mean %s?", args[0], near[0])
		}
		return usagef("one hunt is run at a time, not %d", len(args))
	}
	return nil
}

// fail reports d and returns errFailed.
func (a *app) fail(d diag.Diagnostic) error {
	if err := a.report(diag.List{d}); err != nil {
		return err
	}
	return errFailed
}
