// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/store"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// A completion asks a data source for further records of the entities that a
// step found there. It adds records, and with them attributes and related
// entities, and never members: the step's result is what it found.
//
// The condition of the step is no part of it: attributes and links are wanted
// from wherever the entities were seen, in the step's own time range, or else
// around the time in which the entities found were observed. What is brought are
// the records in which one of the entities stands, and of a process that its
// source gave no unique id those with a similar sighting; LIMIT does not count
// here.
type completion struct {
	*block
	at     diag.Span
	found  plan.SnapshotID
	entity string
	uris   []string
	source string // all uris, as the store names them
	window plan.Window

	known       []store.Known       // the entities found
	ids         []entity.ID         // those that other records may have too
	wanted      map[entity.ID]bool  // these
	identifying []store.Identifying // nil: not looked up yet
	own         []entity.Sighting   // of processes without unique id
}

// A completed is what a completion brought.
type completed struct {
	pass  *store.Pass
	stamp string // of the source; "" is not reused in another block
	block *block
}

// A completionKey names what a completion asks.
type completionKey [sha256.Size]byte

// complete completes the entities that a step found, if they are to be, and
// returns the snapshot to bind. What goes wrong on the way to further records is
// a warning: only the end of ctx is an error, and one of the store.
func (b *block) complete(ctx context.Context, s *plan.Bind, value plan.Node, id plan.SnapshotID) (plan.SnapshotID, error) {
	c, err := b.completion(ctx, s, value, id)
	if c == nil || err != nil {
		return id, err
	}
	b.source = c.uris
	b.further = c.explained()
	key := c.key()
	if done, ok := b.completed[key]; ok && c.holds(ctx, done) {
		b.further.records = done.pass.Brought(0)
		return b.cfg.Store.Complete(ctx, id, done.pass, 0)
	}
	pass, stamp, err := c.run(ctx)
	b.further.failed = err != nil
	switch {
	case ctx.Err() != nil:
		return 0, context.Cause(ctx)
	case pass == nil:
		c.warn(err)
		return id, nil
	case err != nil:
		c.warn(err)
	default:
		b.completed[key] = completed{pass: pass, stamp: stamp, block: b}
	}
	b.further.records = pass.Brought(0)
	b.cfg.Log.InfoContext(ctx, "completed", "step", b.step, "type", c.entity, "source", c.source, "records", pass.Brought(0))
	return b.cfg.Store.Complete(ctx, id, pass, 0)
}

// completion says what is to be asked for the entities that a step found; nil if
// nothing is.
func (b *block) completion(ctx context.Context, s *plan.Bind, value plan.Node, id plan.SnapshotID) (*completion, error) {
	settings := b.cfg.Completion
	scan := scanOf(value)
	on := settings.Get
	at := s.At
	switch {
	case scan != nil:
		at = scan.At
	case findOf(value) != nil:
		on = settings.Find
	default:
		return nil, nil //nolint:nilnil // nothing is to be completed, and nothing failed
	}
	source := b.sourceOf(s.Value)
	info, _ := b.cfg.Store.Info(id)
	if !on || source == "" || info.Rows == 0 || slices.Contains(settings.Excluded, strings.ToLower(info.Type)) {
		return nil, nil //nolint:nilnil // as above
	}
	c := &completion{block: b, at: at, found: id, entity: info.Type, uris: strings.Split(source, ","), source: source}
	if ok, err := c.identify(ctx, scan, value, info); !ok || err != nil {
		return nil, err
	}
	return c, c.setWindow(ctx, value)
}

// findOf returns the FIND of n, nil if it has none.
func findOf(n plan.Node) *plan.Find {
	if f, ok := n.(*plan.Find); ok {
		return f
	}
	for _, in := range n.Inputs() {
		if f := findOf(in); f != nil {
			return f
		}
	}
	return nil
}

