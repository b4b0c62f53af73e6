// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/datasource/stixbundle"
	"github.com/kestrelhunt/kestrel/display"
	"github.com/kestrelhunt/kestrel/internal/config"
	"github.com/kestrelhunt/kestrel/internal/engine"
	"github.com/kestrelhunt/kestrel/internal/store"
)

// sharedBundle has processes with and without unique ids that are seen together
// and apart, so that each completion brings records that other steps want too.
const sharedBundle = `{"type": "bundle", "id": "bundle--1", "spec_version": "2.0", "objects": [
{"type": "observed-data", "id": "observed-data--1", "first_observed": "2024-05-06T09:00:00Z", "last_observed": "2024-05-06T09:00:00Z", "number_observed": 1, "objects": {"0": {"type": "process", "name": "sh", "pid": 7, "x_unique_id": "u"}, "1": {"type": "user-account", "user_id": "ann"}}},
{"type": "observed-data", "id": "observed-data--2", "first_observed": "2024-05-06T09:01:00Z", "last_observed": "2024-05-06T09:01:00Z", "number_observed": 1, "objects": {"0": {"type": "process", "name": "curl", "pid": 9, "x_unique_id": "w", "parent_ref": "1"}, "1": {"type": "process", "pid": 7, "command_line": "sh -c", "x_unique_id": "u"}, "2": {"type": "ipv4-addr", "value": "10.0.0.1"}}},
{"type": "observed-data", "id": "observed-data--3", "first_observed": "2024-05-06T09:02:00Z", "last_observed": "2024-05-06T09:02:00Z", "number_observed": 1, "objects": {"0": {"type": "process", "pid": 9, "cwd": "/tmp", "x_unique_id": "w"}, "1": {"type": "ipv4-addr", "value": "10.0.0.2"}}},
{"type": "observed-data", "id": "observed-data--4", "first_observed": "2024-05-06T09:03:00Z", "last_observed": "2024-05-06T09:03:00Z", "number_observed": 1, "objects": {"0": {"type": "process", "name": "weak", "pid": 5, "parent_ref": "1"}, "1": {"type": "process", "name": "sh", "pid": 7}, "2": {"type": "url", "value": "u"}}},
{"type": "observed-data", "id": "observed-data--5", "first_observed": "2024-05-06T09:03:01Z", "last_observed": "2024-05-06T09:03:01Z", "number_observed": 1, "objects": {"0": {"type": "process", "command_line": "weak -x", "pid": 5}, "1": {"type": "ipv4-addr", "value": "10.0.0.1"}}}
]}`

// TestCompletionOfSharedPasses runs the steps of a hunt in one block, whose GETs
// share a pass, and each in a block of its own: what each step shows and binds is
// the same.
func TestCompletionOfSharedPasses(t *testing.T) {
	t.Parallel()
	steps := []string{
		"p = GET process FROM file://b.json WHERE name = 'sh' AND command_line IS NULL",
		"DISP p",
		"a = GET ipv4-addr FROM file://b.json WHERE process:pid = 9 AND process:cwd LIKE '%'",
		"DISP p ATTR name, command_line, parent_ref.name",
		"c = FIND process CREATED BY p",
		"DISP c",
		"w = GET process FROM file://b.json WHERE name = 'weak'",
		"DISP TIMESTAMPED(c)",
		"b = FIND ipv4-addr LINKED w",
		"q = GET process FROM file://b.json WHERE cwd LIKE '%'",
		"DISP w", "DISP b", "DISP a", "DISP q",
	}
	alone := openBundle(t)
	var want []string
	apart := 0
	for _, step := range steps {
		shown, readings := shownBy(t, alone, step)
		want = append(want, shown...)
		apart += readings
	}
	together := openBundle(t)
	got, shared := shownBy(t, together, strings.Join(steps, "\n"))
	if shared+3 != apart {
		t.Errorf("the file was read %d times, want 3 times less than apart: %d", shared, apart)
	}
	last := func(displays []string) []string {
		return slices.DeleteFunc(displays, func(d string) bool { return strings.Contains(d, "[SUMMARY]") })
	}
	if diff := cmp.Diff(last(want), last(got)); diff != "" {
		t.Errorf("what is shown (-apart +together):\n%s", diff)
	}
	for _, sym := range alone.Symbols() {
		other, _ := together.Symbol(sym.Name)
		if diff := cmp.Diff(sym.Info, other.Info); diff != "" {
			t.Errorf("%s (-apart +together):\n%s", sym.Name, diff)
		}
	}
}

func openBundle(t *testing.T) *engine.Engine {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "b.json"), []byte(sharedBundle), 0o600); err != nil {
		t.Fatal(err)
	}
	registry := new(datasource.Registry)
	if err := registry.Add(&stixbundle.Driver{}); err != nil {
		t.Fatal(err)
	}
	db := store.Open(store.Options{})
	e := engine.New(engine.Config{
		Store: db, Registry: registry, Env: datasource.Env{Dir: dir, Now: now},
		Log: slog.New(slog.DiscardHandler), DefaultVariable: "_", DefaultScheme: "file", Summary: true,
		StartOffset: -5 * time.Minute, StopOffset: 5 * time.Minute, Completion: config.Defaults().Completion,
	})
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// shownBy runs a block and returns what it shows, and how often it read a file.
func shownBy(t *testing.T, e *engine.Engine, text string) (shown []string, readings int) {
	t.Helper()
	out := execute(t, e, text)
	if err := out.Diagnostics.Err(); err != nil {
		t.Fatal(err)
	}
	for _, d := range out.Displays {
		var b strings.Builder
		if err := display.WriteText(&b, []display.Display{d}, display.Style{}); err != nil {
			t.Fatal(err)
		}
		shown = append(shown, b.String())
	}
	return shown, len(out.Sources)
}
