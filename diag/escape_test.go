// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package diag

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
)

func TestEscape(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in, want string
	}{
		{"empty", "", ""},
		{"plain text", `C:\temp\a.exe -x "1"`, `C:\temp\a.exe -x "1"`},
		{"layout characters", "a\tb\r\nc", `a\tb\r\nc`},
		{"escape sequence", "\x1b[31mred\x1b[0m", `\x1b[31mred\x1b[0m`},
		{"title sequence", "\x1b]0;x\a", `\x1b]0;x\x07`},
		{"nul and delete", "a\x00b\x7f", `a\x00b\x7f`},
		{"C1 control sequence introducer", "\u009b2J", `\u009b2J`},
		{"direction override", "invoice\u202Efdp.exe", `invoice\u202efdp.exe`},
		{"isolates", "\u2066a\u2069", `\u2066a\u2069`},
		{"no width", "pow\u200Bershell\uFEFF", `pow\u200bershell\ufeff`},
		{"soft hyphen", "a\u00ADb", `a\u00adb`},
		{"line separator", "a\u2028b", `a\u2028b`},
		{"variation selector", "\u2764\uFE0F", "\u2764" + `\ufe0f`},
		{"tag characters", "a\U000E0041", `a\U000e0041`},
		{"Hangul filler", "a\u3164", `a\u3164`},
		{"invalid bytes", "a\xff\xc3", `a\xff\xc3`},
		{"replacement character", "a\uFFFD", "a\uFFFD"},
		{"accents, combining marks, wide text", "é e\u0301 生命", "é e\u0301 生命"},
		{"other blanks", "a\u00A0b\u3000c", "a\u00A0b\u3000c"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := Escape(tt.in); got != tt.want {
				t.Errorf("Escape(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestEscapeText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in, want string
	}{
		{"empty", "", ""},
		{"line end added", "a", "a\n"},
		{"line ends kept", "a\n\nb\r\n", "a\n\nb\n"},
		{"carriage return in a line", "good\rbad", `good\rbad` + "\n"},
		{"tabs", "a\tb\n\tc\n生命\td", "a       b\n        c\n生命    d\n"},
		{"escape", "\x1b[2J\n", `\x1b[2J` + "\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := EscapeText(tt.in); got != tt.want {
				t.Errorf("EscapeText(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestWidth(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   string
		want int
	}{
		{"", 0}, {"abc", 3}, {"生命", 4}, {"e\u0301", 1}, {"café ×", 6}, {"\u00A0", 1}, {"\u3000", 2},
	}
	for _, tt := range tests {
		if got := Width(tt.in); got != tt.want {
			t.Errorf("Width(%q) = %d, want %d", tt.in, got, tt.want)
		}
	}
}

func FuzzEscape(f *testing.F) {
	for _, s := range []string{"a\x1b[0m", "\u202e\u009b", "\xf0\x9f\x98", "e\u0301", "\U000E0041\uFE0F", "\t\r\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := Escape(s); hostile(got, "") {
			t.Errorf("Escape(%q) = %q: not safe to show", s, got)
		} else if Escape(got) != got {
			t.Errorf("Escape(%q) changes on a second pass", s)
		}
		if got := EscapeText(s); hostile(got, "\n") {
			t.Errorf("EscapeText(%q) = %q: not safe to show", s, got)
		}
		in, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		out := EscapeJSON(in)
		if hostile(string(out), "") {
			t.Errorf("EscapeJSON(%q) = %q: not safe to show", in, out)
		}
		var want, got string
		if json.Unmarshal(in, &want) != nil || json.Unmarshal(out, &got) != nil || got != want {
			t.Errorf("EscapeJSON(%q) = %q: stands for %q, want %q", in, out, got, want)
		}
	})
}

// hostile reports whether s holds a control or format character that is not
// one of those allowed. It is written apart from Shown, so as to check it.
func hostile(s, allowed string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune(allowed, r) &&
			(unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs))
	})
}
