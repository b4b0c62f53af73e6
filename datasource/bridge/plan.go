// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/match"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// Plan takes on conditions and a limit over the scan, exactly: it lets Python
// translate what the module can express of them, and checks records against the
// whole. It runs Python, and asks no product.
func (s *source) Plan(ctx context.Context, want plan.Node) (datasource.Task, plan.Node, error) {
	q, rest, err := s.take(want)
	if err != nil {
		return nil, nil, err
	}
	sh, a, err := s.start(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer sh.close()
	t := &task{source: s, question: q}
	t.count.Source = s.profile.Name
	t.count.Notes = append(t.count.Notes, s.notes(a)...)
	if q.defaulted > 0 {
		t.count.Notes = append(t.count.Notes, datasource.DefaultedNote(q.defaulted))
	}
	if err := t.translate(ctx, sh); err != nil {
		return nil, nil, err
	}
	return t, rest, nil
}

// A question is what a plan asks.
type question struct {
	centre    string
	where     stix.Expr // nil: all
	matcher   *match.Matcher
	window    plan.Window   // never zero
	defaulted time.Duration // the window goes so far back because none was asked for
	limit     int64         // records; negative: all
}

// take splits a plan into what the source takes on and what is left.
func (s *source) take(want plan.Node) (question, plan.Node, error) {
	scan, where, limit, rest := peel(want)
	q := question{centre: scan.Entity, where: where, window: scan.Window, limit: limit}
	if q.window.IsZero() {
		q.window = plan.Window{Stop: s.now().UTC(), Origin: plan.Defaulted}
		q.window.Start = time.Unix(0, 0).UTC()
		if q.defaulted = s.profile.Window; q.defaulted > 0 {
			q.window.Start = q.window.Stop.Add(-q.defaulted)
		}
	}
	var err error
	q.matcher, err = match.Compile(where, q.centre)
	return q, rest, err
}

// peel takes conditions and a limit of records off the scan that they are over.
// The rest is nil if nothing else is there.
func peel(n plan.Node) (scan *plan.Scan, where stix.Expr, limit int64, rest plan.Node) {
	limit = -1
	if s, ok := n.(*plan.Scan); ok {
		return s, nil, limit, nil
	}
	scan, where, limit, rest = peel(n.Inputs()[0])
	if rest == nil && limit < 0 {
		switch n := n.(type) {
		case *plan.Filter:
			if where == nil {
				return scan, n.Where, limit, nil
			}
			return scan, &stix.Logic{Op: stix.And, X: where, Y: n.Where}, limit, nil
		case *plan.Limit:
			if n.ByRecord && n.Offset == 0 && n.Count >= 0 {
				return scan, where, n.Count, nil
			}
		default: // nothing to do for the others
		}
	}
	below := rest
	if below == nil {
		below = scan
	}
	rest, _ = plan.Map(n, func(m plan.Node) (plan.Node, error) { // never fails
		if m == n.Inputs()[0] {
			return below, nil
		}
		return m, nil
	})
	return scan, where, limit, rest
}

// translate lets the module translate the question into its own language.
func (t *task) translate(ctx context.Context, sh *shim) error {
	s := t.source
	var attributes []string
	if err := sh.call(ctx, startUp, "attributes", &attributes); err != nil {
		if ctx.Err() != nil || sh.dead {
			return err
		}
		attributes = nil // an older library, which does not say
	}
	v := newVocabulary(t.question.centre, attributes)
	for {
		again, err := t.try(ctx, sh, v)
		if err != nil || !again {
			return err
		}
		t.notes = nil
		if len(v.without) > len(operators) {
			return &datasource.Failure{Kind: datasource.TranslationError, Source: s.profile.Name, Op: "translate",
				Reason: "the module refuses every operator"}
		}
	}
}

// try translates the question once. It reports true if the module lacks an
// operator, so that the question should be put in another way.
func (t *task) try(ctx context.Context, sh *shim, v *vocabulary) (again bool, err error) {
	s := t.source
	p := v.phrase(t.question.where)
	if p.expr == nil {
		if len(p.missing) > 0 {
			return false, v.unmapped(s.profile.Name, s.profile.Connector, p.missing)
		}
		expr, ok := v.anything()
		if !ok {
			return false, v.unmapped(s.profile.Name, s.profile.Connector, []string{t.question.centre + ":" + entity.SingleAttr(t.question.centre)})
		}
		p.expr = expr
		t.notes = append(t.notes, datasource.Note{
			Code:    diag.UnmappedAttribute,
			Message: fmt.Sprintf("the source can only be asked for records with %s", stix.ExprString(expr, "")),
			Hint:    "write a condition that the source can check, such as on an attribute that it knows",
		})
	}
	if len(p.missing) > 0 {
		t.notes = append(t.notes, missingNote(s.profile.Connector, p, v))
	}
	t.lacking = p.narrow
	t.pattern = patternOf(p.expr, t.question.window)
	var a answer
	if err := sh.call(ctx, startUp, "query", &a, t.pattern); err != nil {
		return false, err
	}
	if err := s.failed(a, "translate", t.pattern); err != nil {
		if v.unlearn(a.Error) {
			return true, nil
		}
		return false, err
	}
	t.queries = a.Queries
	if a.Error != "" { // of one dialect among several
		t.lacking = true
		t.notes = append(t.notes, datasource.Note{
			Code: diag.SourceFailed, Message: "a dialect could not translate the condition: " + s.launch.mask(a.reason()),
			Hint: "choose the dialects with connection.options.dialects of the profile",
		})
	}
	if len(t.queries) == 0 {
		return false, &datasource.Failure{Kind: datasource.TranslationError, Source: s.profile.Name, Op: "translate",
			Reason: "the module translates the condition into no query"}
	}
	return false, nil
}

// missingNote says what the module could not be asked for.
func missingNote(module string, p phrasing, v *vocabulary) datasource.Note {
	n := datasource.Note{
		Code:    diag.UnmappedAttribute,
		Message: fmt.Sprintf("module %s does not know %s; more is fetched and checked here", module, list(p.missing)),
		Hint:    v.hint(p.missing),
	}
	if p.narrow {
		n.Message = fmt.Sprintf("module %s does not know %s; records that only they would find are missing", module, list(p.missing))
	}
	return n
}

// patternOf writes a condition and a window as a STIX pattern.
func patternOf(e stix.Expr, w plan.Window) string {
	at := func(t time.Time) *stix.Literal {
		t = t.UTC().Truncate(time.Millisecond)
		return &stix.Literal{Kind: stix.TimeLit, Time: t, Value: entity.StringValue(t.Format("2006-01-02T15:04:05.000Z"))}
	}
	stop := w.Stop
	if stop != stop.Truncate(time.Millisecond) { // the library has milliseconds; ask for more rather than less
		stop = stop.Add(time.Millisecond)
	}
	return stix.FormatObservation(&stix.Qualified{
		X:         &stix.Test{Expr: e},
		Qualifier: &stix.StartStop{Start: at(w.Start), Stop: at(stop)},
	})
}

// queryText returns a native query as people read it: it is a text, or an object.
func queryText(q json.RawMessage) string {
	var text string
	if err := json.Unmarshal(q, &text); err == nil {
		return text
	}
	return string(q)
}

// isTimeout reports whether a failure is the library's own time-out of a
// connection, after which it is asked once more.
func isTimeout(err error) bool {
	var f *datasource.Failure
	return errors.As(err, &f) && len(f.Reason) > 20 && f.Reason[:20] == "server timeout_error"
}
