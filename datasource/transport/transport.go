// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package transport is the HTTP that connectors share: where a profile's server
// is and how it is trusted, credentials, proxies, time-outs, repetition, pauses,
// and answers that are bounded and of a known kind.
//
// A connector makes a [Config] of its profile, adds credentials, and asks with
// [Client.Do]. Every failure is a *datasource.Failure whose kind follows from
// the status or the Go error and whose text holds neither credentials nor the
// query of a URL; but when the context has ended, the error wraps that of the
// context. Nothing is logged.
package transport

import (
	"context"
	"crypto/tls"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/secret"
)

// Config says how to talk to a server. Of the zero Config only Source and Base
// must be filled in.
type Config struct {
	Source string   // the profile, for messages
	Base   *url.URL // scheme, host, and the path that all requests begin with

	TLS         *tls.Config // nil: the system's authorities
	Proxy       func(*url.URL) (*url.URL, error)
	Dial        func(ctx context.Context, network, address string) (net.Conn, error)
	Credentials []Credential
	Secrets     []secret.String // what else messages must not hold

	Timeout        time.Duration // of one call with its answer; 0 means DefaultTimeout of package datasource
	ConnectTimeout time.Duration // of the connection alone; 0 means ten seconds
	Attempts       int           // of a call that may be repeated; 0 means three
	MaxBody        int64         // bytes of one answer, unpacked; 0 means 256 MiB
	Interval       time.Duration // least time between two requests
	CoolDown       time.Duration // least time between an answer and the next paced request

	// Explain finds the kind and the reason of a failure in an answer with a
	// status of 400 or above. A kind "" means that the status decides, a reason
	// "" that the text of the answer is the reason. It may be nil.
	Explain func(status int, body []byte) (kind datasource.Kind, reason string)

	Notes []datasource.Note // what the source should say with each answer

	Now   func() time.Time                                 // nil: the system's clock
	Sleep func(ctx context.Context, d time.Duration) error // nil: wait so long
}

// A Client talks to one server. Its methods may be called concurrently.
type Client struct {
	cfg     Config
	http    *http.Client
	secrets []secret.String

	mu      sync.Mutex
	next    time.Time     // when the next request may be made
	rested  time.Time     // when the next paced request may be made
	skew    time.Duration // how far the server's clock is ahead
	dated   bool          // the server said what time it is
	backOff float64       // from 0 to 1; a test sets it
}

// New returns a client. It opens no connection.
func New(cfg Config) *Client {
	if cfg.Timeout <= 0 {
		cfg.Timeout = datasource.DefaultTimeout
	}
	if cfg.ConnectTimeout <= 0 {
		cfg.ConnectTimeout = 10 * time.Second
	}
	if cfg.Attempts <= 0 {
		cfg.Attempts = 3
	}
	if cfg.MaxBody <= 0 {
		cfg.MaxBody = 256 << 20
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Sleep == nil {
		cfg.Sleep = sleep
	}
	if cfg.Dial == nil {
		cfg.Dial = (&net.Dialer{KeepAlive: 30 * time.Second}).DialContext
	}
	c := &Client{cfg: cfg, backOff: -1, secrets: slices.Clone(cfg.Secrets)}
	for _, cred := range cfg.Credentials {
		c.secrets = append(c.secrets, cred.Value, cred.bare)
	}
	c.http = &http.Client{
		Transport: &http.Transport{
			Proxy:                  c.proxy,
			DialContext:            c.dial,
			TLSClientConfig:        cfg.TLS,
			TLSHandshakeTimeout:    cfg.ConnectTimeout,
			OnProxyConnectResponse: proxyAnswer,
			MaxResponseHeaderBytes: 1 << 20,
			MaxIdleConnsPerHost:    8,
			IdleConnTimeout:        time.Minute,
		},
		CheckRedirect: c.redirect,
	}
	return c
}

// Close closes idle connections. The client can still be used.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

// Notes returns what should be said with each answer: that the server is not
// verified, or that its clock differs from ours by more than a minute.
func (c *Client) Notes() []datasource.Note {
	notes := append([]datasource.Note(nil), c.cfg.Notes...)
	if skew, ok := c.Skew(); ok && (skew > time.Minute || skew < -time.Minute) {
		notes = append(notes, skewNote(skew))
	}
	return notes
}

// proxy returns the proxy for a request.
func (c *Client) proxy(r *http.Request) (*url.URL, error) {
	if c.cfg.Proxy == nil {
		return nil, nil
	}
	return c.cfg.Proxy(r.URL)
}

// dial opens a connection, within the time that a connection may take.
func (c *Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.cfg.ConnectTimeout, errConnectTimeout)
	defer cancel()
	conn, err := c.cfg.Dial(ctx, network, address)
	if err != nil && context.Cause(ctx) == errConnectTimeout { //nolint:errorlint // the cause is set above
		return nil, errConnectTimeout
	}
	return conn, err
}

// sleep waits for d, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// pace waits until a request may be made.
func (c *Client) pace(ctx context.Context, paced bool) error {
	c.mu.Lock()
	now := c.cfg.Now()
	at := now
	if c.next.After(at) {
		at = c.next
	}
	if paced && c.rested.After(at) {
		at = c.rested
	}
	c.next = at.Add(c.cfg.Interval)
	c.mu.Unlock()
	if at.After(now) {
		return c.cfg.Sleep(ctx, at.Sub(now))
	}
	return ctx.Err()
}

// rest notes that an answer has come.
func (c *Client) rest() {
	c.mu.Lock()
	c.rested = c.cfg.Now().Add(c.cfg.CoolDown)
	c.mu.Unlock()
}

// wait returns how long to wait before attempt n, counted from one, unless the
// server says: 0.5 s, 1 s, 2 s and so on up to 8 s, of which between half and
// all is taken, so that many clients do not come back at once.
func (c *Client) wait(n int) time.Duration {
	d := min(500*time.Millisecond<<min(n-1, 10), 8*time.Second)
	f := c.backOff
	if f < 0 {
		f = rand.Float64()
	}
	return d/2 + time.Duration(f*float64(d/2))
}
