// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package elastic

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/secret"
)

func TestIndices(t *testing.T) {
	t.Parallel()
	s := newServer(t, "elasticsearch", many(t, "logs-1", 10), many(t, "other", 10))
	open := func(indices any) *source {
		return openSource(t, s, func(p *datasource.Profile) { p.Connection["indices"] = indices })
	}
	for _, tt := range []struct {
		name    string
		indices any
		docs    int
		reason  string
		notes   int
	}{
		{"one", "logs-1", 10, "", 0},
		{"two", "logs-1, other", 20, "", 0},
		{"a list", []any{"logs-*", "other"}, 20, "", 0},
		{"all", nil, 20, "", 0},
		{"one is missing", "logs-1,nosuch", 10, "", 1},
		{"missing", "nosuch", 0, "no such index [nosuch]", 0},
		{"none matches", "nosuch-*", 0, "no index matches nosuch-*", 0},
	} {
		a := runTask(t.Context(), t, open(tt.indices), ask(t, "", "process", allDay, -1))
		if len(a.docs) != tt.docs || (tt.reason == "") != (a.err == nil) || a.err != nil && !strings.Contains(a.err.Error(), tt.reason) {
			t.Errorf("%s: %d documents, %v; want %d, %q", tt.name, len(a.docs), a.err, tt.docs, tt.reason)
		}
		if len(a.count.Notes) != tt.notes {
			t.Errorf("%s: notes %v", tt.name, a.count.Notes)
		}
	}
	for _, bad := range []string{"..", "a/_delete_by_query", "a?x", "a b"} {
		p := datasource.Profile{Name: "lab", Connection: datasource.Settings{"host": s.URL, "indices": []any{bad}}}
		if _, err := new(Connector).Open(t.Context(), p, datasource.Env{}); err == nil || !strings.Contains(err.Error(), "no name of an index") {
			t.Errorf("indices %q gives %v", bad, err)
		}
	}
}

func TestCapabilitiesAreAskedOnce(t *testing.T) {
	t.Parallel()
	s := newServer(t, "elasticsearch", many(t, "logs-1", 10))
	src := openSource(t, s, nil)
	for range 3 {
		runTask(t.Context(), t, src, ask(t, `process:name = 'p1'`, "process", allDay, -1))
	}
	asked := 0
	for _, r := range s.requests() {
		if strings.Contains(r, "_field_caps") {
			asked++
		}
	}
	if asked != 1 {
		t.Errorf("field capabilities were asked for %d times", asked)
	}
}

func TestOffline(t *testing.T) {
	t.Parallel()
	s := newServer(t, "elasticsearch", many(t, "logs-1", 10))
	src := openSource(t, s, nil)
	src.env.Offline = true
	task, _, err := src.Plan(t.Context(), ask(t, `process:parent_ref.name = 'nginx'`, "process", allDay, -1))
	if err != nil {
		t.Fatal(err)
	}
	want := []datasource.NativeQuery{{
		Source: "lab", Language: "Query DSL",
		Text:    `{"bool":{"filter":[{"range":{"@timestamp":{"gte":"2026-03-01T10:00:00.000Z","lt":"2026-03-02T10:00:00.000Z","format":"strict_date_optional_time"}}},{"term":{"process.parent.name":"nginx"}}]}}`,
		Recheck: "parent_ref.name = 'nginx'",
	}}
	if diff := cmp.Diff(want, task.Native()); diff != "" || len(s.requests()) > 0 {
		t.Errorf("%d requests; native queries (-want +got):\n%s", len(s.requests()), diff)
	}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	key := func(kv ...string) datasource.Settings {
		out := make(datasource.Settings)
		for i := 0; i < len(kv); i += 2 {
			out[kv[i]] = secret.New(kv[i+1])
		}
		return out
	}
	s := newServer(t, "elasticsearch", many(t, "logs-1", 1))
	for want, auth := range map[string]datasource.Settings{
		"":                      nil,
		"Basic YW5uOnB3":        key("username", "ann", "password", "pw", "id", "i", "api_key", "k"),
		"ApiKey aTpr":           key("id", "i", "api_key", "k", "access_token", "t"),
		"ApiKey aTprZW5jb2RlZA": key("api_key", "aTprZW5jb2RlZA"),
		"Bearer t":              key("access_token", "t"),
	} {
		src := openSource(t, s, func(p *datasource.Profile) { p.Auth = auth })
		if _, err := src.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := s.auth[len(s.auth)-1]; got != want {
			t.Errorf("Authorization: %s, want %s", got, want)
		}
	}
	p := datasource.Profile{Name: "lab", Connection: datasource.Settings{"host": s.URL}, Auth: key("username", "ann")}
	if _, err := new(Connector).Open(t.Context(), p, datasource.Env{}); err == nil || !strings.Contains(err.Error(), "half of a credential") {
		t.Errorf("half of a credential gives %v", err)
	}
}

