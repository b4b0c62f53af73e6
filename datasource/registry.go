// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package datasource

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Registry finds the driver of a URI scheme. The zero Registry is empty and
// ready to use. There is no global one and no init hook: two sessions in a
// program may know different drivers, and a test registers only its own.
type Registry struct {
	drivers map[string]Driver
}

// Add registers d under each of its schemes, or under none if one is taken.
func (r *Registry) Add(d Driver) error {
	for _, s := range d.Schemes() {
		if old, taken := r.drivers[strings.ToLower(s)]; taken {
			return fmt.Errorf("datasource: scheme %q belongs to both %s and %s", s, old.Name(), d.Name())
		}
	}
	if r.drivers == nil {
		r.drivers = make(map[string]Driver)
	}
	for _, s := range d.Schemes() {
		r.drivers[strings.ToLower(s)] = d
	}
	return nil
}

// Driver returns the driver of a scheme; letter case does not matter.
func (r *Registry) Driver(scheme string) (Driver, bool) {
	d, ok := r.drivers[strings.ToLower(scheme)]
	return d, ok
}

// Schemes returns all schemes, sorted.
func (r *Registry) Schemes() []string {
	return slices.Sorted(maps.Keys(r.drivers))
}
