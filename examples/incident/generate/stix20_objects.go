// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"strconv"
)

// objects are the cyber-observable objects of one record, in order; a reference
// is the decimal index of an object that stands before.
type objects struct {
	host  *host
	plain bool
	list  []any

	addresses map[netip.Addr]string
	users     map[*user]string
	dirs      map[string]string
}

type (
	stixProcess struct {
		Type        string   `json:"type"`
		PID         int      `json:"pid"`
		Name        string   `json:"name"`
		CommandLine string   `json:"command_line,omitempty"`
		Dir         string   `json:"cwd,omitempty"`
		Created     string   `json:"created,omitempty"`
		User        string   `json:"creator_user_ref,omitempty"`
		Binary      string   `json:"binary_ref,omitempty"`
		Parent      string   `json:"parent_ref,omitempty"`
		Connections []string `json:"opened_connection_refs,omitempty"`
		UniqueID    string   `json:"x_unique_id,omitempty"`
	}
	stixFile struct {
		Type   string            `json:"type"`
		Name   string            `json:"name"`
		Size   int64             `json:"size,omitempty"`
		Hashes map[string]string `json:"hashes,omitempty"`
		Dir    string            `json:"parent_directory_ref"`
	}
	stixDirectory struct {
		Type string `json:"type"`
		Path string `json:"path"`
	}
	stixUser struct {
		Type   string `json:"type"`
		ID     string `json:"user_id"`
		Login  string `json:"account_login"`
		Kind   string `json:"account_type"`
		Domain string `json:"x_domain,omitempty"`
	}
	stixValue struct {
		Type     string   `json:"type"`
		Value    string   `json:"value"`
		Resolves []string `json:"resolves_to_refs,omitempty"`
	}
	stixTraffic struct {
		Type       string         `json:"type"`
		Start      string         `json:"start,omitempty"`
		End        string         `json:"end,omitempty"`
		Source     string         `json:"src_ref,omitempty"`
		Target     string         `json:"dst_ref"`
		SourcePort uint16         `json:"src_port,omitempty"`
		TargetPort uint16         `json:"dst_port"`
		Protocols  []string       `json:"protocols"`
		Sent       int64          `json:"src_byte_count,omitempty"`
		Received   int64          `json:"dst_byte_count,omitempty"`
		Extensions map[string]any `json:"extensions,omitempty"`
	}
	stixRequest struct {
		Method string            `json:"request_method"`
		Value  string            `json:"request_value"`
		Header map[string]string `json:"request_header"`
	}
	stixKey struct {
		Type   string         `json:"type"`
		Key    string         `json:"key"`
		Values []stixKeyValue `json:"values"`
	}
	stixKeyValue struct {
		Name string `json:"name"`
		Data string `json:"data"`
		Type string `json:"data_type"`
	}
	stixAsset struct {
		Type      string   `json:"type"`
		Hostname  string   `json:"hostname"`
		HostID    string   `json:"host_id"`
		Addresses []string `json:"ip_refs"`
	}
	stixEvent struct {
		Type     string `json:"type"`
		Action   string `json:"action"`
		Category string `json:"category"`
		Outcome  string `json:"outcome"`
		Provider string `json:"provider"`
		Created  string `json:"created"`
		Host     string `json:"host_ref"`
		Process  string `json:"process_ref,omitempty"`
		Parent   string `json:"parent_process_ref,omitempty"`
		User     string `json:"user_ref,omitempty"`
		Network  string `json:"network_ref,omitempty"`
		File     string `json:"file_ref,omitempty"`
		Domain   string `json:"domain_ref,omitempty"`
		Registry string `json:"registry_ref,omitempty"`
		Logon    string `json:"x_logon_type,omitempty"`
	}
)

// add appends an object and returns the reference to it.
func (o *objects) add(object any) string {
	o.list = append(o.list, object)
	return strconv.Itoa(len(o.list) - 1)
}

// once returns the reference to the object of a key, added at first use.
func once[K comparable](known *map[K]string, key K, add func() string) string {
	if ref, ok := (*known)[key]; ok {
		return ref
	}
	if *known == nil {
		*known = map[K]string{}
	}
	ref := add()
	(*known)[key] = ref
	return ref
}

func (o *objects) address(a netip.Addr) string {
	return once(&o.addresses, a, func() string { return o.add(stixValue{Type: "ipv4-addr", Value: a.String()}) })
}

func (o *objects) user(u *user) string {
	return once(&o.users, u, func() string {
		return o.add(stixUser{Type: "user-account", ID: u.id, Login: u.login, Kind: accountType(u), Domain: u.domain})
	})
}

// accountType returns the word of STIX 2.0 (part 4, 6.10) for a kind of account.
func accountType(u *user) string {
	switch u.domain {
	case "":
		return "unix"
	case "NT AUTHORITY":
		return "windows-local"
	}
	return "windows-domain"
}

func (o *objects) directory(path string) string {
	return once(&o.dirs, path, func() string { return o.add(stixDirectory{Type: "directory", Path: path}) })
}

// file adds a file. The plain sensor reads names, not contents.
func (o *objects) file(f *file) string {
	out := stixFile{Type: "file", Name: f.name, Dir: o.directory(f.dir)}
	if !o.plain {
		out.Size, out.Hashes = f.size, hashes(f.content)
	}
	return o.add(out)
}

