// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import "slices"

// A nameSet knows the names met in a JSON object and in those around it.
type nameSet struct {
	names []string // of the outermost object, then of the next, ...
	many  map[levelName]bool
}

type levelName struct {
	level int
	name  string
}

// manyNames is how many names of one object are searched one by one.
const manyNames = 16

func (s *nameSet) reset() {
	s.names = s.names[:0]
	clear(s.many)
}

// enter begins an object and returns its level.
func (s *nameSet) enter() (level int) { return len(s.names) }

// leave ends the object of a level.
func (s *nameSet) leave(level int) {
	if len(s.names)-level > manyNames {
		for _, name := range s.names[level:] {
			delete(s.many, levelName{level, name})
		}
	}
	s.names = s.names[:level]
}

// add adds a name to the object of a level, which is the innermost, and reports
// whether it is new there.
func (s *nameSet) add(level int, name string) bool {
	known := s.names[level:]
	if len(known) >= manyNames {
		return s.addMany(level, name)
	}
	if slices.Contains(known, name) {
		return false
	}
	s.names = append(s.names, name)
	return true
}

func (s *nameSet) addMany(level int, name string) bool {
	if s.many == nil {
		s.many = make(map[levelName]bool)
	}
	known := s.names[level:]
	if len(known) == manyNames {
		for _, k := range known {
			s.many[levelName{level, k}] = true
		}
	}
	if s.many[levelName{level, name}] {
		return false
	}
	s.many[levelName{level, name}] = true
	s.names = append(s.names, name)
	return true
}
