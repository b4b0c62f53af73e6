// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package bridge is the connector for all products that only stix-shifter knows:
// it uses the modules of the user's own Python stix-shifter.
//
// A small Python program of ours, which is part of the binary, runs in the
// interpreter that has stix-shifter and calls the library: it translates the
// pattern, asks the product and turns pages of results into STIX, over lines of
// JSON on its standard input and output. Credentials go that way too, never on a
// command line. One process serves one run and dies with it; nothing is ever
// installed.
//
// Modules drop and widen conditions silently. The connector asks for what a
// module can express, checks each record against the whole condition, and says
// what it could not ask for.
package bridge

import (
	"context"
	"os"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/datasource/transport"
	"github.com/kestrelhunt/kestrel/diag"
)

// Connector opens profiles whose connector is a module of stix-shifter. The zero
// Connector works.
type Connector struct {
	// Environ returns the variables of the environment in which Python is looked
	// for and run, each as NAME=value; nil means those of the process.
	Environ func() []string

	// MaxAnswer bounds the bytes of one answer of Python; 0 means 1 GiB.
	MaxAnswer int64

	// Sleep waits between two looks at a search; nil waits.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Names returns the modules that stix-shifter is known to have. There may be
// others, which can be opened as well.
func (c *Connector) Names() []string { return slices.Clone(modules) }

// A source is one profile that is asked through a module.
type source struct {
	profile  datasource.Profile
	launch   launcher
	now      func() time.Time
	sleep    func(ctx context.Context, d time.Duration) error
	settings openArgs
}

// openArgs are what Python is told first.
type openArgs struct {
	module        string
	connection    map[string]any // with secrets revealed when they are sent
	configuration map[string]any
	identity      map[string]any
	insecure      bool
}

// Open prepares what is told to Python, and starts nothing.
func (c *Connector) Open(_ context.Context, p datasource.Profile, env datasource.Env) (datasource.Source, error) {
	s := &source{profile: p, now: env.Now, sleep: c.Sleep}
	if s.now == nil {
		s.now = time.Now
	}
	if s.sleep == nil {
		s.sleep = sleep
	}
	s.launch = launcher{
		source: p.Name, module: p.Connector, environ: c.Environ, limit: c.MaxAnswer,
		secrets: slices.Concat(p.Auth.Secrets(), p.Connection.Secrets(), p.Options.Secrets()),
	}
	if s.launch.environ == nil {
		s.launch.environ = os.Environ
	}
	if s.launch.limit <= 0 {
		s.launch.limit = 1 << 30
	}
	var err error
	if s.settings, err = settingsOf(p, env.Dir); err != nil {
		return nil, &datasource.Failure{
			Kind: datasource.Misconfigured, Source: p.Name, Op: "read profile", Reason: err.Error(), Err: err,
		}
	}
	return s, nil
}

// settingsOf returns a profile as the library wants it.
func settingsOf(p datasource.Profile, dir string) (openArgs, error) {
	verify, pem, err := transport.Verification(p.Connection, dir)
	if err != nil {
		return openArgs{}, err
	}
	connection := p.Connection.Without("selfSignedCert", "verify")
	if pem != nil {
		connection["selfSignedCert"] = string(pem)
	}
	options := p.Options.Without()
	options["result_limit"] = int64(p.ResultLimit)
	options["timeout"] = int64(max(p.Timeout/time.Second, 1))
	if len(p.Dialects) > 0 {
		dialects := make([]any, len(p.Dialects))
		for i, d := range p.Dialects {
			dialects[i] = d
		}
		options["dialects"] = dialects
	}
	connection["options"] = options
	id := uuid.NewSHA1(uuid.NameSpaceURL, []byte("stixshifter://"+p.Name))
	return openArgs{
		module:        p.Connector,
		connection:    connection,
		configuration: map[string]any{"auth": p.Auth},
		identity:      map[string]any{"type": "identity", "id": "identity--" + id.String(), "name": p.Connector},
		insecure:      !verify,
	}, nil
}

// Ping starts Python and lets the module ping the product.
func (s *source) Ping(ctx context.Context) (string, error) {
	sh, about, err := s.start(ctx)
	if err != nil {
		return "", err
	}
	defer sh.close()
	var a answer
	if err := sh.call(ctx, s.patience(), "ping", &a); err != nil {
		return "", err
	}
	if err := s.failed(a, "ping", ""); err != nil {
		return "", err
	}
	return "stix-shifter " + about.Library + " with module " + s.profile.Connector + " " + about.Version, nil
}

// patience is how long a call may take that asks the product once.
func (s *source) patience() time.Duration { return 2*s.profile.Timeout + time.Minute }

// start starts Python and opens the profile in it.
func (s *source) start(ctx context.Context) (*shim, about, error) {
	sh, a, err := s.launch.start(ctx, s.settings)
	if err != nil {
		return nil, about{}, err
	}
	return sh, a, nil
}

// notes returns what is to be said whenever the module is used.
func (s *source) notes(a about) []datasource.Note {
	var notes []datasource.Note
	if s.settings.insecure {
		notes = append(notes, datasource.Note{
			Code:    diag.InsecureSource,
			Message: "the certificate of the server is not verified, as the profile says",
			Hint:    "give the certificate of the server's authority as selfSignedCert, in PEM or as a path",
		})
	}
	if len(a.Dropped) > 0 {
		notes = append(notes, datasource.Note{
			Code:    diag.SourceMisconfigured,
			Message: "module " + s.profile.Connector + " does not know, and did not get: " + list(a.Dropped),
			Hint:    "correct these settings of the profile, or remove them",
		})
	}
	if a.Version != "" && a.Library != "" && a.Version != a.Library && !s.profile.AllowDev {
		notes = append(notes, datasource.Note{
			Code:    diag.SourceMisconfigured,
			Message: "module " + s.profile.Connector + " has version " + a.Version + ", stix-shifter itself " + a.Library,
			Hint:    "install both in one version, or set connection.options.allow_dev_connector of the profile",
		})
	}
	return notes
}

// failed returns the failure that an answer of the library reports, nil if it
// reports none.
func (s *source) failed(a answer, op, query string) error {
	if a.Success == nil || *a.Success {
		return nil
	}
	kind := datasource.Kind(a.Code)
	switch kind {
	case datasource.NotImplemented, datasource.TranslationError, datasource.MappingError, datasource.InvalidParameter,
		datasource.ResultsError, datasource.Unauthenticated, datasource.Forbidden, datasource.CertificateFailed,
		datasource.Unavailable, datasource.TooManyRequests, datasource.InvalidQuery, datasource.NoResults:
	default:
		kind = datasource.Unknown
	}
	reason := a.reason()
	if reason == "" {
		reason = "the module failed and did not say why"
	}
	return &datasource.Failure{
		Kind: kind, Source: s.profile.Name, Op: op, Query: s.launch.mask(query),
		Reason: s.launch.mask(datasource.Shorten(reason, 500)),
	}
}

// sleep waits for d, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
