// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

func openStore(t testing.TB) *Store {
	t.Helper()
	s := Open(Options{})
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// record makes a record seen at a minute of one hour. Objects are written as
// "type name=value other_ref=>0 list_refs=>>1"; a value that is a number is an
// integer, one in quotes text, a bare word too.
func record(id string, minute int, objects ...string) entity.Record {
	at := entity.TimeOf(time.Date(2023, 3, 1, 12, minute, 0, 0, time.UTC), 3)
	r := entity.Record{ID: id, First: at, Last: at, Count: 1, Raw: []byte(id + fmt.Sprint(objects))}
	for i, text := range objects {
		o := entity.Object{Key: fmt.Sprint(i)}
		for j, field := range strings.Fields(text) {
			name, value, _ := strings.Cut(field, "=")
			var target int
			switch {
			case j == 0:
				o.Type = field
			case strings.HasPrefix(value, ">"):
				fmt.Sscan(strings.Trim(value, ">"), &target)
				o.Links = append(o.Links, entity.Link{Name: name, Many: value[1] == '>', Target: target})
			default:
				o.Attrs = append(o.Attrs, entity.Attr{Name: name, Value: valueOf(value)})
			}
		}
		r.Objects = append(r.Objects, o)
	}
	entity.Identify(&r)
	return r
}

func valueOf(text string) entity.Value {
	var n int64
	var f float64
	switch {
	case text == "null":
		return entity.Value{}
	case text == "true" || text == "false":
		return entity.BoolValue(text == "true")
	case strings.HasPrefix(text, "["):
		return entity.JSONValue(text)
	case strings.Contains(text, ".") && fmt.Sprint(f) != "" && isFloat(text, &f):
		return entity.FloatValue(f)
	}
	if _, err := fmt.Sscanf(text, "%d", &n); err == nil && fmt.Sprint(n) == text {
		return entity.IntValue(n)
	}
	return entity.StringValue(strings.Trim(text, `"`))
}

func isFloat(text string, f *float64) bool {
	_, err := fmt.Sscanf(text, "%g", f)
	return err == nil && fmt.Sprint(*f) == text
}

// batch makes a batch whose hits are all objects of each of the types.
func batch(records []entity.Record, types ...string) *entity.Batch {
	b := &entity.Batch{Records: records, Hits: make([][]entity.Hit, len(types))}
	for q, typ := range types {
		for i, r := range records {
			for j, o := range r.Objects {
				if o.Type == typ {
					b.Hits[q] = append(b.Hits[q], entity.Hit{Record: i, Object: j})
				}
			}
		}
	}
	return b
}

// get stores records as the answer to a question for a type, and returns it.
func get(t testing.TB, s *Store, typ string, records ...entity.Record) *plan.Variable {
	t.Helper()
	return getAt(t, s, 0, typ, records...)
}

// getAt is get for a step.
func getAt(t testing.TB, s *Store, step int64, typ string, records ...entity.Record) *plan.Variable {
	t.Helper()
	p := s.Begin("test", Question{Entity: typ, Step: step})
	ctx, cancel := context.WithCancel(t.Context())
	err := p.Add(ctx, batch(records, typ))
	cancel() // ends with the reading, not with the pass
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	return answerOf(t, p, 0, typ)
}

func answerOf(t testing.TB, p *Pass, q int, typ string) *plan.Variable {
	t.Helper()
	id, err := p.Snapshot(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return &plan.Variable{Name: "v", Entity: typ, Snapshot: id}
}

// keep materializes a plan.
func keep(t testing.TB, s *Store, n plan.Node) *plan.Variable {
	t.Helper()
	id, err := s.Materialize(t.Context(), n)
	if err != nil {
		t.Fatalf("Materialize:\n%s%v", plan.String(n), err)
	}
	return &plan.Variable{Name: "k", Entity: n.Type(), Snapshot: id}
}

// rows shows the rows of a plan as it displays attributes, a line each.
func rows(t testing.TB, s *Store, n plan.Node, attrs ...string) []string {
	t.Helper()
	if len(attrs) > 0 {
		p := &plan.Project{Input: n}
		for _, a := range attrs {
			p.Attrs = append(p.Attrs, path(t, a))
		}
		n = p
	}
	return lines(t, s, n, Display)
}

func lines(t testing.TB, s *Store, n plan.Node, view View) []string {
	t.Helper()
	table, err := s.Table(t.Context(), n, view)
	if err != nil {
		t.Fatalf("Table:\n%s%v", plan.String(n), err)
	}
	out := []string{}
	for _, row := range table.Rows {
		var cells []string
		for _, v := range row {
			cells = append(cells, show(v))
		}
		out = append(out, strings.Join(cells, " "))
	}
	return out
}

// show tells kinds apart: text that could be something else is in quotes.
func show(v entity.Value) string {
	switch {
	case v.IsNull():
		return "-"
	case v.Kind() == entity.String && valueOf(v.Text()) != v:
		return fmt.Sprintf("%q", v.Text())
	}
	return v.String()
}

func path(t testing.TB, attr string) stix.Path {
	t.Helper()
	p, ds := stix.ParsePath(attr)
	if err := ds.Err(); err != nil {
		t.Fatal(err)
	}
	return p
}

// where filters by one comparison; several are joined by AND.
func where(t testing.TB, in plan.Node, typeAttr string, op stix.Op, values ...string) *plan.Filter {
	t.Helper()
	typ, attr, ok := strings.Cut(typeAttr, ":")
	if !ok {
		typ, attr = "", typeAttr
	}
	c := &stix.Comparison{Path: path(t, attr), Op: op, Mode: stix.Mode{Coerce: true}}
	c.Path.Type = typ
	var items []stix.Operand
	for _, v := range values {
		items = append(items, &stix.Literal{Value: valueOf(v)})
	}
	switch {
	case op == stix.In:
		c.Value = &stix.List{Items: items}
	case len(items) == 1:
		c.Value = items[0]
	}
	return &plan.Filter{Input: in, Where: c}
}

func equal[T any](t testing.TB, what string, want, got T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: (-want +got)\n%s", what, diff)
	}
}

func TestLatestValue(t *testing.T) {
	t.Parallel()
	const u = "process x_unique_id=u"
	tests := []struct {
		name    string
		records []entity.Record
		want    string
	}{
		{"later wins", []entity.Record{record("a", 1, u+" name=old"), record("b", 2, u+" name=new")}, "new"},
		{"arrival does not matter", []entity.Record{record("b", 2, u+" name=new"), record("a", 1, u+" name=old")}, "new"},
		{"null does not hide", []entity.Record{record("a", 1, u+" name=old"), record("b", 2, u)}, "old"},
		{"greater record id at one time", []entity.Record{record("b", 1, u+" name=b"), record("a", 1, u+" name=a")}, "b"},
		{"ids alike in the beginning", []entity.Record{record("record-000002", 1, u+" name=b"), record("record-000001", 1, u+" name=a")}, "b"},
		{"ids of two shapes", []entity.Record{
			record("observed-data--ffffffff-0000-4000-8000-000000000000", 1, u+" name=uuid"), record("z", 1, u+" name=z")}, "z"},
		{"later place in one record", []entity.Record{record("a", 1, u+" name=first", u+" name=second")}, "second"},
		{"another kind is a value too", []entity.Record{record("a", 1, u+" name=old"), record("b", 2, u+" name=7")}, "7"},
		{"and the first kind again", []entity.Record{record("a", 1, u+" name=old"), record("b", 2, u+" name=7"), record("c", 3, u+" name=new")}, "new"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := openStore(t)
			v := get(t, s, "process", tt.records...)
			equal(t, "name", []string{tt.want}, rows(t, s, v, "name"))
			equal(t, "filter", []string{tt.want}, rows(t, s, where(t, v, "name", stix.Equal, tt.want), "name"))
		})
	}
}

