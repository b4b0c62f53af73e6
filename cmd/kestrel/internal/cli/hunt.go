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
	"strings"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/display"
	"github.com/kestrelhunt/kestrel/internal/journal"
)

// hunt runs the hunt in file, which lies in folder dir, and writes what it
// shows.
func (a *app) hunt(ctx context.Context, file *diag.File, dir string, flags huntFlags) (err error) {
	o, err := a.options(flags.session)
	if err != nil {
		return err
	}
	progress := newProgress(a.stderr)
	o.HuntDir, o.Log, o.Progress = dir, a.logger(flags), progress.reporter()
	session, err := a.open(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	result, failure := session.Execute(ctx, file)
	progress.finish()
	if err := a.finish(file, result, failure, flags.output); err != nil {
		return err
	}
	if flags.strict && slices.ContainsFunc(result.Sources, datasource.Count.Partial) {
		return errPartial
	}
	return nil
}

// finish writes a result and what is wrong with it.
func (a *app) finish(file *diag.File, result Result, failure error, output string) error {
	if err := a.write(file, result, failure != nil, output); err != nil {
		return err
	}
	if err := a.report(result.Diagnostics); err != nil {
		return err
	}
	a.account(result.Sources)
	if failure != nil && result.Diagnostics.Err() == nil {
		return failure
	}
	if failure != nil {
		return errFailed
	}
	return nil
}

// maxAccounts is how many sources are accounted for in text.
const maxAccounts = 100

// account writes the counts of sources to standard error, if an answer may lack
// something.
func (a *app) account(sources []datasource.Count) {
	fmt.Fprint(a.stderr, accountText(sources))
}

// accountText returns the counts of sources whose answers may lack something, ""
// if there are none.
func accountText(sources []datasource.Count) string {
	var b strings.Builder
	n := 0
	for _, c := range sources {
		if !c.Partial() {
			continue
		}
		if n++; n <= maxAccounts {
			b.WriteString("  " + diag.Escape(c.String()) + "\n")
		}
	}
	if n == 0 {
		return ""
	}
	if more := n - maxAccounts; more > 0 {
		fmt.Fprintf(&b, "  and %d more\n", more)
	}
	return fmt.Sprintf("partial answers from %d of %d sources:\n%s", n, len(sources), b.String())
}

// logger returns the logger that flags ask for.
func (a *app) logger(flags huntFlags) *slog.Logger {
	level := slog.LevelInfo
	switch {
	case flags.session.debug:
		level = slog.LevelDebug
	case !flags.verbose:
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(journal.NewHandler(a.stderr, journal.Options{Level: level}))
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
		Displays    []display.Display  `json:"displays"`
		Variables   any                `json:"variables"`
		Sources     []datasource.Count `json:"sources"`
		Diagnostics diag.List          `json:"diagnostics"`
	}{notNil(r.Displays), orEmpty(r.Variables), notNil(r.Sources), r.Diagnostics})
	if err != nil {
		return err
	}
	_, err = w.Write(append(diag.EscapeJSON(text), '\n'))
	return err
}

// notNil returns a list that JSON writes as an array, also if it is empty.
func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func orEmpty(list any) any {
	if list == nil {
		return []any{}
	}
	return list
}
