// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

//go:build integration

package bridge_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/datasource/bridge"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/secret"
	"github.com/kestrelhunt/kestrel/stix"
)

// The tests below run the real stix-shifter in the virtual environment that
// scripts/stixshifter-venv.sh makes, against servers of our own.

var environment = sync.OnceValues(func() (string, error) {
	if venv := os.Getenv("KESTREL_STIXSHIFTER_VENV"); venv != "" {
		return venv, nil
	}
	out, err := exec.Command(filepath.Join("..", "..", "scripts", "stixshifter-venv.sh")).Output()
	return strings.TrimSpace(string(out)), err
})

func realConnector(t *testing.T) *bridge.Connector {
	t.Helper()
	venv, err := environment()
	if err != nil {
		t.Fatalf("make the virtual environment: %v", err)
	}
	return &bridge.Connector{
		Environ: func() []string { return append(os.Environ(), "KESTREL_STIXSHIFTER_VENV="+venv) },
		Sleep:   func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
}

var (
	realStart = time.Date(2022, 4, 6, 0, 0, 0, 0, time.UTC)
	realStop  = realStart.Add(time.Hour)
)

// ask runs a GET through a connector.
func ask(t *testing.T, c datasource.Connector, p datasource.Profile, typ, where string, limit int64) ([]entity.Record, datasource.Task, error) {
	t.Helper()
	src, err := c.Open(t.Context(), p, datasource.Env{Now: time.Now})
	if err != nil {
		return nil, nil, err
	}
	task, rest, err := src.Plan(t.Context(), question(t, typ, where, limit))
	if err != nil {
		return nil, nil, err
	}
	if rest != nil {
		t.Errorf("Plan leaves %s", plan.String(rest))
	}
	var records []entity.Record
	for batch, err := range task.Run(t.Context(), nil) {
		if err != nil {
			return records, task, err
		}
		records = append(records, batch.Records...)
	}
	return records, task, nil
}

// question returns the plan of a GET in the window of the tests.
func question(t *testing.T, typ, where string, limit int64) plan.Node {
	t.Helper()
	var n plan.Node = &plan.Scan{
		Sources: []string{"stixshifter://p"}, Entity: typ,
		Window: plan.Window{Start: realStart, Stop: realStop, Origin: plan.Given},
	}
	if where != "" {
		pattern, faults := stix.Parse(&diag.File{Name: "test", Text: "[" + where + "]"}, stix.V21)
		if err := faults.Err(); err != nil {
			t.Fatalf("parse %s: %v", where, err)
		}
		n = &plan.Filter{Input: n, Where: pattern.Root.(*stix.Test).Expr}
	}
	if limit >= 0 {
		n = &plan.Limit{Input: n, Count: limit, ByRecord: true}
	}
	return n
}

// bundle returns a bundle of n processes with their connections, a second apart.
func bundle(n int) string {
	var objects []string
	for i := range n {
		at := realStart.Add(time.Duration(i) * time.Second).Format("2006-01-02T15:04:05.000Z")
		objects = append(objects, fmt.Sprintf(`{"type":"observed-data","id":"observed-data--%08d-0000-4000-8000-000000000000",
			"created":"%[2]s","modified":"%[2]s","first_observed":"%[2]s","last_observed":"%[2]s","number_observed":1,
			"objects":{"0":{"type":"process","pid":%[1]d,"name":"p%[3]d.exe","command_line":"it's \"x\" %%_ \\ é"},
			"1":{"type":"ipv4-addr","value":"10.0.0.%[3]d"},
			"2":{"type":"network-traffic","src_ref":"1","dst_port":%[1]d,"protocols":["tcp"]}}}`, i, at, i%10))
	}
	return `{"type":"bundle","id":"bundle--1","spec_version":"2.0","objects":[` + strings.Join(objects, ",") + `]}`
}

func TestRealBundle(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		if user != "me" || password != "s3cr3t" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		io.WriteString(w, bundle(250)) //nolint:errcheck // the client may be gone
	}))
	t.Cleanup(server.Close)
	p := datasource.Profile{
		Name: "p", Connector: "stix_bundle", Connection: datasource.Settings{"host": server.URL + "/b.json"},
		Auth:      datasource.Settings{"USERNAME": secret.New("me"), "password": secret.New("s3cr3t"), "nosuch": secret.New("x")},
		BatchSize: 40, ResultLimit: 10000, Timeout: 20 * time.Second,
	}
	tests := []struct {
		name, typ, where string
		limit            int64
		want             int
	}{
		{"equal", "process", "process:name = 'p3.exe'", -1, 25},
		{"two conditions", "process", "process:name = 'p3.exe' AND process:pid < 100", -1, 10},
		{"values to escape", "process", `process:command_line LIKE 'it\'s "x" %'`, -1, 250},
		{"another type", "ipv4-addr", "ipv4-addr:value ISSUBSET '10.0.0.2/31'", -1, 50},
		{"limit", "process", "process:pid >= 100", 7, 7},
		{"nothing", "process", "process:pid = 4000", -1, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			records, task, err := ask(t, realConnector(t), p, tt.typ, tt.where, tt.limit)
			if err != nil {
				t.Fatal(err)
			}
			if len(records) != tt.want {
				t.Errorf("%d records, want %d; counts %+v", len(records), tt.want, task.Counts())
			}
			notes := task.Counts()[0].Notes
			if len(notes) != 1 || !strings.HasSuffix(notes[0].Message, "configuration.auth.nosuch") {
				t.Errorf("notes %v", notes)
			}
			if len(records) > 0 && !strings.HasSuffix(records[0].ID, "-0000-4000-8000-000000000000") {
				t.Errorf("the id of the record is %s", records[0].ID)
			}
		})
	}
	wrong := p
	wrong.Auth = datasource.Settings{"username": secret.New("me"), "password": secret.New("wr0ng-one")}
	_, _, err := ask(t, realConnector(t), wrong, "process", "process:pid = 4", -1)
	if err == nil || strings.Contains(err.Error(), "wr0ng-one") {
		t.Errorf("wrong password: %v", err)
	}
}

