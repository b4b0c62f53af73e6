// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

//go:build integration

package original_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"
)

// A network is what a generated bundle is about. What is said of a thing never
// changes from record to record, though not every record says all of it: the
// original keeps what it read last, which is not always what was seen last.
type network struct {
	rnd       *rand.Rand
	options   options
	processes []process
	files     []file
	users     []string
	hosts     []string // addresses
	bundle    []map[string]any
	start     time.Time
	n         int // records made
}

// options are what bundles differ in.
type options struct {
	ipv6     bool // some addresses are of version 6
	contains bool // directories list their files, in place of files naming their directory
	circle   bool // a process is its own grandparent
}

type process struct {
	id, name, command string
	pid               int
	parent            int // index, -1 for none
	file              int
	user              string
}

type file struct{ name, dir, sha256 string }

type object = map[string]any

var (
	programs = []string{"cmd.exe", "powershell.exe", "node", "sh", "bash", "svchost.exe", "wmic.exe", "sshd"}
	words    = []string{"-c 'id'", `say "hello"`, "100% sure", "café", "日本語", "a_b", `C:\Users\joe\x.ps1`, "plain", "tab\there", "x; y"}
	folders  = []string{`C:\Windows\System32`, "/usr/bin", "/tmp/é"}
	ports    = []int{22, 53, 80, 443, 3128, 8080}
)

