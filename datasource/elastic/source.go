// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package elastic

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/datasource/mapping"
	"github.com/kestrelhunt/kestrel/datasource/transport"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/internal/match"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// A source is one profile.
type source struct {
	profile   datasource.Profile
	env       datasource.Env
	client    *transport.Client
	table     *mapping.Table
	dialects  []string
	indices   []string
	timeField string
	slices    int
	notes     []datasource.Note

	mu      sync.Mutex
	caps    *capabilities // nil until the server was asked
	asked   time.Time
	product *product

	ignoreAbove map[string]int // by field; 0 for none
}

var (
	_ datasource.Connector = (*Connector)(nil)
	_ datasource.Pinger    = (*source)(nil)
)

// Close closes the connections to the server.
func (s *source) Close() error { return s.client.Close() }

// A product is what a server says that it is.
type product struct {
	name    string // OpenSearch or Elasticsearch
	version string
	cluster string
}

// String returns the product as people write it.
func (p product) String() string {
	text := p.name
	if p.version != "" {
		text += " " + p.version
	}
	if p.cluster != "" {
		text += ", cluster " + datasource.Shorten(p.cluster, 60)
	}
	return text
}

// unknownProduct stands for either product.
const unknownProduct = "Elasticsearch or OpenSearch, which does not tell"

// Ping asks the server what it is.
func (s *source) Ping(ctx context.Context) (string, error) {
	p, err := s.ask(ctx)
	if err != nil {
		return "", err
	}
	return p.String(), nil
}

// ask asks the server what it is, once. A server that does not tell may be
// either product.
func (s *source) ask(ctx context.Context) (product, error) {
	s.mu.Lock()
	known := s.product
	s.mu.Unlock()
	if known != nil {
		return *known, nil
	}
	resp, err := s.client.Do(ctx, &transport.Request{
		Op: "ask for the product", Path: "/",
		Accept: []int{http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed},
	})
	if err != nil {
		return product{}, err
	}
	p := product{name: unknownProduct}
	if resp.Header.Get("X-Elastic-Product") == "Elasticsearch" {
		p.name = "Elasticsearch"
	}
	if resp.Status == http.StatusOK {
		var root struct {
			Cluster string `json:"cluster_name"`
			Version struct {
				Number       string `json:"number"`
				Distribution string `json:"distribution"`
			} `json:"version"`
		}
		if err := resp.Decode(&root); err != nil {
			return product{}, err
		}
		p = product{name: "Elasticsearch", version: root.Version.Number, cluster: root.Cluster}
		if root.Version.Distribution == "opensearch" {
			p.name = "OpenSearch"
		}
	}
	s.mu.Lock()
	s.product = &p
	s.mu.Unlock()
	return p, nil
}

// path returns the path of an operation on the indices of the profile.
func (s *source) path(operation string) string {
	names := make([]string, len(s.indices))
	for i, index := range s.indices {
		names[i] = url.PathEscape(index)
	}
	if len(names) == 0 {
		names = []string{"*"}
	}
	return "/" + strings.Join(names, ",") + operation
}

// Plan takes on conditions and a limit of records over the scan, exactly. It
// asks the server how its indices hold fields, unless it may not. The error is a
// diag.Diagnostic for a condition that cannot be compiled, else a
// *datasource.Failure.
func (s *source) Plan(ctx context.Context, want plan.Node) (datasource.Task, plan.Node, error) {
	taken, rest := take(want)
	t := &task{source: s, scan: taken.scan, limit: taken.limit, where: taken.where}
	if t.where != nil {
		t.where = resolved(s.table, t.where, t.scan.Entity)
	}
	var err error
	if t.matcher, err = match.Compile(t.where, t.scan.Entity); err != nil {
		return nil, nil, err
	}
	if err := s.knows(t.scan.Entity); err != nil {
		return nil, nil, err
	}
	if t.schema, t.notes, err = s.schema(ctx); err != nil {
		return nil, nil, err
	}
	if caps, ok := t.schema.(*capabilities); ok {
		t.count.Cut = len(caps.absent) > 0
	}
	if t.translation, err = (translator{table: s.table, schema: t.schema}).translate(t.where, t.scan.Entity); err != nil {
		return nil, nil, err
	}
	if err := s.unanswerable(t); err != nil {
		return nil, nil, err
	}
	limits, err := s.limitNotes(ctx, t.translation.lost)
	if err != nil {
		return nil, nil, err
	}
	t.notes = append(t.notes, limits...)
	t.count.Cut = t.count.Cut || len(limits) > 0
	now := time.Now
	if s.env.Now != nil {
		now = s.env.Now
	}
	var defaulted bool
	if t.window, defaulted = window(taken.scan.Window, s.profile.Window, now()); defaulted {
		t.notes = append(t.notes, datasource.DefaultedNote(s.profile.Window))
	}
	t.notes = append(append(t.notes, s.notes...), unmappedNotes(s.profile.Name, t.translation.unmapped)...)
	if t.translation.coarse {
		t.notes = append(t.notes, datasource.Note{
			Code:    diag.SourceFailed,
			Message: "the condition is too large for the server, so all records of the time range are fetched and checked here",
			Hint:    "give a shorter time range, or split the step",
		})
	}
	return t, rest, nil
}

