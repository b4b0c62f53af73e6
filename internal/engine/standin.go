// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"fmt"
	"strings"
	"time"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// Before a hunt runs, the values that a condition refers to are not known, and
// neither is the time range that follows from them. Drivers translate conditions
// all the same if they are given stand-ins: values unlike any in a hunt. In the
// native query the name of what a stand-in stands for then takes its place.

// A standIn stands for the values of a reference.
type standIn struct {
	name  string // p.pid
	value entity.Value
}

// standIns are those of one plan.
type standIns []standIn

// valueOf returns the stand-in for a reference: of the kind that values of such
// an attribute are, as far as its name tells.
func (s *standIns) valueOf(r *stix.Reference) entity.Value {
	name := r.Variable + "." + r.Attr
	for _, in := range *s {
		if in.name == name {
			return in.value
		}
	}
	n := len(*s)
	v := entity.StringValue(fmt.Sprintf("kestrelstandin%dx", n))
	switch attr := r.Attr; {
	case numeric[attr[strings.LastIndex(attr, ".")+1:]]:
		v = entity.IntValue(2_147_480_017 + int64(n))
	case attr == "value" || strings.HasSuffix(attr, "src_ref.value") || strings.HasSuffix(attr, "dst_ref.value"):
		v = entity.StringValue(fmt.Sprintf("192.0.2.%d", 101+n%100)) // of a network for examples (RFC 5737)
	}
	*s = append(*s, standIn{name, v})
	return v
}

// numeric are the properties of STIX that are numbers.
var numeric = map[string]bool{
	"pid": true, "src_port": true, "dst_port": true, "src_byte_count": true, "dst_byte_count": true,
	"src_packets": true, "dst_packets": true, "size": true, "number": true, "number_of_subkeys": true,
	"severity": true, "number_observed": true,
}

// standInWindow stands for a time range that is not known.
var standInWindow = plan.Window{
	Start:  time.Date(2097, 3, 4, 5, 6, 7, 0, time.UTC),
	Stop:   time.Date(2098, 3, 4, 5, 6, 7, 0, time.UTC),
	Origin: plan.Derived,
}

// The names of its ends.
const (
	startName = "<start>"
	stopName  = "<stop>"
)

// restore puts the names of what stand-ins stand for into a text.
func (s standIns) restore(text string) string {
	var pairs []string
	for _, in := range s {
		v := in.value.String()
		pairs = append(pairs, `"`+v+`"`, in.name, "'"+v+"'", in.name, v, in.name)
	}
	for _, end := range []struct {
		at   time.Time
		name string
	}{{standInWindow.Start, startName}, {standInWindow.Stop, stopName}} {
		for _, written := range []string{
			end.at.Format("2006-01-02T15:04:05.000Z"), end.at.Format(time.RFC3339),
			fmt.Sprint(end.at.UnixMilli()), fmt.Sprint(end.at.Unix()),
		} {
			pairs = append(pairs, `"`+written+`"`, end.name, written, end.name)
		}
	}
	return strings.NewReplacer(pairs...).Replace(text)
}
