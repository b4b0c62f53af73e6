// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package kestrel_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kestrelhunt/kestrel"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/display"
	"github.com/kestrelhunt/kestrel/standard"
)

// A recording is what the original Kestrel did with one hunt.
type recording struct {
	Error *struct {
		Class string
		MRO   []string
	}
	Displays []struct {
		Class string
		Dict  struct {
			Display string
			Data    json.RawMessage
		}
		Columns []string
	}
	Variables map[string]struct {
		Type     string
		Entities int64
		Records  int64
		Columns  []string
		Total    int              `json:"rows_total"`
		InOrder  []map[string]any `json:"rows_in_order"`
		Sorted   []map[string]any `json:"rows_sorted"`
	}
}

// TestBaseline runs the hunts that were recorded from the original Kestrel and
// compares errors, variables and displays. Every difference must be listed, with
// its reason, in docs/compatibility.md; a difference that is listed there and
// does not occur fails too.
func TestBaseline(t *testing.T) {
	t.Parallel()
	data := os.Getenv("KESTREL_TESTDATA")
	if data == "" {
		t.Skip("KESTREL_TESTDATA names no folder: the recordings of the original are not here")
	}
	base := filepath.Join(data, "..", "baseline")
	known := knownDifferences(t)
	hunts, err := filepath.Glob(filepath.Join(base, "hunts", "*.hf"))
	if err != nil || len(hunts) == 0 {
		t.Fatalf("no recorded hunts under %s: %v", base, err)
	}
	for _, path := range hunts {
		name := strings.TrimSuffix(filepath.Base(path), ".hf")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if word := notYet.FindString(string(text)); word != "" {
				t.Skipf("the hunt uses %s, which does not run yet", strings.TrimSpace(word))
			}
			rec, completed := readRecording(t, base, name)
			completion := new(kestrel.Completion)
			if completed {
				*completion = kestrel.DefaultCompletion()
			}
			got := replayHunt(t, string(text), filepath.Join(data, "stix", "kestrel-v1-test-data"), completion)
			checkKnown(t, got.differences(rec, readLayout(t, base, name)), known[name])
		})
	}
}

// notYet finds the commands that this version does not run.
var notYet = regexp.MustCompile(`(?im)(=\s*|^\s*)APPLY\b`)

// readRecording returns what was recorded, and whether with completion: hunts were
// recorded without it if they ask a data source.
func readRecording(t *testing.T, base, name string) (rec recording, completed bool) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(base, "noprefetch", name+".json"))
	if err != nil {
		completed = true
		text, err = os.ReadFile(filepath.Join(base, "hunts", name+".json"))
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &rec); err != nil {
		t.Fatal(err)
	}
	return rec, completed
}

// A replay is what our runtime did with a recorded hunt.
type replay struct {
	t       *testing.T
	session *kestrel.Session
	result  *kestrel.Result
	err     error
	data    string // folder of the original's test data
}

// runRecorded runs a hunt without completion.
func runRecorded(t *testing.T, hunt, data string) replay {
	t.Helper()
	return replayHunt(t, hunt, data, new(kestrel.Completion))
}

func replayHunt(t *testing.T, hunt, data string, completion *kestrel.Completion) replay {
	t.Helper()
	work, out := t.TempDir(), t.TempDir()
	hunt = strings.NewReplacer("{DATA}", data, "{OUT}", out, "{WORK}", work).Replace(hunt)
	session, err := kestrel.New(kestrel.Config{
		Drivers:    standard.Drivers(),
		Dir:        work,
		TempDir:    t.TempDir(),
		Completion: completion,
		Now:        func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := session.Close(); err != nil {
			t.Error(err)
		}
	})
	res, err := session.ExecuteFile(t.Context(), &diag.File{Name: "recorded.hf", Text: hunt})
	return replay{t, session, res, err, data}
}

