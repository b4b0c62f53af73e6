// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package datasource is the contract between the engine and the drivers of data
// sources: bundles, log stores, lakes.
//
// A [Driver] opens a [Source] for a URI; the source is asked, with a plan, for
// entities, takes on what it can run exactly, and returns the rest; the [Task]
// then yields records. The engine knows nothing of products, drivers nothing of
// the store. What a source takes on never changes what a hunt means.
package datasource

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
)

// Errors that the session tells apart. Drivers wrap them with what they did and
// on what.
var (
	// ErrUnavailable: the source could not be reached, or not read.
	ErrUnavailable = errors.New("source unavailable")

	// ErrUnauthorized: the source refused the credentials.
	ErrUnauthorized = errors.New("source refused the credentials")

	// ErrNotFound: there is no such file, index or profile.
	ErrNotFound = errors.New("source not found")

	// ErrInvalidData: the source answered with something that is no record.
	ErrInvalidData = errors.New("invalid data")
)

// A Driver opens sources of one kind. Its methods may be called concurrently.
type Driver interface {
	// Name is the driver's name for people: "STIX bundle".
	Name() string

	// Schemes are the URI schemes it opens, in lower case: "file", "https".
	Schemes() []string

	// Open returns the source that uris name together; all have one of the
	// driver's schemes, and records come in the order of uris. Open validates
	// them and does no more; an unreachable source fails later, when it is
	// planned or run.
	Open(ctx context.Context, uris []string, env Env) (Source, error)
}

// An Env is what a session lends a driver. Drivers never look at the process's
// own working directory, clock or temporary folder.
type Env struct {
	Dir     string                 // relative paths start here
	HuntDir string                 // a file missing in Dir is looked for here; may be ""
	Cache   func() (string, error) // the session's folder for downloads, made when first asked for
	Now     func() time.Time       // the time of the hunt: what LAST and default windows count back from
	Offline bool                   // metadata may not be asked for

	// Clock is the time of the world, for waiting and for comparing clocks; nil
	// means Now, which a hunter may have set to another day.
	Clock func() time.Time

	// Environ lists the variables of the environment, each as NAME=value; nil
	// leaves a driver those of the process.
	Environ []string

	// Getenv returns a variable of the environment, "" if it is not set; nil
	// means that there are none.
	Getenv func(name string) string

	// Dial opens connections to servers; nil means the system's way. Tests
	// answer the names of their servers with it.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Lookup returns a variable of Environ, and whether it is set. Of two with one
// name the last counts.
func (e Env) Lookup(name string) (string, bool) {
	for _, v := range slices.Backward(e.Environ) {
		if n, v, ok := strings.Cut(v, "="); ok && n == name {
			return v, true
		}
	}
	return "", false
}

// WorldTime returns Clock, or Now if there is none; nil if there is neither.
func (e Env) WorldTime() func() time.Time {
	if e.Clock != nil {
		return e.Clock
	}
	return e.Now
}

// A Source is one configured data source. Its methods may be called
// concurrently. If it holds connections open, it also implements io.Closer.
type Source interface {
	// Plan takes on as much of want as the source can run exactly and returns
	// it as a task, with the plan that is left for the engine; rest is nil if
	// nothing is left. want is a tree over one *plan.Scan; rest is want with the
	// part taken on replaced by the Scan. A source that can filter nothing takes
	// the bare Scan.
	Plan(ctx context.Context, want plan.Node) (task Task, rest plan.Node, err error)
}

// A Sharer is a Source that can answer several questions in one pass.
type Sharer interface {
	Source

	// PlanAll is Plan for several wants at once: element q of each batch's Hits
	// answers wants[q].
	PlanAll(ctx context.Context, wants []plan.Node) (task Task, rests []plan.Node, err error)
}

// A Task is the part of a plan that a source took on.
type Task interface {
	// Native lists the queries that Run would send, for EXPLAIN. It does no I/O.
	Native() []NativeQuery

	// Stamp identifies the content that Run would read: equal stamps, equal
	// answers. It is "" if the source cannot say, and then answers are not
	// reused. It may look at metadata, such as a file's size and time.
	Stamp(ctx context.Context) (string, error)

	// Run yields the records that answer the question, with all their objects
	// and their ids set, in the order of the source. After yielding a non-nil
	// error it yields nothing more. It stops, and releases what it holds here
	// and on the server, when ctx ends or the caller leaves the loop. A task is
	// run at most once.
	Run(ctx context.Context, p Progress) iter.Seq2[*entity.Batch, error]

	// Counts says what Run has met so far, for each part of the source.
	Counts() []Count
}

// A NativeQuery is one question in the source's own language.
type NativeQuery struct {
	Source   string // which source, or file
	Language string // "STIX pattern", "Query DSL", "AQL"
	Text     string

	// Recheck is the condition that the driver checks again on each record that
	// comes, because the query may bring more; "" if the query is exact.
	Recheck string
}

// A Count is the accounting of one source, or one file of it.
type Count struct {
	Source  string `json:"source"`
	Scanned int64  `json:"scanned"` // records read
	Matched int64  `json:"matched"` // records yielded
	Skipped int64  `json:"skipped"` // records or objects that could not be used
	Failed  int64  `json:"failed"`  // requests that failed
	Bytes   int64  `json:"bytes"`   // read, uncompressed
	Cut     bool   `json:"cut"`     // records that were asked for may be missing; LIMIT cuts nothing
	Notes   []Note `json:"notes,omitempty"`
}

// Partial reports whether the answer may lack something that was asked for:
// something was skipped or failed, or the source was cut. A time window that was
// filled in by default leaves an answer whole.
func (c Count) Partial() bool { return c.Skipped > 0 || c.Failed > 0 || c.Cut }

// String returns the counts in words, with the source before them.
func (c Count) String() string {
	text := fmt.Sprintf("%s: %d records scanned, %d matched, %d skipped; %d requests failed", c.Source, c.Scanned, c.Matched, c.Skipped, c.Failed)
	if c.Cut {
		text += "; records may be missing"
	}
	return text
}

// A Note is something the hunter must know about an answer: objects that were
// skipped, references that dangle, a window that was filled in.
type Note struct {
	Code    diag.Code `json:"code"`
	Message string    `json:"message"`
	Hint    string    `json:"hint,omitempty"`
}

// Progress receives how far a task is. It may be called often, from one
// goroutine at a time; a nil Progress is fine.
type Progress func(done, total int64, unit string)

// A DataError says that the data of a source are malformed, and where. It wraps
// ErrInvalidData.
type DataError struct {
	Source string // which file or document
	Line   int64  // counted from one; 0 if unknown
	Offset int64  // in bytes from the start of the uncompressed text; -1 if unknown
	Path   string // JSON Pointer (RFC 6901) of the value, if known
	Reason string // what was found and what was expected
	Hint   string // what to do
	Err    error  // what the reader said; may be nil
}

// Error returns the place and the reason.
func (e *DataError) Error() string {
	place := e.Source
	if e.Line > 0 {
		place += fmt.Sprintf(" line %d", e.Line)
	}
	if e.Offset >= 0 {
		place += fmt.Sprintf(" (byte %d)", e.Offset)
	}
	if e.Path != "" {
		place += " at " + e.Path
	}
	return place + ": " + e.Reason
}

// Unwrap returns ErrInvalidData and what the reader said.
func (e *DataError) Unwrap() []error {
	if e.Err == nil {
		return []error{ErrInvalidData}
	}
	return []error{ErrInvalidData, e.Err}
}
