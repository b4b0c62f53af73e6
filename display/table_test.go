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

// row makes values of Go values: nil, bool, int, float64, string, and
// json.RawMessage for lists.
func row(values ...any) []entity.Value {
	out := make([]entity.Value, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case bool:
			out[i] = entity.BoolValue(v)
		case int:
			out[i] = entity.IntValue(int64(v))
		case float64:
			out[i] = entity.FloatValue(v)
		case string:
			out[i] = entity.StringValue(v)
		case json.RawMessage:
			out[i] = entity.JSONValue(string(v))
		}
	}
	return out
}

func TestTableText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		table Table
		style Style
		want  string
	}{
		{
			name: "text at the right",
			table: Table{Columns: []string{"name", "pid"}, Rows: [][]entity.Value{
				row("firefox.exe", "201"), row("chrome.exe", "205"),
			}},
			want: "       name pid\n" +
				"firefox.exe 201\n" +
				" chrome.exe 205\n",
		},
		{
			name: "a numeric head has a blank in front",
			table: Table{Columns: []string{"src_ref.value", "src_port"}, Rows: [][]entity.Value{
				row("10.1.2.101", 49468), row("10.1.152.133", 50070),
			}},
			want: "src_ref.value  src_port\n" +
				"   10.1.2.101     49468\n" +
				" 10.1.152.133     50070\n",
		},
		{
			name: "the blank does not widen a wide column",
			table: Table{Columns: []string{"n", "pid"}, Rows: [][]entity.Value{
				row("a", 12345),
			}},
			want: "n   pid\na 12345\n",
		},
		{
			name: "missing values are empty and integers stay integers",
			table: Table{Columns: []string{"name", "ppid"}, Rows: [][]entity.Value{
				row("System", nil), row(nil, 6164),
			}},
			want: "  name  ppid\n" +
				"System      \n" +
				"        6164\n",
		},
		{
			name: "booleans and lists",
			table: Table{Columns: []string{"x_b", "protocols"}, Rows: [][]entity.Value{
				row(true, json.RawMessage(`["ip","tcp"]`)), row(false, json.RawMessage(`["ip"]`)),
			}},
			want: "  x_b    protocols\n" +
				" true [\"ip\",\"tcp\"]\n" +
				"false       [\"ip\"]\n",
		},
		{
			name: "a column of nulls is text",
			table: Table{Columns: []string{"created", "n"}, Rows: [][]entity.Value{
				row(nil, 1),
			}},
			want: "created  n\n         1\n",
		},
		{
			name: "numbers and text make text",
			table: Table{Columns: []string{"pid", "n"}, Rows: [][]entity.Value{
				row(12, "a"), row("12a", "b"),
			}},
			want: "pid n\n 12 a\n12a b\n",
		},
		{
			name:  "no rows",
			table: Table{Columns: []string{"name"}},
			want:  "(no entities)\n",
		},
		{
			name: "wide characters",
			table: Table{Columns: []string{"path", "n"}, Rows: [][]entity.Value{
				row(`C:\生命`, 1), row("e\u0301t\u00E9", 2),
			}},
			want: "   path  n\nC:\\生命  1\n    e\u0301t\u00E9  2\n",
		},
		{
			name: "control characters",
			table: Table{Columns: []string{"a\x1bb", "c"}, Rows: [][]entity.Value{
				row("x\ty\r\n", "\x1b[2J\u202E"),
			}},
			want: "  a\\x1bb             c\n" +
				"x\\ty\\r\\n \\x1b[2J\\u202e\n",
		},
		{
			name: "a short row ends in nulls",
			table: Table{Columns: []string{"a", "b"}, Rows: [][]entity.Value{
				row("x"),
			}},
			want: "a b\nx  \n",
		},
		{
			name: "cut",
			table: Table{Columns: []string{"n"}, Cut: true, Total: 1234, Rows: [][]entity.Value{
				row(1), row(2),
			}},
			want: " n\n 1\n 2\n(first 2 of 1234 rows)\n",
		},
		{
			name: "cut without a total",
			table: Table{Columns: []string{"n"}, Cut: true, Rows: [][]entity.Value{
				row(1),
			}},
			want: " n\n 1\n(first 1 rows; there are more)\n",
		},
		{
			name:  "ruled",
			style: Style{Ruled: true},
			table: Table{Columns: []string{"name", "pid"}, Rows: [][]entity.Value{
				row("firefox.exe", 201), row("chrome.exe", 5),
			}},
			want: "name         pid\n" +
				"-----------  ---\n" +
				"firefox.exe  201\n" +
				"chrome.exe     5\n",
		},
		{
			name:  "as the original",
			style: Style{Original: true},
			table: Table{Columns: []string{"name", "pid"}, Rows: [][]entity.Value{
				row("a", nil), row(nil, 5),
			}},
			want: "name  pid\n   a     \nNone    5\n",
		},
		{
			name:  "no rows, as the original",
			style: Style{Original: true},
			table: Table{Columns: []string{"name"}},
			want:  "Empty DataFrame\nColumns: []\nIndex: []\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, String(&tt.table, tt.style)); diff != "" {
				t.Errorf("String(%+v) (-want +got):\n%s", tt.style, diff)
			}
		})
	}
}

