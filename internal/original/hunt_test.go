// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

//go:build integration

package original_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
)

// A hunt is a generated hunt, as each of the programs is given it: the same text,
// but for relations that the original has the wrong way round.
type hunt struct {
	ours, theirs string
	prefetch     bool
	notes        map[string]string // what a rule is to know of a variable, by name
	gets         int               // questions to the source
}

// A variable is what the generator knows of a variable of the hunt.
type variable struct {
	name, typ string
	flat      bool // the original has lost its references (Q41, Q79)
	given     bool // written in the hunt
	grouped   bool
	sightings bool // its rows are entities in records
	ordered   bool // the original can merge it with nothing (Q42)
}

// A builder writes a hunt, step by step. It keeps to what the original does
// rightly: what it must avoid is said where it does, with the number of the
// defect.
type builder struct {
	rnd             *rand.Rand
	uri             string
	ipv6, contained bool
	lines           []string
	theirs          []string
	vars            []*variable
	whole           *variable // of a type, all entities that the store has
	gets            int
	alone           bool            // there is one question to the source
	asked           map[string]bool // patterns
	hunt            hunt
}

// newHunt writes a hunt over a bundle. All questions to the source come first:
// what others find later appears in the original's variables (Q27).
func newHunt(seed uint64, uri string, o options, prefetch bool) hunt {
	b := &builder{rnd: rand.New(rand.NewPCG(seed, 2)), uri: uri, asked: make(map[string]bool), ipv6: o.ipv6, contained: o.contains}
	b.hunt.prefetch = prefetch
	b.hunt.notes = make(map[string]string)
	if !prefetch && b.rnd.IntN(8) == 0 {
		b.new()
	}
	b.alone = prefetch || b.rnd.IntN(2) == 0
	b.get()
	for range b.rnd.IntN(3) {
		if !b.alone {
			pick(b.rnd, []func(){b.get, b.get, b.reference})()
		}
	}
	for range 2 + b.rnd.IntN(8) {
		b.step()
	}
	b.disp()
	b.hunt.gets = b.gets
	b.hunt.ours = strings.Join(b.lines, "\n")
	b.hunt.theirs = strings.Join(b.theirs, "\n")
	return b.hunt
}

func (b *builder) step() {
	steps := []func(){
		b.find, b.find, b.find, b.find, b.find, b.assign, b.assign, b.sort, b.group, b.group, b.join, b.merge,
		b.transform, b.disp, b.describe, b.fromVariable,
	}
	if b.hunt.prefetch { // what each question brings would change what others have found (Q27)
		steps = []func(){b.find, b.find, b.find, b.disp}
	}
	pick(b.rnd, steps)()
}

// say writes one step for both programs.
func (b *builder) say(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	b.lines = append(b.lines, line)
	b.theirs = append(b.theirs, line)
}

// bind adds a variable. No name is ever bound again: the original's variables
// look at each other by name (Q27).
func (b *builder) bind(v variable) *variable {
	v.name = fmt.Sprint("v", len(b.vars))
	b.vars = append(b.vars, &v)
	return &v
}

// some returns a variable that satisfies a condition, or nil.
func (b *builder) some(ok func(*variable) bool) *variable {
	fit := slices.DeleteFunc(slices.Clone(b.vars), func(v *variable) bool { return !ok(v) })
	if len(fit) == 0 {
		return nil
	}
	return pick(b.rnd, fit)
}

func plain(v *variable) bool { return !v.grouped && !v.sightings }

func linked(v *variable) bool { return plain(v) && !v.flat }

