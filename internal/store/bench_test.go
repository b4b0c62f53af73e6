// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// A simulation makes records as sensors on Windows hosts do, eight objects in
// each: a third are starts of processes, with the parent process, their files,
// folders, account and host; the others connections.
type simulation struct {
	r     *rand.Rand
	n     int
	at    time.Time
	procs []simulated
}

type simulated struct {
	name, path, command, guid, user string
	pid                             int64
}

func newSimulation() *simulation {
	s := &simulation{r: rand.New(rand.NewPCG(1, 2)), at: time.Date(2023, 3, 1, 0, 0, 0, 0, time.UTC)}
	for range 1000 {
		s.procs = append(s.procs, s.process())
	}
	return s
}

var programs = []string{"svchost.exe", "cmd.exe", "powershell.exe", "conhost.exe", "explorer.exe", "chrome.exe", "firefox.exe", "notepad.exe", "python.exe", "mimikatz.exe"}

func (s *simulation) process() simulated {
	name := programs[s.r.IntN(len(programs))]
	return simulated{
		name: name, path: `C:\Windows\System32`, pid: int64(s.r.IntN(1<<14)) * 4,
		command: fmt.Sprintf(`"C:\Windows\System32\%s" -k %d`, name, s.r.IntN(1000000)),
		guid:    s.uuid(), user: fmt.Sprintf("S-1-5-21-1000-%d", s.r.IntN(100)),
	}
}

func (s *simulation) uuid() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], s.r.Uint64())
	binary.BigEndian.PutUint64(b[8:], s.r.Uint64())
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// records makes the next records.
func (s *simulation) records(n int) []entity.Record {
	out := make([]entity.Record, n)
	for i := range out {
		s.n++
		s.at = s.at.Add(time.Duration(s.r.IntN(1500)+50) * time.Millisecond)
		t := entity.TimeOf(s.at, 3)
		r := entity.Record{ID: "observed-data--" + s.uuid(), First: t, Last: t, Count: 1, Locator: entity.Locator{File: "bundle.json", Offset: int64(s.n) * 1342, Length: 1342}}
		r.Raw = []byte(r.ID)
		at := s.r.IntN(len(s.procs))
		if s.r.IntN(100) < 35 {
			parent := s.emit(&r, s.procs[at])
			s.procs[at] = s.process()
			p := s.emit(&r, s.procs[at])
			r.Objects[p].Links = append(r.Objects[p].Links, entity.Link{Name: "parent_ref", Target: parent})
			s.finish(&r, p, s.procs[at].user, t)
		} else {
			host := s.add(&r, "ipv4-addr", text("value", fmt.Sprintf("10.1.0.%d", at%50)))
			peer := s.add(&r, "ipv4-addr", text("value", fmt.Sprintf("203.0.%d.%d", s.r.IntN(8), s.r.IntN(250))))
			c := s.add(&r, "network-traffic", integer("src_port", int64(49152+s.r.IntN(16000))), integer("dst_port", 443), entity.Attr{Name: "protocols", Value: entity.JSONValue(`["tcp"]`)})
			r.Objects[c].Links = []entity.Link{{Name: "src_ref", Target: host}, {Name: "dst_ref", Target: peer}}
			p := s.emit(&r, s.procs[at])
			r.Objects[p].Links = append(r.Objects[p].Links, entity.Link{Name: "opened_connection_refs", Many: true, Target: c})
			s.finish(&r, p, s.procs[at].user, t)
		}
		entity.Identify(&r)
		out[i] = r
	}
	return out
}

func text(name, value string) entity.Attr {
	return entity.Attr{Name: name, Value: entity.StringValue(value)}
}

func integer(name string, value int64) entity.Attr {
	return entity.Attr{Name: name, Value: entity.IntValue(value)}
}

func (s *simulation) add(r *entity.Record, typ string, attrs ...entity.Attr) int {
	r.Objects = append(r.Objects, entity.Object{Type: typ, Key: fmt.Sprint(len(r.Objects)), Attrs: attrs})
	return len(r.Objects) - 1
}

func (s *simulation) emit(r *entity.Record, p simulated) int {
	d := s.add(r, "directory", text("path", p.path))
	f := s.add(r, "file", text("name", p.name), text("hashes.'SHA-256'", "0011223344556677889900112233445566778899001122334455667788990011"))
	r.Objects[f].Links = []entity.Link{{Name: "parent_directory_ref", Target: d}}
	o := s.add(r, "process", text("name", p.name), integer("pid", p.pid), text("command_line", p.command), text("x_unique_id", p.guid))
	r.Objects[o].Links = []entity.Link{{Name: "binary_ref", Target: f}}
	return o
}