// differences lists in what the replay differs from the recording, each with a
// key that docs/compatibility.md can name.
func (r replay) differences(rec recording, layout []string) []difference {
	var out []difference
	add := func(key, format string, args ...any) {
		out = append(out, difference{key, fmt.Sprintf(format, args...)})
	}
	switch {
	case rec.Error == nil && r.err != nil:
		add("error", "ours fails, the original did not: %v", r.err)
	case rec.Error != nil && r.err == nil:
		add("error", "ours runs, the original failed with %s", rec.Error.Class)
	case rec.Error != nil && slices.Contains(rec.Error.MRO, "KestrelException"):
		if got := diag.Class(r.firstError().Code); got != rec.Error.Class {
			add("error", "class is %s (%v), the original's %s", got, r.err, rec.Error.Class)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(rec.Variables)) {
		if name != "_" {
			r.compareVariable(rec, name, add)
		}
	}
	if rec.Error == nil && r.err == nil {
		r.compareDisplays(rec, add)
		differs := make(map[string]bool)
		for _, d := range out {
			differs[d.key] = true
		}
		if !differs["displays"] {
			r.compareLayout(layout, differs, add)
		}
	}
	return out
}

type difference struct{ key, text string }

func (r replay) firstError() diag.Diagnostic {
	for _, d := range r.result.Diagnostics {
		if d.Severity == diag.Error {
			return d
		}
	}
	return diag.Diagnostic{}
}

func (r replay) compareVariable(rec recording, name string, add func(key, format string, args ...any)) {
	want := rec.Variables[name]
	all := r.session.Variables()
	i := slices.IndexFunc(all, func(v kestrel.Variable) bool { return v.Name == name })
	if i < 0 {
		add(name, "variable is missing")
		return
	}
	got := all[i]
	if got.Type != want.Type {
		add(name, "type is %s, recorded %s", got.Type, want.Type)
	}
	if want.Entities == 0 {
		want.Entities = int64(want.Total) // of what is grouped or projected the original counted nothing (Q18)
	}
	if got.Entities != want.Entities {
		add(name, "%d entities, recorded %d", got.Entities, want.Entities)
	}
	if got.Records != want.Records {
		add(name+" records", "%d records, recorded %d", got.Records, want.Records)
	}
	rows := slices.Concat(want.InOrder, want.Sorted)
	if len(rows) == 0 {
		return
	}
	table, err := r.session.Entities(r.t.Context(), name)
	if err != nil {
		add(name, "entities: %v", err)
		return
	}
	columns := withoutIDs(want.Columns)
	ours := make([]string, len(table.Rows))
	for i, row := range table.Rows {
		var b strings.Builder
		for _, c := range columns {
			j := slices.Index(table.Columns, c)
			v := "-" // a column that all rows lack is not there
			if j >= 0 {
				v = canonical(decode(r.t, row[j]))
			}
			fmt.Fprintf(&b, "%s=%s ", c, v)
		}
		ours[i] = b.String()
	}
	theirs := make([]string, len(rows))
	for i, row := range rows {
		var b strings.Builder
		for _, c := range columns {
			fmt.Fprintf(&b, "%s=%s ", c, canonical(row[c]))
		}
		theirs[i] = b.String()
	}
	compareRows(name, ours, theirs, add)
}

// withoutIDs returns columns without ids, which are random or made by another
// rule in the original, and without the types of what is referred to.
func withoutIDs(recorded []string) []string {
	return slices.DeleteFunc(slices.Clone(recorded), func(c string) bool {
		return c == "id" || strings.HasSuffix(c, ".id") || strings.HasSuffix(c, ".type") || c == "observation_id"
	})
}

func compareRows(key string, ours, theirs []string, add func(key, format string, args ...any)) {
	slices.Sort(ours)
	slices.Sort(theirs)
	if slices.Equal(ours, theirs) {
		return
	}
	var text strings.Builder
	for _, s := range minus(ours, theirs) {
		fmt.Fprintf(&text, "\n\tours only:  %s", s)
	}
	for _, s := range minus(theirs, ours) {
		fmt.Fprintf(&text, "\n\ttheirs only: %s", s)
	}
	add(key, "rows differ:%s", text.String())
}

// minus returns the first elements of a, sorted, that b does not have as often.
func minus(a, b []string) []string {
	left := make(map[string]int)
	for _, s := range b {
		left[s]++
	}
	var out []string
	for _, s := range a {
		if left[s] > 0 {
			left[s]--
			continue
		}
		if len(out) < 2 {
			out = append(out, strings.ReplaceAll(s, "=- ", "=-"))
		}
	}
	return out
}

func (r replay) compareDisplays(rec recording, add func(key, format string, args ...any)) {
	ours := slices.DeleteFunc(slices.Clone(r.result.Displays), func(d display.Display) bool {
		t, ok := d.(*display.Table)
		return ok && len(t.Rows) == 0 // the original shows nothing, or an empty table
	})
	theirs := rec.Displays
	theirs = slices.DeleteFunc(theirs, func(d struct {
		Class string
		Dict  struct {
			Display string
			Data    json.RawMessage
		}
		Columns []string
	}) bool {
		return d.Dict.Display == "warning" || d.Dict.Display == "dataframe" && string(d.Dict.Data) == "[]"
	})
	if len(ours) != len(theirs) {
		add("displays", "%d displays, recorded %d", len(ours), len(theirs))
		return
	}
	for i, d := range ours {
		key := fmt.Sprintf("display %d", i+1)
		switch d := d.(type) {
		case *display.Table:
			var want []map[string]any
			if err := json.Unmarshal(theirs[i].Dict.Data, &want); err != nil {
				add(key, "recorded display is no table")
				continue
			}
			r.compareTable(key, d, want, theirs[i].Columns, add)
		case *display.Summary:
			r.compareSummary(d, theirs[i].Dict.Data, add)
		case *display.Dict:
			r.compareDict(key, d, theirs[i].Dict.Data, add)
		}
	}
}

func (r replay) compareTable(key string, d *display.Table, want []map[string]any, columns []string, add func(key, format string, args ...any)) {
	columns = withoutIDs(columns)
	got := withoutIDs(d.Columns)
	if !slices.Equal(got, columns) {
		add(key, "columns %v, recorded %v", got, columns)
		return
	}
	var ours, theirs []string
	for _, row := range d.Rows {
		var b strings.Builder
		for _, c := range columns {
			v := "-"
			if j := slices.Index(d.Columns, c); j < len(row) {
				v = shownValue(decode(r.t, row[j]))
			}
			fmt.Fprintf(&b, "%s=%s ", c, v)
		}
		ours = append(ours, b.String())
	}
	for _, row := range want {
		var b strings.Builder
		for _, c := range columns {
			fmt.Fprintf(&b, "%s=%s ", c, shownValue(row[c]))
		}
		theirs = append(theirs, b.String())
	}
	compareRows(key, ours, theirs, add)
}

func (r replay) compareDict(key string, d *display.Dict, data json.RawMessage, add func(key, format string, args ...any)) {
	var want map[string]any
	if err := json.Unmarshal(data, &want); err != nil {
		add(key, "recorded display is no dict")
		return
	}
	for _, p := range d.Pairs {
		switch p.Key {
		case "Indirect Attributes", "Associated Datasource", "Identified By":
			continue // listed in more detail than in the original; a path; ours alone
		}
		if p.Key == "Number of Entities" && want[p.Key] == "0" && want["Number of Records"] != "0" {
			continue // as in compareVariable
		}
		ours, theirs := canonical(decode(r.t, p.Value)), canonical(want[p.Key])
		if p.Key == "Entity Attributes" {
			ours, theirs = sortedList(ours), sortedList(theirs)
		}
		if ours != theirs {
			add(key, "%s is %s, recorded %s", p.Key, ours, theirs)
		}
	}
}

func sortedList(text string) string {
	parts := strings.Split(strings.Trim(text, `"`), ", ")
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}

func (r replay) compareSummary(d *display.Summary, data json.RawMessage, add func(key, format string, args ...any)) {
	var want struct {
		Variables []map[string]any `json:"variables updated"`
	}
	if err := json.Unmarshal(data, &want); err != nil {
		add("summary", "recorded display is no summary")
		return
	}
	if len(want.Variables) != len(d.Rows) {
		add("summary", "%d rows, recorded %d", len(d.Rows), len(want.Variables))
		return
	}
	for i, row := range d.Rows {
		theirs := want.Variables[i]
		if theirs["VARIABLE"] != row.Variable {
			add("summary", "row %d is %s, recorded %v", i+1, row.Variable, theirs["VARIABLE"])
			continue
		}
		for j, typ := range d.Related {
			if n, ok := theirs[typ+"*"].(float64); ok && int64(n) != row.Related[j] {
				add("summary "+row.Variable, "%s* is %d, recorded %v", typ, row.Related[j], n)
			}
		}
	}
}

// decode returns a value as JSON would give it.
func decode(t *testing.T, v json.Marshaler) any {
	t.Helper()
	text, err := v.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// canonical writes a recorded value so that equal ones are equal as text:
// numbers without regard to kind, and whatever the original shows for a missing
// value as nothing.
func canonical(v any) string {
	switch v := v.(type) {
	case nil:
		return "-"
	case float64:
		return strconv.FormatFloat(v, 'g', 12, 64)
	case string:
		if n, err := strconv.ParseFloat(v, 64); err == nil {
			return strconv.FormatFloat(n, 'g', 12, 64)
		}
		if v == "" || v == "None" || v == "nan" {
			return "-"
		}
		return strconv.Quote(v)
	case bool:
		return map[bool]string{true: "1", false: "0"}[v]
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return strconv.Quote(string(text))
}

// shownValue is canonical for what is displayed, where the original exports a
// missing value as 0.
func shownValue(v any) string {
	if text := canonical(v); text != "0" {
		return text
	}
	return "-"
}

// knownDifferences reads the table of docs/compatibility.md whose rows are
// | hunt | what | reason |.
func knownDifferences(t *testing.T) map[string]map[string]bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("docs", "compatibility.md"))
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[string]map[string]bool)
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 3 || !huntName.MatchString(strings.TrimSpace(cells[0])) {
			continue
		}
		name := strings.TrimSpace(cells[0])
		if strings.TrimSpace(cells[2]) == "" {
			t.Errorf("docs/compatibility.md: %s: a difference needs a reason", name)
		}
		if out[name] == nil {
			out[name] = make(map[string]bool)
		}
		for what := range strings.SplitSeq(cells[1], ",") {
			out[name][strings.TrimSpace(what)] = true
		}
	}
	return out
}

var huntName = regexp.MustCompile(`^\d+-[a-z0-9-]+$`)

// checkKnown fails for differences that are not listed, and for listed ones that
// do not occur.
func checkKnown(t *testing.T, got []difference, known map[string]bool) {
	t.Helper()
	met := make(map[string]bool)
	for _, d := range got {
		met[d.key] = true
		if !known[d.key] {
			t.Errorf("%s: %s", d.key, d.text)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(known)) {
		if !met[key] {
			t.Errorf("docs/compatibility.md lists a difference in %q, and there is none", key)
		}
	}
}
