// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package elastic

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/datasource/transport"
	"github.com/kestrelhunt/kestrel/diag"
)

// Capabilities are how the indices of a source hold their fields, as the server
// says.
type capabilities struct {
	Indices names                            `json:"indices"`
	Fields  map[string]map[string]capability `json:"fields"`

	absent []string // indices of the profile that do not exist
	lossy  bool     // the server does not list texts that are too long for a keyword
}

// A capability is how some indices hold a field.
type capability struct {
	Searchable bool  `json:"searchable"`
	Indices    names `json:"indices"` // given if there are several types
}

// Names are one name or a list of them.
type names []string

// UnmarshalJSON reads one name or a list.
func (n *names) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		*n = make(names, 1)
		return json.Unmarshal(text, &(*n)[0])
	}
	return json.Unmarshal(text, (*[]string)(n))
}

// fields returns how queries name a native field: a text with a keyword below it
// by that.
func (c *capabilities) fields(dst []field, native string) []field {
	types := c.Fields[native]
	if len(types) == 0 {
		return c.flattened(dst, native)
	}
	several := len(types) > 1
	nested := c.nestedIn(native)
	for _, typ := range sortedTypes(types) {
		capability := types[typ]
		f := field{name: native, nested: nested}
		f.kind, f.bits = kindOf(typ)
		if several {
			f.indices = capability.Indices
		}
		switch {
		case typ == "nested":
			f.nested = native
		case !capability.Searchable && f.kind != otherKind:
			f.kind = unsearchable
		case f.kind == textKind && c.hasKeyword(native):
			f.name, f.kind, f.parent = native+".keyword", keywordKind, native
		}
		f.lossy = c.lossy
		dst = append(dst, f)
	}
	return dst
}

// flattened returns the object that holds a native field as one, if there is
// such: of its fields no more can be asked.
func (c *capabilities) flattened(dst []field, native string) []field {
	for i := len(native) - 1; i > 0; i-- {
		if native[i] != '.' {
			continue
		}
		for _, typ := range []string{"flattened", "flat_object"} {
			if _, ok := c.Fields[native[:i]][typ]; ok {
				return append(dst, field{name: native[:i], kind: otherKind})
			}
		}
	}
	return dst
}

func sortedTypes(types map[string]capability) []string {
	out := make([]string, 0, len(types))
	for typ := range types {
		out = append(out, typ)
	}
	slices.Sort(out)
	return out
}

// hasKeyword reports whether a field has its whole text below it, everywhere.
func (c *capabilities) hasKeyword(native string) bool {
	below := c.Fields[native+".keyword"]
	k, ok := below["keyword"]
	return ok && len(below) == 1 && k.Searchable
}

// nestedIn returns the path of the nested objects that hold a field, or "".
func (c *capabilities) nestedIn(native string) string {
	for i := len(native) - 1; i > 0; i-- {
		if native[i] == '.' {
			if _, ok := c.Fields[native[:i]]["nested"]; ok {
				return native[:i]
			}
		}
	}
	return ""
}

// schema returns how indices hold fields, from the server unless it must not be
// asked, and what should be said about it.
func (s *source) schema(ctx context.Context) (schema, []datasource.Note, error) {
	if s.env.Offline {
		return assumed{s.dialects}, nil, nil
	}
	now := time.Now()
	if s.env.Now != nil {
		now = s.env.Now()
	}
	s.mu.Lock()
	caps, asked := s.caps, s.asked
	s.mu.Unlock()
	if caps == nil || now.Sub(asked) > schemaLife || now.Before(asked) {
		var err error
		if caps, err = s.askCapabilities(ctx); err != nil {
			return s.withoutCapabilities(err)
		}
		s.mu.Lock()
		s.caps, s.asked = caps, now
		s.mu.Unlock()
	}
	return caps, absentNotes(caps.absent), nil
}

// isLossy reports whether the server, as far as it is known, leaves texts out of
// an index without a trace: Elasticsearch from version 8 on does not.
func (s *source) isLossy(ctx context.Context) (bool, error) {
	p, err := s.ask(ctx)
	major, _, _ := strings.Cut(p.version, ".")
	n, _ := strconv.Atoi(major) // 0 where there is none
	return p.name != "Elasticsearch" || n > 0 && n < 8, err
}

