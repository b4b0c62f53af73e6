// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

const explainLong = `Explain shows what a hunt would do, without running it: for each step that binds
a variable its plan, where each part of it would run, and the queries that data
sources would be sent. It reads no data and asks no source.

What only a run can tell stands there by its name: p.pid for the values of a
variable, <start> and <stop> for the time range that they give a GET.

  kestrel explain HUNT.hf           explains each step
  kestrel explain HUNT.hf -v procs  explains procs, back to the sources

It exits with 1 if the hunt has errors.`

func (a *app) explainCommand() *cobra.Command {
	var name, output string
	var session sessionFlags
	cmd := &cobra.Command{
		Use:   "explain [flags] HUNT.hf",
		Short: "Show what a hunt would do",
		Long:  explainLong,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case !slices.Contains(outputs, output):
				return usagef("--output is one of %s, not %q", strings.Join(outputs, ", "), output)
			case len(args) == 0:
				return usagef("name a hunt, or - for standard input")
			case len(args) > 1:
				return usagef("one hunt is explained at a time, not %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.explain(cmd.Context(), args[0], name, output, session)
		},
		DisableFlagsInUseLine: true,
	}
	cmd.Flags().StringVarP(&name, "variable", "v", "", "explain only this variable, back to the sources")
	cmd.Flags().StringVar(&output, "output", "text", "form of the output: text, json or html")
	session.addNow(cmd.Flags())
	return cmd
}

// explain explains the hunt in a file, or a variable of it.
func (a *app) explain(ctx context.Context, hunt, name, output string, flags sessionFlags) (err error) {
	file, err := a.readHunt(hunt)
	if err != nil {
		return a.fail(fileFailed(err))
	}
	dir := ""
	if hunt != stdinName {
		dir = filepath.Dir(hunt)
	}
	o, err := a.options(flags)
	if err != nil {
		return err
	}
	o.HuntDir, o.Log = dir, a.logger(huntFlags{})
	session, err := a.open(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	result, failure := session.Explain(ctx, file, name)
	return a.finish(file, result, failure, output)
}
