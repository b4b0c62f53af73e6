// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package diag

import "testing"

func TestNearest(t *testing.T) {
	t.Parallel()
	commands := []string{"GET", "FIND", "NEW", "LOAD", "SORT", "DISP", "DESCRIBE", "INFO"}
	tests := []struct {
		name       string
		candidates []string
		want       string
	}{
		{"DSIP", commands, "DISP"},
		{"gte", commands, "GET"},
		{"descrbe", commands, "DESCRIBE"},
		{"fidn", commands, "FIND"},
		{"INF", commands, "INFO"},
		{"procs", commands, ""},
		{"get", commands, ""}, // nothing to correct
		{"", commands, ""},
		{"x", commands, ""},
		{"x", []string{"y"}, ""},
		{"procz", []string{"browsers", "procs"}, "procs"},
		{"proc", []string{"proxy", "procs"}, "procs"},
		{"minuts", []string{"MINUTE", "MINUTES"}, "MINUTES"},
		{"src_ref.valeu", []string{"src_ref.value", "dst_ref.value"}, "src_ref.value"},
		{"ab", []string{"ac", "ad"}, "ac"},
		{"prozeß", []string{"prozess", "process"}, "prozess"},
	}
	for _, tt := range tests {
		if got, ok := Nearest(tt.name, tt.candidates); got != tt.want || ok != (tt.want != "") {
			t.Errorf("Nearest(%q, %v) = %q, %v, want %q", tt.name, tt.candidates, got, ok, tt.want)
		}
	}
}
