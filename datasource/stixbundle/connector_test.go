// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stixbundle

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/secret"
)

// profileBundle is a bundle with a process at noon and one at two minutes to.
const profileBundle = `{"type":"bundle","id":"bundle--1","spec_version":"2.0","objects":[
 {"type":"observed-data","id":"observed-data--1","first_observed":"2024-06-01T11:58:00Z","last_observed":"2024-06-01T11:58:00Z",
  "number_observed":1,"objects":{"0":{"type":"process","name":"a"}}},
 {"type":"observed-data","id":"observed-data--2","first_observed":"2024-05-01T00:00:00Z","last_observed":"2024-05-01T00:00:00Z",
  "number_observed":1,"objects":{"0":{"type":"process","name":"b"}}}]}`

func TestConnector(t *testing.T) {
	t.Parallel()
	noon := time.Date(2024, 6, 1, 12, 0, 0, 0, time.UTC)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "me" || password != "s3cr3t" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		io.WriteString(w, profileBundle) //nolint:errcheck // the client may be gone
	}))
	t.Cleanup(server.Close)
	dir := t.TempDir()
	path := filepath.Join(dir, "b.json")
	if err := os.WriteFile(path, []byte(profileBundle), 0o600); err != nil {
		t.Fatal(err)
	}
	auth := datasource.Settings{"username": secret.New("me"), "password": secret.New("s3cr3t")}
	window := plan.Window{Start: noon.AddDate(0, -2, 0), Stop: noon, Origin: plan.Given}
	tests := []struct {
		name    string
		profile datasource.Profile
		window  plan.Window
		want    []string
		notes   []diag.Code
		fail    datasource.Kind
	}{
		{"path, default window", datasource.Profile{Connection: datasource.Settings{"url": "b.json"}, Window: 5 * time.Minute},
			plan.Window{}, []string{"observed-data--1"}, []diag.Code{diag.DefaultedWindow}, ""},
		{"path, no window", datasource.Profile{Connection: datasource.Settings{"host": path}},
			plan.Window{}, []string{"observed-data--1", "observed-data--2"}, nil, ""},
		{"path, given window", datasource.Profile{Connection: datasource.Settings{"url": "file://b.json"}, Window: 5 * time.Minute},
			window, []string{"observed-data--1", "observed-data--2"}, nil, ""},
		{"server", datasource.Profile{Connection: datasource.Settings{"host": server.URL + "/b", "selfSignedCert": false}, Auth: auth},
			window, []string{"observed-data--1", "observed-data--2"}, []diag.Code{diag.InsecureSource}, ""},
		{"no such setting", datasource.Profile{Connection: datasource.Settings{"url": "b.json", "indices": "x"}, Options: datasource.Settings{"y": true}},
			window, []string{"observed-data--1", "observed-data--2"}, []diag.Code{diag.SourceMisconfigured}, ""},
		{"server of an unknown authority", datasource.Profile{Connection: datasource.Settings{"host": server.URL}, Auth: auth},
			window, nil, nil, datasource.Unavailable},
		{"wrong password", datasource.Profile{Connection: datasource.Settings{"host": server.URL, "verify": false}},
			window, nil, nil, datasource.Unauthenticated},
		{"no such file", datasource.Profile{Connection: datasource.Settings{"url": "c.json"}}, window, nil, nil, datasource.Unavailable},
		{"no bundle", datasource.Profile{Connection: datasource.Settings{"url": "gopher://x"}}, window, nil, nil, datasource.Misconfigured},
		{"no text", datasource.Profile{Connection: datasource.Settings{"url": true}}, window, nil, nil, datasource.Misconfigured},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.profile.Name = "p"
			env := datasource.Env{Dir: dir, Cache: func() (string, error) { return t.TempDir(), nil }, Now: func() time.Time { return noon }}
			got, counts, err := askProfile(t, tt.profile, env, tt.window)
			if tt.fail != "" {
				var f *datasource.Failure
				if !errors.As(err, &f) || f.Kind != tt.fail || strings.Contains(fmt.Sprint(f), "s3cr3t") {
					t.Errorf("error %v, want %s", err, tt.fail)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("records: -want +got\n%s", diff)
			}
			var codes []diag.Code
			for _, n := range counts[0].Notes {
				codes = append(codes, n.Code)
			}
			if diff := cmp.Diff(tt.notes, codes); diff != "" || counts[0].Source != "p" {
				t.Errorf("counts %+v\n%s", counts, diff)
			}
		})
	}
}

