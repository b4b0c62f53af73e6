// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kestrelhunt/kestrel/entity"
)

// A Rule says what the value of one native field means for one object of the
// record, or for the record itself.
type Rule struct {
	Field    string // dotted path in the native record
	Observed string // property of the record, and then nothing of the following

	Slot string // the object; all rules with the same slot write into the same
	Type string // its type
	Prop string // dotted property, as the table writes it

	Refs []string // slots that the property refers to; nil for a value
	Many bool     // the property is a list of references

	Conv     string // name of a converter; "" takes the value as it is
	Const    *entity.Value
	Collect  bool // append to a list
	Spread   bool // one object for each element
	Fallback bool // only if no other rule gives a value

	line int
}

// A toTable holds the rules of all fields, in the order of the file.
type toTable struct {
	file  string
	rules []Rule
}

// ruleKeys are the keys of a rule in the format kestrel-map-to/1; fallback is
// of our corrections alone.
var ruleKeys = []string{
	"observed", "slot", "type", "prop", "ref", "refs", "conv", "const", "collect", "spread", "fallback",
}

// parseTo reads a table of the format kestrel-map-to/1.
func parseTo(file File, stix21 bool) (*toTable, error) {
	f := &faults{file: file.Name}
	t := &toTable{file: file.Name}
	root := f.parse(file.Text)
	if root == nil {
		return nil, f.err()
	}
	var fields, changes *yaml.Node
	f.pairs(root, "the table", func(key, value *yaml.Node) {
		switch key.Value {
		case "format":
			f.format(value, "kestrel-map-to/1")
		case "connector":
			f.text(value, "connector")
		case "fields":
			fields = value
		case "stix21_changes":
			changes = value
		default:
			f.unknown(key, "the table", "format", "connector", "fields", "stix21_changes")
		}
	})
	if fields == nil {
		f.add(root.Line, "the table has no fields")
		return nil, f.err()
	}
	t.readFields(f, fields)
	if changes != nil && stix21 {
		t.readFields(f, changes)
	}
	return t, f.err()
}

// readFields reads the rules of fields in place of those that stand there; null
// removes a field.
func (t *toTable) readFields(f *faults, n *yaml.Node) {
	f.pairs(n, "fields", func(key, value *yaml.Node) {
		if isNull(value) {
			t.replace(key.Value, nil)
			return
		}
		t.replace(key.Value, readRules(f, key, value))
	})
}

// replace puts rules in the place of those of a field, or at the end.
func (t *toTable) replace(field string, rules []Rule) {
	at := slices.IndexFunc(t.rules, func(r Rule) bool { return r.Field == field })
	if at < 0 {
		t.rules = append(t.rules, rules...)
		return
	}
	end := at
	for end < len(t.rules) && t.rules[end].Field == field {
		end++
	}
	t.rules = slices.Replace(t.rules, at, end, rules...)
}

// setTime lets a field say when a record was seen, and no other.
func (t *toTable) setTime(field string) {
	t.rules = slices.DeleteFunc(t.rules, func(r Rule) bool {
		return r.Observed == "first_observed" || r.Observed == "last_observed"
	})
	t.rules = append(t.rules, Rule{Field: field, Observed: "first_observed"}, Rule{Field: field, Observed: "last_observed"})
}

func readRules(f *faults, field, n *yaml.Node) []Rule {
	if n.Kind != yaml.SequenceNode {
		f.add(n.Line, "%s is %s, expected a list of rules", field.Value, kindOf(n))
		return nil
	}
	var rules []Rule
	for _, item := range n.Content {
		r := Rule{Field: field.Value, line: item.Line}
		before := len(f.list)
		f.pairs(item, "rule of "+field.Value, func(key, value *yaml.Node) { r.read(f, key, value) })
		if len(f.list) == before && r.check(f) {
			rules = append(rules, r)
		}
	}
	return rules
}

// read takes one key of a rule.
func (r *Rule) read(f *faults, key, value *yaml.Node) {
	switch key.Value {
	case "observed":
		r.Observed = f.text(value, key.Value)
	case "slot":
		r.Slot = f.text(value, key.Value)
	case "type":
		r.Type = f.text(value, key.Value)
	case "prop":
		r.Prop = f.text(value, key.Value)
	case "ref", "refs":
		r.Refs = append(r.Refs, f.texts(value, key.Value)...)
	case "conv":
		r.Conv = f.text(value, key.Value)
	case "const":
		r.Const = readConst(f, value)
	case "collect":
		r.Collect = f.truth(value, key.Value)
	case "spread":
		r.Spread = f.truth(value, key.Value)
	case "fallback":
		r.Fallback = f.truth(value, key.Value)
	default:
		f.unknown(key, "a rule", ruleKeys...)
	}
}

func readConst(f *faults, n *yaml.Node) *entity.Value {
	var v entity.Value
	switch n.Tag {
	case "!!str":
		v = entity.StringValue(n.Value)
	case "!!bool":
		v = entity.BoolValue(f.truth(n, "const"))
	case "!!int":
		i, err := strconv.ParseInt(n.Value, 10, 64)
		if err != nil {
			f.add(n.Line, "const %s is no number of 64 bits", n.Value)
		}
		v = entity.IntValue(i)
	default:
		f.add(n.Line, "const is %s, expected a text, an integer or a boolean", kindOf(n))
	}
	return &v
}

// observedProps are the properties of a record that a rule may set.
var observedProps = []string{"first_observed", "last_observed", "number_observed", "created", "modified"}

// check reports what is missing in a rule, or contradicts itself.
func (r *Rule) check(f *faults) bool {
	before := len(f.list)
	switch {
	case r.Observed != "":
		if !contains(observedProps, r.Observed) {
			f.add(r.line, "a record has no property %s, only %s", r.Observed, strings.Join(observedProps, ", "))
		}
		if r.Slot != "" || r.Type != "" || r.Prop != "" {
			f.add(r.line, "rule of %s sets both the record and an object", r.Field)
		}
	case r.Slot == "" || r.Type == "" || r.Prop == "":
		f.add(r.line, "rule of %s needs slot, type and prop", r.Field)
	case r.Refs != nil && (r.Conv != "" || r.Const != nil):
		f.add(r.line, "rule of %s has both a reference and a value", r.Field)
	}
	if r.Conv != "" && !isConverter(r.Conv) {
		unknownConverter(f, r)
	}
	r.Many = strings.HasSuffix(r.Prop, "_refs")
	return len(f.list) == before
}