// get asks the bundle. A second question makes the original store records again
// and count them again (Q19), which a rule knows.
func (b *builder) get() {
	typ := pick(b.rnd, getTypes)
	where := b.where(typ, nil)
	if b.rnd.IntN(5) == 0 {
		where = everything[typ]
	}
	if b.asked[typ+where] {
		return // with another limit, the original would give the answer that it has (Q29)
	}
	b.asked[typ+where] = true
	line := fmt.Sprintf("GET %s FROM %s WHERE %s", typ, b.uri, where)
	switch b.rnd.IntN(8) {
	case 0:
		if !b.hunt.prefetch { // the range does not hold back what is found later (Q27)
			line += " START 2024-02-29T23:51:00Z STOP 2024-03-01T00:02:00Z"
		}
	case 1:
		if !b.hunt.prefetch && b.alone { // the limit counts twice (Q69), and does not hold back what is found later (Q27)
			line += fmt.Sprint(" LIMIT ", 1+b.rnd.IntN(9))
		}
	}
	v := b.bind(variable{typ: typ})
	b.gets++
	b.whole = nil
	if b.gets == 1 && where == everything[typ] && !strings.Contains(line, "LIMIT") {
		b.whole = v
	}
	b.say("%s = %s", v.name, line)
}

// reference asks the bundle for what a variable refers to.
func (b *builder) reference() {
	v := b.some(func(v *variable) bool { return plain(v) && referable[v.typ] != nil })
	if v == nil || b.rnd.IntN(2) == 0 {
		return // seldom: an empty variable ends the hunt
	}
	r := pick(b.rnd, referable[v.typ])
	out := b.bind(variable{typ: r.typ})
	b.gets++
	b.whole = nil
	b.say("%s = GET %s FROM %s WHERE %s = %s.%s", out.name, r.typ, b.uri, r.attr, v.name, r.of)
}

// fromVariable narrows a variable that holds all there is, because the original
// searches all there is (Q16).
func (b *builder) fromVariable() {
	if v := b.whole; v != nil {
		out := b.bind(variable{typ: v.typ})
		b.say("%s = GET %s FROM %s WHERE %s", out.name, v.typ, v.name, b.where(v.typ, v))
	}
}

func (b *builder) new() {
	v := b.bind(variable{typ: "process", flat: true, given: true})
	var objects []string
	for i := range 2 + b.rnd.IntN(3) {
		objects = append(objects, fmt.Sprintf(`{"name": %q, "pid": %d, "x_unique_id": "new %d"}`, pick(b.rnd, programs), 100+b.rnd.IntN(8), i))
	}
	b.say("%s = NEW process [%s]", v.name, strings.Join(objects, ", "))
}

// find walks a relation. WHERE, time and LIMIT have no effect in the original
// without a second question (Q34), so they stand only beside one.
func (b *builder) find() {
	v := b.some(linked)
	if v == nil {
		return
	}
	var ways []entity.Relation
	for _, r := range entity.Relations() {
		if everything[r.Subject] != "" && everything[r.Object] != "" && (r.Subject == v.typ || r.Object == v.typ) && !neverOriginal(r) {
			ways = append(ways, r)
		}
	}
	out := variable{}
	if len(ways) == 0 || b.rnd.IntN(5) == 0 {
		out.typ = pick(b.rnd, findTypes)
		n := b.bind(out)
		b.say("%s = FIND %s LINKED %s", n.name, out.typ, v.name)
		return
	}
	r := pick(b.rnd, ways)
	by := r.Subject == v.typ && (r.Object != v.typ || b.rnd.IntN(2) == 0)
	out.typ = r.Subject
	if by {
		out.typ = r.Object
	}
	where := ""
	if b.hunt.prefetch && out.typ == "process" && b.rnd.IntN(2) == 0 {
		where = " WHERE " + b.comparison("process", &variable{given: true}) // IS NULL means nothing there (Q13)
	}
	n := b.bind(out)
	line := func(by bool) string {
		word := ""
		if by {
			word = "BY "
		}
		return fmt.Sprintf("%s = FIND %s %s %s%s%s", n.name, out.typ, strings.ToUpper(r.Name), word, v.name, where)
	}
	b.lines = append(b.lines, line(by))
	if r.Name == "contained" && r.Subject == "network-traffic" {
		b.theirs = append(b.theirs, line(!by)) // the wrong way round (Q32)
		b.hunt.notes[n.name] = "Q32"
		return
	}
	b.theirs = append(b.theirs, line(by))
}

