// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package datasource

import (
	"context"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
)

// A Completer is a Source that can say in which of its records entities stand
// that are known by id: a file, of which an index can be kept. The engine asks it
// for further records of what it found. Other sources are asked by Plan, for the
// attributes that tell entities apart, one list of values after another.
type Completer interface {
	Source

	// Complete returns a task that yields the records in which something wanted
	// stands, in the order of the source. Its hits, for one question, are the
	// objects that are wanted. It may read the whole source to learn where they
	// are, and keep what it learned while the content stays the same and the
	// Source is referred to: who asks again, asks the same Source. A Source that
	// keeps much is an io.Closer too.
	Complete(ctx context.Context, want Wanted) (Task, error)
}

// A Keeper is a Source that a session may keep when the block ends that opened
// it, with what it learned: what it is follows from its URIs alone, and not from
// a configuration that may have been edited.
type Keeper interface {
	Source

	// Keep reports whether the Source may be kept.
	Keep() bool
}

// Wanted says of which entities of one type further records are wanted: those
// that have one of the ids, and of processes also those that have one of the
// process ids, whatever their id is; a process id that is text or a float is the
// integer that it compares as.
type Wanted struct {
	Entity string
	IDs    []entity.ID
	PIDs   []int64
	Window plan.Window // records that overlap it; the zero Window asks for no limit
}
