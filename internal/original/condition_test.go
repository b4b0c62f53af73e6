// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

//go:build integration

package original_test

import (
	"fmt"
	"strings"
)

// getTypes and findTypes are asked for; everything is satisfied by all entities
// of a type.
var (
	getTypes = []string{
		"process", "process", "process", "network-traffic", "network-traffic", "file", "user-account", "ipv4-addr", "directory",
		"email-message", "email-addr", "url", "artifact", "domain-name", "software", "mutex", "autonomous-system",
	}
	findTypes  = []string{"process", "process", "network-traffic", "file", "user-account", "ipv4-addr", "ipv6-addr", "directory", "email-addr", "domain-name"}
	everything = map[string]string{
		"process": "x_unique_id LIKE '%'", "network-traffic": "start LIKE '%'", "file": "name LIKE '%'", "user-account": "user_id LIKE '%'",
		"ipv4-addr": "value LIKE '%'", "ipv6-addr": "value LIKE '%'", "directory": "path LIKE '%'", "email-message": "subject LIKE '%'",
		"email-addr": "value LIKE '%'", "url": "value LIKE '%'", "artifact": "mime_type LIKE '%'", "domain-name": "value LIKE '%'",
		"software": "name LIKE '%'", "mutex": "name LIKE '%'", "autonomous-system": "number > 0", "mac-addr": "value LIKE '%'",
	}
)

// What the generator may name, by type: attributes of the rows themselves, those
// that are numbers, one that differs in each row, ones to group and join by, and
// ones behind references.
var (
	direct = map[string][]string{
		"process": {"name", "pid", "x_unique_id"}, "network-traffic": {"start", "end", "src_port", "dst_port"},
		"file": {"name"}, "user-account": {"user_id"}, "ipv4-addr": {"value"}, "ipv6-addr": {"value"}, "directory": {"path"},
		"email-message": {"subject", "date"}, "email-addr": {"value"}, "url": {"value"}, "artifact": {"mime_type", "payload_bin"},
		"domain-name": {"value"}, "software": {"name"}, "mutex": {"name"}, "autonomous-system": {"number", "name"}, "mac-addr": {"value"},
	}
	numbers   = map[string][]string{"process": {"pid"}, "network-traffic": {"src_port", "dst_port"}, "autonomous-system": {"number"}}
	sortKeys  = map[string]string{"process": "x_unique_id", "network-traffic": "start", "file": "name", "user-account": "user_id", "ipv4-addr": "value", "directory": "path", "email-message": "subject"}
	joinKeys  = map[string]string{"process": "pid", "network-traffic": "dst_port", "ipv4-addr": "value", "file": "name"}
	groupKeys = map[string][]string{"process": {"name", "pid"}, "network-traffic": {"dst_port", "protocols"}, "file": {"name"}, "user-account": {"user_id"}}
	shown     = map[string][]string{
		"process":         {"binary_ref.name", "parent_ref.name", "creator_user_ref.user_id", "parent_ref.x_unique_id"},
		"network-traffic": {"src_ref.value", "dst_ref.value"},
		"file":            {"parent_directory_ref.path"},
	}
	referable = map[string][]struct{ typ, attr, of string }{
		"process":         {{"process", "pid", "pid"}, {"file", "name", "name"}, {"process", "parent_ref.name", "name"}},
		"network-traffic": {{"ipv4-addr", "value", "src_ref.value"}, {"network-traffic", "dst_port", "dst_port"}},
		"ipv4-addr":       {{"network-traffic", "dst_ref.value", "value"}},
		"user-account":    {{"process", "creator_user_ref.user_id", "user_id"}},
	}
)

// where draws a condition on entities of a type: of the source, over references
// of any depth, or of a variable.
func (b *builder) where(typ string, of *variable) string {
	x := b.comparison(typ, of)
	if strings.Contains(x, "[*]") {
		return x // beside OR, the original drops entities without any
	}
	switch b.rnd.IntN(6) {
	case 0:
		return x + " AND " + b.comparison(typ, of)
	case 1:
		return x + " OR " + b.comparison(typ, of)
	case 2:
		return fmt.Sprintf("(%s OR %s) AND %s", x, b.comparison(typ, of), b.comparison(typ, of))
	}
	return x
}

// comparison draws one comparison that both programs are meant to understand, of
// the source or of a variable. Text that is not ASCII stands in raw strings
// (Q05), and a quote in conditions on the source only (Q64). The original takes
// the ends of connections for IPv4 addresses (Q67): where others may stand, only
// what asks for such an address is drawn.
func (b *builder) comparison(typ string, of *variable) string {
	all := b.own(typ, of)
	if of == nil {
		all = append(all, b.beyond(typ)...)
	}
	return pick(b.rnd, all)
}

