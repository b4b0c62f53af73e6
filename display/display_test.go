// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package display

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
)

func helloWorld() []Display {
	return []Display{
		&Table{Columns: []string{"name", "pid"}, Rows: [][]entity.Value{
			row("firefox.exe", "201"), row("chrome.exe", "205"),
		}},
		&Summary{
			Elapsed: 20 * time.Millisecond,
			Related: []string{"process"},
			Rows: []SummaryRow{
				{Variable: "proclist", Type: "process", Entities: 4, Records: 4, Related: []int64{0}},
				{Variable: "browsers", Type: "process", Entities: 2, Records: 2, Related: []int64{0}},
			},
		},
	}
}

func TestWriteText(t *testing.T) {
	t.Parallel()
	want := `       name pid
firefox.exe 201
 chrome.exe 205

[SUMMARY] block executed in 1 seconds
VARIABLE    TYPE  #(ENTITIES)  #(RECORDS)  process*
proclist process            4           4         0
browsers process            2           2         0
*Number of related records cached.
`
	var b strings.Builder
	if err := WriteText(&b, helloWorld(), Style{}); err != nil {
		t.Fatalf("WriteText: %v", err)
	}
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("WriteText (-want +got):\n%s", diff)
	}
	b.Reset()
	if err := WriteText(&b, nil, Style{}); err != nil || b.String() != "\n" {
		t.Errorf("WriteText of nothing = %q, %v, want one line feed", b.String(), err)
	}
}

// failing fails after some bytes.
type failing struct{ left int }

var errFull = errors.New("device full")

func (f *failing) Write(p []byte) (int, error) {
	if len(p) > f.left {
		return f.left, errFull
	}
	f.left -= len(p)
	return len(p), nil
}

func TestWriteTextFails(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 48, 60} {
		if err := WriteText(&failing{size}, helloWorld(), Style{}); !errors.Is(err, errFull) {
			t.Errorf("WriteText to a device of %d bytes: error %v, want %v", size, err, errFull)
		}
	}
}

