// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// incident is a store with two hosts: a shell started by a browser, which
// started another one and opened two connections.
func incident(t testing.TB) (*Store, *plan.Variable) {
	t.Helper()
	s := openStore(t)
	return s, get(t, s, "process",
		record("a", 1,
			"process name=cmd.exe pid=10 x_unique_id=1 parent_ref=>1 binary_ref=>2 creator_user_ref=>4",
			"process name=firefox.exe pid=9 x_unique_id=2 binary_ref=>3",
			"file name=cmd.exe parent_directory_ref=>6", "file name=firefox.exe",
			"user-account user_id=alice", "x-oca-asset hostname=host1", `directory path=C:\Windows`),
		record("b", 3,
			"process name=ping.exe pid=11 x_unique_id=3 parent_ref=>1 opened_connection_refs=>>2 opened_connection_refs=>>3",
			"process name=cmd.exe pid=10 x_unique_id=1",
			"network-traffic dst_port=80 dst_ref=>4", "network-traffic dst_port=443 dst_ref=>5",
			"ipv4-addr value=10.0.0.1", "ipv6-addr value=fe80::1", "x-oca-asset hostname=host2"),
	)
}

func TestPlans(t *testing.T) {
	t.Parallel()
	s, v := incident(t)
	or := func(a, b *plan.Filter) *plan.Filter {
		return &plan.Filter{Input: v, Where: &stix.Logic{Op: stix.Or, X: a.Where, Y: b.Where}}
	}
	at := func(minute int) time.Time { return time.Date(2023, 3, 1, 12, minute, 0, 0, time.UTC) }
	tests := []struct {
		name string
		plan plan.Node
		want string
	}{
		{"all, in order", v, "[cmd.exe firefox.exe ping.exe]"},
		{"equal", where(t, v, "pid", stix.Equal, "10"), "[cmd.exe]"},
		{"number as text", where(t, v, "pid", stix.Equal, `"10"`), "[cmd.exe]"},
		{"in", where(t, v, "pid", stix.In, "9", "11", "100"), "[firefox.exe ping.exe]"},
		{"in many", where(t, v, "name", stix.In, "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "cmd.exe"), "[cmd.exe]"},
		{"like", where(t, v, "name", stix.Like, "%m_.exe"), "[cmd.exe]"},
		{"matches", where(t, v, "name", stix.Matches, "^[cp]"), "[cmd.exe ping.exe]"},
		{"unknown attribute", where(t, v, "x_unknown", stix.NotEqual, "a"), "[]"},
		{"unknown attribute is null", where(t, v, "x_unknown", stix.IsNull), "[cmd.exe firefox.exe ping.exe]"},
		{"one reference", where(t, v, "parent_ref.name", stix.Equal, "cmd.exe"), "[ping.exe]"},
		{"two references", where(t, v, "parent_ref.parent_ref.pid", stix.Equal, "9"), "[ping.exe]"},
		{"three references", where(t, v, "parent_ref.binary_ref.parent_directory_ref.path", stix.Equal, `C:\Windows`), "[ping.exe]"},
		{"reference is null", where(t, v, "parent_ref", stix.IsNull), "[firefox.exe]"},
		{"list", where(t, v, "opened_connection_refs[*].dst_port", stix.Equal, "443"), "[ping.exe]"},
		{"list with references of several types", where(t, v, "opened_connection_refs[*].dst_ref.value", stix.IsSubset, "fe80::/16"), "[ping.exe]"},
		{"list is null", where(t, v, "opened_connection_refs[*].dst_port", stix.IsNull), "[cmd.exe firefox.exe]"},
		{"list behind a reference", where(t, v, "parent_ref.opened_connection_refs[*].dst_port", stix.Equal, "443"), "[]"},
		{"other type", where(t, v, "x-oca-asset:hostname", stix.Equal, "host2"), "[cmd.exe ping.exe]"},
		{"other type that is nowhere", where(t, v, "mutex:name", stix.Equal, "m"), "[]"},
		{"other type or own", or(where(t, v, "mutex:name", stix.Equal, "m"), where(t, v, "pid", stix.Equal, "9")), "[firefox.exe]"},
		{"other type in part of the records", or(where(t, v, "user-account:user_id", stix.Equal, "alice"), where(t, v, "name", stix.Equal, "ping.exe")), "[cmd.exe firefox.exe ping.exe]"},
		{"id", where(t, v, "id", stix.Like, "process--%"), "[cmd.exe firefox.exe ping.exe]"},
		{"within", &plan.Within{Input: v, Range: plan.Window{Start: at(2), Stop: at(4)}}, "[cmd.exe ping.exe]"},
		{"within touches the start", &plan.Within{Input: v, Range: plan.Window{Start: at(3), Stop: at(9)}}, "[cmd.exe ping.exe]"},
		{"within ends before", &plan.Within{Input: v, Range: plan.Window{Start: at(2), Stop: at(3)}}, "[]"},
		{"sort", &plan.Sort{Input: v, Attr: path(t, "pid"), Desc: true}, "[ping.exe cmd.exe firefox.exe]"},
		{"sort by a reference, none first", &plan.Sort{Input: v, Attr: path(t, "parent_ref.pid")}, "[firefox.exe cmd.exe ping.exe]"},
		{"sort by what is nowhere", &plan.Sort{Input: v, Attr: path(t, "x_unknown")}, "[cmd.exe firefox.exe ping.exe]"},
		{"limit", &plan.Limit{Input: v, Count: 1, Offset: 1}, "[firefox.exe]"},
		{"no limit", &plan.Limit{Input: v, Count: -1, Offset: 1}, "[firefox.exe ping.exe]"},
		{"merge", &plan.Merge{Sources: []plan.Node{where(t, v, "pid", stix.Greater, "9"), v}}, "[cmd.exe ping.exe firefox.exe]"},
		{"chain", &plan.Limit{Input: &plan.Sort{Input: where(t, v, "pid", stix.Less, "11"), Attr: path(t, "name"), Desc: true}, Count: 1}, "[firefox.exe]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			equal(t, plan.String(tt.plan)+"kept", tt.want, fmt.Sprint(rows(t, s, keep(t, s, tt.plan), "name")))
			equal(t, plan.String(tt.plan)+"shown", tt.want, fmt.Sprint(rows(t, s, tt.plan, "name")))
		})
	}
}

func TestComparisons(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	// One attribute with values of all kinds, one of them in each record.
	values := []string{"12", "12.5", "true", `"12"`, `"true"`, "abc", `["a",1]`, `"012"`, `""`, "9007199254740993"}
	var records []entity.Record
	for i, v := range values {
		r := record(fmt.Sprint("r", i), i, "process")
		r.Objects[0].Attrs = []entity.Attr{{Name: "x", Value: valueOf(v)}, {Name: "n", Value: entity.IntValue(int64(i))}}
		records = append(records, r)
	}
	v := get(t, s, "process", records...)
	tests := []struct {
		op     stix.Op
		values []string
		want   string
	}{
		{stix.Equal, []string{"12"}, "[0 3 7]"},
		{stix.Equal, []string{`"12"`}, "[0 3]"},
		{stix.NotEqual, []string{"12"}, "[1 2 4 5 6 8 9]"},
		{stix.Equal, []string{"1"}, "[2]"},
		{stix.Equal, []string{"true"}, "[2 4]"},
		{stix.Equal, []string{`"TRUE"`}, "[2]"},
		{stix.Less, []string{"12.2"}, "[0 2 3 7]"},
		{stix.Less, []string{"abc"}, "[3 6 7 8]"},
		{stix.Equal, []string{"9007199254740992"}, "[]"},
		{stix.Equal, []string{"9007199254740993"}, "[9]"},
		{stix.In, []string{"12", "abc", "true"}, "[0 2 3 4 5 7]"},
		{stix.Like, []string{"12%"}, "[0 1 3]"},
		{stix.Like, []string{"tru_"}, "[2 4]"},
		{stix.Matches, []string{"^[0-9]+[.]5$"}, "[1]"},
		{stix.Equal, []string{`["a",1]`}, "[6]"},
		{stix.IsNull, nil, "[]"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.op, tt.values), func(t *testing.T) {
			f := where(t, v, "x", tt.op, tt.values...)
			equal(t, "rows", tt.want, fmt.Sprint(rows(t, s, f, "n")))
			if tt.op == stix.IsNull {
				return
			}
			not := *f.Where.(*stix.Comparison)
			not.Not = true
			got := rows(t, s, &plan.Filter{Input: v, Where: &not}, "n")
			if want := len(values) - len(rows(t, s, f, "n")); len(got) != want {
				t.Errorf("NOT gives %v, want the %d others", got, want)
			}
		})
	}
	equal(t, "as given", fmt.Sprint([]string{"12", "12.5", "true", `"12"`, `"true"`, "abc", `["a",1]`, "012", "", "9007199254740993"}), fmt.Sprint(rows(t, s, v, "x")))
	sorted := &plan.Sort{Input: v, Attr: path(t, "x")}
	equal(t, "order", "[2 0 1 9 8 7 3 6 5 4]", fmt.Sprint(rows(t, s, sorted, "n")))
	elements := where(t, v, "x[*]", stix.In, "a", "7")
	equal(t, "elements", "[6]", fmt.Sprint(rows(t, s, elements, "n")))
}

