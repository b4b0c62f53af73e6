// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/stix"
)

// ColumnName names a column that is computed from an attribute: the attribute's
// own name between a prefix and a suffix, as in max_dst_ref.value. Pieces have
// quotes where attributes have them (see stix.AttrName), but a name of one piece,
// as aliases are, only if it could be taken for several: count_x-y.
func ColumnName(prefix string, attr stix.Path, suffix string) string {
	steps := slices.Clone(attr.Steps)
	for i := range steps {
		if i == 0 {
			steps[i].Name = prefix + steps[i].Name
		}
		if i == len(steps)-1 {
			steps[i].Name += suffix
		}
	}
	if len(steps) == 1 && !strings.ContainsAny(steps[0].Name, `.'\[`) {
		return steps[0].Name
	}
	return stix.AttrName(steps)
}
