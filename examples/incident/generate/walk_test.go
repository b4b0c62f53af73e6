// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package main

import "path"

// walked returns how many entities each variable of the walk through the log
// store should hold. It follows the events, not documents.
func walked(in *incident) map[string]int {
	w := walk{found: sets{}}
	for _, e := range in.events {
		if e.head().host.system == linux {
			w.events = append(w.events, e)
		}
	}
	for p := range exploited(in) {
		w.found.add("shells", p, p.act == exploit)
		w.found.add("service", p.parent, p.act == exploit)
	}
	w.below("shells", "children")
	w.below("children", "inner")
	w.below("inner", "typed")
	w.across()
	w.back()
	counts := map[string]int{}
	for name, set := range w.found {
		counts[name] = len(set)
	}
	return counts
}

// A walk is what its steps should find in the events of the web server.
type walk struct {
	events []event
	found  sets
}

// below finds the processes that those of a step started.
func (w walk) below(above, name string) {
	for _, e := range w.events {
		if start, ok := e.(*processStart); ok && w.found[above][start.process.parent] {
			w.found.add(name, start.process, true)
			w.found.add("intruder", start.process, true)
		}
	}
}

// across finds what the intruder's processes did.
func (w walk) across() {
	for _, e := range w.events {
		p := processOf(e)
		if !w.found["intruder"][p] {
			continue
		}
		w.found.add("images", p.image.path(), true)
		w.found.add("accounts", p.user.id, true)
		w.file(p, p.image)
		switch e := e.(type) {
		case *connection:
			w.found.add("calls", e, true)
			w.found.add("hosts", e.target.Addr(), true)
			w.found.add("callers", p, true)
		case *fileAccess:
			w.file(p, e.file)
		default: // no more to find
		}
	}
}

// file adds a file that a typed command has to do with.
func (w walk) file(p *process, f *file) {
	if w.found["typed"][p] && f.dir != "/usr/bin" {
		w.found.add("files", f.path(), true)
	}
}

// back finds the processes in events about files that have the names of those
// found, and the processes of the accounts.
func (w walk) back() {
	names := map[string]bool{}
	for f := range w.found["files"] {
		names[path.Base(f.(string))] = true //nolint:forcetypeassert // paths are texts
	}
	for _, e := range w.events {
		p := processOf(e)
		if p == nil {
			continue
		}
		w.found.add("owned", p, w.found["accounts"][p.user.id])
		touches := false
		if access, ok := e.(*fileAccess); ok {
			touches = names[access.file.name]
		}
		for _, q := range []*process{p, p.parent} {
			touches = touches || q != nil && q.image != nil && names[q.image.name]
		}
		w.found.add("touchers", p, touches)
		w.found.add("touchers", p.parent, touches && p.parent != nil)
	}
}

// processOf returns the process that an event is about, nil if there is none.
func processOf(e event) *process {
	switch e := e.(type) {
	case *processStart:
		return e.process
	case *connection:
		return e.process
	case *fileAccess:
		return e.process
	case *logon:
		return e.process
	case *lookup:
		return e.process
	case *registrySet:
		return e.process
	}
	return nil
}