func newNetwork(seed uint64, o options) *network {
	n := &network{
		rnd: rand.New(rand.NewPCG(seed, 1)), options: o,
		start: time.Date(2024, 2, 29, 23, 50, 0, 0, time.UTC),
		users: []string{"root", "joe", "O'Brien", "françois"},
	}
	for i := range 6 {
		n.files = append(n.files, file{programs[i], folders[i%len(folders)], fmt.Sprintf("%064x", i+1)})
	}
	for i := range 14 {
		f := n.rnd.IntN(len(n.files))
		n.processes = append(n.processes, process{
			id: fmt.Sprintf("{%08d-AB}", i), name: n.files[f].name, file: f,
			command: n.files[f].name + " " + pick(n.rnd, words) + fmt.Sprint(" ", i),
			pid:     100 + n.rnd.IntN(8), parent: n.rnd.IntN(i+1) - 1, user: pick(n.rnd, n.users),
		})
	}
	if o.circle {
		n.processes[0].parent = 2
		n.processes[2].parent = 1
		n.processes[1].parent = 0
	}
	for i := range 7 {
		n.hosts = append(n.hosts, fmt.Sprintf("10.0.%d.%d", i%3, i+1))
	}
	if o.ipv6 {
		n.hosts = append(n.hosts, "fe80::1", "2001:db8::2")
	}
	return n
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// chance is true one time in n.
func (n *network) chance(in int) bool { return n.rnd.IntN(in) == 0 }

// write makes the bundle and writes it to a file.
func (n *network) write(t *testing.T, path string, records int) {
	t.Helper()
	scenes := []func(*record){
		n.creation, n.creation, n.creation, n.creation, n.connection, n.connection, n.connection,
		n.fileSeen, n.mail, n.payload, n.tunnel, n.addresses, n.oddities,
	}
	for i := range records {
		r := &record{objects: object{}}
		scenes[i%len(scenes)](r)
		n.bundle = append(n.bundle, n.observed(r))
	}
	text, err := json.Marshal(object{"type": "bundle", "id": "bundle--" + uuid(0), "spec_version": "2.0", "objects": n.bundle})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (n *network) observed(r *record) object {
	n.n++
	first := n.moment()
	return object{
		"type": "observed-data", "id": "observed-data--" + uuid(n.n), "created_by_ref": "identity--" + uuid(1),
		"created": stamp(first), "modified": stamp(first),
		"first_observed": stamp(first), "last_observed": stamp(first.Add(time.Duration(n.rnd.IntN(3)) * time.Second)),
		"number_observed": 1 + n.rnd.IntN(3)/2, "objects": r.objects,
	}
}

// moment is when the record being made was first observed.
func (n *network) moment() time.Time { return n.start.Add(time.Duration(n.n) * 20 * time.Second) }

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func uuid(n int) string { return fmt.Sprintf("%08x-1234-4abc-8def-0123456789ab", n) }

// A record is the objects of one observation.
type record struct{ objects object }

// add puts an object into the record and returns its key.
func (r *record) add(o object) string {
	key := fmt.Sprint(len(r.objects))
	r.objects[key] = o
	return key
}

// thing is add for what a record holds once, since the original would count a
// second one: it is told apart by one property.
func (r *record) thing(o object, by string) string {
	for key, old := range r.objects {
		if old := old.(object); old["type"] == o["type"] && old[by] == o[by] {
			return key
		}
	}
	return r.add(o)
}

// user, file, address and process add a thing to a record and return its key.

func (n *network) user(r *record, name string) string {
	return r.thing(object{"type": "user-account", "user_id": name}, "user_id")
}

func (n *network) file(r *record, i int) string {
	f := n.files[i]
	o := object{"type": "file", "name": f.name, "hashes": object{"SHA-256": f.sha256}}
	key := r.thing(o, "name")
	dir := r.thing(object{"type": "directory", "path": f.dir}, "path")
	if n.options.contains {
		r.objects[dir].(object)["contains_refs"] = []string{key}
	} else {
		r.objects[key].(object)["parent_directory_ref"] = dir
	}
	return key
}

func (n *network) address(r *record, value string) string {
	typ := "ipv4-addr"
	for _, c := range value {
		if c == ':' {
			typ = "ipv6-addr"
		}
	}
	return r.thing(object{"type": typ, "value": value}, "value")
}

// process adds what a record may say of a process: always its identity and name.
func (n *network) process(r *record, i int) (string, object) {
	p := n.processes[i]
	o := object{"type": "process", "x_unique_id": p.id, "name": p.name, "pid": p.pid}
	if !n.chance(3) {
		o["command_line"] = p.command
	}
	key := r.thing(o, "x_unique_id")
	return key, r.objects[key].(object)
}

// creation is a process that starts: with its parent, its file and its user.
func (n *network) creation(r *record) {
	i := n.rnd.IntN(len(n.processes))
	p := n.processes[i]
	_, o := n.process(r, i)
	o["created"] = stamp(n.start.Add(time.Duration(i) * time.Second))
	o["binary_ref"] = n.file(r, p.file)
	o["creator_user_ref"] = n.user(r, p.user)
	if p.parent >= 0 {
		key, parent := n.process(r, p.parent)
		o["parent_ref"] = key
		if n.chance(2) {
			parent["binary_ref"] = n.file(r, n.processes[p.parent].file)
		}
	}
}

// traffic adds a connection between two addresses. No two begin at one moment.
func (n *network) traffic(r *record, src, dst string) (string, object) {
	start := n.moment().Add(time.Duration(len(r.objects)) * time.Millisecond)
	o := object{
		"type": "network-traffic", "start": stamp(start), "end": stamp(start.Add(time.Second)),
		"src_ref": src, "dst_ref": dst, "protocols": []string{"ip", "tcp"},
	}
	if n.chance(6) {
		o["protocols"] = []string{"ip", "icmp"}
	} else {
		o["src_port"], o["dst_port"] = 40000+n.n, pick(n.rnd, ports)
	}
	return r.add(o), o
}

// connection is a process that opens one connection or two.
func (n *network) connection(r *record) {
	_, o := n.process(r, n.rnd.IntN(len(n.processes)))
	var opened []string
	for range 1 + n.rnd.IntN(2) {
		key, nt := n.traffic(r, n.address(r, pick(n.rnd, n.hosts)), n.address(r, pick(n.rnd, n.hosts)))
		nt["src_byte_count"] = n.rnd.IntN(5000)
		nt["src_port"] = 50000 + 2*n.n + len(opened)
		opened = append(opened, key)
	}
	o["opened_connection_refs"] = opened
}

func (n *network) fileSeen(r *record) {
	key := n.file(r, n.rnd.IntN(len(n.files)))
	if n.chance(2) {
		r.objects[key].(object)["content_ref"] = r.add(object{"type": "artifact", "payload_bin": "aGVsbG8=", "mime_type": "text/plain"})
	}
}

// mail is a message. Only To is used: the original looks at one of To, Cc and Bcc.
func (n *network) mail(r *record) {
	address := func() string {
		return r.thing(object{"type": "email-addr", "value": fmt.Sprintf("%s@example.com", pick(n.rnd, []string{"ann", "bob", "cy"}))}, "value")
	}
	r.add(object{
		"type": "email-message", "is_multipart": false, "subject": fmt.Sprint("message ", n.n), "date": stamp(n.moment()),
		"from_ref": address(), "to_refs": []string{address()},
	})
}

func (n *network) payload(r *record) {
	_, nt := n.traffic(r, n.address(r, n.hosts[0]), n.address(r, n.hosts[1]))
	nt["src_payload_ref"] = r.add(object{"type": "artifact", "payload_bin": "cGF5bG9hZA==", "mime_type": "text/plain"})
	if n.chance(2) {
		nt["dst_payload_ref"] = r.add(object{"type": "artifact", "payload_bin": "YW5zd2Vy", "mime_type": "text/plain"})
	}
}

func (n *network) tunnel(r *record) {
	outer, o := n.traffic(r, n.address(r, n.hosts[2]), n.address(r, n.hosts[3]))
	o["src_port"] = 1000 + n.n
	_, inner := n.traffic(r, n.address(r, n.hosts[4]), n.address(r, n.hosts[5]))
	inner["encapsulated_by_ref"] = outer
}

// addresses are names, cards and systems behind addresses and connections.
func (n *network) addresses(r *record) {
	as := r.thing(object{"type": "autonomous-system", "number": 64512 + n.rnd.IntN(2), "name": "AS"}, "number")
	src := n.address(r, n.hosts[n.rnd.IntN(3)])
	r.objects[src].(object)["belongs_to_refs"] = []string{as}
	dst := r.add(object{"type": "domain-name", "value": pick(n.rnd, []string{"example.com", "example.org"})})
	if n.chance(2) {
		dst = r.add(object{"type": "mac-addr", "value": "00:00:5e:00:53:0" + fmt.Sprint(n.rnd.IntN(3))})
	}
	n.traffic(r, src, dst)
}

// oddities are types that few hunts know. Registry keys are not among them: the
// original takes each for another (Q76).
func (n *network) oddities(r *record) {
	r.add(object{"type": "software", "name": pick(n.rnd, words), "vendor": "x"})
	r.add(object{"type": "url", "value": "http://example.com/?q=" + pick(n.rnd, []string{"a", "b'c", "d%20e"})})
	r.add(object{"type": "mutex", "name": pick(n.rnd, words)})
}