// TestConnectorSeveral holds that a profile answers several questions in one
// pass, each with its own window, and that its window does not bound Complete.
func TestConnectorSeveral(t *testing.T) {
	t.Parallel()
	noon := time.Date(2024, 6, 1, 12, 0, 0, 0, time.UTC)
	dir := folderOf(t, map[string]string{"b.json": profileBundle})
	src, err := new(Connector).Open(t.Context(), datasource.Profile{
		Name: "p", Connection: datasource.Settings{"url": "b.json"}, Window: 5 * time.Minute,
	}, datasource.Env{Dir: dir, Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	recent := &plan.Scan{Sources: []string{"stixshifter://p"}, Entity: "process"}
	given := *recent
	given.Window = plan.Window{Stop: noon, Origin: plan.Given}
	other := *recent
	other.Entity = "url"
	task, rests, err := src.(datasource.Sharer).PlanAll(t.Context(), []plan.Node{recent, &given, &other})
	if err != nil || len(rests) != 3 {
		t.Fatalf("PlanAll leaves %v, %v", rests, err)
	}
	var hits [3]int
	var ids []entity.ID
	for batch, err := range task.Run(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		for q := range batch.Hits {
			hits[q] += len(batch.Hits[q])
		}
		for i := range batch.Records {
			ids = append(ids, batch.Records[i].Objects[0].ID)
		}
	}
	if want := [3]int{1, 2, 0}; hits != want {
		t.Errorf("hits %v, want %v", hits, want)
	}
	if notes := task.Counts()[0].Notes; len(notes) != 1 || notes[0].Code != diag.DefaultedWindow {
		t.Errorf("notes %v, want one on the window", notes)
	}
	task, err = src.(datasource.Completer).Complete(t.Context(), datasource.Wanted{Entity: "process", IDs: ids})
	if err != nil {
		t.Fatal(err)
	}
	records := 0
	for batch, err := range task.Run(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		records += len(batch.Records)
	}
	if c := task.Counts(); records != 2 || len(c) != 1 || c[0].Source != "p" || c[0].Matched != 2 || len(c[0].Notes) > 0 {
		t.Errorf("Complete gives %d records, counts %+v, want 2 and no note", records, c)
	}
	if queries := task.Native(); len(queries) != 1 || queries[0].Source != "p" || queries[0].Text != "process with one of 2 ids" {
		t.Errorf("Native gives %+v", queries)
	}
	if err := src.(io.Closer).Close(); err != nil {
		t.Error(err)
	}
}

// askProfile pings the source of a profile and asks it for all processes.
func askProfile(t *testing.T, p datasource.Profile, env datasource.Env, w plan.Window) ([]string, []datasource.Count, error) {
	t.Helper()
	src, err := new(Connector).Open(t.Context(), p, env)
	if err != nil {
		return nil, nil, err
	}
	said, err := src.(datasource.Pinger).Ping(t.Context())
	if err != nil {
		return nil, nil, err
	}
	if said == "" {
		t.Error("Ping says nothing")
	}
	task, _, err := src.Plan(t.Context(), &plan.Scan{Sources: []string{"stixshifter://p"}, Entity: "process", Window: w})
	if err != nil {
		return nil, nil, err
	}
	var ids []string
	for batch, err := range task.Run(t.Context(), nil) {
		if err != nil {
			return nil, nil, err
		}
		for _, r := range batch.Records {
			ids = append(ids, r.ID)
		}
	}
	return ids, task.Counts(), nil
}
