// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"net/netip"
	"strings"
)

// ParseNetwork reads an address, or a network in CIDR notation, of IPv4 or
// IPv6; an address is the network of itself alone. Bits of the address behind
// the prefix are cleared, an IPv6 zone is dropped. It reports false for any
// other text, also for octets with leading zeros, which programs read in
// different ways.
func ParseNetwork(text string) (netip.Prefix, bool) {
	address, length, isNetwork := strings.Cut(text, "/")
	addr, err := netip.ParseAddr(address)
	if err != nil {
		return netip.Prefix{}, false
	}
	addr = addr.WithZone("")
	bits := addr.BitLen()
	if isNetwork {
		n, ok := prefixLength(length)
		if !ok || n > bits {
			return netip.Prefix{}, false
		}
		bits = n
	}
	return netip.PrefixFrom(addr, bits).Masked(), true
}

// prefixLength reads up to three decimal digits.
func prefixLength(s string) (int, bool) {
	if s == "" || len(s) > 3 {
		return 0, false
	}
	n := 0
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

// Subset reports whether the address or network a lies in the network b, or is
// equal to it (STIX 2.1, 9.6.1, ISSUBSET; with the sides exchanged, ISSUPERSET).
// It is false if either is no network, or if one is of IPv4 and one of IPv6.
func Subset(a, b string) bool {
	inner, ok := ParseNetwork(a)
	if !ok {
		return false
	}
	outer, ok := ParseNetwork(b)
	return ok && SubsetOf(inner, outer)
}

// SubsetOf reports whether inner lies in outer, or is equal to it. Both come from
// ParseNetwork.
func SubsetOf(inner, outer netip.Prefix) bool {
	return outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr())
}
