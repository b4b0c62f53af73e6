// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stixbundle

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/kestrelhunt/kestrel/datasource"
)

// A page is what a URL answered, kept in the session's folder. The server is
// asked again for each task, and answers that nothing changed if it can tell.
type page struct {
	ETag         string
	LastModified string
	Hash         string // SHA-256 of the content
	Size         int64
	path         string
}

// fetched returns the page of a place as a file. Within a task it is fetched
// once, so that the answer and its stamp are of one content.
func (t *task) fetched(ctx context.Context, p place) ([]file, error) {
	t.fetching.Lock()
	defer t.fetching.Unlock()
	pg, ok := t.pages[p.uri]
	if !ok {
		var err error
		if pg, err = t.source.fetch(ctx, p); err != nil {
			return nil, err
		}
		if t.pages == nil {
			t.pages = make(map[string]page)
		}
		t.pages[p.uri] = pg
	}
	return []file{{place: p, name: p.name(), path: pg.path, size: pg.Size, stamp: pg.Hash, named: true}}, nil
}

// fetch brings the page of a place up to date.
func (s *source) fetch(ctx context.Context, p place) (page, error) {
	dir, err := s.env.Cache()
	if err != nil {
		return page{}, unreadable(p.name(), err)
	}
	key := sha256.Sum256([]byte(p.uri))
	base := filepath.Join(dir, hex.EncodeToString(key[:16]))
	old, known := readPage(base)

	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.uri, nil)
	if err != nil {
		return page{}, invalid(p.name(), "this URL cannot be asked", "correct the URL")
	}
	if known {
		setIf(req.Header, "If-None-Match", old.ETag)
		setIf(req.Header, "If-Modified-Since", old.LastModified)
	}
	s.access.authorize(req)
	client := s.client()
	defer client.CloseIdleConnections()
	resp, err := client.Do(req)
	if err != nil {
		return page{}, unreachable(ctx, p, err)
	}
	defer resp.Body.Close()
	if known && resp.StatusCode == http.StatusNotModified {
		return old, nil
	}
	if resp.StatusCode != http.StatusOK {
		return page{}, refused(p, resp.StatusCode)
	}
	return s.keep(ctx, p, base, resp)
}

func setIf(h http.Header, name, value string) {
	if value != "" {
		h.Set(name, value)
	}
}

// stallTime is how long a server may take to connect or to begin its answer.
const stallTime = 30 * time.Second

// client returns a client that asks for content as it is, and follows no
// redirection from https to http.
func (s *source) client() *http.Client {
	dial := s.env.Dial
	if dial == nil {
		dial = (&net.Dialer{Timeout: stallTime}).DialContext
	}
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           dial,
			DisableCompression:    true,
			TLSClientConfig:       s.access.tls,
			TLSHandshakeTimeout:   stallTime,
			ResponseHeaderTimeout: stallTime,
			ForceAttemptHTTP2:     true,
		},
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			switch {
			case len(via) >= 10:
				return errors.New("too many redirections")
			case via[0].URL.Scheme == "https" && req.URL.Scheme != "https":
				return errors.New("redirected from https to http")
			}
			return nil
		},
	}
}

// keep writes an answer to the session's folder, whole or not at all.
func (s *source) keep(ctx context.Context, p place, base string, resp *http.Response) (page, error) {
	tmp, err := os.CreateTemp(filepath.Dir(base), "fetch-*")
	if err != nil {
		return page{}, unreadable(p.name(), err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }() // fails once the file has its name
	hash := sha256.New()
	size, err := io.Copy(io.MultiWriter(tmp, hash), resp.Body)
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return page{}, unreachable(ctx, p, err)
	}
	pg := page{
		ETag: resp.Header.Get("ETag"), LastModified: resp.Header.Get("Last-Modified"),
		Hash: hex.EncodeToString(hash.Sum(nil)), Size: size,
	}
	// Another content gets another name, so that a pass that reads the old one is
	// not disturbed.
	pg.path = base + "-" + pg.Hash[:16]
	if err := os.Rename(tmp.Name(), pg.path); err != nil {
		return page{}, unreadable(p.name(), err)
	}
	return pg, writePage(base, pg)
}

// readPage returns what is known of the page kept under base.
func readPage(base string) (page, bool) {
	data, err := os.ReadFile(base + ".json")
	if err != nil {
		return page{}, false
	}
	var pg page
	if json.Unmarshal(data, &pg) != nil || len(pg.Hash) < 16 {
		return page{}, false
	}
	pg.path = base + "-" + pg.Hash[:16]
	info, err := os.Stat(pg.path)
	return pg, err == nil && info.Size() == pg.Size
}

func writePage(base string, pg page) error {
	data, err := json.Marshal(pg)
	if err == nil {
		err = os.WriteFile(base+".json", data, 0o600)
	}
	if err != nil {
		return fmt.Errorf("stixbundle: keep page: %w", err)
	}
	return nil
}

// unreachable is the failure of a server that did not answer, or not to the end.
func unreachable(ctx context.Context, p place, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &datasource.Failure{
		Kind: datasource.Unavailable, Source: p.name(), Op: "fetch", Reason: innermost(err).Error(),
		Hint: "check the address, and that the server can be reached from here", Err: innermost(err),
	}
}

// innermost returns the innermost error that err wraps: those around it repeat
// the URL, which may hold a password.
func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

// refused is the failure of an answer that is not the page.
func refused(p place, status int) error {
	f := &datasource.Failure{Kind: datasource.Unavailable, Source: p.name(), Op: "fetch", Status: status, Reason: http.StatusText(status)}
	switch status {
	case http.StatusUnauthorized:
		f.Kind = datasource.Unauthenticated
		f.Hint = "this server wants a user name and a password, as in https://user:password@host/path"
	case http.StatusForbidden:
		f.Kind = datasource.Forbidden
	case http.StatusTooManyRequests:
		f.Kind, f.Hint = datasource.TooManyRequests, "wait, and try again"
	case http.StatusNotFound, http.StatusGone:
		f.Hint, f.Err = "check the path of the URL", datasource.ErrNotFound
	default:
		f.Hint = "open the URL in a browser to see what the server answers"
	}
	return f
}
