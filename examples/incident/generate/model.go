// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/netip"
	"time"
)

// An incident is all that the sensors of a network saw on one day, in order.
type incident struct {
	day    time.Time // midnight, UTC
	events []event
}

// An act is a part of the intrusion. The zero act is ordinary work.
type act string

// The acts, in the order in which they begin.
const (
	probe      act = "probe"      // the web service is searched for a weakness
	exploit    act = "exploit"    // it runs the intruder's commands
	discovery  act = "discovery"  // what is this machine, who else is there
	credential act = "credential" // secrets are read
	tunnel     act = "tunnel"     // a proxy opens the inner network
	lateral    act = "lateral"    // the second host is entered and explored
	persist    act = "persist"    // it will call back
	collect    act = "collect"    // files are packed
	exfiltrate act = "exfiltrate" // they leave
	cleanup    act = "cleanup"    // traces are removed
)

// A host is a machine with a sensor.
type host struct {
	name    string
	id      string // its asset id
	system  system
	address netip.Addr
	mac     string
}

// A system is an operating system, as far as sensors differ by it.
type system int

const (
	linux system = iota
	windows
)

// A user is an account of a host or of the domain.
type user struct {
	login  string
	id     string // a uid or a SID
	domain string // empty on Linux
}

// A file is a file at a path of some host. Its hashes follow from its content;
// a file without content was only seen by name.
type file struct {
	dir, name string
	content   string // stands for the content: equal texts, equal hashes
	size      int64
}

// A process is one run of a program.
type process struct {
	host        *host
	pid         int
	name        string
	image       *file
	commandLine string
	dir         string // working directory, empty if not known
	user        *user
	parent      *process // nil for the first of a host
	start, end  time.Time
	guid        string
	act         act
}

// A header is what all events have in common.
type header struct {
	id    string // of the record
	at    time.Time
	host  *host
	act   act
	plain bool // seen by the plain sensor, which knows neither GUIDs nor, of other processes, start times
}

func (h *header) head() *header { return h }

// An event is one thing that a sensor saw. The set is closed.
//
//sumtype:decl
type event interface {
	head() *header
	eventNode()
}

// A processStart says that a process began.
type processStart struct {
	header
	process *process
}

// A connection says that two endpoints exchanged data, once or repeatedly.
type connection struct {
	header
	process        *process // the process on this host
	source, target netip.AddrPort
	protocol       string
	sent, received int64 // by source, by target, in bytes
	inbound        bool
	count          int
	last           time.Time
	request        *httpRequest // nil if the sensor does not look inside
}

// An httpRequest is the first request of a connection.
type httpRequest struct {
	method, path, agent string
}

// A fileAction is what was done to a file.
type fileAction string

const (
	fileRead    fileAction = "file-read"
	fileWritten fileAction = "file-written"
	fileDeleted fileAction = "file-deleted"
)

// A fileAccess says that a process read, wrote or deleted a file.
type fileAccess struct {
	header
	process *process
	action  fileAction
	file    *file
}

// A logon says that a user entered a host, or failed to.
type logon struct {
	header
	process *process // the one that decided
	user    *user
	kind    string         // interactive, network, service, ssh
	source  netip.Addr     // zero for local ones
	session netip.AddrPort // where it was received; zero for local ones
	failed  bool
}

// A lookup says that a process asked for the addresses of a name.
type lookup struct {
	header
	process *process
	server  netip.AddrPort
	name    string
	answers []netip.Addr
}

// A registrySet says that a process set a value of a registry key.
type registrySet struct {
	header
	process          *process
	key, value, data string
}

func (*processStart) eventNode() {}
func (*connection) eventNode()   {}
func (*fileAccess) eventNode()   {}
func (*logon) eventNode()        {}
func (*lookup) eventNode()       {}
func (*registrySet) eventNode()  {}
