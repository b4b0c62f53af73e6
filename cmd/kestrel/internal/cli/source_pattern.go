// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// defaultPatterns are what sources are checked with: most have something of one
// of these kinds.
var defaultPatterns = []string{
	"[ipv4-addr:value != '255.255.255.255']",
	"[process:pid > 0]",
	"[email-addr:value != 'null@xyz.com']",
}

// windowFlags say in which time to search.
type windowFlags struct {
	start, stop string
	minutes     int
}

func (f *windowFlags) add(cmd *cobra.Command, minutes int, what string) {
	cmd.Flags().StringVar(&f.start, "start", "", "search from this time on, such as 2024-06-01T00:00:00Z; wants --stop")
	cmd.Flags().StringVar(&f.stop, "stop", "", "search until this time; wants --start")
	cmd.Flags().IntVar(&f.minutes, "last-minutes", minutes, what)
}

// window returns the time to search at the time now; the zero Window if the
// flags do not say.
func (f *windowFlags) window(now time.Time) (plan.Window, error) {
	switch {
	case (f.start == "") != (f.stop == ""):
		return plan.Window{}, usagef("--start and --stop go together")
	case f.start != "":
		start, err := stix.ParseTime(f.start)
		if err != nil {
			return plan.Window{}, usagef("--start is a time such as 2024-06-01T00:00:00Z, not %q", f.start)
		}
		stop, err := stix.ParseTime(f.stop)
		if err != nil {
			return plan.Window{}, usagef("--stop is a time such as 2024-06-01T00:00:00Z, not %q", f.stop)
		}
		if !start.Before(stop) {
			return plan.Window{}, usagef("--start is not before --stop")
		}
		return plan.Window{Start: start, Stop: stop, Origin: plan.Given}, nil
	case f.minutes < 0:
		return plan.Window{}, usagef("--last-minutes is a number of minutes, not %d", f.minutes)
	case f.minutes > 0:
		now = now.UTC().Truncate(time.Millisecond)
		return plan.Window{Start: now.Add(-time.Duration(f.minutes) * time.Minute), Stop: now, Origin: plan.Given}, nil
	}
	return plan.Window{}, nil
}

// An inquiry is what a pattern asks a source: entities of one type.
type inquiry struct {
	text   string // the pattern
	entity string
	where  stix.Expr
	window plan.Window
}

// plan returns the inquiry as a GET of a source, at most limit records; negative
// means all.
func (q inquiry) plan(uri string, limit int64) plan.Node {
	var n plan.Node = &plan.Filter{
		Input: &plan.Scan{Sources: []string{uri}, Entity: q.entity, Window: q.window},
		Where: q.where,
	}
	if limit >= 0 {
		n = &plan.Limit{Input: n, Count: limit, ByRecord: true}
	}
	return n
}

// inquiries reads a pattern: STIX with the observations joined by AND or OR, each
// of which is asked by itself. Around a single one the brackets may be missing.
// Its own START and STOP win over window.
func inquiries(text string, window plan.Window) ([]inquiry, diag.List) {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "[") && !strings.HasPrefix(text, "(") {
		text = "[" + text + "]"
	}
	file := &diag.File{Name: "pattern", Text: text}
	pattern, faults := stix.Parse(file, stix.V21)
	if faults.Err() != nil {
		return nil, faults
	}
	r := patternReader{text: text}
	r.read(pattern.Root, window)
	return r.out, append(faults, r.faults...)
}

type patternReader struct {
	text   string
	out    []inquiry
	faults diag.List
}

// read takes an observation expression apart.
func (r *patternReader) read(x stix.ObservationExpr, w plan.Window) {
	switch x := x.(type) {
	case *stix.Test:
		r.test(x, w)
	case *stix.Qualified:
		s, ok := x.Qualifier.(*stix.StartStop)
		if !ok {
			r.refuse(x.Span(), fmt.Sprintf("sources are not asked with %s", x.Qualifier))
			return
		}
		if start, stop, ok := s.Range(); ok {
			w = plan.Window{Start: start, Stop: stop, Origin: plan.Given}
		}
		r.read(x.X, w)
	case *stix.Combination:
		if x.Op == stix.FollowedBy {
			r.refuse(x.Span(), "sources are not asked with FOLLOWEDBY")
			return
		}
		r.read(x.X, w)
		r.read(x.Y, w)
	}
}

// test reads one observation. Entities of the type that it names first are
// wanted.
func (r *patternReader) test(x *stix.Test, w plan.Window) {
	q := inquiry{text: stix.FormatObservation(x), window: w, where: x.Expr}
	stix.WalkExpr(x.Expr, func(e stix.Expr) {
		path := stix.Path{}
		switch e := e.(type) {
		case *stix.Comparison:
			e.Mode = stix.Mode{Coerce: true} // as a hunt compares; the tree is ours
			path = e.Path
		case *stix.Exists:
			path = e.Path
		case *stix.Logic: // its sides come by themselves
		}
		if q.entity == "" {
			q.entity = path.Type
		}
	})
	r.out = append(r.out, q)
}

func (r *patternReader) refuse(at diag.Span, message string) {
	r.faults = append(r.faults, diag.Diagnostic{
		Code: diag.NotSupported, Span: at, Message: message, Hint: "ask for each observation by itself",
	})
}
