// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package elastic

import (
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
)

// A kind says how an index holds the values of a field, and so which queries
// they can be found with.
type kind uint8

const (
	keywordKind  kind = iota // whole texts: keyword, constant_keyword, wildcard
	textKind                 // words of texts
	ipKind                   // addresses
	intKind                  // long and smaller
	floatKind                // double and float
	boolKind                 // booleans
	dateKind                 // moments
	otherKind                // known only to be there
	unsearchable             // nothing can be asked
)

// A field is a native field as queries name it. One native field may be several
// of these if indices hold it in several ways.
type field struct {
	name    string
	kind    kind
	bits    int      // of an intKind or a floatKind
	indices []string // the only indices in which it is of this kind; nil for all
	nested  string   // path of the nested objects that it is in; "" for none
	parent  string   // of a keyword: the field of text that it belongs to, if it has one
	lossy   bool     // texts that the index leaves out are not listed in _ignored
	mem     *arena   // for queries
}

// leaf makes a clause of a query on f.
func (f field) leaf(query []byte) *clause {
	if f.nested != "" {
		dst := append(appendText([]byte(`{"nested":{"path":`), f.nested), `,"query":`...)
		query = append(append(dst, query...), "}}"...)
	}
	f.mem.keep(query)
	c := f.mem.clause()
	c.op, c.json = leaf, query
	if f.indices == nil {
		return c
	}
	values := make([]entity.Value, len(f.indices))
	for i, name := range f.indices {
		values[i] = entity.StringValue(name)
	}
	return allOf(termsLeaf(field{name: "_index"}, values), c)
}

// A schema says how indices hold a native field: it appends that to dst, nothing
// if they do not have it.
type schema interface {
	fields(dst []field, name string) []field
}

// kindOf returns how a type of Elasticsearch or OpenSearch is searched, and for
// numbers how many bits they have.
func kindOf(typ string) (kind, int) {
	switch typ {
	case "keyword", "constant_keyword", "wildcard":
		return keywordKind, 0
	case "text", "match_only_text", "search_as_you_type", "annotated_text":
		return textKind, 0
	case "ip":
		return ipKind, 0
	case "long":
		return intKind, 64
	case "integer":
		return intKind, 32
	case "short":
		return intKind, 16
	case "byte":
		return intKind, 8
	case "double":
		return floatKind, 64
	case "float":
		return floatKind, 32
	case "boolean":
		return boolKind, 0
	case "date", "date_nanos":
		return dateKind, 0
	}
	return otherKind, 0
}

// An assumed schema is what an index is taken for if it was not asked: fields
// have the types that ECS gives them or, in the dialect of Beats without a
// template, those that the server gives to what it sees first.
type assumed struct {
	dialects []string
}

// beats is the dialect of indices without a template: every text is text, with a
// keyword below it.
const beats = "beats"

func (a assumed) fields(dst []field, name string) []field {
	f := field{name: name, kind: ecsKind(name), bits: 64}
	if f.kind == floatKind {
		f.bits = 32
	}
	if len(a.dialects) == 0 {
		return append(dst, f)
	}
	start := len(dst)
	for _, dialect := range a.dialects {
		g := f
		if dialect == beats && (f.kind == keywordKind || f.kind == ipKind || f.kind == textKind) {
			g = field{name: name + ".keyword", kind: keywordKind, parent: name}
		}
		if len(dst) == start || dst[start].name != g.name {
			dst = append(dst, g)
		}
	}
	return dst
}

// ecsKind returns the kind of a field of ECS (its field reference); those that
// it does not name here are keywords.
func ecsKind(name string) kind {
	if k, ok := ecsKinds[name]; ok {
		return k
	}
	if strings.HasSuffix(name, ".geo.location") {
		return otherKind
	}
	return keywordKind
}

var ecsKinds = func() map[string]kind {
	out := make(map[string]kind)
	for k, names := range map[kind]string{
		intKind: `client.as.number client.bytes client.nat.port client.packets client.port
			destination.as.number destination.bytes destination.nat.port destination.packets destination.port
			server.as.number server.bytes server.nat.port server.packets server.port
			source.as.number source.bytes source.nat.port source.packets source.port
			dns.answers.ttl event.duration event.sequence event.severity file.size host.uptime
			http.request.body.bytes http.request.bytes http.response.body.bytes http.response.bytes
			http.response.status_code log.origin.file.line log.syslog.facility.code log.syslog.priority
			log.syslog.severity.code process.exit_code process.pgid process.pid process.ppid
			process.thread.id process.uptime process.parent.exit_code process.parent.pgid
			process.parent.pid process.parent.ppid process.parent.thread.id process.parent.uptime`,
		ipKind: `client.ip client.nat.ip destination.ip destination.nat.ip server.ip server.nat.ip
			source.ip source.nat.ip dns.resolved_ip host.ip observer.ip network.forwarded_ip related.ip`,
		dateKind: `@timestamp event.created event.end event.ingested event.start file.accessed file.created
			file.ctime file.mtime process.start process.parent.start tls.client.not_after
			tls.client.not_before tls.server.not_after tls.server.not_before`,
		floatKind: `event.risk_score event.risk_score_norm vulnerability.score.base
			vulnerability.score.environmental vulnerability.score.temporal`,
		boolKind: `dll.code_signature.exists dll.code_signature.trusted dll.code_signature.valid
			file.code_signature.exists file.code_signature.trusted file.code_signature.valid
			tls.established tls.resumed`,
		textKind:     `message error.message`,
		otherKind:    `container.labels dns.answers`,
		unsearchable: `event.original`,
	} {
		for name := range strings.FieldsSeq(names) {
			out[name] = k
		}
	}
	return out
}()
