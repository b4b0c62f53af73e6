// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"fmt"
	"testing"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/internal/store"
)

func TestFailureOfTooManyPairs(t *testing.T) {
	t.Parallel()
	d := failure(diag.Span{}, fmt.Errorf("keep: %w", &store.TooManyError{Max: 12}))
	if want := "more than 12 pairs of rows have equal values"; d.Code != diag.StepFailed || d.Message != want || d.Hint == "" {
		t.Errorf("failure = %s %q %q, want %s %q with a hint", d.Code, d.Message, d.Hint, diag.StepFailed, want)
	}
}