func TestPayload(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	v := get(t, s, "artifact", record("a", 1, "artifact payload_bin=R0VUIC8gSFRUUA=="))
	equal(t, "like", []string{"R0VUIC8gSFRUUA=="}, rows(t, s, where(t, v, "payload_bin", stix.Like, "GET%"), "payload_bin"))
	equal(t, "matches", 1, len(rows(t, s, where(t, v, "payload_bin", stix.Matches, "HTTP$"), "payload_bin")))
	equal(t, "equal is to the base64", 0, len(rows(t, s, where(t, v, "payload_bin", stix.Equal, "GET"), "payload_bin")))
}

func TestTransform(t *testing.T) {
	t.Parallel()
	s, v := incident(t)
	ts := &plan.Transform{Input: v, Func: plan.Timestamped}
	want := []string{
		"2023-03-01T12:01:00.000Z cmd.exe", "2023-03-01T12:01:00.000Z firefox.exe",
		"2023-03-01T12:03:00.000Z cmd.exe", "2023-03-01T12:03:00.000Z ping.exe",
	}
	equal(t, "the time stands first", want, rows(t, s, ts, "name", "first_observed"))
	k := keep(t, s, ts)
	equal(t, "kept", want, rows(t, s, k, "name"))
	equal(t, "filtered by time", want[2:], rows(t, s, where(t, k, "first_observed", stix.Greater, "2023-03-01T12:02"), "name"))
	equal(t, "references stay", []string{"2023-03-01T12:03:00.000Z 9"}, rows(t, s, where(t, k, "parent_ref.name", stix.Equal, "cmd.exe"), "parent_ref.parent_ref.pid"))
	equal(t, "its own record only", want[2:], rows(t, s, where(t, k, "x-oca-asset:hostname", stix.Equal, "host2"), "name"))
	records := &plan.Transform{Input: where(t, v, "pid", stix.Equal, "9"), Func: plan.Records}
	equal(t, "records", []string{"1 2023-03-01T12:01:00.000Z 2023-03-01T12:01:00.000Z a 9"}, rows(t, s, records, "pid"))
	merged := &plan.Merge{Sources: []plan.Node{k, k}}
	equal(t, "merged pairs", want, rows(t, s, merged, "name"))
}

