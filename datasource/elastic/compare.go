// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package elastic

import (
	"fmt"
	"regexp/syntax"
	"slices"

	"github.com/kestrelhunt/kestrel/datasource/mapping"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

// A comparison is one comparison of a pattern, ready to be asked of fields.
type comparison struct {
	op      stix.Op
	any     bool // any value will do: EXISTS, != and NOT are asked so
	values  []entity.Value
	payload bool   // LIKE and MATCHES look at what base64 stands for
	glob    glob   // of LIKE, and of MATCHES with a literal alone
	lucene  lucene // of other MATCHES
	isGlob  bool
	numeric bool // LIKE and MATCHES may accept the text of a number
	weak    bool // expressions are too much for the server
}

// newComparison reads a comparison. An != or a NOT asks for any value: what else
// a record has is decided when it is here, since a list that holds the value may
// well hold others.
func newComparison(c *stix.Comparison, weak bool) (*comparison, error) {
	out := &comparison{op: c.Op, any: c.Not || c.Op == stix.NotEqual, weak: weak}
	var err error
	if out.values, err = constants(nil, c.Value); err != nil {
		return nil, err
	}
	if len(out.values) == 0 || len(out.values) > 1 && c.Op != stix.In {
		return nil, fmt.Errorf("elastic: translate %s: have %d values", c.Op, len(out.values))
	}
	if n := len(c.Path.Steps); n > 0 && c.Path.Steps[n-1].Name == "payload_bin" {
		out.payload = true
	}
	switch c.Op {
	case stix.Like:
		out.glob, out.isGlob = newGlob(out.values[0].String()), true
		out.numeric = out.glob.acceptsNumbers()
	case stix.Matches:
		return out, out.expression()
	}
	return out, nil
}

// acceptsLong reports whether long texts may satisfy the comparison.
func (c *comparison) acceptsLong() bool {
	if c.any || c.op == stix.Matches {
		return true
	}
	if c.op == stix.Like {
		_, literal := c.glob.literal()
		return !literal
	}
	return slices.ContainsFunc(c.values, func(v entity.Value) bool { return len(v.Text()) > shortText })
}

// expression prepares MATCHES.
func (c *comparison) expression() error {
	text := c.values[0].String()
	re, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return fmt.Errorf("elastic: translate MATCHES: %w", err)
	}
	c.numeric = !needsOther(re)
	re = flat(re)
	stable := !slices.ContainsFunc(re.Rune, func(r rune) bool { return !isStable(r) })
	if re.Op == syntax.OpLiteral && re.Flags&syntax.FoldCase == 0 && stable {
		c.glob, c.isGlob = glob{[]string{"", string(re.Rune), ""}}, true
		return nil
	}
	c.lucene, err = newLucene(text)
	return err
}

// constants appends the values of an operand.
func constants(out []entity.Value, o stix.Operand) ([]entity.Value, error) {
	switch o := o.(type) {
	case *stix.Literal:
		if o.Value.Kind() == entity.JSON {
			return append(out, entity.StringValue(o.Value.Text())), nil // lists compare as their text
		}
		return append(out, o.Value), nil
	case *stix.List:
		for _, item := range o.Items {
			var err error
			if out, err = constants(out, item); err != nil {
				return nil, err
			}
		}
		return out, nil
	default: // nothing to do for the others
	}
	return nil, fmt.Errorf("elastic: translate operand %T: it has no values yet", o)
}

// of appends which documents may give a record a value through a target that
// satisfies the comparison.
func (c *comparison) of(dst []*clause, t *mapping.Target, fields []field) []*clause {
	for _, f := range fields {
		switch {
		case f.kind == unsearchable:
			dst = append(dst, everything)
		case c.any || t.Const != nil:
			dst = append(dst, existsLeaf(f), hiddenLeaf(f))
		case t.List && !t.Elements:
			dst = append(dst, c.ofList(t.Conv, f))
		default:
			dst = append(dst, c.ofScalar(t.Conv, f))
			if f.kind != keywordKind && f.kind != textKind {
				dst = append(dst, hiddenLeaf(f)) // a value of another kind, which the index left out
			}
			if t.Conv == "" && !t.Elements {
				dst = append(dst, c.ofList("", f)) // some documents have several values
			}
		}
	}
	return dst
}

// ofScalar is of for a single value behind a converter.
func (c *comparison) ofScalar(conv string, f field) *clause {
	switch conv {
	case "", "keep_ipv4", "keep_ipv6", "filter_ipv4", "filter_ipv6", "first_of_list", "wrap_list":
		return c.plain(f, false)
	case "str":
		return c.plain(f, true)
	case "int":
		return c.integer(f)
	}
	if f.kind != keywordKind {
		return present(f)
	}
	switch conv {
	case "basename":
		return c.baseName(f)
	case "dirname":
		return c.dirName(f)
	case "lower_list":
		return c.lowered(f)
	case "base64":
		return c.encoded(f)
	case "domain_of":
		return c.host(f)
	case "regkey_from_path", "regkey_expand_hive":
		return c.registryKey(f)
	}
	return present(f)
}

// plain is of for the value of the field itself; as text, if a converter makes
// it such.
func (c *comparison) plain(f field, asText bool) *clause {
	if c.payload && (c.op == stix.Like || c.op == stix.Matches) {
		return present(f)
	}
	switch f.kind {
	case keywordKind:
		return c.keyword(f, asText)
	case textKind:
		return c.words(f)
	case ipKind:
		return c.address(f)
	case intKind, floatKind:
		return c.number(f)
	case boolKind:
		return c.boolean(f)
	case dateKind:
		return c.date(f)
	}
	return present(f)
}

// ofList is of for a list of several values, which is compared as its JSON text.
func (c *comparison) ofList(conv string, f field) *clause {
	switch c.op {
	case stix.Equal, stix.In:
		for _, v := range c.values {
			if v.Kind() == entity.String && len(v.Text()) > 0 && v.Text()[0] == '[' {
				return present(f)
			}
		}
		return nothing
	case stix.Less, stix.LessEqual:
		return c.orderOfList(f, func(first byte) bool { return first >= '[' })
	case stix.Greater, stix.GreaterEqual:
		return c.orderOfList(f, func(first byte) bool { return first <= '[' })
	case stix.Like, stix.Matches:
		return c.textOfList(conv, f)
	}
	return nothing
}

// orderOfList compares a text that begins with a bracket. It has no order with
// numbers.
func (c *comparison) orderOfList(f field, beyond func(first byte) bool) *clause {
	v := c.values[0]
	switch {
	case v.Kind() != entity.String:
		return nothing
	case v.Text() == "" || beyond(v.Text()[0]):
		return present(f)
	}
	return nothing
}

// textOfList looks for the texts that must stand in the elements.
func (c *comparison) textOfList(conv string, f field) *clause {
	var inside []string
	switch {
	case c.isGlob && !c.glob.isOpen():
		return nothing
	case c.isGlob:
		inside = c.glob.inElements()
	case c.lucene.start && !c.lucene.bracket:
		return nothing
	default:
		inside = insideElements(c.lucene.required)
	}
	changed := conv != "" && conv != "wrap_list"
	if f.kind != keywordKind || changed || len(inside) == 0 {
		return present(f)
	}
	parts := make([]*clause, len(inside))
	for i, text := range inside {
		parts[i] = wildcardLeaf(f, "*"+escapeWildcard(text)+"*")
	}
	return anyOf(allOf(parts...), hiddenLeaf(f))
}
