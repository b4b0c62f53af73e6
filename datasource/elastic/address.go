// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package elastic

import (
	"net/netip"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// address asks an index of addresses. It has each in one form, the record has
// the text of the document.
func (c *comparison) address(f field) *clause {
	switch c.op {
	case stix.Equal, stix.In:
		var terms []entity.Value
		for _, v := range c.values {
			if addr, err := netip.ParseAddr(v.Text()); err == nil && v.Kind() == entity.String && addr.Zone() == "" {
				terms = append(terms, entity.StringValue(addr.Unmap().String()))
			}
		}
		var parts []*clause
		for len(terms) > 0 {
			n := min(len(terms), termsMost)
			parts = append(parts, termsLeaf(f, terms[:n]))
			terms = terms[n:]
		}
		return anyOf(parts...)
	case stix.IsSubset:
		network, ok := stix.ParseNetwork(c.values[0].String())
		switch {
		case !ok:
			return nothing
		case network.Addr().Is4In6():
			return present(f)
		}
		return inNetwork(f, network)
	case stix.IsSuperset:
		network, ok := stix.ParseNetwork(c.values[0].String())
		if !ok || !network.IsSingleIP() {
			return nothing // the index has single addresses only
		}
		return termLeaf(f, entity.StringValue(network.Addr().Unmap().String()))
	case stix.Like:
		if network, ok := c.glob.network(); ok {
			return inNetwork(f, network)
		}
	}
	return present(f)
}

// inNetwork asks for the addresses of a network.
func inNetwork(f field, network netip.Prefix) *clause {
	text := network.String()
	if network.IsSingleIP() {
		text = network.Addr().String()
	}
	return termLeaf(f, entity.StringValue(text))
}

// network returns the network of IPv4 in which all addresses are that a pattern
// such as 10.0.% accepts.
func (g glob) network() (netip.Prefix, bool) {
	head := g.pieces[0]
	if len(g.pieces) > 1 {
		head = head[:strings.LastIndexByte(head, '.')+1]
	} else {
		head += "."
	}
	octets := strings.Count(head, ".")
	if octets == 0 || octets > 4 {
		return netip.Prefix{}, false
	}
	addr, err := netip.ParseAddr(head[:len(head)-1] + strings.Repeat(".0", 4-octets))
	if err != nil || !addr.Is4() {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(addr, 8*octets), true
}

// keywordNetwork asks an index of texts for addresses in a network, or for
// networks around one.
func (c *comparison) keywordNetwork(f field) *clause {
	network, ok := stix.ParseNetwork(c.values[0].String())
	switch {
	case !ok:
		return nothing
	case !network.Addr().Is4():
		return wildcardLeaf(f, "*:*") // one address of IPv6 has many forms
	case c.op == stix.IsSuperset:
		around := wildcardLeaf(f, "*.*.*.*/*")
		if network.IsSingleIP() {
			return anyOf(termLeaf(f, entity.StringValue(network.Addr().String())), around)
		}
		return around
	case network.IsSingleIP():
		text := network.Addr().String()
		return anyOf(termLeaf(f, entity.StringValue(text)), prefixLeaf(f, text+"/"))
	}
	octets := strings.Split(network.Addr().String(), ".")[:network.Bits()/8]
	if len(octets) == 0 {
		return wildcardLeaf(f, "*.*.*.*")
	}
	return prefixLeaf(f, strings.Join(octets, ".")+".")
}
