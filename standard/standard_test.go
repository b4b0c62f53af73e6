// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package standard_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/standard"
	"github.com/kestrelhunt/kestrel/stix"
)

func TestDrivers(t *testing.T) {
	t.Parallel()
	want := []string{"file", "http", "https", "stixshifter"}
	if diff := cmp.Diff(want, standard.Drivers().Schemes()); diff != "" {
		t.Errorf("Schemes: -want +got\n%s", diff)
	}
}

// hosts is a file of profiles in the shape that the tutorial of the original
// gives them, with all that it mentions.
const hosts = `
profiles:
    host101:
        connector: elastic_ecs
        connection:
            host: elastic.example.com
            port: 9200
            selfSignedCert: false # this means do NOT check cert
            indices: host101
            options:
                retrieval_batch_size: 10000
                single_batch_timeout: 120
                cool_down_after_transmission: 0
                allow_dev_connector: True
                dialects:
                  - beats
        config:
            auth:
                id: $HOST101_ID
                api_key: $HOST101_KEY
    host102:
        connector: qradar
        connection:
            host: qradar.example.com
            port: 443
        config:
            auth:
                SEC: 123e4567-e89b-12d3-a456-426614174000
    host103:
        connector: cbcloud
        connection:
            host: cbcloud.example.com
            port: 443
        config:
            auth:
                org-key: ABCDEFGH
                token: ABCDEFGHIJKLMNOPQR
options:
    fast_translate:
        - qradar
        - elastic_ecs
    translation_workers_count: 8
`

// An index answers as Elasticsearch does, with the same documents to every
// search.
type index struct {
	mu    sync.Mutex
	auth  []string
	asked []string
	docs  []string
}

func (x *index) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	x.mu.Lock()
	x.auth = append(x.auth, r.Header.Get("Authorization"))
	x.asked = append(x.asked, r.Method+" "+r.URL.Path)
	x.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	switch {
	case r.URL.Path == "/":
		fmt.Fprint(w, `{"cluster_name": "c", "version": {"number": "8.15.0", "build_flavor": "default"}}`)
	case strings.HasSuffix(r.URL.Path, "/_field_caps"):
		fmt.Fprint(w, `{"indices": ["host101"], "fields": {
			"process.name": {"keyword": {"type": "keyword", "searchable": true, "aggregatable": true}},
			"process.pid": {"long": {"type": "long", "searchable": true, "aggregatable": true}},
			"@timestamp": {"date": {"type": "date", "searchable": true, "aggregatable": true}}}}`)
	case strings.HasSuffix(r.URL.Path, "/_pit"):
		fmt.Fprint(w, `{"id": "p1"}`)
	case strings.HasSuffix(r.URL.Path, "/_search") && !strings.Contains(string(body), "search_after"):
		var hits []string
		for i, doc := range x.docs {
			hits = append(hits, fmt.Sprintf(`{"_index": "host101", "_id": "d%d", "_source": %s, "sort": [%d, %d]}`, i, doc, i, i))
		}
		fmt.Fprintf(w, `{"pit_id": "p1", "timed_out": false, "_shards": {"total": 1, "successful": 1, "failed": 0},
			"hits": {"hits": [%s]}}`, strings.Join(hits, ","))
	default:
		fmt.Fprint(w, `{"succeeded": true, "_shards": {"total": 1, "successful": 1, "failed": 0}, "hits": {"hits": []}}`)
	}
}

