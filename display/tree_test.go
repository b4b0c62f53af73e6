// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package display

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/entity"
)

func plannedTree() *Tree {
	scan := &Branch{Text: "Scan process of file://b.json", Note: "in the source", Facts: []Pair{
		{"driver", entity.StringValue("STIX bundle")},
		{"query", entity.StringValue("first line\nsecond <b> $1 \x1b[2J")},
	}}
	p := &Branch{Text: "p = GET process ...", Facts: []Pair{{"rows", entity.IntValue(2)}}, Parts: []*Branch{scan}}
	return &Tree{Roots: []*Branch{
		{Text: "m = p + q", Parts: []*Branch{p, {Text: "q = NEW process ['\u202e']", Note: "hunt.hf:2"}}},
		{Text: "other"},
	}}
}

func TestTree(t *testing.T) {
	t.Parallel()
	wantText := `m = p + q
├── p = GET process ...
│   │   rows: 2
│   └── Scan process of file://b.json  [in the source]
│           driver: STIX bundle
│           query: first line
│                  second <b> $1 \x1b[2J
└── q = NEW process ['\u202e']  [hunt.hf:2]
other
`
	if diff := cmp.Diff(wantText, String(plannedTree(), Style{})); diff != "" {
		t.Errorf("String (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(wantText, String(plannedTree(), Style{Ruled: true})); diff != "" {
		t.Errorf("String, ruled (-want +got):\n%s", diff)
	}
	if got := String(&Tree{}, Style{}); got != "" {
		t.Errorf("String of an empty tree = %q", got)
	}
}

func TestTreeHTML(t *testing.T) {
	t.Parallel()
	want := `<ul class="tree">
  <li><code>m = p + q</code>
    <ul class="tree">
      <li><code>p = GET process ...</code>
        <dl>
          <dt>rows</dt><dd>2</dd>
        </dl>
        <ul class="tree">
          <li><code>Scan process of file://b.json</code> <small>in the source</small>
            <dl>
              <dt>driver</dt><dd>STIX bundle</dd>
              <dt>query</dt><dd>first line<br>second &lt;b&gt; \$1 \x1b[2J</dd>
            </dl>
          </li>
        </ul>
      </li>
      <li><code>q = NEW process [&#39;\u202e&#39;]</code> <small>hunt.hf:2</small>
      </li>
    </ul>
  </li>
  <li><code>other</code>
  </li>
</ul>
`
	var b strings.Builder
	if err := plannedTree().WriteHTML(&b, Notebook); err != nil {
		t.Fatalf("WriteHTML: %v", err)
	}
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("WriteHTML (-want +got):\n%s", diff)
	}
}

func TestTreeJSON(t *testing.T) {
	t.Parallel()
	want := `{"display":"tree","data":[` +
		`{"text":"m = p + q","parts":[` +
		`{"text":"p = GET process ...","facts":{"rows":2},"parts":[` +
		`{"text":"Scan process of file://b.json","note":"in the source",` +
		`"facts":{"driver":"STIX bundle","query":"first line\nsecond <b> $1 \u001b[2J"}}]},` +
		`{"text":"q = NEW process ['` + "\u202e" + `']","note":"hunt.hf:2"}]},` +
		`{"text":"other"}]}`
	got, err := plannedTree().MarshalJSON()
	if err != nil {
		t.Fatalf("MarshalJSON: %v", err)
	}
	if !json.Valid(got) {
		t.Errorf("MarshalJSON gives invalid JSON: %s", got)
	}
	var wantValue, gotValue any
	if err := json.Unmarshal([]byte(want), &wantValue); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(got, &gotValue); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wantValue, gotValue); diff != "" {
		t.Errorf("MarshalJSON (-want +got):\n%s\n%s", diff, got)
	}
	if got, err := (&Tree{}).MarshalJSON(); err != nil || string(got) != `{"display":"tree","data":[]}` {
		t.Errorf("MarshalJSON of an empty tree = %s, %v", got, err)
	}
}
