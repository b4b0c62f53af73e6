// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/kestrelhunt/kestrel/internal/duck"
	"github.com/kestrelhunt/kestrel/plan"
)

// Options configure a Store. The zero Options are good for a session that fits
// in memory.
type Options struct {
	// Spill is an existing folder, in which the store makes one of its own when
	// data outgrow the memory limit, and removes it with Close. If it is "",
	// nothing is spilled.
	Spill string

	// MemoryLimit bounds the memory of tables and queries, in bytes; 0 leaves
	// it to the database, which takes most of the machine's.
	MemoryLimit int64

	// Threads bounds the threads of a query over large tables; 0 means as many
	// as the machine has.
	Threads int
}

// A Store holds the tables of one session. Its methods may be called
// concurrently; they run one after the other.
type Store struct {
	opts Options

	mu         sync.Mutex      // held by whoever uses the database, by a Pass from Begin to its end
	db         *duck.DB        // nil until something is stored
	many       bool            // queries use several threads
	compressed int64           // objects stored when tables were last compressed
	last       plan.SnapshotID // given
	questions  int64           // numbers of questions given
	placed     int64           // records when table place was made
	placeOf    []int32         // what it says; nil: not read yet

	cat       sync.RWMutex // guards what follows; written only under mu
	closed    bool
	catalog   catalog
	snapshots map[plan.SnapshotID]*snapshot
	step      int64 // the step that runs; 0: every step is seen

	completes bool // there is a table completed: which question completed which entity; under mu
}

// Open returns an empty store. It does no I/O; the database starts when
// something is stored.
func Open(opts Options) *Store {
	return &Store{
		opts:      opts,
		catalog:   newCatalog(),
		snapshots: make(map[plan.SnapshotID]*snapshot),
	}
}

// Close ends the database and removes what it spilled. It is idempotent. A
// closed store answers nothing.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cat.Lock()
	defer s.cat.Unlock()
	s.closed = true
	if s.db == nil {
		return nil
	}
	db := s.db
	s.db = nil
	return db.Close()
}

// Advance says which step of the session runs from now on, counted up from one.
// What a Pass brought for a later step is not seen before: shared reading never
// changes what a step sees. A Store that is never advanced sees everything.
func (s *Store) Advance(step int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cat.Lock()
	defer s.cat.Unlock()
	s.step = step
}

// start returns the database, and starts it if it does not run yet.
func (s *Store) start() (*duck.DB, error) {
	if s.closed {
		return nil, errClosed
	}
	if s.db != nil {
		return s.db, nil
	}
	spill := s.opts.Spill
	if spill != "" {
		spill = filepath.Join(spill, fmt.Sprintf("kestrel-spill-%d-%08x", os.Getpid(), rand.Uint32()))
	}
	db, err := duck.Open(duck.Options{
		MemoryLimit: s.opts.MemoryLimit,
		Spill:       spill,
		Functions:   functions(),
	})
	if err != nil {
		return nil, err
	}
	base := []*sink{s.catalog.record, s.catalog.entity, s.catalog.brought, s.catalog.located}
	var b strings.Builder
	for _, k := range base {
		b.WriteString(createTable(k.table, k.fields) + ";")
	}
	if err := db.Exec(context.Background(), b.String()); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	for _, k := range base {
		k.made, k.committed = len(k.fields), len(k.fields)
	}
	s.db = db
	return db, nil
}

// manyObjects is from how many stored objects on threads pay: starting them
// takes longer than most queries over less.
const manyObjects = 50_000

// compressedObjects is how many stored objects may come before they are
// compressed. They take some 110 bytes each, then 30; the memory is worth the
// time only when there are millions.
const compressedObjects = 2_000_000

// grown adapts the database to what it holds.
func (s *Store) grown(ctx context.Context) error {
	objects := s.catalog.objects
	n := s.opts.Threads
	if n <= 0 {
		n = runtime.GOMAXPROCS(0)
	}
	if !s.many && n > 1 && objects >= manyObjects {
		s.many = true
		if err := s.db.SetThreads(ctx, n); err != nil {
			return err
		}
	}
	if objects-s.compressed < compressedObjects {
		return nil
	}
	s.compressed = objects
	return s.db.Compress(ctx)
}

// never is the step of what nothing may see.
const never int64 = math.MaxInt64

// sees reports whether the current step sees what a step brought.
func (s *Store) sees(step int64) bool {
	return s.step == 0 && step != never || step <= s.step
}

// stepBits is how many bits of a record's number count records; the bits above
// them are the first step that sees the record, so that "seen" is a comparison.
const stepBits = 32

// before returns the bound of the record numbers that the current step sees, 0
// if it sees all there are.
func (s *Store) before() int64 {
	if s.step == 0 || s.catalog.lastStep <= s.step {
		return 0
	}
	return (s.step + 1) << stepBits
}

// seeds make keys of contents. They differ from process to process, so that
// nobody can prepare two contents with one key; results do not depend on them.
type seeds [2]maphash.Seed

func newSeeds() seeds { return seeds{maphash.MakeSeed(), maphash.MakeSeed()} }

// A contentKey stands for some bytes.
type contentKey [2]uint64

func (s seeds) key(b []byte) contentKey {
	return contentKey{maphash.Bytes(s[0], b), maphash.Bytes(s[1], b)}
}