// A qradar is a small QRadar with events of its own.
type qradar struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []string
	looked map[string]int
	events []map[string]any
	fail   func(r *http.Request) (status int, body string)
}

func newQRadar(t *testing.T, events int) *qradar {
	t.Helper()
	q := &qradar{looked: map[string]int{}}
	for i := range events {
		q.events = append(q.events, map[string]any{
			"starttime": realStart.Add(time.Duration(i)*time.Second).UnixMilli() + 5, "endtime": realStart.Add(time.Duration(i) * time.Second).UnixMilli(),
			"sourceip": fmt.Sprintf("10.0.0.%d", i%5), "sourceport": 1000 + i, "destinationip": "192.0.2.1", "destinationport": 443,
			"protocol": "TCP", "username": "root", "eventcount": 1, "ProcessName": nil,
		})
	}
	q.Server = httptest.NewUnstartedServer(q)
	q.Config.ErrorLog = log.New(io.Discard, "", 0)
	q.StartTLS()
	t.Cleanup(q.Close)
	return q
}

func (q *qradar) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.asked = append(q.asked, r.Method+" "+r.URL.Path)
	say := func(status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(v) //nolint:errcheck // the client may be gone
	}
	if q.fail != nil {
		if status, body := q.fail(r); status != 0 {
			w.WriteHeader(status)
			io.WriteString(w, body) //nolint:errcheck // the client may be gone
			return
		}
	}
	id, ok := strings.CutPrefix(r.URL.Path, "/api/ariel/searches/")
	switch {
	case r.Header.Get("Sec") != "t0ken-of-qradar":
		say(401, map[string]any{"code": 18, "message": "You are unauthorized to access the requested resource."})
	case r.URL.Path == "/api/help/resources":
		say(200, []any{"r"})
	case r.Method == "POST" && r.URL.Path == "/api/ariel/searches":
		say(201, map[string]any{"search_id": "s-1", "status": "WAIT", "progress": 0})
	case ok && r.Method == "DELETE":
		say(202, map[string]any{"search_id": id})
	case ok && strings.HasSuffix(id, "/results"):
		var from, to int
		fmt.Sscanf(r.Header.Get("Range"), "items=%d-%d", &from, &to) //nolint:errcheck // zero is fine
		events := q.events[min(from, len(q.events)):min(to+1, len(q.events))]
		if events == nil {
			events = []map[string]any{}
		}
		say(200, map[string]any{"events": events})
	case ok:
		q.looked[id]++
		status := map[string]any{"search_id": id, "status": "EXECUTE", "progress": 40}
		if q.looked[id] > 2 {
			status = map[string]any{"search_id": id, "status": "COMPLETED", "progress": 100, "record_count": len(q.events)}
		}
		say(200, status)
	default:
		say(404, map[string]any{"code": 1002, "message": "no such thing"})
	}
}

