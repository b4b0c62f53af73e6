// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package transport

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpproxy"

	"github.com/kestrelhunt/kestrel/datasource"
)

// FromProfile makes a Config of what all profiles have in common: host, port,
// trust, proxies and times. Credentials are the connector's to add. Errors are
// *datasource.Failure of kind Misconfigured.
//
// A host may begin with http:// or https://, else it is https; it may have a
// port and a path. The connection's selfSignedCert (or verify) is false to trust
// any certificate, or PEM text or a path of authorities to trust besides those
// of the system; sni is the name that the certificate is for; clientCert and
// clientKey, PEM or paths, are shown to a server that asks for them.
//
// Of the environment count HTTPS_PROXY, HTTP_PROXY and NO_PROXY, and
// STIXSHIFTER_RETRY_MAX and STIXSHIFTER_CONNECT_TIMEOUT as in stix-shifter.
func FromProfile(p datasource.Profile, env datasource.Env) (Config, error) {
	cfg := Config{
		Source:   p.Name,
		Dial:     env.Dial,
		Secrets:  append(p.Auth.Secrets(), p.Connection.Secrets()...),
		Timeout:  p.Timeout,
		CoolDown: p.CoolDown,
		Now:      env.WorldTime(),
	}
	if _, ok := p.Options.Lookup("proxy_host"); ok {
		return cfg, misconfigured(p.Name, errors.New("options.proxy_host names a proxy of stix-shifter, which this connector cannot use"),
			"set HTTPS_PROXY for a proxy of HTTP, or connector: bridge:"+p.Connector+" for one of stix-shifter")
	}
	base, err := baseURL(p.Connection)
	if err != nil {
		return cfg, misconfigured(p.Name, err, "")
	}
	cfg.Base = base
	if cfg.TLS, cfg.Notes, err = trust(p.Connection, env.Dir, base); err != nil {
		return cfg, misconfigured(p.Name, err, "")
	}
	if err := fromEnvironment(&cfg, env.Getenv); err != nil {
		return cfg, misconfigured(p.Name, err, "")
	}
	return cfg, nil
}

// misconfigured returns a failure of a profile.
func misconfigured(source string, err error, hint string) *datasource.Failure {
	return &datasource.Failure{
		Kind: datasource.Misconfigured, Source: source, Op: "read profile",
		Reason: err.Error(), Hint: hint, Err: err,
	}
}

// baseURL returns the URL that host and port of a connection name. Its errors
// do not show the host, which may hold a password.
func baseURL(connection datasource.Settings) (*url.URL, error) {
	host, err := connection.Text("host")
	if err != nil {
		return nil, err
	}
	port, err := connection.Int("port", 0, 1, 65535)
	if err != nil {
		return nil, err
	}
	host = strings.TrimSpace(host)
	if ip := net.ParseIP(strings.Trim(host, "[]")); ip != nil && ip.To4() == nil {
		host = "[" + strings.Trim(host, "[]") + "]"
	}
	if !strings.Contains(host, "://") {
		host = "https://" + host
	}
	u, err := url.Parse(host)
	switch {
	case err != nil || u.Hostname() == "":
		return nil, errors.New("host is no name of a server, with or without http:// or https://")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("host begins with %s://, expected http:// or https://", u.Scheme)
	case u.User != nil:
		return nil, errors.New("host has a user in it, expected the credentials under config.auth")
	case u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("host has a ? or # in it, expected a name, a port and a path at most")
	}
	own := u.Port()
	switch {
	case own != "" && port != 0 && own != strconv.Itoa(port):
		return nil, fmt.Errorf("host has port %s in it, but port is %d", own, port)
	case own == "" && port != 0:
		u.Host = net.JoinHostPort(u.Hostname(), strconv.Itoa(port))
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = ""
	return u, nil
}

// fromEnvironment reads the variables that count.
func fromEnvironment(cfg *Config, getenv func(string) string) error {
	if getenv == nil {
		return nil
	}
	either := func(name string) string {
		if v := getenv(name); v != "" {
			return v
		}
		return getenv(strings.ToLower(name))
	}
	proxies := httpproxy.Config{
		HTTPProxy:  either("HTTP_PROXY"),
		HTTPSProxy: either("HTTPS_PROXY"),
		NoProxy:    either("NO_PROXY"),
	}
	if getenv("REQUEST_METHOD") != "" {
		proxies.HTTPProxy = "" // set by a client of ours, if we run behind CGI
	}
	find := proxies.ProxyFunc()
	cfg.Proxy = func(u *url.URL) (*url.URL, error) {
		proxy, err := find(u)
		if err != nil { // the error shows the URL with its password
			return nil, errProxyURL
		}
		return proxy, nil
	}
	retries, err := positive(getenv, "STIXSHIFTER_RETRY_MAX")
	if err != nil {
		return err
	}
	connect, err := positive(getenv, "STIXSHIFTER_CONNECT_TIMEOUT")
	if err != nil {
		return err
	}
	cfg.Attempts = retries
	cfg.ConnectTimeout = time.Duration(connect) * time.Second
	return nil
}

// positive reads a variable that is a number, 0 if it is not set.
func positive(getenv func(string) string, name string) (int, error) {
	text := getenv(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 3600 {
		return 0, fmt.Errorf("variable %s is %q, expected a number from 1 to 3600", name, datasource.Shorten(text, 40))
	}
	return n, nil
}
