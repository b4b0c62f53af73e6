// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package datasource

import (
	"testing"
	"time"
)

func TestCountPartial(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		count Count
		want  bool
		text  string
	}{
		{
			"whole", Count{Source: "a", Scanned: 3, Matched: 2, Notes: []Note{DefaultedNote(time.Minute)}}, false,
			"a: 3 records scanned, 2 matched, 0 skipped; 0 requests failed",
		},
		{"skipped", Count{Source: "a", Skipped: 1}, true, "a: 0 records scanned, 0 matched, 1 skipped; 0 requests failed"},
		{"failed", Count{Source: "a", Failed: 1}, true, "a: 0 records scanned, 0 matched, 0 skipped; 1 requests failed"},
		{"cut", Count{Source: "a", Cut: true}, true, "a: 0 records scanned, 0 matched, 0 skipped; 0 requests failed; records may be missing"},
	}
	for _, tt := range tests {
		if got := tt.count.Partial(); got != tt.want {
			t.Errorf("%s: Partial() = %t, want %t", tt.name, got, tt.want)
		}
		if got := tt.count.String(); got != tt.text {
			t.Errorf("%s: String() = %q, want %q", tt.name, got, tt.text)
		}
	}
}

func TestEnv(t *testing.T) {
	t.Parallel()
	env := Env{Environ: []string{"A=1", "AB=2", "A=3", "EMPTY=", "odd"}}
	for name, want := range map[string]string{"A": "3", "AB": "2", "EMPTY": ""} {
		if got, ok := env.Lookup(name); !ok || got != want {
			t.Errorf("Lookup(%s) = %q, %t; want %q", name, got, ok, want)
		}
	}
	for _, name := range []string{"B", "odd", "a"} {
		if got, ok := env.Lookup(name); ok {
			t.Errorf("Lookup(%s) = %q, want nothing", name, got)
		}
	}
	env.Now = func() time.Time { return time.Unix(1, 0) }
	if got := env.WorldTime()(); got.Unix() != 1 {
		t.Errorf("WorldTime without a clock: %v, want Now", got)
	}
	env.Clock = func() time.Time { return time.Unix(2, 0) }
	if got := env.WorldTime()(); got.Unix() != 2 {
		t.Errorf("WorldTime: %v, want Clock", got)
	}
}