func (q *qradar) requests() string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return strings.Join(q.asked, "\n")
}

func (q *qradar) profile(t *testing.T) datasource.Profile {
	t.Helper()
	u, err := url.Parse(q.URL)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		t.Fatal(err)
	}
	return datasource.Profile{
		Name: "p", Connector: "qradar", Dialects: []string{"events"},
		Connection: datasource.Settings{"host": u.Hostname(), "port": int64(port), "selfSignedCert": false},
		Auth:       datasource.Settings{"SEC": secret.New("t0ken-of-qradar")},
		BatchSize:  10, ResultLimit: 25, Timeout: 20 * time.Second,
	}
}

func TestRealQRadar(t *testing.T) {
	t.Parallel()
	q := newQRadar(t, 25)
	c := realConnector(t)
	src, err := c.Open(t.Context(), q.profile(t), datasource.Env{})
	if err != nil {
		t.Fatal(err)
	}
	said, err := src.(datasource.Pinger).Ping(t.Context())
	if err != nil || !strings.Contains(said, "qradar") {
		t.Errorf("Ping: %q, %v", said, err)
	}
	var ids []string
	for range 2 {
		records, task, err := ask(t, c, q.profile(t), "ipv4-addr", "ipv4-addr:value IN ('10.0.0.3', '10.0.0.4')", -1)
		if err != nil {
			t.Fatal(err)
		}
		if len(records) != 10 {
			t.Errorf("%d records, want the 10 of two addresses", len(records))
		}
		var got []string
		for _, r := range records {
			got = append(got, r.ID)
		}
		if ids == nil {
			ids = got
		}
		if diff := cmp.Diff(ids, got); diff != "" {
			t.Errorf("ids differ from run to run\n%s", diff)
		}
		native := task.Native()
		if len(native) != 1 || !strings.HasPrefix(native[0].Text, "SELECT ") || !strings.Contains(native[0].Text, "10.0.0.3") {
			t.Errorf("native %v", native)
		}
		codes := ""
		for _, n := range task.Counts()[0].Notes {
			codes += string(n.Code) + " "
		}
		if want := "insecure-source truncated "; codes != want {
			t.Errorf("notes %s, want %s: %+v", codes, want, task.Counts())
		}
	}
	if n := strings.Count(q.requests(), "DELETE /api/ariel/searches/s-1"); n != 2 {
		t.Errorf("%d searches were deleted, want 2:\n%s", n, q.requests())
	}
}

func TestRealQRadarFailures(t *testing.T) {
	t.Parallel()
	at := func(method, path string, status int, body string) func(r *http.Request) (int, string) {
		return func(r *http.Request) (int, string) {
			if r.Method == method && strings.HasSuffix(r.URL.Path, path) {
				return status, body
			}
			return 0, ""
		}
	}
	tests := []struct {
		name    string
		fail    func(r *http.Request) (int, string)
		token   string
		kind    datasource.Kind
		deleted bool
	}{
		{"bad token", nil, "wr0ng-token", datasource.Unauthenticated, false},
		{"refused query", at("POST", "/searches", 422, `{"code":2000,"message":"Query contains invalid syntax"}`), "", datasource.InvalidQuery, false},
		{"login page", at("POST", "/searches", 200, `<html><title>Log in</title></html>`), "", datasource.Unknown, false},
		{"fault while it runs", at("GET", "/s-1", 500, `{"code":1020,"message":"An error occurred"}`), "", datasource.Unknown, true},
		{"fault of a page", at("GET", "/results", 500, `{"code":1010,"message":"The Ariel server might be offline"}`), "", datasource.Unavailable, true},
		{"garbage in a page", at("GET", "/results", 200, `{"events":[`), "", datasource.Unknown, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			q := newQRadar(t, 5)
			q.fail = tt.fail
			p := q.profile(t)
			if tt.token != "" {
				p.Auth = datasource.Settings{"sec": secret.New(tt.token)}
			}
			_, _, err := ask(t, realConnector(t), p, "ipv4-addr", "ipv4-addr:value = '10.0.0.3'", -1)
			var f *datasource.Failure
			if !errors.As(err, &f) {
				t.Fatalf("error %v, want a Failure", err)
			}
			if f.Kind != tt.kind || f.Source != "p" || f.Query == "" {
				t.Errorf("failure %s of %s about %q: %s; want %s", f.Kind, f.Source, f.Query, f.Reason, tt.kind)
			}
			if strings.Contains(f.Error(), "token") {
				t.Errorf("the failure shows a credential: %v", f)
			}
			if deleted := strings.Contains(q.requests(), "DELETE "); deleted != tt.deleted {
				t.Errorf("deleted: %v, want %v\n%s", deleted, tt.deleted, q.requests())
			}
		})
	}
}

