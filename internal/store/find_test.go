// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// find is FIND typ relation in, with BY if the relation ends with it.
func find(in plan.Node, typ, relation string) *plan.Find {
	name, _, by := strings.Cut(relation, " by")
	return &plan.Find{Input: in, Entity: typ, Relation: name, By: by, Hops: 1}
}

// hops is find that follows the relation up to n times.
func hops(in plan.Node, typ, relation string, n int64) *plan.Find {
	f := find(in, typ, relation)
	f.Hops = n
	return f
}

// TestRelations finds the two ends of each link that the relations know, from
// one another and from nothing else.
func TestRelations(t *testing.T) {
	t.Parallel()
	tests := []struct {
		relation string
		objects  string // x_n=1 is the subject, x_n=2 the object
	}{
		{"artifact accepted network-traffic", "artifact x_n=1; network-traffic x_n=2 dst_payload_ref=>0"},
		{"domain-name accepted network-traffic", "domain-name x_n=1; network-traffic x_n=2 dst_ref=>0"},
		{"email-addr accepted email-message", "email-addr x_n=1; email-message x_n=2 to_refs=>>0"},
		{"email-addr accepted email-message", "email-addr x_n=1; email-message x_n=2 cc_refs=>>0"},
		{"email-addr accepted email-message", "email-addr x_n=1; email-message x_n=2 bcc_refs=>>0"},
		{"ipv4-addr accepted network-traffic", "ipv4-addr x_n=1; network-traffic x_n=2 dst_ref=>0"},
		{"ipv6-addr accepted network-traffic", "ipv6-addr x_n=1; network-traffic x_n=2 dst_ref=>0"},
		{"mac-addr accepted network-traffic", "mac-addr x_n=1; network-traffic x_n=2 dst_ref=>0"},
		{"archive-ext contained file", "archive-ext x_n=1 contains_refs=>>1; file x_n=2"},
		{"directory contained directory", "directory x_n=1 path=a contains_refs=>>1; directory x_n=2 path=b"},
		{"directory contained file", "directory x_n=1 contains_refs=>>1; file x_n=2"},
		{"directory contained file", "directory x_n=1; file x_n=2 parent_directory_ref=>0"},
		{"file contained artifact", "file x_n=1 content_ref=>1; artifact x_n=2"},
		{"file contained file", "file x_n=1 name=a contains_refs=>>1; file x_n=2 name=b"},
		{"file contained file", "file x_n=1 name=a extensions.'archive-ext'.contains_refs=>>1; file x_n=2 name=b"},
		{"network-traffic contained network-traffic", "network-traffic x_n=1 encapsulates_refs=>>1; network-traffic x_n=2"},
		{"network-traffic contained network-traffic", "network-traffic x_n=1; network-traffic x_n=2 encapsulated_by_ref=>0"},
		{"artifact created network-traffic", "artifact x_n=1; network-traffic x_n=2 src_payload_ref=>0"},
		{"domain-name created network-traffic", "domain-name x_n=1; network-traffic x_n=2 src_ref=>0"},
		{"email-addr created email-message", "email-addr x_n=1; email-message x_n=2 from_ref=>0"},
		{"email-addr created email-message", "email-addr x_n=1; email-message x_n=2 sender_ref=>0"},
		{"ipv4-addr created network-traffic", "ipv4-addr x_n=1; network-traffic x_n=2 src_ref=>0"},
		{"ipv6-addr created network-traffic", "ipv6-addr x_n=1; network-traffic x_n=2 src_ref=>0"},
		{"mac-addr created network-traffic", "mac-addr x_n=1; network-traffic x_n=2 src_ref=>0"},
		{"process created network-traffic", "process x_n=1 opened_connection_refs=>>1; network-traffic x_n=2"},
		{"process created process", "process x_n=1; process x_n=2 parent_ref=>0"},
		{"process created process", "process x_n=1 child_refs=>>1; process x_n=2"},
		{"process loaded file", "process x_n=1 binary_ref=>1; file x_n=2"},
		{"process loaded file", "process x_n=1 image_ref=>1; file x_n=2"},
		{"process loaded file", "process x_n=1 extensions.'windows-service-ext'.service_dll_refs=>>1; file x_n=2"},
		{"process loaded user-account", "process x_n=1 extensions.'windows-service-ext'.creator_user_ref=>1; user-account x_n=2"},
		{"windows-service-ext loaded file", "windows-service-ext x_n=1 service_dll_refs=>>1; file x_n=2"},
		{"windows-service-ext loaded user-account", "windows-service-ext x_n=1 creator_user_ref=>1; user-account x_n=2"},
		{"autonomous-system owned ipv4-addr", "autonomous-system x_n=1; ipv4-addr x_n=2 belongs_to_refs=>>0"},
		{"autonomous-system owned ipv6-addr", "autonomous-system x_n=1; ipv6-addr x_n=2 belongs_to_refs=>>0"},
		{"user-account owned email-addr", "user-account x_n=1; email-addr x_n=2 belongs_to_ref=>0"},
		{"user-account owned process", "user-account x_n=1; process x_n=2 creator_user_ref=>0"},
	}
	known := make(map[string]bool)
	for _, r := range entity.Relations() {
		known[r.Subject+" "+r.Name+" "+r.Object] = true
	}
	for _, tt := range tests {
		delete(known, tt.relation)
		t.Run(tt.relation, func(t *testing.T) {
			t.Parallel()
			words := strings.Fields(tt.relation)
			subject, name, object := words[0], words[1], words[2]
			s := openStore(t)
			objects := strings.Split(tt.objects, "; ")
			other := strings.NewReplacer("x_n=1", "x_n=11", "x_n=2", "x_n=12", "path=", "path=o", "name=", "name=o").Replace(tt.objects)
			records := []entity.Record{record("a", 1, objects...), record("b", 2, strings.Split(other, "; ")...)}
			subjects, objectsAll := get(t, s, subject, records...), get(t, s, object, records...)
			x, y := where(t, subjects, "x_n", stix.Equal, "1"), where(t, objectsAll, "x_n", stix.Equal, "2")
			equal(t, "subjects", []string{"1"}, rows(t, s, find(y, subject, name), "x_n"))
			equal(t, "objects", []string{"2"}, rows(t, s, find(x, object, name+" by"), "x_n"))
			if subject == object {
				equal(t, "nothing behind", []string{}, rows(t, s, find(x, subject, name), "x_n"))
				equal(t, "nothing before", []string{}, rows(t, s, find(y, object, name+" by"), "x_n"))
			}
			equal(t, "linked", []string{"1"}, without("2", rows(t, s, find(y, subject, entity.Linked), "x_n")))
			equal(t, "linked by", []string{"2"}, without("1", rows(t, s, find(x, object, entity.Linked+" by"), "x_n")))
		})
	}
	for r := range known {
		t.Errorf("relation %s is not tested", r)
	}
}

