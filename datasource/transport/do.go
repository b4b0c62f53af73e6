// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/kestrelhunt/kestrel/datasource"
)

// A Request is one question to a server.
type Request struct {
	Op     string // what it does, for messages: "search"
	Method string // GET if empty
	Path   string // escaped, beginning with a slash, without query; behind the path of the base
	Query  url.Values
	Header http.Header
	Body   []byte // JSON, unless Header says otherwise
	Native string // the native query that it carries, for messages; may be ""

	// Repeatable says that the request changes nothing on the server, so that a
	// POST may be repeated as a GET may.
	Repeatable bool

	// Paced makes the request wait for the cool-down.
	Paced bool

	// Accept lists statuses of 400 and above that are answers and no failures.
	Accept []int

	// AnyBody allows an answer that is no JSON.
	AnyBody bool

	// MaxBody bounds this answer; 0 means the client's bound.
	MaxBody int64

	// Into is memory that the body of the answer may use.
	Into []byte
}

// A Response is an answer, read to its end.
type Response struct {
	Status   int
	Header   http.Header
	Body     []byte // unpacked
	Attempts int    // how often the server was asked

	client *Client
	req    *Request
}

// Do asks the server, if need be again, and returns its answer. An answer with a
// status of 400 or above that the request does not accept, a body that is too
// large or cut, and one that is evidently no JSON are failures.
//
// What may be repeated is asked up to Attempts times, as long as that may help:
// after a broken connection, and after statuses 429, 500, 502, 503 and 504. What
// may not be repeated is, after 429 and 503 alone: they say that nothing was
// done. The server is never asked sooner than it says with Retry-After; if that
// is too long the call fails.
func (c *Client) Do(ctx context.Context, req *Request) (*Response, error) {
	for n := 1; ; n++ {
		if err := c.pace(ctx, req.Paced); err != nil {
			return nil, c.ended(req, err)
		}
		resp, fail := c.once(ctx, req)
		c.rest()
		if fail == nil {
			resp.Attempts = n
			return resp, nil
		}
		if err := ctx.Err(); err != nil {
			return nil, c.ended(req, err)
		}
		if n >= c.cfg.Attempts || !fail.again {
			return nil, fail.failure(n)
		}
		d, ok := fail.delay(c.wait(n))
		if !ok {
			return nil, fail.failure(n)
		}
		if err := c.cfg.Sleep(ctx, d); err != nil {
			return nil, c.ended(req, err)
		}
	}
}

// CleanUp asks the server to forget something: a search, a point in time. It is
// meant for when ctx has ended already, does not end with it, and takes five
// seconds at most. It asks once.
func (c *Client) CleanUp(ctx context.Context, req *Request) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_, fail := c.once(ctx, req)
	if fail != nil {
		return fail.failure(1)
	}
	return nil
}

// ended returns the error of a call whose context has ended.
func (c *Client) ended(req *Request, err error) error {
	return fmt.Errorf("%s: %s: %w", c.cfg.Source, req.Op, err)
}

// A misfire is a call that failed.
type misfire struct {
	datasource.Failure
	again bool          // a repetition may help, and does no harm
	after time.Duration // what the server wants waited; 0 if it does not say
}

// maxRetryAfter bounds how long to wait because a server wants it.
const maxRetryAfter = 2 * time.Minute

// delay returns how long to wait before the next attempt, and whether there
// should be one.
func (m *misfire) delay(own time.Duration) (time.Duration, bool) {
	return max(own, m.after), m.after <= maxRetryAfter
}

// failure returns what to report after n attempts.
func (m *misfire) failure(n int) error {
	f := m.Failure
	if m.after > maxRetryAfter {
		f.Reason += fmt.Sprintf(", and wants to be left alone for %s", m.after.Round(time.Second))
	} else if n > 1 {
		f.Reason += fmt.Sprintf(", %d times in a row", n)
	}
	return &f
}

// once asks the server one time.
func (c *Client) once(ctx context.Context, req *Request) (*Response, *misfire) {
	call, cancel := context.WithTimeoutCause(ctx, c.cfg.Timeout, errCallTimeout)
	defer cancel()
	sent := new(watch)
	hr, err := c.request(sent.trace(call), req)
	if err != nil {
		return nil, &misfire{Failure: c.fail(req, datasource.InvalidParameter, err.Error(), "")}
	}
	resp, err := c.http.Do(hr)
	if err != nil {
		return nil, c.broken(call, req, sent, err)
	}
	defer resp.Body.Close()
	c.noteClock(resp.Header)
	body, err := c.readBody(req, resp)
	if err != nil {
		return nil, c.broken(call, req, sent, err)
	}
	if resp.StatusCode >= 300 && !slices.Contains(req.Accept, resp.StatusCode) {
		return nil, c.refused(req, resp, body)
	}
	answer := &Response{Status: resp.StatusCode, Header: resp.Header, Body: body, client: c, req: req}
	if !req.AnyBody && len(body) > 0 && resp.StatusCode < 300 && notJSON(body) {
		return nil, &misfire{Failure: *c.notJSON(req, resp.StatusCode, resp.Header, body)}
	}
	return answer, nil
}

// request builds the HTTP request.
func (c *Client) request(ctx context.Context, req *Request) (*http.Request, error) {
	method := req.Method
	if method == "" {
		method = http.MethodGet
	}
	u, err := url.Parse(c.cfg.Base.String() + req.Path)
	if err != nil || u.Host != c.cfg.Base.Host || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("the path of the request is malformed")
	}
	u.RawQuery = req.Query.Encode()
	var body io.Reader
	if req.Body != nil {
		body = bytes.NewReader(req.Body)
	}
	hr, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, errors.New("the request is malformed")
	}
	hr.Header.Set("Accept", "application/json")
	hr.Header.Set("User-Agent", "kestrel")
	if req.Body != nil {
		hr.Header.Set("Content-Type", "application/json")
	}
	for name, values := range req.Header {
		hr.Header[http.CanonicalHeaderKey(name)] = values
	}
	for _, cred := range c.cfg.Credentials {
		if !validHeader(cred.Value.Reveal()) {
			return nil, fmt.Errorf("the credential for %s has a line break or another character that no header may have", cred.Name)
		}
		hr.Header.Set(cred.Name, cred.Value.Reveal())
	}
	return hr, nil
}

// validHeader reports whether a text can be the value of a header.
func validHeader(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

// redirect follows a server that moves within itself and refuses one that points
// elsewhere: credentials are for the server of the profile alone.
func (c *Client) redirect(r *http.Request, via []*http.Request) error {
	first := via[0]
	switch {
	case r.URL.Host != c.cfg.Base.Host || r.URL.Scheme != c.cfg.Base.Scheme:
		return &redirectError{to: r.URL.Scheme + "://" + r.URL.Host}
	case first.Method != http.MethodGet && first.Method != http.MethodHead:
		return &redirectError{to: r.URL.Path}
	case len(via) >= 5:
		return &redirectError{to: r.URL.Path, loops: true}
	}
	return nil
}

// A redirectError says that a server points where we do not go.
type redirectError struct {
	to    string
	loops bool
}

func (e *redirectError) Error() string {
	if e.loops {
		return "the server redirects without end, last to " + e.to
	}
	return "the server redirects to " + e.to
}
