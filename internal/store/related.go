// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"strings"
)

// relatedQuery counts pairs for Related: a row (number among typesSeen, count)
// for each type that records have.
func (s *Store) relatedQuery(snap *snapshot, t *typeTable) string {
	before := s.before()
	bound := func(column string) string {
		if before == 0 {
			return ""
		}
		return fmt.Sprintf(" AND %s < %d", column, before)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "WITH mine AS (SELECT rec FROM %s WHERE ent IN (SELECT ent FROM %s) AND rec IS NOT NULL%s),\n",
		t.seenIn().table, snap.Table, bound("rec"))
	fmt.Fprintf(&b, "asked AS (SELECT DISTINCT question FROM brought WHERE rec IN (SELECT rec FROM mine)%s),\n", bound("question"))
	fmt.Fprintf(&b, "recs AS (SELECT DISTINCT rec FROM brought WHERE question IN (SELECT question FROM asked)%s)\n", bound("rec"))
	parts := 0
	for i, other := range s.typesSeen() {
		if !other.seen || !other.seenIn().exists() {
			continue
		}
		if parts++; parts > 1 {
			b.WriteString("UNION ALL\n")
		}
		count := "count(*)"
		if other.twice {
			count = "count(DISTINCT (ent, rec))"
		}
		fmt.Fprintf(&b, "SELECT %d::BIGINT, %s FROM %s WHERE rec IN (SELECT rec FROM recs)\n", i, count, other.seenIn().table)
	}
	return b.String()
}
