// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package config_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/internal/config"
	"github.com/kestrelhunt/kestrel/secret"
)

const file = "/home/hunter/.config/kestrel/stixshifter.yaml"

// environment returns one whose only file has that text; none if it is "".
func environment(yaml string, vars ...string) config.Environment {
	return config.Environment{
		Vars: vars,
		Home: "/home/hunter",
		ReadFile: func(name string) ([]byte, error) {
			if yaml == "" || name != file {
				return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
			}
			return []byte(yaml), nil
		},
	}
}

const hosts = `profiles:
  Host101:
    connector: elastic_ecs:beats
    connection:
      host: elastic.example.com
      port: 9200
      indices: host101
      selfSignedCert: false
      options:
        retrieval_batch_size: 10000
        single_batch_timeout: 120
        cool_down_after_transmission: 2
        allow_dev_connector: True
        dialects:
          - ecs
        unmapped_fallback: true
    config:
      auth:
        id: $HOST101_ID
        api_key: ${HOST101_KEY}
  host_102:
    connector: qradar
    connection:
      host: qradar.example.com
    config:
      auth:
        SEC: 123e4567
options:
  fast_translate: [qradar]
`

// plain makes secrets comparable.
var plain = cmp.Transformer("secret", func(s secret.String) string { return "secret " + s.Reveal() })

