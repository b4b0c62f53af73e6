// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package entity

import (
	"slices"
	"strings"
)

// properties lists, for each type, the properties that STIX defines for it
// (STIX 2.1, 6 STIX Cyber-observable Objects; names that only STIX 2.0 has, such
// as a process's name, included), and for the types of the OCA extension those
// its definition lists. They are names without a value's structure.
var properties = map[string][]string{
	"artifact":          {"mime_type", "payload_bin", "url", "hashes", "encryption_algorithm", "decryption_key"},
	"autonomous-system": {"number", "name", "rir"},
	"directory":         {"path", "path_enc", "ctime", "mtime", "atime", "contains_refs", "created", "modified", "accessed"},
	"domain-name":       {"value", "resolves_to_refs"},
	"email-addr":        {"value", "display_name", "belongs_to_ref"},
	"email-message": {"is_multipart", "date", "content_type", "from_ref", "sender_ref", "to_refs", "cc_refs", "bcc_refs",
		"message_id", "subject", "received_lines", "additional_header_fields", "body", "body_multipart", "raw_email_ref"},
	"file": {"name", "hashes", "size", "name_enc", "magic_number_hex", "mime_type", "ctime", "mtime", "atime",
		"parent_directory_ref", "contains_refs", "content_ref", "created", "modified", "accessed",
		"is_encrypted", "encryption_algorithm", "decryption_key"},
	"ipv4-addr": {"value", "resolves_to_refs", "belongs_to_refs"},
	"ipv6-addr": {"value", "resolves_to_refs", "belongs_to_refs"},
	"mac-addr":  {"value"},
	"mutex":     {"name"},
	"network-traffic": {"start", "end", "is_active", "src_ref", "dst_ref", "src_port", "dst_port", "protocols",
		"src_byte_count", "dst_byte_count", "src_packets", "dst_packets", "ipfix", "src_payload_ref", "dst_payload_ref",
		"encapsulates_refs", "encapsulated_by_ref"},
	"process": {"name", "pid", "is_hidden", "created", "cwd", "command_line", "arguments", "environment_variables",
		"opened_connection_refs", "creator_user_ref", "binary_ref", "parent_ref", "child_refs", "x_unique_id"},
	"software": {"name", "cpe", "swid", "languages", "vendor", "version"},
	"url":      {"value"},
	"user-account": {"user_id", "account_login", "credential", "account_type", "display_name", "is_service_account",
		"is_privileged", "can_escalate_privs", "is_disabled", "account_created", "account_expires",
		"password_last_changed", "credential_last_changed", "account_first_login", "account_last_login"},
	"windows-registry-key": {"key", "values", "modified", "modified_time", "creator_user_ref", "number_of_subkeys"},
	"x-oca-asset": {"hostname", "name", "device_id", "host_id", "os_name", "os_version", "os_platform", "architecture",
		"ip_refs", "mac_refs", "os_ref", "geo_ref"},
	"x-oca-event": {"action", "code", "category", "created", "description", "module", "outcome", "provider", "severity",
		"timezone", "agent", "event_type", "kind", "original_ref", "host_ref", "url_ref", "file_ref", "process_ref",
		"parent_process_ref", "cross_process_target_ref", "domain_ref", "registry_ref", "network_ref", "user_ref", "ip_refs"},
}

// Properties returns the standard properties of a type, sorted; nil if the type
// is not one of the standard's or of a published extension.
func Properties(typ string) []string {
	return slices.Sorted(slices.Values(properties[typ]))
}

// HasProperty reports whether the standard defines a property for a type. The
// part of an attribute name up to its first dot or bracket counts. Of a type
// that is not known nothing is known: the answer is true, as it is for custom
// properties (x_...), for id and type, and for extensions.
func HasProperty(typ, attr string) bool {
	list, known := properties[typ]
	if !known {
		return true
	}
	name := attr
	if i := strings.IndexAny(name, ".["); i >= 0 {
		name = name[:i]
	}
	switch {
	case name == "id", name == "type", name == "extensions", strings.HasPrefix(name, "x_"):
		return true
	}
	return slices.Contains(list, name)
}
