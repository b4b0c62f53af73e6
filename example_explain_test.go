// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package kestrel_test

import (
	"context"
	"log"
	"os"

	"github.com/kestrelhunt/kestrel"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/display"
	"github.com/kestrelhunt/kestrel/standard"
)

func ExampleSession_Explain() {
	session, err := kestrel.New(kestrel.Config{Drivers: standard.Drivers()})
	if err != nil {
		log.Fatal(err)
	}
	defer session.Close()
	hunt := &diag.File{Name: "hunt.hf", Text: "p = GET process FROM file://missing.json WHERE name = 'cmd.exe'"}
	result, err := session.Explain(context.Background(), hunt, "p")
	if err != nil {
		log.Fatal(err)
	}
	if err := display.WriteText(os.Stdout, result.Displays, display.Style{}); err != nil {
		log.Fatal(err)
	}
	// Output:
	// p = GET process FROM file://missing.json WHERE name = 'cmd.exe'  [hunt.hf:1]
	// ├── Filter name = 'cmd.exe'  [in the source]
	// │   └── Scan process of file://missing.json  [asks the source]
	// │       │   time range: none given
	// │       │   driver: STIX bundle
	// │       └── STIX pattern  [missing.json]
	// │               query: [process:name = 'cmd.exe']
	// └── Further records of what is found  [completion]
	//         source: file://missing.json
	//         time range: around the records of what is found
}
