// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stixbundle

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// A random makes bundles in which the same few things stand again and again,
// known well or badly, in records sound or damaged.
type random struct{ *rand.Rand }

func newRandom(seed uint64) random { return random{rand.New(rand.NewPCG(seed, 1))} }

// oneIn reports true once in n times.
func (r random) oneIn(n int) bool { return r.IntN(n) == 0 }

// pick returns one of several texts.
func (r random) pick(texts ...string) string { return texts[r.IntN(len(texts))] }

// properties returns the type and the properties of some object, as JSON without
// the braces.
func (r random) properties() string {
	switch r.IntN(6) {
	case 0:
		return `"type": "process"` + r.pick(`, "x_unique_id": "u1"`, `, "x_unique_id": "u2"`, "") + r.pid() +
			r.pick("", `, "created": "2026-02-01T00:00:00Z"`, `, "name": "cmd.exe"`)
	case 1:
		return `"type": "process"` + r.pid()
	case 2:
		return fmt.Sprintf(`"type": "url", "value": "http://example.com/%d"`, r.IntN(9))
	case 3:
		return fmt.Sprintf(`"type": "user-account", "user_id": "S-1-5-%d"`, r.IntN(5))
	case 4:
		return `"type": "x-oca-asset", "hostname": ` + r.pick(`"a"`, `"b"`, `"\ud800"`, `"c\u0064"`)
	}
	return r.pick(`"value": "typeless"`, `"type": "url", "value": "a", "value": "b"`, `"type": "process", "parent_ref": "nowhere"`, `"type": "mutex", "name": "m"`)
}

func (r random) pid() string {
	return r.pick("", fmt.Sprintf(`, "pid": %d`, 4*r.IntN(6)), fmt.Sprintf(`, "pid": "%d"`, 4*r.IntN(6)), fmt.Sprintf(`, "pid": %d.0`, 4*r.IntN(6)), `, "pid": "x"`, `, "pid": true`)
}

// header returns the properties of an observed-data, without its objects.
func (r random) header() string {
	minute := r.IntN(50)
	times := fmt.Sprintf(`"first_observed": "2026-02-01T10:%02d:00Z", "last_observed": "2026-02-01T10:%02d:00.5Z"`, minute, minute+r.IntN(10))
	return fmt.Sprintf(`"type": "observed-data", "id": "observed-data--%d", `, r.IntN(1000)) +
		r.pick(times, times, times, times, `"first_observed": "2026-02-01T10:30:00Z"`, `"last_observed": "?"`, `"number_observed": 2`)
}

// bundle20 returns a bundle of n records of STIX 2.0.
func (r random) bundle20(n int) string {
	var elements []string
	for range n {
		var objects []string
		for i := range r.IntN(6) {
			objects = append(objects, fmt.Sprintf(`"%d": {%s}`, i, r.properties()))
		}
		elements = append(elements, "{"+r.header()+`, "objects": {`+strings.Join(objects, ", ")+"}}")
		if r.oneIn(10) {
			elements = append(elements, r.pick(`{"type": "identity", "id": "identity--1"}`, `{}`))
		}
	}
	return r.form(elements)
}

// bundle21 returns a bundle of n records of STIX 2.1, whose objects stand
// before them or behind.
func (r random) bundle21(n int) string {
	var elements []string
	var ids []string
	for i := range 2 * n {
		properties := r.properties()
		typ, _, _ := strings.Cut(strings.TrimPrefix(properties, `"type": "`), `"`)
		id := fmt.Sprintf("%s--00000000-0000-4000-8000-%012d", typ, i)
		if r.oneIn(20) {
			id = "url--1"
		}
		ids = append(ids, id)
		elements = append(elements, fmt.Sprintf(`{"id": %q, %s, "creator_user_ref": %q}`, id, properties, ids[r.IntN(len(ids))]))
	}
	for range n {
		var refs []string
		for range r.IntN(4) {
			refs = append(refs, `"`+ids[r.IntN(len(ids))]+`"`)
		}
		if r.oneIn(10) {
			refs = append(refs, `"file--1"`)
		}
		elements = append(elements, "{"+r.header()+`, "object_refs": [`+strings.Join(refs, ", ")+"]}")
	}
	r.Shuffle(len(elements), func(i, j int) { elements[i], elements[j] = elements[j], elements[i] })
	return r.form(elements)
}

// form returns elements as a bundle, an array, or lines.
func (r random) form(elements []string) string {
	list := strings.Join(elements, ",\n")
	return r.pick(
		`{"type": "bundle", "objects": [`+list+"]}",
		"\uFEFF["+list+"]",
		`{"type": "identity", "id": "identity--2"}`+"\n"+strings.Join(elements, "\n"),
	)
}
