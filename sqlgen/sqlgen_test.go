// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package sqlgen

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// sample is a catalog of processes, which have a row for each sighting, and of
// files, which are kept by content.
type sample struct{ before int64 }

func (sample) Snapshot(id plan.SnapshotID) (Snapshot, bool) {
	return Snapshot{Table: "v1", Shape: Shape{Part: Part{Entity: "process"}}, Hits: "h1"}, id == 1
}

func (c sample) Type(name string) *Type {
	switch name {
	case "process":
		return &Type{
			Name: name, Number: 1, Objects: "t1", Sightings: "t1", Before: c.before,
			Columns: []Column{
				{Name: "name", Ident: "c1", Kind: entity.String},
				{Name: "pid", Ident: "c2", Kind: entity.Int, Other: "x2"},
				{Name: "binary_ref", Ident: "c3", Ref: true, Targets: []string{"file"}},
				{Name: "parent_ref", Ident: "c4", Ref: true, Targets: []string{"process"}},
			},
			Lists: []List{{Name: "child_refs", Table: "l1", Targets: []string{"process"}}},
		}
	case "file":
		return &Type{
			Name: name, Number: 2, Objects: "t2", Sightings: "s2", Before: c.before, Single: c.before == 0,
			Columns: []Column{{Name: "name", Ident: "c1", Kind: entity.String}, {Name: "extensions.'x-e'.a", Ident: "c2", Kind: entity.JSON}},
		}
	}
	return nil
}

func (sample) Places() string { return "" }

var all = &plan.Variable{Name: "v", Entity: "process", Snapshot: 1}

func path(t *testing.T, attr string) stix.Path {
	t.Helper()
	p, ds := stix.ParsePath(attr)
	if err := ds.Err(); err != nil {
		t.Fatal(err)
	}
	return p
}

func where(t *testing.T, attr string, op stix.Op, v entity.Value) *plan.Filter {
	t.Helper()
	return &plan.Filter{Input: all, Where: &stix.Comparison{Path: path(t, attr), Op: op, Value: &stix.Literal{Value: v}}}
}

