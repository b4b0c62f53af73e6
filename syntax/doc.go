// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package syntax turns the text of a hunt into a tree and a tree into text.
//
// [Parse] reads a hunt: a sequence of steps without a separator, where a word is
// a keyword only if that keyword may stand there. It reports every fault of the
// text, one diagnostic each, and still returns a tree: a step that departs from
// the grammar becomes a [BadStmt]. [Format] writes a tree in the one canonical
// layout and keeps its comments. [Expected] says what may follow at a place of a
// text, for completion.
//
// The tree has positions and no meaning: whether a variable, an attribute, a
// relation or a source exists is decided by whoever reads it. Conditions after
// WHERE are trees of package stix; their comparisons leave Mode at zero.
//
// The package never reads a file, a clock or a session. Its functions keep no
// state between calls and may be called concurrently.
package syntax
