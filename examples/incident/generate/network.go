// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/netip"
	"strings"
)

// A network is who and what exists. All names and addresses are set aside for
// documentation (RFC 2606, RFC 5737) or for private use (RFC 1918).
type network struct {
	web, desk *host

	root, www, deploy, admin *user // of the web server
	system, localService     *user // of the desk
	dana, support, report    *user // of the domain

	nameServer, directory, fileServer, database, cache, agentHub netip.AddrPort
	jumpHost                                                     netip.Addr
	scanner, control, drop                                       netip.Addr // the intruder's
	names                                                        map[string]netip.Addr
}

func newNetwork() network {
	n := network{
		web: &host{name: "web01", id: "asset-0a14-010f", system: linux,
			address: netip.MustParseAddr("10.20.1.15"), mac: "02:42:0a:14:01:0f"},
		desk: &host{name: "FIN-WS07", id: "asset-0a14-0525", system: windows,
			address: netip.MustParseAddr("10.20.5.37"), mac: "02:42:0a:14:05:25"},

		root:   &user{login: "root", id: "0"},
		www:    &user{login: "www-data", id: "33"},
		deploy: &user{login: "deploy", id: "1001"},
		admin:  &user{login: "mkraus", id: "1000"},

		system:       &user{login: "SYSTEM", id: "S-1-5-18", domain: "NT AUTHORITY"},
		localService: &user{login: "LOCAL SERVICE", id: "S-1-5-19", domain: "NT AUTHORITY"},
		dana:         domainUser("dana.reyes", 1142),
		support:      domainUser("it.support", 1107),
		report:       domainUser("svc-report", 1209),

		nameServer: netip.MustParseAddrPort("10.20.0.10:53"),
		directory:  netip.MustParseAddrPort("10.20.0.10:389"),
		fileServer: netip.MustParseAddrPort("10.20.4.12:445"),
		database:   netip.MustParseAddrPort("10.20.2.20:5432"),
		cache:      netip.MustParseAddrPort("10.20.2.21:6379"),
		agentHub:   netip.MustParseAddrPort("10.20.0.60:8443"),
		jumpHost:   netip.MustParseAddr("10.20.0.50"),

		scanner: netip.MustParseAddr("198.51.100.23"),
		control: netip.MustParseAddr("198.51.100.77"),
		drop:    netip.MustParseAddr("192.0.2.44"),
	}
	n.names = map[string]netip.Addr{
		"dc01.corp.example.com":     n.directory.Addr(),
		"files.corp.example.com":    n.fileServer.Addr(),
		"db.corp.example.com":       n.database.Addr(),
		"cache.corp.example.com":    n.cache.Addr(),
		"agents.corp.example.com":   n.agentHub.Addr(),
		"sync.updates.example.net":  n.control,
		"deb.example.org":           netip.MustParseAddr("203.0.113.80"),
		"registry.example.org":      netip.MustParseAddr("203.0.113.81"),
		"git.example.org":           netip.MustParseAddr("203.0.113.82"),
		"update.example.com":        netip.MustParseAddr("203.0.113.90"),
		"definitions.example.com":   netip.MustParseAddr("203.0.113.91"),
		"mail.example.com":          netip.MustParseAddr("203.0.113.100"),
		"chat.example.com":          netip.MustParseAddr("203.0.113.101"),
		"www.example.com":           netip.MustParseAddr("203.0.113.110"),
		"news.example.org":          netip.MustParseAddr("203.0.113.111"),
		"cdn.example.net":           netip.MustParseAddr("203.0.113.112"),
		"bank.example.com":          netip.MustParseAddr("203.0.113.113"),
		"travel.example.org":        netip.MustParseAddr("203.0.113.114"),
		"search.example.net":        netip.MustParseAddr("203.0.113.115"),
		"static.search.example.net": netip.MustParseAddr("203.0.113.116"),
	}
	return n
}

func domainUser(login string, rid int) *user {
	return &user{login: login, id: "S-1-5-21-1004336348-1177238915-682003330-" + decimal(rid), domain: "CORP"}
}

// addressOf returns what the name server answers for a name.
func (n *network) addressOf(name string) netip.Addr {
	a, ok := n.names[name]
	if !ok {
		panic("no address for " + name)
	}
	return a
}

// to returns the endpoint of a service of a named machine.
func (n *network) to(name string, port uint16) netip.AddrPort {
	return netip.AddrPortFrom(n.addressOf(name), port)
}

// program returns the file of a program at a path of either system. Programs
// at one path are the same everywhere and all day.
func program(path string) *file {
	dir, name := splitPath(path)
	return &file{dir: dir, name: name, content: "program " + path}
}

// splitPath cuts a path before its last name.
func splitPath(path string) (dir, name string) {
	i := strings.LastIndexAny(path, `/\`)
	if i == 0 {
		return path[:1], path[1:]
	}
	return path[:i], path[i+1:]
}

// document returns a file of some size at a path. Version tells contents apart.
func document(path, version string, size int64) *file {
	dir, name := splitPath(path)
	return &file{dir: dir, name: name, content: path + " " + version, size: size}
}
