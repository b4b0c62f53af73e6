// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package transport

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/secret"
)

const password = "s3cr3t-pässword"

// A fake is a server that answers as it is told and remembers what it was asked.
type fake struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []string
	bodies []string
	auth   []string
}

// serve starts a fake; each request is answered by the next of the handlers,
// then by the last again and again.
func serve(t *testing.T, overTLS bool, handlers ...http.HandlerFunc) *fake {
	t.Helper()
	f := new(fake)
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		f.mu.Lock()
		n := len(f.asked)
		f.asked = append(f.asked, r.Method+" "+r.URL.RequestURI())
		f.bodies = append(f.bodies, string(body))
		f.auth = append(f.auth, r.Header.Get("Authorization"))
		f.mu.Unlock()
		handlers[min(n, len(handlers)-1)](w, r)
	})
	f.Server = httptest.NewUnstartedServer(h)
	f.Config.ErrorLog = log.New(io.Discard, "", 0)
	if overTLS {
		f.StartTLS()
	} else {
		f.Start()
	}
	t.Cleanup(f.Close)
	return f
}

func (f *fake) requests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.asked...)
}

func (f *fake) base(t *testing.T) *url.URL {
	t.Helper()
	u, err := url.Parse(f.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// answer answers with a status, a body and headers.
func answer(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, body) //nolint:errcheck // the client may be gone
	}
}

// cut closes the connection in the middle of a body.
func cut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	io.WriteString(w, `{"a": [`) //nolint:errcheck // the client may be gone
	panic(http.ErrAbortHandler)
}

// A sleeper records how long the client waits instead of waiting.
type sleeper struct {
	mu  sync.Mutex
	now time.Time
	got []time.Duration
}

func (s *sleeper) sleep(ctx context.Context, d time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, d)
	s.now = s.now.Add(d)
	return ctx.Err()
}

func (s *sleeper) time() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// client returns a client of f that waits for nothing.
func client(t *testing.T, f *fake, change func(*Config)) (*Client, *sleeper) {
	t.Helper()
	s := &sleeper{now: time.Now()}
	cfg := Config{
		Source: "host101", Base: f.base(t), Now: s.time, Sleep: s.sleep,
		Credentials: []Credential{Basic(secret.New("me"), secret.New(password))},
		Secrets:     []secret.String{secret.New(password)},
	}
	if change != nil {
		change(&cfg)
	}
	c := New(cfg)
	c.backOff = 1
	t.Cleanup(func() { c.Close() })
	return c, s
}

