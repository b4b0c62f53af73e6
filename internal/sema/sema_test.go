// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package sema_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/internal/sema"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/syntax"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func scope() *sema.Scope {
	return sema.NewScope(sema.Settings{
		DefaultVariable: "_",
		DefaultScheme:   "stixshifter",
		Schemes:         []string{"file", "http", "https", "stixshifter"},
		Now:             noon,
	})
}

// analyze returns the plan of each statement's value, "" where there is none,
// and all diagnostics that say something.
func analyze(t *testing.T, hunt string) (plans []string, ds diag.List) {
	t.Helper()
	tree, ds := syntax.Parse(&diag.File{Name: "test.hf", Text: hunt})
	s := scope()
	for _, stmt := range tree.Stmts {
		step, more := s.Analyze(stmt)
		ds = append(ds, sema.Report(more)...)
		switch st := step.(type) {
		case *plan.Bind:
			plans = append(plans, plan.String(st.Value))
		case *plan.Display:
			plans = append(plans, plan.String(st.Value))
		default:
			plans = append(plans, "")
		}
	}
	return plans, ds
}

func TestPlans(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, hunt string
		want       string // of the last statement
	}{
		{
			"get from a source",
			"p = GET process FROM file://a.json WHERE name = 'cmd.exe'",
			"Filter name = 'cmd.exe'\n  Scan process of file://a.json\n",
		},
		{
			"a list gives each piece its scheme",
			"p = GET process FROM file://a.json,b.json,HTTPS://c/d.json WHERE pid > 0 LIMIT 3",
			"Limit 3 records\n  Filter pid > 0\n    Scan process of file://a.json, file://b.json, https://c/d.json\n",
		},
		{
			"no scheme means the default one",
			"p = GET process FROM host101 WHERE pid > 0",
			"Filter pid > 0\n  Scan process of stixshifter://host101\n",
		},
		{
			"no FROM means the last source",
			"p = GET process FROM file://a.json WHERE pid > 0\nq = GET file WHERE name = 'x'",
			"Filter name = 'x'\n  Scan file of file://a.json\n",
		},
		{
			"a variable wins over a source",
			"host = NEW process ['a']\np = GET process FROM host WHERE name = 'a' LIMIT 2",
			"Limit 2\n  Filter name = 'a'\n    Variable host\n",
		},
		{
			"LAST counts back from now",
			"p = GET process FROM file://a.json WHERE pid > 0 LAST 5 MINUTES",
			"Filter pid > 0\n  Scan process of file://a.json START 2026-03-01T11:55:00Z STOP 2026-03-01T12:00:00Z\n",
		},
		{
			"clauses of an expression",
			"p = NEW process [{\"name\": \"a\", \"pid\": 1}]\nDISP p WHERE pid = 1 ATTR name, pid SORT BY pid ASC LIMIT 5 OFFSET 1",
			"Limit 5 offset 1\n  Project name, pid\n    Sort pid ASC\n      Filter pid = 1\n        Variable p\n",
		},
		{
			"sorting is descending unless said",
			"p = NEW process ['a']\nq = SORT p BY name",
			"Sort name DESC\n  Variable p\n",
		},
		{
			"the type key wins",
			"p = NEW file [{\"type\": \"process\", \"name\": \"a\"}]",
			"New process {\"name\": \"a\"}\n",
		},
		{
			"a text fills the type's own attribute",
			"u = NEW user-account [\"root\"]",
			"New user-account {\"user_id\": \"root\"}\n",
		},
		{
			"names of version 2.1 are read as those of 2.0",
			"p = GET process FROM file://a.json WHERE image_ref.name = 'x' AND created_time > '2020'",
			"Filter binary_ref.name = 'x' AND created > '2020'\n  Scan process of file://a.json\n",
		},
		{
			"a transformer adds its attributes",
			"p = NEW process ['a']\nDISP TIMESTAMPED(p) ATTR first_observed, name",
			"Project first_observed, name\n  Transform TIMESTAMPED\n    Variable p\n",
		},
		{
			"the clauses of FIND apply to what is found",
			"p = NEW process ['a']\nf = FIND network-traffic Created BY p WHERE dst_port = 22 AND x-oca-asset:hostname = 'h' LAST 1 HOUR LIMIT 5",
			"Limit 5 records\n  Within START 2026-03-01T11:00:00Z STOP 2026-03-01T12:00:00Z\n    Filter dst_port = 22 AND x-oca-asset:hostname = 'h'\n      Find network-traffic created by\n        Similar\n          Variable p\n",
		},
		{
			"several hops",
			"p = NEW process ['a']\nf = FIND process CREATED p WITHIN 3 HOPS",
			"Find process created within 3 hops\n  Similar\n    Variable p\n",
		},
		{
			"one hop leads to any type",
			"p = NEW process ['a']\nf = FIND file LOADED BY p WITHIN 1 HOP\ng = FIND process LINKED f",
			"Find process linked\n  Variable f\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			plans, ds := analyze(t, tt.hunt)
			if err := ds.Err(); err != nil {
				t.Fatalf("Analyze(%q): %v", tt.hunt, err)
			}
			if diff := cmp.Diff(tt.want, plans[len(plans)-1]); diff != "" {
				t.Errorf("Analyze(%q): plan (-want +got):\n%s", tt.hunt, diff)
			}
		})
	}
}