// The statements are here to be read; that they mean what they should is tested
// in package store, which runs them.
func TestRows(t *testing.T) {
	t.Parallel()
	const end = "\nSELECT row_number() OVER (ORDER BY seq) - 1 AS seq, ent FROM "
	tests := []struct {
		name   string
		before int64
		plan   plan.Node
		want   string
		args   []any
	}{
		{"variable", 0, all, "SELECT seq, ent FROM v1", nil},
		{
			"latest value, text", 0, where(t, "name", stix.Equal, entity.StringValue("it's")),
			`WITH m1 AS (SELECT o.ent, arg_max(o.c1, o.key) AS c1 FROM t1 o WHERE o.ent IN (SELECT ent FROM v1) AND true GROUP BY o.ent),
r2 AS (SELECT i.* FROM v1 i LEFT JOIN m1 ON m1.ent = i.ent WHERE coalesce(m1.c1 = $1::VARCHAR, false))` + end + "r2 ORDER BY seq",
			[]any{"it's"},
		},
		{
			"a reference to entities of one row each", 0, where(t, "binary_ref.name", stix.Like, entity.StringValue("%e\u0301")),
			`WITH m1 AS (SELECT o.ent, arg_max(o.c3, o.key) AS c3 FROM t1 o WHERE o.ent IN (SELECT ent FROM v1) AND true GROUP BY o.ent),
r3 AS (SELECT i.* FROM v1 i LEFT JOIN m1 ON m1.ent = i.ent LEFT JOIN t2 m2 ON m2.ent = m1.c3 WHERE coalesce(nfc_normalize(m2.c1) LIKE $1::VARCHAR, false))` + end + "r3 ORDER BY seq",
			[]any{"%é"},
		},
		{
			"only records up to a step, kept by content", 99, where(t, "binary_ref.name", stix.IsNull, entity.Value{}),
			`WITH m1 AS (SELECT o.ent, arg_max(o.c3, o.key) AS c3 FROM t1 o WHERE o.ent IN (SELECT ent FROM v1) AND (o.rec IS NULL OR o.rec < 99) GROUP BY o.ent),
m2 AS (SELECT o.ent, arg_max(o.c1, k.key) AS c1 FROM (SELECT s.obj, max(` + SightingKey + `) AS key FROM s2 s LEFT JOIN record r ON r.rec = s.rec WHERE s.ent IN (SELECT c3 FROM m1) AND (s.rec IS NULL OR s.rec < 99) GROUP BY s.obj) k JOIN t2 o ON o.obj = k.obj GROUP BY o.ent),
r3 AS (SELECT i.* FROM v1 i LEFT JOIN m1 ON m1.ent = i.ent LEFT JOIN m2 ON m2.ent = m1.c3 WHERE NOT (m2.c1 IS NOT NULL))` + end + "r3 ORDER BY seq",
			nil,
		},
		{
			"a list", 0, where(t, "child_refs[*].name", stix.Equal, entity.StringValue("x")),
			`WITH x2 AS (SELECT DISTINCT l.src, l.dst FROM l1 l WHERE l.src IN (SELECT ent FROM v1)),
m3 AS (SELECT o.ent, arg_max(o.c1, o.key) AS c1 FROM t1 o WHERE o.ent IN (SELECT dst FROM x2) AND true GROUP BY o.ent),
r4 AS (SELECT i.* FROM v1 i WHERE EXISTS (SELECT 1 FROM x2 LEFT JOIN m3 ON m3.ent = x2.dst WHERE x2.src = i.ent AND coalesce(m3.c1 = $1::VARCHAR, false)))` + end + "r4 ORDER BY seq",
			[]any{"x"},
		},
		{
			"range of time", 0, &plan.Within{Input: all, Range: plan.Window{Start: time.Unix(1, 0), Stop: time.Unix(2, 0)}},
			`WITH r1 AS (SELECT * FROM v1 WHERE ent IN (SELECT s.ent FROM t1 s JOIN record r ON r.rec = s.rec WHERE true AND coalesce(r.first, r.last) < $1::BIGINT AND coalesce(r.last, r.first) >= $2::BIGINT))` + end + "r1 ORDER BY seq",
			[]any{int64(2e9), int64(1e9)},
		},
		{
			"children", 0, &plan.Find{Input: all, Entity: "process", Relation: "created", By: true, Hops: 1},
			`WITH r1 AS (SELECT DISTINCT ent::BIGINT AS seq, ent FROM (SELECT found AS ent FROM (SELECT l.src AS known, l.dst AS found FROM l1 l WHERE true UNION ALL SELECT l.c4 AS known, l.ent AS found FROM t1 l WHERE l.c4 IS NOT NULL AND true) WHERE known IN (SELECT ent FROM v1)))` + end + "r1 ORDER BY seq",
			nil,
		},
		{
			"files beside processes, up to a step, in the first record", 99,
			&plan.Limit{Input: &plan.Find{Input: all, Entity: "file", Relation: "linked", Hops: 1}, Count: 1, ByRecord: true},
			`WITH r1 AS (SELECT DISTINCT ent::BIGINT AS seq, ent FROM (SELECT s.ent FROM s2 s WHERE s.rec IN (SELECT k.rec FROM t1 k WHERE k.ent IN (SELECT ent FROM v1) AND k.rec IS NOT NULL AND (k.rec IS NULL OR k.rec < 99)))),
o2 AS (SELECT s.ent, s.rec AS ord FROM s2 s WHERE s.ent IN (SELECT ent FROM r1) AND (s.rec IS NULL OR s.rec < 99)),
h3 AS (SELECT ent, dense_rank() OVER (ORDER BY ord) AS n FROM o2 WHERE ent IN (SELECT ent FROM r1)),
r4 AS (SELECT * FROM r1 WHERE ent IN (SELECT ent FROM h3 WHERE n > $1::BIGINT AND n <= $2::BIGINT))` + end + "r4 ORDER BY seq",
			[]any{int64(0), int64(1)},
		},
	}
	tests = append(tests, []struct {
		name   string
		before int64
		plan   plan.Node
		want   string
		args   []any
	}{
		{
			"groups", 0, &plan.Group{Input: all, Keys: []plan.GroupKey{{Attr: path(t, "name"), Name: "name"}}, Aggs: []plan.Aggregate{{Func: plan.Rows, Name: "n"}, {Func: plan.NUnique, Attr: path(t, "binary_ref"), Name: "files"}}},
			`WITH m1 AS (SELECT o.ent, arg_max(o.c1, o.key) AS c1, arg_max(o.c3, o.key) AS c3 FROM t1 o WHERE o.ent IN (SELECT ent FROM v1) AND true GROUP BY o.ent),
g2 AS (SELECT m1.c1 AS k0, count(*) AS a1, count(DISTINCT m1.c3) AS a2 FROM v1 i LEFT JOIN m1 ON m1.ent = i.ent GROUP BY 1),
r3 AS (SELECT row_number() OVER (ORDER BY k0 ASC NULLS FIRST) - 1 AS seq, k0 AS g0_0, a1 AS g0_1, a2 AS g0_2 FROM g2)
SELECT seq, g0_0, g0_1, g0_2 FROM r3`,
			nil,
		},
		{
			"pairs of a reference and an entity", 0, &plan.Join{Left: all, Right: all, LeftAttr: path(t, "parent_ref"), RightAttr: path(t, "id")},
			`WITH m1 AS (SELECT o.ent, arg_max(o.c4, o.key) AS c4 FROM t1 o WHERE o.ent IN (SELECT ent FROM v1) AND true GROUP BY o.ent),
j3 AS (SELECT i.seq, i.ent, m1.c4 AS k_ent FROM v1 i LEFT JOIN m1 ON m1.ent = i.ent),
j4 AS (SELECT i.seq, i.ent, i.ent AS k_ent FROM v1 i),
r5 AS (SELECT row_number() OVER (ORDER BY l_seq, r_seq) - 1 AS seq, ent, ent1 FROM (SELECT l.seq AS l_seq, r.seq AS r_seq, l.ent, r.ent AS ent1 FROM j3 l JOIN j4 r ON l.k_ent = r.k_ent))
SELECT seq, ent, ent1 FROM r5`,
			nil,
		},
	}...)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, _, err := Rows(sample{tt.before}, tt.plan)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got.SQL); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(tt.args, got.Args); diff != "" {
				t.Errorf("arguments: (-want +got)\n%s", diff)
			}
		})
	}
}

