// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"io"
	"net/netip"
	"strings"
	"time"
)

// The indices into which the documents go, one for each host.
const (
	webIndex  = "sysflow-incident"
	deskIndex = "winlogbeat-incident"
)

// writeECS writes an incident as documents of the Elastic Common Schema, in the
// form that the bulk operation of Elasticsearch and OpenSearch takes. The web
// server is watched by Sysflow, all day long; the workstation by Sysmon and the
// Windows security log, which winlogbeat ships.
func writeECS(w io.Writer, in *incident) error {
	out := bufio.NewWriter(w)
	for _, e := range in.events {
		h := e.head()
		index, write := deskIndex, winlogbeat
		if h.host.system == linux {
			index, write = webIndex, sysflow
		}
		action := ecsDoc{"create": ecsDoc{"_index": index, "_id": h.id}}
		for _, v := range []ecsDoc{action, write(e)} {
			if err := writeLine(out, v); err != nil {
				return err
			}
			out.WriteByte('\n')
		}
	}
	return out.Flush()
}

// An ecsDoc is a JSON object. Its names are written in order.
type ecsDoc map[string]any

func ecsTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

// path returns the whole path of a file.
func (f *file) path() string {
	switch {
	case strings.Contains(f.dir, `\`):
		return f.dir + `\` + f.name
	case f.dir == "/":
		return f.dir + f.name
	}
	return f.dir + "/" + f.name
}

// arguments returns what stands behind the program on a command line.
func arguments(commandLine string) string {
	_, rest, _ := strings.Cut(commandLine, " ")
	return rest
}

// ecsProcess is what Sysflow and Sysmon both say of a process.
func ecsProcess(p *process) ecsDoc {
	d := ecsDoc{"pid": p.pid, "name": p.name, "command_line": p.commandLine}
	if p.image != nil {
		d["executable"] = p.image.path()
	}
	return d
}

// endpoints adds source and destination of a connection.
func endpoints(d ecsDoc, source, target netip.AddrPort, sent, received int64) {
	side := func(a netip.AddrPort, bytes int64) ecsDoc {
		s := ecsDoc{"ip": a.Addr().String(), "address": a.Addr().String(), "bytes": bytes}
		if a.Port() != 0 {
			s["port"] = a.Port()
		}
		return s
	}
	d["source"], d["destination"] = side(source, sent), side(target, received)
}
