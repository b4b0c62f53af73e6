// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"net/netip"
	"regexp"
	"strings"
)

// checkOf returns what the value of a property must be, so that one native
// field with rules for several types gives the right one; nil if all will do.
func checkOf(typ, prop string) func(value) bool {
	if prop != "value" {
		return nil
	}
	switch typ {
	case "ipv4-addr":
		return func(v value) bool { return isAddr(v, netip.Addr.Is4) }
	case "ipv6-addr":
		return func(v value) bool { return isAddr(v, netip.Addr.Is6) }
	case "domain-name":
		return func(v value) bool { s, ok := v.str(); return ok && isDomain(s) }
	}
	return nil
}

func isAddr(v value, family func(netip.Addr) bool) bool {
	s, _ := v.str()
	addr, err := netip.ParseAddr(s)
	return err == nil && family(addr)
}

// domain is the form of a domain name that stix-shifter accepts.
var domain = regexp.MustCompile(`^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(\.)?)+[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$`)

// isDomain reports whether s is a domain name; letter case and a final dot do
// not count.
func isDomain(s string) bool {
	s = strings.ToLower(strings.TrimSuffix(s, "."))
	return isPlainDomain(s) || domain.MatchString(s)
}

// isPlainDomain accepts the domain names that nearly all are: labels of letters
// and digits, the last of at least two.
func isPlainDomain(s string) bool {
	label := 0
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
			label++
		case c == '.' && label > 0:
			label = 0
		default:
			return false
		}
	}
	return label >= 2 && len(s) >= 3
}
