// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package main

import "net/netip"

// sysflow returns the document of an event as the exporter of Sysflow writes it:
// processes have no unique id, but the time of their start, and the host has the
// name of the exporter as its id.
func sysflow(e event) ecsDoc {
	h := e.head()
	d := ecsDoc{
		"@timestamp": ecsTime(h.at),
		"agent":      ecsDoc{"type": "SysFlow", "version": "0.6.3"},
		"ecs":        ecsDoc{"version": "1.7.0"},
		"host":       ecsDoc{"id": h.host.name, "ip": h.host.address.String()},
	}
	switch e := e.(type) {
	case *processStart:
		sysflowEvent(d, e, "process-start", "process", "start", "PE")
		sysflowProcess(d, e.process)
	case *connection:
		sysflowConnection(d, e)
	case *fileAccess:
		sysflowFile(d, e)
	case *logon:
		sysflowEvent(d, e, "network-connection-traffic", "network", "connection", "NF")
		sysflowProcess(d, e.process)
		if e.source.IsValid() {
			endpoints(d, netip.AddrPortFrom(e.source, 0), e.session, 0, 0)
			d["network"] = ecsDoc{"protocol": "tcp", "iana_number": "6"}
		}
	case *lookup:
		sysflowEvent(d, e, "network-connection-traffic", "network", "connection", "NF")
		sysflowProcess(d, e.process)
		endpoints(d, netip.AddrPortFrom(h.host.address, 0), e.server, 60, 120)
		d["network"] = ecsDoc{"protocol": "udp", "iana_number": "17"}
	case *registrySet: // there is none on Linux
	}
	return d
}

func sysflowEvent(d ecsDoc, e event, action, category, typ, kind string) {
	h := e.head()
	d["event"] = ecsDoc{
		"kind": "event", "action": action, "category": category, "type": typ, "sf_type": kind,
		"start": ecsTime(h.at), "end": ecsTime(h.at), "duration": 0,
	}
}

func sysflowProcess(d ecsDoc, p *process) {
	out := sysflowDetails(p)
	out["thread"] = ecsDoc{"id": p.pid}
	if p.parent != nil {
		out["parent"] = sysflowDetails(p.parent)
	}
	d["process"] = out
	d["user"] = ecsDoc{"id": p.user.id, "name": p.user.login}
}

func sysflowDetails(p *process) ecsDoc {
	out := ecsProcess(p)
	out["args"] = arguments(p.commandLine)
	out["start"] = ecsTime(p.start)
	return out
}

func sysflowConnection(d ecsDoc, e *connection) {
	sysflowEvent(d, e, "network-connection-traffic", "network", "connection", "NF")
	event := d["event"].(ecsDoc) //nolint:forcetypeassert // it was made one line above
	event["end"], event["duration"] = ecsTime(e.last), e.last.Sub(e.at).Nanoseconds()
	sysflowProcess(d, e.process)
	endpoints(d, e.source, e.target, e.sent, e.received)
	d["network"] = ecsDoc{"protocol": e.protocol, "bytes": e.sent + e.received}
}

func sysflowFile(d ecsDoc, e *fileAccess) {
	action := map[fileAction]string{fileRead: "file-access-read", fileWritten: "file-access-write", fileDeleted: "file-delete"}[e.action]
	sysflowEvent(d, e, action, "file", "access", "FF")
	sysflowProcess(d, e.process)
	d["file"] = ecsDoc{"name": e.file.name, "directory": e.file.dir, "path": e.file.path(), "type": "file"}
}
