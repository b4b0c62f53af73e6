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
	"github.com/kestrelhunt/kestrel/entity"
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
	s, err := kestrel.New(configOf(o))
	if err != nil {
		return nil, err
	}
	return session{s}, nil
}

// configOf returns the configuration of a session: what the settings say, then
// what the command line says.
func configOf(o cli.Options) kestrel.Config {
	set := o.Settings
	c := kestrel.Config{
		Drivers: standard.Drivers(),
		HuntDir: o.HuntDir,
		ID:      o.ID,
		Folder: kestrel.Folder{
			Path: o.Folder, Prefix: set.FolderPrefix, Log: set.LogFile,
			Link: set.DebugPrefix, Marker: set.ExitMarker, Keep: int(set.KeptSessions),
		},
		Debug:           o.Debug,
		Environ:         o.Environ,
		DefaultVariable: set.DefaultVariable,
		DefaultScheme:   set.DefaultSourceScheme,
		SortAscending:   set.SortAscending,
		Widen:           &entity.Offsets{Begin: set.StartOffset, End: set.StopOffset},
		Completion:      &set.Completion,
		NoSummary:       !set.Summary,
		MemoryLimit:     set.MemoryLimit << 20,
		Progress:        o.Progress,
		Log:             o.Log,
	}
	if set.KeptSessions == 0 {
		c.Folder.Keep = -1 // 0 means the default
	}
	c.Now, c.Clock = o.Clocks()
	return c
}

// check says what is wrong with a hunt, given no variables.
func check(o cli.Options, file *diag.File) diag.List {
	s, err := kestrel.New(configOf(o))
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
		Sources:     r.Sources,
	}, err
}

// list returns elements as what JSON writes as an array, also if it is empty.
func list[T any](elements []T) []T {
	if elements == nil {
		return []T{}
	}
	return elements
}