// hashes returns digests that stand for a content.
func hashes(content string) map[string]string {
	short, long := md5.Sum([]byte(content)), sha256.Sum256([]byte(content))
	return map[string]string{"MD5": hex.EncodeToString(short[:]), "SHA-256": hex.EncodeToString(long[:])}
}

// process adds the process that an event is about. The agent knows all of it;
// the plain sensor knows the start of a process only when it sees it start.
func (o *objects) process(p *process, starting bool, parent string, connections ...string) string {
	out := stixProcess{
		Type: "process", PID: p.pid, Name: p.name, CommandLine: p.commandLine,
		User: o.user(p.user), Parent: parent, Connections: connections,
	}
	if p.image != nil {
		out.Binary = o.file(p.image)
	}
	if !o.plain {
		out.Dir, out.UniqueID = p.dir, p.guid
	}
	if !o.plain || starting {
		out.Created = stixTime(p.start)
	}
	return o.add(out)
}

// parent adds the process that started another one, with less detail.
func (o *objects) parent(p *process) string {
	if p == nil {
		return ""
	}
	out := stixProcess{Type: "process", PID: p.pid, Name: p.name}
	if !o.plain {
		out.CommandLine, out.Created, out.UniqueID = p.commandLine, stixTime(p.start), p.guid
		if p.image != nil {
			out.Binary = o.file(p.image)
		}
	}
	return o.add(out)
}

// event adds the asset and the event itself.
func (o *objects) event(h *header, e stixEvent) {
	asset := stixAsset{Type: "x-oca-asset", Hostname: o.host.name, HostID: o.host.id, Addresses: []string{o.address(o.host.address)}}
	e.Host = o.add(asset)
	e.Type, e.Created, e.Provider = "x-oca-event", stixTime(h.at), "agent"
	if o.plain {
		e.Provider = "audit log"
	}
	if e.Outcome == "" {
		e.Outcome = "success"
	}
	o.add(e)
}

func (o *objects) processStart(e *processStart) {
	parent := o.parent(e.process.parent)
	p := o.process(e.process, true, parent)
	o.event(&e.header, stixEvent{Action: "process-started", Category: "process", Process: p, Parent: parent, User: o.user(e.process.user)})
}

func (o *objects) connection(e *connection) {
	t := stixTraffic{
		Type: "network-traffic", Start: stixTime(e.at), End: stixTime(e.last),
		Source: o.address(e.source.Addr()), Target: o.address(e.target.Addr()),
		SourcePort: e.source.Port(), TargetPort: e.target.Port(),
		Protocols: []string{"ipv4", e.protocol}, Sent: e.sent, Received: e.received,
	}
	if e.request != nil {
		t.Protocols = append(t.Protocols, "http")
		t.Extensions = map[string]any{"http-request-ext": stixRequest{
			Method: e.request.method, Value: e.request.path, Header: map[string]string{"User-Agent": e.request.agent},
		}}
	}
	traffic := o.add(t)
	var p string
	action := "connection-opened"
	if e.inbound {
		action = "connection-accepted"
		p = o.process(e.process, false, "")
	} else {
		p = o.process(e.process, false, "", traffic)
	}
	o.event(&e.header, stixEvent{Action: action, Category: "network", Process: p, Network: traffic})
}

func (o *objects) fileAccess(e *fileAccess) {
	f := o.file(e.file)
	p := o.process(e.process, false, "")
	o.event(&e.header, stixEvent{Action: string(e.action), Category: "file", Process: p, File: f})
}

func (o *objects) logon(e *logon) {
	out := stixEvent{Action: "user-logon", Category: "authentication", User: o.user(e.user), Logon: e.kind}
	if e.failed {
		out.Outcome = "failure"
	}
	if e.source.IsValid() {
		out.Network = o.add(stixTraffic{
			Type: "network-traffic", Source: o.address(e.source), Target: o.address(e.session.Addr()),
			TargetPort: e.session.Port(), Protocols: []string{"ipv4", "tcp"},
		})
	}
	out.Process = o.process(e.process, false, "")
	o.event(&e.header, out)
}

func (o *objects) lookup(e *lookup) {
	var answers []string
	for _, a := range e.answers {
		answers = append(answers, o.address(a))
	}
	domain := o.add(stixValue{Type: "domain-name", Value: e.name, Resolves: answers})
	traffic := o.add(stixTraffic{
		Type: "network-traffic", Start: stixTime(e.at), End: stixTime(e.at),
		Source: o.address(o.host.address), Target: o.address(e.server.Addr()), TargetPort: e.server.Port(),
		Protocols: []string{"ipv4", "udp", "dns"},
	})
	p := o.process(e.process, false, "", traffic)
	o.event(&e.header, stixEvent{Action: "name-resolved", Category: "network", Process: p, Network: traffic, Domain: domain})
}

func (o *objects) registrySet(e *registrySet) {
	key := o.add(stixKey{Type: "windows-registry-key", Key: e.key, Values: []stixKeyValue{{Name: e.value, Data: e.data, Type: "REG_SZ"}}})
	p := o.process(e.process, false, "")
	o.event(&e.header, stixEvent{Action: "registry-set", Category: "registry", Process: p, Registry: key})
}