func TestLatestValueOfContents(t *testing.T) {
	t.Parallel()
	// Accounts are kept by content: old comes back last and is the latest.
	s := openStore(t)
	v := get(t, s, "user-account",
		record("a", 1, "user-account user_id=u display_name=old"),
		record("b", 2, "user-account user_id=u display_name=new"),
		record("c", 3, "user-account user_id=u display_name=old"))
	equal(t, "rows", []string{"u old"}, rows(t, s, v, "user_id", "display_name"))
	if n := s.catalog.types["user-account"].rows; n != 2 {
		t.Errorf("%d objects kept, want 2", n)
	}
}

func TestRecordsAreStoredOnce(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	a := record("a", 1, "process name=x pid=1", "x-oca-asset hostname=h")
	v := get(t, s, "process", a)
	w := get(t, s, "process", a, record("b", 2, "process name=y pid=2", "x-oca-asset hostname=h"))
	info, _ := s.Info(v.Snapshot)
	equal(t, "records", 1, info.Records)
	info, _ = s.Info(w.Snapshot)
	equal(t, "records", 2, info.Records)
	equal(t, "entities", 2, info.Rows)

	changed := record("a", 1, "process name=x pid=1 command_line=c", "x-oca-asset hostname=h")
	x := get(t, s, "process", changed)
	info, _ = s.Info(x.Snapshot)
	equal(t, "another version of the record", 2, info.Records)
	equal(t, "attributes of both", []string{"x c"}, rows(t, s, v, "name", "command_line"))
}

