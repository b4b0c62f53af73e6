// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/datasource/elastic"
	"github.com/kestrelhunt/kestrel/datasource/profile"
	"github.com/kestrelhunt/kestrel/datasource/stixbundle"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/display"
	"github.com/kestrelhunt/kestrel/internal/engine"
	"github.com/kestrelhunt/kestrel/internal/store"
	"github.com/kestrelhunt/kestrel/syntax"
)

// openOffline returns an engine that knows a profile lab of Elasticsearch. To
// open a connection fails the test.
func openOffline(t *testing.T) *engine.Engine {
	t.Helper()
	registry := new(datasource.Registry)
	profiles := &profile.Driver{
		Connectors: []datasource.Connector{&elastic.Connector{}},
		Environ: func() []string {
			return []string{
				"STIXSHIFTER_LAB_CONNECTOR=elastic_ecs",
				`STIXSHIFTER_LAB_CONNECTION={"host": "siem.example", "port": 9200, "indices": "logs-*"}`,
				`STIXSHIFTER_LAB_CONFIG={"auth": {"id": "i", "api_key": "k-secret"}}`,
			}
		},
	}
	for _, d := range []datasource.Driver{&stixbundle.Driver{}, profiles} {
		if err := registry.Add(d); err != nil {
			t.Fatal(err)
		}
	}
	s := store.Open(store.Options{})
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return engine.New(engine.Config{
		Store:    s,
		Registry: registry,
		Env: datasource.Env{
			Dir:   t.TempDir(),
			Cache: func() (string, error) { return "", errors.New("nothing is fetched") },
			Now:   now,
			Dial: func(_ context.Context, _, address string) (net.Conn, error) {
				t.Errorf("a connection to %s was asked for", address)
				return nil, errors.New("offline")
			},
		},
		Log:             slog.New(slog.DiscardHandler),
		DefaultVariable: "_",
		DefaultScheme:   "stixshifter",
		StartOffset:     -5 * time.Minute,
		StopOffset:      5 * time.Minute,
	})
}

// forecast explains a hunt, or a variable of it, and returns what is shown and
// said.
func forecast(t *testing.T, e *engine.Engine, hunt, name string) (shown, said string) {
	t.Helper()
	tree, ds := syntax.Parse(&diag.File{Name: "hunt.hf", Text: hunt})
	if err := ds.Err(); err != nil {
		t.Fatal(err)
	}
	out := e.Explain(t.Context(), tree.Stmts, name)
	var b strings.Builder
	if err := diag.Render(&b, out.Diagnostics, diag.RenderOptions{}); err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, d := range out.Displays {
		texts = append(texts, display.String(d, display.Style{}))
	}
	return strings.Join(texts, ""), b.String()
}

func TestExplainOffline(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, hunt, variable, want string }{
		{
			"a time range",
			"p = GET process FROM lab WHERE parent_ref.name = 'nginx' START 2024-05-06T09:00:00Z STOP 2024-05-06T10:00:00Z",
			"", `p = GET process FROM lab WHERE parent_ref.name = 'nginx' START 2024-05-06T09:00:00Z STOP 2024-05-06T10:00:00Z  [hunt.hf:1]
└── Filter parent_ref.name = 'nginx'  [in the source]
    └── Scan process of stixshifter://lab  [asks the source]
        │   time range: START 2024-05-06T09:00:00Z STOP 2024-05-06T10:00:00Z (given)
        │   driver: stix-shifter profiles
        └── Query DSL  [lab]
                query: {"bool":{"filter":[{"range":{"@timestamp":{"gte":"2024-05-06T09:00:00.000Z","lt":"2024-05-06T10:00:00.000Z","format":"strict_date_optional_time"}}},{"term":{"process.parent.name":"nginx"}}]}}
                checked again here: parent_ref.name = 'nginx'
`,
		},
		{
			"values and a time range that are not known",
			"a = GET network-traffic FROM lab WHERE dst_port = 4444\n" +
				"b = GET network-traffic FROM lab WHERE dst_ref.value = a.dst_ref.value AND src_port != a.src_port",
			"b", `b = GET network-traffic FROM lab WHERE dst_ref.value = a.dst_ref.value AND src_port != a.src_port  [hunt.hf:2]
└── Filter dst_ref.value = a.dst_ref.value AND src_port != a.src_port  [in the source]
    ├── Scan network-traffic of stixshifter://lab  [asks the source]
    │   │   time range: <start> to <stop>: around the records of a, once they are known
    │   │   driver: stix-shifter profiles
    │   └── Query DSL  [lab]
    │           query: {"bool":{"filter":[{"range":{"@timestamp":{"gte":<start>,"lt":<stop>,"format":"strict_date_optional_time"}}},{"bool":{"should":[{"term":{"destination.ip":a.dst_ref.value}},{"terms":{"_ignored":["destination.ip","server.ip"]}},{"term":{"server.ip":a.dst_ref.value}}],"minimum_should_match":1}}
`,
		},
		{
			"the source's own time range",
			"p = GET process FROM lab WHERE name = 'a'",
			"p", `p = GET process FROM lab WHERE name = 'a'  [hunt.hf:1]
└── Filter name = 'a'  [in the source]
    └── Scan process of stixshifter://lab  [asks the source]
        │   time range: none given
        │   driver: stix-shifter profiles
        │   note: lab: no time range was given, so only the last 5 minutes were searched
`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			shown, said := forecast(t, openOffline(t), tt.hunt, tt.variable)
			// Of a long query the beginning is enough.
			want := strings.TrimSuffix(tt.want, "\n")
			if diff := cmp.Diff(want, shown[:min(len(shown), len(want))]); diff != "" || said != "" {
				t.Errorf("Explain(%q) says %q and shows (-want +got):\n%s", tt.hunt, said, diff)
			}
			if strings.Contains(shown, "kestrelstandin") || strings.Contains(shown, "21474800") || strings.Contains(shown, "k-secret") {
				t.Errorf("Explain(%q) shows stand-ins or credentials:\n%s", tt.hunt, shown)
			}
		})
	}
}