// without leaves rows out, since entities of one type are linked to themselves.
func without(row string, rows []string) []string {
	out := []string{}
	for _, r := range rows {
		if r != row {
			out = append(out, r)
		}
	}
	return out
}

func TestFindTakesAllLinks(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	mails := get(t, s, "email-message", record("a", 1,
		"email-addr value=to", "email-addr value=cc", "email-addr value=bcc", "email-addr value=from",
		"email-message subject=s to_refs=>>0 cc_refs=>>1 bcc_refs=>>2 from_ref=>3 sender_ref=>2"))
	equal(t, "recipients", []string{"to", "cc", "bcc"}, rows(t, s, find(mails, "email-addr", "accepted"), "value"))
	equal(t, "senders", []string{"bcc", "from"}, rows(t, s, find(mails, "email-addr", "created"), "value"))

	// A process that is seen with two images has run both, whatever came last.
	ps := get(t, s, "process",
		record("b", 2, "process x_unique_id=u binary_ref=>1", "file name=old"),
		record("c", 3, "process x_unique_id=u binary_ref=>1", "file name=new"))
	equal(t, "images", []string{"old", "new"}, rows(t, s, find(ps, "file", "loaded by"), "name"))
	old := where(t, find(ps, "file", "loaded by"), "name", stix.Equal, "old")
	equal(t, "of the old image", []string{"u"}, rows(t, s, find(old, "process", "loaded"), "x_unique_id"))

	// Both ends of a relation may say so.
	tree := get(t, s, "process",
		record("f", 6, "process x_unique_id=1 child_refs=>>1", "process x_unique_id=2"),
		record("g", 7, "process x_unique_id=2", "process x_unique_id=3 parent_ref=>0"))
	two := where(t, tree, "x_unique_id", stix.Equal, "2")
	for n := range int64(2) {
		equal(t, "parents", []string{"1"}, rows(t, s, hops(two, "process", "created", n+1), "x_unique_id"))
		equal(t, "children", []string{"3"}, rows(t, s, hops(two, "process", "created by", n+1), "x_unique_id"))
	}

	// A reference leads to entities of several types.
	nt := get(t, s, "network-traffic",
		record("d", 4, "ipv4-addr value=1.1.1.1", "network-traffic src_ref=>0 dst_ref=>2", "ipv6-addr value=::1"),
		record("e", 5, "ipv6-addr value=::2", "network-traffic src_ref=>0 dst_port=1"))
	equal(t, "sources of version 4", []string{"1.1.1.1"}, rows(t, s, find(nt, "ipv4-addr", "created"), "value"))
	equal(t, "sources of version 6", []string{"::2"}, rows(t, s, find(nt, "ipv6-addr", "created"), "value"))
	equal(t, "no link at all", []string{}, rows(t, s, find(nt, "artifact", "created"), "id"))
	equal(t, "nothing of the type", []string{}, lines(t, s, keep(t, s, find(nt, "mac-addr", "created")), Export))
}

