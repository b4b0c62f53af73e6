// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"slices"
	"strings"
	"testing"

	"github.com/kestrelhunt/kestrel/diag"
)

var wantKinds = [...]string{
	"keyword", "sign", "target", "variable", "type", "relation", "attribute", "source", "analytics",
	"path", "value", "integer", "time", "key", "alias", "data",
}

// expectedAt returns the wants at the end of a text, one word each.
func expectedAt(text string) (wants string, e Expectation) {
	e = Expected(&diag.File{Text: text}, len(text))
	var list []string
	for _, w := range e.Wants {
		if w.Text != "" {
			list = append(list, w.Text)
		} else {
			list = append(list, "<"+wantKinds[w.Kind]+">")
		}
	}
	return strings.Join(list, " "), e
}

const (
	stepStarts = "GET FIND NEW LOAD SORT GROUP JOIN SAVE INFO DISP DESCRIBE APPLY EXPLAIN WHY <target>"
	operand    = "<variable> TIMESTAMPED ADDOBSID RECORDS"
	operators  = "= != < <= > >= IN LIKE MATCHES ISSUBSET ISSUPERSET IS NOT"
	unitList   = "D DAY DAYS H HOUR HOURS M MINUTE MINUTES S SECOND SECONDS"
)

func TestExpected(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want string // all wants; what begins with + must be among them
	}{
		{"", stepStarts},
		{"g", stepStarts},
		{"x ", "="},
		{"x = ", operand + " GET FIND NEW LOAD SORT GROUP JOIN"},
		{"x = G", operand + " GET FIND NEW LOAD SORT GROUP JOIN"},
		{"x = conns ", "+ WHERE ATTR SORT LIMIT OFFSET + DISP <target>"},
		{"disp ", operand},
		{"disp conns ", "+ WHERE ATTR SORT LIMIT OFFSET"},
		{"disp conns AT", "+ WHERE ATTR SORT LIMIT OFFSET"},
		{"disp conns attr ", "<attribute>"},
		{"disp conns attr pid, na", "<attribute>"},
		{"disp conns attr src_ref.", "<attribute>"},
		{"disp conns attr src_ref.va", "<attribute>"},
		{"disp conns limit ", "<integer>"},
		{"disp conns sort ", "BY"},
		{"disp conns sort by ", "<attribute>"},
		{"disp conns sort by pid ", "+ ASC DESC LIMIT OFFSET"},
		{"get ", "<type>"},
		{"find ", "<type>"},
		{"new ", "<type> ["},
		{"load a.csv as ", "<type>"},
		{"get url ", "FROM WHERE"},
		{"get url FROM ", "<source>"},
		{"get url FROM stixshifter://", "<source>"},
		{"get url FROM stixshifter://ho", "<source>"},
		{"get url FROM file:///tmp/a", "<source>"},
		{"get url FROM 'file:///a b", "<source>"},
		{"get url where ", "<attribute>"},
		{"get url where na", "<attribute>"},
		{"get url where process:", "<attribute>"},
		{"get url where name ", operators},
		{"get url where name not ", "IN LIKE MATCHES ISSUBSET ISSUPERSET"},
		{"get url where name is ", "NULL NOT"},
		{"get url where name = ", "<value>"},
		{"get url where name = c", "<value>"},
		{"get url where name = conns.", "<attribute>"},
		{"get url where name in ('a', ", "<value>"},
		{"get url where name='a' ", "+ AND OR START LAST LIMIT"},
		{"get url where name='a", "<value>"},
		{"get url where (name='a' ", "AND OR )"},
		{"get url where name='a' START ", "<time>"},
		{"get url where name='a' START t'2021-05", "<time>"},
		{"get url where name='a' START 2021-05", "<time>"},
		{"get url where name='a' START 2021-05-01T00:00:00Z ", "STOP"},
		{"get url where name='a' LAST ", "<integer>"},
		{"get url where name='a' LAST 5 ", unitList},
		{"get url where name='a' LAST 5d", unitList},
		{"find process ", "<relation>"},
		{"find process cr", "<relation>"},
		{"find process created ", "<variable> BY"},
		{"find process created by conns ", "+ WITHIN WHERE START LAST LIMIT"},
		{"find process created by conns within 3 ", "HOPS HOP"},
		{"sort conns ", "BY"},
		{"group conns ", "BY"},
		{"join x, y ", "+ BY"},
		{"group conns by ", "<attribute> BIN"},
		{"group conns by a ", "+ , WITH"},
		{"group conns by a with ", "MIN MAX SUM AVG COUNT NUNIQUE"},
		{"group conns by a with count(b) as ", "<alias>"},
		{"join x,", "<variable>"},
		{"join x, y by a ", ","},
		{"load ", "<path>"},
		{"load /p.csv ", "+ AS"},
		{"save conns ", "TO"},
		{"apply ", "<analytics>"},
		{"apply pyth", "<analytics>"},
		{"apply python://enr", "<analytics>"},
		{"apply x on ", "<variable>"},
		{"apply x on c ", "+ , WITH"},
		{"apply x on c with ", "<key>"},
		{"apply x on c with a", "<key>"},
		{"apply x on c with a=", "<value>"},
		{"describe ", "<variable>"},
		{"describe x.", "<attribute>"},
		{"explain ", "<variable> ANALYZE"},
		{"explain analyze ", "+ <variable>"},
		{"why x[", "<integer>"},
		{"new process [", "<data>"},
		{"new process [{", "<data>"},
		{"new process [{'a': ", "<value>"},
		{"disp conns # a comment", ""},
		{"disp conns nonsense and mo", ""},
		{"disp conns nonsense\n", stepStarts},
		{"disp conns\nx = ", operand + " GET FIND NEW LOAD SORT GROUP JOIN"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			got, _ := expectedAt(tt.text)
			some, among := strings.CutPrefix(tt.want, "+ ")
			if !among && sorted(got) != sorted(tt.want) {
				t.Errorf("Expected(%q) = %s, want %s", tt.text, got, tt.want)
			}
			for w := range strings.FieldsSeq(some) {
				if among && !strings.Contains(" "+got+" ", " "+w+" ") {
					t.Errorf("Expected(%q) = %s, want %s among them", tt.text, got, w)
				}
			}
		})
	}
}

