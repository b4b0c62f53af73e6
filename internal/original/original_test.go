// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

//go:build integration

package original_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/kestrelhunt/kestrel"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/standard"
)

var (
	huntCount = flag.Int("hunts", 360, "how many hunts to compare; in one of five, further records are asked for")
	onlyHunt  = flag.Int("hunt", -1, "compare this hunt only")
)

const drivers = 2 // processes that run the original

// networks are the bundles that hunts are about.
var networks = []struct {
	options
	records int
}{
	{options{}, 60},
	{options{ipv6: true}, 45},
	{options{contains: true}, 40},
	{options{circle: true}, 50},
}

// TestGeneratedHunts compares the two programs. Differences that a rule knows are
// counted in the log; any other fails.
func TestGeneratedHunts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	hunts := make([]hunt, *huntCount)
	for i := range hunts {
		n := networks[i%len(networks)]
		path := filepath.Join(dir, fmt.Sprintf("bundle-%d.json", i%len(networks)))
		if i < len(networks) {
			newNetwork(uint64(i), n.options).write(t, path, n.records)
		}
		hunts[i] = newHunt(uint64(i), "file://"+path, n.options, i%5 == 4)
	}
	if *onlyHunt >= 0 {
		hunts = hunts[*onlyHunt : *onlyHunt+1]
	}
	theirs := askOriginal(t, hunts)
	rules := make(map[string]int)
	for i, h := range hunts {
		ours := runOurs(t, h)
		for _, d := range compare(h, ours, theirs[i]) {
			if d.rule != "" {
				rules[d.rule]++
				continue
			}
			t.Errorf("hunt %d: %s\n%s", i, d.text, h.ours)
		}
	}
	for _, rule := range slices.Sorted(maps.Keys(rules)) {
		t.Logf("%s explains %d differences", rule, rules[rule])
	}
}

// askOriginal runs hunts in the original, shared out among processes.
func askOriginal(t *testing.T, hunts []hunt) []answer {
	t.Helper()
	venv := os.Getenv("KESTREL_ORACLE_VENV")
	if venv == "" {
		t.Fatal("KESTREL_ORACLE_VENV names no environment: run scripts/integration.sh")
	}
	answers := make([]answer, len(hunts))
	errs := make([]error, drivers)
	var wg sync.WaitGroup
	for d := range drivers {
		wg.Go(func() { errs[d] = drive(t, venv, hunts, answers, d) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	return answers
}

// drive runs every hunt whose number is d, modulo the number of drivers.
func drive(t *testing.T, venv string, hunts []hunt, answers []answer, d int) error {
	cmd := exec.CommandContext(t.Context(), filepath.Join(venv, "bin", "python"), filepath.Join("testdata", "driver.py"))
	cmd.Env = append(os.Environ(), "KESTREL_CONFIG="+filepath.Join(t.TempDir(), "none.yaml"))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	err = converse(in, out, hunts, answers, d)
	if closing := in.Close(); err == nil {
		err = closing
	}
	if waiting := cmd.Wait(); err == nil {
		err = waiting
	}
	if err != nil {
		return fmt.Errorf("original: %w\n%s", err, stderr.String())
	}
	return nil
}

// converse asks and reads the answer, hunt by hunt.
func converse(in io.Writer, out io.Reader, hunts []hunt, answers []answer, d int) error {
	enc := json.NewEncoder(in)
	lines := bufio.NewReader(out)
	for i := d; i < len(hunts); i += drivers {
		if err := enc.Encode(map[string]any{"hunt": hunts[i].theirs, "prefetch": hunts[i].prefetch}); err != nil {
			return err
		}
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return fmt.Errorf("hunt %d: %w", i, err)
		}
		if err := json.Unmarshal(line, &answers[i]); err != nil {
			return fmt.Errorf("hunt %d: %w: %.300s", i, err, line)
		}
	}
	return nil
}

// runOurs runs a hunt in a session of its own.
func runOurs(t *testing.T, h hunt) answer {
	t.Helper()
	cfg := kestrel.Config{Drivers: standard.Drivers(), Dir: t.TempDir(), TempDir: t.TempDir()}
	if !h.prefetch {
		cfg.Completion = new(kestrel.Completion)
	}
	session, err := kestrel.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	out := answer{Variables: make(map[string]result)}
	res, err := session.Execute(t.Context(), h.ours)
	if err != nil {
		for _, d := range res.Diagnostics {
			if d.Severity == diag.Error {
				return answer{Error: diag.Class(d.Code), Message: d.Message}
			}
		}
		return answer{Error: "error", Message: err.Error()}
	}
	for _, v := range session.Variables() {
		if v.Name == "_" {
			continue
		}
		table, err := session.Entities(t.Context(), v.Name)
		if err != nil {
			t.Fatalf("entities of %s: %v\n%s", v.Name, err, h.ours)
		}
		r := result{Type: v.Type, Entities: v.Entities, Records: v.Records}
		for _, row := range table.Rows {
			cells := make(map[string]any)
			for i, c := range table.Columns {
				cells[c] = generic(t, row[i])
			}
			r.Rows = append(r.Rows, cells)
		}
		out.Variables[v.Name] = r
	}
	for _, d := range res.Displays {
		var shown shownData
		text, err := json.Marshal(d)
		if err == nil {
			err = json.Unmarshal(text, &shown)
		}
		if err != nil {
			t.Fatalf("display: %v\n%s", err, h.ours)
		}
		out.Displays = append(out.Displays, shown)
	}
	return out
}

// generic returns a value as JSON would give it.
func generic(t *testing.T, v json.Marshaler) any {
	t.Helper()
	text, err := v.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}