func TestDisplay(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	v := get(t, s, "process",
		record("a", 1, "process name=a x_unique_id=1"),
		record("b", 2, "process name=a x_unique_id=2"),
		record("c", 3, "process x_unique_id=3"),
		record("d", 4, "process name=b x_unique_id=4"),
		record("e", 5, "process name=c x_unique_id=5"))
	project := func(in plan.Node) *plan.Project {
		return &plan.Project{Input: in, Attrs: []stix.Path{path(t, "name")}}
	}
	equal(t, "identical rows and nulls", []string{"a", "b", "c"}, lines(t, s, project(v), Display))
	equal(t, "limit after that", []string{"a", "b"}, lines(t, s, &plan.Limit{Input: project(v), Count: 2}, Display))
	equal(t, "limit below the projection", []string{"b", "c"}, lines(t, s, project(&plan.Limit{Input: v, Count: 2, Offset: 1}), Display))
	equal(t, "no rows wanted", []string{}, lines(t, s, &plan.Limit{Input: project(v), Count: 0}, Display))
	equal(t, "export has all", []string{"a process", "a process", "- process", "b process", "c process"}, lines(t, s, project(v), Export))
	equal(t, "limit of a kept one counts entities", []string{"a"}, lines(t, s, project(keep(t, s, &plan.Limit{Input: v, Count: 2})), Display))
	_, err := s.Table(t.Context(), &plan.Project{Input: v, Attrs: []stix.Path{path(t, "opened_connection_refs[*].dst_port")}}, Display)
	var attr *AttributeError
	if err != nil && !errors.As(err, &attr) {
		t.Errorf("a list as a column: %v", err)
	}
}

