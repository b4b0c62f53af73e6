// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kestrelhunt/kestrel/diag"
)

// A Profile is one data source as it is configured. Values are nil, bool, int64,
// float64, string, secret.String, []any and map[string]any.
type Profile struct {
	Name      string
	Connector string   // as written, without dialects; after "bridge:" a module of stix-shifter
	Dialects  []string // of the connector's name, or else of the options

	Connection map[string]any // without options
	Options    map[string]any // without those below
	Config     map[string]any // all texts are secrets; auth is one of its keys

	BatchSize   int // 0: not given, as below
	ResultLimit int
	Timeout     time.Duration
	CoolDown    time.Duration
	Window      time.Duration
	HasWindow   bool // Window was given; given as null it is 0
	AllowDev    bool

	Place    string   // where it is defined, for people
	Warnings []string // what should be said whenever the profile is used
}

// Profile returns the profile of a name, in which letter case does not count. If
// it cannot be used the error is an *Error: the first that is wrong of profile,
// connector, connection, config, host and auth.
func (s *Shifter) Profile(name string) (*Profile, error) {
	name = strings.ToLower(name)
	t, ok := s.profiles[name]
	if !ok {
		return nil, s.unknown(name)
	}
	if err := s.broken[name]; err != nil {
		return nil, err
	}
	r := reader{Shifter: s, profile: &Profile{Name: name}, root: t}
	if err := r.read(); err != nil {
		err.Profile = name
		return nil, err
	}
	return r.profile, nil
}

// unknown says that there is no such profile, and which there are.
func (s *Shifter) unknown(name string) *Error {
	e := &Error{
		Profile: name,
		Unknown: true,
		Message: fmt.Sprintf("no profile %s is configured for stixshifter://", name),
	}
	names := s.Names()
	near, ok := diag.Nearest(name, names)
	switch {
	case ok:
		e.Hint = fmt.Sprintf("did you mean %s?", near)
	case len(names) > 0:
		e.Hint = "there are: " + some(names, 10)
	case s.named && !s.Found:
		e.Hint = fmt.Sprintf("there is no file %s, which %s names", s.File, shifterVariable)
	case s.File == "":
		e.Hint = "define it in variables STIXSHIFTER_<NAME>_CONNECTOR, _CONNECTION and _CONFIG"
	default:
		e.Hint = fmt.Sprintf("define it in %s, or in variables STIXSHIFTER_<NAME>_CONNECTOR, _CONNECTION and _CONFIG", s.File)
	}
	return e
}

// some lists the first n of names.
func some(names []string, n int) string {
	if len(names) <= n {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:n], ", "), len(names)-n)
}

// A reader turns the tree of one profile into a Profile.
type reader struct {
	*Shifter
	profile *Profile
	root    *tree
}

// read checks the sections of the profile in their order.
func (r *reader) read() *Error {
	p := r.profile
	p.Place = r.placeOf(r.root)
	if r.root.isNull() || r.root.kind == objectKind && len(r.root.keys) == 0 {
		return r.errorf(r.root, "profile %s of stixshifter:// is empty", p.Name)
	}
	if r.root.kind != objectKind {
		return r.errorf(r.root, "profile %s of stixshifter:// is %s, expected an object", p.Name, r.root.describe())
	}
	connector := r.root.field("connector")
	if connector.isNull() || strings.TrimSpace(connector.text) == "" {
		return r.lacks(r.root, "connector", "")
	}
	p.setConnector(connector.text)
	connection, err := r.section("connection")
	if err != nil {
		return err
	}
	cfg, err := r.section("config")
	if err != nil {
		return err
	}
	if !hasHost(p.Connector, connection) {
		return r.lacks(connection, "host", "connection")
	}
	auth := cfg.field("auth")
	if auth == nil {
		return r.lacks(cfg, "auth", "config")
	}
	if !auth.isNull() && auth.kind != objectKind {
		return r.errorf(auth, "config.auth of profile %s is %s, expected an object", p.Name, auth.describe())
	}
	return r.values(connection, cfg)
}

// setConnector takes "name:dialect:dialect" apart. "bridge:name" is a name.
func (p *Profile) setConnector(text string) {
	parts := strings.Split(strings.TrimSpace(text), ":")
	names := 1
	if strings.EqualFold(parts[0], "bridge") && len(parts) > 1 {
		names = 2
	}
	p.Connector = strings.ToLower(strings.Join(parts[:names], ":"))
	if len(parts) > names {
		p.Dialects = parts[names:]
	}
}

// section returns a part of the profile that must be there and be an object.
func (r *reader) section(name string) (*tree, *Error) {
	t := r.root.field(name)
	if t.isNull() {
		return nil, r.lacks(r.root, name, "")
	}
	if t.kind != objectKind {
		return nil, r.errorf(t, "%s of profile %s is %s, expected an object", name, r.profile.Name, t.describe())
	}
	return t, nil
}

// hasHost reports whether a connection says where the source is.
func hasHost(connector string, connection *tree) bool {
	keys := []string{"host"}
	if connector == "stix_bundle" || connector == "bridge:stix_bundle" {
		keys = append(keys, "url")
	}
	return slices.ContainsFunc(keys, func(k string) bool {
		t := connection.field(k)
		return !t.isNull() && strings.TrimSpace(t.text) != ""
	})
}

// lacks says that a profile, or a section of it, has no such key, and which it
// may have been meant to be.
func (r *reader) lacks(t *tree, key, section string) *Error {
	e := r.errorf(t, "profile %s of stixshifter:// has no %s", r.profile.Name, key)
	if section != "" {
		e.Message += " in its " + section
	}
	if near, ok := diag.Nearest(key, strangers(t.keys)); ok {
		e.Hint = fmt.Sprintf("did you mean %s where you wrote %s?", key, near)
		if line := t.fields[near].place.line; line > 0 {
			e.Line = line
		}
		return e
	}
	switch key {
	case "connector":
		e.Hint = "name the connector, such as elastic_ecs"
	case "host":
		e.Hint = "say where the server is, such as host: elastic.example.com"
	case "auth":
		e.Hint = "give the credentials under config.auth; a source without needs auth: {}"
	default:
		e.Hint = "a profile has connector, connection with host, and config with auth"
	}
	return e
}

// strangers returns the keys that mean nothing in a profile, and so may be
// misspelt.
func strangers(keys []string) []string {
	known := []string{"connector", "connection", "config", "host", "port", "auth", "options", "url"}
	return slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return slices.Contains(known, foldName(k)) })
}

// errorf returns an error about a value, wherever it came from.
func (r *reader) errorf(t *tree, format string, args ...any) *Error {
	e := &Error{Message: fmt.Sprintf(format, args...)}
	switch {
	case t == nil:
	case t.place.variable != "":
		e.Variable = t.place.variable
	case t.place.line > 0:
		e.File, e.Line = r.File, t.place.line
	}
	return e
}

// placeOf says where a value was written.
func (r *reader) placeOf(t *tree) string {
	switch {
	case t == nil:
		return ""
	case t.place.variable != "":
		return "variable " + t.place.variable
	}
	return fmt.Sprintf("%s line %d", r.File, t.place.line)
}
