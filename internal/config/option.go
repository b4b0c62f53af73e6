// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kestrelhunt/kestrel/secret"
)

// values reads connection and config into the profile, and takes the options
// out that belong to the runtime.
func (r *reader) values(connection, cfg *tree) *Error {
	p := r.profile
	p.Connection = map[string]any{}
	for _, k := range connection.keys {
		if foldName(k) != "options" {
			p.Connection[k] = r.value(k, connection.fields[k], isSecret(k))
		}
	}
	p.Config = map[string]any{}
	for _, k := range cfg.keys {
		p.Config[k] = r.value("config."+k, cfg.fields[k], true)
	}
	if cfg.field("auth").isNull() {
		delete(p.Config, keyOf(cfg, "auth"))
		p.Config["auth"] = map[string]any{}
	}
	options := connection.field("options")
	p.Options = map[string]any{}
	if options.isNull() {
		options = &tree{kind: objectKind}
	}
	if options.kind != objectKind {
		return r.errorf(options, "connection.options of profile %s is %s, expected an object", p.Name, options.describe())
	}
	taken, err := r.options(connection, options)
	if err != nil {
		return err
	}
	for _, k := range options.keys {
		if !taken[k] {
			p.Options[k] = r.value(k, options.fields[k], isSecret(k))
		}
	}
	return nil
}

// keyOf returns a key as it is written.
func keyOf(t *tree, name string) string {
	for _, k := range t.keys {
		if foldName(k) == foldName(name) {
			return k
		}
	}
	return name
}

// A numeric option of the runtime, with the names that it has or had: those in
// the options, then those in the connection.
type numericOption struct {
	names, older []string
	least, most  int
	set          func(p *Profile, n int)
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// numericOptions returns them. The number of one that is null is not set.
func numericOptions() []numericOption {
	return []numericOption{
		{[]string{"retrieval_batch_size", "batch_size"}, nil, 1, 10_000_000,
			func(p *Profile, n int) { p.BatchSize = n }},
		{[]string{"result_limit"}, []string{"resultSizeLimit"}, 1, 10_000_000,
			func(p *Profile, n int) { p.ResultLimit = n }},
		{[]string{"single_batch_timeout", "timeout"}, []string{"timeoutLimit"}, 1, 86_400,
			func(p *Profile, n int) { p.Timeout = seconds(n) }},
		{[]string{"cool_down_after_transmission"}, nil, 0, 86_400,
			func(p *Profile, n int) { p.CoolDown = seconds(n) }},
		{[]string{"time_range"}, []string{"timerange"}, 1, 52_560_000, // a hundred years of minutes
			func(p *Profile, n int) { p.Window, p.HasWindow = time.Duration(n)*time.Minute, true }},
	}
}

// options reads the options of the runtime, and returns which keys these are.
func (r *reader) options(connection, options *tree) (taken map[string]bool, _ *Error) {
	taken = map[string]bool{}
	for _, o := range numericOptions() {
		done := false
		for i, name := range slices.Concat(o.names, o.older) {
			section, path := options, "connection.options."
			if i >= len(o.names) {
				section, path = connection, "connection."
			}
			t := section.field(name)
			if t == nil {
				continue
			}
			if section == options {
				taken[keyOf(options, name)] = true
			} else {
				delete(r.profile.Connection, keyOf(connection, name))
			}
			if done {
				continue
			}
			done = true
			if t.isNull() {
				r.profile.HasWindow = r.profile.HasWindow || name == "time_range"
				continue
			}
			n, err := strconv.Atoi(strings.TrimSpace(t.text))
			if err != nil || t.kind != scalarKind || n < o.least || n > o.most {
				return nil, r.errorf(t, "%s%s of profile %s is %s, expected a number from %d to %d",
					path, name, r.profile.Name, shown(t), o.least, o.most)
			}
			o.set(r.profile, n)
		}
	}
	if t := options.field("allow_dev_connector"); t != nil {
		taken[keyOf(options, "allow_dev_connector")] = true
		switch strings.ToLower(t.text) {
		case "true":
			r.profile.AllowDev = true
		case "false", "":
		default:
			return nil, r.errorf(t, "connection.options.allow_dev_connector of profile %s is %s, expected true or false",
				r.profile.Name, shown(t))
		}
	}
	return taken, r.dialects(options, taken)
}

// dialects reads the option of that name; dialects in the connector's name win.
func (r *reader) dialects(options *tree, taken map[string]bool) *Error {
	t := options.field("dialects")
	if t == nil {
		return nil
	}
	taken[keyOf(options, "dialects")] = true
	var names []string
	items := t.items
	if t.kind == scalarKind && !t.isNull() {
		for s := range strings.SplitSeq(t.text, ",") {
			items = append(items, &tree{text: s, value: s})
		}
	}
	for _, item := range items {
		if item.kind != scalarKind {
			items = nil
			break
		}
		if s := strings.TrimSpace(item.text); s != "" {
			names = append(names, s)
		}
	}
	if len(items) == 0 && !t.isNull() && (t.kind != listKind || len(t.items) > 0) {
		return r.errorf(t, "connection.options.dialects of profile %s is %s, expected a list of names",
			r.profile.Name, t.describe())
	}
	if len(r.profile.Dialects) == 0 {
		r.profile.Dialects = names
	}
	return nil
}

// shown returns what an option is, for a message. Options of the runtime are not
// secret.
func shown(t *tree) string {
	if t.kind == scalarKind && !t.isNull() && len(t.text) <= 40 {
		return strconv.Quote(t.text)
	}
	return t.describe()
}

// value returns t as plain values. In a secret section all scalars are secret
// texts as they are written.
func (r *reader) value(path string, t *tree, isSecretPart bool) any {
	if variable, ok := r.missing[t]; ok {
		r.profile.Warnings = append(r.profile.Warnings,
			fmt.Sprintf("%s names variable %s, which is not set", path, variable))
	}
	switch t.kind {
	case listKind:
		out := make([]any, 0, len(t.items))
		for _, item := range t.items {
			out = append(out, r.value(path, item, isSecretPart))
		}
		return out
	case objectKind:
		out := make(map[string]any, len(t.keys))
		for _, k := range t.keys {
			out[k] = r.value(path+"."+k, t.fields[k], isSecretPart || isSecret(k))
		}
		return out
	}
	if t.value == nil {
		return nil
	}
	if isSecretPart {
		return secret.New(t.text)
	}
	if text, ok := t.value.(string); ok && t.place.variable == "" {
		return r.env.expandHome(text)
	}
	return t.value
}

// isSecret reports whether a setting outside config holds a credential, by its
// name.
func isSecret(name string) bool {
	name = foldName(name)
	switch name {
	case "clientkey", "proxy_auth", "apikey", "api_key", "access_key":
		return true
	}
	return slices.ContainsFunc([]string{"password", "passwd", "secret", "token", "private_key", "client_key"},
		func(word string) bool { return strings.HasSuffix(name, word) })
}