func TestProfile(t *testing.T) {
	t.Parallel()
	host101 := config.Profile{
		Name: "host101", Connector: "elastic_ecs", Dialects: []string{"beats"},
		Connection: map[string]any{
			"host": "elastic.example.com", "port": int64(9200), "indices": "host101", "selfSignedCert": false,
		},
		Options:   map[string]any{"unmapped_fallback": true},
		Config:    map[string]any{"auth": map[string]any{"id": secret.New("me"), "api_key": secret.New("k$y")}},
		BatchSize: 10000, Timeout: 2 * time.Minute, CoolDown: 2 * time.Second, AllowDev: true,
		Place: file + " line 2",
	}
	minimal := func(name, place string) config.Profile {
		return config.Profile{
			Name: name, Connector: "elastic_ecs", Place: place,
			Connection: map[string]any{"host": "h"}, Options: map[string]any{},
			Config: map[string]any{"auth": map[string]any{}},
		}
	}
	body := func(yaml string) string {
		return "profiles:\n  p:\n    connector: elastic_ecs\n" + yaml
	}
	with := func(p config.Profile, f func(*config.Profile)) config.Profile {
		f(&p)
		return p
	}
	tests := []struct {
		name, profile, yaml string
		vars                []string
		want                config.Profile
	}{
		{"file", "HOST101", hosts, []string{"HOST101_ID=me", "HOST101_KEY=k$y"}, host101},
		{"environment, name with underscore", "my_h_1", "", []string{
			"STIXSHIFTER_MY_H_1_CONNECTOR=elastic_ecs",
			`STIXSHIFTER_MY_H_1_CONNECTION={"host": "h", "port": 9200, "options": {"time_range": null, "result_limit": 7}}`,
			`STIXSHIFTER_MY_H_1_CONFIG={"auth": {"username": "u", "password": "$HOME 1", "pin": 12}}`,
		}, with(minimal("my_h_1", "variable STIXSHIFTER_MY_H_1_CONFIG"), func(p *config.Profile) {
			p.Connection["port"] = int64(9200)
			p.ResultLimit, p.HasWindow = 7, true
			p.Config = map[string]any{"auth": map[string]any{
				"username": secret.New("u"), "password": secret.New("$HOME 1"), "pin": secret.New("12"),
			}}
		})},
		{"environment over file", "host_102", hosts, []string{
			`stixshifter_host_102_connection={"port": 8443, "options": {"time_range": 60}}`,
			`STIXSHIFTER_HOST_102_CONFIG={"auth": {"sec": "other"}}`,
			"STIXSHIFTER_RETRY_MAX=5", "STIXSHIFTER_CONNECT_TIMEOUT=5", "STIXSHIFTER_CONFIG={",
		}, config.Profile{
			Name: "host_102", Connector: "qradar", Place: file + " line 21",
			Connection: map[string]any{"host": "qradar.example.com", "port": int64(8443)},
			Options:    map[string]any{}, Window: time.Hour, HasWindow: true,
			Config: map[string]any{"auth": map[string]any{"SEC": secret.New("other")}},
		}},
		{"credentials that look like numbers", "host_102", hosts, nil, config.Profile{
			Name: "host_102", Connector: "qradar", Place: file + " line 21",
			Connection: map[string]any{"host": "qradar.example.com"}, Options: map[string]any{},
			Config: map[string]any{"auth": map[string]any{"SEC": secret.New("123e4567")}},
		}},
		{"no credentials", "p", body("    connection: {host: h}\n    config: {auth: {}}\n"), nil,
			minimal("p", file+" line 2")},
		{"no credentials, null", "p", body("    connection: {host: h}\n    config:\n      auth:\n"), nil,
			minimal("p", file+" line 2")},
		{"url of a bundle", "p", "profiles: {p: {connector: stix_bundle, connection: {url: ~/b.json}, config: {auth: {}}}}", nil,
			config.Profile{
				Name: "p", Connector: "stix_bundle", Place: file + " line 1",
				Connection: map[string]any{"url": "/home/hunter/b.json"}, Options: map[string]any{},
				Config: map[string]any{"auth": map[string]any{}},
			}},
		{"bridge", "p", "profiles: {p: {connector: 'Bridge:okta:a:b', connection: {host: h}, config: {auth: {}}}}", nil,
			with(minimal("p", file+" line 1"), func(p *config.Profile) {
				p.Connector, p.Dialects = "bridge:okta", []string{"a", "b"}
			})},
		{"older names", "p", body("    connection: {host: h, timerange: 9, resultSizeLimit: 8, timeoutLimit: 7}\n    config: {auth: {}}\n"), nil,
			with(minimal("p", file+" line 2"), func(p *config.Profile) {
				p.Window, p.HasWindow, p.ResultLimit, p.Timeout = 9*time.Minute, true, 8, 7*time.Second
			})},
		{"the runtime's name wins", "p", body("    connection: {host: h, timeoutLimit: 7, options: {timeout: 6, single_batch_timeout: 5}}\n    config: {auth: {}}\n"), nil,
			with(minimal("p", file+" line 2"), func(p *config.Profile) { p.Timeout = 5 * time.Second })},
		{"number in a variable", "p", body("    connection: {host: h, port: $PORT, options: {retrieval_batch_size: $SIZE}}\n    config: {auth: {}}\n"),
			[]string{"PORT=92", "SIZE=10"},
			with(minimal("p", file+" line 2"), func(p *config.Profile) {
				p.Connection["port"], p.BatchSize = "92", 10
			})},
		{"variable that is not set", "p", body("    connection: {host: h, note: a$b}\n    config: {auth: {token: $TOKEN}}\n"), nil,
			with(minimal("p", file+" line 2"), func(p *config.Profile) {
				p.Connection["note"] = "a$b"
				p.Config = map[string]any{"auth": map[string]any{"token": secret.New("$TOKEN")}}
				p.Warnings = []string{"config.auth.token names variable TOKEN, which is not set"}
			})},
		{"anchors and merge keys", "p", "x: &x {host: h, port: 1}\nprofiles: {p: {connector: elastic_ecs, connection: {<<: *x, port: 2}, config: {auth: {}}}}", nil,
			with(minimal("p", file+" line 2"), func(p *config.Profile) { p.Connection["port"] = int64(2) })},
		{"secrets outside config", "p", body("    connection: {host: h, clientKey: k, options: {proxy_auth: a, list: [{password: b}]}}\n    config: {auth: {}}\n"), nil,
			with(minimal("p", file+" line 2"), func(p *config.Profile) {
				p.Connection["clientKey"] = secret.New("k")
				p.Options = map[string]any{
					"proxy_auth": secret.New("a"),
					"list":       []any{map[string]any{"password": secret.New("b")}},
				}
			})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, err := config.LoadShifter(environment(tt.yaml, tt.vars...))
			if err != nil {
				t.Fatalf("LoadShifter: %v", err)
			}
			got, err := s.Profile(tt.profile)
			if err != nil {
				t.Fatalf("Profile(%s): %v", tt.profile, err)
			}
			if diff := cmp.Diff(&tt.want, got, plain); diff != "" {
				t.Errorf("Profile(%s): -want +got\n%s", tt.profile, diff)
			}
		})
	}
}

