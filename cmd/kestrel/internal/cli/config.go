// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/datasource/profile"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/internal/config"
	"github.com/kestrelhunt/kestrel/secret"
)

const configLong = `Config shows what is in force: all settings with their values and where each
comes from (a default, a line of a file, a variable of the environment, a flag),
the files that were looked for, and the data sources that are configured.
Credentials show as ***. It takes the flags that settings have, and asks no data
source.

It exits with 2 if the settings cannot be used, as hunts do.`

func (a *app) configCommand() *cobra.Command {
	var session sessionFlags
	var output string
	cmd := &cobra.Command{
		Use:   "config [flags]",
		Short: "Show settings and where they come from",
		Long:  configLong,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) > 0:
				return usagef("config takes no names")
			case output != "text" && output != "json":
				return usagef("--output is text or json, not %q", output)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withEnv(func(env datasource.Env) error {
				return a.config(cmd.Context(), env, session, output == "json")
			})
		},
		DisableFlagsInUseLine: true,
	}
	cmd.Flags().StringVar(&output, "output", "text", "form of the output: text or json")
	session.add(cmd.Flags())
	return cmd
}

// A configuration is what is in force.
type configuration struct {
	Files    []config.File      `json:"files"`
	Settings []config.Setting   `json:"settings"`
	Sources  []configuredSource `json:"sources"`
}

// A configuredSource is one profile with its sections, in which credentials are
// hidden.
type configuredSource struct {
	listedSource
	Connection datasource.Settings `json:"connection,omitempty"`
	Options    datasource.Settings `json:"options,omitempty"`
	Auth       datasource.Settings `json:"auth,omitempty"`
}

// config writes what is in force, as far as it can be read, and then says what
// cannot.
func (a *app) config(ctx context.Context, env datasource.Env, f sessionFlags, asJSON bool) error {
	c := configuration{
		Files: config.Files(config.EnvironmentOf(a.environ)), Settings: []config.Setting{}, Sources: []configuredSource{},
	}
	o, failed := a.options(f)
	if failed == nil {
		c.Settings = a.settings(o, f)
	}
	profiles, broken := a.profiles().DescribeAll(ctx, env)
	for _, d := range profiles {
		c.Sources = append(c.Sources, configured(d))
	}
	var err error
	if asJSON {
		err = a.writeJSON(c)
	} else {
		err = c.writeText(a.stdout)
	}
	switch {
	case err != nil:
		return fmt.Errorf("write configuration: %w", err)
	case failed != nil:
		return failed
	case broken != nil:
		return a.fail(failureOf(broken))
	}
	return nil
}

// settings returns the settings of the file, and those that a session has
// besides, all sorted by name.
func (a *app) settings(o Options, f sessionFlags) []config.Setting {
	out := o.Settings.Settings()
	if f.noSummary {
		i := slices.IndexFunc(out, func(s config.Setting) bool { return s.Name == "session.show_execution_summary" })
		out[i].Value, out[i].From = false, "--no-summary"
	}
	debug := config.Setting{Name: "debug", Value: o.Debug, From: config.Presets}
	switch {
	case f.debug:
		debug.From = "--debug"
	case o.Debug:
		debug.From = "variable " + o.Settings.DebugVariable
	}
	out = append(out, debug,
		flagSetting("session.id", f.id, "--session-id", "a new one each time"),
		flagSetting("session.folder", f.folder, "--runtime-dir", "one for each session, in the folder for temporary files"),
		flagSetting("session.now", f.now, "--now", "the time that it is"))
	slices.SortFunc(out, func(x, y config.Setting) int { return strings.Compare(x.Name, y.Name) })
	return out
}

// flagSetting returns a setting that has a flag alone.
func flagSetting(name, value, flag, preset string) config.Setting {
	if value == "" {
		return config.Setting{Name: name, Value: "(" + preset + ")", From: config.Presets}
	}
	return config.Setting{Name: name, Value: value, From: flag}
}

func configured(d profile.Description) configuredSource {
	return configuredSource{
		listedSource: listed(d),
		Connection:   shown(d.Profile.Connection), Options: shown(d.Profile.Options), Auth: shown(d.Profile.Auth),
	}
}

// shown returns settings for people to see: URLs without credentials.
func shown(s datasource.Settings) datasource.Settings {
	if len(s) == 0 {
		return nil
	}
	out := make(datasource.Settings, len(s))
	for name, v := range s {
		out[name] = shownValue(v)
	}
	return out
}

func shownValue(v any) any {
	switch v := v.(type) {
	case string:
		return secret.MaskURLs(v)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = shownValue(v[i])
		}
		return out
	case map[string]any:
		return map[string]any(shown(v))
	}
	return v
}

// writeText writes a configuration in columns.
func (c configuration) writeText(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(cells ...string) {
		for i := range cells {
			cells[i] = diag.Escape(cells[i])
		}
		fmt.Fprintln(t, strings.Join(cells, "\t"))
	}
	line("# Files")
	for _, f := range c.Files {
		state := "is not there"
		if f.Found {
			state = "is read"
		}
		if f.Variable != "" {
			state += ", named by " + f.Variable
		}
		line(f.Name, cmp.Or(f.Path, "(there is no home folder)"), state)
	}
	if len(c.Settings) > 0 {
		line("")
		line("# Settings")
		for _, s := range c.Settings {
			line(s.Name, s.Text(), s.From)
		}
	}
	line("")
	line("# Data sources")
	if len(c.Sources) == 0 {
		line("There are none. kestrel source --help says where to define them.")
	}
	for _, s := range c.Sources {
		line(s.Name, cmp.Or(s.connectorText(), "(no connector)"), cmp.Or(s.Defined, "(nowhere)"), cmp.Or(s.Problem, "ok"))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, s := range c.Sources {
		writeSections(w, s)
	}
	return nil
}

// writeSections writes the sections of a profile, one value a line.
func writeSections(w io.Writer, s configuredSource) {
	sections := []struct {
		name   string
		values datasource.Settings
	}{{"connection", s.Connection}, {"connection.options", s.Options}, {"config.auth", s.Auth}}
	for _, section := range sections {
		for _, name := range slices.Sorted(maps.Keys(section.values)) {
			text := fmt.Sprintf("%s: %s.%s: %v", s.Name, section.name, name, section.values[name])
			fmt.Fprintln(w, diag.Escape(datasource.Shorten(text, 200)))
		}
	}
}
