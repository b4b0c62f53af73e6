// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

//go:build integration

// Package elastic_test runs the hunt over the sample incident in a log store.
package elastic_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/display"
	"github.com/kestrelhunt/kestrel/standard"
)

// A finding is what README.md says of a variable.
type finding struct {
	Type     string
	Entities int64
}

// TestHunt loads the incident into a real server and hunts it there.
func TestHunt(t *testing.T) {
	load(t, server(t))
	tests := []struct{ file, heading string }{
		{"hunt.hf", "## What the hunt should find"},
		{"walk.hf", "## What the walk should find"},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			result := run(t, tt.file)
			got := map[string]finding{}
			for _, v := range result.Variables {
				got[v.Name] = finding{v.Type, v.Entities}
			}
			if diff := cmp.Diff(findings(t, tt.heading), got); diff != "" {
				t.Errorf("variables: -README.md +%s\n%s", tt.file, diff)
			}
			cameAlong(t, result)
		})
	}
}

// run runs a hunt in a session of its own.
func run(t *testing.T, file string) *kestrel.Result {
	t.Helper()
	session, err := kestrel.New(kestrel.Config{Drivers: standard.Drivers(), TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { session.Close() })
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	result, err := session.ExecuteFile(t.Context(), &diag.File{Name: file, Text: string(text)})
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	for _, d := range result.Diagnostics {
		t.Errorf("%s: unexpected %s: %s", file, d.Severity, d.Message)
	}
	return result
}

// cameAlong holds that the summary counts what stood in the records of a GET
// beside the processes that it found.
func cameAlong(t *testing.T, result *kestrel.Result) {
	t.Helper()
	for _, d := range result.Displays {
		summary, ok := d.(*display.Summary)
		if !ok {
			continue
		}
		for _, row := range summary.Rows {
			if row.Variable == "exploited" {
				counted(t, summary.Related, row)
				return
			}
		}
	}
	t.Error("no summary has a row of exploited")
}

// counted looks for the types that stand in every record of a process start.
func counted(t *testing.T, types []string, row display.SummaryRow) {
	t.Helper()
	related := map[string]int64{}
	for i, typ := range types {
		related[typ] = row.Related[i]
	}
	if row.Records < row.Entities {
		t.Errorf("%d processes have %d records", row.Entities, row.Records)
	}
	for _, typ := range []string{"process", "file", "directory", "user-account", "x-oca-asset", "x-oca-event"} {
		if related[typ] < row.Entities {
			t.Errorf("%d sightings of %s came along with %d processes: %v", related[typ], typ, row.Entities, related)
		}
	}
}

// server returns the URL of a server: the one that KESTREL_OPENSEARCH names, or
// one that the script starts.
func server(t *testing.T) string {
	t.Helper()
	if url := os.Getenv("KESTREL_OPENSEARCH"); url != "" {
		return url
	}
	script := filepath.Join("..", "..", "scripts", "opensearch.sh")
	parent, err := os.MkdirTemp("", "kestrel-example") //nolint:usetesting // the server runs as another user, who may not enter a test's folder
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(parent, 0o755); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(parent, "server")
	cmd := exec.Command(script, "start", dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	t.Cleanup(func() {
		if err := exec.Command(script, "stop", dir).Run(); err != nil {
			t.Error(err)
		}
		_ = os.RemoveAll(parent)
	})
	if err != nil {
		t.Fatalf("start a server: %v", err)
	}
	return strings.TrimSpace(string(out))
}

// load puts the documents of the incident into the server, and lets the profiles
// name it.
func load(t *testing.T, url string) {
	t.Helper()
	t.Setenv("INCIDENT_SERVER", url)
	t.Setenv("KESTREL_STIXSHIFTER_CONFIG", "stixshifter.yaml")
	docs, err := exec.Command("go", "run", "../incident/generate", "-format", "ecs").Output()
	if err != nil {
		t.Fatal(err)
	}
	send(t, http.MethodDelete, url+"/sysflow-incident,winlogbeat-incident?ignore_unavailable=true", nil)
	answer := send(t, http.MethodPost, url+"/_bulk?refresh=true", docs)
	if !bytes.Contains(answer, []byte(`"errors":false`)) {
		t.Fatalf("the server refuses documents: %.500s", answer)
	}
}

func send(t *testing.T, method, url string, body []byte) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-ndjson")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 300 {
		t.Fatalf("%s %s: status %d, %v: %.500s", method, url, resp.StatusCode, err, text)
	}
	return text
}

// findings reads the table below a heading of README.md.
func findings(t *testing.T, heading string) map[string]finding {
	t.Helper()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(readme), heading+"\n")
	if !ok {
		t.Fatalf("README.md has no heading %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	out := map[string]finding{}
	row := regexp.MustCompile("(?m)^\\| `([a-z]+)` \\| `([a-z0-9-]+)` \\| ([0-9]+) \\|")
	for _, m := range row.FindAllStringSubmatch(section, -1) {
		n, err := strconv.ParseInt(m[3], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		out[m[1]] = finding{m[2], n}
	}
	return out
}
