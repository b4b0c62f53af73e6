// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

//go:build integration

package original_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// An answer is what one of the two programs made of a hunt.
type answer struct {
	Error     string            `json:"error"`
	Message   string            `json:"message"`
	Variables map[string]result `json:"variables"`
	Displays  []shownData       `json:"displays"`
}

// A result is what a variable holds.
type result struct {
	Type     string           `json:"type"`
	Entities int64            `json:"entities"`
	Records  int64            `json:"records"`
	Rows     []map[string]any `json:"rows"`
}

// shownData is what a display shows: rows of a table, or pairs.
type shownData struct {
	Display string          `json:"display"`
	Data    json.RawMessage `json:"data"`
}

// A difference is one that no rule explains, or that one does.
type difference struct {
	rule string // number of a defect of the original; "" for an unexplained one
	text string
}

// A comparison collects the differences between two answers to a hunt.
type comparison struct {
	hunt         hunt
	ours, theirs answer
	found        []difference
}

func (c *comparison) add(rule, format string, args ...any) {
	c.found = append(c.found, difference{rule, fmt.Sprintf(format, args...)})
}

// compare lists in what the answers differ: errors, variables, displays.
func compare(h hunt, ours, theirs answer) []difference {
	c := &comparison{hunt: h, ours: ours, theirs: theirs}
	if ours.Error != "" || theirs.Error != "" {
		c.errors()
		return c.found
	}
	for _, name := range slices.Sorted(maps.Keys(theirs.Variables)) {
		c.variable(name, ours.Variables[name], theirs.Variables[name])
	}
	c.displays()
	return c.found
}

func (c *comparison) variable(name string, ours, theirs result) {
	if ours.Type != theirs.Type {
		c.add("", "%s: type %s, original %s", name, ours.Type, theirs.Type)
	}
	if ours.Entities != theirs.Entities {
		c.add(c.countRule(ours, theirs), "%s: %d entities, original %d", name, ours.Entities, theirs.Entities)
	}
	if ours.Records != theirs.Records {
		c.add(c.recordRule(name, ours, theirs), "%s: %d records, original %d", name, ours.Records, theirs.Records)
	}
	c.rows(name, columnsOf(theirs.Rows), ours.Rows, theirs.Rows, ours.Entities == theirs.Entities)
}

// rows compares rows as sets with repetition, in the columns that both have: the
// original's ids are made by another rule. Counted says that the original counted
// as many when the rows were bound.
func (c *comparison) rows(what string, columns []string, ours, theirs []map[string]any, counted bool) {
	a, b := flat(columns, ours), flat(columns, theirs)
	if slices.Equal(a, b) {
		return
	}
	c.add(c.rowRule(columns, ours, theirs, counted), "%s: rows differ\n\tours only:  %s\n\ttheirs only: %s", what,
		strings.Join(minus(a, b), "\n\t            "), strings.Join(minus(b, a), "\n\t             "))
}

// columnsOf returns the names of columns but for ids.
func columnsOf(rows []map[string]any) []string {
	names := make(map[string]bool)
	for _, r := range rows {
		for name := range r {
			if name != "id" && !strings.HasSuffix(name, ".id") && !strings.HasSuffix(name, ".type") && name != "type" {
				names[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// flat writes rows as sorted lines.
func flat(columns []string, rows []map[string]any) []string {
	out := make([]string, len(rows))
	for i, row := range rows {
		var b strings.Builder
		for _, c := range columns {
			fmt.Fprintf(&b, "%s=%s ", c, plainText(row[c]))
		}
		out[i] = b.String()
	}
	slices.Sort(out)
	return out
}

// plainText writes values so that equal ones are equal texts, whatever kind a
// column has made of them: what is missing is nothing.
func plainText(v any) string {
	switch v := v.(type) {
	case nil:
		return "-"
	case bool:
		return map[bool]string{true: "1", false: "0"}[v]
	case float64:
		return strconv.FormatFloat(v, 'g', 9, 64)
	case string:
		if n, err := strconv.ParseFloat(v, 64); err == nil {
			return plainText(n)
		}
		if v == "" || v == "None" || v == "NaN" {
			return "-"
		}
		return strconv.Quote(v)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return strconv.Quote(string(text))
}

// minus returns the first lines of a, sorted, that b has less often.
func minus(a, b []string) []string {
	left := make(map[string]int)
	for _, s := range b {
		left[s]++
	}
	var out []string
	for _, s := range a {
		if left[s] > 0 {
			left[s]--
		} else if len(out) < 3 {
			out = append(out, s)
		}
	}
	return out
}

// displays compares what steps showed; the summary repeats the counts, and an
// empty table is shown by ours alone.
func (c *comparison) displays() {
	ours, theirs := visible(c.ours.Displays), visible(c.theirs.Displays)
	if len(ours) != len(theirs) {
		c.add("", "%d displays, original %d", len(ours), len(theirs))
		return
	}
	for i := range ours {
		what := fmt.Sprintf("display %d", i+1)
		if ours[i].Display == "dict" {
			c.pairs(what, ours[i].Data, theirs[i].Data)
			continue
		}
		var a, b []map[string]any
		if json.Unmarshal(ours[i].Data, &a) != nil || json.Unmarshal(theirs[i].Data, &b) != nil {
			c.add("", "%s: %s, original %s", what, ours[i].Display, theirs[i].Display)
			continue
		}
		x, y := columnsOf(a), columnsOf(b)
		if bogus := slices.ContainsFunc(y, isBogus); bogus {
			c.add("Q50", "%s: columns %v, original %v", what, x, y)
			y = slices.DeleteFunc(y, isBogus)
		} else if !slices.Equal(x, y) {
			c.add(columnRule(x, y), "%s: columns %v, original %v", what, x, y)
		}
		c.rows(what, y, zeroesOut(a), zeroesOut(b), false)
	}
}

// visible leaves out summaries, warnings and what says that there is nothing: of
// an empty variable the original shows nothing at all (Q23).
func visible(all []shownData) []shownData {
	return slices.DeleteFunc(slices.Clone(all), func(d shownData) bool {
		var pairs struct{ Count *int64 }
		if d.Display == "dict" && json.Unmarshal(d.Data, &pairs) == nil && pairs.Count != nil && *pairs.Count == 0 {
			return true
		}
		return d.Display != "dict" && (d.Display != "dataframe" || string(d.Data) == "[]" || string(d.Data) == "null")
	})
}

// zeroesOut replaces 0 by nothing: the original exports a missing number as 0.
func zeroesOut(rows []map[string]any) []map[string]any {
	for _, row := range rows {
		for name, v := range row {
			if v == 0.0 || v == false {
				row[name] = nil
			}
		}
	}
	return rows
}

// pairs compares what DESCRIBE shows.
func (c *comparison) pairs(what string, ours, theirs json.RawMessage) {
	var a, b map[string]any
	if json.Unmarshal(ours, &a) != nil || json.Unmarshal(theirs, &b) != nil {
		c.add("", "%s: no pairs", what)
		return
	}
	for _, key := range slices.Sorted(maps.Keys(b)) {
		if x, y := plainText(a[key]), plainText(b[key]); x != y {
			c.add(pairRule(key, a, b), "%s: %s is %s, original %s", what, key, x, y)
		}
	}
}
