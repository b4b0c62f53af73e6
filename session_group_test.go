// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package kestrel_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEntitiesOfGroupsAndJoins(t *testing.T) {
	t.Parallel()
	s := open(t)
	res, err := s.Execute(t.Context(), `p = NEW process [{"name": "a", "pid": 1}, {"name": "b", "pid": 2}, {"name": "a", "pid": 3}]
		g = GROUP p BY name WITH COUNT(*) AS n, MAX(pid)
		j = JOIN p, g BY name, name  k = j WHERE n > 1 ATTR pid, n`)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"g": `["name","n","max_pid","type"] [["a",2,3,"process"],["b",1,2,"process"]]`,
		"k": `["pid","n","type"] [[1,2,"process"],[3,2,"process"]]`,
	} {
		table, err := s.Entities(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		columns, _ := json.Marshal(table.Columns)
		rows, err := json.Marshal(table.Rows)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(columns) + " " + string(rows); got != want {
			t.Errorf("Entities(%s) = %s, want %s", name, got, want)
		}
	}
	groups := make(map[string]bool)
	for _, v := range res.Variables {
		groups[v.Name] = v.Groups
	}
	if diff := cmp.Diff(map[string]bool{"p": false, "g": true, "j": false, "k": false}, groups); diff != "" {
		t.Errorf("which variables are groups (-want +got):\n%s", diff)
	}
}
