// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package kestrel_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/kestrelhunt/kestrel"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/display"
	"github.com/kestrelhunt/kestrel/standard"
)

func Example() {
	session, err := kestrel.New(kestrel.Config{Drivers: standard.Drivers(), NoSummary: true})
	if err != nil {
		log.Fatal(err)
	}
	defer session.Close()
	result, err := session.Execute(context.Background(), `
procs = NEW process [ {"name": "cmd.exe", "pid": 123}, {"name": "firefox.exe", "pid": 201} ]
web = GET process FROM procs WHERE name LIKE '%fox%'
DISP web ATTR name, pid`)
	if err != nil {
		log.Fatal(err)
	}
	if err := display.WriteText(os.Stdout, result.Displays, display.Style{}); err != nil {
		log.Fatal(err)
	}
	// Output:
	//        name  pid
	// firefox.exe  201
}

func ExampleSession_Check() {
	session, err := kestrel.New(kestrel.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer session.Close()
	for _, d := range session.Check("procs = NEW process ['cmd.exe']\nDISP prcos") {
		p := d.Span.File.Position(d.Span.Start)
		fmt.Printf("%d:%d: %s: %s; %s\n", p.Line, p.Column, d.Code, d.Message, d.Hint)
	}
	// Output:
	// 2:6: undefined-variable: variable prcos is not defined; did you mean procs?
}

func ExampleSession_Entities() {
	session, err := kestrel.New(kestrel.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer session.Close()
	ctx := context.Background()
	if _, err := session.Execute(ctx, "ips = NEW ipv4-addr ['192.0.2.1', '192.0.2.7']"); err != nil {
		log.Fatal(err)
	}
	table, err := session.Entities(ctx, "ips")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(table.Columns)
	for _, row := range table.Rows {
		fmt.Println(row)
	}
	// Output:
	// [value id type]
	// [192.0.2.1 ipv4-addr--8dded90c-40c0-545a-8027-5b212bb37e8e ipv4-addr]
	// [192.0.2.7 ipv4-addr--fe609036-dbde-52d8-a120-35d115a7d338 ipv4-addr]
}

func ExampleSession_ExecuteFile() {
	session, err := kestrel.New(kestrel.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer session.Close()
	hunt := &diag.File{Name: "hunt.hf", Text: "DISP browsers"}
	result, err := session.ExecuteFile(context.Background(), hunt)
	fmt.Println(err)
	fmt.Println(result.Diagnostics[0].Span.Text())
	// Output:
	// undefined-variable: variable browsers is not defined
	// browsers
}

// A session with a clock that stands still finds the same on any day. What its
// sources could not use is counted.
func ExampleResult_Partial() {
	present := time.Date(2024, 6, 1, 12, 0, 0, 0, time.UTC)
	session, err := kestrel.New(kestrel.Config{
		Drivers:    standard.Drivers(),
		Now:        func() time.Time { return present },
		Completion: &kestrel.Completion{}, // ask for no further records
	})
	if err != nil {
		log.Fatal(err)
	}
	defer session.Close()
	result, err := session.Execute(context.Background(),
		"p = GET process FROM file://examples/incident/bundle.json WHERE name = 'nosuch.exe' LAST 1 DAY")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Variables[0].Entities, len(result.Sources), result.Partial())
	// Output:
	// 0 1 false
}
