// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

//go:build integration

// Package examples_test runs the examples beside the original Kestrel.
package examples_test

import (
	"cmp"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"
)

// TestHelloWorld compares what the two programs print, line by line; the order
// of rows is ours, and so is the time that a block took.
func TestHelloWorld(t *testing.T) {
	t.Parallel()
	hunt, err := filepath.Abs("helloworld.hf")
	if err != nil {
		t.Fatal(err)
	}
	want := printed(t, original(t), hunt)
	got := printed(t, ours(t), hunt)
	if d := diff.Diff(lines(want), lines(got)); d != "" {
		t.Errorf("hello world: -original +ours\n%s", d)
	}
}

// TestIncident compares the number of entities in hunts of the sample incident
// that the original answers rightly: those that name no second entity type, and
// no variable.
func TestIncident(t *testing.T) {
	t.Parallel()
	bundle, err := filepath.Abs("incident/bundle.json")
	if err != nil {
		t.Fatal(err)
	}
	from := " FROM 'file://" + bundle + "' "
	hunt := filepath.Join(t.TempDir(), "subset.hf")
	text := strings.Join([]string{
		"shells = GET process" + from + "WHERE name = 'sh' AND parent_ref.name = 'node' AND command_line NOT LIKE '%/usr/bin/convert %'",
		"requests = GET network-traffic" + from + "WHERE src_ref.value = '198.51.100.23'",
		"helper = GET process" + from + "WHERE binary_ref.parent_directory_ref.path LIKE '/dev/shm/%'",
		"jobs = GET process" + from + "WHERE command_line LIKE '%sync.ps1%'",
		"keys = GET windows-registry-key" + from + `WHERE key LIKE '%CurrentVersion\\Run'`,
		"uploads = GET network-traffic" + from + "WHERE dst_ref.value = '192.0.2.44' AND src_byte_count > 10000000",
	}, "\n")
	if err := os.WriteFile(hunt, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	want := entities(printed(t, original(t), hunt))
	if len(want) != 6 {
		t.Fatalf("the original's summary has the variables %v, want 6", want)
	}
	got := entities(printed(t, ours(t), hunt))
	if d := diff.Diff(want, got); d != "" {
		t.Errorf("entities by variable: -original +ours\n%s", d)
	}
}

// original returns the command of the original Kestrel.
func original(t *testing.T) string {
	t.Helper()
	venv := os.Getenv("KESTREL_ORACLE_VENV")
	if venv == "" {
		t.Fatal("KESTREL_ORACLE_VENV is not set: run make integration")
	}
	return filepath.Join(venv, "bin", "kestrel")
}

// ours returns our command, built for this test.
func ours(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "kestrel")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", bin, "github.com/kestrelhunt/kestrel/cmd/kestrel")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return bin
}

// printed returns what a command prints for a hunt. The original asks its source
// once for each GET, as its second round changes no entity here.
func printed(t *testing.T, command, hunt string) string {
	t.Helper()
	config := filepath.Join(t.TempDir(), "kestrel.yaml")
	if err := os.WriteFile(config, []byte("prefetch: {switch_per_command: {get: false, find: false}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	run := exec.CommandContext(ctx, command, hunt)
	run.Dir = t.TempDir()
	run.Env = append(os.Environ(), "KESTREL_CONFIG="+config)
	var stderr strings.Builder
	run.Stderr = &stderr
	out, err := run.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", command, hunt, err, stderr.String())
	}
	return string(out)
}

// lines returns the sorted lines of a text, without the duration.
func lines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "[SUMMARY]") {
			line = "[SUMMARY]"
		}
		out = append(out, line)
	}
	slices.SortFunc(out, cmp.Compare[string])
	return out
}

// entities reads the number of entities of each variable from a summary.
func entities(text string) map[string]string {
	_, summary, _ := strings.Cut(text, "#(RECORDS)")
	out := map[string]string{}
	for line := range strings.Lines(summary) {
		if f := strings.Fields(line); len(f) > 4 && !strings.Contains(f[0], "*") {
			out[f[0]] = f[2]
		}
	}
	return out
}