func TestDiagnostics(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, hunt string
		want       []string // "code at text: part of the hint"
	}{
		{"unknown variable", "procs = NEW process ['a'] DISP porcs", []string{"undefined-variable at porcs: did you mean procs?"}},
		{"nothing defined", "DISP browsers", []string{"undefined-variable at browsers: assign one first"}},
		{"one report, no cascade", "a = nosuch b = a WHERE pid = 1 DISP b", []string{"undefined-variable at nosuch: "}},
		{"reported once", "DISP nosuch DISP nosuch", []string{"undefined-variable at nosuch: "}},
		{"unknown attribute", "p = NEW process ['a'] DISP p ATTR nmae", []string{"undefined-attribute at nmae: did you mean name?"}},
		{"no source", "x = GET process WHERE pid = 4", []string{"missing-source at process: name one"}},
		{"unknown scheme", "x = GET process FROM fil://a WHERE pid = 4", []string{"unknown-scheme at fil://a: did you mean file://?"}},
		{"type of a variable", "p = NEW process ['a'] f = GET file FROM p WHERE name = 'a'", []string{"type-mismatch at file: write GET process"}},
		{"merge of types", "a = NEW ipv4-addr ['1.1.1.1'] b = NEW url ['x'] c = a + b", []string{"mixed-types at b: merge variables"}},
		{"types in NEW", `a = NEW [{"type": "file", "name": "a"}, {"type": "process", "name": "b"}]`, []string{`mixed-types at "process": use one NEW`}},
		{"no type in NEW", `a = NEW ["x"]`, []string{"missing-type at [\"x\"]: name it in the command"}},
		{"list without IN", "p = NEW process ['a'] q = p WHERE name = ('a', 'b')", []string{"invalid-pattern at ('a', 'b'): use IN"}},
		{"IN without list", "p = NEW process ['a'] q = p WHERE name IN 'a'", []string{"invalid-pattern at 'a': put the value in parentheses"}},
		{"look-around", "p = NEW process ['a'] q = p WHERE name MATCHES 'a(?=b)'", []string{"invalid-pattern at 'a(?=b)': "}},
		{"no network", "p = NEW ipv4-addr ['1.1.1.1'] q = p WHERE value ISSUBSET 'home'", []string{"invalid-pattern at 'home': write one such as"}},
		{"reference to nothing", "p = NEW process ['a'] q = p WHERE name = r.name", []string{"undefined-variable at r: "}},
		{"reference to an unknown attribute", "p = NEW process ['a'] q = p WHERE name = p.nmae", []string{"invalid-attribute at p.nmae: did you mean p.name?"}},
		{"unknown type", "p = NEW proces ['a']", []string{"unknown-type at proces: did you mean process?"}},
		{"unknown property", "p = GET process FROM file://a WHERE nmae = 'a'", []string{"undefined-attribute at nmae: did you mean name?"}},
		{"custom properties may be anything", "p = GET process FROM file://a WHERE x_score > 3 AND x-foo:bar = 1", nil},
		{"unknown format", "p = NEW process ['a'] SAVE p TO a.jsno", []string{"unknown-format at a.jsno: did you mean .json?"}},
		{"no format", "p = NEW process ['a'] SAVE p TO a", []string{"unknown-format at a: end it with"}},
		{"times in order", "p = GET process FROM file://a WHERE pid = 1 START 2021-01-02T00:00:00Z STOP 2021-01-01T00:00:00Z", []string{"invalid-time at START 2021-01-02T00:00:00Z STOP 2021-01-01T00:00:00Z: swap"}},
		{"a join needs keys", "p = NEW process ['a'] j = JOIN p, p", []string{"missing-join-keys at j = JOIN p, p: add BY"}},
		{"a join of unknown attributes", "p = NEW process ['a'] j = JOIN p, p BY nmae, name", []string{"undefined-attribute at nmae: did you mean name?"}},
		{"a join has the attributes of both", "p = NEW process ['a'] q = NEW process [{'x_a': 1}] j = JOIN p, q BY id, id DISP j ATTR x_a, name, nosuch", []string{"undefined-attribute at nosuch: it has"}},
		{"columns of a group", "p = NEW process ['a'] g = GROUP p BY BIN(name, 5) WITH COUNT(*) AS image_ref DISP g ATTR name_bin, image_ref, name", []string{"undefined-attribute at name: it has image_ref, name_bin"}},
		{"a group has no id", "p = NEW process ['a'] g = GROUP p BY name WITH COUNT(*) DISP g ATTR id", []string{"undefined-attribute at id: it has"}},
		{"columns of a group without WITH", "p = NEW process ['a'] g = GROUP p BY name DISP g ATTR unique_name", nil},
		{"columns of one name", "p = NEW process ['a'] g = GROUP p BY name WITH COUNT(id) AS name", []string{"invalid-attribute at COUNT(id) AS name: give one"}},
		{"groups stay groups", "p = NEW process ['a'] g = GROUP p BY name h = g SORT BY name j = JOIN h, p BY name, name DISP TIMESTAMPED(j)", []string{"undefined-attribute at TIMESTAMPED(j): use the variable"}},
		{"a join with groups is of entities", "p = NEW process ['a'] g = GROUP p BY name j = JOIN p, g BY name, name DISP TIMESTAMPED(j)", nil},
		{"a variable grouped from itself", "p = NEW process ['a'] p = GROUP p BY name x = GET process FROM p WHERE name = 'a'", []string{"undefined-attribute at p: use the variable"}},
		{"groups and entities", "p = NEW process ['a'] g = GROUP p BY name x = p + g", []string{"undefined-attribute at g: merge before"}},
		{"groups and another type", "p = NEW process ['a'] g = GROUP p BY name x = g WHERE file:name = 'a'", []string{"undefined-attribute at file:name: use the variable"}},
		{"a join by a list", "p = NEW process ['a'] n = NEW network-traffic [{'dst_port': 1}] j = JOIN p, n BY opened_connection_refs, id", []string{"invalid-attribute at opened_connection_refs: lists"}},
		{"a column that is called like a list", "p = NEW process ['a'] g = GROUP p BY name WITH COUNT(*) AS n_refs h = GROUP g BY n_refs", nil},
		{"a key of several values", "p = NEW process ['a'] g = GROUP p BY opened_connection_refs[*].dst_port", []string{"invalid-attribute at opened_connection_refs[*].dst_port: "}},
		{"relations", "p = NEW process ['a'] f = FIND url OWNED BY p", []string{"unsupported-relation at OWNED: between these types holds linked; of process hold created network-traffic, created process"}},
		{"several relations hold", "p = NEW process ['a'] f = FIND process LOADED p", []string{"unsupported-relation at LOADED: between these types holds created, linked"}},
		{"nothing holds but linked", "p = NEW process ['a'] f = FIND url LOADED p", []string{"unsupported-relation at LOADED: between these types holds linked"}},
		{"misspelt relation", "p = NEW process ['a'] f = FIND process CREATD p", []string{"unsupported-relation at CREATD: did you mean created?"}},
		{"no such relation", "p = NEW process ['a'] f = FIND process bogus p", []string{"unsupported-relation at bogus: between these types holds created, linked"}},
		{"BY is missing", "p = NEW process ['a'] f = FIND file LOADED p", []string{"unsupported-relation at LOADED: process loaded file holds: write LOADED BY"}},
		{"BY is too much", "f = NEW file ['a'] p = FIND process LOADED BY f", []string{"unsupported-relation at LOADED: process loaded file holds: leave BY out"}},
		{"hops to another type", "p = NEW process ['a'] f = FIND file LOADED BY p WITHIN 2 HOPS", []string{"unsupported-relation at 2: leave WITHIN out"}},
		{"hops of linked", "p = NEW process ['a'] f = FIND process LINKED p WITHIN 2 HOPS", []string{"unsupported-relation at 2: leave WITHIN out"}},
		{"FIND from nothing", "f = FIND process CREATED p g = FIND process CREATED f", []string{"undefined-variable at p: assign one first"}},
		{"FIND of an unknown type", "p = NEW process ['a'] f = FIND proces LINKED p", []string{"unknown-type at proces: did you mean process?"}},
		{"FIND needs entities", "p = NEW process ['a'] g = GROUP p BY name f = FIND file LOADED BY g", []string{"undefined-attribute at g: use the variable"}},
		{"FIND checks its condition", "p = NEW process ['a'] f = FIND file LINKED p WHERE name IN 'a'", []string{"invalid-pattern at 'a': put the value in parentheses"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, ds := analyze(t, tt.hunt)
			if len(ds) != len(tt.want) {
				t.Fatalf("Analyze(%q): %d diagnostics %v, want %d", tt.hunt, len(ds), ds, len(tt.want))
			}
			for i, d := range ds {
				got := string(d.Code) + " at " + d.Span.Text() + ": " + d.Hint
				place, hint, _ := strings.Cut(tt.want[i], ": ")
				if !strings.HasPrefix(got, place+": ") || !strings.Contains(d.Hint, hint) {
					t.Errorf("Analyze(%q): %s, want %s", tt.hunt, got, tt.want[i])
				}
			}
		})
	}
}
