// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package transport_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/datasource/transport"
	"github.com/kestrelhunt/kestrel/secret"
)

// A connector makes a client of a profile and asks with it.
func ExampleClient_Do() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("SEC") != "t0ken" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprint(w, `{"version": "7.5"}`)
	}))
	defer server.Close()

	for _, token := range []string{"t0ken", "wrong"} {
		cfg, err := transport.FromProfile(datasource.Profile{
			Name:       "siem",
			Connection: datasource.Settings{"host": server.URL},
		}, datasource.Env{})
		if err != nil {
			fmt.Println(err)
			return
		}
		cfg.Credentials = []transport.Credential{transport.Header("SEC", secret.New(token))}
		client := transport.New(cfg)
		var about struct{ Version string }
		resp, err := client.Do(context.Background(), &transport.Request{Op: "ask for the version", Path: "/api/about"})
		if err == nil {
			err = resp.Decode(&about)
		}
		fmt.Printf("%q %v\n", about.Version, err)
	}
	// Output:
	// "7.5" <nil>
	// "" siem: ask for the version: unauthorized (status 401)
}
