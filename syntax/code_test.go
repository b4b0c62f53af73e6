// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"go/ast"
	goparser "go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/kestrelhunt/kestrel/diag"
)

// TestCodeExamples runs the example of each code that this package reports, as
// its declaration in package diag documents it.
func TestCodeExamples(t *testing.T) {
	t.Parallel()
	file, err := goparser.ParseFile(token.NewFileSet(), "../diag/code.go", nil, goparser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	examples := 0
	for _, d := range file.Decls {
		group, ok := d.(*ast.GenDecl)
		if !ok || !strings.HasPrefix(group.Doc.Text(), "Problems of the text") {
			continue
		}
		for _, s := range group.Specs {
			spec := s.(*ast.ValueSpec)
			want := diag.Code(strings.Trim(spec.Values[0].(*ast.BasicLit).Value, `"`))
			_, example, ok := strings.Cut(spec.Doc.Text(), "Example:\n")
			if !ok {
				continue
			}
			examples++
			_, diags := Parse(&diag.File{Text: example})
			if len(diags) != 1 || diags[0].Code != want {
				t.Errorf("the example of %s gives %v, want one diagnostic of that code:\n%s", want, diags, example)
			}
		}
	}
	if examples < 7 {
		t.Errorf("found %d examples, want at least 7", examples)
	}
}