func TestFindLinked(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	all := get(t, s, "process",
		record("a", 1, "process x_unique_id=p name=cmd", "file name=one", "artifact x_n=1"),
		record("b", 2, "process x_unique_id=p name=cmd", "process x_unique_id=q name=other", "file name=two"),
		record("c", 3, "process x_unique_id=r name=far", "file name=three"))
	p := where(t, all, "x_unique_id", stix.Equal, "p")
	equal(t, "files of its records", []string{"one", "two"}, rows(t, s, find(p, "file", "linked"), "name"))
	equal(t, "its own too", []string{"p", "q"}, rows(t, s, find(p, "process", "linked by"), "x_unique_id"))
	equal(t, "links without a name", []string{"1"}, rows(t, s, find(p, "artifact", "linked"), "x_n"))
	// Rows with records count as their entities: all records of these.
	seen := keep(t, s, &plan.Limit{Input: &plan.Transform{Input: p, Func: plan.Timestamped}, Count: 1})
	equal(t, "from one sighting", []string{"one", "two"}, rows(t, s, find(seen, "file", "linked"), "name"))
	equal(t, "each once", []string{"p"}, rows(t, s, find(find(seen, "file", "linked"), "process", "linked"), "x_unique_id")[:1])
}

func TestFindHops(t *testing.T) {
	t.Parallel()
	const cycle = "process x_unique_id=%s; process x_unique_id=%s parent_ref=>0"
	var records []entity.Record
	for i, edge := range []string{"a b", "b c", "c d", "d e", "b x", "m n", "n o", "o m", "z z"} {
		parent, child, _ := strings.Cut(edge, " ")
		records = append(records, record(edge, i, strings.Split(fmt.Sprintf(cycle, parent, child), "; ")...))
	}
	tests := []struct {
		from, relation string
		hops           int64
		want           string
	}{
		{"a", "created by", 1, "b"},
		{"a", "created by", 2, "b c x"},
		{"a", "created by", 3, "b c d x"},
		{"a", "created by", 1 << 60, "b c d e x"},
		{"e", "created", 2, "c d"},
		{"e", "created", 9, "a b c d"},
		{"m", "created by", 2, "n o"},
		{"m", "created by", 3, "m n o"},
		{"m", "created", 1 << 62, "m n o"},
		{"z", "created by", 5, "z"},
		{"e", "created by", 5, ""},
	}
	for _, disorder := range []bool{false, true} {
		s := openStore(t)
		if disorder { // makes numbers of entities useless as an order
			given(t, s, "process", "new 1", "x_unique_id=m", "x_unique_id=e")
		}
		all := get(t, s, "process", records...)
		before := len(s.snapshots)
		for _, tt := range tests {
			from := where(t, all, "x_unique_id", stix.Equal, tt.from)
			f := hops(from, "process", tt.relation, tt.hops)
			got := rows(t, s, f, "x_unique_id")
			equal(t, fmt.Sprintf("%s %s within %d", tt.from, tt.relation, tt.hops), tt.want, sorted(got))
			equal(t, "kept", got, rows(t, s, keep(t, s, f), "x_unique_id"))
			n, err := s.Count(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "counted", int64(len(got)), n)
		}
		b := where(t, all, "x_unique_id", stix.Equal, "b")
		few := &plan.Limit{Input: where(t, hops(b, "process", "created by", 9), "x_unique_id", stix.NotEqual, "c"), Count: 2, ByRecord: true}
		equal(t, "in the middle of a plan", "d e", sorted(rows(t, s, keep(t, s, few), "x_unique_id")))
		equal(t, "from a walk", "c d e x", sorted(rows(t, s, hops(hops(b, "process", "created", 2), "process", "created by", 7), "x_unique_id")[1:]))
		if n := len(s.snapshots) - before; n != len(tests)+1 {
			t.Errorf("%d snapshots were kept, want %d: walks in the middle of a plan leave none", n, len(tests)+1)
		}
	}
}

