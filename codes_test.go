// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package kestrel_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel"
	"github.com/kestrelhunt/kestrel/datasource/profile"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/internal/gendoc"
	"github.com/kestrelhunt/kestrel/standard"
)

// TestCodeExamples runs the example of each diagnostic code in a session of its
// own, as its declaration in package diag documents it: it must yield that code
// and no other.
func TestCodeExamples(t *testing.T) {
	t.Parallel()
	groups, err := gendoc.Codes("diag/code.go")
	if err != nil {
		t.Fatal(err)
	}
	examples := 0
	for _, g := range groups {
		for _, c := range g.Codes {
			if c.Example == "" {
				continue
			}
			examples++
			t.Run(string(c.Code), func(t *testing.T) {
				t.Parallel()
				res, err := openExample(t).Execute(t.Context(), c.Example)
				if res == nil {
					t.Fatal(err)
				}
				var got []diag.Code
				for _, d := range res.Diagnostics {
					got = append(got, d.Code)
				}
				if diff := cmp.Diff([]diag.Code{c.Code}, got); diff != "" {
					t.Errorf("codes (-want +got):\n%s\n%s\n%v", diff, c.Example, res.Diagnostics)
				}
			})
		}
	}
	if examples < 20 {
		t.Errorf("found %d examples, want at least 20", examples)
	}
}

// openExample opens a session in an empty folder that knows stixshifter://, but
// no profile.
func openExample(t *testing.T) *kestrel.Session {
	t.Helper()
	drivers := standard.Drivers()
	if _, known := drivers.Driver("stixshifter"); !known {
		if err := drivers.Add(&profile.Driver{Environ: func() []string { return nil }}); err != nil {
			t.Fatal(err)
		}
	}
	s, err := kestrel.New(kestrel.Config{Drivers: drivers, Dir: t.TempDir(), TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
