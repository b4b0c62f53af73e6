// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"fmt"
	"testing"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/config"
)

// chain is a family of processes of which each record tells one generation. The
// first child was seen twice, and the last generation is the first again.
func chain(id func(n int) string) []entity.Record {
	born := func(minute, child, parent int) entity.Record {
		return shelved(minute, "process "+id(child)+" parent_ref=>1", "process "+id(parent))
	}
	return []entity.Record{
		shelved(0, "process "+id(1), "url value=start"),
		born(1, 2, 1), born(2, 3, 2), born(3, 4, 3), born(4, 5, 4), born(4, 6, 4),
		shelved(4, "process "+id(5), "file name=f"),
	}
}

func unique(n int) string { return fmt.Sprintf("name=p%d x_unique_id=u%d pid=%d", n, n, n) }
func weak(n int) string   { return fmt.Sprintf("name=p%d pid=%d", n, n) }

// TestHops holds a FIND of several hops to as many of one, which complete what
// they found and start from what is similar.
func TestHops(t *testing.T) {
	t.Parallel()
	const start = "p0 = GET process FROM shelf://x WHERE name = 'p1' AND url:value = 'start'\n"
	tests := []struct {
		name   string
		id     func(int) string
		change func(*config.Completion)
		counts []int64 // of entities found within 1, 2, ... hops
	}{
		{"unique ids", unique, nil, []int64{1, 2, 3, 5, 5}},
		{"process ids", weak, nil, []int64{1, 2, 3, 5, 5}},
		{"without completion", unique, func(c *config.Completion) { c.Get, c.Find = false, false }, []int64{0, 0}},
	}
	for _, tt := range tests {
		for _, knows := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%t", tt.name, knows), func(t *testing.T) {
				t.Parallel()
				turns, merged := start, "a"
				for n := range tt.counts {
					turns += fmt.Sprintf("p%d = FIND process CREATED BY p%d\n", n+1, n)
				}
				e := openShelf(t, &shelf{records: chain(tt.id), knows: knows, stamp: "1"}, tt.change)
				execute(t, e, turns+"a = p1\n")
				for n, want := range tt.counts {
					if n > 0 {
						merged += fmt.Sprintf(" + p%d", n+1)
						execute(t, e, fmt.Sprintf("m = %s\n", merged))
					} else {
						execute(t, e, "m = a")
					}
					inTurn, _ := e.Symbol("m")
					other := openShelf(t, &shelf{records: chain(tt.id), knows: knows, stamp: "1"}, tt.change)
					execute(t, other, start+fmt.Sprintf("q = FIND process CREATED BY p0 WITHIN %d HOPS", n+1))
					atOnce, _ := other.Symbol("q")
					if inTurn.Info.Rows != want || atOnce.Info.Rows != want {
						t.Errorf("%d hops: %d entities at once, %d in turn, want %d",
							n+1, atOnce.Info.Rows, inTurn.Info.Rows, want)
					}
				}
			})
		}
	}
}

// TestHopsStored follows links that are there already, back to the start too.
func TestHopsStored(t *testing.T) {
	t.Parallel()
	for name, id := range map[string]func(int) string{"unique": unique, "weak": weak} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			records := append(chain(id), shelved(5, "process "+id(1)+" parent_ref=>1", "process "+id(6)))
			e := openShelf(t, &shelf{records: records}, func(c *config.Completion) { c.Get, c.Find = false, false })
			execute(t, e, "all = GET process FROM shelf://x WHERE pid > 0  p = all WHERE name = 'p2'\n"+
				"q = FIND process CREATED BY p WITHIN 9 HOPS  r = FIND process CREATED p WITHIN 9 HOPS")
			names := map[string]int64{}
			for _, v := range []string{"q", "r"} {
				s, _ := e.Symbol(v)
				names[v] = s.Info.Rows
			}
			if names["q"] < 6 || names["r"] < 4 {
				t.Errorf("found %v, want all six processes of the circle, and at least the four that lead to p2", names)
			}
		})
	}
}
