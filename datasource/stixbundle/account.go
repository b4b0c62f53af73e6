// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stixbundle

import (
	"slices"
	"sync"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/stix"
)

// An account is that of one bundle of a completion.
type account struct {
	datasource.Count
	file   file
	faults []stix.Remark // each kind once
}

// account returns the account of a portion, and begins it if there is none. The
// caller holds t.mu.
func (t *completion) account(p *portion) *account {
	for len(t.accounts) <= p.number {
		t.accounts = append(t.accounts, nil)
	}
	if t.accounts[p.number] == nil {
		t.accounts[p.number] = &account{Count: datasource.Count{Source: p.name}, file: p.file}
	}
	return t.accounts[p.number]
}

// begin begins the account of a portion.
func (t *completion) begin(p *portion) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.account(p)
}

// forget empties all accounts.
func (t *completion) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.accounts = nil
}

// read counts what was read of a portion, once it has passed.
func (t *completion) read(c *chunk) {
	if !c.last {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	a, p := t.account(c.portion), c.portion
	a.Scanned += p.scanned
	a.Bytes += p.bytes
	if p.passedOver {
		a.Skipped, a.faults = 1, []stix.Remark{{Kind: notBundleFault}}
	}
}

// matched counts the records of a chunk that are yielded.
func (t *completion) matched(c *chunk) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.account(c.portion).Matched += int64(len(c.batch.Records))
}

// faulty keeps those faults of a chunk that count.
func (t *completion) faulty(c *chunk, counts func(stix.RemarkKind) bool) {
	faults := c.remarks
	if c.last {
		faults = append(faults, c.portion.remarks...)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.account(c.portion)
	for _, f := range faults {
		if counts(f.Kind) {
			a.faults = merge(a.faults, f)
			a.Skipped += skippedBy(f)
		}
	}
}

// merge adds a remark to others.
func merge(faults []stix.Remark, f stix.Remark) []stix.Remark {
	i := slices.IndexFunc(faults, func(g stix.Remark) bool { return g.Kind == f.Kind })
	if i < 0 {
		return append(faults, f)
	}
	faults[i].Count += f.Count
	if f.First.Offset < faults[i].First.Offset {
		faults[i].First = f.First
	}
	return faults
}

// mends reports whether a fault of a kind has cost nothing but a value or a
// reference, so that the record was used.
func mends(kind stix.RemarkKind) bool { return !costs(kind) }

// costs reports whether a fault of a kind has cost a record or an object.
func costs(kind stix.RemarkKind) bool { return skippedBy(stix.Remark{Kind: kind, Count: 1}) > 0 }

func all(stix.RemarkKind) bool { return true }

// tell turns the faults that were not told of before into notes.
func (t *completion) tell() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, a := range t.accounts {
		if a == nil {
			continue
		}
		slices.SortFunc(a.faults, func(f, g stix.Remark) int { return int(f.Kind) - int(g.Kind) })
		for _, f := range a.faults {
			if t.source.told.add(a.Source, a.file, f.Kind) {
				a.Notes = append(a.Notes, noteOf(f))
			}
		}
		a.faults = nil
	}
}

// Counts returns the accounting of each bundle, in order.
func (t *completion) Counts() []datasource.Count {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []datasource.Count
	for _, a := range t.accounts {
		if a != nil {
			out = append(out, a.Count)
		}
	}
	return out
}

// notBundleFault is the fault of a file that is no bundle, and was not named.
const notBundleFault stix.RemarkKind = 255

// told is what the tasks of a source have said of the faults of its bundles.
type told struct {
	mu    sync.Mutex
	known map[fault]bool
}

// A fault is a kind of fault in one content of a bundle.
type fault struct {
	bundle, stamp string
	kind          stix.RemarkKind
}

// add notes that a fault was told of, and reports whether that is new.
func (t *told) add(bundle string, f file, kind stix.RemarkKind) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := fault{bundle, f.stamp, kind}
	if t.known[key] {
		return false
	}
	if t.known == nil {
		t.known = make(map[fault]bool)
	}
	t.known[key] = true
	return true
}