func TestRealQRadarCancel(t *testing.T) {
	t.Parallel()
	q := newQRadar(t, 5)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	q.fail = func(r *http.Request) (int, string) {
		if r.Method == "GET" && strings.HasSuffix(r.URL.Path, "/s-1") {
			cancel()
		}
		return 0, ""
	}
	c := realConnector(t)
	c.Sleep = nil
	src, err := c.Open(t.Context(), q.profile(t), datasource.Env{})
	if err != nil {
		t.Fatal(err)
	}
	task, _, err := src.Plan(t.Context(), question(t, "ipv4-addr", "ipv4-addr:value = '10.0.0.3'", -1))
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range task.Run(ctx, nil) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Run: %v, want context.Canceled", err)
		}
	}
	if !strings.Contains(q.requests(), "DELETE /api/ariel/searches/s-1") {
		t.Errorf("the search was not deleted:\n%s", q.requests())
	}
}

func TestRealMissingModule(t *testing.T) {
	t.Parallel()
	c := realConnector(t)
	p := datasource.Profile{Name: "p", Connector: "elastic_esc", Connection: datasource.Settings{"host": "h"}}
	_, _, err := ask(t, c, p, "process", "process:pid = 4", -1)
	var f *datasource.Failure
	if !errors.As(err, &f) || !strings.HasPrefix(f.Reason, "stix-shifter 8") || !strings.HasSuffix(f.Reason, "has no module elastic_esc") ||
		!strings.HasPrefix(f.Hint, "did you mean connector: elastic_ecs? Otherwise run: ") ||
		!strings.Contains(f.Hint, "-m pip install stix-shifter-modules-elastic-esc==8") {
		t.Errorf("%+v", f)
	}
}

func TestRealTranslation(t *testing.T) {
	t.Parallel()
	p := datasource.Profile{
		Name: "p", Connector: "elastic_ecs", Connection: datasource.Settings{"host": "h"},
		Auth: datasource.Settings{"username": secret.New("u"), "password": secret.New("p")}, ResultLimit: 10000, Timeout: time.Minute,
	}
	tests := []struct {
		name, where, want, notWant, fail string
	}{
		{"mapped", "process:name = 'cmd.exe'", `process.name : "cmd.exe"`, "", ""},
		{"older name", "process:image_ref.name = 'a'", "process.executable", "", ""},
		{"one unmapped, AND", "process:name = 'cmd.exe' AND process:nosuch = 1", `process.name : "cmd.exe"`, "nosuch", ""},
		{"one unmapped, OR", "process:name = 'cmd.exe' OR process:nosuch = 1", `process.name : "cmd.exe"`, "nosuch", ""},
		{"none mapped", "process:nosuch = 1", "", "", "p: translate: module elastic_ecs knows none of the attributes of the condition: process:nosuch"},
		{"nothing asked", "", "process.name", "", ""},
		{"what the library cannot say", "process:name = 'a' AND process:is_hidden = true", "process.name", "hidden", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			src, err := realConnector(t).Open(t.Context(), p, datasource.Env{})
			if err != nil {
				t.Fatal(err)
			}
			task, _, err := src.Plan(t.Context(), question(t, "process", tt.where, -1))
			if tt.fail != "" {
				if err == nil || err.Error() != tt.fail {
					t.Errorf("Plan: %v, want %s", err, tt.fail)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			text := ""
			for _, q := range task.Native() {
				text += q.Text + "\n"
			}
			if !strings.Contains(text, tt.want) || tt.notWant != "" && strings.Contains(text, tt.notWant) {
				t.Errorf("%s is translated to %s", tt.where, text)
			}
		})
	}
}