func TestProfileErrors(t *testing.T) {
	t.Parallel()
	body := func(yaml string) string { return "profiles:\n  host1:\n    " + yaml + "\n" }
	tests := []struct {
		name, yaml string
		vars       []string
		want, hint string
	}{
		{"unknown, near", "profiles: {host2: {}}", nil,
			"no profile host1 is configured for stixshifter://", "did you mean host2?"},
		{"unknown, others", "profiles: {alpha: {}, beta: {}}", nil,
			"no profile host1 is configured for stixshifter://", "there are: alpha, beta"},
		{"unknown, none", "", nil,
			"no profile host1 is configured for stixshifter://", "define it in " + file + ", or in variables"},
		{"unknown, named file missing", "", []string{"KESTREL_STIXSHIFTER_CONFIG=~/$X.yaml", "X=a"},
			"no profile host1 is configured for stixshifter://", "there is no file /home/hunter/a.yaml, which KESTREL_STIXSHIFTER_CONFIG names"},
		{"empty", body(""), nil, file + " line 2: profile host1 of stixshifter:// is empty", ""},
		{"empty object", body("{}"), nil, file + " line 2: profile host1 of stixshifter:// is empty", ""},
		{"no object", body("- a"), nil, file + " line 2: profile host1 of stixshifter:// is a list, expected an object", ""},
		{"no connector", body("connection: {}"), nil, file + " line 2: profile host1 of stixshifter:// has no connector", "name the connector"},
		{"misspelt connector", body("conector: a"), nil, file + " line 3: profile host1 of stixshifter:// has no connector",
			"did you mean connector where you wrote conector?"},
		{"no connection", body("connector: a"), nil, file + " line 2: profile host1 of stixshifter:// has no connection", "a profile has"},
		{"no config", body("connector: a\n    connection: {}"), nil, file + " line 2: profile host1 of stixshifter:// has no config", "a profile has"},
		{"no host", body("connector: a\n    connection: {port: 1}\n    config: {}"), nil,
			file + " line 4: profile host1 of stixshifter:// has no host in its connection", "say where the server is"},
		{"empty host", body("connector: a\n    connection: {host: ''}\n    config: {}"), nil,
			file + " line 4: profile host1 of stixshifter:// has no host in its connection", "say where"},
		{"url of another connector", body("connector: a\n    connection: {url: b}\n    config: {}"), nil,
			file + " line 4: profile host1 of stixshifter:// has no host in its connection", "say where"},
		{"no auth", body("connector: a\n    connection: {host: b}\n    config: {aut: {}}"), nil,
			file + " line 5: profile host1 of stixshifter:// has no auth in its config", "did you mean auth where you wrote aut?"},
		{"auth is text", body("connector: a\n    connection: {host: b}\n    config: {auth: s3cr3t}"), nil,
			file + " line 5: config.auth of profile host1 is text, expected an object", ""},
		{"connection is text", body("connector: a\n    connection: b\n    config: {}"), nil,
			file + " line 4: connection of profile host1 is text, expected an object", ""},
		{"options are a list", body("connector: a\n    connection: {host: b, options: [1]}\n    config: {auth: {}}"), nil,
			file + " line 4: connection.options of profile host1 is a list, expected an object", ""},
		{"option is no number", body("connector: a\n    config: {auth: {}}\n    connection:\n      host: b\n      options:\n        retrieval_batch_size: many"), nil,
			file + ` line 8: connection.options.retrieval_batch_size of profile host1 is "many", expected a number from 1 to 10000000`, ""},
		{"option out of range", body("connector: a\n    connection: {host: b, options: {single_batch_timeout: 0}}\n    config: {auth: {}}"), nil,
			file + ` line 4: connection.options.single_batch_timeout of profile host1 is "0", expected a number from 1 to 86400`, ""},
		{"option is no boolean", body("connector: a\n    connection: {host: b, options: {allow_dev_connector: maybe}}\n    config: {auth: {}}"), nil,
			file + ` line 4: connection.options.allow_dev_connector of profile host1 is "maybe", expected true or false`, ""},
		{"dialects are no list", body("connector: a\n    connection: {host: b, options: {dialects: {a: b}}}\n    config: {auth: {}}"), nil,
			file + ` line 4: connection.options.dialects of profile host1 is an object, expected a list of names`, ""},
		{"bad JSON", "", []string{"STIXSHIFTER_HOST1_CONNECTOR=a", `STIXSHIFTER_HOST1_CONFIG={"auth": {"key": s3cr3t}}`},
			"variable STIXSHIFTER_HOST1_CONFIG: this is no valid JSON: unexpected text at character 18", "write a JSON object"},
		{"truncated JSON", "", []string{`STIXSHIFTER_HOST1_CONFIG={"auth": {"key": "s3cr3t`},
			"variable STIXSHIFTER_HOST1_CONFIG: this is no valid JSON: it ends too early", "write a JSON object"},
		{"JSON with a tail", "", []string{`STIXSHIFTER_HOST1_CONFIG={} s3cr3t`},
			"variable STIXSHIFTER_HOST1_CONFIG: this is no valid JSON: there is more text behind the object", "write a JSON object"},
		{"JSON that is no object", "", []string{`STIXSHIFTER_HOST1_CONNECTION="s3cr3t"`},
			"variable STIXSHIFTER_HOST1_CONNECTION: expected a JSON object, found text", ""},
		{"environment alone, without host", "", []string{
			"STIXSHIFTER_HOST1_CONNECTOR=a", `STIXSHIFTER_HOST1_CONNECTION={}`, `STIXSHIFTER_HOST1_CONFIG={}`},
			"variable STIXSHIFTER_HOST1_CONNECTION: profile host1 of stixshifter:// has no host in its connection", "say where"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, err := config.LoadShifter(environment(tt.yaml, tt.vars...))
			if err != nil {
				t.Fatalf("LoadShifter: %v", err)
			}
			_, err = s.Profile("Host1")
			var e *config.Error
			if !errors.As(err, &e) {
				t.Fatalf("Profile(Host1): %v, want a config.Error", err)
			}
			if e.Error() != tt.want {
				t.Errorf("Profile(Host1): %q, want %q", e.Error(), tt.want)
			}
			if !strings.HasPrefix(e.Hint, tt.hint) {
				t.Errorf("hint %q, want %q", e.Hint, tt.hint)
			}
			if e.Profile != "host1" {
				t.Errorf("profile %q, want host1", e.Profile)
			}
			if strings.Contains(fmt.Sprintf("%+v", e), "s3cr3t") {
				t.Errorf("the error shows a secret: %+v", e)
			}
		})
	}
}