func TestDict(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, want, json string
		dict             Dict
	}{
		{
			name: "info",
			dict: Dict{Pairs: []Pair{
				{"Entity Type", entity.StringValue("process")},
				{"Number of Entities", entity.IntValue(2)},
				{"Customized Attributes", entity.Value{}},
			}},
			want: "          Entity Type process\n" +
				"   Number of Entities       2\n" +
				"Customized Attributes        \n",
			json: `{"display":"dict","data":{"Entity Type":"process","Number of Entities":2,"Customized Attributes":null}}`,
		},
		{
			name: "integers stay integers beside a mean",
			dict: Dict{Pairs: []Pair{
				{"count", entity.IntValue(3)},
				{"mean", entity.FloatValue(422.0 / 3)},
				{"min", entity.IntValue(99)},
			}},
			want: "count          3\n mean 140.666667\n  min         99\n",
			json: `{"display":"dict","data":{"count":3,"mean":140.66666666666666,"min":99}}`,
		},
		{name: "empty", want: "", json: `{"display":"dict","data":{}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, String(&tt.dict, Style{})); diff != "" {
				t.Errorf("String (-want +got):\n%s", diff)
			}
			got, err := json.Marshal(&tt.dict)
			if err != nil {
				t.Fatalf("json.Marshal: %v", err)
			}
			if diff := cmp.Diff(tt.json, string(got)); diff != "" {
				t.Errorf("json.Marshal (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDictWrapped(t *testing.T) {
	t.Parallel()
	dict := &Dict{Pairs: []Pair{
		{"Type", entity.StringValue("process")},
		{"Attributes", entity.StringValue("pid, name, 名前の長い属性, command_line, a_word_that_is_longer_than_the_room, id")},
		{"Custom", entity.Value{}},
	}}
	want := "" +
		"      Type process\n" +
		"Attributes pid, name,\n" +
		"           名前の長い属性,\n" +
		"           command_line,\n" +
		"           a_word_that_is_longer_than_the_room,\n" +
		"           id\n" +
		"    Custom \n"
	if diff := cmp.Diff(want, String(dict, Style{Width: 33})); diff != "" {
		t.Errorf("String, 33 columns (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(String(dict, Style{}), String(dict, Style{Width: 500})); diff != "" {
		t.Errorf("String, where it fits (-unbounded +bounded):\n%s", diff)
	}
}

func TestDictHTML(t *testing.T) {
	t.Parallel()
	d := &Dict{Pairs: []Pair{{"top", entity.StringValue("<b>")}}}
	want := `<table border="1" class="dataframe">
  <tbody>
    <tr>
      <td>top</td>
      <td>&lt;b&gt;</td>
    </tr>
  </tbody>
</table>
`
	var b strings.Builder
	if err := d.WriteHTML(&b, Notebook); err != nil {
		t.Fatalf("WriteHTML: %v", err)
	}
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("WriteHTML (-want +got):\n%s", diff)
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	s := &Summary{
		Elapsed: 2 * time.Second,
		Related: []string{"file", "process"},
		Rows: []SummaryRow{
			{Variable: "g", Type: "process", Entities: 3, Records: 3, Related: []int64{0, 0}, Groups: true},
			{Variable: "p", Type: "process", Entities: 14, Records: 1400, Related: []int64{7, 21}},
		},
	}
	wantText := `[SUMMARY] block executed in 2 seconds
VARIABLE    TYPE  #(ENTITIES)  #(RECORDS)  file*  process*
       g process            3           3      0         0
       p process           14        1400      7        21
*Number of related records cached.
#(ENTITIES) counts groups, not entities, of g.
`
	if diff := cmp.Diff(wantText, String(s, Style{Ruled: true})); diff != "" {
		t.Errorf("String (-want +got):\n%s", diff)
	}
	wantJSON := `{"display":"execution summary","data":{"execution time":2,"variables updated":[` +
		`{"VARIABLE":"g","TYPE":"process","#(ENTITIES)":3,"#(RECORDS)":3,"file*":0,"process*":0},` +
		`{"VARIABLE":"p","TYPE":"process","#(ENTITIES)":14,"#(RECORDS)":1400,"file*":7,"process*":21}],` +
		`"footnotes":["*Number of related records cached.","#(ENTITIES) counts groups, not entities, of g."]}}`
	got, err := json.Marshal(s)
	if err != nil {
		t.Fatalf("json.Marshal: %v", err)
	}
	if diff := cmp.Diff(wantJSON, string(got)); diff != "" {
		t.Errorf("json.Marshal (-want +got):\n%s", diff)
	}
	var b strings.Builder
	if err := s.WriteHTML(&b, Notebook); err != nil {
		t.Fatalf("WriteHTML: %v", err)
	}
	for _, part := range []string{
		"<div><h4>Block Executed in 2 seconds</h4>\n<table",
		"<td>1400</td>",
		"</table>\n<p>*Number of related records cached.<br>#(ENTITIES) counts groups, not entities, of g.</p></div>\n",
	} {
		if !strings.Contains(b.String(), part) {
			t.Errorf("WriteHTML = %s\nwant it to hold %q", b.String(), part)
		}
	}
}

func TestDurationText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		d    time.Duration
		want string
	}{
		{0, "0 seconds"},
		{-time.Second, "0 seconds"},
		{1, "1 seconds"},
		{time.Second, "1 seconds"},
		{time.Second + 1, "2 seconds"},
		{59 * time.Second, "59 seconds"},
		{60 * time.Second, "1 minutes, 0 seconds"},
		{61 * time.Second, "1 minutes, 1 seconds"},
		{3600 * time.Second, "1 hours, 0 minutes, 0 seconds"},
		{7325 * time.Second, "2 hours, 2 minutes, 5 seconds"},
		{30 * time.Hour, "30 hours, 0 minutes, 0 seconds"},
	}
	for _, tt := range tests {
		if got := durationText(tt.d); got != tt.want {
			t.Errorf("durationText(%v) = %q, want %q", tt.d, got, tt.want)
		}
	}
}

func TestTextKinds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name             string
		d                Display
		text, html, json string
	}{
		{
			"text", &Text{"a\tb\n\x1b[1m$<"},
			"a       b\n\\x1b[1m$<\n",
			"<pre>a       b\n\\x1b[1m\\$&lt;\n</pre>\n",
			`{"display":"text","data":"a\tb\n\u001b[1m$\u003c"}`,
		},
		{
			"html", &HTML{"<p title=\"x\">\x1b</p>"},
			"<p title=\"x\">\\x1b</p>\n",
			"<iframe sandbox=\"\" style=\"width: 100%; height: 30em; border: 0\" srcdoc=\"&lt;p title=&#34;x&#34;&gt;&#x1b;&lt;/p&gt;\"></iframe>\n",
			`{"display":"html","data":"\u003cp title=\"x\"\u003e\u001b\u003c/p\u003e"}`,
		},
		{
			"figure", &Figure{"<svg/>"},
			"<svg/>\n",
			"<img alt=\"figure\" src=\"data:image/svg+xml;base64,PHN2Zy8+\">\n",
			`{"display":"figure","data":"\u003csvg/\u003e"}`,
		},
		{
			"warning", &Warning{"no window: last 5 minutes"},
			"no window: last 5 minutes\n",
			"<div class=\"warning\">[WARNING] no window: last 5 minutes</div>\n",
			`{"display":"warning","data":"no window: last 5 minutes"}`,
		},
		{"empty text", &Text{}, "\n", "<pre></pre>\n", `{"display":"text","data":""}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.text, String(tt.d, Style{})); diff != "" {
				t.Errorf("String (-want +got):\n%s", diff)
			}
			var b strings.Builder
			if err := tt.d.WriteHTML(&b, Notebook); err != nil {
				t.Fatalf("WriteHTML: %v", err)
			}
			if diff := cmp.Diff(tt.html, b.String()); diff != "" {
				t.Errorf("WriteHTML (-want +got):\n%s", diff)
			}
			got, err := json.Marshal(tt.d)
			if err != nil {
				t.Fatalf("json.Marshal: %v", err)
			}
			if diff := cmp.Diff(tt.json, string(got)); diff != "" {
				t.Errorf("json.Marshal (-want +got):\n%s", diff)
			}
		})
	}
}

