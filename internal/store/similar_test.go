// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// similar returns the names of the processes that Similar gives.
func similar(t *testing.T, s *Store, v *plan.Variable) []string {
	t.Helper()
	id, err := s.Similar(t.Context(), v.Snapshot, entity.DefaultSimilarity())
	if err != nil {
		t.Fatal(err)
	}
	return rows(t, s, &plan.Variable{Entity: "process", Snapshot: id}, "x_n")
}

func TestSimilar(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		input   string // x_n of the input
		want    []string
		records []entity.Record
	}{
		{"the same name within the hour", "1", []string{"1", "2"}, []entity.Record{
			record("a", 0, "process pid=7 name=sh x_n=1"),
			record("b", 59, "process pid=7 name=sh x_n=2"),
			record("c", 1, "process pid=7 name=curl x_n=3"),
			record("d", 0, "process pid=8 name=sh x_n=4"),
		}},
		{"fork and exec at one moment", "1", []string{"1", "2"}, []entity.Record{
			record("a", 0, "process pid=7 name=sh x_n=1"),
			record("b", 0, "process pid=7 name=curl x_n=2"),
		}},
		{"over an anchor", "1", []string{"1", "2", "3"}, []entity.Record{
			record("a", 0, "process pid=7 name=sh x_n=1"),
			record("b", 0, "process pid=7 name=curl x_n=2"),
			record("c", 30, "process pid=7 name=curl x_n=3"),
		}},
		{"not over two anchors", "1", []string{"1", "2", "3"}, []entity.Record{
			record("a", 0, "process pid=7 name=sh x_n=1"),
			record("b", 0, "process pid=7 name=curl x_n=2"),
			record("c", 30, "process pid=7 name=curl x_n=3"),
			record("d", 30, "process pid=7 name=wget x_n=4"),
		}},
		{"by the parent", "1", []string{"1", "2"}, []entity.Record{
			record("a", 0, "process pid=7 x_n=1 parent_ref=>1", "process pid=1"),
			record("b", 9, "process pid=7 x_n=2 parent_ref=>1", "process pid=1"),
			record("c", 20, "process pid=7 x_n=3 parent_ref=>1", "process pid=2"),
		}},
		{"one host", "1", []string{"1", "3", "4"}, []entity.Record{
			record("a", 0, "process pid=7 name=sh x_n=1", "x-oca-asset name=g"),
			record("b", 0, "process pid=7 name=sh x_n=2", "x-oca-asset name=h"),
			record("c", 0, "process pid=7 name=sh x_n=3", "x-oca-asset name=g"),
			record("d", 0, "process pid=7 name=sh x_n=4"),
		}},
		{"the host that the event names", "1", []string{"1", "2"}, []entity.Record{
			record("a", 0, "process pid=7 name=sh x_n=1", "x-oca-asset name=g"),
			record("b", 0, "process pid=7 name=sh x_n=2", "x-oca-asset name=g", "x-oca-asset name=h", "x-oca-event process_ref=>0 host_ref=>1"),
			record("c", 0, "process pid=7 name=sh x_n=3", "x-oca-asset name=g", "x-oca-asset name=h", "x-oca-event process_ref=>0 host_ref=>2"),
		}},
		{"a unique id is no bridge to another", "1", []string{"1", "2", "3"}, []entity.Record{
			record("a", 0, "process pid=7 name=sh x_n=1"),
			record("b", 0, "process pid=7 name=sh x_n=2 x_unique_id=u"),
			record("c", 59, "process pid=7 name=sh x_n=3 x_unique_id=w"),
		}},
		{"unique ids need nothing", "2", []string{"2"}, []entity.Record{
			record("a", 0, "process pid=7 name=sh x_n=1"),
			record("b", 0, "process pid=7 name=sh x_n=2 x_unique_id=u"),
		}},
		{"pids as text", "1", []string{"1", "2"}, []entity.Record{
			record("a", 0, "process pid=\"7\" name=sh x_n=1"),
			record("b", 0, "process pid=7 name=sh x_n=2"),
			record("c", 0, "process pid=\"seven\" name=sh x_n=3"),
		}},
		{"no pids", "1", []string{"1"}, []entity.Record{
			record("a", 0, "process name=sh x_n=1"),
			record("b", 0, "process name=sh x_n=2"),
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := openStore(t)
			all := get(t, s, "process", tt.records...)
			in := keep(t, s, where(t, all, "x_n", stix.Equal, tt.input))
			if diff := cmp.Diff(tt.want, similar(t, s, in)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestSimilarInSources keeps processes of unknown hosts apart by their source.
func TestSimilarInSources(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	v := get(t, s, "process", record("a", 0, "process pid=7 name=sh x_n=1"))
	p := s.Begin("elsewhere", Question{Entity: "process"})
	if err := p.Add(t.Context(), batch([]entity.Record{record("b", 0, "process pid=7 name=sh x_n=2")}, "process")); err != nil {
		t.Fatal(err)
	}
	if err := p.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"1"}, similar(t, s, v)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestSimilarIsOfTheStep does not look ahead of the step.
func TestSimilarIsOfTheStep(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	s.Advance(1)
	first, second := record("a", 0, "process pid=7 name=sh x_n=1"), record("b", 0, "process pid=7 name=sh x_n=2")
	p := s.Begin("test", Question{Entity: "process", Step: 1}, Question{Entity: "process", Step: 2})
	b := &entity.Batch{Records: []entity.Record{first, second}, Hits: [][]entity.Hit{{{Record: 0}}, {{Record: 1}}}}
	if err := p.Add(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if err := p.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	v := answerOf(t, p, 0, "process")
	if diff := cmp.Diff([]string{"1"}, similar(t, s, v)); diff != "" {
		t.Errorf("in step 1 (-want +got):\n%s", diff)
	}
	s.Advance(2)
	if diff := cmp.Diff([]string{"1", "2"}, similar(t, s, v)); diff != "" {
		t.Errorf("in step 2 (-want +got):\n%s", diff)
	}
}
