// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package transport

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/secret"
)

// getenv returns a Getenv over NAME=value pairs.
func getenv(vars ...string) func(string) string {
	return func(name string) string {
		for _, v := range vars {
			if n, value, _ := strings.Cut(v, "="); n == name {
				return value
			}
		}
		return ""
	}
}

func TestFromProfileBase(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, host string
		port       any
		want, fail string
	}{
		{"name alone", "elastic.example.com", nil, "https://elastic.example.com", ""},
		{"name and port", "elastic.example.com", int64(9200), "https://elastic.example.com:9200", ""},
		{"port as text", "elastic.example.com", "9200", "https://elastic.example.com:9200", ""},
		{"port in the host", "elastic.example.com:9200", nil, "https://elastic.example.com:9200", ""},
		{"path", "elastic.example.com/es/", int64(9200), "https://elastic.example.com:9200/es", ""},
		{"plain", "http://127.0.0.1", int64(9200), "http://127.0.0.1:9200", ""},
		{"scheme", "https://e:1/x", nil, "https://e:1/x", ""},
		{"address of six", "::1", int64(9200), "https://[::1]:9200", ""},
		{"address of six in brackets", "[::1]:9", nil, "https://[::1]:9", ""},
		{"blanks", "  e  ", nil, "https://e", ""},
		{"two ports", "e:1", int64(2), "", "host has port 1 in it, but port is 2"},
		{"port out of range", "e", int64(70000), "", "port is the number 70000, expected a number from 1 to 65535"},
		{"another scheme", "ftp://e", nil, "", "host begins with ftp://, expected http:// or https://"},
		{"user", "https://me:s3cr3t@e", nil, "", "host has a user in it, expected the credentials under config.auth"},
		{"query", "e/?token=s3cr3t", nil, "", "host has a ? or # in it, expected a name, a port and a path at most"},
		{"blank in it", "a b", nil, "", "host is no name of a server, with or without http:// or https://"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := datasource.Profile{Name: "p", Connection: datasource.Settings{"host": tt.host, "port": tt.port}}
			cfg, err := FromProfile(p, datasource.Env{})
			if tt.fail != "" {
				var f *datasource.Failure
				if !errors.As(err, &f) || f.Reason != tt.fail || f.Kind != datasource.Misconfigured {
					t.Fatalf("FromProfile: %v, want %s", err, tt.fail)
				}
				return
			}
			if err != nil {
				t.Fatalf("FromProfile: %v", err)
			}
			if got := cfg.Base.String(); got != tt.want {
				t.Errorf("base %s, want %s", got, tt.want)
			}
		})
	}
}

func TestFromProfileRejects(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		connection datasource.Settings
		options    datasource.Settings
		vars       []string
		want       string
	}{
		{"no such certificate file", datasource.Settings{"selfSignedCert": "/no/s3cr3t/file"}, nil, nil,
			"selfSignedCert is neither PEM nor a file that can be read: no such file or directory"},
		{"certificate without content", datasource.Settings{"selfSignedCert": "-----BEGIN CERTIFICATE-----\ns3cr3t\n-----END CERTIFICATE-----"}, nil, nil,
			"selfSignedCert holds no certificate in PEM"},
		{"certificate is a number", datasource.Settings{"verify": int64(3)}, nil, nil,
			"verify is neither true, false, PEM nor a path"},
		{"no pair", datasource.Settings{"clientCert": "-----BEGIN X-----\n-----END X-----", "clientKey": secret.New("-----BEGIN Y-----\ns3cr3t")}, nil, nil,
			"clientCert and clientKey are no pair: "},
		{"proxy of stix-shifter", nil, datasource.Settings{"proxy_host": "h"}, nil,
			"options.proxy_host names a proxy of stix-shifter, which this connector cannot use"},
		{"retries", nil, nil, []string{"STIXSHIFTER_RETRY_MAX=many"},
			`variable STIXSHIFTER_RETRY_MAX is "many", expected a number from 1 to 3600`},
		{"connect time", nil, nil, []string{"STIXSHIFTER_CONNECT_TIMEOUT=0"},
			`variable STIXSHIFTER_CONNECT_TIMEOUT is "0", expected a number from 1 to 3600`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			connection := datasource.Settings{"host": "e"}
			maps.Copy(connection, tt.connection)
			p := datasource.Profile{Name: "p", Connector: "c", Connection: connection, Options: tt.options}
			_, err := FromProfile(p, datasource.Env{Getenv: getenv(tt.vars...)})
			var f *datasource.Failure
			if !errors.As(err, &f) || !strings.HasPrefix(f.Reason, tt.want) || f.Kind != datasource.Misconfigured {
				t.Fatalf("FromProfile: %v, want %s", err, tt.want)
			}
			if strings.Contains(fmt.Sprintf("%+v", f), "s3cr3t") {
				t.Errorf("the failure shows a secret: %+v", f)
			}
		})
	}
}

