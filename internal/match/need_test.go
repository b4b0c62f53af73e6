// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package match

import (
	"bytes"
	"testing"

	"github.com/kestrelhunt/kestrel/stix"
)

func TestPrefilter(t *testing.T) {
	t.Parallel()
	name := func(v string) string { return `{"0": {"type": "process", "name": ` + v + `}}` }
	pid := func(v string) string { return `{"0": {"type": "process", "pid": ` + v + `}}` }
	tests := []struct {
		name  string
		where stix.Expr
		raw   string
		want  bool
	}{
		{"text", is("name", "=", "cmd.exe"), name(`"cmd.exe"`), true},
		{"other text", is("name", "=", "cmd.exe"), name(`"cmd.exe2"`), false},
		{"type is missing", is("name", "=", "cmd.exe"), `{"0": {"type": "file", "name": "cmd.exe"}}`, false},
		{"attribute is missing", is("pid", ">", 0), name(`"a"`), false},
		{"backslashes and quotes", is("name", "=", `C:\"x"`), name(`"C:\\\"x\""`), true},
		{"a slash as it is", is("name", "=", "/bin/sh"), name(`"/bin/sh"`), true},
		{"a slash with a backslash", is("name", "=", "/bin/sh"), name(`"\/bin\/sh"`), true},
		{"any escape", is("name", "=", "cmd.exe"), name(`"\u0063md.exe"`), true},
		{"not Unicode", is("name", "=", "a\uFFFDb"), name("\"a\xffb\""), true},
		{"either", or(is("name", "=", "aa"), is("name", "=", "bb")), name(`"bb"`), true},
		{"neither", or(is("name", "=", "aa"), is("name", "=", "bb")), name(`"cc"`), false},
		{"both", and(is("name", "=", "aa"), is("pid", "=", 443)), name(`"aa"`), false},
		{"NOT needs the attribute", is("name", "NOT =", "aa"), name(`"bb"`), true},
		{"NOT without the attribute", is("name", "NOT =", "aa"), pid("4"), false},
		{"null", is("name", "NULL"), pid("4"), true},
		{"not null", is("name", "NOT NULL"), pid("4"), false},
		{"in", is("name", "IN", "aa", "bb"), name(`"bb"`), true},
		{"not in", is("name", "IN", "aa", "bb"), name(`"cc"`), false},
		{"a boolean's word", is("name", "=", "TRUE"), name(`true`), true},
		{"text like a list", is("name", "=", `["a","b"]`), name(`["a", "b"]`), true},
		{"an element", is("name[*]", "=", "aa"), name(`["bb"]`), false},

		{"digits", is("pid", "=", 443), pid("443"), true},
		{"digits of a float", is("pid", "=", 443), pid("443.0"), true},
		{"digits of text", is("pid", "=", 443), pid(`"+0443"`), true},
		{"other digits", is("pid", "=", 443), pid("444"), false},
		{"an exponent", is("pid", "=", 443), pid("4.43e2"), true},
		{"an exponent in text", is("pid", "=", 443), pid(`"4430E-1"`), true},
		{"digits in a hash are no exponent", is("pid", "=", 443), pid(`"12e4ab"`), false},
		{"a long fraction", is("pid", "=", 443), pid("442.99999999999999999999"), true},
		{"text that looks like a number", is("pid", "=", "443.0"), pid("443"), true},
		{"zero and one are booleans", is("pid", "=", 1), pid("true"), true},
		{"a large number", is("pid", "=", 1<<53), pid("9007199254740992.9"), true},

		{"a piece", is("name", "LIKE", "%cmd%"), name(`"xcmdx"`), true},
		{"no piece", is("name", "LIKE", "%cmd%"), name(`"xcmx"`), false},
		{"pieces beside a slash", is("name", "LIKE", "/bin/%"), name(`"\/bin\/sh"`), true},
		{"a piece of a path", is("name", "LIKE", `C:\Windows\%`), name(`"D:\\Users"`), false},
		{"a piece that becomes ASCII", is("name", "LIKE", "K1%"), name("\"\u212A1\""), true},
		{"a piece beyond ASCII", is("name", "LIKE", "%éé%"), name("\"e\u0301e\u0301\""), true},
		{"a piece of a number", is("pid", "LIKE", "44%"), pid("4.43e2"), true},
		{"pieces across elements", is("name", "LIKE", `%a","b%`), name(`["a" , "b"]`), true},
		{"an expression", is("name", "MATCHES", "^(ab)+[0-9]x"), name(`"cb0x"`), false},
		{"an expression that is found", is("name", "MATCHES", "^(ab)+[0-9]x"), name(`"ab0x"`), true},
		{"an expression without case", is("name", "MATCHES", "(?i)ABC"), name(`"abc"`), true},
		{"an expression with a choice", is("name", "MATCHES", "abc|def"), name(`"def"`), true},
		{"a payload", is("payload_bin", "LIKE", "%hello%"), `{"0": {"type": "process", "payload_bin": "aGVsbG8="}}`, true},

		{"an id", is("parent_ref", "=", "process--1"), `{"0": {"type": "process", "parent_ref": "1"}}`, true},
		{"another spelling", is("binary_ref.name", "=", "aa"), `{"0": {"type": "process", "image_ref": "1"}, "1": {"type": "file", "name": "aa"}}`, true},
		{"a short name", is("x_a", "=", "aa"), `{"0": {"type": "process", "extensions": {"e": {"a": "aa"}}}}`, true},
		{"another type", is("url:value", "LIKE", "%"), `{"0": {"type": "process"}, "1": {"type": "file", "value": "a"}}`, false},
		{"another type that may be absent", is("url:value", "NULL"), `{"0": {"type": "process"}, "1": {"type": "url"}}`, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, err := Compile(tt.where, "process")
			if err != nil {
				t.Fatal(err)
			}
			if got := m.Prefilter([]byte(tt.raw)); got != tt.want {
				t.Errorf("Prefilter of %s for %s is %v, want %v", tt.raw, showExpr(tt.where), got, tt.want)
			}
		})
	}
}

// BenchmarkPrefilter rejects a record of the usual size, in which hashes and
// addresses look like numbers.
func BenchmarkPrefilter(b *testing.B) {
	raw := bytes.Repeat([]byte(`"1": {"type": "file", "name": "svchost.exe", "pid": 12, "hashes": {"SHA-256": "d45a1f1c4b3f5b9e9d45a1f1c4b3f5b9e9d4"}, "ip": "10.1.2.3"}, `), 9)
	raw = append([]byte(`{"type": "observed-data", "objects": {"0": {"type": "process"},`), raw...)
	for _, bm := range []struct {
		name  string
		where stix.Expr
	}{
		{"text", is("name", "=", "mimikatz.exe")},
		{"number", is("pid", "=", 4444)},
	} {
		b.Run(bm.name, func(b *testing.B) {
			m, err := Compile(bm.where, "process")
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(raw)))
			for b.Loop() {
				if m.Prefilter(raw) {
					b.Fatal("the record is not rejected")
				}
			}
		})
	}
}