func sorted(words []string) string {
	return strings.Join(slices.Sorted(slices.Values(words)), " ")
}

func TestFindHopsCanceled(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	all := get(t, s, "process", record("a", 1, "process x_unique_id=p", "process x_unique_id=c parent_ref=>0"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Materialize(ctx, hops(all, "process", "created by", 5)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
	if n := len(s.snapshots); n != 1 {
		t.Errorf("%d snapshots are left, want the one that was there", n)
	}
}

// TestFindOrder stores records in several ways and looks for the same order: that
// of the source.
func TestFindOrder(t *testing.T) {
	t.Parallel()
	var records []entity.Record
	for i, name := range []string{"c", "a", "b", "d"} {
		r := record(name, 9-i, "file name="+name, "process pid="+fmt.Sprint(i), "file name=2"+name, "url value=u"+name)
		r.Locator = entity.Locator{File: []string{"y.json", "x.json"}[i/2], Offset: int64(i%2) * 100}
		records = append(records, r)
	}
	want := []string{"c", "2c", "a", "2a", "b", "2b", "d", "2d"}
	look := func(name string, s *Store) {
		t.Helper()
		urls := get(t, s, "url", records...)
		equal(t, name, want, rows(t, s, find(urls, "file", "linked"), "name"))
	}
	s := openStore(t)
	get(t, s, "process", records...)
	look("one pass", s)
	if !s.catalog.inOrder() {
		t.Error("a source read from front to back is out of order")
	}
	s = openStore(t)
	getAt(t, s, 0, "process", records[0], records[3])
	getAt(t, s, 0, "process", records[1], records[2])
	look("in pieces", s)
	if s.catalog.inOrder() {
		t.Error("a source read in pieces is in order")
	}

	s = openStore(t)
	v := given(t, s, "file", "new 1", "name=z", "name=d", "name=y")
	processes := get(t, s, "process", record("n", 1, "process pid=1 binary_ref=>1", "file name=d"), record("o", 2, "process pid=1 binary_ref=>1", "file name=e"))
	named := given(t, s, "process", "new 2", "name=p binary_ref.name=z", "name=q binary_ref.name=a")
	both := &plan.Merge{Sources: []plan.Node{named, processes}}
	equal(t, "what is given comes last", []string{"d", "e", "z", "a"}, rows(t, s, find(both, "file", "loaded by"), "name"))
	equal(t, "records, then what is given", []string{"d", "e", "z"},
		rows(t, s, keep(t, s, &plan.Limit{Input: find(both, "file", "loaded by"), Count: 3, ByRecord: true}), "name"))
	equal(t, "of a given file", []string{"p"}, rows(t, s, find(where(t, v, "name", stix.Equal, "z"), "process", "loaded"), "name"))
	equal(t, "what is given is in no record", []string{}, rows(t, s, find(named, "file", "linked"), "name"))
}

func TestFindLimit(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	all := get(t, s, "process",
		record("a", 1, "process x_unique_id=p", "ipv4-addr value=1", "ipv4-addr value=2"),
		record("b", 2, "process x_unique_id=p", "ipv4-addr value=2"),
		record("c", 3, "process x_unique_id=p", "ipv4-addr value=3", "ipv4-addr value=1"),
		record("d", 4, "process x_unique_id=q", "ipv4-addr value=4"))
	f := find(where(t, all, "x_unique_id", stix.Equal, "p"), "ipv4-addr", "linked")
	limit := func(in plan.Node, n int64) []string {
		return rows(t, s, keep(t, s, &plan.Limit{Input: in, Count: n, ByRecord: true}), "value")
	}
	equal(t, "one record", []string{"1", "2"}, limit(f, 1))
	equal(t, "two records", []string{"1", "2"}, limit(f, 2))
	equal(t, "three records", []string{"1", "2", "3"}, limit(f, 3))
	equal(t, "none", []string{}, limit(f, 0))
	equal(t, "one record of those with 3", []string{"3"}, limit(where(t, f, "value", stix.Equal, "3"), 1))
	equal(t, "where, then limit", []string{"2"}, limit(where(t, f, "value", stix.NotEqual, "1"), 2))
	again := find(find(all, "ipv4-addr", "linked"), "ipv4-addr", "linked")
	equal(t, "a condition on records", []string{"4"}, rows(t, s, where(t, again, "process:x_unique_id", stix.Equal, "q"), "value"))
}

// TestFindSeesItsStep walks in a pass that also answers a later step.
func TestFindSeesItsStep(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	s.Advance(1)
	early := record("a", 1, "process x_unique_id=p binary_ref=>1", "file name=old parent_directory_ref=>2", "directory path=d")
	late := record("b", 2, "process x_unique_id=p binary_ref=>1", "file name=new parent_directory_ref=>2", "directory path=d",
		"process x_unique_id=c parent_ref=>0", "file name=old hashes.MD5=x parent_directory_ref=>5", "directory path=e")
	p := s.Begin("test", Question{Entity: "process", Step: 1}, Question{Entity: "process", Step: 4})
	b := &entity.Batch{Records: []entity.Record{late, early}, Hits: [][]entity.Hit{{{Record: 1}}, {{Record: 0}, {Record: 1}}}}
	if err := p.Add(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if err := p.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	v := answerOf(t, p, 0, "process")
	look := func(files, dirs, children, grandchildren string) {
		t.Helper()
		equal(t, "files", files, strings.Join(rows(t, s, find(v, "file", "loaded by"), "name"), " "))
		equal(t, "linked", dirs, sorted(rows(t, s, find(v, "directory", "linked"), "path")))
		equal(t, "directories", dirs, sorted(rows(t, s, find(find(v, "file", "linked"), "directory", "contained"), "path")))
		equal(t, "children", children, sorted(rows(t, s, find(v, "process", "created by"), "x_unique_id")))
		equal(t, "descendants", grandchildren, sorted(rows(t, s, hops(v, "process", "created by", 3), "x_unique_id")))
	}
	s.Advance(2)
	look("old", "d", "", "")
	found := keep(t, s, find(v, "file", "loaded by"))
	related, err := s.Related(t.Context(), found.Snapshot)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "related", map[string]int64{"process": 1, "file": 0, "directory": 1}, related)
	s.Advance(4)
	look("old new", "d e", "c", "c")
}

func TestFindRelated(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	a := record("a", 1, "ipv4-addr value=1", "network-traffic dst_port=22 src_ref=>0", "user-account user_id=u")
	b := record("b", 2, "ipv4-addr value=1", "network-traffic dst_port=23 src_ref=>0", "user-account user_id=w")
	c := record("c", 3, "ipv4-addr value=2", "network-traffic dst_port=24 src_ref=>0")
	conns := get(t, s, "network-traffic", a)
	get(t, s, "network-traffic", b)
	get(t, s, "network-traffic", c)
	sources := keep(t, s, find(conns, "ipv4-addr", "created"))
	related, err := s.Related(t.Context(), sources.Snapshot)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "records of all questions that know the address", map[string]int64{"ipv4-addr": 1, "network-traffic": 2, "user-account": 2}, related)
	info, _ := s.Info(sources.Snapshot)
	equal(t, "entities", 1, info.Rows)
	equal(t, "records", 2, info.Records)
	equal(t, "source", "test", info.Source)

	nothing := keep(t, s, find(where(t, conns, "dst_port", stix.Equal, "1"), "ipv4-addr", "created"))
	info, _ = s.Info(nothing.Snapshot)
	equal(t, "nothing from nothing", fmt.Sprint(Info{Type: "ipv4-addr", Source: "test"}), fmt.Sprint(info))
	related, err = s.Related(t.Context(), nothing.Snapshot)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "no related records", map[string]int64{}, related)
}

// TestFindFromMany starts from so many rows that edges are walked and records
// counted in memory, and compares with what statements say.
func TestFindFromMany(t *testing.T) {
	t.Parallel()
	const n = manyRows + 100
	var records []entity.Record
	for i := range n {
		from := fmt.Sprintf("ipv4-addr value=10.0.%d.%d", i%7, i%11)
		if i%3 == 0 {
			from = fmt.Sprintf("ipv6-addr value=fe80::%d", i%5)
		}
		r := record(fmt.Sprintf("observed-data--00000000-0000-4000-8000-%012d", i), i%60, fmt.Sprintf("network-traffic dst_port=%d src_port=%d src_ref=>1", i%9, i), from, from)
		r.Count = int64(1 + i%2)
		records = append(records, r)
	}
	for _, disorder := range []bool{false, true} {
		s := openStore(t)
		if disorder {
			given(t, s, "ipv4-addr", "new 1", "value=10.0.3.3", "value=10.0.3.4")
		}
		all := get(t, s, "network-traffic", records...)
		info, _ := s.Info(all.Snapshot)
		equal(t, "records of all", int64(n+n/2), info.Records)
		equal(t, "their time", [2]entity.Time{records[0].First, records[59].Last}, [2]entity.Time{info.First, info.Last})
		filtered := where(t, all, "dst_port", stix.GreaterEqual, "0")
		for _, typ := range []string{"ipv4-addr", "ipv6-addr"} {
			many, few := find(all, typ, "created"), find(filtered, typ, "created")
			if !s.walks(many) || s.walks(few) {
				t.Fatalf("walks: %t, %t, want true and false", s.walks(many), s.walks(few))
			}
			got := rows(t, s, many, "value")
			if len(got) < 5 {
				t.Errorf("%s: found only %v", typ, got)
			}
			equal(t, typ, rows(t, s, few, "value"), got)
			back := keep(t, s, find(keep(t, s, many), "network-traffic", "created by"))
			walked, _ := s.Info(keep(t, s, find(back, typ, "created")).Snapshot)
			joined, _ := s.Info(keep(t, s, few).Snapshot)
			equal(t, "there and back", joined, walked)
			related, err := s.Related(t.Context(), back.Snapshot)
			if err != nil {
				t.Fatal(err)
			}
			if typ == "ipv4-addr" {
				want := map[string]int64{"network-traffic": n / 3, "ipv4-addr": n - (n+2)/3, "ipv6-addr": (n + 2) / 3}
				equal(t, "related", want, related)
			}
		}
	}
}
