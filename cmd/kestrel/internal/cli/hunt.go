// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/display"
)

// hunt runs the hunt in file, which lies in folder dir, and writes what it
// shows.
func (a *app) hunt(ctx context.Context, file *diag.File, dir string, flags huntFlags) (err error) {
	progress := newProgress(a.stderr)
	session, err := a.Open(Options{
		HuntDir:  dir,
		Debug:    flags.debug,
		Log:      a.logger(flags),
		Progress: progress.reporter(),
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	result, failure := session.Execute(ctx, file)
	progress.finish()
	if flags.noSummary {
		result.Displays = slices.DeleteFunc(slices.Clone(result.Displays), func(d display.Display) bool {
			_, ok := d.(*display.Summary)
			return ok
		})
	}
	return a.finish(file, result, failure, flags.output)
}

// finish writes a result and what is wrong with it.
func (a *app) finish(file *diag.File, result Result, failure error, output string) error {
	if err := a.write(file, result, failure != nil, output); err != nil {
		return err
	}
	if err := a.report(result.Diagnostics); err != nil {
		return err
	}
	if failure != nil && result.Diagnostics.Err() == nil {
		return failure
	}
	if failure != nil {
		return errFailed
	}
	return nil
}

// logger returns the logger that flags ask for.
func (a *app) logger(flags huntFlags) *slog.Logger {
	level := slog.LevelInfo
	switch {
	case flags.debug:
		level = slog.LevelDebug
	case !flags.verbose:
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(a.stderr, &slog.HandlerOptions{Level: level}))
}

// write writes a result to standard output.
func (a *app) write(file *diag.File, r Result, failed bool, form string) error {
	var err error
	switch {
	case form == "json":
		err = writeJSON(a.stdout, r)
	case form == "html":
		err = writePage(a.stdout, file.Name, r)
	case failed && len(r.Displays) == 0: // there is nothing to show
	default:
		err = display.WriteText(a.stdout, r.Displays, display.Style{Width: terminalWidth(a.stdout)})
	}
	if err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	return nil
}

// writeJSON writes a result as one JSON document on one line.
func writeJSON(w io.Writer, r Result) error {
	text, err := json.Marshal(struct {
		Displays    []display.Display `json:"displays"`
		Variables   any               `json:"variables"`
		Sources     any               `json:"sources"`
		Diagnostics diag.List         `json:"diagnostics"`
	}{notNil(r.Displays), orEmpty(r.Variables), orEmpty(r.Sources), r.Diagnostics})
	if err != nil {
		return err
	}
	_, err = w.Write(append(diag.EscapeJSON(text), '\n'))
	return err
}

func notNil(ds []display.Display) []display.Display {
	if ds == nil {
		return []display.Display{}
	}
	return ds
}

func orEmpty(list any) any {
	if list == nil {
		return []any{}
	}
	return list
}
