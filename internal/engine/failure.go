// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/internal/store"
	"github.com/kestrelhunt/kestrel/plan"
)

// failure turns an error raised while a step ran into the diagnostic that every
// frontend shows. It is the one place where the two meet: packages below return
// errors and know nothing of spans, frontends render diagnostics and know
// nothing of sentinels.
func failure(at diag.Span, err error) diag.Diagnostic {
	if known, ok := errors.AsType[diag.Diagnostic](err); ok {
		if known.Span.IsZero() {
			known.Span = at
		}
		return known
	}
	d := diag.Diagnostic{Code: diag.StepFailed, Span: at, Message: err.Error(), Cause: err}
	var data *datasource.DataError
	var attr *store.AttributeError
	var source *datasource.Failure
	var many *store.TooManyError
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		d.Code, d.Message = diag.Canceled, "step canceled"
		d.Hint = "what the steps before it bound is kept"
	case errors.Is(err, store.ErrOutOfMemory):
		d.Code, d.Message = diag.OutOfMemory, "the step needs more memory than the session may have"
		d.Hint = "ask for less at a time: a shorter time range, a narrower condition, LIMIT; or raise session.memory_limit in kestrel.yaml"
	case errors.As(err, &data):
		d.Code, d.Message, d.Hint = diag.InvalidBundle, data.Error(), data.Hint
	case errors.As(err, &source):
		d.Code, d.Message, d.Hint = source.Kind.Code(), source.Error(), source.Remedy()
	case errors.As(err, &many):
		d.Message = fmt.Sprintf("more than %d pairs of rows have equal values", many.Max)
		d.Hint = "join by an attribute that fewer rows share, or GROUP one side first"
	case errors.As(err, &attr):
		d.Code, d.Message = diag.UndefinedAttribute, fmt.Sprintf("entities of type %s have no attribute %s", attr.Type, attr.Attr)
	case errors.Is(err, datasource.ErrUnauthorized):
		d.Code, d.Hint = diag.SourceUnauthorized, "check the credentials of this source"
	case errors.Is(err, datasource.ErrNotFound):
		d.Code, d.Hint = diag.SourceUnavailable, "check the path; relative paths start at the working directory, then at the hunt's own folder"
	case errors.Is(err, datasource.ErrUnavailable):
		d.Code, d.Hint = diag.SourceUnavailable, "check that the source can be reached from here, and try again"
	case errors.Is(err, datasource.ErrInvalidData):
		d.Code, d.Hint = diag.SourceFailed, "check that the source is of the kind that its scheme says"
	}
	return d
}

// placeOf returns where a failure of step is shown: at the name of its source, if
// that failed, else at the whole statement.
func placeOf(step plan.Step, err error) diag.Span {
	if bind, ok := step.(*plan.Bind); ok && isOfSource(err) {
		if scan := scanOf(bind.Value); scan != nil {
			return scan.Span()
		}
	}
	return step.Span()
}

// isOfSource reports whether err is what a driver says of its source.
func isOfSource(err error) bool {
	var source *datasource.Failure
	return errors.As(err, &source) || errors.Is(err, datasource.ErrUnauthorized) ||
		errors.Is(err, datasource.ErrNotFound) || errors.Is(err, datasource.ErrUnavailable) ||
		errors.Is(err, datasource.ErrInvalidData)
}

// internal turns a panic into a diagnostic that asks for a report.
func internal(at diag.Span, reason any, stack []byte) diag.Diagnostic {
	return diag.Diagnostic{
		Code:    diag.InternalError,
		Span:    at,
		Message: fmt.Sprintf("this step broke an assumption of the program: %v", reason),
		Hint:    "please report it with the hunt; --debug prints where it happened",
		Cause:   fmt.Errorf("panic: %v\n%s", reason, stack),
	}
}
