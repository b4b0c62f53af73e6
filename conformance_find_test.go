// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package kestrel_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel"
	"github.com/kestrelhunt/kestrel/display"
)

// TestFindCases runs FIND over the public bundles that the original is tested
// with. What is wanted follows from the records that the GET brought. Where asking
// the source for further records of what was found gives more, a comment says what
// it gives ("completed").
func TestFindCases(t *testing.T) {
	t.Parallel()
	data := os.Getenv("KESTREL_TESTDATA")
	if data == "" {
		t.Skip("KESTREL_TESTDATA names no folder: the public bundles are not here")
	}
	dir := filepath.Join(data, "stix", "kestrel-v1-test-data")
	paths := strings.NewReplacer("{TB}", "file://"+dir+"/test_bundle.json", "{DK}", "file://"+dir+"/doctored-1k.json", "{PS}", "file://"+dir+"/powershell_search_stix_result.json")
	const (
		ssh     = "c = GET network-traffic FROM {TB} WHERE dst_port = 22\n"
		wmic    = "w = GET process FROM {DK} WHERE command_line LIKE 'wmic%'\n"
		svc     = "s = GET process FROM {DK} WHERE name = 'svchost.exe'\n"
		local   = "n = GET network-traffic FROM {DK} WHERE src_ref.value = '127.0.0.1'\n"
		ports   = "n = GET network-traffic FROM {DK} WHERE src_port > 0\n"
		anyName = "p = GET process FROM {DK} WHERE name LIKE '%'\n"
		shells  = "x = GET process FROM {PS} WHERE name = 'powershell.exe'\n"
	)
	tests := []struct {
		name, hunt, variable string
		entities, records    int64
		shown                string // rows of the first table, sorted
	}{
		{"C43", local + "p = FIND process CREATED n WHERE name = 'vmware.exe'", "p", 1, 1, ""},
		{"C85", ssh + "p = FIND process CREATED c", "p", 0, 0, ""},
		{"C86", ssh + "i = FIND ipv4-addr CREATED c", "i", 24, 29, ""}, // completed: 50 records
		{"C86 limit", ssh + "i = FIND ipv4-addr CREATED c LIMIT 1", "i", 1, 1, ""},
		{"C87 accepted", ssh + "i = FIND ipv4-addr ACCEPTED c", "i", 10, 29, ""}, // completed: 100 records
		{"C87 linked", ssh + "i = FIND ipv4-addr LINKED c", "i", 34, 58, ""},     // completed: 150 records
		{"C87 accounts", ssh + "u = FIND user-account LINKED c", "u", 12, 29, ""},
		{"C88", ssh + "i = FIND ipv4-addr CREATED c\nn = FIND network-traffic CREATED BY i", "n", 29, 29, ""}, // completed: 50 entities in 50 records
		{"C89", svc + "i = FIND ipv4-addr LINKED s LIMIT 1", "i", 2, 289, ""},
		{"C89 ten", svc + "i = FIND ipv4-addr LINKED s LIMIT 10", "i", 5, 533, ""}, // completed: 6 entities
		{"C90 loaded", wmic + "f = FIND file LOADED BY w\nDISP f ATTR name, parent_directory_ref.path", "f", 1, 7, `WMIC.exe C:\Windows\SysWOW64\wbem`},
		{"C90 linked", wmic + "f = FIND file LINKED w\nDISP f ATTR name, parent_directory_ref.path", "f", 2, 14, `WMIC.exe C:\Windows\SysWOW64\wbem, cmd.exe C:\Windows\SysWOW64`},
		{"C91", wmic + "p = FIND process CREATED w\nDISP p ATTR name, pid", "p", 7, 7, "cmd.exe 10468, cmd.exe 10520, cmd.exe 13008, cmd.exe 14076, cmd.exe 6792, cmd.exe 7216, cmd.exe 8972"},
		{"C92", wmic + "p = FIND process CREATED w\nk = FIND process CREATED BY p", "k", 7, 7, ""},
		{"C93", wmic + "u = FIND user-account OWNED w\nDISP u ATTR user_id", "u", 1, 7, "John"},
		{"C94", ports + "p = FIND process CREATED n", "p", 948, 948, ""},
		{"C94 limit", ports + "p = FIND process CREATED n LIMIT 10", "p", 10, 10, ""},
		{"C95", anyName + "n = FIND network-traffic CREATED BY p", "n", 853, 948, ""},
		{"C95 limit", anyName + "n = FIND network-traffic CREATED BY p LIMIT 10", "n", 10, 15, ""}, // the ten were seen in five more records
		{"C96", anyName + "n = FIND network-traffic CREATED BY p\nDISP p WHERE pid = 1288 ATTR name, parent_ref.name, binary_ref.name", "n", 853, 948, "svchost.exe  svchost.exe"},
		{"C97", local + "p = FIND process CREATED n", "p", 203, 203, ""}, // completed: 471 entities in 471 records
		{"C98", local + "p = FIND process CREATED n WHERE ipv4-addr:value = '192.168.1.1'", "p", 0, 0, ""},
		{"C98 another address", local + "p = FIND process CREATED n WHERE ipv4-addr:value = '127.0.0.1'", "p", 203, 203, ""},
		{"C99", local + "p = FIND process CREATED n LIMIT 100", "p", 100, 100, ""},
		{"C100", strings.Replace(local, "127.0.0.1", "100.0.0.1", 1) + "p = FIND process CREATED n WHERE name LIKE '%'", "p", 0, 0, ""},
		{"C101", "f = GET file FROM {DK} WHERE name = 'svchost.exe'\nd = FIND directory CONTAINED f", "d", 1, 704, ""},
		{"C102", "d = GET directory FROM {DK} WHERE path = 'C:\\\\Windows\\\\System32'\nf = FIND file CONTAINED BY d", "f", 10, 726, ""},
		{"C103", "f = GET file FROM {DK} WHERE name = 'svchost.exe'\np = FIND process LOADED f", "p", 704, 704, ""},
		{"C104", svc + "n = FIND network-traffic CREATED BY s", "n", 624, 703, ""},
		{"C105 parents", shells + "p = FIND process CREATED x\nDISP p ATTR name, pid", "p", 5, 5, "compattelrunner.exe 1544, compattelrunner.exe 2080, compattelrunner.exe 5700, compattelrunner.exe 6744, compattelrunner.exe 7036"},
		{"C105 children", shells + "p = FIND process CREATED x\nk = FIND process CREATED BY p\nDISP k ATTR name, pid", "k", 5, 5, "powershell.exe 2776, powershell.exe 4464, powershell.exe 4976, powershell.exe 6032, powershell.exe 7276"},
		{"C106", shells + "f = FIND file LOADED BY x\nu = FIND user-account OWNED x\nd = FIND directory CONTAINED f\nDISP d ATTR path", "d", 1, 5, `c:\windows\system32\windowspowershell\v1.0`},
		{"C109", shells + "p = FIND process CREATED x START 2001-01-01T00:00:00Z STOP 2002-01-01T00:00:00Z", "p", 0, 0, ""},
		{"C109 last", shells + "p = FIND process CREATED x LAST 1 d", "p", 0, 0, ""},
		{"C167", ssh + "d = c WHERE dst_ref.value NOT LIKE '10.0.0.1%'\ni = FIND ipv4-addr CREATED d\nboth = d + c", "i", 12, 16, ""},
		{"C168", wmic + "v = w WHERE parent_ref.name = 'cmd.exe'\nf = FIND file LOADED BY v", "f", 1, 7, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := runRecorded(t, paths.Replace(tt.hunt), dir)
			if r.err != nil {
				t.Fatal(r.err)
			}
			all := r.session.Variables()
			i := slices.IndexFunc(all, func(v kestrel.Variable) bool { return v.Name == tt.variable })
			if v := all[i]; v.Entities != tt.entities || v.Records != tt.records {
				t.Errorf("%s has %d entities in %d records, want %d in %d", v.Name, v.Entities, v.Records, tt.entities, tt.records)
			}
			if table, ok := r.result.Displays[0].(*display.Table); ok {
				var rows []string
				for _, row := range table.Rows {
					rows = append(rows, strings.Trim(fmt.Sprint(row), "[]"))
				}
				slices.Sort(rows)
				if got := strings.Join(rows, ", "); got != tt.shown {
					t.Errorf("shown are %s, want %s", got, tt.shown)
				}
			}
		})
	}
}

// TestFindSummary looks at the related records of what FIND gave (C85, C87).
func TestFindSummary(t *testing.T) {
	t.Parallel()
	data := os.Getenv("KESTREL_TESTDATA")
	if data == "" {
		t.Skip("KESTREL_TESTDATA names no folder: the public bundles are not here")
	}
	dir := filepath.Join(data, "stix", "kestrel-v1-test-data")
	r := runRecorded(t, "c = GET network-traffic FROM file://{DATA}/test_bundle.json WHERE dst_port = 22\n"+
		"p = FIND process CREATED c\nu = FIND user-account LINKED c", dir)
	if r.err != nil {
		t.Fatal(r.err)
	}
	sum, ok := r.result.Displays[len(r.result.Displays)-1].(*display.Summary)
	if !ok {
		t.Fatal("the block ends without a summary")
	}
	got := []string{strings.Join(sum.Related, " ")}
	for _, row := range sum.Rows {
		got = append(got, fmt.Sprintln(row.Variable, row.Entities, row.Records, row.Related))
	}
	want := []string{"ipv4-addr network-traffic process user-account", "c 29 29 [58 0 0 29]\n", "p 0 0 [0 0 0 0]\n", "u 12 29 [58 29 0 17]\n"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
}
