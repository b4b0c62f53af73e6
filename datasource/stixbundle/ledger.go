// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stixbundle

import (
	"slices"
	"sync"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/stix"
)

// A ledger has the accounts of the bundles that a task reads.
type ledger struct {
	told *told

	mu       sync.Mutex // of what follows
	accounts []*account // by number of the bundle; nil if there is none
}

// An account is that of one bundle.
type account struct {
	datasource.Count
	file   file
	faults []stix.Remark // each kind once
}

// account returns the account of a portion, and begins it if there is none. The
// caller holds l.mu.
func (l *ledger) account(p *portion) *account {
	for len(l.accounts) <= p.number {
		l.accounts = append(l.accounts, nil)
	}
	if l.accounts[p.number] == nil {
		l.accounts[p.number] = &account{Count: datasource.Count{Source: p.name}, file: p.file}
	}
	return l.accounts[p.number]
}

// begin begins the account of a portion.
func (l *ledger) begin(p *portion) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.account(p)
}

// forget empties all accounts.
func (l *ledger) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.accounts = nil
}

// matched counts records of a portion that are yielded.
func (l *ledger) matched(p *portion, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.account(p).Matched += int64(n)
}

// passed counts what was read of a portion.
func (l *ledger) passed(p *portion) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.account(p)
	a.Scanned += p.scanned
	a.Bytes += p.bytes
	if p.passedOver {
		a.Skipped, a.faults = 1, []stix.Remark{{Kind: notBundleFault}}
	}
}

// faulty keeps those faults of a portion that count.
func (l *ledger) faulty(p *portion, faults []stix.Remark, counts func(stix.RemarkKind) bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.account(p)
	for _, f := range faults {
		if counts(f.Kind) {
			a.faults = merge(a.faults, f)
			a.Skipped += skippedBy(f)
		}
	}
}

// chunk counts what was read with a chunk: its faults and, with the last, the
// portion.
func (l *ledger) chunk(c *chunk, counts func(stix.RemarkKind) bool) {
	l.faulty(c.portion, c.remarks, counts)
	if c.last {
		l.faulty(c.portion, c.portion.remarks, counts)
		l.passed(c.portion)
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

// tell turns faults into notes: all of them, or those that were not told of
// before.
func (l *ledger) tell(again bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range l.accounts {
		if a == nil {
			continue
		}
		slices.SortFunc(a.faults, func(f, g stix.Remark) int { return int(f.Kind) - int(g.Kind) })
		for _, f := range a.faults {
			if l.told.add(a.Source, a.file, f.Kind) || again {
				a.Notes = append(a.Notes, noteOf(f))
			}
		}
		a.faults = nil
	}
}

// Counts returns the accounting of each bundle that was opened, in order.
func (l *ledger) Counts() []datasource.Count {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []datasource.Count
	for _, a := range l.accounts {
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