// withoutCapabilities goes on without if the server does not let us ask.
func (s *source) withoutCapabilities(err error) (schema, []datasource.Note, error) {
	if !isKind(err, datasource.Forbidden) {
		return nil, nil, err
	}
	return assumed{s.dialects}, []datasource.Note{{
		Code:    diag.SourceUnauthorized,
		Message: "the server does not tell how its indices hold fields, so the types of ECS are assumed",
		Hint:    "grant the privilege view_index_metadata",
	}}, nil
}

func absentNotes(absent []string) []datasource.Note {
	var notes []datasource.Note
	for _, index := range absent {
		notes = append(notes, datasource.Note{
			Code:    diag.SourceFailed,
			Message: fmt.Sprintf("there is no index %s; the others were searched", index),
			Hint:    "correct connection.indices of the profile",
		})
	}
	return notes
}

// askCapabilities asks for all fields that the table reads. If an index is
// missing it asks for the others.
func (s *source) askCapabilities(ctx context.Context) (*capabilities, error) {
	caps, err := s.fieldCaps(ctx, false)
	if err != nil && isStatus(err, http.StatusNotFound) && len(s.indices) > 1 {
		if caps, err = s.fieldCaps(ctx, true); err == nil {
			if caps.absent, err = s.absentIndices(ctx); err != nil {
				return nil, err
			}
		}
	}
	if err != nil {
		return nil, s.missing(err)
	}
	if caps.lossy, err = s.isLossy(ctx); err != nil {
		return nil, err
	}
	if len(caps.Indices) == 0 {
		return nil, &datasource.Failure{
			Kind: datasource.InvalidParameter, Source: s.profile.Name, Op: "ask for fields",
			Reason: "no index matches " + strings.Join(s.searched(), ", "), Hint: "correct connection.indices of the profile",
		}
	}
	return caps, nil
}

// searched returns the names of the indices, as messages show them.
func (s *source) searched() []string {
	if len(s.indices) == 0 {
		return []string{"*"}
	}
	return s.indices
}

// missing says what to do about an index that is not there.
func (s *source) missing(err error) error {
	var own datasource.Failure
	if !asFailure(err, &own) || own.Status != http.StatusNotFound {
		return err
	}
	own.Hint = "correct connection.indices of the profile: " + strings.Join(s.searched(), ", ")
	return &own
}

func (s *source) fieldCaps(ctx context.Context, lenient bool) (*capabilities, error) {
	query := url.Values{"fields": {strings.Join(s.fieldPatterns(), ",")}}
	if lenient {
		query.Set("ignore_unavailable", "true")
	}
	resp, err := s.client.Do(ctx, &transport.Request{Op: "ask for fields", Path: s.path("/_field_caps"), Query: query})
	if err != nil {
		return nil, err
	}
	caps := new(capabilities)
	if err := resp.Decode(caps); err != nil {
		return nil, err
	}
	return caps, nil
}

// fieldPatterns returns what covers all fields of the table: they are too many
// to name in a URL.
func (s *source) fieldPatterns() []string {
	var out []string
	for _, native := range append(s.table.AllFields(), s.timeField) {
		top, _, isNested := strings.Cut(native, ".")
		if isNested {
			top += ".*"
		}
		out = append(out, top)
		if !isNested {
			out = append(out, top+".keyword")
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// absentIndices asks for each index of the profile whether it exists.
func (s *source) absentIndices(ctx context.Context) ([]string, error) {
	var absent []string
	for _, index := range s.indices {
		if strings.ContainsAny(index, "*:-<") {
			continue
		}
		resp, err := s.client.Do(ctx, &transport.Request{
			Op: "look for an index", Path: "/" + url.PathEscape(index) + "/_field_caps", Query: url.Values{"fields": {s.timeField}}, Accept: []int{http.StatusNotFound},
		})
		if err != nil {
			return nil, err
		}
		if resp.Status == http.StatusNotFound {
			absent = append(absent, index)
		}
	}
	return absent, nil
}