func TestNoValueInTheStatement(t *testing.T) {
	t.Parallel()
	const evil = `x'; DROP TABLE record; --`
	list := &stix.List{Items: []stix.Operand{&stix.Literal{Value: entity.StringValue(evil)}}}
	for _, attr := range []string{"name", "pid", "id", "binary_ref.extensions.'x-e'.a", "child_refs[*].name"} {
		for op := stix.Equal; op <= stix.IsSuperset; op++ {
			f := where(t, attr, op, entity.StringValue(evil))
			if op == stix.In {
				f.Where.(*stix.Comparison).Value = list
			}
			st, _, err := Rows(sample{}, &plan.Sort{Input: f, Attr: path(t, attr[:strings.IndexAny(attr+"[", "[")])})
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(st.SQL, "DROP") {
				t.Errorf("%s %s: %s", attr, op, st.SQL)
			}
		}
	}
	group := &plan.Group{
		Input: all, Keys: []plan.GroupKey{{Attr: path(t, "pid"), Name: evil, Size: 2}},
		Aggs: []plan.Aggregate{{Func: plan.Max, Attr: stix.Path{Steps: []stix.Step{{Name: evil}}}, Name: evil + evil}},
	}
	st, shape, err := Rows(sample{}, &plan.Join{Left: group, Right: group, LeftAttr: stix.Path{Steps: []stix.Step{{Name: evil}}}, RightAttr: path(t, "type")})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(st.SQL, "DROP") {
		t.Errorf("GROUP and JOIN: %s", st.SQL)
	}
	if got := shape.Parts()[1].Columns[0].Name; got != evil {
		t.Errorf("name of the column = %q", got)
	}
}