// A taken is the part of a plan that the source takes on.
type taken struct {
	scan  *plan.Scan
	where stix.Expr // nil: all
	limit int64     // records; negative: all
}

// take splits a plan over one scan into what the source takes on and what is
// left, nil for nothing.
func take(n plan.Node) (taken, plan.Node) {
	switch n := n.(type) {
	case *plan.Scan:
		return taken{scan: n, limit: -1}, nil
	case *plan.Filter:
		t, rest := take(n.Input)
		if rest == nil && t.limit < 0 {
			if t.where == nil {
				t.where = n.Where
			} else {
				t.where = &stix.Logic{Op: stix.And, X: t.where, Y: n.Where}
			}
			return t, nil
		}
	case *plan.Limit:
		t, rest := take(n.Input)
		if rest == nil && n.ByRecord && n.Offset == 0 && t.limit < 0 {
			t.limit = n.Count
			return t, nil
		}
	default: // nothing to do for the others
	}
	below := n.Inputs()[0]
	t, rest := take(below)
	if rest == nil {
		rest = t.scan
	}
	left, _ := plan.Map(n, func(m plan.Node) (plan.Node, error) { // cannot fail
		if m == below {
			return rest, nil
		}
		return m, nil
	})
	return t, left
}

// knows reports entities that no record of this connector has.
func (s *source) knows(typ string) error {
	if len(s.table.Slots(typ)) > 0 {
		return nil
	}
	f := &datasource.Failure{
		Kind: datasource.MappingError, Source: s.profile.Name, Op: "translate",
		Reason: fmt.Sprintf("connector %s has no entities of type %s", name, typ),
		Hint:   "its types are " + strings.Join(s.table.Types(), ", "),
	}
	if near, ok := diag.Nearest(typ, s.table.Types()); ok {
		f.Hint = "did you mean " + near + "?"
	}
	return f
}

// unanswerable reports a condition that no record can satisfy because of what is
// not mapped.
func (s *source) unanswerable(t *task) error {
	if t.translation.root.op != none {
		return nil
	}
	var names []string
	hint := ""
	for _, u := range t.translation.unmapped {
		if !u.always {
			names = append(names, u.path.String())
			if hint == "" {
				hint = u.hint()
			}
		}
	}
	if len(names) == 0 {
		return nil
	}
	reason := "no field of the source has " + strings.Join(names, ", ")
	if t.translation.unmapped[0].enter != "" {
		reason = "a list is compared as a whole, which never is true: " + strings.Join(names, ", ")
	}
	return &datasource.Failure{Kind: datasource.MappingError, Source: s.profile.Name, Op: "translate", Reason: reason, Hint: hint}
}

func (u unmapped) hint() string {
	switch {
	case u.enter != "":
		return "to compare the elements write " + u.enter
	case len(u.near) > 0:
		return "mapped attributes like it are " + strings.Join(u.near, ", ")
	}
	return "ask for attributes that this source knows"
}

// unmappedNotes says what comparisons can never, or always, be true.
func unmappedNotes(source string, list []unmapped) []datasource.Note {
	var notes []datasource.Note
	for _, u := range list {
		n := datasource.Note{
			Code:    diag.UnmappedAttribute,
			Message: fmt.Sprintf("no field of %s has %s, so comparisons with it are false", source, u.path),
			Hint:    u.hint(),
		}
		switch {
		case u.enter != "":
			n.Message = fmt.Sprintf("%s is a list, which is compared as a whole, so the comparison is false", u.path)
		case u.always:
			n.Message = fmt.Sprintf("no field of %s has %s, so it is absent from every record", source, u.path)
		}
		notes = append(notes, n)
	}
	return notes
}
