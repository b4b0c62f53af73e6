// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package kestrel_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	modulePath = "github.com/kestrelhunt/kestrel"
	duckPath   = "internal/duck"
	oraclePath = "internal/oracle"
	suitePath  = "datasource/datasourcetest"
)

// TestFloors holds the imports of every package against the table of floors in
// ARCHITECTURE.md.
func TestFloors(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := parseFloors(string(text))
	if err != nil {
		t.Fatalf("ARCHITECTURE.md: %v", err)
	}
	imports, err := readImports(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range checkFloors(rows, imports) {
		t.Error(fault)
	}
}

// A floorRow is one line of the table: the floor of a package and what is said
// about it. Same lists the packages of its own floor that it may import.
type floorRow struct {
	floor int
	path  string // relative to the module, "." for its root
	same  []string
}

var (
	floorHeading = regexp.MustCompile(`(?m)^#+ +.*\bFloors\b.*$`)
	floorLine    = regexp.MustCompile(`^([0-9]) +(\S+)(?: +(.*))?$`)
	sameFloor    = regexp.MustCompile(`\(same floor: ([^)]*)\)`)
)

// parseFloors reads the first fenced block below the heading Floors. A line
// there is a digit, a path, and a description; a line that begins with a blank
// continues the description. A description may end in "(same floor: a, b)".
func parseFloors(text string) ([]floorRow, error) {
	at := floorHeading.FindStringIndex(text)
	if at == nil {
		return nil, fmt.Errorf("no heading Floors")
	}
	_, block, ok := strings.Cut(text[at[1]:], "\n```")
	if !ok {
		return nil, fmt.Errorf("no table below the heading Floors")
	}
	block, _, ok = strings.Cut(block, "\n```")
	if !ok {
		return nil, fmt.Errorf("the table of floors does not end")
	}
	_, block, _ = strings.Cut(block, "\n") // the rest of the opening fence
	var rows []floorRow
	seen := map[string]bool{}
	for line := range strings.Lines(block) {
		line = strings.TrimRight(line, "\r\n")
		if len(rows) > 0 && strings.HasPrefix(line, " ") {
			rows[len(rows)-1].note(line)
			continue
		}
		m := floorLine.FindStringSubmatch(line)
		if m == nil {
			return nil, fmt.Errorf("line %q is not: digit, path, description", line)
		}
		row := floorRow{floor: int(m[1][0] - '0'), path: m[2]}
		row.note(m[3])
		if seen[row.path] {
			return nil, fmt.Errorf("package %s has two rows", row.path)
		}
		seen[row.path] = true
		rows = append(rows, row)
	}
	return rows, nil
}

// note reads what a piece of description allows.
func (r *floorRow) note(description string) {
	if m := sameFloor.FindStringSubmatch(description); m != nil {
		for p := range strings.SplitSeq(m[1], ",") {
			r.same = append(r.same, strings.TrimSpace(p))
		}
	}
}

// goImports is what the files of one directory import. The keys are whole
// import paths; the values name one file each, for the report.
type goImports struct {
	code  map[string]string // by files that are no tests
	tests map[string]string // by _test.go files
}

// readImports returns the imports of every directory of the module with Go
// files in it, whatever their build tags, by path relative to the module.
// It leaves out what the go command does: testdata, other modules, and names
// that begin with a dot or an underscore.
func readImports(root string) (map[string]*goImports, error) {
	dirs := map[string]*goImports{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name != root && isForeign(name) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasPrefix(d.Name(), "_") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, filepath.Dir(name))
		if err != nil {
			return err
		}
		dir := filepath.ToSlash(rel)
		if dirs[dir] == nil {
			dirs[dir] = &goImports{code: map[string]string{}, tests: map[string]string{}}
		}
		to := dirs[dir].code
		if strings.HasSuffix(name, "_test.go") {
			to = dirs[dir].tests
		}
		to[""] = d.Name() // a package without imports is a package too
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			to[imported] = d.Name()
		}
		return nil
	})
	return dirs, err
}

