// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/match"
)

// A task asks the profiles one after the other.
type task struct {
	runs   []*run
	limits []int64 // records in all, of each question; negative: no limit
}

// A run is the task of one profile.
type run struct {
	part    *part
	task    datasource.Task     // nil if it could not be planned
	checks  [][]*match.Matcher  // what the connector left of each question
	matched int64               // records yielded
	dropped bool                // some that the connector gave were not yielded
	cut     bool                // the limits were reached before its end
	failed  *datasource.Failure // how it ended, if not well
}

// allFailed returns the failures if there is no profile without one.
func (t *task) allFailed() error {
	var errs []error
	for _, r := range t.runs {
		if r.failed == nil {
			return nil
		}
		errs = append(errs, r.failed)
	}
	if len(errs) == 1 {
		return errs[0]
	}
	return &several{errs}
}

// several is the failure of all of several profiles.
type several struct{ errs []error }

// Error says what happened to each.
func (s *several) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "all %d profiles failed", len(s.errs))
	for _, e := range s.errs {
		b.WriteString("; " + e.Error())
	}
	return b.String()
}

// Unwrap returns the failures; the first decides what the whole is.
func (s *several) Unwrap() []error { return s.errs }

// Native lists the queries of all profiles.
func (t *task) Native() []datasource.NativeQuery {
	var out []datasource.NativeQuery
	for _, r := range t.runs {
		if r.task == nil {
			continue
		}
		for _, q := range r.task.Native() {
			if q.Source == "" {
				q.Source = r.part.profile.Name
			}
			out = append(out, q)
		}
	}
	return out
}

// Stamp joins the stamps of the parts with what their profiles say; it is "" if
// one of them has none, as servers have, or cannot be had: Run will meet what is
// wrong with that part, and read the others.
func (t *task) Stamp(ctx context.Context) (string, error) {
	var all []string
	for _, r := range t.runs {
		if r.task == nil {
			return "", nil
		}
		s, err := r.task.Stamp(ctx)
		if ctx.Err() != nil {
			return "", err
		}
		if err != nil || s == "" {
			return "", nil
		}
		all = append(all, r.part.state, s)
	}
	return strings.Join(all, "\n"), nil
}

// Run yields the records of each profile in turn until all limits are reached. A
// profile that fails is left at its failure; what it gave before is kept. The
// run itself fails if nothing was yielded and no profile did well.
func (t *task) Run(ctx context.Context, p datasource.Progress) iter.Seq2[*entity.Batch, error] {
	return func(yield func(*entity.Batch, error) bool) {
		left := slices.Clone(t.limits)
		yielded := false
		for _, r := range t.runs {
			if r.failed != nil {
				continue
			}
			if reached(left) {
				return
			}
			for batch, err := range r.run(ctx, left, p) {
				if err != nil {
					yield(nil, err)
					return
				}
				yielded = yielded || len(batch.Records) > 0
				if !yield(batch, nil) {
					return
				}
			}
		}
		if err := t.allFailed(); err != nil && !yielded {
			yield(nil, err)
		}
	}
}

// reached reports whether no question may have more records.
func reached(left []int64) bool {
	return !slices.ContainsFunc(left, func(n int64) bool { return n != 0 })
}

// run yields the records that match, of each question as many as are left, and
// counts left down. Only the end of ctx is an error; all others are kept in r.
func (r *run) run(ctx context.Context, left []int64, p datasource.Progress) iter.Seq2[*entity.Batch, error] {
	return func(yield func(*entity.Batch, error) bool) {
		for batch, err := range r.task.Run(ctx, p) {
			if err != nil {
				if ended := ctx.Err(); ended != nil {
					yield(nil, fmt.Errorf("profile: read %s: %w", r.part.profile.Name, ended))
					return
				}
				r.failed = asFailure(r.part.profile.Name, "read", err)
				return
			}
			if batch = r.refine(batch, left); len(batch.Records) == 0 {
				continue
			}
			r.cut = reached(left)
			r.matched += int64(len(batch.Records))
			if !yield(batch, nil) || r.cut {
				return
			}
		}
	}
}

// refine returns the records of a batch that pass what the connector left to
// check and the limits, with their hits.
func (r *run) refine(b *entity.Batch, left []int64) *entity.Batch {
	if !r.refines(left) {
		return b
	}
	out := &entity.Batch{Hits: make([][]entity.Hit, len(b.Hits))}
	next := make([]int, len(b.Hits)) // of each question's hits
	for i := range b.Records {
		some := false
		for q, hits := range b.Hits {
			start := next[q]
			for next[q] < len(hits) && hits[next[q]].Record == i {
				next[q]++
			}
			passed := r.check(q, &b.Records[i], hits[start:next[q]])
			if len(passed) == 0 || left[q] == 0 {
				continue
			}
			some = true
			left[q]--
			for _, h := range passed {
				out.Hits[q] = append(out.Hits[q], entity.Hit{Record: len(out.Records), Object: h.Object})
			}
		}
		if some {
			out.Records = append(out.Records, b.Records[i])
		}
	}
	r.dropped = r.dropped || len(out.Records) < len(b.Records)
	return out
}

// refines reports whether records may be dropped.
func (r *run) refines(left []int64) bool {
	return slices.ContainsFunc(left, func(n int64) bool { return n >= 0 }) ||
		slices.ContainsFunc(r.checks, func(checks []*match.Matcher) bool { return len(checks) > 0 })
}

// check returns those of a question's hits in a record that pass what the
// connector left.
func (r *run) check(q int, rec *entity.Record, hits []entity.Hit) []entity.Hit {
	if len(hits) == 0 || q >= len(r.checks) {
		return hits
	}
	for _, m := range r.checks[q] {
		found := m.Match(rec, nil) // in order
		var passed []entity.Hit
		for _, h := range hits {
			if _, ok := slices.BinarySearch(found, h.Object); ok {
				passed = append(passed, h)
			}
		}
		hits = passed
	}
	return hits
}

// Counts returns the accounting of all profiles, with what is to be said about
// each.
func (t *task) Counts() []datasource.Count {
	var out []datasource.Count
	for _, r := range t.runs {
		out = append(out, r.counts()...)
	}
	return out
}

func (r *run) counts() []datasource.Count {
	name := r.part.profile.Name
	var out []datasource.Count
	if r.task != nil {
		out = r.task.Counts()
	}
	if len(out) == 0 {
		out = []datasource.Count{{}}
	}
	for i := range out {
		if out[i].Source == "" {
			out[i].Source = name
		}
	}
	if r.dropped || r.cut {
		for i := range out {
			out[i].Matched = 0
		}
		out[0].Matched = r.matched
	}
	last := &out[len(out)-1]
	out[0].Notes = append(append([]datasource.Note(nil), r.part.notes...), out[0].Notes...)
	if r.failed != nil {
		last.Failed = max(1, last.Failed)
		last.Cut = true
		last.Notes = append(slices.Clip(last.Notes), r.failed.Note())
		if r.matched > 0 {
			last.Notes = append(last.Notes, datasource.Note{
				Code:    diag.Truncated,
				Message: fmt.Sprintf("the answer is partial: %d records had come before the failure", r.matched),
				Hint:    "what has come is kept; run the step again for the whole",
			})
		}
	}
	return out
}
