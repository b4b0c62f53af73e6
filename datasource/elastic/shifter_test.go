// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

//go:build integration

package elastic

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"testing"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

var windowText = regexp.MustCompile(` AND \(@timestamp:\["[^"]*" TO "[^"]*"\]\)$`)

// theirs returns the documents that queries of stix-shifter find, whenever they
// were seen.
func theirs(t *testing.T, url, index string, queries []string) ([]string, bool) {
	t.Helper()
	found := make(map[string]bool)
	for _, q := range queries {
		body, err := json.Marshal(map[string]any{
			"size": 10000, "_source": false,
			"query": map[string]any{"query_string": map[string]any{"query": windowText.ReplaceAllString(q, "")}},
		})
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/"+index+"/_search", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", jsonKind)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != http.StatusOK {
			return nil, false
		}
		var answer struct {
			Hits struct {
				Hits []struct {
					ID string `json:"_id"`
				} `json:"hits"`
			} `json:"hits"`
		}
		if err := json.Unmarshal(text, &answer); err != nil {
			t.Fatal(err)
		}
		for _, h := range answer.Hits.Hits {
			found[h.ID] = true
		}
	}
	return slices.Sorted(maps.Keys(found)), true
}

// A difference is why a pattern may find other documents here than with
// stix-shifter: it has an operator, or an attribute.
type difference struct {
	why         string
	match       *regexp.Regexp // in the text of a pattern
	fewer, more bool           // documents that may be found here
}

// differences are all reasons. Those of attributes are corrections of the
// tables, which say more (see package mapping). What stix-shifter finds besides
// is mostly what it makes no entity of: its queries look at fields, and a GET
// gives the entities that satisfy its condition.
var differences = []difference{
	{"an attribute that is absent is not different from anything", regexp.MustCompile(`NOT |!=`), true, false},
	{"MATCHES finds an expression anywhere in a text, and not the whole text", regexp.MustCompile(`MATCHES`), false, true},
	{"blanks and wildcards may stand together in LIKE", regexp.MustCompile(`LIKE '[^']* `), false, true},
	{"ISSUPERSET is about networks", regexp.MustCompile(`ISSUPERSET`), true, false},
	{"user_id is user.id where there is one", regexp.MustCompile(`user_id`), true, false},
	{"every entity has an id", regexp.MustCompile(`:id `), false, true},
	{"a protocol is in lower case, and one of a list", regexp.MustCompile(`protocols`), false, true},
	{"the name of a file is no path, and not all that has a name has a file", regexp.MustCompile(`binary_ref\.name|image_ref\.name|file:name`), true, true},
	{"a connection is not made of addresses alone", regexp.MustCompile(`(src|dst)_ref\.value`), true, false},
	{"translated ports are kept apart", regexp.MustCompile(`(src|dst)_port`), true, false},
	{"a host name is no domain", regexp.MustCompile(`domain-name:value`), true, false},
	{"directories are also those of programs", regexp.MustCompile(`directory:path`), false, true},
}

// explained reports whether some reason for a pattern allows for fewer, or more,
// documents, and notes those that do.
func explained(pattern string, more bool, used map[string]bool) bool {
	found := false
	for _, d := range differences {
		if d.match.MatchString(pattern) && (more && d.more || !more && d.fewer) {
			used[d.why], found = true, true
		}
	}
	return found
}

// TestLiveStixShifter runs the queries of stix-shifter and our own for the same
// patterns on the same documents. Where they find others there is a reason.
func TestLiveStixShifter(t *testing.T) {
	url := liveOpenSearch.start(t)
	docs := slices.DeleteFunc(liveDocuments(t), losesText)
	fill(t, url, "logs-ecs", ecsSettings(), docs)
	src := openLive(t, url, "logs-ecs", nil)
	same, differ := 0, 0
	used := make(map[string]bool)
	for _, c := range readQueryCases(t) {
		if c.Expected != "ok" || c.Dialect == beats || c.Version == "2.1" {
			continue
		}
		p, list := stix.Parse(&diag.File{Name: c.ID, Text: c.Pattern}, stix.V20)
		want, accepted := theirs(t, url, "logs-ecs", c.Queries)
		if list.Err() != nil || !accepted {
			continue // no pattern, or no query for the server
		}
		got := ours(t, src, p)
		if slices.Equal(got, want) {
			same++
			continue
		}
		differ++
		fewer, more := only(want, got), only(got, want)
		if len(fewer) > 0 && !explained(c.Pattern, false, used) || len(more) > 0 && !explained(c.Pattern, true, used) {
			t.Errorf("%s\nfinds %d documents with stix-shifter, %d here: only there %q, only here %q", c.Pattern, len(want), len(got), fewer, more)
		}
	}
	for _, d := range differences {
		if !used[d.why] {
			t.Errorf("no pattern needs the reason: %s", d.why)
		}
	}
	t.Logf("%d patterns find the same documents, %d others, with reasons", same, differ)
}

// ours returns the documents in which some observation of a pattern finds
// something.
func ours(t *testing.T, src *source, p *stix.Pattern) []string {
	t.Helper()
	found := make(map[string]bool)
	for _, test := range tests(p.Root) {
		scan := &plan.Scan{Sources: []string{"stixshifter://live"}, Entity: firstType(test.Expr)}
		a := runTask(t.Context(), t, src, &plan.Filter{Input: scan, Where: test.Expr})
		var f *datasource.Failure
		if a.err != nil && (!errors.As(a.err, &f) || f.Kind != datasource.MappingError) {
			t.Errorf("%s: %v", stix.ExprString(test.Expr, ""), a.err)
		}
		for _, id := range a.docs {
			found[id] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// only returns the elements of a that b lacks, the first few.
func only(a, b []string) []string {
	out := slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
	return out[:min(len(out), 5)]
}