func TestFromProfileEnvironment(t *testing.T) {
	t.Parallel()
	p := datasource.Profile{Name: "p", Connection: datasource.Settings{"host": "e"}, Timeout: time.Second, CoolDown: 2 * time.Second}
	cfg, err := FromProfile(p, datasource.Env{Getenv: getenv(
		"https_proxy=http://proxy.example.com:3128", "HTTP_PROXY=http://other.example.com", "NO_PROXY=.local,10.0.0.0/8",
		"STIXSHIFTER_RETRY_MAX=7", "STIXSHIFTER_CONNECT_TIMEOUT=4")})
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Attempts != 7 || cfg.ConnectTimeout != 4*time.Second || cfg.Timeout != time.Second || cfg.CoolDown != 2*time.Second {
		t.Errorf("attempts %d, connect %s, timeout %s, cool-down %s", cfg.Attempts, cfg.ConnectTimeout, cfg.Timeout, cfg.CoolDown)
	}
	for to, want := range map[string]string{
		"https://e": "proxy.example.com:3128", "http://e": "other.example.com", "https://x.local": "", "https://10.1.2.3": "",
	} {
		u, err := url.Parse(to)
		if err != nil {
			t.Fatal(err)
		}
		proxy, err := cfg.Proxy(u)
		if err != nil {
			t.Fatalf("Proxy(%s): %v", to, err)
		}
		got := ""
		if proxy != nil {
			got = proxy.Host
		}
		if got != want {
			t.Errorf("Proxy(%s) = %q, want %q", to, got, want)
		}
	}
}

func TestInsecureIsSaid(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		connection datasource.Settings
		want       bool
	}{
		{"false", datasource.Settings{"host": "e", "selfSignedCert": false}, true},
		{"the word", datasource.Settings{"host": "e", "selfSignedCert": "False"}, true},
		{"alias", datasource.Settings{"host": "e", "verify": false}, true},
		{"true", datasource.Settings{"host": "e", "selfSignedCert": true}, false},
		{"empty", datasource.Settings{"host": "e", "selfSignedCert": ""}, false},
		{"the first name wins", datasource.Settings{"host": "e", "selfSignedCert": true, "verify": false}, false},
		{"without TLS", datasource.Settings{"host": "http://e", "selfSignedCert": false}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cfg, err := FromProfile(datasource.Profile{Name: "p", Connection: tt.connection}, datasource.Env{})
			if err != nil {
				t.Fatal(err)
			}
			notes := New(cfg).Notes()
			if said := len(notes) == 1 && notes[0].Code == diag.InsecureSource; said != tt.want {
				t.Errorf("Notes() = %v, want one of them: %v", notes, tt.want)
			}
			if cfg.TLS.InsecureSkipVerify != tt.want {
				t.Errorf("InsecureSkipVerify %v, want %v", cfg.TLS.InsecureSkipVerify, tt.want)
			}
		})
	}
}
