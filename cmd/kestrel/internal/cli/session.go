// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"time"

	"github.com/spf13/pflag"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/config"
)

// sessionFlags are the flags that settings of a session have.
type sessionFlags struct {
	now       string
	id        string
	folder    string
	debug     bool
	noSummary bool
}

// add defines the flags.
func (f *sessionFlags) add(set *pflag.FlagSet) {
	f.addNow(set)
	set.StringVar(&f.id, "session-id", "", "name the session, or use the folder of one that had this name")
	set.StringVar(&f.folder, "runtime-dir", "", "keep the session's files in this folder")
	set.BoolVar(&f.debug, "debug", false, "log in detail, and keep what helps to find a fault")
	set.BoolVar(&f.noSummary, "no-summary", false, "leave out the summary at the end")
}

// addNow defines the flag for the clock.
func (f *sessionFlags) addNow(set *pflag.FlagSet) {
	set.StringVar(&f.now, "now", "", "take this time for the present: LAST counts back from it")
}

// errMisconfigured says that settings cannot be used, and that it was said why.
var errMisconfigured = errors.New("misconfigured")

// options returns what files, environment and flags say about a session. What is
// wrong with the settings is reported, and the error is errMisconfigured.
func (a *app) options(f sessionFlags) (Options, error) {
	o := Options{ID: f.id, Folder: f.folder, Environ: a.environ}
	if f.now != "" {
		now, ok := entity.ParseTime(f.now)
		if !ok {
			return o, usagef("--now is a time such as 2024-05-06T09:00:00Z, not %q", f.now)
		}
		o.Now = now.Time()
	}
	env := config.EnvironmentOf(a.environ)
	var err error
	if o.Settings, err = config.LoadSession(env); err != nil {
		return o, a.misconfigured(err)
	}
	set, _ := env.Get(o.Settings.DebugVariable)
	o.Debug = f.debug || set != ""
	if f.noSummary {
		o.Settings.Summary = false
	}
	return o, nil
}

// open makes a session. What is wrong with it is reported if it is a diagnostic.
func (a *app) open(o Options) (Session, error) {
	s, err := a.Open(o)
	if d, ok := errors.AsType[diag.Diagnostic](err); ok {
		return nil, a.fail(d)
	}
	return s, err
}

// misconfigured reports what is wrong with settings.
func (a *app) misconfigured(err error) error {
	d := diag.Diagnostic{Code: diag.InvalidConfiguration, Message: err.Error(), Cause: err}
	if e, ok := errors.AsType[*config.Error](err); ok {
		d.Hint = e.Hint
	}
	if err := a.report(diag.List{d}); err != nil {
		return err
	}
	return errMisconfigured
}

// Clocks returns the clock of hunts, which stands still if a time is given, and
// that of the world.
func (o Options) Clocks() (now, world func() time.Time) {
	if o.Now.IsZero() {
		return time.Now, time.Now
	}
	return func() time.Time { return o.Now }, time.Now
}