func TestFloats(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		values []entity.Value
		want   []string
	}{
		{"at least one decimal", row(123.0, 5.0), []string{"123.0", "5.0"}},
		{"common decimals", row(1.5, 2.25, 3.0), []string{"1.50", "2.25", "3.00"}},
		{"at most six", row(75.0+2.0/3, 57042.1), []string{"75.666667", "57042.100000"}},
		{"negative", row(-1.5, 10.0), []string{"-1.5", "10.0"}},
		{"gaps", row(1.5, nil, 2.0), []string{"1.5", "", "2.0"}},
		{"beside integers", row(1.5, 2), []string{"1.5", "2"}},
		{"small", row(0.0000001, 1.0), []string{"1.000000e-07", "1.000000e+00"}},
		{"zero is not small", row(0.0, 1.0), []string{"0.0", "1.0"}},
		{"large but short", row(12345678.5), []string{"12345678.5"}},
		{"large and long", row(12345678.123456, 1.0), []string{"1.234568e+07", "1.000000e+00"}},
		{"long but not large", row(123456.123456, -123456.5), []string{"123456.123456", "-123456.500000"}},
		{"huge", row(1e300), []string{"1.000000e+300"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newColumn("x", tt.values, "None")
			if diff := cmp.Diff(tt.want, c.cells); diff != "" {
				t.Errorf("newColumn(%v).cells (-want +got):\n%s", tt.values, diff)
			}
		})
	}
}

func TestTableJSON(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		table Table
		want  string
	}{
		{"empty", Table{Columns: []string{"a"}}, `{"display":"dataframe","data":[]}`},
		{
			"order and kinds",
			Table{Columns: []string{"z", "a", "l", "f", "n"}, Rows: [][]entity.Value{
				row("x\x1b", 1, json.RawMessage(`["ip","tcp"]`), 1.5, nil), row(true),
			}},
			`{"display":"dataframe","data":[{"z":"x\u001b","a":1,"l":["ip","tcp"],"f":1.5,"n":null},` +
				`{"z":true,"a":null,"l":null,"f":null,"n":null}]}`,
		},
		{
			"cut",
			Table{Columns: []string{"a"}, Rows: [][]entity.Value{row(1)}, Cut: true, Total: 7},
			`{"display":"dataframe","data":[{"a":1}],"cut":true,"total":7}`,
		},
		{
			"cut without a total",
			Table{Columns: []string{"a"}, Rows: [][]entity.Value{row(1)}, Cut: true},
			`{"display":"dataframe","data":[{"a":1}],"cut":true}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := json.Marshal(&tt.table)
			if err != nil {
				t.Fatalf("json.Marshal: %v", err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Errorf("json.Marshal (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTableHTML(t *testing.T) {
	t.Parallel()
	table := &Table{Columns: []string{"name", "a<b"}, Cut: true, Total: 9, Rows: [][]entity.Value{
		row("<script>alert('$1')</script>", "\x1b]0;\"&\u202E"),
	}}
	want := `<table border="1" class="dataframe">
  <thead>
    <tr style="text-align: right;">
      <th>name</th>
      <th>a&lt;b</th>
    </tr>
  </thead>
  <tbody>
    <tr>
      <td>&lt;script&gt;alert(&#39;\$1&#39;)&lt;/script&gt;</td>
      <td>\x1b]0;&#34;&amp;\u202e</td>
    </tr>
  </tbody>
</table>
<p>(first 1 of 9 rows)</p>
`
	var b strings.Builder
	if err := table.WriteHTML(&b, Notebook); err != nil {
		t.Fatalf("WriteHTML: %v", err)
	}
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("WriteHTML(Notebook) (-want +got):\n%s", diff)
	}
	b.Reset()
	if err := table.WriteHTML(&b, Page); err != nil {
		t.Fatalf("WriteHTML: %v", err)
	}
	if diff := cmp.Diff(strings.ReplaceAll(want, `\$`, `$`), b.String()); diff != "" {
		t.Errorf("WriteHTML(Page) (-want +got):\n%s", diff)
	}
	b.Reset()
	if err := (&Table{}).WriteHTML(&b, Page); err != nil || b.String() != "<p>(no entities)</p>\n" {
		t.Errorf("WriteHTML of an empty table = %q, %v", b.String(), err)
	}
}
