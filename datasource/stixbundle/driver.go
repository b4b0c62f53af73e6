// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package stixbundle is the driver of STIX bundles: files, folders of files,
// and files behind HTTP.
//
// It takes on everything that a GET asks of a source, exactly: condition, time
// range and LIMIT. It reads each file once for all questions of a block, record
// by record, and decodes a record only if its bytes may hold a match, several at
// the same time if no LIMIT says where to end; memory is bounded by a few batches
// and the largest records. Files may be compressed with
// gzip, bzip2, xz or zstd or stand in a zip archive; their content says so, not
// their name. What is wrong with a part of a file is a note on the answer; what
// makes the rest of a file unreadable fails the step.
//
// A source that is asked for further records of known entities
// (datasource.Completer) keeps an index of its files, of some 120 bytes a record;
// see [Driver.Open].
//
// Its users are the engine and programs that embed it; see package standard.
package stixbundle

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/kestrelhunt/kestrel/datasource"
)

// A Driver opens STIX bundles. The zero Driver is ready to use.
type Driver struct{}

// Name returns "STIX bundle".
func (*Driver) Name() string { return "STIX bundle" }

// Schemes returns file, http and https.
func (*Driver) Schemes() []string { return []string{"file", "http", "https"} }

// Open returns the source of files and URLs. What follows file:// is a path as
// the system has them, relative to the session's folder or beside the hunt; its
// last elements may have the wildcards * and ?; a folder stands for the bundles
// in it. It reads nothing. The source is a datasource.Sharer, a
// datasource.Completer and, to let its index go early, an io.Closer. The error is a *datasource.Failure for a URL that is
// none.
func (*Driver) Open(_ context.Context, uris []string, env datasource.Env) (datasource.Source, error) {
	s := newSource(env)
	for _, uri := range uris {
		p, err := parse(uri)
		if err != nil {
			return nil, err
		}
		s.places = append(s.places, p)
	}
	return s, nil
}

// A place is one URI of a source.
type place struct {
	uri  string
	path string   // of file://
	url  *url.URL // of http:// and https://
}

func parse(uri string) (place, error) {
	scheme, rest, ok := strings.Cut(uri, "://")
	switch strings.ToLower(scheme) {
	case "file":
		if ok && rest != "" {
			return place{uri: uri, path: filepath.FromSlash(rest)}, nil
		}
		return place{}, invalid(uri, "the path is empty", "write a path, as in file://bundle.json")
	case "http", "https":
		u, err := url.Parse(uri)
		if err != nil || u.Host == "" {
			// The error of url.Parse would repeat the URL, which may hold a password.
			return place{}, invalid(scheme+"://", "this is no URL with a host", "write it in quotes, as in 'https://example.com/bundle.json'")
		}
		return place{uri: uri, url: u}, nil
	}
	return place{}, fmt.Errorf("stixbundle: open %s: no such scheme", scheme)
}

// name returns the place as people are told of it, without what a URL may hold
// in secret.
func (p place) name() string {
	if p.url == nil {
		return p.path
	}
	u := url.URL{Scheme: p.url.Scheme, Host: p.url.Host, Path: p.url.Path}
	return u.String()
}
