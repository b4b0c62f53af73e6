// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package elastic

import (
	"time"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// dateFormat is how we write moments, whatever format the index has.
const dateFormat = "strict_date_optional_time"

// zones is how far apart two clocks on Earth can be: so far may the order of
// times as text differ from that of the moments they stand for.
const zones = 26 * time.Hour

// date asks an index of moments. A record has the text that the document had,
// and compares it as text.
func (c *comparison) date(f field) *clause {
	switch c.op {
	case stix.Equal, stix.In:
		var parts []*clause
		for _, v := range c.values {
			t, ok := momentOf(v)
			if !ok {
				return present(f)
			}
			second := t.Truncate(time.Second)
			parts = append(parts, between(f, second, second.Add(time.Second)))
		}
		return anyOf(parts...)
	case stix.Less, stix.LessEqual, stix.Greater, stix.GreaterEqual:
		t, ok := momentOf(c.values[0])
		switch {
		case !ok:
			return present(f)
		case c.op == stix.Less || c.op == stix.LessEqual:
			v := moment(t.Add(zones))
			return rangeLeaf(f, "", v, "lt", v, dateFormat)
		}
		v := moment(t.Add(-zones))
		return rangeLeaf(f, "gte", v, "", v, dateFormat)
	case stix.IsSubset, stix.IsSuperset:
		return nothing
	}
	return present(f)
}

// momentOf returns the moment that a text stands for.
func momentOf(v entity.Value) (time.Time, bool) {
	if v.Kind() != entity.String {
		return time.Time{}, false
	}
	t, ok := entity.ParseTime(v.Text())
	year := t.Time().Year()
	return t.Time(), ok && year > 1900 && year < 2200
}

// moment writes a time for a query, to the millisecond.
func moment(t time.Time) entity.Value {
	return entity.StringValue(t.UTC().Format("2006-01-02T15:04:05.000Z"))
}

// between asks for moments from start on and before stop; a zero time does not
// bound. Bounds go outwards to whole milliseconds, to which indices cut moments.
func between(f field, start, stop time.Time) *clause {
	low, high := "gte", "lt"
	if start.IsZero() {
		low = ""
	}
	if stop.IsZero() {
		high = ""
	} else if cut := stop.Truncate(time.Millisecond); cut.Before(stop) {
		stop = cut.Add(time.Millisecond)
	}
	return rangeLeaf(f, low, moment(start), high, moment(stop), dateFormat)
}
