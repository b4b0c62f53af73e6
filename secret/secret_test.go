// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package secret_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/kestrelhunt/kestrel/secret"
)

const text = "hunter2-secret"

// holder keeps a secret where fmt may not call methods.
type holder struct{ password secret.String }

func TestStringIsNeverShown(t *testing.T) {
	t.Parallel()
	s := secret.New(text)
	var shown []string
	for _, v := range []any{s, &s, holder{s}, &holder{s}, []secret.String{s}, map[string]secret.String{"k": s}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
			shown = append(shown, fmt.Sprintf(verb, v))
		}
		j, err := json.Marshal(v)
		if err != nil {
			t.Fatalf("Marshal(%T): %v", v, err)
		}
		shown = append(shown, string(j))
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "s", s, "h", holder{s})
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "s", s, "h", holder{s})
	shown = append(shown, log.String(), fmt.Errorf("with %v", s).Error(), errors.Join(fmt.Errorf("%s", s)).Error())
	for _, got := range shown {
		for _, leak := range []string{text, fmt.Sprintf("%x", text), fmt.Sprintf("%X", text)} {
			if strings.Contains(got, leak) {
				t.Errorf("%q shows the secret", got)
			}
		}
	}
}

func TestString(t *testing.T) {
	t.Parallel()
	s := secret.New(text)
	if got := s.Reveal(); got != text {
		t.Errorf("Reveal() = %q, want %q", got, text)
	}
	if got := fmt.Sprintf("%s|%v", s, secret.String{}); got != "***|***" {
		t.Errorf("printed as %q, want ***|***", got)
	}
	if s.IsZero() || !secret.New("").IsZero() || !(secret.String{}).IsZero() {
		t.Error("IsZero is true for the empty text only")
	}
	if !s.Equal(secret.New(text)) || s.Equal(secret.String{}) {
		t.Error("Equal compares the texts")
	}
}

func TestMask(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		secrets    []string
		want       string
	}{
		{"none", "nothing to hide", nil, "nothing to hide"},
		{"twice", "pass4all pass4all", []string{"pass4all"}, "*** ***"},
		{"one inside the other", "key abcdefgh", []string{"abcd", "abcdefgh"}, "key ***"},
		{"too short to look for", "a cat sat", []string{"at", ""}, "a cat sat"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var secrets []secret.String
			for _, s := range tt.secrets {
				secrets = append(secrets, secret.New(s))
			}
			if got := secret.Mask(tt.text, secrets...); got != tt.want {
				t.Errorf("Mask(%q) = %q, want %q", tt.text, got, tt.want)
			}
		})
	}
}

func TestMaskURLs(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"GET process FROM https://user:pa:ss@host/b.json", "GET process FROM https://***@host/b.json"},
		{"https://token@host and file://a@b", "https://***@host and file://***@b"},
		{"https://host/path?mail=a@b", "https://host/path?mail=a@b"},
		{"a@b", "a@b"},
		{"x://'a' y@z", "x://'a' y@z"},
	}
	for _, tt := range tests {
		if got := secret.MaskURLs(tt.in); got != tt.want {
			t.Errorf("MaskURLs(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}