func TestLongChain(t *testing.T) {
	t.Parallel()
	expr := where(t, "name", stix.Equal, entity.StringValue("x")).Where
	leaf := expr
	for range 20_000 {
		expr = &stix.Logic{Op: stix.Or, X: expr, Y: leaf}
	}
	st, _, err := Rows(sample{}, &plan.Filter{Input: all, Where: expr})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(st.SQL, "((coalesce") {
		t.Error("the chain nests")
	}
}

func TestSelect(t *testing.T) {
	t.Parallel()
	var paths []stix.Path
	for _, attr := range []string{"pid", "binary_ref.x_a", "x_unknown", "name"} {
		paths = append(paths, path(t, attr))
	}
	_, fields, err := Select(sample{}, all, paths)
	if err != nil {
		t.Fatal(err)
	}
	want := []Field{
		{Cells: []Cell{{Column: 1, Kind: entity.Int}, {Column: 2, Tagged: true}}},
		{Cells: []Cell{{Column: 3, Kind: entity.JSON}}},
		{},
		{Cells: []Cell{{Column: 4, Kind: entity.String}}},
	}
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	var several *PathError
	if _, _, err := Select(sample{}, all, []stix.Path{path(t, "child_refs[*].name")}); !errors.As(err, &several) {
		t.Errorf("a list as a column: error = %v", err)
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	reference := where(t, "name", stix.Equal, entity.Value{})
	reference.Where.(*stix.Comparison).Value = &stix.Reference{Variable: "w", Attr: "name"}
	groups := &plan.Group{Input: all, Keys: []plan.GroupKey{{Attr: path(t, "name"), Name: "name"}}}
	for name, n := range map[string]plan.Node{
		"groups in records": &plan.Transform{Input: groups},
		"groups in a range": &plan.Within{Input: groups, Range: plan.Window{Stop: time.Unix(1, 0)}},
		"groups in a merge": &plan.Merge{Sources: []plan.Node{groups, all}},
		"no such snapshot":  &plan.Variable{Name: "w", Snapshot: 7},
		"a source":          &plan.Filter{Input: &plan.Scan{Entity: "process"}},
		"a reference":       reference,
		"an empty merge":    &plan.Merge{},
	} {
		if _, _, err := Rows(sample{}, n); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestHas(t *testing.T) {
	t.Parallel()
	for attr, want := range map[string]bool{
		"name": true, "id": true, "binary_ref": true, "binary_ref.name": true, "binary_ref.pid": false, "image_ref.name": true,
		"parent_ref.parent_ref.binary_ref.id": true, "child_refs[*].pid": true, "child_refs": true, "child_refs.pid": false,
		"binary_ref.x_a": true, "x_no": false, "parent_ref[*].name": false,
	} {
		if got := Has(sample{}, "process", path(t, attr).Steps); got != want {
			t.Errorf("Has(%s) = %v, want %v", attr, got, want)
		}
	}
	if Has(sample{}, "mutex", path(t, "name").Steps) {
		t.Error("a type of which nothing is stored has an attribute")
	}
}

// TestUnusedArguments takes a comparison that makes its argument for a value that
// turns out not to be there: the statement must not have it.
func TestUnusedArguments(t *testing.T) {
	t.Parallel()
	pair := &plan.Join{Left: all, Right: all, LeftAttr: path(t, "pid"), RightAttr: path(t, "pid")}
	id := &stix.Comparison{Path: path(t, "child_refs[*].parent_ref.id"), Op: stix.Less, Value: &stix.Literal{Value: entity.BoolValue(false)}}
	st, _, err := Rows(sample{}, &plan.Filter{Input: pair, Where: id})
	if err != nil {
		t.Fatal(err)
	}
	for i := range st.Args {
		if p := fmt.Sprintf("$%d:", i+1); !strings.Contains(st.SQL, p) {
			t.Errorf("%s is not used:\n%s", p, st.SQL)
		}
	}
}
