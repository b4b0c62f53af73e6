// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/syntax"
)

// fmtFlags are the flags of the command that formats hunts.
type fmtFlags struct{ diff, write bool }

const fmtLong = `Fmt writes hunts in the one layout that all hunts should have. Comments stay,
and a hunt means the same afterwards. A hunt with faults in its text is
reported and left alone.

Without flags the result goes to standard output. With -w it replaces the file;
with -d the changes are shown, and the exit code is 1 if there are any.`

func (a *app) fmtCommand() *cobra.Command {
	var flags fmtFlags
	cmd := &cobra.Command{
		Use:   "fmt [-d | -w] FILE...",
		Short: "Lay out hunts",
		Long:  fmtLong,
		Args:  files,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.format(cmd.Context(), args, flags)
		},
		DisableFlagsInUseLine: true,
	}
	cmd.Flags().BoolVarP(&flags.diff, "diff", "d", false, "show the changes instead of the result")
	cmd.Flags().BoolVarP(&flags.write, "write", "w", false, "write the result to the file")
	return cmd
}

// format formats hunts one by one. One that cannot be formatted does not keep
// the others from it.
func (a *app) format(ctx context.Context, names []string, flags fmtFlags) error {
	if flags.diff && flags.write {
		return usagef("-d and -w do not go together")
	}
	if flags.write && slices.Contains(names, stdinName) {
		return usagef("standard input cannot be written with -w")
	}
	failed := false
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		clean, err := a.formatFile(name, flags)
		if err != nil {
			return err
		}
		failed = failed || !clean
	}
	if failed {
		return errFailed
	}
	return nil
}

// formatFile formats one hunt and reports what keeps it from that. It returns
// false if the hunt could not be formatted, or if flags ask for a difference
// and there is one. An error means that output cannot be written.
func (a *app) formatFile(name string, flags fmtFlags) (clean bool, err error) {
	file, err := a.readHunt(name)
	if err != nil {
		return false, a.report(diag.List{fileFailed(err)})
	}
	text, faults := syntax.FormatFile(file)
	if faults.Err() != nil {
		return false, a.report(faults)
	}
	switch {
	case flags.write && text == file.Text:
		return true, nil
	case flags.write:
		if err := replace(name, text); err != nil {
			return false, a.report(diag.List{fileFailed(fmt.Errorf("cannot write %s: %w", name, err))})
		}
		return true, nil
	case flags.diff:
		shown := diag.Escape(file.Name)
		delta := diff.Diff(shown+".orig", []byte(file.Text), shown, []byte(text))
		return delta == nil, a.print(string(delta))
	}
	return true, a.print(text)
}

// print writes text of the user's files to standard output: as it is, unless
// that is a terminal.
func (a *app) print(text string) error {
	if _, ok := terminal(a.stdout); ok {
		text = diag.EscapeText(text)
	}
	if _, err := io.WriteString(a.stdout, text); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	return nil
}

// replace gives a file a new text, all of it or none. The file keeps its mode,
// and a link to it stays a link.
func replace(name, text string) error {
	name, err := filepath.EvalSymlinks(name)
	if err != nil {
		return cause(err)
	}
	info, err := os.Stat(name)
	if err != nil {
		return cause(err)
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".kestrel-*")
	if err != nil {
		return cause(err)
	}
	if err := fill(f, text, info.Mode().Perm()); err != nil {
		return errors.Join(cause(err), os.Remove(f.Name()))
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return errors.Join(cause(err), os.Remove(f.Name()))
	}
	return nil
}

// fill writes text to f, gives it a mode and closes it.
func fill(f *os.File, text string, mode os.FileMode) error {
	_, err := f.WriteString(text)
	if err == nil {
		err = f.Chmod(mode)
	}
	return errors.Join(err, f.Close())
}
