// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package gendoc

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/diag"
)

const codeFile = "../../diag/code.go"

func TestCodes(t *testing.T) {
	t.Parallel()
	src := `package diag

// A Code is a code.
type Code string

// Other is no code.
const Other = "x"

// Problems of the text: found early.
const (
	// TooDeep means that
	// it is deep.
	TooDeep Code = "too-deep"

	// BadWord means that a word is bad.
	//
	// Example:
	//	a = b
	//
	//	DISP a
	BadWord Code = "bad-word"
)
`
	name := filepath.Join(t.TempDir(), "code.go")
	if err := os.WriteFile(name, []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := Codes(name)
	if err != nil {
		t.Fatalf("Codes: %v", err)
	}
	want := []Group{{
		Doc: "Problems of the text: found early.",
		Codes: []Code{
			{Name: "TooDeep", Code: "too-deep", Doc: "TooDeep means that\nit is deep."},
			{Name: "BadWord", Code: "bad-word", Doc: "BadWord means that a word is bad.", Example: "a = b\n\nDISP a"},
		},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Codes (-want +got):\n%s", diff)
	}
	var page strings.Builder
	if err := WriteCodes(&page, got); err != nil {
		t.Fatalf("WriteCodes: %v", err)
	}
	wantPage := codesIntro + "| [`too-deep`](#too-deep) | KestrelSyntaxError |\n| [`bad-word`](#bad-word) |  |\n" + `
## Problems of the text

Found early.

### too-deep

` + "`too-deep`" + ` means that
it is deep.

### bad-word

` + "`bad-word` means that a word is bad.\n\n```kestrel\na = b\n\nDISP a\n```\n"
	if diff := cmp.Diff(wantPage, page.String()); diff != "" {
		t.Errorf("WriteCodes (-want +got):\n%s", diff)
	}
}

func TestCodesRejects(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, decl, want string }{
		{"no comment", `const A Code = "a"`, "constant A: want a comment"},
		{"another name", "const (\n// B is.\nA Code = \"a\"\n)", "constant A: want a comment"},
		{"no literal", "const (\n// A is.\nA Code = x\n)", "constant A: want a string literal"},
		{"no Go", "const (", "read codes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			name := filepath.Join(t.TempDir(), "code.go")
			if err := os.WriteFile(name, []byte("package diag\n\n"+tt.decl+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Codes(name); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Codes(%s): error %v, want one with %q", tt.decl, err, tt.want)
			}
		})
	}
}

func TestCodesPageIsUpToDate(t *testing.T) {
	t.Parallel()
	groups, err := Codes(codeFile)
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	if err := WriteCodes(&want, groups); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../docs/diagnostics.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.String(), string(got)); diff != "" {
		t.Errorf("docs/diagnostics.md differs from diag/code.go; run go generate ./internal/gendoc/... (-want +got):\n%s", diff)
	}
}

// TestCodesAreDistinct fails if two constants share a code, or if one is not in
// kebab-case.
func TestCodesAreDistinct(t *testing.T) {
	t.Parallel()
	groups, err := Codes(codeFile)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[diag.Code]string{}
	for _, g := range groups {
		for _, c := range g.Codes {
			if old, ok := seen[c.Code]; ok {
				t.Errorf("%s and %s share the code %s", old, c.Name, c.Code)
			}
			seen[c.Code] = c.Name
			if strings.Trim(string(c.Code), "abcdefghijklmnopqrstuvwxyz-") != "" {
				t.Errorf("%s: code %q is not in kebab-case", c.Name, c.Code)
			}
		}
	}
	if len(seen) < 30 {
		t.Errorf("%s declares %d codes, want all of them to be found", codeFile, len(seen))
	}
}
