// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package entity_test

import (
	"fmt"

	"github.com/kestrelhunt/kestrel/entity"
)

func ExampleIdentify() {
	rec := &entity.Record{ID: "observed-data--1", Count: 1, Objects: []entity.Object{
		{Type: "ipv4-addr", Key: "0", Attrs: []entity.Attr{{Name: "value", Value: entity.StringValue("1.1.1.1")}}},
		{Type: "process", Key: "1", Attrs: []entity.Attr{{Name: "pid", Value: entity.IntValue(4)}}},
	}}
	entity.Identify(rec)
	for _, o := range rec.Objects {
		fmt.Println(o.ID, "from", o.IDKind)
	}
	// Output:
	// ipv4-addr--cbd67181-b9f8-595b-8bc3-3971e34fa1cc from identifying properties
	// process--a54ee36e-4963-5c10-9413-303fa2b554ac from record and position
}

func ExampleFindRelation() {
	r, ok := entity.FindRelation("process", "created", "network-traffic")
	fmt.Println(ok, r.SubjectRefs, r.ObjectRefs)
	// Output:
	// true [opened_connection_refs] []
}
