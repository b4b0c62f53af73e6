// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package diag

import (
	"errors"
	"fmt"
)

// Severity says how much a diagnostic matters. The zero value is Error.
type Severity uint8

// The severities, gravest first.
const (
	Error   Severity = iota // the step did not run, or failed
	Warning                 // the step ran; something about its result needs saying
	Info                    // a remark
)

// String returns "error", "warning" or "info".
func (s Severity) String() string {
	return [...]string{"error", "warning", "info"}[min(int(s), 2)]
}

// MarshalText writes the severity as its name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// A Diagnostic is one problem: what it is, where it lies, and what to do.
//
// Message is one clause without capital, full stop, position or code: it names
// what was found and what was expected. Hint says what to do next, in the same
// form. Neither may hold a credential.
type Diagnostic struct {
	Code     Code
	Severity Severity
	Span     Span
	Message  string
	Hint     string
	Related  []Related
	Fixes    []Fix
	Cause    error // for logs and errors.Is; never shown
}

// Related points at another place that explains a Diagnostic.
type Related struct {
	Span    Span
	Message string
}

// A Fix is a change of the text that would remove the problem.
type Fix struct {
	Title string
	Edits []Edit
}

// An Edit replaces the text of Span by New.
type Edit struct {
	Span Span
	New  string
}

// Error returns "code: message", so that a Diagnostic can travel as an error.
func (d Diagnostic) Error() string { return fmt.Sprintf("%s: %s", d.Code, d.Message) }

// Unwrap returns the cause.
func (d Diagnostic) Unwrap() error { return d.Cause }

// A List holds diagnostics in the order in which they were found.
type List []Diagnostic

// Err returns nil if no diagnostic of l is an error, and otherwise an error
// that joins those that are. A List itself is not an error, so that an empty
// one is never mistaken for a failure.
func (l List) Err() error {
	var errs []error
	for _, d := range l {
		if d.Severity == Error {
			errs = append(errs, d)
		}
	}
	return errors.Join(errs...)
}
