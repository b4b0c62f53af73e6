// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package elastic is the connector elastic_ecs: indices of Elasticsearch and
// OpenSearch whose documents follow the Elastic Common Schema, as winlogbeat,
// Elastic Agent and the exporter of Sysflow write them.
//
// A pattern becomes a query in Query DSL that accepts every document whose
// record has a matching entity. What the query cannot say exactly it asks for
// more widely; every document that comes is turned into a record (package
// mapping) and held against the pattern (package match), so that a task gives
// exactly what was asked. How indices hold a field is asked once, and again
// after ten minutes.
//
// Answers are read page by page from a point in time, or from a scroll where
// the server has no points in time; what is held here is bounded by a few pages.
package elastic

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/datasource/mapping"
	"github.com/kestrelhunt/kestrel/datasource/transport"
	"github.com/kestrelhunt/kestrel/diag"
)

// Connector opens profiles of connector elastic_ecs. Its zero value is ready to
// use, and keeps the tables that it has read.
type Connector struct {
	once   sync.Once
	table  *mapping.Table // the one that ships
	failed error
}

// name is the connector's name in profiles, and that of its tables.
const name = "elastic_ecs"

// Names returns elastic_ecs.
func (c *Connector) Names() []string { return []string{name} }

// maxSlices bounds into how many parts one search is cut.
const maxSlices = 16

// Open returns the source of a profile. Its connection says where the server is
// (see transport.FromProfile) and which indices to search: indices, a list or
// one text with commas; without it all. Its credentials are username and
// password, else id and api_key, or api_key alone as it is sent, else
// access_token; none is needed. Options of its own are
//
//   - time_field, the field that says when a document was seen: @timestamp,
//   - slices, how many searches to make side by side: 1,
//   - mapping, a file with a table in the place of ours, or tables of
//     stix-shifter.
//
// Errors are *datasource.Failure of kind Misconfigured.
func (c *Connector) Open(_ context.Context, p datasource.Profile, env datasource.Env) (datasource.Source, error) {
	s := &source{profile: p, env: env, timeField: "@timestamp"}
	cfg, err := transport.FromProfile(p, env)
	if err != nil {
		return nil, err
	}
	if err := s.configure(&cfg); err != nil {
		return nil, s.misconfigured(err)
	}
	if s.table, err = c.tableOf(p, env, s.timeField); err != nil {
		return nil, s.misconfigured(err)
	}
	if s.dialects, err = s.table.DialectNames(p.Dialects); err != nil {
		return nil, s.misconfigured(err)
	}
	cfg.Explain = explain
	s.client = transport.New(cfg)
	return s, nil
}

func (s *source) misconfigured(err error) error {
	return &datasource.Failure{
		Kind: datasource.Misconfigured, Source: s.profile.Name, Op: "read profile",
		Reason: strings.TrimPrefix(err.Error(), "mapping: "), Err: err,
	}
}

// configure reads the settings that are this connector's.
func (s *source) configure(cfg *transport.Config) (err error) {
	if s.indices, err = s.profile.Connection.List("indices"); err != nil {
		return err
	}
	for _, index := range s.indices {
		if index == "." || index == ".." || strings.ContainsAny(index, "/\\?#\"<|> \t\r\n") && !strings.HasPrefix(index, "<") {
			return fmt.Errorf("indices has %q, which is no name of an index", datasource.Shorten(index, 60))
		}
	}
	field, err := s.profile.Options.Text("time_field")
	if err != nil {
		return err
	}
	if field != "" {
		s.timeField = field
	}
	if s.slices, err = s.profile.Options.Int("slices", 1, 1, maxSlices); err != nil {
		return err
	}
	if cfg.Credentials, err = credentials(s.profile.Auth); err != nil {
		return err
	}
	s.notes = unknownSettings(s.profile)
	return nil
}

// credentials returns what the profile has, in the order in which stix-shifter
// chooses.
func credentials(auth datasource.Settings) ([]transport.Credential, error) {
	user, err1 := auth.Secret("username")
	password, err2 := auth.Secret("password")
	id, err3 := auth.Secret("id")
	key, err4 := auth.Secret("api_key")
	token, err5 := auth.Secret("access_token")
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		return nil, err
	}
	given := func(s interface{ Reveal() string }) bool { return s.Reveal() != "" }
	switch {
	case given(user) && given(password):
		return []transport.Credential{transport.Basic(user, password)}, nil
	case given(key) && given(id):
		return []transport.Credential{transport.APIKey(id, key)}, nil
	case given(key):
		return []transport.Credential{transport.EncodedAPIKey(key)}, nil
	case given(token):
		return []transport.Credential{transport.Bearer(token)}, nil
	case given(user) || given(password) || given(id):
		return nil, errors.New("config.auth has half of a credential, expected username and password, id and api_key, or access_token")
	}
	return nil, nil
}

// unknownSettings notes settings that nothing reads: most are misspelt.
func unknownSettings(p datasource.Profile) []datasource.Note {
	var notes []datasource.Note
	for _, section := range []struct {
		name     string
		settings datasource.Settings
		known    []string
	}{
		{"connection", p.Connection, []string{
			"host", "port", "indices", "pagination", "selfSignedCert", "verify", "sni", "clientCert", "clientKey", "help", "type",
		}},
		{"connection.options", p.Options, []string{
			"time_field", "slices", "mapping", "language", "validate_pattern", "stix_validator", "unmapped_fallback", "stix_2.1", "async_call",
		}},
		{"config.auth", p.Auth, []string{"username", "password", "id", "api_key", "access_token"}},
	} {
		for _, key := range section.settings.Unknown(section.known...) {
			n := datasource.Note{Code: diag.SourceMisconfigured, Message: fmt.Sprintf("%s has %s, which connector %s does not know", section.name, key, name)}
			if near, ok := diag.Nearest(key, section.known); ok {
				n.Hint = "did you mean " + near + "?"
			} else {
				n.Hint = "remove it, or correct its name"
			}
			notes = append(notes, n)
		}
	}
	return notes
}

// tableOf returns the table of a profile: its own, or that which ships.
func (c *Connector) tableOf(p datasource.Profile, env datasource.Env, timeField string) (*mapping.Table, error) {
	opts := mapping.Options{}
	if timeField != "@timestamp" {
		opts.TimeField = timeField
	}
	if err := ownTables(&opts, p.Options, env.Dir); err != nil {
		return nil, err
	}
	if opts != (mapping.Options{}) {
		return mapping.Open(name, opts)
	}
	c.once.Do(func() { c.table, c.failed = mapping.Open(name, opts) })
	return c.table, c.failed
}

// ownTables reads the option mapping: a path, or tables.
func ownTables(opts *mapping.Options, options datasource.Settings, dir string) error {
	v, ok := options.Lookup("mapping")
	if !ok {
		return nil
	}
	if tables, err := options.Section("mapping"); err == nil {
		if len(tables) == 0 {
			return nil
		}
		opts.From, opts.To, err = mapping.ShifterTables(tables)
		return err
	}
	path, isText := v.(string)
	if !isText {
		_, err := options.Text("mapping")
		return err
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("options.mapping cannot be read: %w", err)
	}
	file := &mapping.File{Name: path, Text: text}
	if slices.ContainsFunc(strings.Split(string(text), "\n"), func(line string) bool { return strings.HasPrefix(line, "format: kestrel-map-from/") }) {
		opts.From = file
	} else {
		opts.To = file
	}
	return nil
}

// schemaLife is how long a schema is taken to be true.
const schemaLife = 10 * time.Minute