func TestLoadShifterErrors(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, yaml, want string }{
		{"tab", "profiles:\n\thost: a", file + " line 2: this is no valid YAML: "},
		{"bracket", "a: 1\nb: [1, 2\nc: 3\n", file + " line 2: this is no valid YAML: "},
		{"end of the file", "{a: 1\n", file + " line 2: this is no valid YAML: "},
		{"scanner", "a: 1\nb: c: d\n", file + " line 2: this is no valid YAML: "},
		{"unknown anchor", "profiles:\n  p: {config: {auth: {key: *s3cr3t}}}", file + ": this is no valid YAML: a value begins with * or &, and is no anchor"},
		{"key twice", "profiles:\n  p:\n    connector: a\n    connector: b\n", file + " line 4: connector is there a second time; the first is in line 3"},
		{"profile twice", "profiles:\n  p: {}\n  P: {}\n", file + " line 3: profile p is there a second time; the first is in line 2"},
		{"list", "- a\n", file + " line 1: expected profiles, found a list"},
		{"profiles are a list", "profiles:\n- a\n", file + " line 1: profiles are a list, expected an object with one profile each"},
		{"misspelt", "# mine\nprofile:\n  p: {}\n", file + " line 2: there are no profiles"},
		{"two documents", "a: 1\n---\nb: 2\n", file + ": there are several documents, expected one"},
		{"key that is no text", "profiles: {[a]: b}", file + " line 1: a key is no text"},
		{"aliases that multiply", bomb(), file + " line "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			vars := []string{
				"STIXSHIFTER_E_CONNECTOR=a", `STIXSHIFTER_E_CONNECTION={"host": "h"}`, `STIXSHIFTER_E_CONFIG={"auth": {}}`}
			s, err := config.LoadShifter(environment(tt.yaml, vars...))
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Fatalf("LoadShifter: %v, want %s", err, tt.want)
			}
			if strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("the error shows a secret: %v", err)
			}
			if _, err := s.Profile("e"); err != nil {
				t.Errorf("Profile(e) of the environment: %v", err)
			}
		})
	}
}

// bomb returns a small file that aliases make huge.
func bomb() string {
	text := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := range 8 {
		item := fmt.Sprintf("*a%d, ", i)
		text += fmt.Sprintf("a%d: &a%d [%s]\n", i+1, i+1, strings.Repeat(item, 10))
	}
	return text
}

func TestLoadShifterUnreadable(t *testing.T) {
	t.Parallel()
	env := config.Environment{
		Vars: []string{"KESTREL_STIXSHIFTER_CONFIG=/etc/k.yaml"},
		ReadFile: func(name string) ([]byte, error) {
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
		},
	}
	_, err := config.LoadShifter(env)
	if want := "/etc/k.yaml: cannot be read: permission denied"; err == nil || err.Error() != want {
		t.Errorf("LoadShifter: %v, want %s", err, want)
	}
	if !errors.Is(err, fs.ErrPermission) {
		t.Errorf("%v is not ErrPermission", err)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	s, err := config.LoadShifter(environment(hosts, "STIXSHIFTER_A_B_CONFIG={", "STIXSHIFTER_RETRY_MAX=3",
		"STIXSHIFTER_CONNECT_TIMEOUT=1", "STIXSHIFTER_HOST101_CONNECTOR=x", "STIXSHIFTERX_Y_CONFIG={}"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a_b", "host101", "host_102"}, s.Names()); diff != "" {
		t.Errorf("Names: -want +got\n%s", diff)
	}
}

func TestProfileIsNeverShown(t *testing.T) {
	t.Parallel()
	s, err := config.LoadShifter(environment(hosts, "HOST101_ID=s3cr3t-id", "HOST101_KEY=s3cr3t-key"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Profile("host101")
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v"} {
		if got := fmt.Sprintf(verb, p); strings.Contains(got, "s3cr3t") {
			t.Errorf("%s shows a secret: %s", verb, got)
		}
	}
}
