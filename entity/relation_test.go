// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package entity

import (
	"cmp"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

func TestFindRelation(t *testing.T) {
	t.Parallel()
	tests := []struct {
		subject, name, object string
		want                  Relation
		ok                    bool
	}{
		{"process", "created", "process", Relation{"process", "created", "process", []string{"child_refs"}, []string{"parent_ref"}}, true},
		{"user-account", "OWNED", "process", Relation{"user-account", "owned", "process", nil, []string{"creator_user_ref"}}, true},
		{"email-addr", "accepted", "email-message", Relation{"email-addr", "accepted", "email-message", nil, []string{"to_refs", "cc_refs", "bcc_refs"}}, true},
		{"x-a", "Linked", "x-b", Relation{"x-a", "linked", "x-b", nil, nil}, true},
		{"file", "loaded", "process", Relation{}, false},
		{"process", "bogus", "process", Relation{}, false},
	}
	for _, tt := range tests {
		got, ok := FindRelation(tt.subject, tt.name, tt.object)
		if diff := gocmp.Diff(tt.want, got); diff != "" || ok != tt.ok {
			t.Errorf("FindRelation(%q, %q, %q) reports %v, want %v; differs (-want +got):\n%s",
				tt.subject, tt.name, tt.object, ok, tt.ok, diff)
		}
	}
}

func TestRelations(t *testing.T) {
	t.Parallel()
	want := []string{"accepted", "contained", "created", "linked", "loaded", "owned"}
	if diff := gocmp.Diff(want, RelationNames()); diff != "" {
		t.Errorf("RelationNames differs (-want +got):\n%s", diff)
	}
	order := func(a, b Relation) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Object, b.Object))
	}
	all := Relations()
	if !slices.IsSortedFunc(all, order) {
		t.Error("Relations is not sorted")
	}
	for _, r := range all {
		if len(r.SubjectRefs)+len(r.ObjectRefs) == 0 {
			t.Errorf("relation %s %s %s has no references", r.Subject, r.Name, r.Object)
		}
	}
}

func TestRefTargets(t *testing.T) {
	t.Parallel()
	tests := []struct {
		typ, name string
		want      []string
	}{
		{"process", "parent_ref", []string{"process"}},
		{"network-traffic", "src_ref", []string{"ipv4-addr", "ipv6-addr"}},
		{"ipv4-addr", "resolves_to_refs", []string{"mac-addr"}},
		{"domain-name", "resolves_to_refs", []string{"ipv4-addr", "ipv6-addr", "domain-name"}},
		{"x-oca-event", "cross_process_target_ref", []string{"process"}},
		{"x-oca-event", "url_ref", []string{"url"}},
		{"process", "url_ref", nil},
		{"x-ibm-finding", "src_user_ref", []string{"user-account"}},
		{"file", "extensions.'archive-ext'.contains_refs", []string{"file", "directory"}},
		{"x-foo", "bar_ref", nil},
	}
	for _, tt := range tests {
		if diff := gocmp.Diff(tt.want, RefTargets(tt.typ, tt.name)); diff != "" {
			t.Errorf("RefTargets(%q, %q) differs (-want +got):\n%s", tt.typ, tt.name, diff)
		}
	}
}

func TestTypes(t *testing.T) {
	t.Parallel()
	if got := len(KnownTypes()); got != 20 {
		t.Errorf("KnownTypes has %d types, want 20", got)
	}
	if !IsKnownType("x-foo") || !IsKnownType("x509-certificate") || IsKnownType("foo") {
		t.Error("IsKnownType: want x-foo and x509-certificate known, foo not")
	}
	if !Repeats("file") || Repeats("process") || Repeats("x-foo") {
		t.Error("Repeats: want file to repeat, process and x-foo not")
	}
	for typ, want := range map[string]string{"process": "name", "directory": "path", "x-oca-event": "action", "x-foo": "value"} {
		if got := SingleAttr(typ); got != want {
			t.Errorf("SingleAttr(%q) = %q, want %q", typ, got, want)
		}
	}
	if diff := gocmp.Diff([]string{"x_unique_id", "pid"}, IdentityAttrs("process")); diff != "" {
		t.Errorf("IdentityAttrs(process) differs (-want +got):\n%s", diff)
	}
	for typ, k := range types {
		sorted := slices.IsSortedFunc(k.contributes, func(a, b contribution) int { return cmp.Compare(a.key, b.key) })
		if !sorted {
			t.Errorf("the contributions of %s are not sorted", typ)
		}
	}
}
