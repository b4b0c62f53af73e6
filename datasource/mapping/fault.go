// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kestrelhunt/kestrel/diag"
)

// A TableError says what is wrong with a table, and where.
type TableError struct {
	File   string
	Line   int // counted from one; 0 if it is about the whole file
	Reason string
}

// Error returns the place and the reason.
func (e *TableError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("mapping: table %s: %s", e.File, e.Reason)
	}
	return fmt.Sprintf("mapping: table %s line %d: %s", e.File, e.Line, e.Reason)
}

// faults collects what is wrong with one file: all of it is reported at once.
type faults struct {
	file string
	list []error
}

// maxFaults is after how many faults a table is given up.
const maxFaults = 20

func (f *faults) add(line int, format string, args ...any) {
	if len(f.list) < maxFaults {
		f.list = append(f.list, &TableError{f.file, line, fmt.Sprintf(format, args...)})
	}
}

func (f *faults) err() error { return errors.Join(f.list...) }

// parse reads a YAML document whose root is a mapping.
func (f *faults) parse(text []byte) *yaml.Node {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		f.add(0, "no YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
		return nil
	}
	if len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		f.add(0, "expected keys and values, found %s", kindOf(&doc))
		return nil
	}
	return doc.Content[0]
}

// pairs calls visit for each key of a mapping, in order. A key that stands
// twice is a fault.
func (f *faults) pairs(n *yaml.Node, what string, visit func(key, value *yaml.Node)) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.MappingNode {
		f.add(n.Line, "%s is %s, expected keys and values", what, kindOf(n))
		return
	}
	seen := make(map[string]bool, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if seen[key.Value] {
			f.add(key.Line, "%s stands twice in %s", key.Value, what)
			continue
		}
		seen[key.Value] = true
		visit(key, n.Content[i+1])
	}
}

// texts reads a list of texts, or one text.
func (f *faults) texts(n *yaml.Node, what string) []string {
	switch n.Kind {
	case yaml.ScalarNode:
		if n.Tag != "!!null" && n.Value != "" {
			return []string{n.Value}
		}
	case yaml.SequenceNode:
		var out []string
		for _, item := range n.Content {
			if item.Kind != yaml.ScalarNode || item.Value == "" {
				f.add(item.Line, "%s holds %s, expected a name", what, kindOf(item))
				continue
			}
			out = append(out, item.Value)
		}
		return out
	}
	f.add(n.Line, "%s is %s, expected a list of names", what, kindOf(n))
	return nil
}

// text reads one text that is not empty.
func (f *faults) text(n *yaml.Node, what string) string {
	if n.Kind != yaml.ScalarNode || n.Value == "" || n.Tag == "!!null" {
		f.add(n.Line, "%s is %s, expected a name", what, kindOf(n))
		return ""
	}
	return n.Value
}

// truth reads a boolean.
func (f *faults) truth(n *yaml.Node, what string) bool {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
		f.add(n.Line, "%s is %s, expected true or false", what, kindOf(n))
		return false
	}
	return strings.EqualFold(n.Value, "true")
}

// unknown reports a key that a schema does not have.
func (f *faults) unknown(n *yaml.Node, where string, known ...string) {
	if near, ok := diag.Nearest(n.Value, known); ok {
		f.add(n.Line, "%s has no key %s; did you mean %s?", where, n.Value, near)
		return
	}
	f.add(n.Line, "%s has no key %s, only %s", where, n.Value, strings.Join(known, ", "))
}

// format checks the key that says which schema a file has.
func (f *faults) format(n *yaml.Node, want string) {
	if n.Value != want {
		f.add(n.Line, "format is %q, expected %s", n.Value, want)
	}
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.ScalarNode:
		if n.Tag == "!!null" {
			return "empty"
		}
		return fmt.Sprintf("%q", n.Value)
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "keys and values"
	}
	return "empty"
}
