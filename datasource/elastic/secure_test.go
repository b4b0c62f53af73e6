// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

//go:build integration

package elastic

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/secret"
)

// TestLiveSecure asks a server with TLS, users and roles.
func TestLiveSecure(t *testing.T) {
	url := liveSecure.start(t)
	authority := filepath.Join(liveSecure.dir, "ca.pem")
	pem, err := os.ReadFile(authority)
	if err != nil {
		t.Fatal(err)
	}
	admin := adminClient(t, url, pem)
	admin("PUT", "/logs-1", `{"settings":{"number_of_replicas":0}}`)
	admin("PUT", "/secret-1", `{"settings":{"number_of_replicas":0}}`)
	for _, index := range []string{"logs-1", "secret-1"} {
		admin("POST", "/"+index+"/_doc/1?refresh=true", `{"@timestamp":"2026-03-02T09:00:00Z","process":{"pid":7,"name":"sh"}}`)
	}
	open := func(indices, user, password string, cert any) datasource.Source {
		p := datasource.Profile{
			Name: "live", Connector: name, BatchSize: 10, Timeout: 30 * time.Second,
			Connection: datasource.Settings{"host": url, "indices": indices},
			Auth:       datasource.Settings{"username": secret.New(user), "password": secret.New(password)},
		}
		if cert != nil {
			p.Connection["selfSignedCert"] = cert
		}
		src, err := new(Connector).Open(t.Context(), p, datasource.Env{})
		if err != nil {
			t.Fatal(err)
		}
		return src
	}
	tests := []struct {
		name                    string
		indices, user, password string
		cert                    any
		kind                    datasource.Kind // "" for success
	}{
		{"admin", "logs-1", "admin", testPassword, string(pem), ""},
		{"hunter", "logs-1", "hunter", testPassword, authority, ""},
		{"without verification", "logs-1", "hunter", testPassword, false, ""},
		{"an index that is not for hunters", "secret-1", "hunter", testPassword, string(pem), datasource.Forbidden},
		{"wrong password", "logs-1", "hunter", "wrong", string(pem), datasource.Unauthenticated},
		{"unknown authority", "logs-1", "hunter", testPassword, nil, datasource.CertificateFailed},
	}
	for _, tt := range tests {
		src := open(tt.indices, tt.user, tt.password, tt.cert).(*source)
		a := runTask(t.Context(), t, src, &plan.Scan{Sources: []string{"stixshifter://live"}, Entity: "process"})
		var f *datasource.Failure
		switch {
		case tt.kind == "" && (a.err != nil || len(a.docs) != 1):
			t.Errorf("%s: %d documents, %v", tt.name, len(a.docs), a.err)
		case tt.kind != "" && (!errors.As(a.err, &f) || f.Kind != tt.kind || f.Remedy() == ""):
			t.Errorf("%s: %v, want %s", tt.name, a.err, tt.kind)
		}
		if text := fmt.Sprint(a.err, a.count); strings.Contains(text, testPassword) {
			t.Errorf("%s: the password is shown: %s", tt.name, text)
		}
		insecure := strings.Contains(fmt.Sprint(a.count.Notes), "verif")
		if insecure != (tt.cert == false) {
			t.Errorf("%s: notes %v", tt.name, a.count.Notes)
		}
	}
	if said, err := open("logs-1", "hunter", testPassword, authority).(datasource.Pinger).Ping(t.Context()); err != nil || said == "" {
		t.Errorf("Ping as hunter: %q, %v", said, err)
	}
}

// adminClient returns a function that makes requests with all rights.
func adminClient(t *testing.T, url string, pem []byte) func(method, path, body string) {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}
	return func(method, path, body string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, url+path, bytes.NewReader([]byte(body)))
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth("admin", testPassword)
		req.Header.Set("Content-Type", jsonKind)
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if text, _ := io.ReadAll(resp.Body); resp.StatusCode >= 300 {
			t.Fatalf("%s %s: status %d: %s", method, path, resp.StatusCode, text)
		}
	}
}