func TestPing(t *testing.T) {
	t.Parallel()
	for product, want := range map[string]string{
		"opensearch":    "OpenSearch 2.19.3, cluster test",
		"elasticsearch": "Elasticsearch 8.15.0, cluster test",
		"mute":          "Elasticsearch or OpenSearch, which does not tell",
	} {
		got, err := openSource(t, newServer(t, product), nil).Ping(t.Context())
		if got != want || err != nil {
			t.Errorf("Ping = %q, %v; want %q", got, err, want)
		}
	}
}

func TestMapped(t *testing.T) {
	t.Parallel()
	s := newServer(t, "elasticsearch", many(t, "logs-1", 10))
	src := openSource(t, s, nil)
	for _, tt := range []struct{ pattern, typ, reason, hint string }{
		{`process:comand_line = 'x'`, "process", "no field of the source has process:comand_line", "process:command_line"},
		{`process:name = 'x' AND process:nosuch = 1`, "process", "no field of the source has process:nosuch", ""},
		{`network-traffic:protocols = 'tcp'`, "network-traffic", "a list is compared as a whole", "network-traffic:protocols[*]"},
		{``, "processs", "has no entities of type processs", "did you mean process?"},
	} {
		a := runTask(t.Context(), t, src, ask(t, tt.pattern, tt.typ, allDay, -1))
		var f *datasource.Failure
		if !errors.As(a.err, &f) || f.Kind != datasource.MappingError || !strings.Contains(f.Reason, tt.reason) || !strings.Contains(f.Hint, tt.hint) {
			t.Errorf("%s: %v, want %q with hint %q", tt.pattern, a.err, tt.reason, tt.hint)
		}
	}
	a := runTask(t.Context(), t, src, ask(t, `process:name = 'p1' OR process:nosuch = 1`, "process", allDay, -1))
	if a.err != nil || len(a.docs) != 3 || len(a.count.Notes) != 1 || a.count.Notes[0].Code != diag.UnmappedAttribute {
		t.Errorf("half a condition: %+v", a)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	x := &index{name: "logs-1", types: ecsType, ignoreAbove: 1024}
	x.add(t, "d000", []byte(`{"@timestamp":"2020-01-01T00:00:00Z","event":{"created":"2026-03-02T09:00:00Z"},"doc":{"who":"ann"},"process":{"name":"sh"}}`))
	s := newServer(t, "elasticsearch", x)
	src := openSource(t, s, func(p *datasource.Profile) {
		p.Options = datasource.Settings{
			"time_field": "event.created", "sices": int64(2),
			"mapping": map[string]any{"to_stix_map": map[string]any{"doc": map[string]any{"who": map[string]any{"key": "user-account.user_id"}}}},
		}
	})
	a := runTask(t.Context(), t, src, ask(t, "", "user-account", allDay, -1))
	if a.err != nil {
		t.Fatal(a.err)
	}
	if len(a.count.Notes) != 1 || a.count.Notes[0].Hint != "did you mean slices?" {
		t.Errorf("notes %v", a.count.Notes)
	}
	if want := `"sort":[{"event.created":`; !strings.Contains(s.bodies[len(s.bodies)-2], want) {
		t.Errorf("the search %s is not ordered by event.created", s.bodies[len(s.bodies)-2])
	}
	dir := t.TempDir()
	table := filepath.Join(dir, "own.yaml")
	if err := os.WriteFile(table, []byte("format: kestrel-map-to/1\nconnector: elastic_ecs\nfields:\n  a:\n    - {slot: s}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := datasource.Profile{Name: "lab", Connection: datasource.Settings{"host": s.URL}, Options: datasource.Settings{"mapping": "own.yaml"}}
	_, err := new(Connector).Open(t.Context(), p, datasource.Env{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "own.yaml line 5: rule of a needs slot, type and prop") {
		t.Errorf("a wrong table gives %v", err)
	}
}

func TestRest(t *testing.T) {
	t.Parallel()
	s := newServer(t, "elasticsearch", many(t, "logs-1", 10))
	src := openSource(t, s, nil)
	want := &plan.Sort{Input: ask(t, `process:name = 'p1'`, "process", allDay, 2)}
	task, rest, err := src.Plan(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	if got := plan.String(rest); !strings.HasPrefix(got, "Sort") || !strings.Contains(got, "\n  Scan") || task == nil {
		t.Errorf("Plan leaves\n%s", got)
	}
}
