// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package diag describes problems found in a hunt and where they lie.
//
// A position is a byte offset into a [File]. It becomes a line and a column
// only when someone looks at it: the terminal counts characters from one, an
// editor counts UTF-16 units from zero, and both ask the File to convert.
//
// Every frontend shows the same [Diagnostic] values; this package renders them
// for a terminal ([Render]) and as JSON, and decides nothing about where they
// go. It knows nothing of the language: codes are declared here so that they
// are one list, messages are written by whoever finds the problem.
package diag

import (
	"sort"
	"strings"
	"sync"
	"unicode/utf8"
)

// A File is one text: a hunt file, a notebook cell, a line of the shell, a
// pattern given on the command line. It is immutable once its first position
// has been asked for.
type File struct {
	Name string // shown to people: a path as the user gave it, "<stdin>", "cell 3"
	Text string

	once  sync.Once
	lines []int // byte offset of the start of each line
}

// A Position is a place in a File as people count it: Line and Column start at
// one, and Column counts characters (Unicode code points), not bytes.
type Position struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

func (f *File) index() {
	f.once.Do(func() {
		f.lines = append(f.lines, 0)
		for i := 0; i < len(f.Text); i++ {
			if f.Text[i] == '\n' {
				f.lines = append(f.lines, i+1)
			}
		}
	})
}

// locate returns offset, or the nearest end of the text if it lies outside, and
// the index of its line.
func (f *File) locate(offset int) (clamped, line int) {
	f.index()
	offset = min(max(offset, 0), len(f.Text))
	return offset, sort.SearchInts(f.lines, offset+1) - 1
}

// Position converts a byte offset into a line and column. An offset outside
// the text is taken as its nearest end.
func (f *File) Position(offset int) Position {
	offset, line := f.locate(offset)
	return Position{
		Line:   line + 1,
		Column: utf8.RuneCountInString(f.Text[f.lines[line]:offset]) + 1,
	}
}

// UTF16 converts a byte offset into the zero-based line and UTF-16 column that
// editors use (LSP 3.17, Position).
func (f *File) UTF16(offset int) (line, column int) {
	offset, line = f.locate(offset)
	for _, r := range f.Text[f.lines[line]:offset] {
		if r > 0xFFFF {
			column++
		}
		column++
	}
	return line, column
}

// Line returns the text of a line, counted from one, without its line end.
// A number outside the file gives the empty string.
func (f *File) Line(n int) string {
	f.index()
	if n < 1 || n > len(f.lines) {
		return ""
	}
	end := len(f.Text)
	if n < len(f.lines) {
		end = f.lines[n] - 1
	}
	return strings.TrimSuffix(f.Text[f.lines[n-1]:end], "\r")
}

// Span returns the span [start, end) of f.
func (f *File) Span(start, end int) Span { return Span{File: f, Start: start, End: end} }

// A Span is the half-open byte range [Start, End) of a File.
// The zero Span means "no position".
type Span struct {
	File       *File
	Start, End int
}

// IsZero reports whether s is "no position".
func (s Span) IsZero() bool { return s.File == nil }

// Text returns the text that s covers.
func (s Span) Text() string {
	if s.File == nil {
		return ""
	}
	return s.File.Text[s.Start:s.End]
}

// Cover returns the smallest span that holds both s and t; a zero Span adds
// nothing. It panics if the two lie in different files.
func (s Span) Cover(t Span) Span {
	switch {
	case s.File == nil:
		return t
	case t.File == nil:
		return s
	case s.File != t.File:
		panic("diag: Cover of spans in different files")
	}
	return Span{s.File, min(s.Start, t.Start), max(s.End, t.End)}
}
