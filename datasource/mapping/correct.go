// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"io/fs"

	"go.yaml.in/yaml/v3"
)

// A correction changes the rules of one field of a shipped table.
type correction struct {
	field   string
	why     string
	replace bool
	rules   []Rule
}

// correct applies the corrections of a connector, if it has any. Those of fields
// leave a table alone that was put in the place of the shipped one.
func (t *Table) correct(connector string, opts Options) error {
	name := connector + ".corrections.yaml"
	if _, err := fs.Stat(data, "data/"+name); err != nil {
		return nil // there are none
	}
	file, err := shipped(name)
	if err != nil {
		return err
	}
	f := &faults{file: file.Name}
	root := f.parse(file.Text)
	if root == nil {
		return f.err()
	}
	f.pairs(root, "the table", func(key, value *yaml.Node) {
		switch key.Value {
		case "format":
			f.format(value, "kestrel-map-corrections/1")
		case "connector":
			f.text(value, "connector")
		case "fields":
			if opts.To == nil {
				t.correctFields(f, value)
			}
		case "aliases":
			t.readAliases(f, value)
		default:
			f.unknown(key, "the table", "format", "connector", "fields", "aliases")
		}
	})
	return f.err()
}

func (t *Table) correctFields(f *faults, n *yaml.Node) {
	if n.Kind != yaml.SequenceNode {
		f.add(n.Line, "fields is %s, expected a list of corrections", kindOf(n))
		return
	}
	for _, item := range n.Content {
		c := readCorrection(f, item)
		if c.field == "" || c.why == "" {
			f.add(item.Line, "a correction needs field and why")
			continue
		}
		if !c.replace {
			c.rules = append(t.to.of(c.field), c.rules...)
		}
		t.to.replace(c.field, c.rules)
	}
}

// of returns a copy of the rules of a field.
func (t *toTable) of(field string) []Rule {
	var out []Rule
	for i := range t.rules {
		if t.rules[i].Field == field {
			out = append(out, t.rules[i])
		}
	}
	return out
}

func readCorrection(f *faults, n *yaml.Node) correction {
	var c correction
	var rules *yaml.Node
	f.pairs(n, "a correction", func(key, value *yaml.Node) {
		switch key.Value {
		case "field":
			c.field = f.text(value, key.Value)
		case "why":
			c.why = f.text(value, key.Value)
		case "rules", "add":
			rules, c.replace = value, key.Value == "rules"
		default:
			f.unknown(key, "a correction", "field", "why", "rules", "add")
		}
	})
	if rules != nil && !isNull(rules) {
		c.rules = readRules(f, &yaml.Node{Value: c.field}, rules)
	}
	return c
}

// readAliases reads other spellings of attributes: type:attr to type:attr.
func (t *Table) readAliases(f *faults, n *yaml.Node) {
	t.aliases = make(map[string]string)
	f.pairs(n, "aliases", func(key, value *yaml.Node) {
		t.aliases[canonical(key.Value)] = f.text(value, key.Value)
	})
}
