// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package journal writes the log of a session as lines of text:
//
//	14:03:59 INFO engine step 2: DISP procs rows=3
//
// The time is that of the clock it is given, in UTC. What follows the level is
// the module, which is the attribute of that name, then the message, then the
// other attributes. A line is one line whatever data hold, and nothing in it can
// steer a terminal. The session and the command use it; it knows neither.
package journal

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/kestrelhunt/kestrel/diag"
)

// Module is the attribute that says which part of the program speaks.
const Module = "module"

// Options configure a handler. The zero Options work.
type Options struct {
	Level slog.Leveler     // the least level that is written; nil means Info
	Now   func() time.Time // nil means the time of the record
}

// NewHandler returns a handler that writes each record as one line, with one
// call of Write.
func NewHandler(w io.Writer, o Options) slog.Handler {
	return &handler{out: &output{w: w}, opts: o}
}

type handler struct {
	out    *output
	opts   Options
	module string
	prefix string // of the names of attributes: the groups, each with a dot
	fixed  string // attributes that every line has
}

type output struct {
	mu sync.Mutex
	w  io.Writer
}

// Enabled reports whether records of a level are written.
func (h *handler) Enabled(_ context.Context, level slog.Level) bool {
	least := slog.LevelInfo
	if h.opts.Level != nil {
		least = h.opts.Level.Level()
	}
	return level >= least
}

// Handle writes a record.
func (h *handler) Handle(_ context.Context, r slog.Record) error {
	at := r.Time
	if h.opts.Now != nil {
		at = h.opts.Now()
	}
	module := h.module
	var b strings.Builder
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == Module && h.prefix == "" {
			module = a.Value.String()
			return true
		}
		writeAttr(&b, h.prefix, a)
		return true
	})
	if module == "" {
		module = "kestrel"
	}
	line := at.UTC().Format(time.TimeOnly) + " " + r.Level.String() + " " + module + " " + r.Message + h.fixed + b.String()
	h.out.mu.Lock()
	defer h.out.mu.Unlock()
	_, err := io.WriteString(h.out.w, diag.Escape(line)+"\n")
	return err
}

// writeAttr writes an attribute with a blank before it; a group becomes its
// members.
func writeAttr(b *strings.Builder, prefix string, a slog.Attr) {
	v := a.Value.Resolve()
	if v.Kind() == slog.KindGroup {
		if a.Key != "" {
			prefix += a.Key + "."
		}
		for _, member := range v.Group() {
			writeAttr(b, prefix, member)
		}
		return
	}
	if a.Equal(slog.Attr{}) {
		return
	}
	text := v.String()
	if text == "" || strings.ContainsAny(text, " \t\r\n\"=") {
		text = strconv.Quote(text)
	}
	fmt.Fprintf(b, " %s%s=%s", prefix, a.Key, text)
}

// WithAttrs returns a handler whose lines have these attributes too.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	out := *h
	var b strings.Builder
	for _, a := range attrs {
		if a.Key == Module && h.prefix == "" {
			out.module = a.Value.String()
			continue
		}
		writeAttr(&b, h.prefix, a)
	}
	out.fixed += b.String()
	return &out
}

// WithGroup returns a handler that puts a name before those of attributes.
func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	out := *h
	out.prefix += name + "."
	return &out
}

// Masked returns a handler that hands records on to h with mask applied to their
// message and to their attributes.
func Masked(h slog.Handler, mask func(string) string) slog.Handler { return &masked{h, mask} }

type masked struct {
	slog.Handler
	mask func(string) string
}

// Handle masks a record and hands it on.
func (m *masked) Handle(ctx context.Context, r slog.Record) error {
	out := slog.NewRecord(r.Time, r.Level, m.mask(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		out.AddAttrs(m.attr(a))
		return true
	})
	return m.Handler.Handle(ctx, out)
}

// attr masks what an attribute shows. Numbers, times and the like show no secret.
func (m *masked) attr(a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindString, slog.KindAny:
		return slog.String(a.Key, m.mask(v.String()))
	case slog.KindGroup:
		members := slices.Clone(v.Group())
		for i := range members {
			members[i] = m.attr(members[i])
		}
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(members...)}
	default:
		return a
	}
}

// WithAttrs masks attributes that every record has.
func (m *masked) WithAttrs(attrs []slog.Attr) slog.Handler {
	out := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		out[i] = m.attr(a)
	}
	return &masked{m.Handler.WithAttrs(out), m.mask}
}

// WithGroup opens a group.
func (m *masked) WithGroup(name string) slog.Handler {
	return &masked{m.Handler.WithGroup(name), m.mask}
}