// TestTutorial holds that profiles as the tutorial of the original sets them up
// work: in a file, in the environment, and both.
func TestTutorial(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC().Truncate(time.Second)
	at := func(d time.Duration) string { return now.Add(d).Format(time.RFC3339) }
	x := &index{docs: []string{
		`{"@timestamp": "` + at(-time.Minute) + `", "process": {"pid": 4, "name": "cmd.exe", "executable": "C:\\cmd.exe"}}`,
		`{"@timestamp": "` + at(-2*time.Minute) + `", "process": {"pid": 5, "name": "other.exe"}}`,
	}}
	server := httptest.NewUnstartedServer(x)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "stixshifter.yaml")
	if err := os.WriteFile(file, []byte(hosts), 0o600); err != nil {
		t.Fatal(err)
	}
	keys := []string{"HOST101_ID=an-id", "HOST101_KEY=a-key"}
	tests := []struct {
		name   string
		vars   []string
		notes  []diag.Code
		failed bool
	}{
		{"file", append(keys, "KESTREL_STIXSHIFTER_CONFIG="+file), []diag.Code{diag.DefaultedWindow, diag.InsecureSource}, false},
		{"environment", []string{
			"STIXSHIFTER_HOST101_CONNECTOR=elastic_ecs",
			`STIXSHIFTER_HOST101_CONNECTION={"host":"elastic.example.com", "port":9200, "indices":"host101", "selfSignedCert":false}`,
			`STIXSHIFTER_HOST101_CONFIG={"auth":{"id":"an-id", "api_key":"a-key"}}`,
		}, []diag.Code{diag.DefaultedWindow, diag.InsecureSource}, false},
		{"environment over file", append(keys, "KESTREL_STIXSHIFTER_CONFIG="+file,
			`STIXSHIFTER_HOST101_CONNECTION={"selfSignedCert":true}`), nil, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := standard.Profiles()
			d.Environ = func() []string { return tt.vars }
			var mu sync.Mutex
			var dialed []string
			env := datasource.Env{Now: time.Now, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
				mu.Lock()
				dialed = append(dialed, address)
				mu.Unlock()
				return new(net.Dialer).DialContext(ctx, network, server.Listener.Addr().String())
			}}
			ids, counts, err := ask(t, d, env)
			mu.Lock()
			defer mu.Unlock()
			if len(dialed) == 0 || dialed[0] != "elastic.example.com:9200" {
				t.Errorf("dialed %v", dialed)
			}
			if tt.failed {
				if err == nil || !strings.Contains(err.Error(), "certificate") {
					t.Errorf("error %v, want one about the certificate", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"d0"}, ids); diff != "" {
				t.Errorf("documents: -want +got\n%s", diff)
			}
			var codes []diag.Code
			for _, n := range counts[0].Notes {
				codes = append(codes, n.Code)
			}
			if diff := cmp.Diff(tt.notes, codes); diff != "" {
				t.Errorf("notes %+v: -want +got\n%s", counts[0].Notes, diff)
			}
		})
	}
	t.Cleanup(func() {
		want := "ApiKey " + base64.StdEncoding.EncodeToString([]byte("an-id:a-key"))
		if slices.ContainsFunc(x.auth, func(a string) bool { return a != want }) || len(x.auth) == 0 {
			t.Errorf("asked with %q, want %q", x.auth, want)
		}
		if !slices.Contains(x.asked, "DELETE /_pit") {
			t.Errorf("the point in time was not closed: %v", x.asked)
		}
	})
}

// ask asks host101 for the processes named cmd.exe and returns the documents.
func ask(t *testing.T, d datasource.Driver, env datasource.Env) ([]string, []datasource.Count, error) {
	t.Helper()
	src, err := d.Open(t.Context(), []string{"stixshifter://host101"}, env)
	if err != nil {
		return nil, nil, err
	}
	task, _, err := src.Plan(t.Context(), &plan.Filter{
		Input: &plan.Scan{Sources: []string{"stixshifter://host101"}, Entity: "process"},
		Where: &stix.Comparison{
			Path: stix.Path{Steps: []stix.Step{{Name: "name"}}}, Op: stix.Equal, Mode: stix.Mode{Coerce: true},
			Value: &stix.Literal{Kind: stix.StringLit, Value: entity.StringValue("cmd.exe")},
		},
	})
	if err != nil {
		return nil, nil, err
	}
	var docs []string
	for batch, err := range task.Run(t.Context(), nil) {
		if err != nil {
			return docs, task.Counts(), err
		}
		for _, r := range batch.Records {
			docs = append(docs, r.Locator.Doc)
		}
	}
	return docs, task.Counts(), nil
}

// TestTutorialProfiles holds that all profiles of the tutorial can be opened,
// those of connectors that are only bridged too.
func TestTutorialProfiles(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "stixshifter.yaml")
	if err := os.WriteFile(file, []byte(hosts), 0o600); err != nil {
		t.Fatal(err)
	}
	d := standard.Profiles()
	d.Environ = func() []string {
		return []string{"KESTREL_STIXSHIFTER_CONFIG=" + file, "HOST101_ID=i", "HOST101_KEY=k", "STIXSHIFTER_RETRY_MAX=3"}
	}
	all, err := d.DescribeAll(t.Context(), datasource.Env{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range all {
		got = append(got, fmt.Sprintf("%s %s %v %v", p.Name, p.Connector, p.Bridged, p.Err))
	}
	want := []string{"host101 elastic_ecs false <nil>", "host102 qradar true <nil>", "host103 cbcloud true <nil>"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
