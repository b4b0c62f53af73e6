// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package bridge

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/secret"
)

// A launcher finds the Python that has a module and starts it.
type launcher struct {
	source  string // the profile, for messages
	module  string
	environ func() []string
	limit   int64 // bytes of one answer
	secrets []secret.String
}

// mask takes credentials out of a text that came from Python.
func (l *launcher) mask(text string) string { return secret.Mask(text, l.secrets...) }

// startUp is how long an interpreter may take until it has answered first.
const startUp = time.Minute

// start starts the first interpreter that has stix-shifter and the module, and
// opens the profile in it. If there is none it says what is missing and how to
// install it.
func (l *launcher) start(ctx context.Context, args openArgs) (*shim, about, error) {
	environ := l.environ()
	var tried []attempt
	for _, c := range candidates(environ) {
		sh, err := l.launch(ctx, c.path, environ)
		var a about
		if err == nil {
			err = sh.call(ctx, startUp, "open", &a, args.module, reveal(args.connection), reveal(args.configuration),
				args.identity, args.insecure)
			if err == nil && a.Module {
				return sh, a, nil
			}
			sh.close()
		}
		if ended := ctx.Err(); ended != nil {
			return nil, about{}, fmt.Errorf("%s: start Python: %w", l.source, ended)
		}
		tried = append(tried, attempt{c, a, err})
	}
	return nil, about{}, l.missing(tried)
}

// An attempt is an interpreter that was tried in vain.
type attempt struct {
	candidate
	about
	err error
}

// missing says what none of the interpreters has.
func (l *launcher) missing(tried []attempt) *datasource.Failure {
	f := &datasource.Failure{Kind: datasource.Unavailable, Source: l.source, Op: "find stix-shifter"}
	for _, a := range tried {
		if a.Found {
			l.missingModule(f, a)
			return f
		}
	}
	const needs = "the connector %s needs the Python package stix-shifter"
	switch {
	case len(tried) == 0:
		f.Reason = fmt.Sprintf(needs+", and there is no Python", l.module)
		f.Hint = "install Python 3, then: python3 -m pip install stix-shifter " + packageOf(l.module)
		return f
	case tried[0].from != "" && tried[0].err != nil:
		f.Reason = fmt.Sprintf("%s, which %s names, does not work as Python: %s", tried[0].path, tried[0].from, tail(tried[0].err))
		f.Hint = "let the variable name an interpreter that has stix-shifter, or unset it"
		return f
	}
	var places []string
	for _, a := range tried {
		places = append(places, a.path)
	}
	f.Reason = fmt.Sprintf(needs+", which is not in %s", l.module, list(places))
	f.Hint = fmt.Sprintf("run: python3 -m venv ~/stixshifter && ~/stixshifter/bin/pip install stix-shifter %s, and set %s to ~/stixshifter",
		packageOf(l.module), venvVariable)
	if tried[0].from != "" {
		f.Hint = fmt.Sprintf("run: %s -m pip install stix-shifter %s", tried[0].path, packageOf(l.module))
	}
	return f
}

// missingModule says that stix-shifter is there and the module is not.
func (l *launcher) missingModule(f *datasource.Failure, a attempt) {
	f.Reason = fmt.Sprintf("stix-shifter %s in %s has no module %s", a.Library, a.path, l.module)
	name := packageOf(l.module)
	if a.Library != "" {
		name += "==" + a.Library
	}
	f.Hint = fmt.Sprintf("run: %s -m pip install %s", a.path, name)
	if near, ok := diag.Nearest(l.module, a.Modules); ok {
		f.Hint = fmt.Sprintf("did you mean connector: %s? Otherwise %s", near, f.Hint)
	}
}

// tail returns the end of an error, where Python says what is wrong.
func tail(err error) string {
	text := err.Error()
	if i := strings.LastIndex(text, ": "); i >= 0 && len(text) > 200 {
		text = text[i+2:]
	}
	return datasource.Shorten(text, 200)
}
