// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package entity

import (
	"maps"
	"slices"
	"strings"
)

// kindOfType is what the language and the standard say about one entity type.
type kindOfType struct {
	listed      bool           // one of the types that hunts are offered
	repeats     bool           // many records say the same about it
	single      string         // the attribute that a bare text in NEW fills
	identity    []string       // identity attributes, best first
	contributes []contribution // sorted by key
}

// A contribution is a property that takes part in the id of an object.
type contribution struct {
	key  string
	form contributionForm
}

// contributionForm says how a property becomes JSON.
type contributionForm uint8

const (
	plain      contributionForm = iota // the value
	reference                          // the id of the object it refers to
	oneHash                            // hashes: the best algorithm alone
	extensions                         // all attributes below extensions
)

// contributing makes the contributions of properties, given sorted by name.
func contributing(keys ...string) []contribution {
	out := make([]contribution, len(keys))
	for i, key := range keys {
		form := plain
		switch {
		case key == "hashes":
			form = oneHash
		case key == "extensions":
			form = extensions
		case strings.HasSuffix(key, "_ref"):
			form = reference
		}
		out[i] = contribution{key, form}
	}
	return out
}

// types holds what is known of each type. The contributing properties are those
// of STIX 2.1, section 6 ("ID Contributing Properties" of each object), and of
// the asset of the OCA extension.
var types = map[string]*kindOfType{
	"artifact":             {true, true, "value", nil, contributing("hashes", "payload_bin")},
	"autonomous-system":    {true, true, "number", nil, contributing("number")},
	"directory":            {true, true, "path", []string{"path"}, contributing("path")},
	"domain-name":          {true, true, "value", []string{"value"}, contributing("value")},
	"email-addr":           {true, true, "value", []string{"value"}, contributing("value")},
	"email-message":        {true, false, "value", nil, contributing("body", "from_ref", "subject")},
	"file":                 {true, true, "name", []string{"hashes.'SHA-256'", "hashes.'SHA-1'", "hashes.MD5", "name"}, contributing("extensions", "hashes", "name", "parent_directory_ref")},
	"ipv4-addr":            {true, true, "value", []string{"value"}, contributing("value")},
	"ipv6-addr":            {true, true, "value", []string{"value"}, contributing("value")},
	"mac-addr":             {true, true, "value", []string{"value"}, contributing("value")},
	"mutex":                {true, true, "name", []string{"name"}, contributing("name")},
	"network-traffic":      {true, false, "value", nil, contributing("dst_port", "dst_ref", "end", "extensions", "protocols", "src_port", "src_ref", "start")},
	"process":              {true, false, "name", []string{"x_unique_id", "pid"}, nil},
	"software":             {true, true, "name", []string{"name"}, contributing("cpe", "name", "swid", "vendor", "version")},
	"url":                  {true, true, "value", []string{"value"}, contributing("value")},
	"user-account":         {true, true, "user_id", []string{"user_id"}, contributing("account_login", "account_type", "user_id")},
	"windows-registry-key": {true, true, "key", []string{"key"}, contributing("key", "values")},
	"x-ibm-finding":        {true, false, "name", nil, nil},
	"x-oca-asset":          {true, true, "hostname", []string{"device_id"}, contributing("device_id", "host_id", "hostname", "name")},
	"x-oca-event":          {true, false, "action", nil, nil},

	"windows-registry-value-type": {false, true, "name", nil, nil},
	"x509-certificate":            {false, true, "serial_number", nil, contributing("hashes", "serial_number")},
}

// KnownTypes returns the types that a hunter is offered, sorted.
func KnownTypes() []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(types)) {
		if types[name].listed {
			out = append(out, name)
		}
	}
	return out
}

// IsKnownType reports whether a type needs no warning: it is one of the
// standard or of a published extension, or a custom one (x-...).
func IsKnownType(typ string) bool {
	return types[typ] != nil || isCustom(typ)
}

// Repeats reports whether many records say the same about objects of a type, as
// they do of files, users and addresses, so that keeping each content once pays.
// Processes, connections, messages, events and unknown types seldom repeat.
func Repeats(typ string) bool {
	t := types[typ]
	return t != nil && t.repeats
}

// SingleAttr returns the attribute that a text fills which stands alone in NEW,
// or alone in a loaded list: "name" for a process, "path" for a directory.
func SingleAttr(typ string) string {
	if t := types[typ]; t != nil {
		return t.single
	}
	return "value"
}

// IdentityAttrs returns the attributes that tell entities of a type apart in
// other records, best first. The first that has a value counts; if none has, or
// none is returned, the id is all there is.
func IdentityAttrs(typ string) []string {
	if t := types[typ]; t != nil {
		return slices.Clone(t.identity)
	}
	return nil
}

// isCustom reports whether a type is of no standard (STIX 2.0, 7.2): its name
// begins with x-, and its nested values stay JSON.
func isCustom(typ string) bool { return strings.HasPrefix(typ, "x-") }
