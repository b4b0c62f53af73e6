// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package display_test

import (
	"fmt"
	"os"
	"time"

	"github.com/kestrelhunt/kestrel/display"
	"github.com/kestrelhunt/kestrel/entity"
)

// A frontend writes all displays of a block at once.
func ExampleWriteText() {
	displays := []display.Display{
		&display.Table{
			Columns: []string{"name", "pid"},
			Rows: [][]entity.Value{
				{entity.StringValue("cmd.exe"), entity.IntValue(4012)},
				{entity.StringValue("\x1b[2Jwmic.exe"), entity.IntValue(380)},
			},
		},
		&display.Summary{
			Elapsed: 300 * time.Millisecond,
			Rows:    []display.SummaryRow{{Variable: "p", Type: "process", Entities: 2, Records: 5}},
		},
	}
	if err := display.WriteText(os.Stdout, displays, display.Style{Ruled: true}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// name              pid
	// ---------------  ----
	// cmd.exe          4012
	// \x1b[2Jwmic.exe   380
	//
	// [SUMMARY] block executed in 1 seconds
	// VARIABLE    TYPE  #(ENTITIES)  #(RECORDS)
	//        p process            2           5
}
