// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package kestrel_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kestrelhunt/kestrel"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/display"
	"github.com/kestrelhunt/kestrel/standard"
)

// A conformance is a case of the behaviour that the language promises, by its
// number there: a hunt over the original's test data, and what must come of it.
//
// In hunts, {TB} and its like are bundles (see conformanceFiles), {DATA} is their
// folder and {OUT} an empty one. A line "---" begins another block of the same
// session, a line "===" one of a new session.
//
// Want has an expectation a line:
//
//	v 3            the variable v holds 3 entities
//	v 3/5          and has 5 records
//	v: process     it is of that type
//	v.pid = 1, 2   its attribute has these values, in this order
//	v.pid ~ 1, 2   in any order
//	fails CLASS    the hunt fails, with the original's name for it
//	fails          the hunt fails, with an error that the original had no name for
//	shows TEXT     one display has a line that, white space collapsed, is this
//	warns TEXT     something is said about the last block that has this text in it
//	repeats        the last two sessions show the same
type conformance struct {
	c, hunt, want string

	// why says why the expectation is another than the one that was specified.
	why string
}

// conformanceFiles are the files of the original's test data, by short name.
var conformanceFiles = strings.NewReplacer(
	"{TB}", "file://{DATA}/test_bundle.json", "{TB2}", "file://{DATA}/test_bundle_2.json", "{TB3}", "file://{DATA}/test_bundle_3.json",
	"{TB4}", "file://{DATA}/test_bundle_4.json", "{TB5}", "file://{DATA}/test_bundle_5.json",
	"{PS}", "file://{DATA}/powershell_search_stix_result.json", "{DK}", "file://{DATA}/doctored-1k.json",
	"{NT1}", "file://{DATA}/test_bundle_nt_1.json", "{NT2}", "file://{DATA}/test_bundle_nt_2.json",
	"{PROCS}", "{DATA}/test_input_data_procs", "{IPS}", "{DATA}/test_input_data_ips.csv",
)

// TestConformance runs the cases.
func TestConformance(t *testing.T) {
	t.Parallel()
	data := os.Getenv("KESTREL_TESTDATA")
	if data == "" {
		t.Skip("KESTREL_TESTDATA names no folder: the original's test data is not here")
	}
	data = filepath.Join(data, "stix", "kestrel-v1-test-data")
	for _, tt := range conformances() {
		t.Run(tt.c, func(t *testing.T) {
			t.Parallel()
			runConformance(t, tt, data)
		})
	}
}

// TestConformanceIsComplete looks for each case, by its number: here, or where it
// is said to be tested.
func TestConformanceIsComplete(t *testing.T) {
	t.Parallel()
	met := make(map[string]bool)
	for _, tt := range conformances() {
		number, _, _ := strings.Cut(tt.c, "-")
		met[number] = true
	}
	for numbers, where := range conformanceElsewhere {
		if where == "" {
			t.Errorf("%s: where?", numbers)
		}
		var from, to int
		if n, err := fmt.Sscanf(numbers, "C%d-C%d", &from, &to); n < 2 || err != nil {
			if _, err := fmt.Sscanf(numbers, "C%d", &from); err != nil {
				t.Fatalf("%s: no number", numbers)
			}
			to = from
		}
		for n := from; n <= to; n++ {
			number := fmt.Sprintf("C%02d", n)
			if met[number] {
				t.Errorf("%s is tested here, and listed as tested elsewhere", number)
			}
			met[number] = true
		}
	}
	for n := 1; n <= 170; n++ {
		if number := fmt.Sprintf("C%02d", n); !met[number] {
			t.Errorf("%s is tested nowhere", number)
		}
	}
}

func runConformance(t *testing.T, tt conformance, data string) {
	t.Helper()
	hunt := conformanceFiles.Replace(tt.hunt)
	hunt = strings.NewReplacer("{DATA}", data, "{OUT}", t.TempDir()).Replace(hunt)
	var o outcome
	for text := range strings.SplitSeq(hunt, "\n===\n") {
		o = outcome{session: openAt(t, data), before: o.result}
		for block := range strings.SplitSeq(text, "\n---\n") {
			o.result, o.err = o.session.Execute(t.Context(), block)
		}
	}
	if word, ok := o.notYet(); ok {
		t.Skipf("%s does not run yet", word)
	}
	if !strings.Contains(tt.want, "fails") && o.err != nil {
		t.Fatalf("%s\n%v", hunt, o.err)
	}
	for line := range strings.SplitSeq(tt.want, "\n") {
		if fault := o.check(t, strings.TrimSpace(line)); fault != "" {
			t.Errorf("%s\n%s", fault, hunt)
		}
	}
}

