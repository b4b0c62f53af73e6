// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package entity

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAttrName(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		pieces []string
		want   string
	}{
		{"one identifier", []string{"pid"}, "pid"},
		{"hyphen", []string{"hashes", "SHA-256"}, "hashes.'SHA-256'"},
		{"identifier below", []string{"hashes", "MD5"}, "hashes.MD5"},
		{"dot inside a piece", []string{"a.b", "c"}, "'a.b'.c"},
		{"digit first", []string{"0"}, "'0'"},
		{"quote and backslash", []string{`it's`, `C:\x`}, `'it\'s'.'C:\\x'`},
		{"empty piece", []string{"", "a"}, "''.a"},
		{"not ASCII", []string{"größe"}, "'größe'"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := AttrName(tt.pieces...)
			if got != tt.want {
				t.Errorf("AttrName(%q) = %q, want %q", tt.pieces, got, tt.want)
			}
			if diff := cmp.Diff(tt.pieces, SplitAttr(got)); diff != "" {
				t.Errorf("SplitAttr(%q) differs (-want +got):\n%s", got, diff)
			}
			if again := CanonicalAttr(got); again != got {
				t.Errorf("CanonicalAttr(%q) = %q, want it unchanged", got, again)
			}
		})
	}
}

func TestCanonicalAttr(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"unquoted hyphen", "hashes.SHA-256", "hashes.'SHA-256'"},
		{"needless quotes", "hashes.'MD5'", "hashes.MD5"},
		{"list step", "opened_connection_refs[*].dst_port", "opened_connection_refs[*].dst_port"},
		{"extension", "extensions.x-foo-ext.bar", "extensions.'x-foo-ext'.bar"},
		{"open quote", "a.'b", "a.b"},
		{"text after a quote", "'a'b", "a.b"},
		{"dot at the end", "a.", "a.''"},
		{"nothing", "", "''"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := CanonicalAttr(tt.in); got != tt.want {
				t.Errorf("CanonicalAttr(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestShortAttr(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in, want string
		ok       bool
	}{
		{"extensions.'x-foo'.bar", "x_bar", true},
		{"extensions.'windows-process-ext'.owner_sid", "x_owner_sid", true},
		{"extensions.'x-foo'.a.b", "x_a.b", true},
		{"extensions.'x-foo'", "", false},
		{"extensionsx.foo.bar", "", false},
		{"pid", "", false},
	}
	for _, tt := range tests {
		if got, ok := ShortAttr(tt.in); got != tt.want || ok != tt.ok {
			t.Errorf("ShortAttr(%q) = %q, %v, want %q, %v", tt.in, got, ok, tt.want, tt.ok)
		}
	}
}

func TestCurrentAttr(t *testing.T) {
	t.Parallel()
	tests := []struct{ typ, in, want string }{
		{"process", "image_ref", "binary_ref"},
		{"process", "created_time", "created"},
		{"process", "pid", "pid"},
		{"file", "created_time", "created_time"},
	}
	for _, tt := range tests {
		if got := CurrentAttr(tt.typ, tt.in); got != tt.want {
			t.Errorf("CurrentAttr(%q, %q) = %q, want %q", tt.typ, tt.in, got, tt.want)
		}
	}
}
