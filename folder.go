// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package kestrel

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/internal/config"
	"github.com/kestrelhunt/kestrel/internal/folder"
	"github.com/kestrelhunt/kestrel/internal/journal"
	"github.com/kestrelhunt/kestrel/secret"
)

// ID returns the session's id.
func (s *Session) ID() string { return s.cfg.ID }

// Folder returns the path of the session's folder, which may not have been
// needed yet.
func (s *Session) Folder() string { return s.folder.Path() }

// settle finds the session's folder and begins its log.
func (s *Session) settle() error {
	c := &s.cfg
	account := accountOf(c.Environ)
	path := c.Folder.Path
	if path != "" && !filepath.IsAbs(path) {
		path = filepath.Join(c.Dir, path)
	}
	var err error
	s.folder, err = folder.Open(folder.Options{
		Path: path, Temp: c.TempDir, Prefix: c.Folder.Prefix, User: folder.User(account), ID: c.ID,
		Debug: c.Debug, Link: c.Folder.Link + folder.Name(account), Marker: c.Folder.Marker, Keep: c.Folder.Keep,
	})
	if err != nil {
		return fmt.Errorf("kestrel: open session: %w", err)
	}
	s.openLog()
	s.log.Info("session begins", "id", c.ID, "debug", c.Debug)
	if !c.Debug && c.Folder.Path == "" {
		return nil
	}
	_, err = s.makeFolder()
	if err == nil && c.Debug {
		err = s.link()
	}
	if err != nil {
		return errors.Join(err, s.late.Close(), s.folder.Close())
	}
	return nil
}

// openLog makes the logger: lines for the file in the session's folder, which
// are kept until there is one, and records for the caller.
func (s *Session) openLog() {
	s.masks.read = s.secrets
	s.late = &journal.Late{Mask: s.masks.apply}
	var level slog.Level
	if s.cfg.Debug {
		level = slog.LevelDebug
	}
	lines := journal.NewHandler(s.late, journal.Options{Level: level, Now: s.cfg.Clock})
	s.log = slog.New(slog.NewMultiHandler(lines, journal.Masked(s.cfg.Log.Handler(), s.masks.apply)))
}

// makeFolder makes the session's folder, unless it is there, and the log in it.
func (s *Session) makeFolder() (string, error) {
	s.place.Lock()
	defer s.place.Unlock()
	if err := s.folder.Make(); err != nil {
		return "", fmt.Errorf("kestrel: make session folder: %w", err)
	}
	path := s.folder.Path()
	if s.logging {
		return path, nil
	}
	log, err := os.OpenFile(filepath.Join(path, s.cfg.Folder.Log), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return "", fmt.Errorf("kestrel: open log: %w", err)
	}
	s.logging = true
	if err := s.late.Open(log); err != nil {
		return "", fmt.Errorf("kestrel: write log: %w", err)
	}
	return path, nil
}

// link makes the link to the session's folder. A session that cannot have it
// does not begin.
func (s *Session) link() error {
	err := s.folder.Link()
	if taken, ok := errors.AsType[*folder.OccupiedError](err); ok {
		return diag.Diagnostic{
			Code:    diag.DebugLinkOccupied,
			Message: fmt.Sprintf("the link %s cannot be made: something else has its name", taken.Path),
			Hint:    "remove what is there, or set debug.cache_directory_prefix in kestrel.yaml",
			Cause:   err,
		}
	}
	return err
}

// accountOf returns the name of the user's account, as the environment has it.
func accountOf(environ []string) string {
	env := config.Environment{Vars: environ}
	for _, name := range []string{"LOGNAME", "USER", "LNAME", "USERNAME"} {
		if v, _ := env.Get(name); v != "" {
			return v
		}
	}
	return ""
}

// downloads returns the folder for what sources fetch, and makes it if there is
// none yet. It is called while a block runs.
func (s *Session) downloads() (string, error) {
	path, err := s.makeFolder()
	if err != nil {
		return "", err
	}
	path = filepath.Join(path, "downloads")
	if err := os.MkdirAll(path, 0o700); err != nil {
		return "", fmt.Errorf("kestrel: make folder for downloads: %w", err)
	}
	return path, nil
}

// logged writes diagnostics to the log.
func (s *Session) logged(ctx context.Context, ds diag.List) {
	for _, d := range ds {
		level := slog.LevelError
		switch d.Severity {
		case diag.Error:
		case diag.Warning:
			level = slog.LevelWarn
		case diag.Info:
			level = slog.LevelInfo
		}
		attrs := []slog.Attr{slog.String("code", string(d.Code))}
		if !d.Span.IsZero() {
			attrs = append(attrs, slog.Int("line", d.Span.File.Position(d.Span.Start).Line))
		}
		s.log.LogAttrs(ctx, level, d.Message, attrs...)
		if d.Cause != nil {
			s.log.DebugContext(ctx, "that was because of this", "cause", d.Cause.Error())
		}
	}
}

// secrets returns the credentials that the session's drivers know.
func (s *Session) secrets() []secret.String {
	var out []secret.String
	for _, scheme := range s.cfg.Drivers.Schemes() {
		d, _ := s.cfg.Drivers.Driver(scheme)
		if guard, ok := d.(datasource.Guard); ok {
			out = append(out, guard.Secrets(s.env())...)
		}
	}
	return out
}

// masks keeps credentials out of the log. They are read when the first line is
// written, and again in each block, since profiles may be edited; those that
// were known before stay hidden.
type masks struct {
	read func() []secret.String

	mu     sync.Mutex
	known  []secret.String
	loaded bool
}

// forget makes the next line read the credentials anew.
func (m *masks) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.loaded = false
}

// apply returns text without credentials.
func (m *masks) apply(text string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.loaded {
		m.loaded = true
		for _, s := range m.read() {
			if !slices.ContainsFunc(m.known, s.Equal) {
				m.known = append(m.known, s)
			}
		}
	}
	return secret.MaskURLs(secret.Mask(text, m.known...))
}
