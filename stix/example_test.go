// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix_test

import (
	"context"
	"fmt"
	"os"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/stix"
)

func ExampleParse() {
	file := &diag.File{Name: "indicator", Text: "[file:name = cmd.exe] WITHIN 5 HOURS"}
	_, list := stix.Parse(file, stix.V21)
	_ = diag.Render(os.Stdout, list, diag.RenderOptions{})

	file = &diag.File{Name: "indicator", Text: "[ ( file:name='cmd.exe' ) ]WITHIN 5 SECONDS"}
	p, _ := stix.Parse(file, stix.V21)
	fmt.Println(p)
	// Output:
	// indicator:1:14: error[unexpected-token]: expected a value, found cmd.exe
	//  1 | [file:name = cmd.exe] WITHIN 5 HOURS
	//    |              ^^^^^^^
	//    = hint: text stands in single quotes
	//    = fix: put it in quotes
	//
	// indicator:1:32: error[unexpected-token]: expected SECONDS, found HOURS
	//  1 | [file:name = cmd.exe] WITHIN 5 HOURS
	//    |                                ^^^^^
	//    = hint: WITHIN counts in seconds
	// [file:name = 'cmd.exe'] WITHIN 5 SECONDS
}

func ExampleMatch() {
	records, err := stix.ReadObserved([]byte(`[
		{"type": "observed-data", "first_observed": "2024-05-01T10:00:00Z", "last_observed": "2024-05-01T10:00:00Z",
		 "number_observed": 1, "objects": {"0": {"type": "process", "name": "winword.exe"}}},
		{"type": "observed-data", "first_observed": "2024-05-01T10:00:04Z", "last_observed": "2024-05-01T10:00:04Z",
		 "number_observed": 1, "objects": {"0": {"type": "process", "name": "cmd.exe", "parent_ref": "1"},
		                                   "1": {"type": "process", "name": "winword.exe"}}}]`))
	if err != nil {
		fmt.Println(err)
		return
	}
	file := &diag.File{Name: "indicator", Text: "([process:name = 'winword.exe'] FOLLOWEDBY " +
		"[process:parent_ref.name = 'winword.exe' AND process:name LIKE '%cmd%']) WITHIN 10 SECONDS"}
	p, list := stix.Parse(file, stix.V21)
	if p == nil {
		fmt.Println(list.Err())
		return
	}
	result, err := stix.Match(context.Background(), p, records)
	fmt.Println(result.Matched, result.Bound, err)
	// Output: true [0 1] <nil>
}

func ExampleParsePath() {
	path, _ := stix.ParsePath("file:hashes.SHA-256")
	fmt.Println(path.Type, path.Attr())
	// Output: file hashes.'SHA-256'
}
