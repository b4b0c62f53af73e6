// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/kestrelhunt/kestrel/secret"
)

// clock stands at three minutes past two, in a zone of its own.
func clock() time.Time {
	return time.Date(2026, 3, 1, 14, 3, 9, 0, time.FixedZone("", 3600))
}

func TestLines(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		log  func(*slog.Logger)
		want string
	}{
		{"message", func(l *slog.Logger) { l.Info("session begins") }, "13:03:09 INFO kestrel session begins\n"},
		{"module", func(l *slog.Logger) { l.With(Module, "engine").Warn("cut", "rows", 3) }, "13:03:09 WARN engine cut rows=3\n"},
		{"module of one line", func(l *slog.Logger) { l.Error("x", Module, "store") }, "13:03:09 ERROR store x\n"},
		{"level", func(l *slog.Logger) { l.Debug("too fine") }, ""},
		{"quotes", func(l *slog.Logger) { l.Info("x", "a", "b c", "d", "", "e", `f"g`) }, `13:03:09 INFO kestrel x a="b c" d="" e="f\"g"` + "\n"},
		{"groups", func(l *slog.Logger) {
			l.WithGroup("g").With("a", 1).Info("x", slog.Group("h", "b", 2), Module, "m")
		}, "13:03:09 INFO kestrel x g.a=1 g.h.b=2 g.module=m\n"},
		{"several lines", func(l *slog.Logger) { l.Info("a\nb\r\x1b[2Jc", "d", "e\nf") }, `13:03:09 INFO kestrel a\nb\r\x1b[2Jc d="e\nf"` + "\n"},
		{"secret", func(l *slog.Logger) { l.Info("x", "password", secret.New("hunter2")) }, "13:03:09 INFO kestrel x password=***\n"},
	}
	for _, tt := range tests {
		var b bytes.Buffer
		tt.log(slog.New(NewHandler(&b, Options{Now: clock})))
		if b.String() != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, b.String(), tt.want)
		}
	}
	var b bytes.Buffer
	slog.New(NewHandler(&b, Options{Level: slog.LevelDebug})).Debug("fine")
	if !strings.HasSuffix(b.String(), " DEBUG kestrel fine\n") {
		t.Errorf("debug: %q", b.String())
	}
}

func TestMasked(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	mask := func(s string) string { return strings.ReplaceAll(s, "hunter2", "***") }
	l := slog.New(Masked(NewHandler(&b, Options{Now: clock}), mask)).With("k", "hunter2")
	l.Info("pw hunter2", "a", "xhunter2", "n", 5, "e", errors.New("for hunter2"), slog.Group("g", "b", []string{"hunter2"}))
	want := "13:03:09 INFO kestrel pw *** k=*** a=x*** n=5 e=\"for ***\" g.b=[***]\n"
	if b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
}

// A file remembers what is written, and fails if it is told to.
type file struct {
	bytes.Buffer
	fails  bool
	closed int
}

func (f *file) Write(p []byte) (int, error) {
	if f.fails {
		return 0, errors.New("disk full")
	}
	return f.Buffer.Write(p)
}

func (f *file) Close() error {
	f.closed++
	return nil
}

func TestLate(t *testing.T) {
	t.Parallel()
	l := &Late{Mask: func(s string) string { return strings.ReplaceAll(s, "pw", "***") }}
	fmt.Fprintln(l, "before pw")
	f := new(file)
	if err := l.Open(f); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(l, "after pw")
	if err := l.Open(new(file)); err == nil {
		t.Error("Open takes a second file")
	}
	for range 2 {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	if got, want := f.String(), "before ***\nafter ***\n"; got != want || f.closed != 1 {
		t.Errorf("file %q, closed %d times; want %q, once", got, f.closed, want)
	}
}

func TestLateIsBounded(t *testing.T) {
	t.Parallel()
	l := new(Late)
	const lines = 10_000
	for i := range lines {
		fmt.Fprintf(l, "line %d %s\n", i, strings.Repeat("x", 100))
	}
	f := new(file)
	if err := l.Open(f); err != nil {
		t.Fatal(err)
	}
	first, rest, _ := strings.Cut(f.String(), "\n")
	var lost int
	if _, err := fmt.Sscanf(first, "(%d lines before this one were not kept)", &lost); err != nil {
		t.Fatalf("first line %q: %v", first, err)
	}
	if n := strings.Count(rest, "\n"); n+lost != lines || len(rest) > maxKept || !strings.HasPrefix(rest, fmt.Sprintf("line %d ", lost)) {
		t.Errorf("%d lines lost, %d kept in %d bytes, the first %.20q; want %d lines in all, the last of them kept", lost, n, len(rest), rest, lines)
	}
}

func TestLateSaysThatItsFileFailed(t *testing.T) {
	t.Parallel()
	l := new(Late)
	if err := l.Open(&file{fails: true}); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(l, "x")
	if err := l.Close(); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("Close: %v, want the error of the file", err)
	}
}
