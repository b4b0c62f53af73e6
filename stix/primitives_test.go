// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"errors"
	"strings"
	"testing"

	"github.com/kestrelhunt/kestrel/diag"
)

func TestAttrName(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		steps []Step
		want  string
	}{
		{"one name", []Step{{Kind: Key, Name: "pid"}}, "pid"},
		{"names", []Step{{Kind: Key, Name: "parent_ref"}, {Kind: Key, Name: "name"}}, "parent_ref.name"},
		{"hyphen", []Step{{Kind: Key, Name: "hashes"}, {Kind: Key, Name: "SHA-256"}}, "hashes.'SHA-256'"},
		{"first is no identifier", []Step{{Kind: Key, Name: "x-y"}}, "'x-y'"},
		{"leading digit", []Step{{Kind: Key, Name: "a"}, {Kind: Key, Name: "3DES"}}, "a.'3DES'"},
		{"empty name", []Step{{Kind: Key, Name: ""}}, "''"},
		{"quote and backslash", []Step{{Kind: Key, Name: `it's\`}}, `'it\'s\\'`},
		{"star", []Step{{Kind: Key, Name: "refs"}, {Kind: Star}, {Kind: Key, Name: "port"}}, "refs[*].port"},
		{"index behind quotes", []Step{{Kind: Key, Name: "a-b"}, {Kind: Index, Index: 12}, {Kind: Key, Name: "c"}}, "'a-b'[12].c"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := AttrName(tt.steps); got != tt.want {
				t.Errorf("AttrName(%v) = %q, want %q", tt.steps, got, tt.want)
			}
		})
	}
}

func TestCompileLike(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true},
		{"", "a", false},
		{"%", "", true},
		{"%", "a\nb", true},
		{"cmd.exe", "cmd.exe", true},
		{"cmd.exe", "cmdXexe", false},
		{"cmd%", "cmd.exe", true},
		{"cmd%", "xcmd.exe", false},
		{"%.exe", "cmd.exe", true},
		{"%.exe", ".exe", true},
		{"%.exe", "cmd.exe\n", false},
		{"a%a", "a", false},
		{"a%a", "aa", true},
		{"%md%x%", "cmd.exe", true},
		{"%md%md%", "cmd.exe", false},
		{"ab%ab%ab", "abab", false},
		{"_", "", false},
		{"_", "é", true},
		{"__", "é", false},
		{"he__o", "hello", true},
		{"he__o", "heo", false},
		{"%_b", "aab", true},
		{"%_b", "b", false},
		{"_%é_", "xéé!", true},
		{"%é_é%", "éééé", true},
		{"a_%", "a\xffz", true},
		{"[a-z]*", "abc", false},
		{`C:\Win%`, `C:\Windows`, true},
	}
	for _, tt := range tests {
		if got := CompileLike(tt.pattern)(tt.text); got != tt.want {
			t.Errorf("CompileLike(%q)(%q) = %v, want %v", tt.pattern, tt.text, got, tt.want)
		}
	}
}

// A pattern made to backtrack must not take exponential time.
func TestCompileLikeHostile(t *testing.T) {
	t.Parallel()
	pattern := strings.Repeat("%a_", 200) + "b"
	text := strings.Repeat("a", 20_000)
	if CompileLike(pattern)(text) {
		t.Error("hostile pattern matched, want no match")
	}
}

func TestNFC(t *testing.T) {
	t.Parallel()
	if got := NFC("d\u0323\u0307"); got != "\u1e0d\u0307" {
		t.Errorf("NFC(d, dot below, dot above) = %+q, want %+q", got, "\u1e0d\u0307")
	}
	if got := NFC("cmd.exe"); got != "cmd.exe" {
		t.Errorf("NFC(cmd.exe) = %q", got)
	}
}

func TestCompileRegexp(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, expr string
		message    string // part of the message; "" if it compiles
	}{
		{"plain", `^C:\\Win`, ""},
		{"empty", ``, ""},
		{"hexadecimal escape", `\x61li[c\x01]e`, ""},
		{"look-ahead", `a(?=b)`, "look-ahead is not supported"},
		{"negative look-ahead", `a(?!b)`, "look-ahead is not supported"},
		{"look-behind", `(?<=a)b`, "look-behind is not supported"},
		{"negative look-behind", `(?<!a)b`, "look-behind is not supported"},
		{"atomic group", `(?>a+)b`, "an atomic group is not supported"},
		{"back-reference", `(a)\1`, "a back-reference is not supported"},
		{"possessive", `a++`, "a possessive repetition is not supported"},
		{"open bracket", `a[b`, "missing closing ]"},
		{"open parenthesis", `a(b`, "missing closing )"},
		{"escape", `C:\Windows\y`, "invalid escape sequence"},
		{"too many repetitions", `a{1001}`, "invalid repeat count"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			re, err := CompileRegexp(tt.expr)
			if tt.message == "" {
				if err != nil || re == nil {
					t.Fatalf("CompileRegexp(%q) = %v, %v, want an expression", tt.expr, re, err)
				}
				return
			}
			var d diag.Diagnostic
			if !errors.As(err, &d) {
				t.Fatalf("CompileRegexp(%q) error = %v, want a diagnostic", tt.expr, err)
			}
			if d.Code != diag.InvalidPattern || d.Hint == "" || !strings.Contains(d.Message, tt.message) {
				t.Errorf("CompileRegexp(%q) = %+v, want code %s, a hint, message with %q",
					tt.expr, d, diag.InvalidPattern, tt.message)
			}
		})
	}
}

func TestSubset(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b string
		want bool
	}{
		{"11.22.33.44", "11.22.41.123/20", true},
		{"11.22.33.44", "11.22.123.41/20", false},
		{"11.22.41.123/29", "11.22.33.44/20", true},
		{"11.22.33.44/20", "11.22.41.123/29", false},
		{"10.0.0.0/8", "10.0.0.0/8", true},
		{"10.0.0.0/8", "0.0.0.0/0", true},
		{"10.1.2.3", "10.1.2.3", true},
		{"fe80::1", "fe80::/10", true},
		{"fe80:0:0:0:c510:f48a:83b0:5813", "fe80::/10", true},
		{"fe80::1%eth0", "fe80::/10", true},
		{"2001:db8::/48", "2001:0db8:0000:0000::/32", true},
		{"10.0.0.1", "::/0", false},
		{"::1", "0.0.0.0/0", false},
		{"host", "10.0.0.0/8", false},
		{"10.0.0.1", "ten", false},
		{"10.0.0.1", "10.0.0.0/33", false},
		{"10.0.0.1", "10.0.0.0/", false},
		{"10.0.0.1", "10.0.0.0/-1", false},
		{"010.0.0.1", "8.0.0.0/8", false},
		{"", "", false},
	}
	for _, tt := range tests {
		if got := Subset(tt.a, tt.b); got != tt.want {
			t.Errorf("Subset(%q, %q) = %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestParseTime(t *testing.T) {
	t.Parallel()
	good := map[string]string{
		"2010-05-21T13:21:43Z":             "2010-05-21T13:21:43.000Z",
		"2010-05-21T13:21:43.1234Z":        "2010-05-21T13:21:43.123400Z",
		"2010-05-21T13:21:43.123456789Z":   "2010-05-21T13:21:43.123456789Z",
		"2010-05-21T13:21:43.00000000099Z": "2010-05-21T13:21:43.000Z",
		"2016-12-31T23:59:60Z":             "2017-01-01T00:00:00.000Z",
		"2000-02-29T00:00:00Z":             "2000-02-29T00:00:00.000Z",
		"0001-01-01T00:00:00Z":             "0001-01-01T00:00:00.000Z",
	}
	for text, want := range good {
		got, err := ParseTime(text)
		if err != nil || FormatTime(got) != want {
			t.Errorf("ParseTime(%q) = %s, %v, want %s", text, FormatTime(got), err, want)
		}
	}
	for _, text := range []string{
		"", "Z", "2010-05-21", "2010-05-21T13:21Z", "2010-05-21T13:21:43", "2010-05-21t13:21:43Z",
		"2010-05-21T13:21:43z", "2010/05/21T13:21:43Z", "2010-05-21T13:21:99Z", "2010-13-01T00:00:00Z",
		"2010-00-01T00:00:00Z", "2023-02-29T00:00:00Z", "2010-05-21T24:00:00Z", "2010-05-21T13:60:00Z",
		"2010-05-21T13:21:43.Z", "2010-05-21T13:21:43.1x3Z", "2010-05-21T13:21:43+00:00", "2010-05-21T13:21:43,5Z",
	} {
		if got, err := ParseTime(text); err == nil {
			t.Errorf("ParseTime(%q) = %v, want an error", text, got)
		}
	}
}