func TestDo(t *testing.T) {
	t.Parallel()
	f := serve(t, false, answer(200, `{"took": 5}`))
	c, _ := client(t, f, func(c *Config) { c.Base.Path = "/es" })
	resp, err := c.Do(t.Context(), &Request{
		Op: "search", Method: "POST", Path: "/logs-%2A/_search", Query: url.Values{"a": {"1 2"}}, Body: []byte(`{"size":1}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	var v struct{ Took int }
	if err := resp.Decode(&v); err != nil || v.Took != 5 || resp.Attempts != 1 || resp.Status != 200 {
		t.Errorf("decoded %+v, %v after %d attempts", v, err, resp.Attempts)
	}
	if diff := cmp.Diff([]string{"POST /es/logs-%2A/_search?a=1+2"}, f.requests()); diff != "" {
		t.Errorf("requests: -want +got\n%s", diff)
	}
	if f.bodies[0] != `{"size":1}` || f.auth[0] != "Basic bWU6czNjcjN0LXDDpHNzd29yZA==" {
		t.Errorf("sent %q with %q", f.bodies[0], f.auth[0])
	}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		cred Credential
		want string
	}{
		{"basic", Basic(secret.New("u"), secret.New("p")), "Authorization: Basic dTpw"},
		{"API key", APIKey(secret.New("id"), secret.New("key")), "Authorization: ApiKey aWQ6a2V5"},
		{"encoded API key", EncodedAPIKey(secret.New("aWQ6a2V5")), "Authorization: ApiKey aWQ6a2V5"},
		{"bearer", Bearer(secret.New("t")), "Authorization: Bearer t"},
		{"header", Header("SEC", secret.New("t")), "SEC: t"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			name, want, _ := strings.Cut(tt.want, ": ")
			f := serve(t, false, func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprintf(w, "%q", r.Header.Get(name))
			})
			c, _ := client(t, f, func(c *Config) { c.Credentials = []Credential{tt.cred} })
			resp, err := c.Do(t.Context(), &Request{Op: "ask", Path: "/"})
			if err != nil {
				t.Fatal(err)
			}
			if got := string(resp.Body); got != fmt.Sprintf("%q", want) {
				t.Errorf("header %s is %s, want %q", name, got, want)
			}
		})
	}
}

// TestFailures holds what a hunter is told about each way in which a server may
// fail, and how often it is asked.
func TestFailures(t *testing.T) {
	t.Parallel()
	get := Request{Op: "ask", Path: "/x", Query: url.Values{"token": {password}}}
	post := Request{Op: "start", Method: "POST", Path: "/x", Body: []byte("{}"), Native: "SELECT 1"}
	search := post
	search.Repeatable = true
	ok := answer(200, `{}`)
	login := `<!DOCTYPE html><html><head><title>Sign in &amp; go</title></head><body><form><input type="password"></form></body></html>`
	tests := []struct {
		name     string
		req      Request
		handlers []http.HandlerFunc
		kind     datasource.Kind // "" means no failure
		reason   string
		status   int
		asked    int
		waits    []time.Duration
	}{
		{"bad credentials", get, []http.HandlerFunc{answer(401, `{"error":{"reason":"unable to authenticate user [me]"}}`)},
			datasource.Unauthenticated, "unable to authenticate user [me]", 401, 1, nil},
		{"no right", get, []http.HandlerFunc{answer(403, `{"message":"not for you"}`)}, datasource.Forbidden, "not for you", 403, 1, nil},
		{"no index", get, []http.HandlerFunc{answer(404, `{"error":"no such index"}`)}, datasource.InvalidParameter, "no such index", 404, 1, nil},
		{"bad query", get, []http.HandlerFunc{answer(400, `{"errors":[{"message":"syntax"}]}`)}, datasource.InvalidQuery, "syntax", 400, 1, nil},
		{"plain text", get, []http.HandlerFunc{answer(401, "go\naway")}, datasource.Unauthenticated, "go away", 401, 1, nil},
		{"no text", get, []http.HandlerFunc{answer(403, "")}, datasource.Forbidden, "forbidden", 403, 1, nil},
		{"error page", get, []http.HandlerFunc{answer(403, "<html><title>Denied</title><script>x</script><body>You <b>may</b> not</body></html>", "Content-Type", "text/html")},
			datasource.Forbidden, `the server answers with a web page with the title "Denied"`, 403, 1, nil},
		{"credentials in the answer", get, []http.HandlerFunc{answer(401, `{"message":"no user with me:`+password+` or bWU6czNjcjN0LXDDpHNzd29yZA=="}`)},
			datasource.Unauthenticated, "no user with me:*** or ***", 401, 1, nil},
		{"busy once, with Retry-After", post, []http.HandlerFunc{answer(429, "", "Retry-After", "3"), ok}, "", "", 0, 2, []time.Duration{3 * time.Second}},
		{"busy once, sooner than we come back", post, []http.HandlerFunc{answer(429, "", "Retry-After", "0"), ok}, "", "", 0, 2, []time.Duration{time.Second / 2}},
		{"busy for ever", get, []http.HandlerFunc{answer(429, "slow down")}, datasource.TooManyRequests, "slow down, 3 times in a row", 429, 3,
			[]time.Duration{time.Second / 2, time.Second}},
		{"busy for too long", get, []http.HandlerFunc{answer(429, "slow down", "Retry-After", "600")},
			datasource.TooManyRequests, "slow down, and wants to be left alone for 10m0s", 429, 1, nil},
		{"unavailable once", post, []http.HandlerFunc{answer(503, ""), ok}, "", "", 0, 2, []time.Duration{time.Second / 2}},
		{"fault, asked again", get, []http.HandlerFunc{answer(500, ""), answer(502, ""), ok}, "", "", 0, 3, []time.Duration{time.Second / 2, time.Second}},
		{"fault, search asked again", search, []http.HandlerFunc{answer(504, ""), ok}, "", "", 0, 2, []time.Duration{time.Second / 2}},
		{"fault, start not asked again", post, []http.HandlerFunc{answer(500, `{"detail":"oops"}`)}, datasource.Unknown, "oops", 500, 1, nil},
		{"cut once", get, []http.HandlerFunc{cut, ok}, "", "", 0, 2, []time.Duration{time.Second / 2}},
		{"cut, start not asked again", post, []http.HandlerFunc{cut}, datasource.Unknown, " closed the connection before the answer was whole", 0, 1, nil},
		{"cut always", get, []http.HandlerFunc{cut}, datasource.Unknown, " closed the connection before the answer was whole, 3 times in a row", 0, 3,
			[]time.Duration{time.Second / 2, time.Second}},
		{"login page", get, []http.HandlerFunc{answer(200, login)},
			datasource.Unknown, `the answer cannot be parsed: expected JSON, found a web page that asks for a password with the title "Sign in & go"`, 200, 1, nil},
		{"garbage", get, []http.HandlerFunc{answer(200, "OK: \x00\xff fine")},
			datasource.Unknown, `the answer cannot be parsed: expected JSON, found text that begins with "OK: \x00? fine"`, 200, 1, nil},
		{"never ends", get, []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(bytes.Repeat([]byte("[0,"), 10_000)); err != nil {
					return
				}
			}
		}}, datasource.Unknown, "the answer is larger than 1000000 bytes, or never ends", 0, 1, nil},
		{"unpacks to too much", get, []http.HandlerFunc{packed(bytes.Repeat([]byte("[[[["), 1_000_000))},
			datasource.Unknown, "the answer is larger than 1000000 bytes, or never ends", 0, 1, nil},
		{"drips for ever", get, []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				io.WriteString(w, " ")                 //nolint:errcheck // the client may be gone
				http.NewResponseController(w).Flush()  //nolint:errcheck // as above
				sleep(r.Context(), 5*time.Millisecond) //nolint:errcheck // as above
			}
		}}, datasource.Unavailable, "no whole answer from ", 0, 1, nil},
		{"does not answer", get, []http.HandlerFunc{func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
			datasource.Unavailable, "no whole answer from ", 0, 1, nil},
		{"redirects elsewhere", get, []http.HandlerFunc{answer(302, "", "Location", "https://sso.example.com/login?back="+password)},
			datasource.Unavailable, "the server redirects to https://sso.example.com", 0, 1, nil},
		{"redirects within", get, []http.HandlerFunc{answer(301, "", "Location", "/y"), ok}, "", "", 0, 2, nil},
		{"redirects a POST", post, []http.HandlerFunc{answer(307, "", "Location", "/y")}, datasource.Unavailable, "the server redirects to /y", 0, 1, nil},
		{"redirects for ever", get, []http.HandlerFunc{answer(302, "", "Location", "/y")}, datasource.Unavailable,
			"the server redirects without end, last to /y", 0, 5, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := serve(t, false, tt.handlers...)
			c, s := client(t, f, func(c *Config) {
				c.MaxBody = 1_000_000
				c.Timeout = 2 * time.Second
				if strings.HasPrefix(tt.reason, "no whole answer") {
					c.Timeout = 100 * time.Millisecond
				}
			})
			_, err := c.Do(t.Context(), &tt.req)
			checkFailure(t, err, tt.kind, tt.reason, tt.status)
			if got := len(f.requests()); got != tt.asked {
				t.Errorf("asked %d times, want %d", got, tt.asked)
			}
			if diff := cmp.Diff(tt.waits, s.got); diff != "" {
				t.Errorf("waits: -want +got\n%s", diff)
			}
		})
	}
}

// checkFailure compares an error with the failure that is wanted; a reason that
// begins with a blank is what is behind the address.
func checkFailure(t *testing.T, err error, kind datasource.Kind, reason string, status int) {
	t.Helper()
	if kind == "" {
		if err != nil {
			t.Errorf("Do: %v", err)
		}
		return
	}
	var f *datasource.Failure
	if !errors.As(err, &f) {
		t.Fatalf("Do: %v, want a Failure", err)
	}
	matches := strings.HasPrefix(f.Reason, reason) || reason[0] == ' ' && strings.HasSuffix(f.Reason, reason)
	if f.Kind != kind || f.Status != status || !matches {
		t.Errorf("failure %s, status %d, %q\nwant %s, %d, %q", f.Kind, f.Status, f.Reason, kind, status, reason)
	}
	if f.Source != "host101" || f.Op == "" || f.Remedy() == "" {
		t.Errorf("failure without source, operation or remedy: %+v", f)
	}
	for _, shown := range []string{f.Error(), fmt.Sprintf("%+v", *f), fmt.Sprint(f.Note())} {
		if strings.Contains(shown, password) || strings.Contains(shown, url.QueryEscape(password)) {
			t.Errorf("the failure shows a secret: %s", shown)
		}
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		t.Errorf("a failure of the server looks like the end of the context: %v", err)
	}
}

// packed answers with a body that is compressed.
func packed(body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "gzip" {
			http.Error(w, "no gzip", http.StatusNotAcceptable)
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		z.Write(body) //nolint:errcheck // the client may be gone
		z.Close()
	}
}

func TestGzip(t *testing.T) {
	t.Parallel()
	f := serve(t, false, packed([]byte(`{"a": 1}`)))
	c, _ := client(t, f, nil)
	resp, err := c.Do(t.Context(), &Request{Op: "ask", Path: "/"})
	if err != nil || string(resp.Body) != `{"a": 1}` {
		t.Errorf("Do: %v, %v", resp, err)
	}
}

func TestAccept(t *testing.T) {
	t.Parallel()
	f := serve(t, false, answer(404, `{"gone": true}`))
	c, _ := client(t, f, nil)
	resp, err := c.Do(t.Context(), &Request{Op: "ask", Path: "/", Accept: []int{404}, Into: make([]byte, 0, 100)})
	if err != nil || resp.Status != 404 || string(resp.Body) != `{"gone": true}` {
		t.Errorf("Do: %+v, %v", resp, err)
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	f := serve(t, false, answer(400, `{"type": "parsing_exception"}`), answer(400, `{"message": "other"}`))
	c, _ := client(t, f, func(c *Config) {
		c.Explain = func(status int, body []byte) (datasource.Kind, string) {
			if status == 400 && bytes.Contains(body, []byte("parsing")) {
				return datasource.NoResults, "explained"
			}
			return "", ""
		}
	})
	_, err := c.Do(t.Context(), &Request{Op: "ask", Path: "/"})
	checkFailure(t, err, datasource.NoResults, "explained", 400)
	_, err = c.Do(t.Context(), &Request{Op: "ask", Path: "/"})
	checkFailure(t, err, datasource.InvalidQuery, "other", 400)
}

func TestDecode(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, body, reason string }{
		{"cut", `{"results":[`, "the answer cannot be parsed as JSON: it is cut after 12 bytes"},
		{"wrong inside", `{"a": ]}`, "the answer cannot be parsed as JSON: unexpected text at byte 7 of 8"},
		{"empty", " ", "the answer is empty, expected JSON"},
		{"twice", `{} {}`, "the answer cannot be parsed as JSON: there is more text behind it"},
		{"wrong kind", `{"a": "text"}`, "the answer cannot be parsed as JSON: json: cannot unmarshal string"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := serve(t, false, answer(200, tt.body))
			c, _ := client(t, f, nil)
			resp, err := c.Do(t.Context(), &Request{Op: "ask", Path: "/"})
			if err != nil {
				t.Fatal(err)
			}
			var v struct{ A int }
			err = resp.Decode(&v)
			checkFailure(t, err, datasource.Unknown, tt.reason, 0)
			if !errors.Is(err, datasource.ErrInvalidData) {
				t.Errorf("%v is not ErrInvalidData", err)
			}
		})
	}
}

func TestTrust(t *testing.T) {
	t.Parallel()
	f := serve(t, true, answer(200, `{}`))
	certificate := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.Certificate().Raw}))
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "ca.pem"), []byte(certificate), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name       string
		connection datasource.Settings
		kind       datasource.Kind
		reason     string
	}{
		{"unknown authority", datasource.Settings{}, datasource.CertificateFailed, "the certificate of example.com is signed by no authority"},
		{"not verified", datasource.Settings{"selfSignedCert": false}, "", ""},
		{"PEM", datasource.Settings{"selfSignedCert": certificate}, "", ""},
		{"PEM quoted twice", datasource.Settings{"selfSignedCert": strings.ReplaceAll(certificate, "\n", `\n`)}, "", ""},
		{"file", datasource.Settings{"selfSignedCert": "ca.pem"}, "", ""},
		{"alias", datasource.Settings{"verify": filepath.Join(dir, "ca.pem")}, "", ""},
		{"another name", datasource.Settings{"host": "host.test", "selfSignedCert": certificate},
			datasource.CertificateFailed, "the certificate of host.test is for example.com, "},
		{"another name, sni", datasource.Settings{"host": "host.test", "selfSignedCert": certificate, "sni": "example.com"}, "", ""},
		{"without TLS", datasource.Settings{"host": "http://example.com"}, datasource.InvalidQuery, "Client sent an HTTP request to an HTTPS server."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			connection := datasource.Settings{"host": "example.com", "port": int64(9200)}
			maps.Copy(connection, tt.connection)
			cfg, err := FromProfile(datasource.Profile{Name: "host101", Connection: connection}, datasource.Env{
				Dir: dir,
				Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
					return new(net.Dialer).DialContext(ctx, network, f.Listener.Addr().String())
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			c := New(cfg)
			defer c.Close()
			_, err = c.Do(t.Context(), &Request{Op: "ask", Path: "/"})
			status := 0
			if tt.kind == datasource.InvalidQuery {
				status = 400
			}
			checkFailure(t, err, tt.kind, tt.reason, status)
		})
	}
}

func TestConnectionFailures(t *testing.T) {
	t.Parallel()
	f := serve(t, false, answer(200, `{}`))
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	tests := []struct {
		name   string
		host   string
		dial   func(ctx context.Context) (net.Conn, error)
		reason string
		waits  int
	}{
		{"no TLS", "https://elastic.example.com", func(ctx context.Context) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", f.Listener.Addr().String())
		}, "elastic.example.com does not speak TLS", 0},
		{"wrong host", "https://elastic.example.com", func(context.Context) (net.Conn, error) {
			return nil, &net.DNSError{Err: "no such host", Name: "elastic.example.com", IsNotFound: true}
		}, "no address is known for host elastic.example.com", 0},
		{"refused", "https://elastic.example.com:9200", func(ctx context.Context) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", closed.Addr().String())
		}, "elastic.example.com:9200 refused the connection", 0},
		{"no connection", "https://elastic.example.com", func(ctx context.Context) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}, "no connection to elastic.example.com within 50ms, 3 times in a row", 2},
		{"something else", "https://elastic.example.com", func(context.Context) (net.Conn, error) {
			return nil, errors.New("the cable is out")
		}, "no answer from elastic.example.com: the cable is out, 3 times in a row", 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, s := client(t, f, func(c *Config) {
				c.Base, _ = url.Parse(tt.host)
				c.ConnectTimeout = 50 * time.Millisecond
				c.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) { return tt.dial(ctx) }
			})
			// Nothing is sent, so that even what may not be done twice is tried again.
			_, err := c.Do(t.Context(), &Request{Op: "start", Method: "POST", Path: "/", Body: []byte("{}")})
			checkFailure(t, err, datasource.Unavailable, tt.reason, 0)
			if len(s.got) != tt.waits {
				t.Errorf("waited %v, want %d waits", s.got, tt.waits)
			}
		})
	}
}

func TestProxy(t *testing.T) {
	t.Parallel()
	f := serve(t, true, answer(200, `{}`))
	proxy := serve(t, false, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Proxy-Authorization") == "" {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		w.WriteHeader(http.StatusOK)
		up, err := net.Dial("tcp", f.Listener.Addr().String())
		if err != nil {
			return
		}
		down, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		go io.Copy(up, down) //nolint:errcheck // ends with either side
		io.Copy(down, up)    //nolint:errcheck // as above
	})
	for _, tt := range []struct {
		name, user string
		kind       datasource.Kind
		reason     string
	}{
		{"with a password", "me:" + url.QueryEscape(password) + "@", "", ""},
		{"without", "", datasource.Unavailable, "the proxy refuses: status 407 proxy authentication required"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			connection := datasource.Settings{"host": "elastic.example.com", "selfSignedCert": false}
			cfg, err := FromProfile(datasource.Profile{Name: "host101", Connection: connection}, datasource.Env{
				Getenv: getenv("HTTPS_PROXY=http://" + tt.user + proxy.Listener.Addr().String()),
			})
			if err != nil {
				t.Fatal(err)
			}
			c := New(cfg)
			defer c.Close()
			_, err = c.Do(t.Context(), &Request{Op: "ask", Path: "/"})
			checkFailure(t, err, tt.kind, tt.reason, 0)
		})
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	f := serve(t, false, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}, answer(200, `{}`))
	c, s := client(t, f, nil)
	_, err := c.Do(ctx, &Request{Op: "search", Path: "/search"})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Do: %v, want context.Canceled", err)
	}
	if err := c.CleanUp(ctx, &Request{Op: "forget", Method: "DELETE", Path: "/search/1"}); err != nil {
		t.Errorf("CleanUp: %v", err)
	}
	if diff := cmp.Diff([]string{"GET /search", "DELETE /search/1"}, f.requests()); diff != "" {
		t.Errorf("requests: -want +got\n%s", diff)
	}
	if len(s.got) != 0 {
		t.Errorf("waited %v", s.got)
	}
	if _, err := c.Do(ctx, &Request{Op: "search", Path: "/search"}); !errors.Is(err, context.Canceled) || len(f.requests()) != 2 {
		t.Errorf("Do after the end: %v, %v", err, f.requests())
	}
}

func TestCancelWhileWaiting(t *testing.T) {
	t.Parallel()
	f := serve(t, false, answer(503, "", "Retry-After", "60"))
	ctx, cancel := context.WithCancel(t.Context())
	c, _ := client(t, f, func(c *Config) {
		c.Sleep = func(ctx context.Context, d time.Duration) error {
			cancel()
			return sleep(ctx, d)
		}
	})
	if _, err := c.Do(ctx, &Request{Op: "ask", Path: "/"}); !errors.Is(err, context.Canceled) {
		t.Errorf("Do: %v, want context.Canceled", err)
	}
}

func TestPace(t *testing.T) {
	t.Parallel()
	f := serve(t, false, answer(200, `{}`))
	c, s := client(t, f, func(c *Config) { c.Interval, c.CoolDown = time.Second, 5*time.Second })
	for _, paced := range []bool{false, false, true, true, false} {
		if _, err := c.Do(t.Context(), &Request{Op: "ask", Path: "/", Paced: paced}); err != nil {
			t.Fatal(err)
		}
	}
	want := []time.Duration{time.Second, 5 * time.Second, 5 * time.Second, time.Second}
	if diff := cmp.Diff(want, s.got); diff != "" {
		t.Errorf("waits: -want +got\n%s", diff)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2024, 6, 1, 12, 0, 0, 0, time.UTC)
	date := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
	tests := []struct {
		name, after, date string
		want              time.Duration
	}{
		{"none", "", "", 0},
		{"seconds", "7", "", 7 * time.Second},
		{"moment", date(30 * time.Second), "", 30 * time.Second},
		{"moment that has passed", date(-time.Second), "", 0},
		{"moment of a server whose clock is an hour ahead", date(time.Hour + 30*time.Second), date(time.Hour), 30 * time.Second},
		{"nonsense", "soon", "", 0},
		{"negative", "-4", "", 0},
		{"huge", "99999999999999", "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := http.Header{"Retry-After": {tt.after}, "Date": {tt.date}}
			if got := retryAfter(h, now); got != tt.want {
				t.Errorf("retryAfter(%q) = %s, want %s", tt.after, got, tt.want)
			}
		})
	}
}

func TestSkew(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		skew time.Duration
		want string
	}{
		{"none", 0, ""},
		{"ahead", 10 * time.Minute, "the clock of the server is 10m0s ahead of ours"},
		{"behind", -2 * time.Hour, "the clock of the server is 2h0m0s behind ours"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			now := time.Date(2024, 6, 1, 12, 0, 0, 0, time.UTC)
			f := serve(t, false, answer(200, `{}`, "Date", now.Add(tt.skew).Format(http.TimeFormat)))
			c, _ := client(t, f, func(c *Config) { c.Now = func() time.Time { return now } })
			if _, err := c.Do(t.Context(), &Request{Op: "ask", Path: "/"}); err != nil {
				t.Fatal(err)
			}
			got := ""
			if notes := c.Notes(); len(notes) > 0 {
				got = notes[0].Message
				if notes[0].Code != diag.ClockSkew {
					t.Errorf("code %s", notes[0].Code)
				}
			}
			if got != tt.want {
				t.Errorf("note %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCredentialThatIsNoHeader(t *testing.T) {
	t.Parallel()
	f := serve(t, false, answer(200, `{}`))
	c, _ := client(t, f, func(c *Config) {
		c.Credentials = []Credential{Bearer(secret.New(password + "\r\nX-Admin: yes"))}
	})
	_, err := c.Do(t.Context(), &Request{Op: "ask", Path: "/"})
	checkFailure(t, err, datasource.InvalidParameter, "the credential for Authorization has a line break", 0)
	if len(f.requests()) != 0 {
		t.Errorf("asked %v", f.requests())
	}
}

func TestWait(t *testing.T) {
	t.Parallel()
	c := New(Config{Base: &url.URL{}})
	for n, most := range map[int]time.Duration{1: time.Second / 2, 2: time.Second, 4: 4 * time.Second, 5: 8 * time.Second, 90: 8 * time.Second} {
		for range 20 {
			if d := c.wait(n); d < most/2 || d > most {
				t.Errorf("wait(%d) = %s, want %s to %s", n, d, most/2, most)
			}
		}
	}
}
