// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/kestrelhunt/kestrel/diag"
)

const checkLong = `Check says what is wrong with hunts without running them: problems of the
text, and of its meaning as far as that can be known without data. It asks no
data source.

It exits with 1 if a hunt has errors or cannot be read; warnings alone do not
count. With --json it writes a list of problems for tools to standard output.`

func (a *app) checkCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check [--json] FILE...",
		Short: "Say what is wrong with hunts",
		Long:  checkLong,
		Args:  files,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.check(cmd.Context(), args, asJSON)
		},
		DisableFlagsInUseLine: true,
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write the problems as JSON")
	return cmd
}

func (a *app) check(ctx context.Context, names []string, asJSON bool) error {
	o, err := a.options(sessionFlags{})
	if err != nil {
		return err
	}
	var all diag.List
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		file, err := a.readHunt(name)
		if err != nil {
			all = append(all, fileFailed(err))
			continue
		}
		all = append(all, a.Check(o, file)...)
	}
	if asJSON {
		text, err := json.Marshal(all)
		if err != nil {
			return fmt.Errorf("write diagnostics: %w", err)
		}
		if _, err := a.stdout.Write(append(diag.EscapeJSON(text), '\n')); err != nil {
			return fmt.Errorf("write diagnostics: %w", err)
		}
	} else if err := a.report(all); err != nil {
		return err
	}
	if all.Err() != nil {
		return errFailed
	}
	return nil
}
