// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package profile is the driver of stixshifter://, the sources that stand in
// stixshifter.yaml and the environment as profiles.
//
// A profile names a connector, which does the work. The driver reads the
// profiles anew at each Open, asks several profiles one after the other, holds
// LIMIT over all of them, checks what a connector over-fetches, and keeps what
// has come if one of them fails, saying so.
package profile

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/internal/config"
	"github.com/kestrelhunt/kestrel/secret"
)

// Driver opens profiles. It needs connectors; otherwise its zero value works.
type Driver struct {
	// Connectors are those that profiles may name.
	Connectors []datasource.Connector

	// Bridge opens profiles whose connector is none of Connectors, and those
	// that ask for it with "bridge:" before the name. Its Names are what it knows
	// to exist. It may be nil.
	Bridge datasource.Connector

	// Environ returns the variables of the environment, each as NAME=value; nil
	// means those of the session, and without them those of the process.
	Environ func() []string
}

// Name returns the driver's name for people.
func (d *Driver) Name() string { return "stix-shifter profiles" }

// Schemes returns stixshifter.
func (d *Driver) Schemes() []string { return []string{scheme} }

const scheme = "stixshifter"

// Open returns the source that the profiles of uris are together. A URI is the
// name of a profile, or several with commas, with or without stixshifter:// in
// front. The source is a datasource.Sharer and a datasource.Completer if those of
// all profiles are. Errors are *datasource.Failure.
func (d *Driver) Open(ctx context.Context, uris []string, env datasource.Env) (datasource.Source, error) {
	c := d.environment(env)
	shifter, err := config.LoadShifter(c)
	if err != nil {
		return nil, failure(err)
	}
	env = lend(env, c)
	src := new(source)
	for _, name := range namesOf(uris) {
		p, err := d.open(ctx, shifter, name, env)
		if err != nil {
			return nil, err
		}
		src.parts = append(src.parts, p)
	}
	if len(src.parts) == 0 {
		return nil, &datasource.Failure{
			Kind: datasource.UnknownSource, Reason: "no profile is named", Hint: "name one, as in FROM stixshifter://host101",
		}
	}
	return src.able(), nil
}

// namesOf returns the profiles that uris name, each once, in order.
func namesOf(uris []string) []string {
	var names []string
	for _, uri := range uris {
		if before, rest, ok := strings.Cut(uri, "://"); ok && strings.EqualFold(before, scheme) {
			uri = rest
		}
		for name := range strings.SplitSeq(uri, ",") {
			name = strings.ToLower(strings.TrimSpace(name))
			if name != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// environment returns where profiles are read from.
func (d *Driver) environment(env datasource.Env) config.Environment {
	switch {
	case d.Environ != nil:
		return config.EnvironmentOf(d.Environ())
	case env.Environ != nil:
		return config.EnvironmentOf(env.Environ)
	}
	return config.Process()
}

// lend completes what the session lends with the variables.
func lend(env datasource.Env, c config.Environment) datasource.Env {
	if env.Getenv == nil {
		env.Getenv = func(name string) string {
			v, _ := c.Get(name)
			return v
		}
	}
	if env.Dir == "" {
		env.Dir, _ = os.Getwd() // without one, relative paths fail when they are read
	}
	return env
}

// open opens one profile.
func (d *Driver) open(ctx context.Context, shifter *config.Shifter, name string, env datasource.Env) (part, error) {
	read, err := shifter.Profile(name)
	if err != nil {
		return part{}, failure(err)
	}
	p := convert(read)
	connector, err := d.connector(&p)
	if err != nil {
		return part{}, err
	}
	src, err := connector.Open(ctx, p, env)
	if err != nil {
		return part{}, asFailure(name, "open", err)
	}
	return part{profile: p, source: src, notes: warnings(read), state: stateOf(read)}, nil
}

// connector returns the connector of a profile, and sets its name in p.
func (d *Driver) connector(p *datasource.Profile) (datasource.Connector, error) {
	module, bridged := strings.CutPrefix(p.Connector, "bridge:")
	p.Connector = module
	if bridged && d.Bridge != nil {
		return d.Bridge, nil
	}
	var names []string
	for _, c := range d.Connectors {
		if slices.Contains(c.Names(), p.Connector) && !bridged {
			return c, nil
		}
		names = append(names, c.Names()...)
	}
	if d.Bridge != nil {
		names = append(names, d.Bridge.Names()...)
	}
	near, misspelt := diag.Nearest(p.Connector, names)
	if d.Bridge != nil && (!misspelt || slices.Contains(names, p.Connector)) {
		return d.Bridge, nil
	}
	f := &datasource.Failure{
		Kind: datasource.Misconfigured, Source: p.Name,
		Reason: fmt.Sprintf("there is no connector %s", p.Connector),
	}
	if misspelt {
		f.Hint = fmt.Sprintf("did you mean connector: %s?", near)
	} else {
		slices.Sort(names)
		f.Hint = "connectors are " + strings.Join(slices.Compact(names), ", ")
	}
	return nil, f
}

// failure turns an error of the configuration into a Failure.
func failure(err error) error {
	var e *config.Error
	if !errors.As(err, &e) {
		return &datasource.Failure{Kind: datasource.Misconfigured, Reason: err.Error(), Err: err}
	}
	f := &datasource.Failure{Kind: datasource.Misconfigured, Reason: e.Error(), Hint: e.Hint, Err: err}
	if e.Unknown {
		f.Kind = datasource.UnknownSource
	}
	return f
}

// asFailure returns an error of a connector as a Failure that says which profile
// it is about.
func asFailure(name, op string, err error) *datasource.Failure {
	if f, ok := errors.AsType[*datasource.Failure](err); ok {
		own := *f
		if own.Source == "" {
			own.Source = name
		}
		return &own
	}
	own := datasource.Failure{Kind: datasource.Unknown, Source: name, Op: op, Reason: err.Error(), Err: err}
	switch {
	case errors.Is(err, datasource.ErrUnauthorized):
		own.Kind = datasource.Unauthenticated
	case errors.Is(err, datasource.ErrUnavailable):
		own.Kind = datasource.Unavailable
	case errors.Is(err, datasource.ErrNotFound):
		own.Kind = datasource.InvalidParameter
	}
	return &own
}

// List returns the names of the profiles, also of those that cannot be used. A
// file that cannot be read is an error, beside the names that the environment
// defines.
func (d *Driver) List(_ context.Context, env datasource.Env) ([]string, error) {
	shifter, err := config.LoadShifter(d.environment(env))
	if err != nil {
		return shifter.Names(), failure(err)
	}
	return shifter.Names(), nil
}

// Secrets returns the credentials of all profiles, as far as they can be read.
func (d *Driver) Secrets(env datasource.Env) []secret.String {
	shifter, _ := config.LoadShifter(d.environment(env)) // a file that cannot be read has no secrets
	var out []secret.String
	for _, name := range shifter.Names() {
		if p, err := shifter.Profile(name); err == nil {
			out = append(out, datasource.Settings(p.Config).Secrets()...)
			out = append(out, datasource.Settings(p.Connection).Secrets()...)
		}
	}
	return out
}