// identify looks up by what the entities are known in other records. It reports
// false if nothing but the id tells them apart and that is not to be asked for,
// or if the step itself asked for nothing else, so that it had all records.
func (c *completion) identify(ctx context.Context, scan *plan.Scan, value plan.Node, info store.Info) (bool, error) {
	db := c.cfg.Store
	attr := "id"
	var err error
	if c.entity == "process" && slices.Contains(info.Keys, entity.UniqueKey.String()) {
		attr = "x_unique_id"
	} else if c.identifying, err = db.Identifying(ctx, c.found); err != nil {
		return false, err
	} else if len(c.identifying) > 0 {
		attr = c.identifying[0].Attr.Attr()
	}
	if attr == "id" && !c.cfg.Completion.ByID || scan != nil && mentionsOnly(value, c.entity, attr) {
		return false, nil
	}
	if c.known, err = db.Known(ctx, c.found); err != nil {
		return false, err
	}
	c.wanted = make(map[entity.ID]bool, len(c.known))
	for _, k := range c.known {
		if k.Kind != entity.RecordKey {
			c.ids, c.wanted[k.ID] = append(c.ids, k.ID), true
		}
	}
	if attr == "id" {
		c.identifying = []store.Identifying{{Attr: pathOfID, Values: idValues(c.ids)}}
	}
	if c.entity == "process" {
		c.own, err = db.Sightings(ctx, c.found)
	}
	return err == nil && len(c.ids)+len(c.own) > 0, err
}

var pathOfID = stix.Path{Steps: []stix.Step{{Kind: stix.Key, Name: "id"}}}

func idValues(ids []entity.ID) []entity.Value {
	out := make([]entity.Value, len(ids))
	for i, id := range ids {
		out[i] = entity.StringValue(id.String())
	}
	return out
}

// mentionsOnly reports whether the conditions of n on entities of a type are
// about one attribute, and this is it.
func mentionsOnly(n plan.Node, typ, attr string) bool {
	met := make(map[string]bool)
	note := func(p stix.Path) {
		if p.Type == "" || p.Type == typ {
			met[p.Attr()] = true
		}
	}
	var expr func(stix.Expr)
	expr = func(e stix.Expr) {
		switch e := e.(type) {
		case *stix.Logic:
			expr(e.X)
			expr(e.Y)
		case *stix.Comparison:
			note(e.Path)
		case *stix.Exists:
			note(e.Path)
		}
	}
	var walk func(plan.Node)
	walk = func(n plan.Node) {
		if f, ok := n.(*plan.Filter); ok {
			expr(f.Where)
		}
		for _, in := range n.Inputs() {
			walk(in)
		}
	}
	walk(n)
	return len(met) == 1 && met[attr]
}

// setWindow takes the time range of the step, or else the time in which the
// entities were observed, widened by the session's offsets.
func (c *completion) setWindow(ctx context.Context, value plan.Node) error {
	if c.window = givenWindow(value); !c.window.IsZero() {
		return nil
	}
	first, last, err := c.cfg.Store.Observed(ctx, c.found)
	if err != nil || first.IsZero() || last.IsZero() {
		return err
	}
	c.window = plan.Window{
		Start:  first.Time().Add(c.cfg.StartOffset),
		Stop:   last.Time().Add(c.cfg.StopOffset),
		Origin: plan.Derived,
	}
	return nil
}

// givenWindow returns the time range that the text of a step gives.
func givenWindow(n plan.Node) plan.Window {
	switch n := n.(type) {
	case *plan.Scan:
		if n.Window.Origin == plan.Given {
			return n.Window
		}
	case *plan.Within:
		if n.Range.Origin == plan.Given {
			return n.Range
		}
	default: // the others have none
	}
	for _, in := range n.Inputs() {
		if w := givenWindow(in); !w.IsZero() {
			return w
		}
	}
	return plan.Window{}
}

// key returns the name of what c asks. The order in which entities were found is
// no part of it.
func (c *completion) key() completionKey {
	ids := make([]string, len(c.known))
	for i, k := range c.known {
		ids[i] = k.ID.String()
	}
	slices.Sort(ids)
	h := sha256.New()
	fmt.Fprintf(h, "%q %q%s\n", c.uris, c.entity, c.window)
	for _, id := range ids {
		fmt.Fprintf(h, "%s\x00", id)
	}
	return completionKey(h.Sum(nil))
}

// warn says that further records could not be read, or not all of them.
func (c *completion) warn(err error) {
	d := failure(c.at, err)
	d.Severity = diag.Warning
	d.Message = "not all further records of what was found could be read: " + d.Message
	c.report(d)
	last := c.out.Sources
	if len(last) == 0 || !last[len(last)-1].Partial() {
		c.out.Sources = append(c.out.Sources, datasource.Count{Source: c.source, Failed: 1})
	}
}
