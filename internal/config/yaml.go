// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A place is where a value was written.
type place struct {
	line     int    // of the file; 0 if it is not from there
	variable string // of the environment
}

// A tree is a value with the places of its parts: null, bool, int64, float64,
// text, lists and objects. A number keeps the text in which it was written,
// since a credential may look like one.
type tree struct {
	place  place
	kind   treeKind
	text   string // of scalars, as written
	value  any    // of scalars
	items  []*tree
	keys   []string // of an object, in order and distinct
	fields map[string]*tree
}

type treeKind uint8

const (
	scalarKind treeKind = iota
	listKind
	objectKind
)

// isNull reports whether t is absent or null.
func (t *tree) isNull() bool { return t == nil || t.kind == scalarKind && t.value == nil }

// field returns the part of an object by name; letter case counts only if there
// are several.
func (t *tree) field(name string) *tree {
	if t == nil {
		return nil
	}
	if f, ok := t.fields[name]; ok {
		return f
	}
	for _, k := range t.keys {
		if foldName(k) == foldName(name) {
			return t.fields[k]
		}
	}
	return nil
}

// foldName is how names of settings compare.
func foldName(name string) string {
	return strings.ReplaceAll(strings.ToLower(name), "-", "_")
}

// set gives an object a field, in the place of one of that name.
func (t *tree) set(name string, v *tree) {
	if t.fields == nil {
		t.fields = map[string]*tree{}
	}
	if _, ok := t.fields[name]; !ok {
		t.keys = append(t.keys, name)
	}
	t.fields[name] = v
}

// describe says what t is, for messages, without showing it.
func (t *tree) describe() string {
	switch {
	case t.isNull():
		return "nothing"
	case t.kind == listKind:
		return "a list"
	case t.kind == objectKind:
		return "an object"
	}
	switch t.value.(type) {
	case bool:
		return "true or false"
	case string:
		return "text"
	}
	return "a number"
}

// maxNodes bounds a file, aliases resolved.
const maxNodes = 200_000

// parseYAML reads a file of one YAML document into a tree, null if the file is
// empty. Anchors and merge keys are resolved, and a key may stand but once.
func parseYAML(file string, text []byte) (*tree, error) {
	dec := yaml.NewDecoder(strings.NewReader(string(text)))
	var doc yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, syntaxError(file, err)
	}
	if err := dec.Decode(new(yaml.Node)); err == nil {
		return nil, &Error{File: file, Message: "there are several documents, expected one"}
	} else if !errors.Is(err, io.EOF) {
		return nil, syntaxError(file, err)
	}
	r := yamlReader{file: file, left: maxNodes}
	return r.tree(doc.Content[0], 0)
}

// yamlLine finds the line in a message of the YAML library.
var yamlLine = regexp.MustCompile(`^line ([0-9]+): `)

// syntaxError turns an error of the YAML library into one of ours. The library
// counts lines from one where it meets a character that it cannot use, and from
// zero where it misses a part of a construct: there the line is that in which
// the construct begins. It leaves out a line that it counts as zero.
func syntaxError(file string, err error) error {
	e := &Error{File: file, Line: 1, Message: strings.TrimPrefix(err.Error(), "yaml: "), Err: err}
	if m := yamlLine.FindStringSubmatch(e.Message); m != nil {
		e.Line, _ = strconv.Atoi(m[1]) // digits; one that does not fit is 0
		e.Message = e.Message[len(m[0]):]
		if strings.HasPrefix(e.Message, "did not find expected") {
			e.Line++
		}
	}
	if strings.Contains(e.Message, "anchor") { // it would show a part of a value
		e.Line, e.Message, e.Err = 0, "a value begins with * or &, and is no anchor", nil
	}
	e.Message = "this is no valid YAML: " + e.Message
	e.Hint = "look at the blanks at the start of the line, and quote values with special characters"
	return e
}

// A yamlReader turns the nodes of one file into a tree.
type yamlReader struct {
	file string
	left int // nodes that may still be read
}

func (r *yamlReader) errorf(n *yaml.Node, format string, args ...any) error {
	return &Error{File: r.file, Line: n.Line, Message: fmt.Sprintf(format, args...)}
}

func (r *yamlReader) tree(n *yaml.Node, depth int) (*tree, error) {
	if r.left--; r.left < 0 || depth > 100 {
		return nil, r.errorf(n, "the file is too large, or refers to itself")
	}
	t := &tree{place: place{line: n.Line}}
	switch n.Kind {
	case yaml.AliasNode:
		return r.tree(n.Alias, depth+1)
	case yaml.MappingNode:
		t.kind = objectKind
		return t, r.mapping(t, n, depth)
	case yaml.SequenceNode:
		t.kind = listKind
		for _, c := range n.Content {
			item, err := r.tree(c, depth+1)
			if err != nil {
				return nil, err
			}
			t.items = append(t.items, item)
		}
		return t, nil
	}
	t.text = n.Value
	return t, r.scalar(t, n)
}

// scalar sets the value of t to that of n.
func (r *yamlReader) scalar(t *tree, n *yaml.Node) error {
	var v any
	if err := n.Decode(&v); err != nil {
		return r.errorf(n, "a value cannot be read as %s", strings.TrimPrefix(n.Tag, "!!"))
	}
	switch v := v.(type) {
	case nil, bool, string:
		t.value = v
	case int:
		t.value = int64(v)
	case int64:
		t.value = v
	case float64:
		t.value = v
		if math.IsNaN(v) || math.IsInf(v, 0) {
			t.value = n.Value
		}
	default: // dates, large numbers, bytes: what is written
		t.value = n.Value
	}
	return nil
}

// mapping reads the fields of n into t. Those of merge keys (<<) come after its
// own and do not replace them.
func (r *yamlReader) mapping(t *tree, n *yaml.Node, depth int) error {
	var merged []*tree
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		v, err := r.tree(value, depth+1)
		if err != nil {
			return err
		}
		if key.Tag == "!!merge" {
			merged = append(merged, v)
			continue
		}
		if key.Kind != yaml.ScalarNode {
			return r.errorf(key, "a key is no text")
		}
		if old, ok := t.fields[key.Value]; ok {
			return r.errorf(key, "%s is there a second time; the first is in line %d", key.Value, old.place.line)
		}
		v.place.line = key.Line
		t.set(key.Value, v)
	}
	for _, m := range merged {
		for _, o := range append([]*tree{m}, m.items...) {
			for _, k := range o.keys {
				if _, ok := t.fields[k]; !ok {
					t.set(k, o.fields[k])
				}
			}
		}
	}
	return nil
}
