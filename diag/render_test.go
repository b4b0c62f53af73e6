// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package diag

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// at returns the span of the first occurrence of word in f.
func at(f *File, word string) Span {
	i := strings.Index(f.Text, word)
	return f.Span(i, i+len(word))
}

func render(t *testing.T, o RenderOptions, l ...Diagnostic) string {
	t.Helper()
	var b strings.Builder
	if err := Render(&b, l, o); err != nil {
		t.Fatalf("Render: %v", err)
	}
	return b.String()
}

func TestRender(t *testing.T) {
	t.Parallel()
	hunt := &File{Name: "hunt.hf", Text: "procs = NEW process [\"a\"]\r\nDISP procz\r\n"}
	d := func(f *File, word string) Diagnostic {
		return Diagnostic{Code: UndefinedVariable, Span: at(f, word), Message: "m"}
	}
	tests := []struct {
		name  string
		diags []Diagnostic
		width int
		want  string
	}{
		{
			name: "everything",
			diags: []Diagnostic{{
				Code: UndefinedVariable, Span: at(hunt, "procz"),
				Message: "variable procz is not defined",
				Hint:    "assign it first",
				Related: []Related{{at(hunt, "procs"), "a variable of a similar name"}},
				Fixes:   []Fix{{Title: "use procs"}},
			}},
			want: `hunt.hf:2:6: error[undefined-variable]: variable procz is not defined
 2 | DISP procz
   |      ^^^^^
   = hint: assign it first
   = fix: use procs
hunt.hf:1:1: note: a variable of a similar name
 1 | procs = NEW process ["a"]
   | ^^^^^
`,
		},
		{
			name: "two, one without a position",
			diags: []Diagnostic{
				{Code: Truncated, Severity: Warning, Message: "the answer was cut"},
				{Code: DefaultedWindow, Severity: Info, Span: at(hunt, "DISP"), Message: "m"},
			},
			want: `warning[truncated]: the answer was cut

hunt.hf:2:1: info[defaulted-window]: m
 2 | DISP procz
   | ^^^^
`,
		},
		{
			name: "a fix that the hint names",
			diags: []Diagnostic{{
				Code: UnexpectedToken, Message: "m", Hint: "did you mean ATTR?",
				Fixes: []Fix{
					{Title: "use ATTR", Edits: []Edit{{New: "ATTR"}}},
					{Title: "remove it", Edits: []Edit{{New: ""}}},
				},
			}},
			want: "error[unexpected-token]: m\n   = hint: did you mean ATTR?\n   = fix: remove it\n",
		},
		{
			name:  "the end of the text",
			diags: []Diagnostic{{Code: UnexpectedToken, Span: hunt.Span(len(hunt.Text), len(hunt.Text)), Message: "m"}},
			want:  "hunt.hf:3:1: error[unexpected-token]: m\n 3 |\n   | ^\n",
		},
		{
			name:  "several lines are marked to the end of the first",
			diags: []Diagnostic{{Code: UnexpectedToken, Span: hunt.Span(8, 30), Message: "m"}},
			want: "hunt.hf:1:9: error[unexpected-token]: m\n" +
				" 1 | procs = NEW process [\"a\"]\n" +
				"   |         ^^^^^^^^^^^^^^^^^\n",
		},
		{
			name:  "tabs",
			diags: []Diagnostic{d(&File{Name: "f", Text: "\tDISP\tx"}, "x")},
			want:  "f:1:7: error[undefined-variable]: m\n 1 |     DISP    x\n   |             ^\n",
		},
		{
			name:  "wide and combining characters",
			diags: []Diagnostic{d(&File{Name: "f", Text: "x = '生e\u0301' y生z"}, "y生z")},
			want:  "f:1:11: error[undefined-variable]: m\n 1 | x = '生e\u0301' y生z\n   |           ^^^^\n",
		},
		{
			name:  "hostile text",
			diags: []Diagnostic{d(&File{Name: "\x1bf", Text: "a\x1b]0;\u202E\xff b"}, "b")},
			want: `\x1bf:1:9: error[undefined-variable]: m` + "\n" +
				` 1 | a\x1b]0;\u202e\xff b` + "\n" +
				"   |                    ^\n",
		},
		{
			name: "hostile message",
			diags: []Diagnostic{{
				Code: FileFailed, Message: "read \x1b[2J\n: denied", Hint: "\u202E", Fixes: []Fix{{Title: "\a"}},
			}},
			want: `error[file-failed]: read \x1b[2J\n: denied` + "\n   = hint: \\u202e\n   = fix: \\x07\n",
		},
		{
			name:  "line numbers of two digits",
			diags: []Diagnostic{d(&File{Name: "f", Text: strings.Repeat("\n", 9) + "x"}, "x")},
			want:  "f:10:1: error[undefined-variable]: m\n 10 | x\n    | ^\n",
		},
		{
			name:  "a long line",
			width: 45,
			diags: []Diagnostic{d(&File{Name: "f", Text: strings.Repeat("abc ", 100) + "HERE" + strings.Repeat(" def", 100)}, "HERE")},
			want: "f:1:401: error[undefined-variable]: m\n" +
				" 1 | ...c abc abc HERE def def def def def...\n" +
				"   |              ^^^^\n",
		},
		{
			name:  "a long place",
			width: 32,
			diags: []Diagnostic{d(&File{Name: "f", Text: "x = " + strings.Repeat("y", 200)}, strings.Repeat("y", 200))},
			want: "f:1:5: error[undefined-variable]: m\n" +
				" 1 | x = yyyyyyyyyyyyyyyyyyyy...\n" +
				"   |     ^^^^^^^^^^^^^^^^^^^^\n",
		},
		{
			name:  "the end of a long line",
			width: 32,
			diags: []Diagnostic{d(&File{Name: "f", Text: strings.Repeat("abc ", 100) + "HERE"}, "HERE")},
			want: "f:1:401: error[undefined-variable]: m\n" +
				" 1 | ...abc abc abc abc abc HERE\n" +
				"   |                        ^^^^\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, render(t, RenderOptions{Width: tt.width}, tt.diags...)); diff != "" {
				t.Errorf("Render (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRenderColor(t *testing.T) {
	t.Parallel()
	f := &File{Name: "f", Text: "DISP \x1b[5mx"}
	got := render(t, RenderOptions{Color: true}, Diagnostic{
		Code: UndefinedVariable, Span: at(f, "x"), Message: "m", Hint: "h",
	})
	want := "\x1b[1mf:1:10:\x1b[0m \x1b[1;31merror[undefined-variable]\x1b[0m: \x1b[1mm\x1b[0m\n" +
		"\x1b[1;34m 1 |\x1b[0m DISP \\x1b[5mx\n" +
		"\x1b[1;34m   |\x1b[0m             \x1b[1;31m^\x1b[0m\n" +
		"\x1b[1;34m   =\x1b[0m \x1b[1mhint:\x1b[0m h\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Render (-want +got):\n%s", diff)
	}
}

// TestRenderLongLine fails, by taking too long, if the work grows with the line
// instead of with the width.
func TestRenderLongLine(t *testing.T) {
	t.Parallel()
	const size = 20 << 20
	for _, unit := range []string{"a", "\x1b", "\u0301"} {
		f := &File{Name: "f", Text: strings.Repeat(unit, size/len(unit))}
		got := render(t, RenderOptions{Width: 80}, Diagnostic{
			Code: UnterminatedString, Span: f.Span(size/3/len(unit)*len(unit), len(f.Text)), Message: "m",
		})
		if len(got) > 8000 {
			t.Errorf("Render of a line of %d bytes wrote %d bytes", size, len(got))
		}
	}
}

func TestDiagnosticJSON(t *testing.T) {
	t.Parallel()
	f := &File{Name: "hunt.hf", Text: "é = x\nDISP procz"}
	l := List{{
		Code: UndefinedVariable, Span: at(f, "procz"), Message: "variable procz is not defined",
		Hint:    "h",
		Related: []Related{{at(f, "x"), "r"}},
		Fixes:   []Fix{{Title: "use procs", Edits: []Edit{{at(f, "procz"), "procs"}}}},
		Cause:   errors.New("never written"),
	}, {
		Code: Truncated, Severity: Warning, Message: "m",
	}}
	want := `[{"code":"undefined-variable","severity":"error","file":"hunt.hf",` +
		`"start":{"offset":12,"line":2,"column":6},"end":{"offset":17,"line":2,"column":11},` +
		`"message":"variable procz is not defined","hint":"h",` +
		`"related":[{"file":"hunt.hf","start":{"offset":5,"line":1,"column":5},"end":{"offset":6,"line":1,"column":6},"message":"r"}],` +
		`"fixes":[{"title":"use procs","edits":[{"file":"hunt.hf","start":{"offset":12,"line":2,"column":6},` +
		`"end":{"offset":17,"line":2,"column":11},"new":"procs"}]}]},` +
		`{"code":"truncated","severity":"warning","message":"m"}]`
	got, err := json.Marshal(l)
	if err != nil {
		t.Fatalf("json.Marshal: %v", err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("json.Marshal (-want +got):\n%s", diff)
	}
	if got, err := json.Marshal(List(nil)); err != nil || string(got) != "[]" {
		t.Errorf("json.Marshal(List(nil)) = %s, %v, want []", got, err)
	}
}

func FuzzRender(f *testing.F) {
	f.Add("DISP x\ny", 5, 6, 80)
	f.Add("\t生\x1b\xff\u202E", 1, 40, 10)
	f.Add("\r\n\r\n", 1, 3, 0)
	f.Add("e\u0301\u0301\u0301", 2, 2, 24)
	f.Fuzz(func(t *testing.T, text string, start, end, width int) {
		file := &File{Name: "f", Text: text}
		start = min(max(start, 0), len(text))
		end = min(max(end, start), len(text))
		d := Diagnostic{Code: StepFailed, Span: file.Span(start, end), Message: text}
		got := render(t, RenderOptions{Width: width}, d)
		if hostile(got, "\n") || !utf8.ValidString(got) {
			t.Errorf("not safe to show: %q", got)
		}
		lines := strings.Split(got, "\n")
		if len(lines) != 4 || !strings.HasSuffix(lines[2], "^") {
			t.Fatalf("%q: want a message, a line, a mark", got)
		}
		room := max(width, 28)
		if width <= 0 {
			room = 120
		}
		if w := len(lines[2]); w > room+1 {
			t.Errorf("mark line is %d columns wide, want at most %d: %q", w, room+1, got)
		}
	})
}