func TestDisplayOfFewOfMany(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	var records []entity.Record
	for i := range 3000 {
		records = append(records, record(fmt.Sprint(i), i%60, fmt.Sprintf("process x_unique_id=%d name=n%d", i, i/1000)))
	}
	v := get(t, s, "process", records...)
	n := &plan.Limit{Input: &plan.Project{Input: v, Attrs: []stix.Path{path(t, "name")}}, Count: 2}
	equal(t, "the second of few different rows comes late", []string{"n0", "n1"}, lines(t, s, n, Display))
}

func TestColumns(t *testing.T) {
	t.Parallel()
	s, v := incident(t)
	table, err := s.Table(t.Context(), v, Export)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "columns", []string{
		"name", "pid", "x_unique_id", "id",
		"parent_ref.name", "parent_ref.pid", "parent_ref.x_unique_id", "parent_ref.id",
		"parent_ref.parent_ref.name", "parent_ref.parent_ref.pid", "parent_ref.parent_ref.x_unique_id", "parent_ref.parent_ref.id",
		"parent_ref.binary_ref.name", "parent_ref.binary_ref.id", "parent_ref.binary_ref.parent_directory_ref.path", "parent_ref.binary_ref.parent_directory_ref.id",
		"parent_ref.creator_user_ref.user_id", "parent_ref.creator_user_ref.id",
		"binary_ref.name", "binary_ref.id", "binary_ref.parent_directory_ref.path", "binary_ref.parent_directory_ref.id",
		"creator_user_ref.user_id", "creator_user_ref.id", "type",
	}, table.Columns)
	if len(table.Rows) != 3 || table.Rows[2][8] != entity.StringValue("firefox.exe") {
		t.Errorf("rows = %v", table.Rows)
	}
	has := func(attr string) bool { return s.HasAttribute(v.Snapshot, path(t, attr)) }
	for attr, want := range map[string]bool{
		"name": true, "id": true, "parent_ref": true, "parent_ref.binary_ref.name": true, "opened_connection_refs[*].dst_ref.value": true,
		"opened_connection_refs": true, "x_no": false, "parent_ref.x_no": false, "binary_ref.pid": false, "opened_connection_refs[*].pid": false,
	} {
		equal(t, attr, want, has(attr))
	}
	conns, behind := s.TypeAttributes("network-traffic")
	equal(t, "attributes of connections", fmt.Sprint([]Attribute{{"dst_port", entity.Int}, {"id", entity.String}}), fmt.Sprint(conns))
	equal(t, "addresses of both kinds", fmt.Sprint([]Attribute{{"dst_ref.value", entity.String}, {"dst_ref.id", entity.String}}), fmt.Sprint(behind))
	k := keep(t, s, &plan.Project{Input: v, Attrs: []stix.Path{path(t, "pid"), path(t, "binary_ref.name")}})
	equal(t, "of a projection", fmt.Sprint([]string{"10 cmd.exe process", "9 firefox.exe process", "11 - process"}), fmt.Sprint(lines(t, s, k, Export)))
	equal(t, "projected away", false, s.HasAttribute(k.Snapshot, path(t, "name")))
	equal(t, "still there", true, s.HasAttribute(k.Snapshot, path(t, "binary_ref.name")))
}

