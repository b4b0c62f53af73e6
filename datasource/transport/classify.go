// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/secret"
)

var (
	errConnectTimeout = errors.New("no connection in time")
	errCallTimeout    = errors.New("no answer in time")
	errProxyURL       = errors.New("the URL of the proxy is malformed")
)

// fail returns a failure without anything secret in it.
func (c *Client) fail(req *Request, kind datasource.Kind, reason, hint string) datasource.Failure {
	return datasource.Failure{
		Kind: kind, Source: c.cfg.Source, Op: req.Op, Query: secret.Mask(req.Native, c.secrets...),
		Reason: secret.Mask(reason, c.secrets...), Hint: hint,
	}
}

// refused returns the failure that an answer reports.
func (c *Client) refused(req *Request, resp *http.Response, body []byte) *misfire {
	kind, reason := datasource.Kind(""), ""
	if c.cfg.Explain != nil {
		kind, reason = c.cfg.Explain(resp.StatusCode, body)
	}
	if kind == "" {
		kind = kindOf(resp.StatusCode)
	}
	if reason == "" && isHTML(resp.Header, body) {
		reason = "the server answers with a web page" + titleOf(body)
	} else if reason == "" {
		reason = messageOf(body)
	}
	if reason == "" {
		reason = strings.ToLower(http.StatusText(resp.StatusCode))
	}
	if location := resp.Header.Get("Location"); location != "" && resp.StatusCode < 400 {
		reason = "the server redirects elsewhere"
	}
	f := c.fail(req, kind, reason, "")
	f.Status = resp.StatusCode
	if c.cfg.Base.Scheme == "http" && resp.StatusCode == http.StatusBadRequest && strings.Contains(reason, "HTTPS") {
		f.Hint = "write the host with https://"
	}
	m := &misfire{Failure: f, after: retryAfter(resp.Header, c.cfg.Now())}
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		m.again = true
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout:
		m.again = repeatable(req)
	}
	return m
}

// kindOf returns the kind of failure that a status means.
func kindOf(status int) datasource.Kind {
	switch status {
	case http.StatusUnauthorized, http.StatusProxyAuthRequired:
		return datasource.Unauthenticated
	case http.StatusForbidden:
		return datasource.Forbidden
	case http.StatusTooManyRequests:
		return datasource.TooManyRequests
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout, http.StatusRequestTimeout:
		return datasource.Unavailable
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return datasource.InvalidQuery
	case http.StatusNotFound, http.StatusGone, http.StatusMethodNotAllowed:
		return datasource.InvalidParameter
	}
	return datasource.Unknown
}

// repeatable reports whether a request may be made twice.
func repeatable(req *Request) bool {
	return req.Repeatable || req.Method == "" || req.Method == http.MethodGet || req.Method == http.MethodHead
}

// broken returns the failure of a call without a whole answer.
func (c *Client) broken(call context.Context, req *Request, sent *watch, err error) *misfire {
	kind, reason, hint := c.explain(call, err)
	m := &misfire{Failure: c.fail(req, kind, reason, hint)}
	// The cause is left out: it shows the URL, and a time-out of ours must not
	// look like the end of the caller's context.
	if errors.Is(err, ErrTooLarge) {
		m.Err = ErrTooLarge
	}
	lasting := kind == datasource.CertificateFailed || isLasting(err) || isTimeout(call)
	m.again = !lasting && (repeatable(req) || !sent.wrote.Load())
	return m
}

// isTimeout reports whether a call took longer than it may. It is not repeated:
// the time that a hunter waits is bounded by what the profile says.
func isTimeout(call context.Context) bool {
	return context.Cause(call) == errCallTimeout //nolint:errorlint // the cause is set by us
}

// isLasting reports whether an error will be the same in a second.
func isLasting(err error) bool {
	var dns *net.DNSError
	var redirect *redirectError
	var proxy *proxyError
	var record tls.RecordHeaderError
	return errors.Is(err, syscall.ECONNREFUSED) || errors.As(err, &dns) && dns.IsNotFound ||
		errors.Is(err, http.ErrSchemeMismatch) || errors.As(err, &record) ||
		errors.Is(err, errProxyURL) || errors.As(err, &proxy) ||
		errors.Is(err, ErrTooLarge) || errors.As(err, &redirect)
}

