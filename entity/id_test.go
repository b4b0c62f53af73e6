// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package entity

import "testing"

func TestGivenID(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, typ, text string
		isUUID          bool
	}{
		{"standard form", "url", "url--edff6913-45d9-510c-a927-f090d69a669f", true},
		{"capitals are kept", "url", "url--EDFF6913-45d9-510c-a927-f090d69a669f", false},
		{"of another type", "url", "file--edff6913-45d9-510c-a927-f090d69a669f", false},
		{"hyphens elsewhere", "url", "url--edff69134-5d9-510c-a927-f090d69a669f", false},
		{"no UUID", "process", "4711", false},
		{"too long", "url", "url--edff6913-45d9-510c-a927-f090d69a669f0", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			id := GivenID(tt.typ, tt.text)
			if got := id.String(); got != tt.text {
				t.Errorf("GivenID(%q, %q).String() = %q, want the text again", tt.typ, tt.text, got)
			}
			if _, ok := id.UUID(); ok != tt.isUUID {
				t.Errorf("GivenID(%q, %q).UUID() reports %v, want %v", tt.typ, tt.text, ok, tt.isUUID)
			}
			if id.Type() != tt.typ || id.IsZero() {
				t.Errorf("GivenID(%q, %q) has type %q, zero %v", tt.typ, tt.text, id.Type(), id.IsZero())
			}
		})
	}
	if id := GivenID("url", ""); !id.IsZero() || id.String() != "" {
		t.Errorf("GivenID of no text = %q, want the zero ID", id)
	}
}

func TestIDCompare(t *testing.T) {
	t.Parallel()
	ids := []ID{
		{},
		NewID("file", [16]byte{15: 1}),
		NewID("url", [16]byte{}),
		NewID("url", [16]byte{0: 1}),
		GivenID("url", "a"),
		GivenID("url", "b"),
	}
	for i := range ids {
		for j := range ids {
			want := 0
			switch {
			case i < j:
				want = -1
			case i > j:
				want = 1
			}
			if got := ids[i].Compare(ids[j]); got != want {
				t.Errorf("Compare of %q and %q = %d, want %d", ids[i], ids[j], got, want)
			}
		}
	}
}
