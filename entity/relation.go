// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package entity

import (
	"slices"
	"strings"
)

// Linked is the relation that holds between any two types: to have been seen in
// one record.
const Linked = "linked"

// A Relation says by which references entities of two types are related:
// x Name y holds if x refers to y by one of SubjectRefs, or y to x by one of
// ObjectRefs. All of them count, not the first that exists.
type Relation struct {
	Subject, Name, Object string
	SubjectRefs           []string // attributes of x
	ObjectRefs            []string // attributes of y
}

// relations holds the named relations, sorted by name, subject and object. A
// reference inside an extension belongs to the object that carries it, so each
// such relation stands twice: once under the extension's own name, which hunts
// may write and no entity has, and once under the type that carries it.
var relations = []Relation{
	{"artifact", "accepted", "network-traffic", nil, []string{"dst_payload_ref"}},
	{"domain-name", "accepted", "network-traffic", nil, []string{"dst_ref"}},
	{"email-addr", "accepted", "email-message", nil, []string{"to_refs", "cc_refs", "bcc_refs"}},
	{"ipv4-addr", "accepted", "network-traffic", nil, []string{"dst_ref"}},
	{"ipv6-addr", "accepted", "network-traffic", nil, []string{"dst_ref"}},
	{"mac-addr", "accepted", "network-traffic", nil, []string{"dst_ref"}},
	{"archive-ext", "contained", "file", []string{"contains_refs"}, nil},
	{"directory", "contained", "directory", []string{"contains_refs"}, nil},
	{"directory", "contained", "file", []string{"contains_refs"}, []string{"parent_directory_ref"}},
	{"file", "contained", "artifact", []string{"content_ref"}, nil},
	{"file", "contained", "file", []string{"contains_refs", "extensions.'archive-ext'.contains_refs"}, nil},
	{"network-traffic", "contained", "network-traffic", []string{"encapsulates_refs"}, []string{"encapsulated_by_ref"}},
	{"artifact", "created", "network-traffic", nil, []string{"src_payload_ref"}},
	{"domain-name", "created", "network-traffic", nil, []string{"src_ref"}},
	{"email-addr", "created", "email-message", nil, []string{"from_ref", "sender_ref"}},
	{"ipv4-addr", "created", "network-traffic", nil, []string{"src_ref"}},
	{"ipv6-addr", "created", "network-traffic", nil, []string{"src_ref"}},
	{"mac-addr", "created", "network-traffic", nil, []string{"src_ref"}},
	{"process", "created", "network-traffic", []string{"opened_connection_refs"}, nil},
	{"process", "created", "process", []string{"child_refs"}, []string{"parent_ref"}},
	{"process", "loaded", "file", []string{"binary_ref", "image_ref", "extensions.'windows-service-ext'.service_dll_refs"}, nil},
	{"process", "loaded", "user-account", []string{"extensions.'windows-service-ext'.creator_user_ref"}, nil},
	{"windows-service-ext", "loaded", "file", []string{"service_dll_refs"}, nil},
	{"windows-service-ext", "loaded", "user-account", []string{"creator_user_ref"}, nil},
	{"autonomous-system", "owned", "ipv4-addr", nil, []string{"belongs_to_refs"}},
	{"autonomous-system", "owned", "ipv6-addr", nil, []string{"belongs_to_refs"}},
	{"user-account", "owned", "email-addr", nil, []string{"belongs_to_ref"}},
	{"user-account", "owned", "process", nil, []string{"creator_user_ref"}},
}

// Relations returns all named relations, sorted by name, subject and object.
// Linked is not among them.
func Relations() []Relation { return slices.Clone(relations) }

// RelationNames returns the names of all relations, Linked among them, sorted.
func RelationNames() []string {
	names := []string{Linked}
	for i := range relations {
		names = append(names, relations[i].Name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// FindRelation returns the relation of that name from subject to object; letter
// case of the name does not matter. Linked is found between any two types and
// has no references. It reports false if there is no such relation.
func FindRelation(subject, name, object string) (Relation, bool) {
	name = strings.ToLower(name)
	if name == Linked {
		return Relation{Subject: subject, Name: name, Object: object}, true
	}
	for _, r := range relations {
		if r.Name == name && r.Subject == subject && r.Object == object {
			return r, true
		}
	}
	return Relation{}, false
}

// addresses are the types that an end of a connection may have.
var addresses = []string{"ipv4-addr", "ipv6-addr"}

// targets says to which types the references of a name lead, whatever object
// they belong to.
var targets = map[string][]string{
	"belongs_to_ref":         {"user-account"},
	"belongs_to_refs":        {"autonomous-system"},
	"bcc_refs":               {"email-addr"},
	"binary_ref":             {"file"},
	"cc_refs":                {"email-addr"},
	"child_refs":             {"process"},
	"contains_refs":          {"file", "directory"},
	"content_ref":            {"artifact"},
	"creator_user_ref":       {"user-account"},
	"dst_application_ref":    {"software"},
	"dst_ip_ref":             addresses,
	"dst_os_ref":             {"software"},
	"dst_payload_ref":        {"artifact"},
	"dst_ref":                addresses,
	"encapsulated_by_ref":    {"network-traffic"},
	"encapsulates_refs":      {"network-traffic"},
	"from_ref":               {"email-addr"},
	"image_ref":              {"file"},
	"ip_refs":                addresses,
	"mac_refs":               {"mac-addr"},
	"opened_connection_refs": {"network-traffic"},
	"os_ref":                 {"software"},
	"parent_directory_ref":   {"directory"},
	"parent_ref":             {"process"},
	"raw_email_ref":          {"artifact"},
	"sender_ref":             {"email-addr"},
	"service_dll_refs":       {"file"},
	"src_application_ref":    {"software"},
	"src_ip_ref":             addresses,
	"src_os_ref":             {"software"},
	"src_payload_ref":        {"artifact"},
	"src_ref":                addresses,
	"to_refs":                {"email-addr"},
}

// eventTargets says the same of an x-oca-event, whose names mean other things.
var eventTargets = map[string][]string{
	"domain_ref":   {"domain-name"},
	"file_ref":     {"file"},
	"host_ref":     {"x-oca-asset"},
	"ip_refs":      addresses,
	"network_ref":  {"network-traffic"},
	"original_ref": {"artifact"},
	"registry_ref": {"windows-registry-key"},
	"url_ref":      {"url"},
	"user_ref":     {"user-account"},
}

// RefTargets returns the types to which a reference of an object of that type
// may lead, for checks and completion made without data; in data, the object at
// its end says. It is nil for a name that no standard defines.
func RefTargets(typ, name string) []string {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		name = name[i+1:]
	}
	switch {
	case typ == "x-oca-event" && eventTargets[name] != nil:
		return slices.Clone(eventTargets[name])
	case typ == "x-oca-event" && strings.Contains(name, "process") && strings.HasSuffix(name, "_ref"):
		return []string{"process"}
	case typ == "x-ibm-finding" && strings.HasSuffix(name, "_user_ref"):
		return []string{"user-account"}
	case name == "resolves_to_refs" && (typ == "ipv4-addr" || typ == "ipv6-addr"):
		return []string{"mac-addr"}
	case name == "resolves_to_refs" && typ == "domain-name":
		return append(slices.Clone(addresses), "domain-name")
	}
	return slices.Clone(targets[name])
}