// explain returns kind, reason and hint of an error below HTTP.
func (c *Client) explain(call context.Context, err error) (kind datasource.Kind, reason, hint string) {
	host := c.cfg.Base.Host
	if kind, reason, hint, ok := explainTrust(c.cfg.Base.Hostname(), err); ok {
		return kind, reason, hint
	}
	if r := proxyRefusal(err); r != "" {
		return datasource.Unavailable, r, "check HTTPS_PROXY, HTTP_PROXY and NO_PROXY"
	}
	var dns *net.DNSError
	var redirect *redirectError
	var timeout net.Error
	switch {
	case errors.Is(err, errConnectTimeout):
		return datasource.Unavailable, fmt.Sprintf("no connection to %s within %s", host, c.cfg.ConnectTimeout), ""
	case isTimeout(call):
		return datasource.Unavailable, fmt.Sprintf("no whole answer from %s within %s", host, c.cfg.Timeout),
			"set connection.options.single_batch_timeout of the profile higher, or retrieval_batch_size lower"
	case errors.Is(err, ErrTooLarge):
		return datasource.Unknown, fmt.Sprintf("the answer is larger than %d bytes, or never ends", c.cfg.MaxBody),
			"set connection.options.retrieval_batch_size of the profile lower"
	case errors.As(err, &redirect):
		return datasource.Unavailable, redirect.Error(), "write the host to which it redirects into the profile"
	case errors.Is(err, http.ErrSchemeMismatch):
		return datasource.Unavailable, fmt.Sprintf("%s does not speak TLS", host), "write the host with http://"
	case errors.As(err, &dns):
		return datasource.Unavailable, fmt.Sprintf("no address is known for host %s", dns.Name), ""
	case errors.Is(err, syscall.ECONNREFUSED):
		return datasource.Unavailable, fmt.Sprintf("%s refused the connection", host), ""
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return datasource.Unknown, fmt.Sprintf("%s closed the connection before the answer was whole", host), ""
	case errors.As(err, &timeout) && timeout.Timeout():
		return datasource.Unavailable, fmt.Sprintf("no connection to %s in time", host), ""
	}
	return datasource.Unavailable, fmt.Sprintf("no answer from %s: %s", host, innermost(err)), ""
}

// explainTrust explains errors of TLS.
func explainTrust(host string, err error) (kind datasource.Kind, reason, hint string, ok bool) {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var verify *tls.CertificateVerificationError
	var alert tls.AlertError
	var record tls.RecordHeaderError
	kind = datasource.CertificateFailed
	switch {
	case errors.As(err, &unknown):
		return kind, fmt.Sprintf("the certificate of %s is signed by no authority that this system knows", host), "", true
	case errors.As(err, &name):
		hint := "write the host as its certificate names it, or that name as sni of the connection"
		return kind, fmt.Sprintf("the certificate of %s is for %s", host, namesOf(name.Certificate)), hint, true
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return kind, fmt.Sprintf("the certificate of %s is valid from %s to %s only", host,
			day(invalid.Cert.NotBefore), day(invalid.Cert.NotAfter)), "renew the certificate of the server, or set the clock of this system", true
	case errors.As(err, &invalid), errors.As(err, &verify):
		return kind, fmt.Sprintf("the certificate of %s is not valid: %s", host, innermost(err)), "", true
	case errors.As(err, &alert):
		return kind, fmt.Sprintf("%s ended the TLS handshake: %s", host, strings.TrimPrefix(alert.Error(), "tls: ")),
			"the server may want clientCert and clientKey, or sni, of the connection", true
	case errors.As(err, &record) && !errors.Is(err, http.ErrSchemeMismatch):
		return datasource.Unavailable, fmt.Sprintf("%s does not speak TLS", host), "write the host with http://", true
	}
	return "", "", "", false
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// namesOf returns for whom a certificate is.
func namesOf(cert *x509.Certificate) string {
	names := append([]string(nil), cert.DNSNames...)
	for _, ip := range cert.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		names = append(names, "no host")
	}
	return datasource.Shorten(strings.Join(names, ", "), 120)
}

// A proxyError says that a proxy makes no connection for us.
type proxyError struct{ status int }

func (e *proxyError) Error() string {
	return fmt.Sprintf("the proxy refuses: status %d %s", e.status, strings.ToLower(http.StatusText(e.status)))
}

// proxyAnswer judges the answer of a proxy that is asked for a connection.
func proxyAnswer(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode != http.StatusOK {
		return &proxyError{resp.StatusCode}
	}
	return nil
}

// proxyRefusal returns what a proxy has against us, "" if it is not to blame.
func proxyRefusal(err error) string {
	var op *net.OpError
	var proxy *proxyError
	switch {
	case errors.Is(err, errProxyURL):
		return errProxyURL.Error()
	case errors.As(err, &proxy):
		return proxy.Error()
	case errors.As(err, &op) && op.Op == "proxyconnect":
		return "the proxy cannot be used: " + innermost(op.Err)
	}
	return ""
}

// innermost returns the text of the error at the bottom of a chain: those above
// it repeat the URL and the address.
func innermost(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return datasource.Shorten(strings.TrimPrefix(err.Error(), "net/http: "), 200)
		}
		err = next
	}
}

// A watch sees whether a request has left.
type watch struct{ wrote atomic.Bool }

// trace returns ctx with the watch in it.
func (w *watch) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteHeaderField: func(string, []string) { w.wrote.Store(true) },
		WroteHeaders:     func() { w.wrote.Store(true) },
	})
}
