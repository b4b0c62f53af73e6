// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/datasource/profile"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/display"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/secret"
)

const sourceLong = `Source is about the data sources that hunts name as stixshifter://NAME. They are
profiles in the file ~/.config/kestrel/stixshifter.yaml (or the one that
KESTREL_STIXSHIFTER_CONFIG names) and in the variables STIXSHIFTER_<NAME>_CONNECTOR,
_CONNECTION and _CONFIG.`

// sourceCommand returns the commands about data sources.
func (a *app) sourceCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "source COMMAND",
		Short: "List, check and ask data sources",
		Long:  sourceLong,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("there is no command source %s", args[0])
			}
			return usagef("name a command: list, check, query or translate")
		},
		RunE: func(*cobra.Command, []string) error { return nil },

		DisableFlagsInUseLine: true,
	}
	cmd.AddCommand(a.sourceListCommand(), a.sourceCheckCommand(), a.sourceQueryCommand(), a.sourceTranslateCommand())
	return cmd
}

const sourceListLong = `List names all profiles, what they are and where they are defined, and says which
cannot be used and why. It asks no source.

It exits with 1 if the file with profiles cannot be read.`

func (a *app) sourceListCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list [--json]",
		Short: "List data sources",
		Long:  sourceListLong,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("list takes no names")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withEnv(func(env datasource.Env) error { return a.listSources(cmd.Context(), env, asJSON) })
		},
		DisableFlagsInUseLine: true,
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write the list as JSON")
	return cmd
}

// profiles returns the driver of profiles.
func (a *app) profiles() *profile.Driver {
	if a.Profiles == nil {
		return new(profile.Driver)
	}
	return a.Profiles
}

// now returns the time.
func (a *app) now() time.Time {
	if a.Now == nil {
		return time.Now()
	}
	return a.Now()
}

// withEnv calls f with what a session lends drivers. The folder for downloads is
// removed afterwards.
func (a *app) withEnv(f func(datasource.Env) error) (err error) {
	dir, err := os.Getwd()
	if err != nil {
		return fmt.Errorf("find the working directory: %w", err)
	}
	cache := ""
	defer func() {
		if cache != "" {
			err = errors.Join(err, os.RemoveAll(cache))
		}
	}()
	return f(datasource.Env{Dir: dir, Now: a.now, Environ: a.environ, Cache: func() (string, error) {
		if cache == "" {
			if cache, err = os.MkdirTemp("", "kestrel-source-"); err != nil {
				return "", err
			}
		}
		return cache, nil
	}})
}

// A listedSource is one profile, as JSON has it.
type listedSource struct {
	Name      string   `json:"name"`
	Connector string   `json:"connector,omitempty"`
	Dialects  []string `json:"dialects,omitempty"`
	Host      string   `json:"host,omitempty"`
	Defined   string   `json:"defined,omitempty"`
	Bridged   bool     `json:"bridged,omitempty"` // asked through Python stix-shifter
	Usable    bool     `json:"usable"`
	Problem   string   `json:"problem,omitempty"`
	Remedy    string   `json:"remedy,omitempty"`
	Warnings  []string `json:"warnings,omitempty"`
}

// connectorText returns the connector as profiles name it, "" if there is none.
func (s listedSource) connectorText() string {
	text := strings.Join(append([]string{s.Connector}, s.Dialects...), ":")
	if s.Bridged {
		return "bridge:" + text
	}
	return text
}

func listed(d profile.Description) listedSource {
	l := listedSource{
		Name: d.Name, Connector: d.Connector, Dialects: d.Dialects, Host: secret.MaskURLs(d.Host),
		Defined: d.Place, Bridged: d.Bridged, Usable: d.Err == nil,
	}
	l.Problem, l.Remedy = trouble(d.Err)
	for _, n := range d.Notes {
		l.Warnings = append(l.Warnings, n.Message)
	}
	return l
}

// trouble returns what an error says and what to do about it.
func trouble(err error) (problem, remedy string) {
	if err == nil {
		return "", ""
	}
	var f *datasource.Failure
	var d diag.Diagnostic
	switch {
	case errors.As(err, &f):
		return f.Error(), f.Remedy()
	case errors.As(err, &d):
		return d.Message, d.Hint
	}
	return err.Error(), ""
}

func (a *app) listSources(ctx context.Context, env datasource.Env, asJSON bool) error {
	all, failed := a.profiles().DescribeAll(ctx, env)
	sources := make([]listedSource, 0, len(all))
	for _, d := range all {
		sources = append(sources, listed(d))
	}
	if err := a.writeSources(sources, asJSON); err != nil {
		return fmt.Errorf("write list: %w", err)
	}
	if failed != nil {
		return a.fail(failureOf(failed))
	}
	return nil
}

func (a *app) writeSources(sources []listedSource, asJSON bool) error {
	if asJSON {
		return a.writeJSON(sources)
	}
	if len(sources) == 0 {
		_, err := fmt.Fprintln(a.stdout, "There are no profiles. kestrel source --help says where to define them.")
		return err
	}
	t := &display.Table{Columns: []string{"name", "connector", "host", "state"}}
	for _, s := range sources {
		state := "ok"
		if s.Problem != "" {
			state = s.Problem
		}
		t.Rows = append(t.Rows, []entity.Value{
			entity.StringValue(s.Name), entity.StringValue(s.connectorText()), entity.StringValue(s.Host), entity.StringValue(state),
		})
	}
	return t.WriteText(a.stdout, display.Style{})
}

// writeJSON writes a value as JSON on one line.
func (a *app) writeJSON(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = a.stdout.Write(append(diag.EscapeJSON(text), '\n'))
	return err
}

// failureOf returns an error of a source as a diagnostic.
func failureOf(err error) diag.Diagnostic {
	d := diag.Diagnostic{Code: diag.StepFailed, Message: err.Error(), Cause: err}
	var f *datasource.Failure
	switch {
	case errors.As(err, &d):
	case errors.Is(err, context.Canceled):
		d.Code, d.Message = diag.Canceled, "canceled"
	case errors.As(err, &f):
		d.Code, d.Hint = f.Kind.Code(), f.Remedy()
	}
	return d
}

// notesOf returns what is to be said about the answers of sources.
func notesOf(counts []datasource.Count) diag.List {
	var out diag.List
	for _, c := range counts {
		for _, n := range c.Notes {
			out = append(out, diag.Diagnostic{
				Code: n.Code, Severity: diag.Warning, Message: c.Source + ": " + n.Message, Hint: n.Hint,
			})
		}
	}
	return out
}
