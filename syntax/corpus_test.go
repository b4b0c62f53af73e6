// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/kestrelhunt/kestrel/diag"
)

// A verdict is a case of the corpora: a block and what Kestrel (Python) said.
type verdict struct {
	ID   string
	Code string
	V1   struct{ OK bool }
}

func readVerdicts(t *testing.T, name string) []verdict {
	t.Helper()
	root := os.Getenv("KESTREL_TESTDATA")
	if root == "" {
		t.Skip("KESTREL_TESTDATA names no folder with test data")
	}
	f, err := os.Open(filepath.Join(root, "kestrel-syntax", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []verdict
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var v verdict
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// The reasons why a verdict of ours may differ.
const (
	explain = "EXPLAIN is a command of ours"
	nesting = "lists nest, as the original's language reference promises (C18)"
	glued   = "the original reads a relation and a variable out of one word, win_events"
)

// differing holds the cases whose verdict is not the original's, and why. A case
// that agrees again must go.
var differing = map[string]string{
	"syn-270e3d20aafd": explain,
	"syn-8c0e548fa91a": explain,
	"syn-c96b2cc72768": explain,
	"syn-58005e954664": explain,
	"syn-92ee066f073a": explain,
	"syn-f43617e8eefb": explain,
	"syn-b2c7a233ac71": explain,
	"syn-a132e21af9a7": explain,
	"syn-30f102991de2": explain,
	"syn-f3d5b6fbbba6": nesting,
	"mut-4cc79c61be63": explain,
	"mut-8a470192e3fb": explain,
	"mut-80f4d0927a73": explain,
	"mut-21f553dea516": explain,
	"mut-0f8fd9fc0152": explain,
	"mut-7e6fdd9633bd": explain,
	"mut-b30eb88ca487": explain,
	"mut-66c564d0c460": explain,
	"mut-0b511edf6f46": explain,
	"mut-521a459101b7": glued,
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"real.jsonl", "mutated.jsonl"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, v := range readVerdicts(t, name) {
				checkVerdict(t, v)
			}
		})
	}
}

func checkVerdict(t *testing.T, v verdict) {
	t.Helper()
	_, diags := Parse(&diag.File{Name: v.ID, Text: v.Code})
	got := diags.Err() == nil
	_, listed := differing[v.ID]
	switch {
	case got != v.V1.OK && !listed:
		t.Errorf("%s: Parse accepts: %v, want %v: %v\n%s", v.ID, got, v.V1.OK, diags, v.Code)
	case got == v.V1.OK && listed:
		t.Errorf("%s: Parse agrees with the original, but the case is listed as differing", v.ID)
	}
}

// TestFormatCorpus formats every block of the corpora that Parse accepts, and
// the real ones also with a comment at each place.
func TestFormatCorpus(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"real.jsonl", "mutated.jsonl"} {
		for _, v := range readVerdicts(t, name) {
			texts := []string{v.Code}
			if name == "real.jsonl" {
				texts = append(texts, commented(v.Code, 9)...)
			}
			for _, text := range texts {
				if _, diags := Parse(&diag.File{Name: v.ID, Text: text}); len(diags) == 0 {
					checkFormat(t, text)
				}
			}
		}
	}
}

// TestCorpusInvariants checks what holds for the tree of any text.
func TestCorpusInvariants(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"real.jsonl", "mutated.jsonl"} {
		for _, v := range readVerdicts(t, name) {
			checkParse(t, v.Code)
		}
	}
}
