// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"
)

// writeECS writes n events as winlogbeat ships those of Sysmon, in the form that
// the bulk operation of Elasticsearch and OpenSearch takes; the index is named in
// its URL. A document has some 1,400 bytes. The events are those of a bundle made
// of the same seed in kind, not in detail.
func writeECS(w io.Writer, n int, seed uint64) error {
	out := bufio.NewWriterSize(w, 1<<20)
	f := newFleet(seed)
	var line []byte
	for i := range n {
		line = fmt.Appendf(line[:0], `{"create":{"_id":"e%07d"}}`+"\n", i)
		line = append(f.event(line), '\n')
		out.Write(line)
	}
	return out.Flush()
}

// event appends one document.
func (f *fleet) event(b []byte) []byte {
	f.now = f.now.Add(time.Duration(50+f.n(1450)) * time.Millisecond)
	at := f.now.Format("2006-01-02T15:04:05.000Z")
	m := f.hosts[f.n(len(f.hosts))]
	begins := f.n(100) < 35
	code, action, category := "3", "Network connection detected (rule: NetworkConnect)", `"network"`
	if begins {
		code, action, category = "1", "Process Create (rule: ProcessCreate)", `"process"`
	}
	b = fmt.Appendf(b, `{"@timestamp":"%[1]s","agent":{"name":"%[2]s","type":"winlogbeat","version":"8.17.0"},"ecs":{"version":"8.11.0"},`+
		`"event":{"action":"%[3]s","category":[%[4]s],"code":"%[5]s","created":"%[1]s","kind":"event","module":"sysmon","provider":"Microsoft-Windows-Sysmon","type":["start"]},`+
		`"host":{"name":"%[2]s","hostname":"%[2]s.corp.example","id":"0f2c6d1e-7777-4c1b-9d3e-%[2]s","ip":["%[6]s"],"mac":["00:16:3e:07:07:07"],"os":{"name":"Windows 11","platform":"windows","version":"10.0"}},`+
		`"log":{"level":"information"},"winlog":{"channel":"Microsoft-Windows-Sysmon/Operational","computer_name":"%[2]s.corp.example","event_id":"%[5]s","provider_name":"Microsoft-Windows-Sysmon","version":5},`,
		at, m.name, action, category, code, m.address)
	if begins {
		return append(f.beginning(b, m, at), '}')
	}
	return append(f.connecting(b, m), '}')
}

// beginning appends what the start of a process says.
func (f *fleet) beginning(b []byte, m *machine, at string) []byte {
	parent := m.running[f.n(len(m.running))]
	t := f.start(m)
	b = append(b, `"process":{`...)
	b = told(b, t)
	b = fmt.Appendf(b, `,"command_line":"%s","args":["%s\\%s","-k"],"hash":{"md5":"%s","sha256":"%s"},"start":"%s","working_directory":"C:\\Windows\\","parent":{`,
		t.command, t.program.dir, t.program.name, t.program.hash[:32], t.program.hash, at)
	b = told(b, parent)
	b = fmt.Appendf(b, `,"command_line":"%s"}},"related":{"hash":["%s"]},"user":{%s}`, parent.command, t.program.hash, login(t))
	return b
}

// connecting appends what a connection says.
func (f *fleet) connecting(b []byte, m *machine) []byte {
	t := m.running[f.n(len(m.running))]
	to := f.n(destinations)
	ports := [...]int{443, 443, 443, 443, 443, 443, 80, 53, 53, 445, 22, 3389, 8080, 4444}
	b = append(b, `"process":{`...)
	b = told(b, t)
	return fmt.Appendf(b, `},"source":{"ip":"%[1]s","address":"%[1]s","port":%[2]d},"destination":{"ip":"198.18.%[3]d.%[4]d","address":"198.18.%[3]d.%[4]d","port":%[5]d},`+
		`"network":{"transport":"tcp","type":"ipv4","direction":"egress","community_id":"1:6dUwOKqWNmO0l0Iy2Nrm1j0pJ+Q="},"related":{"ip":["%[1]s","198.18.%[3]d.%[4]d"]},"user":{%[6]s}`,
		m.address, 49152+f.n(16384), to/250, 1+to%250, ports[f.n(len(ports))], login(t))
}

// told appends what every event says of a process.
func told(b []byte, t *task) []byte {
	return fmt.Appendf(b, `"entity_id":"{%s}","executable":"%s\\%s","name":"%s","pid":%d`, t.guid, t.program.dir, t.program.name, t.program.name, t.pid)
}

// login returns the user of a process in the words of ECS.
func login(t *task) string {
	return strings.NewReplacer(`"user_id": `, `"domain":"CORP","id":`, ` "account_login": `, `"name":`).Replace(t.user)
}
