// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package elastic

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/stix"
)

// A queryCase is one recorded translation of a pattern by stix-shifter.
type queryCase struct {
	ID       string   `json:"id"`
	Dialect  string   `json:"dialect"`
	Version  string   `json:"stix_version"`
	Pattern  string   `json:"pattern"`
	Expected string   `json:"expected"`
	Code     string   `json:"code"`
	Error    string   `json:"error"`
	Queries  []string `json:"queries"`
}

func readQueryCases(t *testing.T) []queryCase {
	t.Helper()
	dir := os.Getenv("KESTREL_TESTDATA")
	if dir == "" {
		t.Skip("KESTREL_TESTDATA names no folder with the conformance suites")
	}
	var out []queryCase
	for _, file := range []string{"query", "query-cross"} {
		f, err := os.Open(filepath.Join(dir, "stix-shifter", file, "elastic_ecs.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		scanner := bufio.NewScanner(f)
		scanner.Buffer(nil, 16<<20)
		for scanner.Scan() {
			var c queryCase
			if err := json.Unmarshal(scanner.Bytes(), &c); err != nil {
				t.Fatal(err)
			}
			out = append(out, c)
		}
	}
	return out
}

// tests returns the tests of all observations of a pattern.
func tests(e stix.ObservationExpr) []*stix.Test {
	switch e := e.(type) {
	case *stix.Test:
		return []*stix.Test{e}
	case *stix.Qualified:
		return tests(e.X)
	case *stix.Combination:
		return append(tests(e.X), tests(e.Y)...)
	}
	return nil
}

// accepted are the attributes of patterns that stix-shifter refuses and we do
// not, and why.
var accepted = map[string]string{
	"process:name":                    "a name of STIX 2.0 is understood in patterns of 2.1",
	"process:created":                 "a name of STIX 2.0 is understood in patterns of 2.1",
	"process:binary_ref.name":         "a name of STIX 2.0 is understood in patterns of 2.1",
	"file:modified":                   "a name of STIX 2.0 is understood in patterns of 2.1",
	"process:parent_ref.command_line": "records have it",
	"windows-registry-key:values":     "records have it",
	"x-oca-asset:ip_refs.value":       "records have it",
	"network-traffic:extensions.'dns-ext'.question.domain_ref.value": "records have it",
	"file:type": "every object has its type",
}

// TestVerdictsOfStixShifter holds which patterns can be asked to what
// stix-shifter says of them.
func TestVerdictsOfStixShifter(t *testing.T) {
	t.Parallel()
	x := translator{table: ecsTable(t), schema: assumed{}}
	judged, used := 0, make(map[string]bool)
	for _, c := range readQueryCases(t) {
		p, list := stix.Parse(&diag.File{Name: c.ID, Text: c.Pattern}, stix.V20)
		if list.Err() != nil {
			continue // "and" in lower case, which no version of STIX allows
		}
		judged++
		ok := false
		var reasons []string
		for _, test := range tests(p.Root) {
			out, err := x.translate(test.Expr, firstType(test.Expr))
			if err != nil {
				t.Errorf("%s: %s: %v", c.ID, c.Pattern, err)
				continue
			}
			ok = ok || out.root.op != none
			reasons = append(reasons, acceptedIn(test.Expr)...)
		}
		switch {
		case !ok && c.Expected == "ok":
			t.Errorf("%s: %s is refused, but not by stix-shifter", c.ID, c.Pattern)
		case ok && c.Expected != "ok" && c.Code == "mapping_error" && len(reasons) == 0:
			t.Errorf("%s: %s is accepted, but not by stix-shifter: %s", c.ID, c.Pattern, c.Error)
		case ok && c.Expected != "ok":
			for _, r := range reasons {
				used[r] = true
			}
		}
	}
	if judged < 750 {
		t.Errorf("%d patterns were judged, want nearly all", judged)
	}
	for attr := range accepted {
		if !used[attr] {
			t.Errorf("%s is listed as accepted, but no pattern needs it", attr)
		}
	}
}

// acceptedIn returns the attributes of a pattern that are among the accepted.
func acceptedIn(e stix.Expr) []string {
	switch e := e.(type) {
	case *stix.Logic:
		return append(acceptedIn(e.X), acceptedIn(e.Y)...)
	case *stix.Comparison:
		bare := stix.Path{Type: e.Path.Type}
		for _, s := range e.Path.Steps {
			if s.Kind == stix.Key {
				bare.Steps = append(bare.Steps, s)
			}
		}
		if name := bare.Type + ":" + stix.AttrName(bare.Steps); accepted[name] != "" {
			return []string{name}
		}
	}
	return nil
}

func firstType(e stix.Expr) string {
	switch e := e.(type) {
	case *stix.Logic:
		return firstType(e.X)
	case *stix.Comparison:
		return e.Path.Type
	case *stix.Exists:
		return e.Path.Type
	}
	return ""
}
