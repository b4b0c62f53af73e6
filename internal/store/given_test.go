// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// given stores rows written as "name=value other=value".
func given(t testing.TB, s *Store, typ, seed string, texts ...string) *plan.Variable {
	t.Helper()
	var out [][]entity.Attr
	for _, text := range texts {
		var row []entity.Attr
		for field := range strings.FieldsSeq(text) {
			name, value, _ := strings.Cut(field, "=")
			row = append(row, entity.Attr{Name: name, Value: valueOf(value)})
		}
		out = append(out, row)
	}
	id, err := s.AppendRows(t.Context(), typ, out, seed)
	if err != nil {
		t.Fatal(err)
	}
	return &plan.Variable{Name: "g", Entity: typ, Snapshot: id}
}

func TestAppendRows(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	v := given(t, s, "process", "new 1", `name=cmd.exe pid="123"`, "name=a pid=7 x_none=null", "name=a")
	table, err := s.Table(t.Context(), v, Export)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "columns", []string{"name", "pid", "x_none", "id", "type"}, table.Columns)
	equal(t, "values as given", []string{`cmd.exe "123"`, "a 7", "a -"}, rows(t, s, v, "name", "pid"))
	info, _ := s.Info(v.Snapshot)
	equal(t, "info", Info{Type: "process", Rows: 3, Records: 3, Keys: []string{"record and position"}}, info)
	equal(t, "no records, no pairs", []string{}, rows(t, s, &plan.Transform{Input: v, Func: plan.Timestamped}, "name"))
	w := given(t, s, "process", "new 2", "name=cmd.exe")
	both := &plan.Merge{Sources: []plan.Node{v, w}}
	equal(t, "another statement, another entity", 4, len(lines(t, s, both, Export)))
	again := given(t, openStore(t), "process", "new 1", "name=x")
	if again.Snapshot == 0 {
		t.Error("no snapshot")
	}
}

func TestAppendRowsWithIdentity(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	v := given(t, s, "ipv4-addr", "new 1", "value=10.0.0.1 x=1", "value=10.0.0.2", "value=10.0.0.1 x=2")
	equal(t, "equal ones are one, the last word counts", []string{"10.0.0.1 2", "10.0.0.2 -"}, rows(t, s, v, "value", "x"))
	r := record("a", 1, "ipv4-addr value=10.0.0.1 x=3")
	get(t, s, "ipv4-addr", r)
	equal(t, "records know better", []string{"10.0.0.1 3", "10.0.0.2 -"}, rows(t, s, v, "value", "x"))
	w := given(t, s, "ipv4-addr", "new 2", "value=10.0.0.1 x=4")
	equal(t, "also than what is given later", []string{"10.0.0.1 3"}, rows(t, s, w, "value", "x"))
	x := given(t, s, "process", "new 3", "id=process--a-b name=one", "id=process--a-b pid=1", "id=process--00000000-0000-4000-8000-000000000000")
	equal(t, "given ids", []string{"process--a-b one 1", "process--00000000-0000-4000-8000-000000000000 - -"}, rows(t, s, x, "id", "name", "pid"))
}

func TestAppendRowsWithReferences(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	v := given(t, s, "network-traffic", "new 1",
		"src_ref.value=1.2.3.4 dst_ref.value=fe80::1 dst_port=80",
		"src_ref.value=1.2.3.4 dst_ref.value=example.com dst_port=81",
		"src_ref.value=null dst_port=82")
	equal(t, "rows", []string{"1.2.3.4 fe80::1 80", "1.2.3.4 example.com 81", "- - 82"}, rows(t, s, v, "src_ref.value", "dst_ref.value", "dst_port"))
	equal(t, "types", []string{"domain-name", "ipv4-addr", "ipv6-addr", "network-traffic"}, s.Types())
	equal(t, "filter", []string{"81"}, rows(t, s, where(t, v, "dst_ref.value", stix.Equal, "example.com"), "dst_port"))
	w := given(t, s, "process", "new 2", "name=a parent_ref.name=b parent_ref.parent_ref.name=c binary_ref.id=file--x x_odd_ref.name=d creator_user_ref=user-account--u")
	equal(t, "chain", []string{"a b c file--x d user-account--u"},
		rows(t, s, w, "name", "parent_ref.name", "parent_ref.parent_ref.name", "binary_ref.id", "x_odd_ref.name", "creator_user_ref.id"))
}

func TestAppendNothing(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	v := given(t, s, "process", "new 1")
	info, ok := s.Info(v.Snapshot)
	equal(t, "info", fmt.Sprint(Info{Type: "process"}, true), fmt.Sprint(info, ok))
	equal(t, "rows", []string{}, lines(t, s, v, Export))
}
