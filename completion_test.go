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
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/display"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/standard"
)

// bundles are the data of the original's own tests by the names that the cases
// use: TB and its like, DK (processes without unique ids), PS (with), NT1 and NT2
// (what two hosts saw of the same connections).
var bundles = map[string]string{
	"TB": "test_bundle.json", "TB2": "test_bundle_2.json", "TB3": "test_bundle_3.json",
	"DK": "doctored-1k.json", "PS": "powershell_search_stix_result.json",
	"NT1": "test_bundle_nt_1.json", "NT2": "test_bundle_nt_2.json",
}

// completionCases are those cases of conformance with the original whose values
// completion has a part in. What is wanted of a variable are its entities, its
// records, and of what its summary says is related the types that are named. Where
// the original's value is another one, the reason is in docs/compatibility.md.
var completionCases = []struct {
	name  string
	hunt  string
	widen time.Duration // 0: the default
	want  []string
}{
	{
		"C43 a condition in FIND applies", `
n = GET network-traffic FROM {DK} WHERE src_ref.value = '127.0.0.1'
p = FIND process CREATED n WHERE name = 'vmware.exe'`, 0,
		[]string{"n 193 203", "p 1 1"},
	},
	{
		"C63 offsets of five minutes", `
a = GET network-traffic FROM {NT1} WHERE dst_ref.value = '192.168.56.112'
b = GET network-traffic FROM {NT2} WHERE src_port = a.src_port
c = GET network-traffic FROM {NT2} WHERE src_ref.value = a.src_ref.value`, 0,
		[]string{"a 4 4", "b 4 8", "c 7 11"},
	},
	{
		"C63 offsets of ten seconds", `
a = GET network-traffic FROM {NT1} WHERE dst_ref.value = '192.168.56.112'
c = GET network-traffic FROM {NT2} WHERE src_ref.value = a.src_ref.value`, 10 * time.Second,
		[]string{"c 4 8"},
	},
	{
		"C65 the time that is given is not widened", `
a = GET network-traffic FROM {NT1} WHERE dst_ref.value = '192.168.56.112'
b = GET network-traffic FROM {NT2} WHERE src_port = a.src_port START 2022-07-27T14:34:52.025Z STOP 2022-07-27T14:34:52.026Z`, 0,
		[]string{"b 0 0"},
	},
	{
		"C66 a bundle of another time, and one of that time", `
a = GET network-traffic FROM {TB} WHERE dst_ref.value = '10.0.0.134'
b = GET network-traffic FROM {TB2} WHERE dst_port = a.dst_port
c = GET network-traffic FROM {TB3} WHERE dst_port = a.dst_port`, 0,
		[]string{"b 0 0", "c 3 3"},
	},
	{
		"C85 connections that no process created", `
conns = GET network-traffic FROM {TB} WHERE dst_port = 22
procs = FIND process CREATED conns`, 0,
		[]string{"conns 29 29 ipv4-addr=58 network-traffic=0 user-account=29", "procs 0 0 ipv4-addr=0 network-traffic=0 user-account=0"},
	},
	{
		"C86 sources of connections, LIMIT 1", `
conns = GET network-traffic FROM {TB} WHERE dst_port = 22
s = FIND ipv4-addr CREATED conns
one = FIND ipv4-addr CREATED conns LIMIT 1`, 0,
		[]string{"s 24 50", "one 1 1"},
	},
	{
		"C87 destinations", `
conns = GET network-traffic FROM {TB} WHERE dst_port = 22
d = FIND ipv4-addr ACCEPTED conns`, 0,
		[]string{"d 10 100"},
	},
	{
		"C87 addresses beside", `
conns = GET network-traffic FROM {TB} WHERE dst_port = 22
d = FIND ipv4-addr LINKED conns`, 0,
		[]string{"d 34 150"},
	},
	{
		"C87 accounts beside: not completed", `
conns = GET network-traffic FROM {TB} WHERE dst_port = 22
u = FIND user-account LINKED conns`, 0,
		[]string{"u 12 29 ipv4-addr=58 network-traffic=29 user-account=17"},
	},
	{
		"C88 from the sources on", `
conns = GET network-traffic FROM {TB} WHERE dst_port = 22
s = FIND ipv4-addr CREATED conns
t = FIND network-traffic CREATED BY s`, 0,
		[]string{"s 24 50", "t 50 50"},
	},
	{
		"C89, C104 addresses and connections of 704 processes", `
p = GET process FROM {DK} WHERE name = 'svchost.exe'
a = FIND ipv4-addr LINKED p LIMIT 1
t = FIND network-traffic CREATED BY p`, 0,
		[]string{"p 704 704", "a 2 304", "t 624 703"},
	},
	{
		"C90 to C93 around seven processes", `
w = GET process FROM {DK} WHERE command_line LIKE 'wmic%'
f = FIND file LOADED BY w
l = FIND file LINKED w
p = FIND process CREATED w
shells = p WHERE name = 'cmd.exe' AND pid IN (6792, 7216, 8972, 10468, 10520, 13008, 14076)
c = FIND process CREATED BY p
wmic = c WHERE name = 'WMIC.exe'
u = FIND user-account OWNED w
john = u WHERE user_id = 'John'`, 0,
		[]string{"w 7 7", "f 1 7", "l 2 14", "p 7 7", "shells 7 7", "c 7 7", "wmic 7 7", "u 1 14", "john 1 14"},
	},
	{
		"C94 creators of all connections, LIMIT 10", `
n = GET network-traffic FROM {DK} WHERE src_port > 0
p = FIND process CREATED n
ten = FIND process CREATED n LIMIT 10`, 0,
		[]string{"n 853 948", "p 948 948", "ten 10 10"},
	},
	{
		"C95 connections of at most ten records", `
p = GET process FROM {DK} WHERE name LIKE '%'
n = FIND network-traffic CREATED BY p
ten = FIND network-traffic CREATED BY p LIMIT 10`, 0,
		[]string{"p 1000 1000", "n 853 948", "ten 10 15"},
	},
	{
		"C97, C98, C99 creators of local connections: those that the links give", `
n = GET network-traffic FROM {DK} WHERE src_ref.value = '127.0.0.1'
p = FIND process CREATED n
none = FIND process CREATED n WHERE ipv4-addr:value = '192.168.1.1'
q = FIND process CREATED n LIMIT 100`, 0,
		[]string{"n 193 203", "p 203 203 process=268", "none 0 0", "q 100 100"},
	},
	{
		"C100 from an empty variable", `
n = GET network-traffic FROM {DK} WHERE src_ref.value = '100.0.0.1'
p = FIND process CREATED n WHERE name = 'x'`, 0,
		[]string{"n 0 0", "p 0 0"},
	},
	{
		"C101, C103 from a file", `
f = GET file FROM {DK} WHERE name = 'svchost.exe'
d = FIND directory CONTAINED f
p = FIND process LOADED f`, 0,
		[]string{"f 1 704", "d 1 715", "p 704 704"},
	},
	{
		"C102 from a directory", `
d = GET directory FROM {DK} WHERE path = r'C:\Windows\System32'
f = FIND file CONTAINED BY d`, 0,
		[]string{"d 1 715", "f 10 726"},
	},
	{
		"C105, C106 processes with unique ids", `
x = GET process FROM {PS} WHERE name = 'powershell.exe'
up = FIND process CREATED x
parents = up WHERE name = 'compattelrunner.exe' AND pid IN (1544, 2080, 5700, 6744, 7036)
down = FIND process CREATED BY up
same = down WHERE name = 'powershell.exe' AND pid IN (2776, 4464, 4976, 6032, 7276)
f = FIND file LOADED BY x
u = FIND user-account OWNED x
d = FIND directory CONTAINED f
v1 = d WHERE path LIKE r'%\windowspowershell\v1.0'`, 0,
		[]string{"x 5 5", "up 5 5", "parents 5 5", "down 5 5", "same 5 5", "f 1 5", "u 1 5", "d 1 5", "v1 1 5"},
	},
	{
		"C109 outside of the time of the data", `
x = GET process FROM {PS} WHERE name = 'powershell.exe'
y = FIND process CREATED x START 2001-01-01T00:00:00Z STOP 2001-01-02T00:00:00Z
z = FIND process CREATED x LAST 1 d`, 0,
		[]string{"y 0 0", "z 0 0"},
	},
}

