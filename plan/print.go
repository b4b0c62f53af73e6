// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/kestrelhunt/kestrel/stix"
)

// String prints the plan of n as a tree, one node a line, inputs indented
// below: what EXPLAIN shows and tests compare.
func String(n Node) string {
	var b strings.Builder
	print(&b, n, 0)
	return b.String()
}

func print(b *strings.Builder, n Node, depth int) {
	fmt.Fprintf(b, "%s%s\n", strings.Repeat("  ", depth), Line(n))
	for _, in := range n.Inputs() {
		print(b, in, depth+1)
	}
}

// A Key identifies what a node computes: equal keys, equal rows. The versions
// of variables are part of it; the stamp of a source is not, since only its
// driver knows it.
type Key [sha256.Size]byte

// KeyOf returns the key of n.
func KeyOf(n Node) Key {
	h := sha256.New()
	var walk func(Node)
	walk = func(n Node) {
		line := Line(n)
		if v, ok := n.(*Variable); ok {
			line = fmt.Sprintf("Variable #%d", v.Snapshot)
		}
		fmt.Fprintf(h, "%d:%s(", len(line), line)
		for _, in := range n.Inputs() {
			walk(in)
		}
		h.Write([]byte(")"))
	}
	walk(n)
	return Key(h.Sum(nil))
}

// Line prints n alone, without its inputs.
func Line(n Node) string {
	switch n := n.(type) {
	case *Scan:
		return fmt.Sprintf("Scan %s of %s%s", n.Entity, strings.Join(n.Sources, ", "), n.Window)
	case *Variable:
		return "Variable " + n.Name
	case *New:
		return "New " + n.Entity + rows(n)
	case *Load:
		return fmt.Sprintf("Load %s of %q", n.Entity, n.Path)
	case *Filter:
		return "Filter " + stix.ExprString(n.Where, n.Type())
	case *Within:
		return "Within" + n.Range.String()
	case *Limit:
		return limitLine(n)
	case *Sort:
		return "Sort " + n.Attr.String() + map[bool]string{false: " ASC", true: " DESC"}[n.Desc]
	case *Project:
		names := make([]string, len(n.Attrs))
		for i, a := range n.Attrs {
			names[i] = a.String()
		}
		return "Project " + strings.Join(names, ", ")
	case *Merge:
		return "Merge"
	case *Transform:
		return "Transform " + n.Func.String()
	case *Similar:
		return "Similar"
	case *Find:
		return n.line()
	case *Group:
		return n.line()
	case *Join:
		return n.line()
	}
	return fmt.Sprintf("%T", n)
}

func limitLine(n *Limit) string {
	line := "Limit"
	if n.Count >= 0 {
		line += fmt.Sprintf(" %d", n.Count)
		if n.ByRecord {
			line += " records"
		}
	}
	if n.Offset > 0 {
		line += fmt.Sprintf(" offset %d", n.Offset)
	}
	return line
}

func rows(n *New) string {
	var b strings.Builder
	for _, row := range n.Rows {
		b.WriteString(" {")
		for i, a := range row {
			if i > 0 {
				b.WriteString(", ")
			}
			v, err := a.Value.MarshalJSON()
			if err != nil {
				v = []byte("null")
			}
			fmt.Fprintf(&b, "%q: %s", a.Name, v)
		}
		b.WriteString("}")
	}
	return b.String()
}

// String writes w as " START t STOP t", and the zero Window as nothing.
func (w Window) String() string {
	if w.IsZero() {
		return ""
	}
	return " START " + w.Start.UTC().Format(time.RFC3339Nano) + " STOP " + w.Stop.UTC().Format(time.RFC3339Nano)
}