// FuzzDisplay checks that no display lets through what could steer a terminal
// or become markup, and that the lines of a table are equally wide.
func FuzzDisplay(f *testing.F) {
	f.Add("name", "\x1b[2Jcmd.exe", "\u202Efdp", int64(4), 1.5)
	f.Add("<b>", "生命\r\n", "</td><script>", int64(-1), 1e-9)
	f.Add("a\tb", "\xff\u009b", "e\u0301\u200D", int64(0), 1e20)
	f.Fuzz(func(t *testing.T, head, a, b string, n int64, x float64) {
		table := &Table{Columns: []string{head, "n", "x", a}, Rows: [][]entity.Value{
			{entity.StringValue(a), entity.IntValue(n), entity.FloatValue(x), entity.Value{}},
			{entity.StringValue(b), {}, entity.FloatValue(x / 3), entity.JSONValue(b)},
			{},
		}}
		for _, style := range []Style{{}, {Ruled: true}} {
			text := String(table, style)
			checkSafe(t, text)
			lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
			if want := len(table.Rows) + 1; !style.Ruled && len(lines) != want {
				t.Errorf("%q: %d lines, want %d", text, len(lines), want)
			}
			for _, line := range lines {
				if diag.Width(line) != diag.Width(lines[0]) {
					t.Errorf("%q: line %q is not as wide as the first", text, line)
				}
			}
		}
		summary := &Summary{Related: []string{head}, Rows: []SummaryRow{{Variable: a, Type: b, Related: []int64{n}, Groups: true}}}
		displays := []Display{
			table, summary,
			&Dict{Pairs: []Pair{{head, entity.StringValue(a)}, {b, entity.FloatValue(x)}}},
			&Text{a}, &HTML{a}, &Figure{b}, &Warning{b},
		}
		for _, d := range displays {
			checkSafe(t, String(d, Style{}))
			var page strings.Builder
			if err := d.WriteHTML(&page, Page); err != nil {
				t.Fatal(err)
			}
			checkSafe(t, page.String())
			if strings.Contains(strings.ToLower(page.String()), "<script") {
				t.Errorf("%T: markup passed: %s", d, page.String())
			}
		}
	})
}

// checkSafe fails unless text consists of line feeds and of characters that
// diag.Escape lets through.
func checkSafe(t *testing.T, text string) {
	t.Helper()
	for line := range strings.SplitSeq(text, "\n") {
		if diag.Escape(line) != line {
			t.Errorf("not safe to show: %q", line)
		}
	}
}

func BenchmarkTableText(b *testing.B) {
	table := &Table{Columns: []string{"name", "pid", "command_line", "score"}}
	for i := range 20_000 {
		table.Rows = append(table.Rows, row("svchost.exe", i, strings.Repeat("x", i%60)+" -k netsvcs", float64(i)/8))
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := table.WriteText(discard{}, Style{}); err != nil {
			b.Fatal(err)
		}
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