func TestValuesAndDescribe(t *testing.T) {
	t.Parallel()
	s, v := incident(t)
	values, err := s.Values(t.Context(), v.Snapshot, path(t, "parent_ref.pid"))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "values", "[9 10]", fmt.Sprint(values))
	sum, err := s.Describe(t.Context(), v.Snapshot, path(t, "pid"))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "numbers", fmt.Sprint(Summary{
		Numeric: true, Count: 3, Mean: 10, Min: entity.IntValue(9), Max: entity.IntValue(11), Unique: 3, Top: entity.IntValue(9), Freq: 1,
	}), fmt.Sprint(sum))
	w := get(t, s, "x-oca-asset", record("c", 1, "x-oca-asset hostname=b os=x"), record("d", 1, "x-oca-asset hostname=a os=x"), record("e", 1, "x-oca-asset hostname=q"))
	sum, err = s.Describe(t.Context(), w.Snapshot, path(t, "os"))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "text", fmt.Sprintf("2 1 x 2 %v", false), fmt.Sprint(sum.Count, sum.Unique, sum.Top, sum.Freq, sum.Numeric))
	sum, err = s.Describe(t.Context(), w.Snapshot, path(t, "hostname"))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "the smallest of equals", "a", sum.Top.String())
}

func TestRelated(t *testing.T) {
	t.Parallel()
	s, v := incident(t)
	related := func(v *plan.Variable) map[string]int64 {
		t.Helper()
		out, err := s.Related(t.Context(), v.Snapshot)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	want := map[string]int64{
		"process": 4 - 3, "file": 2, "user-account": 1, "x-oca-asset": 2, "directory": 1,
		"network-traffic": 2, "ipv4-addr": 1, "ipv6-addr": 1,
	}
	equal(t, "related", want, related(v))
	other := get(t, s, "url", record("z", 1, "url value=u", "file name=x"))
	equal(t, "of another question", map[string]int64{"url": 0, "file": 1}, related(other))
	equal(t, "as before", want, related(v))
	equal(t, "of a part", 3, related(keep(t, s, where(t, v, "pid", stix.Equal, "10")))["process"])
	again := get(t, s, "process", record("y", 2, "process x_unique_id=1", "mutex name=m"))
	equal(t, "the same process, asked for otherwise", map[string]int64{"process": 0, "mutex": 1}, related(again))
	equal(t, "given", map[string]int64{}, related(given(t, s, "process", "new", "name=x")))
}

func TestLargeConditions(t *testing.T) {
	t.Parallel()
	s, v := incident(t)
	chain := where(t, v, "pid", stix.Equal, "10").Where
	for i := range 1000 {
		chain = &stix.Logic{Op: stix.Or, X: chain, Y: where(t, v, "name", stix.Equal, fmt.Sprint("n", i)).Where}
	}
	equal(t, "a long chain", []string{"cmd.exe"}, rows(t, s, &plan.Filter{Input: v, Where: chain}, "name"))

	deep := where(t, v, "pid", stix.Equal, "10").Where
	for i := range 200 {
		deep = &stix.Logic{Op: stix.LogicOp(i % 2), X: where(t, v, "pid", stix.Less, "100").Where, Y: deep}
	}
	equal(t, "nested", []string{"cmd.exe", "firefox.exe", "ping.exe"}, rows(t, s, &plan.Filter{Input: v, Where: deep}, "name"))

	var values []string
	for i := range 20_000 {
		values = append(values, fmt.Sprint(i+10))
	}
	equal(t, "a long list", []string{"cmd.exe", "ping.exe"}, rows(t, s, where(t, v, "pid", stix.In, values...), "name"))
	equal(t, "of a text", []string{}, rows(t, s, where(t, v, "name", stix.In, values...), "name"))
}
