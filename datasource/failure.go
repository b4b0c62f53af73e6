// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package datasource

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/kestrelhunt/kestrel/diag"
)

// A Kind says of which kind a Failure is. The words are those that stix-shifter
// gives its errors, which its users know, and two of our own.
type Kind string

// The kinds of failures.
const (
	NotImplemented    Kind = "not_implemented"           // the connector cannot do this
	TranslationError  Kind = "translation_error"         // a pattern could not be translated
	MappingError      Kind = "mapping_error"             // no attribute of a pattern is known to the source
	InvalidParameter  Kind = "invalid_parameter"         // an unknown dialect, index or parameter
	ResultsError      Kind = "results_translation_error" // records could not be turned into entities
	Unauthenticated   Kind = "authentication_fail"       // the credentials are wrong
	Forbidden         Kind = "forbidden"                 // the credentials do not suffice
	CertificateFailed Kind = "certificate_fail"          // the server's certificate is not trusted
	Unavailable       Kind = "service_unavailable"       // the server does not answer, or not in time
	TooManyRequests   Kind = "too_many_requests"         // the server wants to be asked less often
	InvalidQuery      Kind = "invalid_query"             // the source refused the native query
	NoResults         Kind = "no_results"                // a search is unknown or has expired
	Unknown           Kind = "unknown"                   // everything else
	UnknownSource     Kind = "unknown_source"            // there is no profile of that name
	Misconfigured     Kind = "invalid_configuration"     // a profile cannot be used as it stands
)

// A Failure says what went wrong with a source, and what to do. No field holds a
// credential, or the query of a URL.
type Failure struct {
	Kind   Kind
	Source string // the profile, or what the hunt calls the source
	Op     string // what was done: "search", "read profile"; may be ""
	Query  string // the native query that was run; may be ""
	Status int    // of the HTTP answer; 0 if there was none
	Reason string // one clause: what was found, and what was expected
	Hint   string // what to do; "" means that Remedy of the kind is enough
	Err    error  // what was raised below; may be nil
}

// Error returns source, operation, reason and status.
func (f *Failure) Error() string {
	var b strings.Builder
	if f.Source != "" {
		b.WriteString(f.Source + ": ")
	}
	b.WriteString(f.clause())
	return b.String()
}

func (f *Failure) clause() string {
	var b strings.Builder
	if f.Op != "" {
		b.WriteString(f.Op + ": ")
	}
	b.WriteString(f.Reason)
	if f.Status != 0 {
		fmt.Fprintf(&b, " (status %d)", f.Status)
	}
	return b.String()
}

// Unwrap returns the sentinel of the kind, if it has one, and what was raised
// below.
func (f *Failure) Unwrap() []error {
	var errs []error
	if s := f.Kind.sentinel(); s != nil {
		errs = append(errs, s)
	}
	if f.Err != nil {
		errs = append(errs, f.Err)
	}
	return errs
}

// Remedy returns what to do: the failure's own hint, or that of its kind.
func (f *Failure) Remedy() string {
	if f.Hint != "" {
		return f.Hint
	}
	return f.Kind.remedy()
}

// Note returns the failure as a remark on an answer that holds what came before
// it.
func (f *Failure) Note() Note {
	n := Note{Code: f.Kind.Code(), Message: f.clause(), Hint: f.Remedy()}
	if f.Query != "" {
		n.Message += ", asked for " + Shorten(f.Query, 200)
	}
	return n
}

// sentinel returns the error that callers tell apart, nil if there is none.
func (k Kind) sentinel() error {
	switch k {
	case Unauthenticated, Forbidden:
		return ErrUnauthorized
	case Unavailable, CertificateFailed, TooManyRequests:
		return ErrUnavailable
	case UnknownSource, NoResults:
		return ErrNotFound
	case ResultsError:
		return ErrInvalidData
	}
	return nil
}

// Code returns the code of the diagnostic that reports a failure of kind k.
func (k Kind) Code() diag.Code {
	switch k {
	case Unauthenticated, Forbidden:
		return diag.SourceUnauthorized
	case Unavailable, CertificateFailed, TooManyRequests:
		return diag.SourceUnavailable
	case UnknownSource:
		return diag.UnknownSource
	case Misconfigured:
		return diag.SourceMisconfigured
	case MappingError:
		return diag.UnmappedAttribute
	}
	return diag.SourceFailed
}

// remedy returns what to do about a failure of which no more is known.
func (k Kind) remedy() string {
	switch k {
	case Unauthenticated:
		return "check the credentials under config.auth of the profile"
	case Forbidden:
		return "ask for the rights that this source needs; the credentials themselves were accepted"
	case CertificateFailed:
		return "give the certificate of the server's authority as selfSignedCert, in PEM or as a path, or false to trust any"
	case Unavailable:
		return "check host and port of the profile, and that the server can be reached from here"
	case TooManyRequests:
		return "wait, or set options.cool_down_after_transmission of the profile higher"
	case InvalidQuery:
		return "see the native query with kestrel source translate"
	case NotImplemented, MappingError, TranslationError:
		return "ask for attributes that this source knows"
	case UnknownSource:
		return "list the profiles with kestrel source list"
	case Misconfigured, InvalidParameter:
		return "correct the profile, and see with kestrel source check whether it works"
	}
	return "see with kestrel source check what the source answers"
}

// Shorten returns text on one line and cut to about n bytes, with dots in the
// place of what was cut.
func Shorten(text string, n int) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n] + "..."
}
