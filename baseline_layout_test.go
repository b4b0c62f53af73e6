// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package kestrel_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kestrelhunt/kestrel/display"
)

// readLayout returns what the original printed for a hunt, display by display.
func readLayout(t *testing.T, base, name string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(base, "noprefetch", name+".out"))
	if err != nil {
		text, err = os.ReadFile(filepath.Join(base, "hunts", name+".out"))
	}
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimRight(string(text), "\n"), "\n\n")
}

// compareLayout compares how displays look as text, in the style that imitates
// the original. Displays whose data differ are left out: they are reported as
// such. Rows are compared as a set, since the original's follow ids that are
// random; so are the ids, by their form.
func (r replay) compareLayout(blocks []string, differs map[string]bool, add func(key, format string, args ...any)) {
	ours := shownTables(r.result.Displays)
	theirs := slices.DeleteFunc(slices.Clone(blocks), func(b string) bool {
		return strings.HasPrefix(b, "Empty DataFrame") || strings.HasPrefix(b, "unknown entity type") || b == ""
	})
	if len(ours) != len(theirs) {
		add("layout", "%d displays have text, recorded %d", len(ours), len(theirs))
		return
	}
	for i, d := range ours {
		key := fmt.Sprintf("display %d", i+1)
		if differs[key] {
			continue
		}
		var b strings.Builder
		if err := d.WriteText(&b, display.Style{Original: true}); err != nil {
			r.t.Fatal(err)
		}
		a, z := r.comparable(d, b.String()), r.comparable(d, theirs[i])
		if s, ok := d.(*display.Summary); ok {
			if slices.ContainsFunc(s.Rows, func(row display.SummaryRow) bool { return isDifferent(differs, row.Variable) }) {
				continue
			}
			a, z = sharedColumns(a, z)
			a, z = uncounted(a, s), uncounted(z, s)
		}
		if !slices.Equal(a, z) {
			add("layout "+key, "text differs:\n%s\nrecorded:\n%s", strings.Join(a, "\n"), strings.Join(z, "\n"))
		}
	}
}

// isDifferent reports whether the counts of a variable differ.
func isDifferent(differs map[string]bool, name string) bool {
	return differs["summary"] || differs[name] || differs[name+" records"] || differs["summary "+name]
}

// shownTables leaves out tables without rows: of those the original shows nothing,
// or says in three lines that they are empty.
func shownTables(all []display.Display) []display.Display {
	return slices.DeleteFunc(slices.Clone(all), func(d display.Display) bool {
		t, ok := d.(*display.Table)
		return ok && len(t.Rows) == 0
	})
}

var (
	anyUUID    = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	anyPath    = regexp.MustCompile(`\{(DATA|OUT|WORK)\}`)
	uncompared = regexp.MustCompile(`^ *(Indirect Attributes|Associated Datasource|Number of Entities|Identified By) `)
	manySpace  = regexp.MustCompile(`  +`)
)

// comparable returns the lines of a display's text in a form that may be
// compared: the first line, which is the head of a table, then the others, sorted.
func (r replay) comparable(d display.Display, text string) []string {
	text = anyUUID.ReplaceAllString(strings.ReplaceAll(text, r.data, "{DATA}"), "00000000-0000-0000-0000-000000000000")
	if anyPath.MatchString(text) {
		text = manySpace.ReplaceAllString(text, " ") // padded to the length of another path
	}
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	switch d.(type) {
	case *display.Table:
		slices.Sort(lines[1:])
	case *display.Summary:
		lines = slices.DeleteFunc(lines[1:], func(s string) bool { return strings.HasPrefix(s, "#(ENTITIES) counts") })
	default: // in the order written; what compareDict leaves out is left out
		lines = slices.DeleteFunc(lines, func(s string) bool { return uncompared.MatchString(s) })
		for i := range lines {
			lines[i] = manySpace.ReplaceAllString(strings.TrimSpace(lines[i]), " ")
			if list, ok := strings.CutPrefix(lines[i], "Entity Attributes "); ok {
				lines[i] = sortedList(list)
			}
		}
	}
	return lines
}

// sharedColumns keeps the columns of two summaries that both have, in a form that
// has one blank between them: the original has one for every type of the session,
// also where nothing is related.
func sharedColumns(ours, theirs []string) (a, b []string) {
	if slices.Equal(ours, theirs) {
		return ours, theirs
	}
	table := func(lines []string, of []string) []string {
		head := strings.Fields(lines[0])
		var out []string
		for _, line := range lines {
			cells := strings.Fields(line)
			if len(cells) == len(head) && !strings.HasPrefix(line, "*") {
				var kept []string
				for i, c := range cells {
					if slices.Contains(of, head[i]) {
						kept = append(kept, c)
					}
				}
				line = strings.Join(kept, " ")
			}
			out = append(out, line)
		}
		return out
	}
	return table(ours, strings.Fields(theirs[0])), table(theirs, strings.Fields(ours[0]))
}

// uncounted writes a word for the number of entities of groups, of which the
// original counted none (Q18).
func uncounted(lines []string, s *display.Summary) []string {
	out := slices.Clone(lines)
	for i, line := range out {
		cells := strings.Fields(line)
		if slices.ContainsFunc(s.Rows, func(row display.SummaryRow) bool { return row.Groups && row.Variable == cells[0] }) {
			cells[2] = "groups"
			out[i] = strings.Join(cells, " ")
		}
	}
	return out
}
