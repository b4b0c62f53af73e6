// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

//go:build integration

package original_test

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// The rules below recognise defects of the original, by the numbers that
// docs/compatibility.md uses for them. Each is as narrow as can be: what none
// recognises fails.

// errors compares failures. For a reference to an empty variable the original
// has no error of its own.
func (c *comparison) errors() {
	ours, theirs := c.ours.Error, c.theirs.Error
	switch {
	case ours != "" && slices.Contains([]string{"IndexError", "InvalidViewname"}, theirs):
		c.add("Q61", "both fail: %s (%s), original %s (%s)", ours, c.ours.Message, theirs, c.theirs.Message)
	case ours == "" && theirs == "InvalidViewname" && c.joinsEmpty():
		c.add("Q61", "original %s (%s)", theirs, c.theirs.Message)
	case ours != theirs:
		c.add("", "error %q (%s), original %q (%s)", ours, c.ours.Message, theirs, c.theirs.Message)
	}
}

// joinsEmpty reports whether a JOIN has nothing on one of its sides.
func (c *comparison) joinsEmpty() bool {
	for _, m := range joined.FindAllStringSubmatch(c.hunt.ours, -1) {
		if c.ours.Variables[m[1]].Entities == 0 || c.ours.Variables[m[2]].Entities == 0 {
			return true
		}
	}
	return false
}

var joined = regexp.MustCompile(`JOIN (\w+), (\w+) BY`)

// countRule explains another number of entities: groups are none unless they have
// the attribute that tells entities apart, and rows of sightings are as many as
// times that their records were fetched.
func (c *comparison) countRule(ours, theirs result) string {
	if theirs.Entities == 0 && len(theirs.Rows) == len(ours.Rows) && isGroups(theirs) {
		return "Q18"
	}
	if c.again() && isSightings(theirs) && theirs.Entities > ours.Entities {
		return "Q19"
	}
	return ""
}

// recordRule explains another number of records: the original counts a record
// again each time it is fetched, and for each row of sightings and of a JOIN.
func (c *comparison) recordRule(name string, ours, theirs result) string {
	isJoin := strings.Contains(c.hunt.ours, name+" = JOIN ")
	if (c.again() || isJoin || isSightings(theirs)) && theirs.Records > ours.Records {
		return "Q19"
	}
	return ""
}

// again reports whether the original may have fetched records twice.
func (c *comparison) again() bool { return c.hunt.gets > 1 || c.hunt.prefetch }

// isGroups reports whether rows are no entities: they have no id.
func isGroups(r result) bool {
	return !slices.ContainsFunc(r.Rows, func(row map[string]any) bool { return row["id"] != nil })
}

// isBogus reports whether a column stands for an attribute that nothing has: its
// name and its values are that attribute's name, in quotes.
func isBogus(column string) bool { return strings.HasPrefix(column, `"`) }

func isSightings(r result) bool {
	return slices.ContainsFunc(columnsOf(r.Rows), func(name string) bool { return name == "first_observed" || name == "observation_id" })
}

// rowRule explains other rows.
func (c *comparison) rowRule(columns []string, ours, theirs []map[string]any, counted bool) string {
	a, b := flat(columns, ours), flat(columns, theirs)
	if c.again() && counted && len(minus(a, b)) == 0 {
		return "Q27" // the original has since found more that satisfies the condition
	}
	if c.again() && sameRows(a, b) {
		return "Q19" // each row as often as its record was fetched
	}
	a = flat(columns, onlyAddresses(ours))
	if slices.Equal(a, b) || c.again() && sameRows(a, b) {
		return "Q40" // the ends of connections are addresses, or nothing
	}
	return ""
}

// sameRows reports whether two sorted lists have the same rows, however often.
func sameRows(a, b []string) bool {
	return slices.Equal(slices.Compact(slices.Clone(a)), slices.Compact(slices.Clone(b)))
}

// onlyAddresses returns rows without the ends of connections that are none.
func onlyAddresses(rows []map[string]any) []map[string]any {
	var out []map[string]any
	for _, row := range rows {
		cells := make(map[string]any)
		for name, v := range row {
			text, ok := v.(string)
			_, err := netip.ParseAddr(text)
			if end := strings.HasSuffix(name, "src_ref.value") || strings.HasSuffix(name, "dst_ref.value"); !end || !ok || err == nil {
				cells[name] = v
			}
		}
		out = append(out, cells)
	}
	return out
}

// columnRule explains other columns of a table: the original follows only the
// references that it has a list of.
func columnRule(ours, theirs []string) string {
	for _, name := range theirs {
		if !slices.Contains(ours, name) {
			return ""
		}
	}
	for _, name := range ours {
		if !slices.Contains(theirs, name) && !strings.Contains(name, "_ref.") {
			return ""
		}
	}
	return "Q40"
}

// pairRule explains another value in what DESCRIBE shows.
func pairRule(key string, ours, theirs map[string]any) string {
	if key == "top" && plainText(ours["freq"]) == plainText(theirs["freq"]) {
		return "Q51" // of equally frequent values any is on top
	}
	return ""
}