func TestInfo(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	r := record("a", 5, "process x_unique_id=u pid=1", "process x_unique_id=w pid=2")
	r.Count = 3
	v := get(t, s, "process", r, record("b", 9, "process x_unique_id=u pid=1"))
	got, ok := s.Info(v.Snapshot)
	if !ok {
		t.Fatal("no info")
	}
	equal(t, "info", Info{
		Type: "process", Rows: 2, Records: 3 + 3 + 1, Source: "test", Keys: []string{"unique id"},
		First: r.First, Last: record("b", 9).Last,
	}, got)

	one := keep(t, s, where(t, v, "pid", stix.Equal, "2"))
	got, _ = s.Info(one.Snapshot)
	equal(t, "records of the filtered", 3, got.Records)
	equal(t, "source of the filtered", "test", got.Source)
	pairs := keep(t, s, &plan.Transform{Input: v, Func: plan.Timestamped})
	got, _ = s.Info(pairs.Snapshot)
	equal(t, "pairs", 3, got.Rows)
	equal(t, "records of pairs", 7, got.Records)
	projected := keep(t, s, &plan.Project{Input: v, Attrs: []stix.Path{path(t, "name")}})
	got, _ = s.Info(projected.Snapshot)
	equal(t, "entities of a projection", 2, got.Rows)
}

func TestHostileNames(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	typ := `x-"; DROP TABLE record; --`
	r := record("a", 1, "process name=x")
	r.Objects[0].Type = typ
	r.Objects[0].ID = entity.GivenID(typ, "given 'id'")
	r.Objects[0].Attrs = append(r.Objects[0].Attrs,
		entity.Attr{Name: entity.AttrName(`a"b`), Value: entity.StringValue("\x00'")},
		entity.Attr{Name: "NAME", Value: entity.StringValue("upper")},
		entity.Attr{Name: entity.AttrName("name "), Value: entity.StringValue("blank")})
	v := get(t, s, typ, r)
	table, err := s.Table(t.Context(), v, Export)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "columns", []string{"name", `'a"b'`, "NAME", "'name '", "id", "type"}, table.Columns)
	want := []entity.Value{}
	for _, text := range []string{"x", "\x00'", "upper", "blank", "given 'id'", typ} {
		want = append(want, entity.StringValue(text))
	}
	equal(t, "row", fmt.Sprint(want), fmt.Sprint(table.Rows[0]))
	equal(t, "types", []string{typ}, s.Types())
}

func TestClosed(t *testing.T) {
	t.Parallel()
	s := Open(Options{})
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.AppendRows(t.Context(), "process", nil, "x"); err == nil {
		t.Error("a closed store takes rows")
	}
}
