// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package transport

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
)

// retryAfter returns how long a server wants to be left alone (RFC 9110,
// 10.2.3); 0 if it does not say. A moment is read by the server's own clock, if
// it says what time it has.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if n, err := strconv.ParseUint(text, 10, 32); err == nil {
		return time.Duration(n) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return max(0, at.Sub(now))
}

// noteClock compares the server's clock with ours.
func (c *Client) noteClock(h http.Header) {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return
	}
	c.mu.Lock()
	c.skew, c.dated = date.Sub(c.cfg.Now()), true
	c.mu.Unlock()
}

// Skew returns how far the server's clock is ahead of ours, to about a second,
// if an answer has said what time it has.
func (c *Client) Skew() (time.Duration, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.skew, c.dated
}

// skewNote says that the clocks differ.
func skewNote(skew time.Duration) datasource.Note {
	which := "ahead of"
	if skew < 0 {
		skew, which = -skew, "behind"
	}
	return datasource.Note{
		Code:    diag.ClockSkew,
		Message: fmt.Sprintf("the clock of the server is %s %s ours", skew.Round(time.Second), which),
		Hint:    "a window such as LAST 5 MINUTES may miss records; give START and STOP, or set the clocks",
	}
}