func (s *simulation) finish(r *entity.Record, p int, user string, t entity.Time) {
	u := s.add(r, "user-account", text("user_id", user))
	r.Objects[p].Links = append(r.Objects[p].Links, entity.Link{Name: "creator_user_ref", Target: u})
	r.Objects[p].Attrs = append(r.Objects[p].Attrs, text("created", t.String()))
	s.add(r, "x-oca-asset", text("hostname", fmt.Sprintf("WIN-%03d", r.Objects[p].Attr("pid").Int()%50)))
}

// simulate stores n records, and returns all processes.
func simulate(t testing.TB, s *Store, n int) *plan.Variable {
	t.Helper()
	sim := newSimulation()
	p := s.Begin("simulation", Question{Entity: "process"})
	for n > 0 {
		k := min(n, 1000)
		n -= k
		if err := p.Add(t.Context(), batch(sim.records(k), "process")); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	return answerOf(t, p, 0, "process")
}

// BenchmarkAppend stores 20,000 records of eight objects, all of them hits.
func BenchmarkAppend(b *testing.B) {
	records := newSimulation().records(20_000)
	var objects int
	for _, r := range records {
		objects += len(r.Objects)
	}
	for b.Loop() {
		s := Open(Options{})
		p := s.Begin("simulation", Question{Entity: "process"})
		for i := 0; i < len(records); i += 500 {
			if err := p.Add(b.Context(), batch(records[i:i+500], "process")); err != nil {
				b.Fatal(err)
			}
		}
		if err := p.Finish(b.Context()); err != nil {
			b.Fatal(err)
		}
		if _, err := p.Snapshot(b.Context(), 0); err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(objects)*float64(b.N)/b.Elapsed().Seconds(), "objects/s")
}

// BenchmarkQueries runs plans over the processes of 100,000 records.
func BenchmarkQueries(b *testing.B) {
	s := openStore(b)
	v := simulate(b, s, 100_000)
	plans := []struct {
		name string
		plan plan.Node
	}{
		{"filter by name", where(b, v, "name", stix.Equal, "mimikatz.exe")},
		{"filter by pattern", where(b, v, "command_line", stix.Like, "%mimikatz%99%")},
		{"filter by parent", where(b, v, "parent_ref.name", stix.Equal, "mimikatz.exe")},
		{"filter by connection", where(b, v, "opened_connection_refs[*].dst_ref.value", stix.IsSubset, "203.0.1.0/24")},
		{"filter by host", where(b, v, "x-oca-asset:hostname", stix.Equal, "WIN-001")},
		{"sort", &plan.Sort{Input: v, Attr: path(b, "pid")}},
		{"records", &plan.Transform{Input: v, Func: plan.Records}},
	}
	for _, p := range plans {
		b.Run(p.name, func(b *testing.B) {
			for b.Loop() {
				keep(b, s, p.plan)
			}
		})
	}
	few := keep(b, s, plans[0].plan)
	displays := []struct {
		name string
		plan plan.Node
	}{
		{"ten rows of all", &plan.Limit{Input: &plan.Project{Input: v, Attrs: []stix.Path{path(b, "name"), path(b, "pid")}}, Count: 10}},
		{"ten rows of all, all attributes", &plan.Limit{Input: v, Count: 10}},
		{"few rows, all attributes", few},
		{"all rows, two attributes", &plan.Project{Input: v, Attrs: []stix.Path{path(b, "name"), path(b, "pid")}}},
		{"all rows, all attributes", v},
	}
	for _, d := range displays {
		b.Run("display "+d.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Table(b.Context(), d.plan, Display); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("related", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Related(b.Context(), v.Snapshot); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkSmallSession is what the store does in a hunt of a few steps.
func BenchmarkSmallSession(b *testing.B) {
	for b.Loop() {
		s := Open(Options{})
		v := given(b, s, "process", "new 1", `name=cmd.exe pid="123"`, `name=explorer.exe pid="99"`, `name=firefox.exe pid="201"`, `name=chrome.exe pid="205"`)
		k := keep(b, s, where(b, v, "name", stix.In, "firefox.exe", "chrome.exe"))
		if got := rows(b, s, k, "name", "pid"); len(got) != 2 {
			b.Fatal(got)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
