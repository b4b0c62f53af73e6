// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stixbundle

import (
	"fmt"
	"math"
	"strconv"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/match"
	"github.com/kestrelhunt/kestrel/stix"
)

// A wanted is a question for further records, ready to be looked up.
type wanted struct {
	datasource.Wanted
	ids  map[entity.ID]bool
	pids map[int64]bool // empty unless processes are wanted
}

func newWanted(w datasource.Wanted) *wanted {
	out := &wanted{Wanted: w, ids: make(map[entity.ID]bool, len(w.IDs)), pids: make(map[int64]bool)}
	for _, id := range w.IDs {
		if id.Type() == w.Entity {
			out.ids[id] = true
		}
	}
	if w.Entity == "process" {
		for _, pid := range w.PIDs {
			out.pids[pid] = true
		}
	}
	return out
}

// none reports whether nothing is wanted.
func (w *wanted) none() bool { return len(w.ids) == 0 && len(w.pids) == 0 }

// hits appends the hits in record n of a batch, whose objects have ids.
func (w *wanted) hits(rec *entity.Record, n int, dst []entity.Hit) []entity.Hit {
	for i := range rec.Objects {
		o := &rec.Objects[i]
		if o.Type == w.Entity && w.has(o) {
			dst = append(dst, entity.Hit{Record: n, Object: i})
		}
	}
	return dst
}

// has reports whether an object of the type is wanted.
func (w *wanted) has(o *entity.Object) bool {
	if w.ids[o.ID] {
		return true
	}
	if len(w.pids) == 0 {
		return false
	}
	pid, ok := pidOf(o)
	return ok && w.pids[pid]
}

// pidOf returns the process id of a process: an integer, or what compares as one
// (see package match).
func pidOf(o *entity.Object) (int64, bool) {
	v := o.Attr("pid")
	f := v.Float()
	switch v.Kind() {
	case entity.Int:
		return v.Int(), true
	case entity.Float:
	case entity.String:
		if !match.LooksNumeric(v.Text()) {
			return 0, false
		}
		f, _ = strconv.ParseFloat(v.Text(), 64) // too large is infinite
	case entity.Null, entity.Bool, entity.JSON:
		return 0, false
	}
	const exact = 1 << 53 // up to which floats have all integers
	return int64(f), f == math.Trunc(f) && math.Abs(f) <= exact
}

// decode decodes the records of a chunk and keeps in its batch those in which
// something wanted stands.
func (w *wanted) decode(d *stix.RecordDecoder, c *chunk) {
	b := &c.batch
	b.Records, b.Hits[0] = b.Records[:0], b.Hits[0][:0]
	for i := range c.raws {
		n := len(b.Records)
		b.Records = grow(b.Records)
		rec := &b.Records[n]
		if d.Decode(&c.raws[i], rec) && match.Overlaps(rec, w.Window.Start, w.Window.Stop) {
			entity.Identify(rec)
			before := len(b.Hits[0])
			if b.Hits[0] = w.hits(rec, n, b.Hits[0]); len(b.Hits[0]) > before {
				continue
			}
		}
		b.Records = b.Records[:n]
	}
	c.remarks = d.Remarks()
	d.Reset()
}

// text writes the question for people.
func (w *wanted) text() string {
	text := fmt.Sprintf("%s with one of %d ids", w.Entity, len(w.ids))
	if len(w.pids) > 0 {
		text += fmt.Sprintf(" or %d process ids", len(w.pids))
	}
	return text + w.Window.String()
}
