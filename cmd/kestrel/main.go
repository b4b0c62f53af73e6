// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Command kestrel runs threat hunts; see kestrel --help.
package main

import (
	"context"
	"os"
	"runtime/debug"

	"github.com/kestrelhunt/kestrel"
	"github.com/kestrelhunt/kestrel/cmd/kestrel/internal/cli"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/standard"
)

// version is set by the linker when a release is built.
var version string

func main() {
	os.Exit(cli.Main(cli.Program{Version: versionText(), Open: open, Check: check, Profiles: standard.Profiles()}))
}

// versionText returns the version of the release, else that of the module.
func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}

// open makes a session that knows all drivers.
func open(o cli.Options) (cli.Session, error) {
	s, err := kestrel.New(kestrel.Config{
		Drivers:  standard.Drivers(),
		HuntDir:  o.HuntDir,
		Progress: o.Progress,
		Log:      o.Log,
	})
	if err != nil {
		return nil, err
	}
	return session{s}, nil
}

// check says what is wrong with a hunt, given no variables.
func check(file *diag.File) diag.List {
	s, err := kestrel.New(kestrel.Config{Drivers: standard.Drivers()})
	if err != nil {
		return diag.List{failure(err)}
	}
	found := s.CheckFile(file)
	if err := s.Close(); err != nil {
		found = append(found, failure(err))
	}
	return found
}

// failure returns the diagnostic for a check that could not be made.
func failure(err error) diag.Diagnostic {
	return diag.Diagnostic{Code: diag.StepFailed, Message: err.Error(), Cause: err}
}

// A session is a Session as the commands see it.
type session struct{ *kestrel.Session }

// Execute runs the hunt in file.
func (s session) Execute(ctx context.Context, file *diag.File) (cli.Result, error) {
	return result(s.ExecuteFile(ctx, file))
}

// Explain says what the hunt in file would do.
func (s session) Explain(ctx context.Context, file *diag.File, name string) (cli.Result, error) {
	return result(s.Session.Explain(ctx, file, name))
}

// result returns a result as the commands see it.
func result(r *kestrel.Result, err error) (cli.Result, error) {
	if r == nil {
		return cli.Result{}, err
	}
	return cli.Result{
		Displays:    r.Displays,
		Diagnostics: r.Diagnostics,
		Variables:   list(r.Variables),
		Sources:     list(r.Sources),
	}, err
}

// list returns elements as what JSON writes as an array, also if it is empty.
func list[T any](elements []T) []T {
	if elements == nil {
		return []T{}
	}
	return elements
}