func sorted(words string) string {
	list := strings.Fields(words)
	slices.Sort(list)
	return strings.Join(list, " ")
}

// TestExpectedContext checks what completion needs to know besides the wants.
func TestExpectedContext(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text, replace string
	}{
		{"x = G", "G"},
		{"disp ", ""},
		{"disp conns attr a, src_ref.va", "src_ref.va"},
		{"disp conns attr src_ref.", "src_ref."},
		{"get url FROM stixshifter://", "stixshifter://"},
		{"get url where a = 1 START t'2021-05", "t'2021-05"},
		{"get url where a = b.c", "c"},
	} {
		if _, e := expectedAt(tt.text); e.Replace.Text() != tt.replace {
			t.Errorf("Expected(%q) would replace %q, want %q", tt.text, e.Replace.Text(), tt.replace)
		}
	}
	_, e := expectedAt("a = b\nget url where name = conns.")
	if e.Of == nil || e.Of.Name != "conns" {
		t.Errorf("in a reference, Expected is of %v, want conns", e.Of)
	}
	if s, ok := e.Stmt.(*GetStmt); !ok || s.Type.Name != "url" {
		t.Errorf("the step is %#v, want GET url", e.Stmt)
	}
	_, e = expectedAt("disp conns attr ")
	if s, ok := e.Stmt.(*DispStmt); !ok || s.Expr.Var.Name != "conns" {
		t.Errorf("the step is %#v, want DISP conns", e.Stmt)
	}
}

// TestExpectedBefore checks that what follows the place does not count.
func TestExpectedBefore(t *testing.T) {
	t.Parallel()
	const text = "DISP conns ATTR pid"
	e := Expected(&diag.File{Text: text}, len("DISP "))
	if len(e.Wants) == 0 || e.Wants[0].Kind != WantVariable {
		t.Errorf("Expected behind DISP = %v, want a variable first", e.Wants)
	}
}
