// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"cmp"
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
)

//go:embed data/*.yaml
var data embed.FS

// shipped returns a file of data.
func shipped(name string) (File, error) {
	text, err := data.ReadFile("data/" + name)
	if err != nil {
		return File{}, fmt.Errorf("mapping: no table %s: %w", name, err)
	}
	return File{Name: name, Text: text}, nil
}

func openFrom(connector string, opts Options) (*fromTable, error) {
	if opts.From != nil {
		return parseFrom(*opts.From, opts.STIX21)
	}
	file, err := shipped(connector + ".from.yaml")
	if err != nil {
		return nil, err
	}
	return parseFrom(file, opts.STIX21)
}

func openTo(connector string, opts Options) (*toTable, error) {
	if opts.To != nil {
		return parseTo(*opts.To, opts.STIX21)
	}
	file, err := shipped(connector + ".to.yaml")
	if err != nil {
		return nil, err
	}
	return parseTo(file, opts.STIX21)
}

// checkSlots reports references to slots that no rule fills.
func (t *Table) checkSlots() error {
	f := &faults{file: t.to.file}
	filled := make(map[string]bool)
	for i := range t.to.rules {
		if r := &t.to.rules[i]; r.Observed == "" && r.Refs == nil {
			filled[r.Slot] = true
		}
	}
	slots := sortedKeys(filled)
	for i := range t.to.rules {
		r := &t.to.rules[i]
		if r.Refs == nil || slices.ContainsFunc(r.Refs, func(s string) bool { return filled[s] }) {
			continue
		}
		hint := ""
		if near, ok := diag.Nearest(r.Refs[0], slots); ok {
			hint = "; did you mean " + near + "?"
		}
		f.add(r.line, "%s.%s of %s refers to %s, which no rule fills%s",
			r.Type, r.Prop, r.Field, strings.Join(r.Refs, ", "), hint)
	}
	return f.err()
}

func contains(list []string, s string) bool { return slices.Contains(list, s) }

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
