// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/netip"
	"path"
	"strings"
)

// winlogbeat returns the document of an event as winlogbeat writes those of
// Sysmon, and logons as the Windows security log has them.
func winlogbeat(e event) ecsDoc {
	h := e.head()
	d := ecsDoc{
		"@timestamp": ecsTime(h.at),
		"agent":      ecsDoc{"name": h.host.name, "type": "winlogbeat", "version": "8.17.0"},
		"ecs":        ecsDoc{"version": "8.11.0"},
		"host": ecsDoc{
			"name": h.host.name, "hostname": h.host.name, "id": h.host.id, "ip": []string{h.host.address.String()}, "mac": []string{h.host.mac},
			"os": ecsDoc{"name": "Windows 11", "platform": "windows", "version": "10.0"},
		},
		"log": ecsDoc{"level": "information"},
	}
	switch e := e.(type) {
	case *processStart:
		sysmon(d, e, "1", "Process Create (rule: ProcessCreate)", []string{"process"}, []string{"start"}, e.process)
		started(d, e.process)
	case *connection:
		sysmon(d, e, "3", "Network connection detected (rule: NetworkConnect)", []string{"network"}, []string{"start", "connection", "protocol"}, e.process)
		endpoints(d, e.source, e.target, e.sent, e.received)
		direction := "egress"
		if e.inbound {
			direction = "ingress"
		}
		d["network"] = ecsDoc{"transport": e.protocol, "type": "ipv4", "direction": direction}
	case *fileAccess:
		accessed(d, e)
	case *logon:
		entered(d, e)
	case *lookup:
		sysmon(d, e, "22", "Dns query (rule: DnsQuery)", []string{"network"}, []string{"connection", "protocol", "info"}, e.process)
		asked(d, e)
	case *registrySet:
		sysmon(d, e, "13", "Registry value set (rule: RegistryEvent)", []string{"configuration", "registry"}, []string{"change"}, e.process)
		d["registry"] = registryValue(e)
	}
	return d
}

// sysmon adds what all events of Sysmon have.
func sysmon(d ecsDoc, e event, code, action string, category, typ []string, p *process) {
	d["event"] = ecsDoc{
		"action": action, "category": category, "type": typ, "code": code, "kind": "event",
		"module": "sysmon", "provider": "Microsoft-Windows-Sysmon", "created": ecsTime(e.head().at),
	}
	d["winlog"] = ecsDoc{
		"channel": "Microsoft-Windows-Sysmon/Operational", "computer_name": e.head().host.name, "event_id": code,
		"provider_name": "Microsoft-Windows-Sysmon",
	}
	d["process"] = sysmonProcess(p)
	d["user"] = ecsUser(p.user)
}

func sysmonProcess(p *process) ecsDoc {
	out := ecsProcess(p)
	delete(out, "command_line") // Sysmon says it once, when the process starts
	out["entity_id"] = "{" + p.guid + "}"
	return out
}

func ecsUser(u *user) ecsDoc {
	return ecsDoc{"name": u.login, "id": u.id, "domain": u.domain}
}

// started adds what the event of a start says besides.
func started(d ecsDoc, p *process) {
	out := sysmonProcess(p)
	out["command_line"] = p.commandLine
	out["args"] = strings.Fields(p.commandLine)
	out["start"] = ecsTime(p.start)
	if p.dir != "" {
		out["working_directory"] = p.dir
	}
	if p.image != nil {
		h := hashes(p.image.content)
		out["hash"] = ecsDoc{"md5": h["MD5"], "sha256": h["SHA-256"]}
		d["related"] = ecsDoc{"hash": []string{h["MD5"], h["SHA-256"]}, "user": []string{p.user.login}}
	}
	if p.parent != nil {
		parent := sysmonProcess(p.parent)
		parent["command_line"] = p.parent.commandLine
		out["parent"] = parent
	}
	d["process"] = out
}

func accessed(d ecsDoc, e *fileAccess) {
	code, action, typ := "11", "File created (rule: FileCreate)", "creation"
	switch e.action {
	case fileDeleted:
		code, action, typ = "23", "File Delete archived (rule: FileDelete)", "deletion"
	case fileRead: // Sysmon does not see it; the security log does
		code, action, typ = "4663", "An attempt was made to access an object", "access"
	case fileWritten:
	}
	sysmon(d, e, code, action, []string{"file"}, []string{typ}, e.process)
	d["file"] = ecsDoc{
		"name": e.file.name, "directory": e.file.dir, "path": e.file.path(), "size": e.file.size,
		"extension": strings.TrimPrefix(path.Ext(e.file.name), "."),
	}
}

// entered adds a logon, as event 4624 or 4625 of the security log says it.
func entered(d ecsDoc, e *logon) {
	code, outcome := "4624", "success"
	if e.failed {
		code, outcome = "4625", "failure"
	}
	kind := map[string]int{"interactive": 2, "network": 3, "service": 5}[e.kind]
	sysmon(d, e, code, "logged-in", []string{"authentication"}, []string{"start"}, e.process)
	event := d["event"].(ecsDoc) //nolint:forcetypeassert // sysmon made it
	event["module"], event["provider"], event["outcome"] = "security", "Microsoft-Windows-Security-Auditing", outcome
	d["winlog"] = ecsDoc{
		"channel": "Security", "computer_name": e.host.name, "event_id": code, "provider_name": "Microsoft-Windows-Security-Auditing",
		"logon": ecsDoc{"type": kind},
	}
	process := ecsProcess(e.process)
	delete(process, "command_line")
	d["process"], d["user"] = process, ecsUser(e.user)
	if e.source.IsValid() {
		endpoints(d, netip.AddrPortFrom(e.source, 0), e.session, 0, 0)
		d["network"] = ecsDoc{"transport": "tcp"}
	}
}

func asked(d ecsDoc, e *lookup) {
	var answers []ecsDoc
	var addresses []string
	for _, a := range e.answers {
		answers = append(answers, ecsDoc{"type": "A", "data": a.String()})
		addresses = append(addresses, a.String())
	}
	d["dns"] = ecsDoc{"question": ecsDoc{"name": e.name}, "answers": answers, "resolved_ip": addresses}
	d["network"] = ecsDoc{"protocol": "dns"}
}

// registryValue returns a value as winlogbeat takes its path apart.
func registryValue(e *registrySet) ecsDoc {
	short := strings.NewReplacer("HKEY_LOCAL_MACHINE", "HKLM", "HKEY_USERS", "HKU").Replace(e.key)
	hive, key, _ := strings.Cut(short, `\`)
	return ecsDoc{
		"hive": hive, "key": key, "path": short + `\` + e.value, "value": e.value,
		"data": ecsDoc{"strings": []string{e.data}, "type": "SZ"},
	}
}