func isForeign(dir string) bool {
	base := filepath.Base(dir)
	if base == "testdata" || base == "vendor" || base[0] == '.' || base[0] == '_' {
		return true
	}
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

// checkFloors returns what is wrong, in order.
func checkFloors(rows []floorRow, imports map[string]*goImports) []string {
	table := map[string]floorRow{}
	var faults []string
	for _, row := range rows {
		table[row.path] = row
		if dir := imports[row.path]; dir == nil || len(dir.code) == 0 {
			faults = append(faults, fmt.Sprintf("the table of floors names %s, but there is no such package", row.path))
		}
	}
	for _, from := range slices.Sorted(maps.Keys(imports)) {
		dir := imports[from]
		if _, ok := table[from]; !ok && len(dir.code) > 0 {
			faults = append(faults, fmt.Sprintf("package %s is missing from the table of floors", from))
			continue
		}
		faults = append(faults, checkDirections(table, from, dir)...)
		faults = append(faults, checkSecluded(from, dir)...)
	}
	return faults
}

// checkDirections returns the imports of package from that do not lead down.
func checkDirections(table map[string]floorRow, from string, dir *goImports) []string {
	var faults []string
	row := table[from]
	for _, imported := range slices.Sorted(maps.Keys(dir.code)) {
		to, ours := ownPath(imported)
		if !ours {
			continue
		}
		target, known := table[to]
		if !known || target.floor < row.floor {
			continue // a package without a row is reported by itself
		}
		if target.floor == row.floor && slices.Contains(row.same, to) {
			continue
		}
		faults = append(faults, fmt.Sprintf("%s imports %s: package %s is on floor %d, %s on floor %d",
			path.Join(from, dir.code[imported]), to, from, row.floor, to, target.floor))
	}
	return faults
}

// checkSecluded returns the imports of package from that reach what one room
// keeps for itself: DuckDB, and what is for tests.
func checkSecluded(from string, dir *goImports) []string {
	var faults []string
	for _, files := range []map[string]string{dir.code, dir.tests} {
		for _, imported := range slices.Sorted(maps.Keys(files)) {
			if strings.HasPrefix(imported, "github.com/duckdb/") && from != duckPath {
				faults = append(faults, fmt.Sprintf("%s imports %s: only %s may",
					path.Join(from, files[imported]), imported, duckPath))
			}
		}
	}
	for _, own := range []string{oraclePath, suitePath} {
		if file, ok := dir.code[modulePath+"/"+own]; ok && !strings.HasSuffix(from, "test") {
			faults = append(faults, fmt.Sprintf("%s imports %s: only tests may", path.Join(from, file), own))
		}
	}
	return faults
}

// ownPath returns the path of a package of this module relative to it.
func ownPath(imported string) (string, bool) {
	if imported == modulePath {
		return ".", true
	}
	return strings.CutPrefix(imported, modulePath+"/")
}

func TestParseFloors(t *testing.T) {
	t.Parallel()
	text := "# House\n\n## Floors\n\nThe digit is the floor.\n\n```text\n" +
		"9  cmd/kestrel  the program\n" +
		"5  driver/http  what drivers share\n   (same floor: driver/file, driver/zip)\n" +
		"0  .\n```\n"
	got, err := parseFloors(text)
	if err != nil {
		t.Fatalf("parseFloors: %v", err)
	}
	want := []floorRow{
		{floor: 9, path: "cmd/kestrel"},
		{floor: 5, path: "driver/http", same: []string{"driver/file", "driver/zip"}},
		{floor: 0, path: "."},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(floorRow{})); diff != "" {
		t.Errorf("parseFloors: -want +got\n%s", diff)
	}
}

func TestParseFloorsRejects(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text string }{
		{"no heading", "# House\n\n```\n1  a  b\n```\n"},
		{"no table", "## Floors\n\nnone\n"},
		{"open table", "## Floors\n\n```\n1  a  b\n"},
		{"line without digit", "## Floors\n\n```\na  b  c\n```\n"},
		{"package twice", "## Floors\n\n```\n1  a  b\n2  a  b\n```\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if rows, err := parseFloors(tt.text); err == nil {
				t.Errorf("parseFloors(%q) = %v, want an error", tt.text, rows)
			}
		})
	}
}

func TestCheckFloors(t *testing.T) {
	t.Parallel()
	own := func(p string) string { return modulePath + "/" + p }
	code := func(imported ...string) *goImports {
		dir := &goImports{code: map[string]string{"": "a.go"}, tests: map[string]string{}}
		for _, p := range imported {
			dir.code[p] = "a.go"
		}
		return dir
	}
	tested := func(imported string) *goImports {
		dir := code()
		dir.tests[imported] = "a_test.go"
		return dir
	}
	rows := []floorRow{
		{floor: 2, path: "high"}, {floor: 1, path: "low"},
		{floor: 1, path: "mate", same: []string{"low"}},
		{floor: 1, path: oraclePath}, {floor: 1, path: duckPath},
	}
	tests := []struct {
		name   string
		change map[string]*goImports
		want   []string
	}{
		{"downward", map[string]*goImports{"high": code(own("low"), own("mate"))}, nil},
		{"same floor, allowed", map[string]*goImports{"mate": code(own("low"))}, nil},
		{"same floor", map[string]*goImports{"low": code(own("mate"))},
			[]string{"low/a.go imports mate: package low is on floor 1, mate on floor 1"}},
		{"upward", map[string]*goImports{"low": code(own("high"))},
			[]string{"low/a.go imports high: package low is on floor 1, high on floor 2"}},
		{"not in the table", map[string]*goImports{"new": code(own("high"))},
			[]string{"package new is missing from the table of floors"}},
		{"only tests, not in the table", map[string]*goImports{"new": {tests: map[string]string{"": "a_test.go"}}}, nil},
		{"not in the tree", map[string]*goImports{"low": nil},
			[]string{"the table of floors names low, but there is no such package"}},
		{"duckdb elsewhere", map[string]*goImports{"low": tested("github.com/duckdb/duckdb-go/v2")},
			[]string{"low/a_test.go imports github.com/duckdb/duckdb-go/v2: only internal/duck may"}},
		{"duckdb in its room", map[string]*goImports{duckPath: code("github.com/duckdb/duckdb-go/v2")}, nil},
		{"oracle", map[string]*goImports{"high": code(own(oraclePath))},
			[]string{"high/a.go imports internal/oracle: only tests may"}},
		{"oracle in a test", map[string]*goImports{"high": tested(own(oraclePath))}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			imports := map[string]*goImports{
				"high": code(), "low": code(), "mate": code(), oraclePath: code(), duckPath: code(),
			}
			for dir, files := range tt.change {
				imports[dir] = files
				if files == nil {
					delete(imports, dir)
				}
			}
			if diff := cmp.Diff(tt.want, checkFloors(rows, imports)); diff != "" {
				t.Errorf("checkFloors: -want +got\n%s", diff)
			}
		})
	}
}