func TestExplainFaults(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, hunt, variable, shown, said string }{
		{
			"an attribute that no field has",
			"p = GET process FROM lab WHERE x_nosuch = 5\nq = p SORT BY pid", "",
			`p = GET process FROM lab WHERE x_nosuch = 5  [hunt.hf:1]
└── Filter x_nosuch = 5
    └── Scan process of stixshifter://lab  [asks the source]
            time range: none given
            note: the query is not known: lab: translate: no field of the source has process:x_nosuch
q = p SORT BY pid  [hunt.hf:2]
└── Sort pid DESC  [in the session]
    └── Variable p  [hunt.hf:1]
`,
			`hunt.hf:1:22: error[unmapped-attribute]: lab: translate: no field of the source has process:x_nosuch
 1 | p = GET process FROM lab WHERE x_nosuch = 5
   |                      ^^^
   = hint: ask for attributes that this source knows
`,
		},
		{
			"a profile that is not there",
			"p = GET process FROM stixshifter://lub WHERE name = 'a'", "p",
			`p = GET process FROM stixshifter://lub WHERE name = 'a'  [hunt.hf:1]
└── Filter name = 'a'
    └── Scan process of stixshifter://lub  [asks the source]
            time range: none given
            note: the query is not known: no profile lub is configured for stixshifter://
`,
			`hunt.hf:1:22: error[unknown-source]: no profile lub is configured for stixshifter://
 1 | p = GET process FROM stixshifter://lub WHERE name = 'a'
   |                      ^^^^^^^^^^^^^^^^^
   = hint: did you mean lab?
`,
		},
		{
			"a variable that is not assigned",
			"proc = NEW process ['a']\nDISP proc", "procs", "",
			"error[undefined-variable]: the hunt assigns no variable procs\n   = hint: did you mean proc?\n",
		},
		{
			"a step with an error",
			"p = GET process FROM lab WHERE name = q.name\nr = NEW process ['a']", "",
			"r = NEW process ['a']  [hunt.hf:2]\n└── New process {\"name\": \"a\"}  [written in the hunt]\n",
			`hunt.hf:1:39: error[undefined-variable]: variable q is not defined
 1 | p = GET process FROM lab WHERE name = q.name
   |                                       ^
   = hint: no variable is defined yet: assign one first, as in q = GET ...
`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			shown, said := forecast(t, openOffline(t), tt.hunt, tt.variable)
			if diff := cmp.Diff(tt.shown, shown); diff != "" {
				t.Errorf("Explain(%q) shows (-want +got):\n%s", tt.hunt, diff)
			}
			if diff := cmp.Diff(tt.said, said); diff != "" {
				t.Errorf("Explain(%q) says (-want +got):\n%s", tt.hunt, diff)
			}
		})
	}
}

// A long hunt is explained up to a bound, and what is left out is named.
func TestExplainLong(t *testing.T) {
	t.Parallel()
	var hunt strings.Builder
	hunt.WriteString("p = NEW process ['a']\n")
	for range 300 {
		hunt.WriteString("p = p WHERE name = 'a'\n")
	}
	shown, said := forecast(t, openOffline(t), hunt.String(), "p")
	if said != "" {
		t.Errorf("Explain says %s", said)
	}
	if n := strings.Count(shown, "Filter name = 'a'"); n != 200 {
		t.Errorf("Explain shows %d steps, want 200", n)
	}
	if want := "[hunt.hf:101, and what it builds on is not shown: explain it by itself]\n"; !strings.HasSuffix(shown, want) {
		t.Errorf("Explain ends in %q, want %q", shown[max(0, len(shown)-200):], want)
	}
}