// neverOriginal reports whether a relation is of ours alone: the original knows
// no service's account and no files in files.
func neverOriginal(r entity.Relation) bool {
	return r.Subject == "process" && r.Object == "user-account" || r.Subject == "file" && r.Object == "file"
}

// assign filters, projects, sorts and cuts. A condition about a reference loses
// the references (Q79), one over two of them fails (Q40); rows are cut in an
// order that both share.
func (b *builder) assign() {
	v := b.some(plain)
	if v == nil {
		return
	}
	out := variable{typ: v.typ, flat: v.flat, given: v.given, ordered: v.ordered}
	line := v.name
	if b.rnd.IntN(3) > 0 {
		line += " WHERE " + b.where(v.typ, v)
	}
	if key := sortKeys[v.typ]; key != "" && b.rnd.IntN(3) == 0 {
		out.ordered = true
		line += fmt.Sprintf(" SORT BY %s %s LIMIT %d", key, pick(b.rnd, []string{"ASC", "DESC"}), 1+b.rnd.IntN(6))
		if b.rnd.IntN(2) == 0 {
			line += fmt.Sprint(" OFFSET ", 1+b.rnd.IntN(3))
		}
	}
	n := b.bind(out)
	b.say("%s = %s", n.name, line)
}

func (b *builder) sort() {
	v := b.some(plain)
	if v == nil {
		return
	}
	n := b.bind(variable{typ: v.typ, flat: v.flat, given: v.given, ordered: true})
	b.say("%s = SORT %s BY %s %s", n.name, v.name, pick(b.rnd, direct[v.typ]), pick(b.rnd, []string{"ASC", "DESC", ""}))
}

func (b *builder) merge() {
	v := b.some(func(v *variable) bool { return linked(v) && !v.ordered })
	if v == nil {
		return
	}
	w := b.some(func(w *variable) bool { return w != v && w.typ == v.typ && linked(w) && !w.ordered })
	if w == nil {
		return
	}
	n := b.bind(variable{typ: v.typ})
	b.say("%s = %s + %s", n.name, v.name, w.name)
}

// join pairs two variables by attributes that the rows have themselves: the
// original knows no others there. It cannot join a variable with itself (Q47).
func (b *builder) join() {
	v := b.some(func(v *variable) bool { return linked(v) && joinKeys[v.typ] != "" })
	if v == nil {
		return
	}
	w := b.some(func(w *variable) bool { return w != v && w.typ == v.typ && linked(w) })
	if w == nil {
		return
	}
	key := joinKeys[v.typ]
	n := b.bind(variable{typ: v.typ, flat: true, ordered: true, sightings: true})
	b.say("%s = JOIN %s, %s BY %s, %s", n.name, v.name, w.name, key, key)
}

func (b *builder) transform() {
	v := b.some(linked)
	if v == nil {
		return
	}
	f := pick(b.rnd, []string{"TIMESTAMPED", "RECORDS", "ADDOBSID"})
	n := b.bind(variable{typ: v.typ, flat: true, sightings: true, ordered: true})
	b.say("%s = %s(%s)", n.name, f, v.name)
	if f != "ADDOBSID" && b.alone && b.rnd.IntN(2) == 0 { // records fetched twice count twice (Q19)
		g := b.bind(variable{typ: v.typ, grouped: true})
		b.say("%s = GROUP %s BY BIN(first_observed, %d%s) WITH COUNT(id) AS n", g.name, n.name, 1+b.rnd.IntN(5), pick(b.rnd, []string{"m", " minutes", "h", " s"}))
	}
}

