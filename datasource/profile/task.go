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
	runs  []*run
	limit int64 // records in all; negative: no limit
}

// A run is the task of one profile.
type run struct {
	part    *part
	task    datasource.Task     // nil if it could not be planned
	checks  []*match.Matcher    // what the connector left
	matched int64               // records yielded
	cut     bool                // the limit was reached before its end
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
// one of them has none, as servers have.
func (t *task) Stamp(ctx context.Context) (string, error) {
	var all []string
	for _, r := range t.runs {
		if r.task == nil {
			return "", nil
		}
		s, err := r.task.Stamp(ctx)
		if err != nil || s == "" {
			return "", err
		}
		all = append(all, r.part.state, s)
	}
	return strings.Join(all, "\n"), nil
}

// Run yields the records of each profile in turn until the limit is reached. A
// profile that fails is left at its failure; what it gave before is kept. The
// run itself fails if nothing was yielded and no profile did well.
func (t *task) Run(ctx context.Context, p datasource.Progress) iter.Seq2[*entity.Batch, error] {
	return func(yield func(*entity.Batch, error) bool) {
		left := t.limit
		yielded := false
		for _, r := range t.runs {
			if r.failed != nil {
				continue
			}
			if left == 0 {
				return
			}
			for batch, err := range r.run(ctx, left, p) {
				if err != nil {
					yield(nil, err)
					return
				}
				yielded = yielded || len(batch.Records) > 0
				if left > 0 {
					left -= int64(len(batch.Records))
				}
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

// run yields at most limit records that match. Only the end of ctx is an error;
// all others are kept in r.
func (r *run) run(ctx context.Context, limit int64, p datasource.Progress) iter.Seq2[*entity.Batch, error] {
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
			if batch = r.check(batch); len(batch.Records) == 0 {
				continue
			}
			left := limit - r.matched
			if limit >= 0 && int64(len(batch.Records)) >= left {
				batch = first(batch, int(left))
				r.cut = true
			}
			r.matched += int64(len(batch.Records))
			if !yield(batch, nil) || r.cut {
				return
			}
		}
	}
}

// check returns the records of a batch that pass what the connector left to
// check, with their hits.
func (r *run) check(b *entity.Batch) *entity.Batch {
	if len(r.checks) == 0 {
		return b
	}
	out := &entity.Batch{Hits: [][]entity.Hit{nil}}
	var found, next []int
	for i := range b.Records {
		rec := &b.Records[i]
		found = r.checks[0].Match(rec, found[:0])
		for _, m := range r.checks[1:] {
			next = m.Match(rec, next[:0])
			found = both(found, next)
		}
		if len(found) == 0 {
			continue
		}
		for _, object := range found {
			out.Hits[0] = append(out.Hits[0], entity.Hit{Record: len(out.Records), Object: object})
		}
		out.Records = append(out.Records, *rec)
	}
	return out
}

// both returns what is in both of two lists, in the order of the first.
func both(a, b []int) []int {
	in := make(map[int]bool, len(b))
	for _, n := range b {
		in[n] = true
	}
	out := a[:0]
	for _, n := range a {
		if in[n] {
			out = append(out, n)
		}
	}
	return out
}

// first returns the first n records of a batch with their hits.
func first(b *entity.Batch, n int) *entity.Batch {
	out := &entity.Batch{Records: b.Records[:n]}
	for _, hits := range b.Hits {
		end := len(hits)
		for end > 0 && hits[end-1].Record >= n {
			end--
		}
		out.Hits = append(out.Hits, hits[:end])
	}
	return out
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
	if len(r.checks) > 0 || r.cut {
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