// TestCompletionConformance runs the cases with completion as it is shipped.
func TestCompletionConformance(t *testing.T) {
	t.Parallel()
	data := os.Getenv("KESTREL_TESTDATA")
	if data == "" {
		t.Skip("KESTREL_TESTDATA names no folder: the data of the original's tests are not here")
	}
	var names []string
	for short, name := range bundles {
		names = append(names, "{"+short+"}", "file://"+filepath.Join(data, "stix", "kestrel-v1-test-data", name))
	}
	source := strings.NewReplacer(names...)
	for _, tt := range completionCases {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			res := runCompleted(t, source.Replace(tt.hunt), tt.widen)
			got := make([]string, len(tt.want))
			for i, want := range tt.want {
				got[i] = lineOf(t, res, strings.Fields(want))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func runCompleted(t *testing.T, hunt string, widen time.Duration) *kestrel.Result {
	t.Helper()
	config := kestrel.Config{
		Drivers: standard.Drivers(), Dir: t.TempDir(), TempDir: t.TempDir(),
		Now: func() time.Time { return time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC) },
	}
	if widen > 0 {
		config.Widen = &entity.Offsets{Begin: -widen, End: widen}
	}
	s, err := kestrel.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	res, err := s.Execute(t.Context(), hunt)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range res.Diagnostics {
		if d.Severity != diag.Info {
			t.Errorf("diagnostic: %v", d)
		}
	}
	return res
}

// lineOf says of a variable what the fields of want say: the name, entities,
// records, and of some types how many are related.
func lineOf(t *testing.T, res *kestrel.Result, want []string) string {
	t.Helper()
	sum, ok := res.Displays[len(res.Displays)-1].(*display.Summary)
	if !ok {
		t.Fatal("the last display is no summary")
	}
	i := slices.IndexFunc(sum.Rows, func(r display.SummaryRow) bool { return r.Variable == want[0] })
	if i < 0 {
		return want[0] + " is missing"
	}
	row := sum.Rows[i]
	line := fmt.Sprint(row.Variable, " ", row.Entities, " ", row.Records)
	for _, related := range want[3:] {
		typ, _, _ := strings.Cut(related, "=")
		n := int64(0)
		if j := slices.Index(sum.Related, typ); j >= 0 {
			n = row.Related[j]
		}
		line += fmt.Sprintf(" %s=%d", typ, n)
	}
	return line
}
