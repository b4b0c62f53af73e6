// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stixbundle

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/datasource/transport"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/secret"
)

// Connector opens profiles of the connector stix_bundle: a bundle at a url (or
// host), which is a URL or a path. Unlike a bundle that a hunt names itself, it
// is searched for the last minutes only if there is no time range, as all
// profiles are.
type Connector struct{}

// Names returns stix_bundle.
func (*Connector) Names() []string { return []string{"stix_bundle"} }

// Open checks the settings of a profile. The error is a *datasource.Failure.
func (*Connector) Open(ctx context.Context, p datasource.Profile, env datasource.Env) (datasource.Source, error) {
	wrong := func(err error) error {
		return &datasource.Failure{
			Kind: datasource.Misconfigured, Source: p.Name, Op: "read profile", Reason: err.Error(), Err: err,
		}
	}
	address, err := p.Connection.Text("url")
	if address == "" && err == nil {
		address, err = p.Connection.Text("host")
	}
	if err != nil {
		return nil, wrong(err)
	}
	if !strings.Contains(address, "://") {
		address = "file://" + address
	}
	where, err := parse(address)
	if err != nil {
		return nil, wrong(fmt.Errorf("url names no bundle, expected http://, https:// or a path"))
	}
	s := newSource(env, where)
	out := &profiled{source: s, profile: p, now: env.Now}
	if out.now == nil {
		out.now = time.Now
	}
	if where.url != nil {
		if s.access.tls, out.notes, err = transport.TLS(p.Connection, env.Dir, where.url); err != nil {
			return nil, wrong(err)
		}
		if s.access.user, err = p.Auth.Secret("username"); err != nil {
			return nil, wrong(err)
		}
		if s.access.password, err = p.Auth.Secret("password"); err != nil {
			return nil, wrong(err)
		}
	}
	out.notes = append(out.notes, unused(p)...)
	return out, nil
}

// unused says which settings of a profile mean nothing here.
func unused(p datasource.Profile) []datasource.Note {
	names := p.Connection.Unknown("url", "host", "port", "type", "help", "selfSignedCert", "verify", "sni", "clientCert", "clientKey")
	for _, n := range p.Options.Unknown("stix_2.1", "validate_pattern", "stix_validator", "mapping", "unmapped_fallback", "language", "async_call") {
		names = append(names, "options."+n)
	}
	if len(names) == 0 {
		return nil
	}
	return []datasource.Note{{
		Code:    diag.SourceMisconfigured,
		Message: "these settings of the connection are not known: " + strings.Join(names, ", "),
		Hint:    "correct or remove them",
	}}
}

// An access is how a server is asked.
type access struct {
	tls            *tls.Config // nil: the system's authorities
	user, password secret.String
}

// authorize puts the credentials on a request.
func (a access) authorize(r *http.Request) {
	if !a.user.IsZero() || !a.password.IsZero() {
		r.SetBasicAuth(a.user.Reveal(), a.password.Reveal())
	}
}

// A profiled source is a bundle as a profile has it.
type profiled struct {
	source  *source
	profile datasource.Profile
	now     func() time.Time
	notes   []datasource.Note
}

// Plan is that of the bundle, over the profile's window if there is none.
func (s *profiled) Plan(ctx context.Context, want plan.Node) (datasource.Task, plan.Node, error) {
	t, rests, err := s.PlanAll(ctx, []plan.Node{want})
	if err != nil {
		return nil, nil, err
	}
	return t, rests[0], nil
}

// bound gives a question without a window the profile's, and adds the note that
// says so, once.
func (s *profiled) bound(want plan.Node, notes []datasource.Note) (plan.Node, []datasource.Note) {
	want, _ = plan.Map(want, func(n plan.Node) (plan.Node, error) { // never fails
		scan, ok := n.(*plan.Scan)
		if !ok || !scan.Window.IsZero() || s.profile.Window <= 0 {
			return n, nil
		}
		own := *scan
		stop := s.now().UTC()
		own.Window = plan.Window{Start: stop.Add(-s.profile.Window), Stop: stop, Origin: plan.Defaulted}
		if note := datasource.DefaultedNote(s.profile.Window); !slices.Contains(notes, note) {
			notes = append(slices.Clip(notes), note)
		}
		return &own, nil
	})
	return want, notes
}

// Complete is that of the bundle: the profile's window is for questions that find
// something, not for what belongs to it.
func (s *profiled) Complete(ctx context.Context, want datasource.Wanted) (datasource.Task, error) {
	t, err := s.source.Complete(ctx, want)
	if err != nil {
		return nil, err
	}
	return &profiledTask{Task: t, name: s.profile.Name}, nil
}

// PlanAll is Plan for several questions, which one pass answers.
func (s *profiled) PlanAll(ctx context.Context, wants []plan.Node) (datasource.Task, []plan.Node, error) {
	notes := s.notes
	bounded := make([]plan.Node, len(wants))
	for i, want := range wants {
		bounded[i], notes = s.bound(want, notes)
	}
	t, rests, err := s.source.PlanAll(ctx, bounded)
	if err != nil {
		return nil, nil, err
	}
	return &profiledTask{Task: t, name: s.profile.Name, notes: notes}, rests, nil
}

// Close is that of the bundle.
func (s *profiled) Close() error { return s.source.Close() }

// Ping asks for the head of the page, or looks for the file.
func (s *profiled) Ping(ctx context.Context) (string, error) {
	p := s.source.places[0]
	if p.url == nil {
		files, err := s.source.files(p)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("files of bundles: %d, at %s", len(files), p.name()), nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, p.uri, nil)
	if err != nil {
		return "", invalid(p.name(), "this URL cannot be asked", "correct the URL")
	}
	s.source.access.authorize(req)
	client := s.source.client()
	defer client.CloseIdleConnections()
	resp, err := client.Do(req)
	if err != nil {
		return "", unreachable(ctx, p, err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusMethodNotAllowed {
		return "", refused(p, resp.StatusCode)
	}
	return "the bundle is there: " + (&url.URL{Scheme: p.url.Scheme, Host: p.url.Host, Path: p.url.Path}).String(), nil
}

// A profiledTask has more to say than the task of a bundle.
type profiledTask struct {
	datasource.Task
	name  string
	notes []datasource.Note
}

// Native lists the queries under the profile's name.
func (t *profiledTask) Native() []datasource.NativeQuery {
	queries := t.Task.Native()
	for i := range queries {
		queries[i].Source = t.name
	}
	return queries
}

// Counts returns the accounting under the profile's name.
func (t *profiledTask) Counts() []datasource.Count {
	counts := t.Task.Counts()
	if len(counts) == 0 {
		counts = []datasource.Count{{}}
	}
	for i := range counts {
		counts[i].Source = t.name
	}
	first := &counts[0]
	first.Notes = append(slices.Clip(t.notes), first.Notes...)
	return counts
}