// own draws comparisons of attributes that entities have themselves.
func (b *builder) own(typ string, of *variable) []string {
	text := func(attr string, values ...string) string { return b.text(attr, of == nil, values) }
	switch typ {
	case "process":
		all := []string{text("name", programs...), text("name", programs...), b.number("pid", 100, 103, 105, 107), text("x_unique_id", "{00000003-AB}", "{00000007-AB}")}
		if of != nil && !of.given {
			all = append(all, "command_line IS NULL", "command_line IS NOT NULL")
		}
		return all
	case "network-traffic":
		return []string{b.number("dst_port", ports...), b.number("src_port", 40000, 50010, 50020, 50030)}
	case "file":
		return []string{text("name", programs...)}
	case "user-account":
		return []string{text("user_id", "root", "joe", "O'Brien", "françois")}
	case "ipv4-addr":
		return []string{text("value", "10.0.0.1", "10.0.1.2", "10.0.2.3")}
	case "directory":
		return []string{text("path", folders...)}
	case "software", "mutex":
		return []string{text(direct[typ][0], words...)}
	}
	return []string{everything[typ]}
}

// beyond draws comparisons that only a source is asked: over references, in
// networks, of hashes.
func (b *builder) beyond(typ string) []string {
	text := func(attr string, values ...string) string { return b.text(attr, true, values) }
	switch typ {
	case "process":
		all := []string{
			text("binary_ref.name", programs...), text("parent_ref.name", programs...), text("creator_user_ref.user_id", "joe", "O'Brien", "françois"),
			b.number("opened_connection_refs[*].dst_port", 22, 80, 443), b.contains("command_line", words),
		}
		if !b.contained {
			all = append(all, text("binary_ref.parent_directory_ref.path", folders...))
		}
		return all
	case "network-traffic":
		all := []string{"src_ref.value = '10.0.0.1'", "dst_ref.value IN ('10.0.2.3', '10.0.1.2')", "src_ref.value LIKE '10.0.1.%'"}
		if !b.ipv6 {
			all = append(all, text("src_ref.value", "10.0.0.1", "10.0.1.2"), "src_ref.value ISSUBSET '10.0.0.0/24'", "src_ref.value NOT ISSUBSET '10.0.0.0/23'")
		}
		return all
	case "ipv4-addr":
		if !b.ipv6 {
			return []string{"value ISSUBSET '10.0.0.0/16'", "value NOT ISSUBSET '10.0.0.0/24'"}
		}
	case "file":
		return []string{fmt.Sprintf("hashes.'SHA-256' = '%064x'", 1+b.rnd.IntN(6))}
	}
	return nil
}

func (b *builder) number(attr string, values ...int) string {
	v := pick(b.rnd, values)
	switch b.rnd.IntN(4) {
	case 0:
		return fmt.Sprintf("%s %s (%d, %d)", attr, pick(b.rnd, []string{"IN", "NOT IN"}), v, v+1)
	}
	return fmt.Sprintf("%s %s %d", attr, pick(b.rnd, []string{"=", "!=", "<", "<=", ">", ">="}), v)
}

func (b *builder) text(attr string, source bool, values []string) string {
	v := pick(b.rnd, values)
	if !source && strings.Contains(v, "'") {
		v = "root"
	}
	switch b.rnd.IntN(6) {
	case 0:
		return fmt.Sprintf("%s %s (%s, 'nothing')", attr, pick(b.rnd, []string{"IN", "NOT IN"}), literal(v))
	case 1:
		// Four letters and more: the original folds their case in places (Q71).
		head := []rune(v)
		return fmt.Sprintf("%s %s %s", attr, pick(b.rnd, []string{"LIKE", "NOT LIKE"}), literal(string(head[:min(4, len(head))])+"%"))
	case 2:
		return fmt.Sprintf("%s MATCHES '^[%c].*'", attr, []rune("acnprsw")[b.rnd.IntN(7)])
	}
	return fmt.Sprintf("%s %s %s", attr, pick(b.rnd, []string{"=", "=", "!="}), literal(v))
}

// contains draws a condition that a text holds one of some words.
func (b *builder) contains(attr string, words []string) string {
	return fmt.Sprintf("%s LIKE %s", attr, literal("%"+pick(b.rnd, words)+"%"))
}

// literal writes a text as a raw string.
func literal(text string) string {
	if strings.Contains(text, "'") {
		return `r"` + text + `"`
	}
	return "r'" + text + "'"
}
