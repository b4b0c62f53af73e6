// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"slices"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// An inquiry is what the sources of one scheme are asked for one GET.
type inquiry struct {
	sources []string // URIs
	driver  string   // its name for people
	left    int      // how many operations, from the top of the plan, the source leaves to the session
	queries []query
	notes   []string
}

// A query is a question in a source's own language, with the names of all parts
// of the source that it goes to.
type query struct {
	language, text, recheck string
	sources                 []string
}

// maxQueryText is how much of a native query is kept, in bytes.
const maxQueryText = 8 << 10

// inquiryOf returns what a task asks for one question; rest is what it left.
func inquiryOf(uris []string, driver string, task datasource.Task, rest plan.Node) *inquiry {
	q := &inquiry{sources: uris, driver: driver, left: height(rest)}
	for _, n := range task.Native() {
		q.add(n)
	}
	for _, c := range task.Counts() {
		for _, note := range c.Notes {
			q.notes = append(q.notes, c.Source+": "+note.Message)
		}
	}
	return q
}

// add adds a native query, to those that are the same if there are such.
func (q *inquiry) add(n datasource.NativeQuery) {
	text := clip(n.Text, maxQueryText)
	recheck := clip(n.Recheck, maxQueryText)
	i := slices.IndexFunc(q.queries, func(old query) bool {
		return old.language == n.Language && old.text == text && old.recheck == recheck
	})
	if i < 0 {
		q.queries = append(q.queries, query{language: n.Language, text: text, recheck: recheck, sources: []string{n.Source}})
		return
	}
	q.queries[i].sources = append(q.queries[i].sources, n.Source)
}

// height returns how many operations stand above the scan of n; none if n is
// nil.
func height(n plan.Node) int {
	if n == nil || len(n.Inputs()) == 0 {
		return 0
	}
	return 1 + height(n.Inputs()[0])
}

// inquire returns what the sources of o were asked, or would be if it has not
// run. Nothing is sent: drivers are told to stay offline.
func (e *Engine) inquire(ctx context.Context, o *origin) ([]*inquiry, error) {
	if o.step > 0 {
		value, err := e.known(ctx, o, o.value)
		if err != nil {
			return nil, err
		}
		return e.offline(ctx, value)
	}
	var names standIns
	value, err := e.refer(o.value, func(r *stix.Reference) ([]entity.Value, error) {
		return []entity.Value{names.valueOf(r)}, nil
	})
	if err != nil {
		return nil, err
	}
	if len(o.observed()) > 0 {
		value = within(value, standInWindow)
	}
	asked, err := e.offline(ctx, value)
	for _, q := range asked {
		for i := range q.queries {
			q.queries[i].text = names.restore(q.queries[i].text)
			q.queries[i].recheck = names.restore(q.queries[i].recheck)
		}
	}
	return asked, err
}

// offline returns what the sources of n would be asked. It opens them anew, by
// drivers that are told to stay offline.
func (e *Engine) offline(ctx context.Context, n plan.Node) ([]*inquiry, error) {
	apart := *e
	apart.cfg.Env.Offline = true
	b := &block{Engine: &apart, opened: make(map[string]datasource.Source)}
	defer b.release()
	works, err := b.plan(ctx, []question{asQuestion(n, 0)})
	var out []*inquiry
	for _, w := range works {
		out = append(out, w.inquiry())
	}
	return out, err
}

// driverName returns the name for people of the driver of a scheme.
func (e *Engine) driverName(scheme string) string {
	if d, ok := e.cfg.Registry.Driver(scheme); ok {
		return d.Name()
	}
	return ""
}
