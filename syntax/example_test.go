// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax_test

import (
	"fmt"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/syntax"
)

func ExampleParse() {
	file := &diag.File{Name: "hunt.hf", Text: `procs = NEW process ["cmd.exe", "explorer.exe"]
cmds = procs WHERE name LKE 'cmd%'
DISP procs ATTR name`}

	hunt, diags := syntax.Parse(file)
	for _, d := range diags {
		at := file.Position(d.Span.Start)
		fmt.Printf("%s:%d:%d: %s (%s)\n", file.Name, at.Line, at.Column, d.Message, d.Hint)
	}
	for _, s := range hunt.Stmts {
		fmt.Printf("%T\n", s)
	}
	// Output:
	// hunt.hf:2:25: expected a comparison operator, found LKE (did you mean LIKE?)
	// *syntax.NewStmt
	// *syntax.BadStmt
	// *syntax.DispStmt
}

func ExampleFormatFile() {
	text, _ := syntax.FormatFile(&diag.File{Text: `
# browsers only
b = get process from procs where name in ['firefox.exe','chrome.exe']
  last 5d
disp b attr name,pid sort by pid`})
	fmt.Print(text)
	// Output:
	// # browsers only
	// b = GET process FROM procs
	//     WHERE name IN ('firefox.exe', 'chrome.exe')
	//     LAST 5 DAYS
	// DISP b ATTR name, pid SORT BY pid
}

func ExampleExpected() {
	file := &diag.File{Text: "FIND process CREATED "}
	for _, w := range syntax.Expected(file, len(file.Text)).Wants {
		switch w.Kind {
		case syntax.WantKeyword:
			fmt.Println("the word", w.Text)
		case syntax.WantVariable:
			fmt.Println("a variable")
		}
	}
	// Output:
	// a variable
	// the word BY
}
