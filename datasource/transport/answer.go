// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/datasource"
)

// ErrTooLarge is wrapped by the failure of an answer that does not end within
// its bound: to ask for less may help.
var ErrTooLarge = errors.New("the answer is too large")

// readBody reads an answer that may have so many bytes. Of an error page the
// beginning is enough.
func (c *Client) readBody(req *Request, resp *http.Response) ([]byte, error) {
	limit := c.cfg.MaxBody
	if req.MaxBody > 0 {
		limit = req.MaxBody
	}
	failed := resp.StatusCode >= 300 && !slices.Contains(req.Accept, resp.StatusCode)
	if failed {
		limit = min(limit, 64<<10)
	}
	b := bytes.NewBuffer(req.Into[:0])
	if n := resp.ContentLength; n > 0 && n <= limit {
		b.Grow(int(n) + bytes.MinRead)
	}
	n, err := b.ReadFrom(io.LimitReader(resp.Body, limit+1))
	switch {
	case failed:
		return b.Bytes(), nil
	case err != nil:
		return nil, err
	case n > limit:
		return nil, ErrTooLarge
	}
	return b.Bytes(), nil
}

// Decode decodes the JSON of an answer into v, numbers into json.Number where v
// leaves their kind open. An answer that does not fit is a *datasource.Failure.
func (r *Response) Decode(v any) error {
	dec := json.NewDecoder(bytes.NewReader(r.Body))
	dec.UseNumber()
	if err := dec.Decode(v); err != nil {
		return r.Malformed(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return r.Malformed(errors.New("there is more text behind it"))
	}
	return nil
}

// Malformed returns the failure of an answer that a decoder could not read.
func (r *Response) Malformed(err error) error {
	if len(r.Body) > 0 && notJSON(r.Body) {
		return r.client.notJSON(r.req, r.Status, r.Header, r.Body)
	}
	reason := "the answer cannot be parsed as JSON: " + datasource.Shorten(err.Error(), 200)
	var syntax *json.SyntaxError
	switch {
	case len(bytes.TrimSpace(r.Body)) == 0:
		reason = "the answer is empty, expected JSON"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		reason = fmt.Sprintf("the answer cannot be parsed as JSON: it is cut after %d bytes", len(r.Body))
	case errors.As(err, &syntax):
		reason = fmt.Sprintf("the answer cannot be parsed as JSON: unexpected text at byte %d of %d", syntax.Offset, len(r.Body))
	}
	f := r.client.fail(r.req, datasource.Unknown, reason, "check that host, port and path of the profile are those of the product")
	f.Err = datasource.ErrInvalidData
	return &f
}

// notJSON reports whether body does not begin as JSON does.
func notJSON(body []byte) bool {
	body = bytes.TrimLeft(body, " \t\r\n\ufeff")
	return len(body) > 0 && !strings.ContainsRune("{[\"-0123456789tfn", rune(body[0]))
}

// notJSON returns the failure of an answer that is another kind of text, such as
// the login page of a proxy.
func (c *Client) notJSON(req *Request, status int, h http.Header, body []byte) *datasource.Failure {
	reason := "the answer cannot be parsed: expected JSON, found text that begins with " + quoted(plainText(body), 60)
	hint := "check that host, port and path of the profile are those of the product"
	if isHTML(h, body) {
		reason = "the answer cannot be parsed: expected JSON, found a web page" + titleOf(body)
		hint = "a proxy, a login page or another service may answer in the place of the server: check host, port, path and proxies"
	}
	f := c.fail(req, datasource.Unknown, reason, hint)
	f.Status = status
	f.Err = datasource.ErrInvalidData
	return &f
}

func isHTML(h http.Header, body []byte) bool {
	start := strings.ToLower(string(bytes.TrimLeft(body[:min(len(body), 512)], " \t\r\n\ufeff")))
	return strings.HasPrefix(h.Get("Content-Type"), "text/html") ||
		strings.HasPrefix(start, "<!doctype html") || strings.HasPrefix(start, "<html")
}

// login finds what a page that asks for a password has.
var (
	passwordField = regexp.MustCompile(`(?i)<input[^>]{0,500}type\s*=\s*["']?password`)
	pageTitle     = regexp.MustCompile(`(?is)<title[^>]{0,200}>(.{0,500}?)</title`)
	scriptText    = regexp.MustCompile(`(?is)<(script|style)\b.*?</(script|style)`)
	markup        = regexp.MustCompile(`(?s)<[^>]*>?`)
)

// titleOf says which page a web page is.
func titleOf(body []byte) string {
	body = body[:min(len(body), 64<<10)]
	kind := ""
	if passwordField.Match(body) {
		kind = " that asks for a password"
	}
	if m := pageTitle.FindSubmatch(body); m != nil && len(bytes.TrimSpace(m[1])) > 0 {
		kind += " with the title " + quoted(html.UnescapeString(string(m[1])), 80)
	}
	return kind
}

// plainText returns the readable beginning of a text without markup.
func plainText(body []byte) string {
	text := string(body[:min(len(body), 64<<10)])
	if strings.HasPrefix(strings.TrimSpace(text), "<") {
		text = html.UnescapeString(markup.ReplaceAllString(scriptText.ReplaceAllString(text, " "), " "))
	}
	return strings.ToValidUTF8(datasource.Shorten(text, 500), "?")
}

func quoted(text string, n int) string {
	return fmt.Sprintf("%q", datasource.Shorten(strings.ToValidUTF8(text, "?"), n))
}

// messageOf returns what the body of a refusal says.
func messageOf(body []byte) string {
	var v map[string]any
	if json.Unmarshal(body, &v) == nil {
		if text := messageIn(v, 0); text != "" {
			return datasource.Shorten(text, 500)
		}
	}
	return plainText(body)
}

// messageIn looks for a message under the names that products use.
func messageIn(v map[string]any, depth int) string {
	for _, name := range []string{"message", "error_description", "reason", "description", "error", "detail", "msg", "errors", "messages"} {
		for k, field := range v {
			if !strings.EqualFold(k, name) {
				continue
			}
			if list, ok := field.([]any); ok && len(list) > 0 {
				field = list[0]
			}
			switch field := field.(type) {
			case string:
				if field != "" {
					return field
				}
			case map[string]any:
				if text := messageIn(field, depth+1); text != "" && depth < 4 {
					return text
				}
			}
		}
	}
	return ""
}