// group groups by attributes of the rows, and of connections also by where they
// come from, if that is an IPv4 address (Q67): a process's references are
// ambiguous (Q45). A BIN stands alone, since another key beside it is lost (Q44).
func (b *builder) group() {
	v := b.some(func(v *variable) bool { return linked(v) && groupKeys[v.typ] != nil })
	if v == nil {
		return
	}
	keys := []string{pick(b.rnd, groupKeys[v.typ])}
	if v.typ == "network-traffic" && !b.ipv6 && b.rnd.IntN(2) == 0 {
		keys = []string{"src_ref.value"}
	}
	if more := pick(b.rnd, groupKeys[v.typ]); b.rnd.IntN(3) == 0 && more != keys[0] {
		keys = append(keys, more)
	}
	if v.typ == "network-traffic" && b.rnd.IntN(4) == 0 {
		keys = []string{fmt.Sprintf("BIN(src_port, %d)", pick(b.rnd, []int{10, 1000, 5000}))}
	}
	var aggs []string
	for i := range b.rnd.IntN(4) {
		f := pick(b.rnd, []string{"COUNT", "NUNIQUE", "MIN", "MAX"})
		attr := pick(b.rnd, direct[v.typ])
		if n := numbers[v.typ]; n != nil && b.rnd.IntN(2) == 0 {
			f, attr = pick(b.rnd, []string{"SUM", "AVG", "MIN", "MAX"}), pick(b.rnd, n)
		}
		aggs = append(aggs, fmt.Sprintf("%s(%s) AS a%d", f, attr, i))
	}
	with := ""
	if len(aggs) > 0 {
		with = " WITH " + strings.Join(aggs, ", ")
	}
	n := b.bind(variable{typ: v.typ, grouped: true})
	b.say("%s = GROUP %s BY %s%s", n.name, v.name, strings.Join(keys, ", "), with)
}

// disp shows a variable; of groups all columns, for the original minds no ATTR
// there (Q46). Attributes listed tell rows apart, since the limit comes before
// equal rows are collapsed (Q49).
func (b *builder) disp() {
	v := pick(b.rnd, b.vars)
	line := "DISP " + v.name
	if plain(v) {
		line += b.selection(v)
	}
	b.say("%s", line)
}

func (b *builder) selection(v *variable) string {
	out := ""
	if b.rnd.IntN(4) == 0 {
		out += " WHERE " + b.comparison(v.typ, v)
	}
	key := sortKeys[v.typ]
	if v.typ == "process" && v.ordered || b.rnd.IntN(2) == 0 {
		attrs := slices.Clone(direct[v.typ])
		b.rnd.Shuffle(len(attrs), func(i, j int) { attrs[i], attrs[j] = attrs[j], attrs[i] })
		attrs = attrs[:1+b.rnd.IntN(len(attrs))]
		if refs := shown[v.typ]; refs != nil && !v.flat && !v.ordered && b.rnd.IntN(2) == 0 {
			attrs = append(attrs, pick(b.rnd, refs))
		}
		if key != "" && !slices.Contains(attrs, key) {
			attrs = append(attrs, key)
		}
		out += " ATTR " + strings.Join(attrs, ", ")
		if slices.ContainsFunc(attrs, func(a string) bool { return strings.HasPrefix(a, "parent_ref.") }) {
			return out // sorted, it would be ambiguous for the original (Q78)
		}
	} else if v.typ == "process" {
		return out
	}
	if key != "" && b.rnd.IntN(2) == 0 {
		out += fmt.Sprintf(" SORT BY %s ASC LIMIT %d", key, 1+b.rnd.IntN(5))
		if b.rnd.IntN(2) == 0 {
			out += " OFFSET 1"
		}
	}
	return out
}

func (b *builder) describe() {
	if v := b.some(plain); v != nil {
		b.say("DESCRIBE %s.%s", v.name, pick(b.rnd, direct[v.typ]))
	}
}
