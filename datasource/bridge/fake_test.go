// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package bridge_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// fakeVariable makes the test program play a Python with stix-shifter. Its value
// are words that say how it behaves.
const fakeVariable = "BRIDGE_TEST_FAKE"

func TestMain(m *testing.M) {
	if how := os.Getenv(fakeVariable); how != "" {
		play(strings.Fields(how))
		return
	}
	os.Exit(m.Run())
}

// A fake is what the played Python knows.
type fake struct {
	words map[string]string
	calls map[string]int
	log   *os.File // what it was asked, if "log" names a file
}

// play answers requests until the input ends.
func play(words []string) {
	f := fake{words: map[string]string{}, calls: map[string]int{}}
	for _, w := range words {
		k, v, _ := strings.Cut(w, "=")
		f.words[k] = v
	}
	if name, ok := f.words["log"]; ok {
		f.log, _ = os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	}
	if _, ok := f.words["mute"]; ok {
		fmt.Fprintln(os.Stderr, "Traceback (most recent call last):\nModuleNotFoundError: No module named 's3cr3t-word'")
		os.Exit(1)
	}
	in := bufio.NewReader(os.Stdin)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var r struct {
			ID   int
			Op   string
			Args []json.RawMessage
		}
		if err := json.Unmarshal(line, &r); err != nil {
			fmt.Println("no JSON")
			return
		}
		f.calls[r.Op]++
		if f.log != nil {
			fmt.Fprintln(f.log, r.Op, string(line[:len(line)-1]))
		}
		fmt.Printf("{\"id\": %d, %s}\n", r.ID, f.answer(r.Op, r.Args))
	}
}

// answer returns the rest of an answer.
func (f *fake) answer(op string, args []json.RawMessage) string {
	switch f.words[op] {
	case "die":
		fmt.Fprintln(os.Stderr, "Fatal Python error: s3cr3t-word")
		os.Exit(3)
	case "hang":
		child := exec.Command("sleep", "60") // it holds our output open
		child.Stdout = os.Stdout
		if err := child.Start(); err == nil && f.log != nil {
			fmt.Fprintln(f.log, "child", child.Process.Pid)
		}
		time.Sleep(time.Minute)
	case "garbage":
		return `"result": [`
	case "huge":
		return `"result": "` + strings.Repeat("x", 1<<20) + `"`
	case "exception":
		return `"exception": "KeyError: 's3cr3t-word'"`
	case "refuse":
		return `"result": {"success": false, "code": "invalid_query", "error": "fake connector error => syntax near s3cr3t-word"}`
	case "timeout-once":
		if f.calls[op] == 1 {
			return `"result": {"success": false, "code": "service_unavailable", "error": "fake connector error => server timeout_error (2 sec): ()"}`
		}
	}
	return `"result": ` + f.result(op, args)
}

func (f *fake) result(op string, args []json.RawMessage) string {
	switch op {
	case "open":
		if f.words["library"] == "none" {
			return `{"found": false, "executable": "fake"}`
		}
		if f.words["module"] == "none" {
			return `{"found": true, "library": "8.1.3", "modules": ["okta", "qradar"]}`
		}
		return `{"found": true, "library": "8.1.3", "version": "` + f.words["version"] + `", "module": true, "dropped": []}`
	case "attributes":
		return `["process:name", "process:pid", "process:binary_ref.name", "file:hashes.MD5", "file:name"]`
	case "query":
		if lacks := f.words["lacks"]; lacks != "" && strings.Contains(string(args[0]), " "+strings.ToUpper(lacks)+" ") {
			return `{"success": false, "code": "mapping_error", "error": "fake connector error => data mapping error : Unable to map the following STIX Operators: [` + lacks + `] to data source fields"}`
		}
		if f.words["queries"] == "none" {
			return `{"queries": []}`
		}
		if f.words["queries"] == "one" {
			return `{"queries": [` + string(args[0]) + `]}`
		}
		return `{"queries": [` + string(args[0]) + `, {"native": 2}]}`
	case "start":
		return `{"success": true, "search_id": "s-1", "jobs": true}`
	case "status":
		if f.words["status"] == "stall" {
			return `{"success": true, "status": "RUNNING", "progress": 44}`
		}
		if f.words["status"] == "canceled" {
			return `{"success": true, "status": "CANCELED", "progress": 50}`
		}
		if f.calls[op]%3 != 0 {
			return `{"success": true, "status": "RUNNING", "progress": ` + fmt.Sprint(f.calls[op]*10) + `}`
		}
		return `{"success": true, "status": "COMPLETED", "progress": 100}`
	case "page":
		return f.page(args)
	case "ping", "delete":
		return `{"success": true}`
	}
	return "null"
}

// page answers with processes 0 to 29, as many as are wanted from an offset on.
func (f *fake) page(args []json.RawMessage) string {
	var offset, length int
	json.Unmarshal(args[1], &offset) //nolint:errcheck // of this test
	json.Unmarshal(args[2], &length) //nolint:errcheck // of this test
	if f.words["paging"] == "none" {
		offset = 0
	}
	var objects []string
	for i := offset; i < min(offset+length, 30); i++ {
		at := time.Unix(1649203200, 0).Add(time.Duration(i) * time.Minute).UTC().Format(time.RFC3339)
		objects = append(objects, fmt.Sprintf(`{"type": "observed-data", "id": "observed-data--%d", "first_observed": %q,
			"last_observed": %q, "number_observed": 1, "objects": {"0": {"type": "process", "pid": %d, "name": "p%d"}}}`, i, at, at, i, i%3))
	}
	if len(objects) == 0 {
		return `{"success": true, "count": 0}`
	}
	bundle := `{"type": "bundle", "id": "b", "spec_version": "2.0", "objects": [` + strings.Join(objects, ",") + `]}`
	switch f.words["bundle"] {
	case "bad":
		bundle = `{"type": "bundle", "objects": 7}`
	case "none":
		bundle = `[1, 2]`
	}
	return strings.ReplaceAll(fmt.Sprintf(`{"success": true, "count": %d, "digest": "d%d", "metadata": %d, "bundle": %s}`,
		len(objects), offset, offset+1, bundle), "\n", "")
}