// openAt returns a session whose clock stands still and whose relative paths
// start at a folder.
func openAt(t *testing.T, dir string) *kestrel.Session {
	t.Helper()
	session, err := kestrel.New(kestrel.Config{
		Drivers: standard.Drivers(), Dir: dir, TempDir: t.TempDir(),
		Now: func() time.Time { return time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := session.Close(); err != nil {
			t.Error(err)
		}
	})
	return session
}

// An outcome is what became of a hunt.
type outcome struct {
	session *kestrel.Session
	result  *kestrel.Result
	err     error
	before  *kestrel.Result // of the session before
}

// notYet returns the text of a step that this version does not run.
func (o outcome) notYet() (string, bool) {
	for _, d := range o.result.Diagnostics {
		if d.Code == diag.NotSupported {
			return d.Span.Text(), true
		}
	}
	return "", false
}

// check says in what one expectation is not met; "" if it is.
func (o outcome) check(t *testing.T, want string) string {
	t.Helper()
	if class, ok := strings.CutPrefix(want, "fails"); ok {
		return o.checkFailure(strings.TrimSpace(class))
	}
	if line, ok := strings.CutPrefix(want, "shows "); ok {
		if shown := lines(t, o.result); !slices.Contains(shown, line) {
			return fmt.Sprintf("no display has the line %q:\n%s", line, strings.Join(shown, "\n"))
		}
		return ""
	}
	if text, ok := strings.CutPrefix(want, "warns "); ok {
		for _, d := range o.result.Diagnostics {
			if d.Severity != diag.Error && strings.Contains(d.Message+d.Hint, text) {
				return ""
			}
		}
		return fmt.Sprintf("nothing is said of %s: %v", text, o.result.Diagnostics)
	}
	if want == "repeats" {
		if a, b := lines(t, o.before), lines(t, o.result); !slices.Equal(a, b) {
			return fmt.Sprintf("the first session shows\n%s\nthe second\n%s", strings.Join(a, "\n"), strings.Join(b, "\n"))
		}
		return ""
	}
	if attr, values, ok := strings.Cut(want, " = "); ok {
		if got := strings.TrimSpace(strings.Join(o.values(t, attr), ", ")); got != values {
			return fmt.Sprintf("%s is %q, want %q", attr, got, values)
		}
		return ""
	}
	if attr, values, ok := strings.Cut(want, " ~ "); ok {
		got := slices.Sorted(slices.Values(o.values(t, attr)))
		if strings.Join(got, ", ") != values {
			return fmt.Sprintf("%s is, sorted, %q, want %q", attr, strings.Join(got, ", "), values)
		}
		return ""
	}
	if name, typ, ok := strings.Cut(want, ": "); ok {
		if v := o.variable(name); v.Type != typ {
			return fmt.Sprintf("%s is of type %q, want %q", name, v.Type, typ)
		}
		return ""
	}
	return o.checkCount(want)
}

func (o outcome) checkFailure(class string) string {
	if o.err == nil {
		return "the hunt runs"
	}
	for _, d := range o.result.Diagnostics {
		if d.Severity != diag.Error {
			continue
		}
		if got := diag.Class(d.Code); got != class {
			return fmt.Sprintf("fails with %q (%v), want %q", got, o.err, class)
		}
		return ""
	}
	return fmt.Sprintf("fails without a diagnostic: %v", o.err)
}

// checkCount checks "v 3" or "v 3/5".
func (o outcome) checkCount(want string) string {
	name, count, _ := strings.Cut(want, " ")
	v := o.variable(name)
	got := fmt.Sprint(v.Entities)
	if strings.Contains(count, "/") {
		got = fmt.Sprintf("%d/%d", v.Entities, v.Records)
	}
	if v.Name == "" || got != count {
		return fmt.Sprintf("%s has %s entities, want %s", name, got, count)
	}
	return ""
}

func (o outcome) variable(name string) kestrel.Variable {
	for _, v := range o.session.Variables() {
		if v.Name == name {
			return v
		}
	}
	return kestrel.Variable{}
}

// values returns the values of an attribute of a variable, as people read them.
func (o outcome) values(t *testing.T, path string) []string {
	t.Helper()
	name, attr, _ := strings.Cut(path, ".")
	table, err := o.session.Entities(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	col := slices.Index(table.Columns, attr)
	var out []string
	for _, row := range table.Rows {
		if col < 0 {
			return []string{"no " + attr}
		}
		out = append(out, row[col].String())
	}
	return out
}

// lines returns the lines of all displays with white space collapsed.
func lines(t *testing.T, r *kestrel.Result) []string {
	t.Helper()
	var b strings.Builder
	if err := display.WriteText(&b, r.Displays, display.Style{}); err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(b.String()) {
		out = append(out, strings.Join(strings.Fields(line), " "))
	}
	return out
}

// conformances returns all cases, in their order.
func conformances() []conformance {
	return slices.Concat(conformanceOfInput, conformanceOfGet, conformanceOfFind, conformanceOfTables)
}

// conformanceElsewhere says where the cases are tested that are not run here.
var conformanceElsewhere = map[string]string{
	"C01-C24":   "syntax: TestParse, TestFaults and TestPatterns name them",
	"C26":       "syntax: TestParse",
	"C111-C119": "TestGroupConformance",
	"C121-C125": "TestGroupConformance",
	"C128":      "TestGroupConformance",
	"C137-C138": "TestGroupConformance",
	"C143":      "display: TestDurationText",
	"C110":      "needs a bundle of the public network",
	"C145":      "needs a bundle of the public network",
	"C147-C152": "APPLY does not run yet: internal/engine tests that it says so",
	"C154-C157": "internal/config: the settings and their variables; folder_test.go: folders and debug mode",
	"C159-C161": "datasource/profile, internal/config, cmd/kestrel: source check",
	"C162":      "datasource/profile: TestSeveral, over recorded answers in place of the public network",
	"C163-C164": "completion is not there yet",
}
