// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stixbundle

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
)

// serve starts a server under the name bundles.example, and returns what a
// session lends a driver that shall reach it.
func serve(t *testing.T, handler http.HandlerFunc) datasource.Env {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	address := server.Listener.Addr().String()
	dir := t.TempDir()
	return datasource.Env{
		Cache: func() (string, error) { return dir, nil },
		Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		},
	}
}

const pageURL = "http://bundles.example/a.json"

func TestFetch(t *testing.T) {
	t.Parallel()
	one, two := bundleOf(record("a", "x", 1)), bundleOf(record("b", "y", 1))
	tests := []struct {
		name   string
		header string // validator that the server sends
	}{
		{"ETag", "ETag"},
		{"Last-Modified", "Last-Modified"},
		{"no validator", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			content, version := one, "Wed, 01 Mar 2023 10:00:00 GMT"
			var statuses []int
			env := serve(t, func(w http.ResponseWriter, r *http.Request) {
				conditions := r.Header.Get("If-None-Match") + r.Header.Get("If-Modified-Since")
				if tt.header != "" {
					w.Header().Set(tt.header, version)
				}
				if conditions != "" && conditions == version {
					statuses = append(statuses, http.StatusNotModified)
					w.WriteHeader(http.StatusNotModified)
					return
				}
				statuses = append(statuses, http.StatusOK)
				_, _ = io.WriteString(w, content)
			})
			read := func(want string) {
				t.Helper()
				got, err := ask(t.Context(), env, scan(pageURL))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff([]string{pageURL + ":" + want}, got.hits[0]); diff != "" {
					t.Errorf("hits differ (-want +got):\n%s", diff)
				}
			}
			read("a=x")
			read("a=x")
			content, version = two, "Thu, 02 Mar 2023 10:00:00 GMT"
			read("b=y")
			want := []int{http.StatusOK, http.StatusNotModified, http.StatusOK}
			if tt.header == "" {
				want[1] = http.StatusOK
			}
			if diff := cmp.Diff(want, statuses); diff != "" {
				t.Errorf("statuses differ (-want +got):\n%s", diff)
			}
		})
	}
}

// TestFetchOnce holds that a task sees one content, whatever is asked of it.
func TestFetchOnce(t *testing.T) {
	t.Parallel()
	asked := 0
	env := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		asked++
		_, _ = io.WriteString(w, bundleOf(record("a", strings.Repeat("x", asked), 1)))
	})
	src, err := new(Driver).Open(t.Context(), []string{pageURL}, env)
	if err != nil {
		t.Fatal(err)
	}
	task, _, err := src.Plan(t.Context(), scan(pageURL))
	if err != nil {
		t.Fatal(err)
	}
	before, err := task.Stamp(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for batch, err := range task.Run(t.Context(), nil) {
		if err != nil || batch.Records[0].Objects[0].Attr("value").Text() != "x" {
			t.Errorf("the task yields %v, %v, want the content that it stamped", batch, err)
		}
	}
	if after, err := task.Stamp(t.Context()); after != before || err != nil || asked != 1 {
		t.Errorf("Stamp() = %q, then %q after %d requests, error %v", before, after, asked, err)
	}
}

func TestFetchFails(t *testing.T) {
	t.Parallel()
	env := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/401":
			w.WriteHeader(http.StatusUnauthorized)
		case "/403":
			w.WriteHeader(http.StatusForbidden)
		case "/404":
			w.WriteHeader(http.StatusNotFound)
		case "/500":
			w.WriteHeader(http.StatusInternalServerError)
		case "/html":
			_, _ = io.WriteString(w, "<html>log in</html>")
		case "/short":
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, "{")
		}
	})
	tests := []struct {
		path string
		is   error
		code diag.Code
	}{
		{"/401", datasource.ErrUnauthorized, diag.SourceUnauthorized},
		{"/403", datasource.ErrUnauthorized, diag.SourceUnauthorized},
		{"/404", datasource.ErrNotFound, diag.SourceUnavailable},
		{"/500", datasource.ErrUnavailable, diag.SourceUnavailable},
		{"/short", datasource.ErrUnavailable, diag.SourceUnavailable},
		{"/html", datasource.ErrInvalidData, ""},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			t.Parallel()
			_, err := ask(t.Context(), env, scan("http://user:hush@bundles.example"+tt.path+"?token=hush"))
			if !errors.Is(err, tt.is) {
				t.Fatalf("reading fails with %v, want %v", err, tt.is)
			}
			if strings.Contains(err.Error(), "hush") {
				t.Errorf("the failure tells a secret: %v", err)
			}
			var f *datasource.Failure
			if errors.As(err, &f) && f.Kind.Code() != tt.code {
				t.Errorf("the failure has code %s, want %s", f.Kind.Code(), tt.code)
			}
		})
	}
	dir, _ := env.Cache()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "fetch-") {
			t.Errorf("%s is left behind", e.Name())
		}
	}
}

func TestFetchUnreachable(t *testing.T) {
	t.Parallel()
	env := serve(t, nil)
	env.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no route") }
	_, err := ask(t.Context(), env, scan("http://user:hush@bundles.example/"))
	if !errors.Is(err, datasource.ErrUnavailable) || strings.Contains(err.Error(), "hush") || !strings.Contains(err.Error(), "no route") {
		t.Errorf("reading fails with %v, want that there is no route", err)
	}
}
