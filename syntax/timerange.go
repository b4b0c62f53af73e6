// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/stix"
)

// optionalTime parses a range of time if one is next:
//
//	timespan := START timestamp STOP timestamp | LAST n unit
func (p *parser) optionalTime() *TimeRange {
	start := p.pos
	r := &TimeRange{}
	switch {
	case p.acceptClause(kwStart):
		r.Start = p.parseTimestamp()
		p.expect(kwStop)
		r.Stop = p.parseTimestamp()
	case p.acceptClause(kwLast):
		r.Last = p.parseDuration()
	default:
		return nil
	}
	r.At = p.since(start)
	return r
}

// parseTimestamp parses a moment, or fails and returns nil:
//
//	timestamp := ISO | [ "t" ] "'" ISO "'" | [ "t" ] '"' ISO '"'
func (p *parser) parseTimestamp() *Timestamp {
	if p.failed {
		return nil
	}
	p.wants.add(aTimestamp)
	quote := p.pos
	if byteAt(p.text, quote) == 't' && isQuote(byteAt(p.text, quote+1)) {
		quote++
	}
	switch c := byteAt(p.text, quote); {
	case isQuote(c):
		return p.quotedTimestamp(quote)
	case isDigit(c):
		end := run(p.text, p.pos, isTimeByte)
		return p.timestamp(p.text[p.pos:end], end)
	}
	p.unexpected()
	return nil
}

func isTimeByte(c byte) bool { return isNameByte(c) || c == ':' || c == '.' || c == '+' }

// quotedTimestamp reads the timestamp whose quote stands at an offset.
func (p *parser) quotedTimestamp(quote int) *Timestamp {
	end, closed := stringEnd(p.text, quote)
	if !closed {
		p.stringToken(quote-p.pos, rawString)
		return nil
	}
	return p.timestamp(p.text[quote+1:end-1], end)
}

// timestamp reads the token up to end, which holds text. A text without the
// shape of a timestamp fails if it is not quoted, because more of it may follow.
func (p *parser) timestamp(text string, end int) *Timestamp {
	t, err := stix.ParseTime(text)
	if err == nil {
		return &Timestamp{Time: t, At: p.advance(Time, end)}
	}
	d := diag.Diagnostic{
		Code:    diag.InvalidTime,
		Span:    p.span(p.pos, end),
		Message: shorten(text) + " is not a timestamp",
		Hint:    "write UTC as 2022-07-01T00:00:00Z",
	}
	if why := strings.TrimPrefix(err.Error(), "stix: parse timestamp: "); !strings.HasPrefix(why, "want") {
		d.Message += ": " + why
	}
	if len(text) < len("2006-01-02T15:04Z") && end == p.pos+len(text) {
		p.fail(d)
		return nil
	}
	p.report(d)
	return &Timestamp{At: p.advance(Time, end)}
}

// units are the words for units of time.
var units = map[want]Unit{
	kwD: Day, kwDay: Day, kwDays: Day,
	kwH: Hour, kwHour: Hour, kwHours: Hour,
	kwM: Minute, kwMinute: Minute, kwMinutes: Minute,
	kwS: Second, kwSecond: Second, kwSeconds: Second,
}

var unitWords = []want{
	kwD, kwDay, kwDays, kwH, kwHour, kwHours,
	kwM, kwMinute, kwMinutes, kwS, kwSecond, kwSeconds,
}

// parseDuration parses a count of units: n unit.
func (p *parser) parseDuration() *Duration {
	start := p.pos
	n := p.parseInt(0, true)
	w, ok := p.oneOf(unitWords...)
	if !ok {
		p.unexpected()
		return nil
	}
	p.take(w)
	d := &Duration{Count: n.Value, Unit: units[w], At: p.since(start)}
	if most := math.MaxInt64 / int64(d.Unit.Duration()); d.Count > most {
		if n.Value != math.MaxInt64 {
			p.reportNumber(d.At, fmt.Sprintf("expected at most %d years, found %s",
				math.MaxInt64/int64(365*24*time.Hour), shorten(d.At.Text())))
		}
		d.Count = most
	}
	return d
}

// optionalUnit parses a unit of time if one is next.
func (p *parser) optionalUnit() Unit {
	w, ok := p.oneOf(unitWords...)
	if !ok {
		return NoUnit
	}
	p.take(w)
	return units[w]
}

// optionalLimit parses the count behind LIMIT or OFFSET if the word is next:
//
//	LIMIT n
//	OFFSET n
func (p *parser) optionalLimit(w want) *IntLit {
	if !p.acceptClause(w) {
		return nil
	}
	return p.parseInt(0, false)
}

// String returns the timestamp as it was written.
func (t *Timestamp) String() string { return written(t.At, stix.FormatTime(t.Time)) }

// String returns the duration with its unit in full, such as 5 MINUTES.
func (d *Duration) String() string { return unitsText(d.Count, d.Unit) }

func unitsText(n int64, u Unit) string {
	text := strconv.FormatInt(n, 10)
	if u == NoUnit {
		return text
	}
	word := u.String()
	if n == 1 {
		word = strings.TrimSuffix(word, "S")
	}
	return text + " " + word
}

// time adds a range of time to a step if r is not nil.
func (d *stepDoc) time(r *TimeRange) {
	switch {
	case r == nil:
	case r.Last != nil:
		d.clause(r.At, func() *doc { return text("LAST " + r.Last.String()) })
	default:
		d.clause(r.At, func() *doc { return text("START " + r.Start.String() + " STOP " + r.Stop.String()) })
	}
}
