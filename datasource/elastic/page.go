// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package elastic

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/kestrelhunt/kestrel/datasource/transport"
)

// A page is one answer to a search, taken apart but for its documents.
type page struct {
	hits     []hit
	last     []byte // the sort values of the last hit
	pit      string // the point in time to ask with from now on
	scroll   string
	timedOut bool
	total    int64 // documents that the query accepts; -1 if that is not known
	shards   shardCount
	body     []byte // what hits point into
}

// A hit is one document.
type hit struct {
	index, id string
	source    []byte // JSON; nil if the server gives none
	fields    bool   // source are its fields, and not the document
	sort      []byte // JSON
	at        sortKey
}

// A shardCount says how many parts of the indices answered.
type shardCount struct {
	Total    int            `json:"total"`
	Failed   int            `json:"failed"`
	Failures []shardFailure `json:"failures"`
}

// parsePage reads an answer. Its hits are checked for grammar and found, and
// decoded later.
func parsePage(resp *transport.Response) (*page, error) {
	p := &page{total: -1, body: resp.Body}
	found := false
	r := pageReader{dec: jsontext.NewDecoder(bytes.NewBuffer(resp.Body), lax...), body: resp.Body}
	err := r.members(func(name string) error {
		switch name {
		case "hits":
			found = r.dec.PeekKind() == '{'
			return r.members(func(name string) error { return r.hitsMember(p, name) })
		case "pit_id":
			return r.text(&p.pit)
		case "_scroll_id":
			return r.text(&p.scroll)
		case "timed_out":
			raw, err := r.dec.ReadValue()
			p.timedOut = raw.Kind() == 't'
			return err
		case "_shards":
			raw, err := r.dec.ReadValue()
			if err != nil {
				return err
			}
			return json.Unmarshal(raw, &p.shards)
		}
		return r.dec.SkipValue()
	})
	switch {
	case err != nil:
		return nil, resp.Malformed(err)
	case !found:
		return nil, resp.Malformed(errNoHits)
	}
	return p, nil
}

var errNoHits = errors.New("it has no hits, as the answer to a search has")

// lax reads what is JSON by its grammar.
var lax = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}

// A pageReader walks an answer.
type pageReader struct {
	dec  *jsontext.Decoder
	body []byte
}

// members calls visit for each member of the object that comes next; visit reads
// its value.
func (r *pageReader) members(visit func(name string) error) error {
	if r.dec.PeekKind() != '{' {
		return r.dec.SkipValue()
	}
	_, _ = r.dec.ReadToken() // cannot fail after PeekKind
	for r.dec.PeekKind() != '}' {
		name, err := r.dec.ReadToken()
		if err != nil {
			return err
		}
		if err := visit(name.String()); err != nil {
			return err
		}
	}
	_, err := r.dec.ReadToken()
	return err
}

// raw reads a value and returns its bytes in the answer.
func (r *pageReader) raw() ([]byte, error) {
	v, err := r.dec.ReadValue()
	if err != nil {
		return nil, err
	}
	end := int(r.dec.InputOffset())
	return r.body[end-len(v) : end : end], nil
}

// text reads a text into dst; another value is passed over.
func (r *pageReader) text(dst *string) error {
	v, err := r.dec.ReadValue()
	if err != nil || v.Kind() != '"' {
		return err
	}
	text, _ := jsontext.AppendUnquote(nil, v) // what is no Unicode becomes U+FFFD
	*dst = string(text)
	return nil
}

func (r *pageReader) hitsMember(p *page, name string) error {
	switch name {
	case "total":
		raw, err := r.dec.ReadValue()
		if err != nil {
			return err
		}
		p.total = totalOf(raw)
		return nil
	case "hits":
		return r.hits(p)
	}
	return r.dec.SkipValue()
}

// totalOf reads how many documents a query accepts: a number, or an object that
// says whether the number is exact.
func totalOf(raw []byte) int64 {
	var total struct {
		Value    int64  `json:"value"`
		Relation string `json:"relation"`
	}
	if n, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
		return n
	}
	if json.Unmarshal(raw, &total) != nil || total.Relation != "eq" {
		return -1
	}
	return total.Value
}

func (r *pageReader) hits(p *page) error {
	if r.dec.PeekKind() != '[' {
		return r.dec.SkipValue()
	}
	_, _ = r.dec.ReadToken() // cannot fail after PeekKind
	for r.dec.PeekKind() != ']' {
		var h hit
		if err := r.members(func(name string) error { return r.hitMember(&h, name) }); err != nil {
			return err
		}
		p.hits = append(p.hits, h)
		p.last = h.sort
	}
	_, err := r.dec.ReadToken()
	return err
}

func (r *pageReader) hitMember(h *hit, name string) (err error) {
	switch name {
	case "_index":
		return r.text(&h.index)
	case "_id":
		return r.text(&h.id)
	case "sort":
		h.sort, err = r.raw()
		return err
	case "_source", "fields":
		if name == "fields" && h.source != nil {
			return r.dec.SkipValue()
		}
		raw, err := r.raw()
		if err == nil && len(raw) > 0 && raw[0] == '{' {
			h.source, h.fields = raw, name == "fields"
		}
		return err
	}
	return r.dec.SkipValue()
}

// hasNoSource reports whether there are documents on a page, and all without
// what they hold.
func (p *page) hasNoSource() bool {
	return len(p.hits) > 0 && !slices.ContainsFunc(p.hits, func(h hit) bool { return h.source != nil })
}

// A sortKey is the first sort value of a hit, the time, by which the hits of
// several searches are put in order.
type sortKey struct {
	number int64
	text   string
	kind   byte // 0 for a number, 1 for a text, 2 for none
}

func keyOf(sort []byte) sortKey {
	first, _, _ := strings.Cut(strings.Trim(string(sort), "[] "), ",")
	first = strings.TrimSpace(first)
	if n, err := strconv.ParseInt(first, 10, 64); err == nil {
		return sortKey{number: n}
	}
	if strings.HasPrefix(first, `"`) {
		return sortKey{text: first, kind: 1}
	}
	return sortKey{kind: 2}
}

func (k sortKey) less(other sortKey) bool {
	switch {
	case k.kind != other.kind:
		return k.kind < other.kind
	case k.kind == 0:
		return k.number < other.number
	}
	return k.text < other.text
}
