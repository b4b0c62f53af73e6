// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"time"
)

// A fleet is a number of machines on which processes start and connect.
type fleet struct {
	src      *rand.PCG
	now      time.Time
	hosts    []*machine
	programs []*program
}

// A machine is one host with the processes that run on it, as quoted JSON.
type machine struct {
	name, address string
	running       []*task
}

// A task is a process. Its fields stand ready to be written.
type task struct {
	pid     int
	program *program
	command string // as JSON
	guid    string
	user    string // as JSON members
}

// A program is something that processes run.
type program struct {
	name, dir string // as JSON
	hash      string
	weight    int
}

const (
	machines     = 50
	users        = 100
	destinations = 2000
	mostRunning  = 60
)

// programs are what runs, more or less often.
func programs() []*program {
	const system = `C:\\Windows\\System32`
	list := []*program{
		{name: "svchost.exe", dir: system, weight: 30},
		{name: "chrome.exe", dir: `C:\\Program Files\\Google\\Chrome\\Application`, weight: 20},
		{name: "firefox.exe", dir: `C:\\Program Files\\Mozilla Firefox`, weight: 10},
		{name: "cmd.exe", dir: system, weight: 8},
		{name: "conhost.exe", dir: system, weight: 8},
		{name: "powershell.exe", dir: system + `\\WindowsPowerShell\\v1.0`, weight: 5},
		{name: "explorer.exe", dir: `C:\\Windows`, weight: 4},
		{name: "services.exe", dir: system, weight: 3},
		{name: "rundll32.exe", dir: system, weight: 3},
		{name: "python.exe", dir: `C:\\Program Files\\Python`, weight: 3},
		{name: "WMIC.exe", dir: system + `\\wbem`, weight: 2},
		{name: "notepad.exe", dir: system, weight: 2},
		{name: "msiexec.exe", dir: system, weight: 1},
		{name: "mimikatz.exe", dir: `C:\\Temp`, weight: 1},
	}
	for _, p := range list {
		p.hash = fmt.Sprintf("%x", sha256.Sum256([]byte(p.dir+p.name)))
	}
	return list
}

func newFleet(seed uint64) *fleet {
	f := &fleet{src: rand.NewPCG(seed, 0x6b65737472656c), now: time.Date(2026, time.February, 2, 0, 0, 0, 0, time.UTC), programs: programs()}
	for i := range machines {
		m := &machine{name: fmt.Sprintf("PC-%03d", i), address: fmt.Sprintf("10.9.%d.%d", i/100, 10+i%100)}
		f.hosts = append(f.hosts, m)
		f.start(m)
	}
	return f
}

func (f *fleet) n(limit int) int { return int(f.src.Uint64() % uint64(limit)) }

func (f *fleet) uuid() string {
	a, b := f.src.Uint64(), f.src.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", uint32(a), uint16(a>>32), uint16(a>>48)&0xfff, uint16(b>>48)&0x3fff|0x8000, b&(1<<48-1))
}

// start adds a process to a machine; when too many run, one of the older ends.
func (f *fleet) start(m *machine) *task {
	total := 0
	for _, p := range f.programs {
		total += p.weight
	}
	at, i := f.n(total), 0
	for at >= f.programs[i].weight {
		at -= f.programs[i].weight
		i++
	}
	p := f.programs[i]
	t := &task{
		pid: 4 * (1 + f.n(16000)), program: p, guid: f.uuid(),
		command: fmt.Sprintf(`\"%s\\%s\" -k %d`, p.dir, p.name, f.n(1_000_000)),
	}
	t.user = `"user_id": "S-1-5-18", "account_login": "SYSTEM"`
	if u := f.n(users + 1); u < users {
		t.user = fmt.Sprintf(`"user_id": "S-1-5-21-7700-%d", "account_login": "user%03d"`, 1000+u, u)
	}
	m.running = append(m.running, t)
	if len(m.running) > mostRunning {
		old := 1 + f.n(len(m.running)-2)
		m.running[old] = m.running[len(m.running)-1]
		m.running = m.running[:len(m.running)-1]
	}
	return t
}

// record appends one observed-data object of eight objects.
func (f *fleet) record(b []byte, identity string) []byte {
	f.now = f.now.Add(time.Duration(50+f.n(1450)) * time.Millisecond)
	at := f.now.Format("2006-01-02T15:04:05.000Z")
	b = fmt.Appendf(b, `{"type": "observed-data", "id": "observed-data--%s", "created_by_ref": "identity--%s", "created": "%[3]s", "modified": "%[3]s", `+
		`"first_observed": "%[3]s", "last_observed": "%[3]s", "number_observed": 1, "objects": {`, f.uuid(), identity, at)
	m := f.hosts[f.n(len(f.hosts))]
	if f.n(100) < 35 {
		b = f.began(b, m, at)
	} else {
		b = f.connected(b, m, at)
	}
	return fmt.Appendf(b, `, "7": {"type": "x-oca-asset", "hostname": "%s"}}}`, m.name)
}

// began appends the objects of a process that starts.
func (f *fleet) began(b []byte, m *machine, at string) []byte {
	parent := m.running[f.n(len(m.running))]
	t := f.start(m)
	b = image(b, 0, parent.program)
	b = fmt.Appendf(b, `, "2": {"type": "process", "name": "%s", "pid": %d, "command_line": "%s", "binary_ref": "1", "x_unique_id": "%s"}, `,
		parent.program.name, parent.pid, parent.command, parent.guid)
	b = image(b, 3, t.program)
	return fmt.Appendf(b, `, "5": {"type": "user-account", %s}, "6": {"type": "process", "name": "%s", "pid": %d, "command_line": "%s", "binary_ref": "4", `+
		`"x_unique_id": "%s", "parent_ref": "2", "creator_user_ref": "5", "created": "%s"}`,
		t.user, t.program.name, t.pid, t.command, t.guid, at)
}

// connected appends the objects of a connection.
func (f *fleet) connected(b []byte, m *machine, at string) []byte {
	t := m.running[f.n(len(m.running))]
	to := f.n(destinations)
	ports := [...]int{443, 443, 443, 443, 443, 443, 80, 53, 53, 445, 22, 3389, 8080, 4444}
	b = fmt.Appendf(b, `"0": {"type": "ipv4-addr", "value": "%s"}, "1": {"type": "ipv4-addr", "value": "198.18.%d.%d"}, `+
		`"2": {"type": "network-traffic", "src_ref": "0", "dst_ref": "1", "src_port": %d, "dst_port": %d, "protocols": ["tcp"]}, `,
		m.address, to/250, 1+to%250, 49152+f.n(16384), ports[f.n(len(ports))])
	b = image(b, 3, t.program)
	return fmt.Appendf(b, `, "5": {"type": "user-account", %s}, "6": {"type": "process", "name": "%s", "pid": %d, "command_line": "%s", "binary_ref": "4", `+
		`"x_unique_id": "%s", "opened_connection_refs": ["2"], "creator_user_ref": "5", "created": "%s"}`,
		t.user, t.program.name, t.pid, t.command, t.guid, at)
}

// image appends the directory and the file of a program, as objects at and at+1.
func image(b []byte, at int, p *program) []byte {
	return fmt.Appendf(b, `"%d": {"type": "directory", "path": "%s"}, "%d": {"type": "file", "name": "%s", "parent_directory_ref": "%d", "hashes": {"SHA-256": "%s"}}`,
		at, p.dir, at+1, p.name, at, p.hash)
}
