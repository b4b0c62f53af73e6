// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/internal/config"
)

// convert returns a profile as connectors get it, with defaults.
func convert(c *config.Profile) datasource.Profile {
	p := datasource.Profile{
		Name:        c.Name,
		Connector:   c.Connector,
		Dialects:    c.Dialects,
		Connection:  c.Connection,
		Options:     c.Options,
		BatchSize:   c.BatchSize,
		ResultLimit: c.ResultLimit,
		Timeout:     c.Timeout,
		CoolDown:    c.CoolDown,
		Window:      c.Window,
		AllowDev:    c.AllowDev,
	}
	p.Auth, _ = datasource.Settings(c.Config).Section("auth") // package config has checked that it is an object
	if p.BatchSize == 0 {
		p.BatchSize = datasource.DefaultBatchSize
	}
	if p.ResultLimit == 0 {
		p.ResultLimit = datasource.DefaultResultLimit
	}
	if p.Timeout == 0 {
		p.Timeout = datasource.DefaultTimeout
	}
	if !c.HasWindow {
		p.Window = datasource.DefaultWindow
	}
	return p
}

// warnings returns what package config found strange in a profile.
func warnings(c *config.Profile) []datasource.Note {
	var notes []datasource.Note
	for _, w := range c.Warnings {
		notes = append(notes, datasource.Note{
			Code: diag.SourceMisconfigured, Message: w, Hint: "set the variable, or write the value into the profile",
		})
	}
	return notes
}

// stateOf identifies what a profile says about where its source is. Secrets do
// not count.
func stateOf(c *config.Profile) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %q %v %v", c.Connector, c.Dialects, c.Connection, c.Options))
	return fmt.Sprintf("%s %x", c.Name, sum[:8])
}

// A Description is what is known of a profile without asking its source.
type Description struct {
	Name      string
	Connector string // "" if the profile cannot be used
	Dialects  []string
	Host      string
	Place     string // where the profile is defined
	Bridged   bool   // the connector is none of ours
	Profile   datasource.Profile
	Notes     []datasource.Note
	Err       error // why the profile cannot be used
}

// Describe describes one profile. What is wrong with it stands in Err.
func (d *Driver) Describe(ctx context.Context, name string, env datasource.Env) Description {
	c := d.environment(env)
	shifter, err := config.LoadShifter(c)
	if err != nil {
		return Description{Name: name, Err: failure(err)}
	}
	return d.describe(ctx, shifter, name, lend(env, c))
}

// DescribeAll describes all profiles in the order of their names. The error says
// that the file with profiles cannot be read.
func (d *Driver) DescribeAll(ctx context.Context, env datasource.Env) ([]Description, error) {
	c := d.environment(env)
	shifter, err := config.LoadShifter(c)
	var out []Description
	for _, name := range shifter.Names() {
		out = append(out, d.describe(ctx, shifter, name, lend(env, c)))
	}
	if err != nil {
		return out, failure(err)
	}
	return out, nil
}

func (d *Driver) describe(ctx context.Context, shifter *config.Shifter, name string, env datasource.Env) Description {
	out := Description{Name: name}
	read, err := shifter.Profile(name)
	if err != nil {
		out.Err = failure(err)
		return out
	}
	p := convert(read)
	connector, err := d.connector(&p)
	out.Name, out.Connector, out.Dialects, out.Place = p.Name, p.Connector, p.Dialects, read.Place
	out.Profile, out.Notes = p, warnings(read)
	if err != nil {
		out.Err = err
		return out
	}
	out.Host = hostOf(p)
	out.Bridged = connector == d.Bridge
	if _, err := connector.Open(ctx, p, env); err != nil {
		out.Err = asFailure(name, "open", err)
	}
	return out
}

// hostOf returns where the source of a profile is, as the profile says.
func hostOf(p datasource.Profile) string {
	for _, key := range []string{"host", "url"} {
		if host, err := p.Connection.Text(key); err == nil && host != "" {
			return host
		}
	}
	return ""
}
