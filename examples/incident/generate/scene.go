// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"net/netip"
	"slices"
	"time"
)

// A scene collects what happens, in any order; finish puts it in the order of
// the clock and gives processes and records their ids.
type scene struct {
	seed uint64
	day  time.Time
	network

	processes []*process
	events    []event
	pinned    map[*process]*process // process ids that are used again
}

// newIncident lets the day happen.
func newIncident(seed uint64) *incident {
	s := &scene{
		seed:    seed,
		day:     time.Date(2026, time.March, 17, 0, 0, 0, 0, time.UTC),
		network: newNetwork(),
		pinned:  map[*process]*process{},
	}
	web := s.bootWeb()
	desk := s.bootDesk()
	s.webWork(web)
	s.deskWork(desk)
	s.intrusion(web, desk)
	s.finish()
	return &incident{day: s.day, events: s.events}
}

// at returns a moment of the day: at(13, 2, 11.5).
func (s *scene) at(hour, minute int, second float64) time.Time {
	return s.day.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute +
		time.Duration(second*1000)*time.Millisecond)
}

// each calls f about every so often between two moments, up to jitter late.
func (s *scene) each(d *dice, from, to time.Time, every, jitter time.Duration, f func(time.Time)) {
	for t := from; t.Before(to); t = t.Add(every) {
		f(t.Add(d.span(jitter)))
	}
}

// A run describes a process to be started.
type run struct {
	name, command string
	image         *file
	user          *user
	dir           string
	lasts         time.Duration // zero: to the end of the day
	act           act
}

// exists adds a process that began before anyone looked.
func (s *scene) exists(parent *process, h *host, pid int, r run, start time.Time) *process {
	p := s.process(parent, h, r, start)
	p.pid = pid
	return p
}

// start adds a process and the event of its start, seen on the host of parent.
func (s *scene) start(parent *process, at time.Time, r run) *process {
	if r.user == nil {
		r.user = parent.user
	}
	p := s.process(parent, parent.host, r, at)
	s.events = append(s.events, &processStart{header{at: at, host: p.host, act: r.act}, p})
	return p
}

func (s *scene) process(parent *process, h *host, r run, start time.Time) *process {
	p := &process{
		host: h, name: r.name, image: r.image, commandLine: r.command, dir: r.dir,
		user: r.user, parent: parent, start: start, act: r.act,
		end: s.day.Add(24 * time.Hour),
	}
	if r.lasts > 0 {
		p.end = start.Add(r.lasts)
	}
	s.processes = append(s.processes, p)
	return p
}

// A flow describes a connection to be made.
type flow struct {
	to             netip.AddrPort
	from           uint16 // source port
	sent, received int64
	count          int           // zero: once
	lasts          time.Duration // between the first and the last time it was seen
	act            act
}

// connect adds a connection from a process to somewhere.
func (s *scene) connect(p *process, at time.Time, f flow) {
	s.events = append(s.events, &connection{
		header:  header{at: at, host: p.host, act: f.act},
		process: p, protocol: "tcp",
		source: netip.AddrPortFrom(p.host.address, f.from), target: f.to,
		sent: f.sent, received: f.received,
		count: max(1, f.count), last: at.Add(f.lasts),
	})
}

// accept adds a connection from somewhere to a process; port is ours.
func (s *scene) accept(p *process, at time.Time, from netip.AddrPort, port uint16, f flow, req *httpRequest) {
	s.events = append(s.events, &connection{
		header:  header{at: at, host: p.host, act: f.act},
		process: p, protocol: "tcp", inbound: true,
		source: from, target: netip.AddrPortFrom(p.host.address, port),
		sent: f.sent, received: f.received,
		count: max(1, f.count), last: at.Add(f.lasts), request: req,
	})
}

// touch adds that a process read, wrote or deleted a file.
func (s *scene) touch(p *process, at time.Time, action fileAction, f *file, a act) {
	s.events = append(s.events, &fileAccess{header{at: at, host: p.host, act: a}, p, action, f})
}

// resolve adds that a process asked for the addresses of a name.
func (s *scene) resolve(p *process, at time.Time, name string, a act) {
	s.events = append(s.events, &lookup{
		header{at: at, host: p.host, act: a}, p, s.nameServer, name, []netip.Addr{s.addressOf(name)},
	})
}

// finish orders the events by time and hands out process ids, GUIDs and record
// ids in that order.
func (s *scene) finish() {
	slices.SortStableFunc(s.processes, func(a, b *process) int { return a.start.Compare(b.start) })
	s.numberProcesses(s.web, pidsLinux)
	s.numberProcesses(s.desk, pidsWindows)
	for again, first := range s.pinned {
		again.pid = first.pid
	}
	d := newDice(s.seed, "guid")
	for _, p := range s.processes {
		p.guid = d.uuid()
		if s.plainSensor(p.host, p.start) {
			p.guid = ""
		}
	}
	slices.SortStableFunc(s.events, func(a, b event) int {
		return cmp.Or(a.head().at.Compare(b.head().at), cmp.Compare(a.head().host.name, b.head().host.name))
	})
	d = newDice(s.seed, "record")
	for _, e := range s.events {
		h := e.head()
		h.id = d.uuid()
		h.plain = s.plainSensor(h.host, h.at)
	}
}

// plainSensor reports whether only the audit log of the kernel watched a host
// at that time. On the web server it did twice: before the agent was installed
// at half past eight, and while the agent updated itself after lunch.
func (s *scene) plainSensor(h *host, at time.Time) bool {
	if h != s.web {
		return false
	}
	installed := s.at(8, 30, 0)
	updating, updated := s.at(13, 6, 0), s.at(13, 24, 0)
	return at.Before(installed) || !at.Before(updating) && at.Before(updated)
}

// numberProcesses gives the processes of a host that have no id yet the ids
// that next returns, skipping those of processes that still run.
func (s *scene) numberProcesses(h *host, next func(d *dice, last int) int) {
	d := newDice(s.seed, "pid "+h.name)
	busy := map[int]time.Time{} // process id to the end of its process
	last := 21400
	for _, p := range s.processes {
		if p.host != h {
			continue
		}
		if p.pid == 0 {
			last = next(d, last)
			for busy[last].After(p.start) {
				last = next(d, last)
			}
			p.pid = last
		}
		busy[p.pid] = p.end
	}
}

// pidsLinux counts up, past processes too short to be seen, and begins anew at
// 32768: ids are used again several times a day.
func pidsLinux(d *dice, last int) int {
	next := last + d.in(1, 150)
	if next >= 32768 {
		return 300 + d.n(100)
	}
	return next
}

// pidsWindows draws multiples of four from a small range.
func pidsWindows(d *dice, _ int) int { return 4 * d.in(250, 4000) }
