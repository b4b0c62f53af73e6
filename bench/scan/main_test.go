// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestScan(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       int
		fails      bool
	}{
		{"three", `{"type":"bundle","objects":[{},{"a":[1]},{}],"id":"x"}`, 3, false},
		{"objects elsewhere", `{"other":{"objects":[1,2]},"objects":[{}]}`, 1, false},
		{"none", `{"type":"bundle"}`, 0, false},
		{"cut", `{"objects":[{},{"a":`, 1, true},
		{"twice the same name", `{"objects":[{"a":1,"a":2}]}`, 0, true},
		{"not UTF-8", "{\"objects\":[\"\xff\"]}", 0, true},
		{"text behind", `{"objects":[{}]} {}`, 1, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "b.json")
			if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := scan(path)
			if got != tt.want || (err != nil) != tt.fails {
				t.Errorf("scan(%s) = %d, %v; want %d, failing %v", tt.text, got, err, tt.want, tt.fails)
			}
		})
	}
}
