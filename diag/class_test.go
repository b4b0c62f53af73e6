// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package diag

import "testing"

func TestClass(t *testing.T) {
	t.Parallel()
	tests := []struct {
		code Code
		want string
	}{
		{UnexpectedToken, "KestrelSyntaxError"},
		{UnterminatedString, "KestrelSyntaxError"},
		{UndefinedVariable, "VariableNotExist"},
		{MixedTypes, "NonUniformEntityType"},
		{TypeMismatch, "InvalidECGPattern"},
		{FileFailed, ""},
		{Code("no-such-code"), ""},
	}
	for _, tt := range tests {
		if got := Class(tt.code); got != tt.want {
			t.Errorf("Class(%s) = %q, want %q", tt.code, got, tt.want)
		}
	}
}
